import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.text.canonical import canonicalize
from summarizer.text.lead_ins import without_capitals


@pytest.mark.parametrize(
    ("line", "rest", "told"),
    [
        ("A CARER who stole has been jailed.", "The carer wept.", "A carer who stole has been jailed."),
        ("CAMPAIGNERS have vowed to fight.", "One campaigner spoke.", "Campaigners have vowed to fight."),
        ("WEXCOMBE's council voted.", "In Wexcombe it rained.", "Wexcombe's council voted."),
        ("WEXCOMBE Council voted.", "In Wexcombe it rained.", "Wexcombe Council voted."),
        ("“TWO men were shot,” he said.", "", "“Two men were shot,” he said."),
        ("AN NHS trust was fined.", "", "An NHS trust was fined."),
        ("MARK was there.", "Mark and Mark left a mark.", "MARK was there."),
        ("A WHO report says so.", "It says who.", "A WHO report says so."),
        ("THE IT minister left.", "It is.", "The IT minister left."),
        ("AN IT firm left.", "It is.", "An IT firm left."),
        ("THE MAN IT hit left.", "A man.", "The man it hit left."),
        ("THE PM has left the UK.", "At 9 pm, news.example.uk said so.", "The PM has left the UK."),
        ("THE UK left.", "See news.example.uk.", "The UK left."),
        ("US officials left.", "They told us.", "US officials left."),
        ("NATO said so.", "Nato it was.", "NATO said so."),
        ("OFSTED says so.", "The school let OFSTED in; Ofsted is in.", "OFSTED says so."),
        ("WHEN I was a boy it was wide.", "It is.", "When I was a boy it was wide."),
        ("VITAMIN D is good.", "It is; the ds.", "VITAMIN D is good."),
        ("RESIDENTS have vowed to fight.", "", "Residents have vowed to fight."),
        ("UNESCO has vowed to fight.", "", "UNESCO has vowed to fight."),
        ("A CABINET minister left.", "", "A CABINET minister left."),
        ("POLICE HUNT KILLER", "The police hunt a killer.", "POLICE HUNT KILLER"),
        ("LOCAL REPORTER Ada Lind", "A local reporter.", "LOCAL REPORTER Ada Lind"),
        ("LONDON (AP) — Rates rose.", "It is London.", "LONDON (AP) — Rates rose."),
        ("The POLICE came.", "The police left.", "The POLICE came."),
    ],
)
def test_capitals_that_open_a_line_are_told_as_the_text_has_the_words_elsewhere(line, rest, told):
    assert without_capitals(f"{rest}\n{line}") == f"{rest}\n{told}"


@given(st.lists(st.sampled_from("A AN THE MAN man Man MEN WHO who IT US us\n“ \n . ’s".split(" "))).map(" ".join))
def test_it_keeps_every_place_and_changes_nothing_twice(text):
    told = without_capitals(text)
    assert told.casefold() == text.casefold()
    assert len(told) == len(text)
    assert without_capitals(told) == told


def test_the_canonical_text_has_no_such_capitals():
    assert canonicalize("A  CARER was jailed.\nThe carer wept.").text == "A carer was jailed.\nThe carer wept."
