"""The training data of the judge: which sentences of a judged summary have a label."""

import json
from pathlib import Path

import pytest

ADAPTERS = Path(__file__).parents[2] / "models" / "adapters"
ARTICLE = "The ferry Aurora ran aground off Port Kelda on Tuesday. Coast guard boats took everyone to safety."
FIRST, SECOND = "The ferry Aurora ran aground.", "Divers took everyone to safety."


@pytest.fixture
def claims(monkeypatch):
    monkeypatch.syspath_prepend(str(ADAPTERS))
    import claims

    return claims


def row(**known):
    return {"id": "one", "doc": "d", "article": ARTICLE, "summary": f"{FIRST} {SECOND}", "faithful": 0} | known


def test_of_a_wrong_summary_only_sentences_whose_label_is_known_are_used(claims):
    def labels(name="summeval", right=(), blamed=None, **known):
        return claims._labels(name, row(**known), list(right), blamed or {})

    assert labels(faithful=1) == [(FIRST, True), (SECOND, True)]
    assert labels() == []
    assert labels(summary=SECOND) == [(SECOND, False)]
    assert labels(blamed={"one": [1, 0]}) == [(FIRST, True), (SECOND, False)]
    assert labels(blamed={"one": [0.5, 0]}) == [(SECOND, False)]  # nobody could tell
    assert labels(blamed={"one": [0]}) == []  # labels of another split into sentences
    assert labels("bump", right=[FIRST, "Boats took everyone to safety."]) == [(SECOND, False)]


def test_the_labels_are_those_of_judged_rows(claims):
    rows = [json.loads(line) for line in claims.BLAMED.read_text(encoding="utf-8").splitlines()]
    assert len({each["id"] for each in rows}) == len(rows) == 210
    assert {label for each in rows for label in each["labels"]} == {0, 0.5, 1}


def test_a_draft_gives_its_wrong_sentences_and_their_corrections(claims, monkeypatch):
    drafts = [({"kinds": ["right", "wrong"]}, ARTICLE, f"{FIRST} {SECOND}", f"{FIRST} Boats took everyone to safety.")]
    drafts.append(({"kinds": ["right"]}, ARTICLE, FIRST, FIRST))  # nothing to learn
    monkeypatch.setattr(claims, "read_drafts", lambda articles: drafts)
    (group,) = claims.drafted({})
    assert [(text, label) for text, label, _ in group.claims] == [
        (FIRST, True),
        (SECOND, False),
        ("Boats took everyone to safety.", True),
    ]


def test_a_draft_is_put_together_from_what_it_keeps(claims):
    kept = [0, 5, 11, 16]
    assert claims.decode("The old pool, which leaks, will close.", kept) == "The old pool will close."
    assert claims.decode("The old pool.", ["No", 1, 6]) == "No old pool."


def test_the_file_of_drafts_names_places_and_hardly_any_words(claims):
    rows = [json.loads(line) for line in claims.CORRECTIONS.read_text(encoding="utf-8").splitlines()]
    put_in = sum(len(part) for row in rows for part in row["draft"] if isinstance(part, str))
    assert len(rows) == 2839
    assert put_in < 5 * len(rows)  # characters; a draft has some 300
