import pytest

from summarizer.writing.trimming import trimmed


@pytest.mark.parametrize(
    ("sentence", "headline"),
    [
        # who said so, and what came before it
        (
            "KESSEL — The house where Ada Lind was born will be turned into a school, the mayor said on Tuesday, after "
            "years of debate.",
            "The house where Ada Lind was born will be turned into a school",
        ),
        # an aside between subject and verb
        (
            "Former harbour master Bo Kern, 92, has said the law needs changing.",
            "Former harbour master Bo Kern has said the law needs changing",
        ),
        (
            "The Old Bridge, a landmark of Kessel, had to be closed because of rust.",
            "The Old Bridge had to be closed because of rust",
        ),
        (
            "The council voted to hold two officers, Bo Kern and Cy Dahl, in contempt, citing their silence.",
            "The council voted to hold two officers in contempt",
        ),
        (
            "In May, the club announced two young players, Ada and Bo Lind, were banned from the team.",
            "The club announced two young players were banned from the team",
        ),
        ('Mayor Lind has called it "a gift, and a burden" to the town.', None),
        (
            'Mayor Lind has called it "a great gift" to the town, her office said.',
            'Mayor Lind has called it "a great gift" to the town',
        ),
        # not the end of a phrase
        (
            "The police opened an inquiry into the death of a sailor who died 11 days after the storm.",
            "The police opened an inquiry into the death of a sailor",
        ),
        ("Lind said hundreds of people in the north see the ferry as a friend of the family and more.", None),
        # what stands before the main clause
        (
            "But on Monday, after a night of rain, the river Alba flooded two villages.",
            "The river Alba flooded two villages",
        ),
        ("When Lind left the room, the council voted against her plan.", "The council voted against her plan"),
        # brackets, a day, a place at the end
        (
            "Nine sailors (all from Kessel) were found alive near the coast of Norway early Friday.",
            "Nine sailors were found alive near the coast of Norway early Friday",
        ),
        (
            "The last of nine sailors of the Alba was found alive in the harbour last week.",
            "The last of nine sailors of the Alba was found alive in the harbour",
        ),
        (
            "The last of the nine sailors of the Alba was found alive at the Old Pier on Friday night.",
            "The last of the nine sailors of the Alba was found alive",
        ),
    ],
)
def test_a_headline_is_the_main_clause(sentence, headline):
    assert trimmed(sentence, 14) == headline


@pytest.mark.parametrize(
    "sentence",
    [
        "If the crew agrees, the ferry will sail on Monday.",  # without the condition it says something else
        "Only after the strike ended, the ferry sailed to Kessel.",
        "The tour features Ada Lind, Bo Kern and Cy Dahl.",  # a list
        "Ada Lind, her husband Bo and their two children, were travelling to Kessel.",  # one of them were
        "Kern was beaten 6-3, 6-1 by the young Dahl.",
        "The ferry may have been late on Monday, but it will sail.",
        "He found the ship near the coast of Norway.",  # nobody knows who
        "That is why the ferry has been stopped.",
        '"We found the ship near the coast," she said.',
        "Will the ferry sail on Monday this week?",
        "Rain, snow and more rain.",
        "The harbour.",
        "",
        "?!",
        ", , ,",
        "a" * 2000,
        "und, " * 5000,
    ],
)
def test_what_is_no_clause_of_its_own_is_left_alone(sentence):
    assert trimmed(sentence, 14) is None


def test_a_clause_that_does_not_fit_is_not_cut_amid_a_phrase():
    sentence = "The harbour office of Kessel said that buses would take people to the northern pier after the strike."
    assert trimmed(sentence, 17) == sentence.removesuffix(" after the strike.")
    assert trimmed(sentence, 10) is None
