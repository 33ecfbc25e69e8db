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
        (
            "The captain said the ferry, which left at noon, has been found in the harbour.",
            "The captain said the ferry has been found in the harbour",
        ),
        (
            "A ferry sailed from Kessel to the north, when Bo Kern, its captain, was 40.",
            "A ferry sailed from Kessel to the north",
        ),
        ("Qaboos bin Said, the Sultan of Kessel, died in his palace.", "Qaboos bin Said died in his palace"),
        (
            "Bo Kern was shot at the Old Pier, the northern one, suspected to be his own.",
            "Bo Kern was shot at the Old Pier",
        ),
        ("Hungry and waiting as far as the eye can see, these people of Kessel long for a ferry.", None),
        ('Mayor Lind has called it "a gift, and a burden" to the town.', None),
        (
            'Mayor Lind has called it "a great gift" to the town, her office said.',
            'Mayor Lind has called it "a great gift" to the town',
        ),
        (
            "The old ferry, which sailed from Kessel to the islands, the coast and the north, has sunk.",
            "The old ferry has sunk",
        ),
        (
            "Bo Kern, 44, was hurt by a ferry driven by captain Ada Lind, 30, during a race in the harbour.",
            "Bo Kern was hurt by a ferry driven by captain Ada Lind",
        ),
        # a means, an end, what else somebody did
        (
            "The council of Kessel is saving water by closing the fountain and the public baths in the harbour.",
            "The council of Kessel is saving water",
        ),
        (
            "The council of Kessel is buying water from the north so that the fountain can be opened in May.",
            "The council of Kessel is buying water from the north",
        ),
        (
            "The captain has said that he will stay with the ferry and rejected what the papers of the capital wrote "
            "of him in May.",
            "The captain has said that he will stay with the ferry",
        ),
        # not the end of a phrase
        ("Ada Lind will be named as the new captain of the ferry exactly eight weeks after he left it.", None),
        ("The ferry that was built in the harbour of Kessel is likely to be as large as the old one.", None),
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
        ("The last time that Lind spoke, the council voted against her plan.", "The council voted against her plan"),
        ("Boeing has built a new ferry, the council said.", "Boeing has built a new ferry"),
        ("Having built a new ferry, Boeing sold it to Kessel.", "Boeing sold it to Kessel"),
        ("WHO said ferries bring the disease, after a week.", "WHO said ferries bring the disease"),
        ("Yesterday, in Kessel, Norway, a ferry burned in the harbour.", "A ferry burned in the harbour"),
        ("Very early on Monday, Bo Kern, who was ill, left the ferry.", "Bo Kern left the ferry"),
        ("Yesterday Kessel had no ferry at all in the rain.", "Yesterday Kessel had no ferry at all in the rain"),
        (
            "Rain may fall, but the council of Kessel will open the harbour.",
            "The council of Kessel will open the harbour",
        ),
        ("Rain may fall, but is no threat to the old harbour of Kessel.", None),
        ("The rain may end, but not until it has crossed the coast of Kessel.", None),
        ("The mayor might go, but if he stays the council of Kessel will vote again.", None),
        (
            "Captains of Kessel say the harbour is safe, but it was closed.",
            "Captains of Kessel say the harbour is safe",
        ),
        # clauses in clauses
        (
            "Officers in Kessel found the remains of ferries that dot the coast.",
            "Officers in Kessel found the remains of ferries that dot the coast",
        ),
        ("The court heard that in the first raid, Bo Kern had lost a ferry.", None),
        (
            "Clubs believe that having Kern on the board, where he is alone, would help.",
            "Clubs believe that having Kern on the board would help",
        ),
        (
            "Kessel has lost its ferries because of rust, as its council told the paper of the capital in May.",
            "Kessel has lost its ferries because of rust",
        ),
        ("A captain accused of sinking the ferry of Kessel, who is 40, and his crew were jailed.", None),
        ("The captain who had already steered her long-lost rented ferry, in the rain or not.", None),
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
        "When Kern, who sailed a ferry from Kessel in May, left, the council voted.",
        "Captain Bo Kern of the ferry said: 'We have lost the way to Kessel.'",
        "Kern wept for the ferry as he, along with the crew, learned that, after years of debate, it would be sold.",
        "Bo Kern, a spokesman for the harbour, told Reuters, the ferry was lost.",
        "Kern died of his wounds in the harbour, his son and daughter, Bo and Ada Kern, confirmed to the paper.",
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
