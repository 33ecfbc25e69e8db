"""Who does what to whom: verbs between two names, and nouns that only look like it."""

import pytest

from summarizer.grounding import check_support

ARTICLE = (
    "Otto Lindqvist, a resident of Harlow, won the lottery. Tessa Moreau, mayor of the port of Brest, was re-elected. "
    "Police sealed the station after Monday's attacks in Ostrava. Borealis, the maker, met Senator Quill on Friday.\n"
    "Norvik reached a settlement with Tamar over the pipes. Ivo Santer was honoured by the Riga Academy.\n"
    "Brandt accused Keller of fraud. Keller was then widely criticised by Brandt.\n"
    "Zenta's purchase of Almo was dropped. "
    "Delmar Airways is to be compensated by Vostok. Hansen originally blocked a plan drawn up by Aarhus. "
    "Chelsea faced Arsenal in Leeds. Mira divorced Anton."
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
        "Arsenal faced Chelsea in Leeds.",
        "Anton divorced Mira.",
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


OWNERS = (
    "A court revived a lawsuit by four students who say that their school violated their rights when it searched their "
    "phones for pictures. Michael, 60, said that the trick was putting his wife's happiness above his own.\n"
    "The woman claimed her husband had divorced her because he disliked the shape of her face. Borealis showed their "
    "new ship at their yard. “I love my job,” said Ann. Ivo lost his key, and Ann lost her key. "
    "Ann said she would go, and so would Ivo."
)


def owners(summary):
    found = [u for s in check_support(OWNERS, summary).sentences for u in s.unsupported]
    return [u.text for u in found if u.kind == "role"]


@pytest.mark.parametrize(
    "summary, wrong",
    [
        ("Four students say that their school violated its rights when it searched its phones.", ["its", "its"]),
        ("Michael said that the trick was putting his wife's happiness above her own.", ["her"]),
        ("A woman claimed her husband had divorced him because he disliked the shape of his face.", ["him", "his"]),
        ("The woman claimed her husband had divorced him because he disliked the shape of her face.", ["him"]),
    ],
)
def test_a_possessive_that_was_exchanged_is_a_role(summary, wrong):
    assert owners(summary) == wrong


@pytest.mark.parametrize(
    "summary",
    [
        "Four students say that their school violated their rights when it searched their phones.",
        "Borealis showed its new ship at its yard.",
        "Ann said that she loved her job.",
        "Her husband had divorced her because of it.",
        "Ivo said he would go.",  # as Ann did
        "Ivo lost his key.",
        "Ann lost her key, the woman claimed.",
        "His own trick was putting his wife's happiness above everything.",
    ],
)
def test_a_possessive_that_goes_with_its_owner_is_none(summary):
    assert owners(summary) == []
