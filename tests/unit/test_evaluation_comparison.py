import json
from dataclasses import replace

import pytest

from summarizer.evaluation.comparison import Comparison, Outputs, compare
from summarizer.evaluation.measures import LEAD, Example

FALK = "Voters in Lund chose Per Falk as mayor. Turnout was high. He promised a tram. He takes office in May."
FERRY = "The ferry Aurora ran aground off Kelda. Nobody was hurt. Divers inspect the hull. Tugs wait in the port."
EXAMPLES = [
    Example("falk", FALK, ("Per Falk takes office as mayor in May.",), "falk"),
    Example("ferry", FERRY, ("Tugs wait in the port for the ferry Aurora.",), "ferry"),
]
OURS = Outputs("ours", {"falk": "Eva Strand takes office in May.", "ferry": "Tugs wait for the Aurora."}, 0.25)
WEAK = Outputs("weak", {"falk": "Turnout was high."})
GOOD = Outputs("good", {"falk": "Per Falk takes office in May.", "ferry": "Tugs wait in the port.", "else": "No."})


@pytest.fixture(scope="module")
def found():
    return compare(EXAMPLES, OURS, [WEAK, GOOD, Outputs("of other articles", {"else": "No."})])


def test_ours_and_lead_stand_first_and_the_others_by_rouge(found):
    assert [(s.system, s.articles) for s in found.systems] == [("ours", 2), (LEAD, 2), ("good", 2), ("weak", 1)]
    assert [s.seconds for s in found.systems] == [0.25, None, None, None]


def test_all_but_lead_are_compared_with_it(found):
    assert [bool(s.to_lead) for s in found.systems] == [True, False, True, True]
    assert found.systems[2].to_lead["rouge_2"].is_clear


def test_progress_counts_summaries():
    told = []
    compare(EXAMPLES, WEAK, [], lambda *of: told.append(of))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_json_has_summaries_and_sentences_but_no_article(found):
    values = found.to_dict()
    assert values["articles"] == 2
    ours = next(each for each in values["summaries"] if (each["id"], each["system"]) == ("falk", "ours"))
    assert ours["sentences"][0]["unsupported"][0]["text"].startswith("Eva")
    assert ours["scores"]["unsupported"] == 1 and values["systems"][0]["scores"]["unsupported"] == 0.5
    assert set(values["systems"][0]["to_lead"]["rouge_2"]) == {"difference", "low", "high"}


def test_json_has_the_measures_of_lead_and_not_its_text():
    values = compare(
        [Example("ferry", FERRY, ("Tugs wait.",), "ferry")], Outputs("ours", {"ferry": "Tugs."}), []
    ).to_dict()
    (row,) = values["lead_3"]
    assert row["id"] == "ferry" and row["scores"]["words"] == 14
    assert [sentence["supported"] for sentence in row["sentences"]] == [True] * 3
    assert row["sentences"][1]["sources"] == ({"start": 40, "end": 56},)
    text = json.dumps(values)
    assert not [each for each in (*FERRY.split(". "), "Aurora", "Kelda") if each in text]


def test_the_spans_of_lead_have_no_text_either(found):
    """No article's own words ought to be flagged; where one is, its words are the article's."""
    wrong = found.measured["falk", "ours"]
    mixed = Comparison(found.examples, found.systems, {("falk", LEAD): replace(wrong, system=LEAD)})
    (row,) = mixed.to_dict()["lead_3"]
    assert row["sentences"][0]["unsupported"][0]["kind"] == "name" and "Eva" not in json.dumps(row)


def test_the_summaries_of_the_json_are_outputs_to_compare_with(found):
    rows = found.to_dict()["summaries"]
    assert len(rows) == 5 and all({"id", "system", "summary"} <= set(row) for row in rows)
