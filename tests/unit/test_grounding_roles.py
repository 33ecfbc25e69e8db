"""Who does what to whom: verbs between two names, and nouns that only look like it."""

import pytest

from summarizer.grounding import check_support

ARTICLE = (
    "Otto Lindqvist, a resident of Harlow, won the lottery. Tessa Moreau, mayor of the port of Brest, was re-elected. "
    "Police sealed the station after Monday's attacks in Ostrava. Borealis, the maker, met Senator Quill on Friday.\n"
    "Norvik reached a settlement with Tamar over the pipes. Ivo Santer was honoured by the Riga Academy.\n"
    "Brandt accused Keller of fraud. Keller was then widely criticised by Brandt.\n"
    "Zenta's purchase of Almo was dropped. "
    "Delmar Airways is to be compensated by Vostok. Hansen originally blocked a plan drawn up by Aarhus."
)


def roles(summary):
    found = [u for s in check_support(ARTICLE, summary).sentences for u in s.unsupported]
    return [u.text for u in found if u.kind == "role"]


@pytest.mark.parametrize(
    "summary",
    [
        "The lottery was won by Harlow resident Otto Lindqvist.",
        "The Brest mayor Tessa Moreau was re-elected.",
        "Police sealed the station after the Ostrava attacks on Monday.",
        "Senator Quill met Borealis on Friday.",
        "Tamar has settled with Norvik over the pipes.",
        "The Riga Academy is to honour Ivo Santer.",
        "Vostok is to compensate Delmar Airways.",
        "Keller was accused by Brandt of fraud.",
        "A plan drawn up by Aarhus was originally blocked by Hansen.",
    ],
)
def test_a_noun_a_mutual_verb_or_another_voice_is_no_swap(summary):
    assert roles(summary) == []


@pytest.mark.parametrize(
    "summary, wrong",
    [
        ("Keller accused Brandt of fraud.", "Keller accused Brandt"),
        ("Brandt was criticised by Keller.", "Brandt was criticised by Keller"),
        ("The Riga Academy was honoured by Ivo Santer.", "Academy was honoured by Ivo"),
        ("Almo's purchase of Zenta was dropped.", "Almo's purchase of Zenta"),
    ],
)
def test_a_swap_is_seen_in_both_voices_and_in_a_noun_that_somebody_owns(summary, wrong):
    assert roles(summary) == [wrong]
