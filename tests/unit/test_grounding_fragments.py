"""A sentence that a cut leaves without its verb, or with a word that is none, is no summary's."""

import pytest

from summarizer.grounding import careless_cuts, read_source

VERBS = (
    "On Friday, Ada Lind, the mayor of Alba, signed a decree banning anyone wearing a mask from entering the hall. "
    "The clip was filmed in Essen on Sunday and captures the cloud hanging over the harbour for an hour without rain. "
    "In recent years the ferries of Lund lose money every winter. The guards said the harbour plans to close. "
    "The freed sailors were received by guards, who sent them to the capital, Brno, said Bo Kern, an official there. "
    "Police on Sunday said the dockers found nothing inconsistent with a fire. "
    "He failed to come for supper on the day when his mother Eva Kern, 57, was found dead at home. "
    "A baker from Alba, 54, described as keen on old boats, has been missing since Tuesday and was last seen in Brno. "
    "A study of gulls published on Monday found that the birds of Essen went so far as to open doors. "
    "The man who was jailed in March and his wife were met by a crowd. "
    "The pilot, who was born in Brno and lives in Alba, wants to fly again. "
    "Officials of Alba left the hall, singing an old song written in Brno. "
    "It was this bedding that left a man breathless, according to a report published in Essen. "
    "On Sunday a precious relic was carried through Lund: the veil of Eva. Ferries were late; trams were not. "
    "The council approved a long delayed plan for the pier. Dockers arrested the mayor's son Cid Dahl on Monday. "
    "The dockers found the badly damaged boat. Three trams were cancelled in May: the Alba, the Brno and the Lund. "
    "The council rejected the loan in June: it would cost too much. "
    "Dan Falk was born in Oslo, was taught in Rome and fled. "
    "Five days after heavy floods the town of Narva remains without water."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("A decree banning anyone wearing a mask from entering the hall.", True),
        ("Ada Lind signed a decree banning anyone wearing a mask from entering the hall.", False),
        ("The cloud hanging over the harbour for an hour without rain.", True),
        ("The ferries of Lund lose money every winter.", False),
        ("The harbour plans to close.", False),
        ("The freed sailors were received by Bo Kern, an official there.", True),
        ("The freed sailors were received by guards, who sent them to the capital.", False),
        ("Police on Sunday said nothing inconsistent with a fire.", True),
        ("He failed to come for supper on the day when his mother Eva Kern, 57.", True),
        ("A baker from Alba, 54, described as keen on old boats.", True),
        ("A study of gulls found that the birds of Essen went so far as to open doors.", False),
        ("A study of gulls published on Monday.", False),
        ("The pilot, who was born in Brno, wants to fly again.", False),
        ("The pilot wants to fly again.", False),
        ("Officials of Alba left the hall.", False),
        ("A man breathless, according to a report published in Essen.", True),
        ("A precious relic was carried through Lund.", True),
        ("Ferries were late.", False),
        ("The council approved a plan for the pier.", False),
        ("Dockers arrested Cid Dahl on Monday.", False),
        ("The dockers found the boat.", False),
        ("Three trams were cancelled in May.", False),
        ("The council rejected the loan in June.", False),
        ("Dan Falk was born in Oslo.", False),
        ("The town of Narva remains without water.", False),
        ("Officials of Alba left the hall, singing an old song.", False),
    ],
)
def test_nothing_is_told_without_its_verb(sentence, lost):
    assert careless_cuts(read_source(VERBS), [sentence]) == [lost]


WORDS = (
    "After hours of talks, jurors found the captain guilty on Wednesday. On Friday, thousands of dockers met in Alba. "
    "The bill would allow Lund to extradite smugglers to Essen. The talks came amidst fears of a strike in Brno. "
    "On friday, the sailors of karlholm, a village, met in Alba. The star of the famed revue is selling her boats. "
    "The star, Eva Kern, moved to Lund. Officials from Norway and Chad signed it in June."
)


@pytest.mark.parametrize(
    ("sentence", "strange"),
    [
        ("Marksmen jurors found the captain guilty.", True),
        ("Jurors found the captain guilty.", False),
        ("Hundreds of dockers met in Alba.", True),
        ("Thousands of dockers met in Alba.", False),
        ("The bill would allow Lund to extrade smugglers to Essen.", True),
        ("On friday, the sailors of karlhalt met in Alba.", True),
        ("The talks came amid fears of a strike in Brno.", False),
        ("Eva Kern of the famed revue is selling her boats.", False),
        ("The star of the famous revue is selling her boats.", False),
        ("Norwegian officials signed it in June.", False),
    ],
)
def test_no_strange_word_opens_a_sentence_or_stands_for_one_that_it_resembles(sentence, strange):
    assert careless_cuts(read_source(WORDS), [sentence]) == [strange]


@pytest.mark.parametrize(
    ("sentence", "puts"),
    [
        ("Thousands were of dockers in Alba.", True),
        ("Thousands of dockers met in Alba.", False),
        ("The star, Eva Kern, has moved to Lund.", False),
        ("The star, who is Eva Kern, moved to Lund.", False),
        ("The bill could allow Lund to extradite smugglers to Essen.", False),
    ],
)
def test_no_verb_is_put_in_for_none(sentence, puts):
    assert careless_cuts(read_source(WORDS), [sentence]) == [puts]


def test_a_headline_may_lack_its_verb():
    headline = "Baker from Alba, 54, described as keen on old boats"
    assert careless_cuts(read_source(VERBS), [headline]) == [True]
    assert careless_cuts(read_source(VERBS), [headline], in_order=True) == [False]
