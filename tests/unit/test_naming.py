import re

import pytest

from summarizer.grounding import check_support, read_source
from summarizer.writing.naming import named

REST = "Gulls sat on every wall of the harbour. Nobody in Brno had swept the pavement for weeks."


def whole(told: str) -> str:
    return told.replace("[", "").replace("]", "")


def cut(told: str) -> str:
    return re.sub(r"\[.*\]", "", told)


def restored(source: str, *parts: str, words: int | None = None) -> list[str]:
    text = f"{source} {REST}"
    told = check_support(text, "\n".join(parts)).sentences
    found = named(read_source(text), told, words)
    assert all(each == check_support(text, each.text).sentences[0] for each in found)
    return [each.text for each in found]


@pytest.mark.parametrize(
    "told",
    [
        "[Alba manager ]Ada Lind has warned her players about the ferry.",
        "[The former ferry captain ]Bo Kern was convicted in May of smuggling grain.",
        "[Retired baker ]Bo Kern was convicted in May of smuggling grain.",
        "[Bo ]Kern was convicted in May of smuggling grain, the court said.",
        "The grain was sold to [the harbour's leading baker ]Bo Kern in May.",
        "The town voted against [prize-winning captain ]Ada Lind on Monday.",
        "The ferry, the court said, belonged to [Alba ]Harbour Trust in May.",
        "[US-based boat builder ]Alba Harbour Trust has sold its last ferry.",
        "The judge [Ada Lind ]said that the grain was lost on the ferry.",
        "The grain was lost on the ferry to a [Brno ]bakery, the court said.",
    ],
)
def test_what_was_cut_from_before_a_name_is_put_back(told):
    assert restored(whole(told), cut(told)) == [whole(told)]


def test_what_stands_before_a_name_of_which_something_else_is_told_stays_out():
    assert restored("While polls give Ada Lind a narrow lead, Bo Kern sleeps.", "Ada Lind has a narrow lead.") == [
        "Ada Lind has a narrow lead."
    ]
    assert restored("Fans boo Kern after his shot in the final.", "Kern scored after his shot in the final.") == [
        "Kern scored after his shot in the final."
    ]


def test_what_opens_a_clause_is_put_back_without_what_stood_before_it():
    source = "The grain was lost when ferry captain Bo Kern left the wheel."
    assert restored(source, "Bo Kern left the wheel.") == ["Ferry captain Bo Kern left the wheel."]
    dated = "ALBA (Reuters) - Ferry captain Bo Kern left the wheel."
    assert restored(dated, "Bo Kern left the wheel.") == ["Ferry captain Bo Kern left the wheel."]


@pytest.mark.parametrize(
    "told",
    [
        "[On Monday ]Ada Lind told her players about the ferry.",
        "[Meanwhile ]Ada Lind told her players about the ferry.",
        "[The last time ]Ada Lind told her players about the ferry, it sank.",
        "[The mayor says ]Ada Lind told her players about the ferry.",
        "[In a town of few bakers, ]Ada Lind sold all her bread.",
        "[Bakers sold bread, and captain (retired) ]Ada Lind sold fish.",
        "[The old Alba harbour town amateur football club manager ]Ada Lind resigned.",
        "[Alba drummer ]Ada Lind, a drummer, told her players about the ferry.",
        "The town listened to its singer [and lyricist ]Ada Lind on Monday.",
        "The town sold its bread, and on [Monday ]captains left for the harbour.",
        "The grain was lost on the ferry that the company [Alba]'s captain sold.",
        "[Pictured: the crowd before the ferry left for the harbour ]Lind sold her bread.",
    ],
)
def test_what_is_no_part_of_what_somebody_is_called_stays_out(told):
    assert restored(whole(told), cut(told)) == [cut(told)]


def test_only_the_first_mention_gets_it_back():
    source = "Ada Lind sold the ferry. On Monday Alba manager Ada Lind told her players so."
    told = ["Ada Lind sold the ferry.", "On Monday Ada Lind told her players so."]
    assert restored(source, *told) == told
    assert restored(source, told[1]) == ["On Monday Alba manager Ada Lind told her players so."]
    twice = "Lind told the players of the ferry that Lind had sold it."
    assert restored("Ada Lind told the players of the ferry that Ada Lind had sold it.", twice) == [f"Ada {twice}"]


def test_two_sources_and_words_of_its_own_keep_their_order():
    source = "Alba manager Ada Lind met Brno captain Bo Kern on the ferry."
    assert restored(source, "Ada Lind met Bo Kern on the ferry.") == [source]
    assert restored(source, "Her friend Ada Lind met Bo Kern on the ferry.") == [
        "Her friend Ada Lind met Brno captain Bo Kern on the ferry."
    ]


def test_the_spaces_of_the_text_are_not_kept():
    told = "[Alba  manager  ]Ada Lind has warned her players."
    assert restored(whole(told), cut(told)) == ["Alba manager Ada Lind has warned her players."]


def test_a_name_without_its_title_is_left_out_with_an_article():
    told = "A judge said that the grain was lost on the ferry."
    assert restored("Judge Ada Lind said that the grain was lost on the ferry.", told) == [told]


def test_no_more_is_put_back_than_the_words_asked_for():
    told = "[Alba manager ]Ada Lind has warned her players about the ferry."
    assert restored(whole(told), cut(told), words=11) == [whole(told)]
    assert restored(whole(told), cut(told), words=10) == [cut(told)]


ACRONYMS = (
    "The Alba Ferry Trust (AFT), a charity, sold its last ship on Monday. The AFT said that the ferry Kessel was old. "
    "The harbour of Lund (HL) is closed. NARVA, Narva (DPA) - A ferry sank in Narva on Monday. "
    "Its captain told DPA that nobody was hurt."
)


@pytest.mark.parametrize(
    "parts, first",
    [
        (
            ("The Alba Ferry Trust sold its last ship on Monday.", "The AFT said that the ferry Kessel was old."),
            "The Alba Ferry Trust (AFT) sold its last ship on Monday.",
        ),
        (
            ("The Alba Ferry Trust, a charity, sold its last ship.", "The AFT said that the ferry Kessel was old."),
            "The Alba Ferry Trust (AFT), a charity, sold its last ship.",
        ),
        (
            ("Of all Ferry Trusts, one sold its last ship on Monday.", "The AFT said that the ferry Kessel was old."),
            "Of all Ferry Trusts, one sold its last ship on Monday.",
        ),
        (
            ("The AFT said that the ferry Kessel was old.", "The Alba Ferry Trust sold its last ship on Monday."),
            "The AFT said that the ferry Kessel was old.",
        ),
        (
            ("The Alba Ferry Trust's last ship was sold on Monday.", "The AFT said that the ferry Kessel was old."),
            "The Alba Ferry Trust's last ship was sold on Monday.",
        ),
        (
            ("A ferry sank in Narva on Monday.", "Its captain told DPA that nobody was hurt."),
            "A ferry sank in Narva on Monday.",
        ),
        (
            ("The Alba Ferry Trust sold its last ship.", "The harbour of Lund is closed."),
            "The Alba Ferry Trust sold its last ship.",
        ),
    ],
)
def test_an_acronym_that_is_used_is_put_back_behind_its_long_form(parts, first):
    assert restored(ACRONYMS, *parts) == [first, parts[1]]
