"""How a phrase that was cut in the middle says something else."""

import pytest

from summarizer.grounding import careless_cuts, read_source

PARTS = (
    "The widow will give a ' large part ' of her nine million crowns to the town. Half of the ferries stand idle. "
    "The mayor opened the end of the pier that was built of oak. A series of loud songs filled the hall on Friday."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("The widow will give nine million crowns to the town.", True),
        ("The widow will give a large part of her nine million crowns.", False),
        ("The ferries stand idle.", True),
        ("The mayor opened the pier that was built of oak.", True),
        ("The mayor opened the end of the pier.", False),
        ("Loud songs filled the hall on Friday.", False),
        ("", False),
    ],
)
def test_the_whole_is_not_told_for_the_part(sentence, lost):
    assert careless_cuts(read_source(PARTS), [sentence]) == [lost]


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("A house in the harbour costs 12,000 crowns.", True),
        ("A house in the harbour costs 12,000 crowns more.", False),
        ("A house in the harbour costs 12,000 crowns more than one inland.", False),
        ("The ferry carries 300.", False),
        ("The storm killed 12 people.", False),
        ("The new boat carried 300 sailors.", False),
    ],
)
def test_a_difference_is_not_told_as_an_amount(sentence, lost):
    text = "A house in the harbour costs 12,000 crowns more than one inland. The ferry carries 300, said its captain. "
    text += "The storm killed 12 people, more than any other. The new boat carried 300 sailors, rather than 200."
    assert careless_cuts(read_source(text), [sentence]) == [lost]


LISTS = (
    "Ada Lind, 20, her partner Bo Kern, 23, their baby Cid, her nephew Dan, and her niece Eva, two, died in the house. "
    "The council met on Monday, the mayor resigned, and the clerk wept. The shop sells white, red and green boats."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("Ada Lind, 20, her partner Bo Kern, 23, and their baby Cid died in the house.", True),
        ("Ada Lind, 20, her partner Bo Kern, 23, their baby Cid, her nephew Dan, and her niece Eva, died.", False),
        ("Ada Lind, 20, her partner Bo Kern, her niece Eva, and her nephew Dan died.", False),
        ("Ada Lind, 20, died in the house.", False),
        ("The shop sells white and red boats.", True),
        ("The shop sells green and red boats.", False),
        ("The clerk wept and.", False),
    ],
)
def test_a_list_that_was_cut_short_is_not_closed(sentence, lost):
    assert careless_cuts(read_source(LISTS), [sentence]) == [lost]


OWNED = (
    "Kern, who leads Alba's first boat in the bay on Sunday, was fined. Lind won by the mayor's curved shot in May. "
    "The harbour's new bridge fell on Monday. In March the crew ' s pay was raised. "
    "The ministry's spokesman said on Friday that it is closed."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("Kern, who leads Alba on Sunday, was fined.", True),
        ("Kern, who leads Alba's boat on Sunday, was fined.", False),
        ("Kern, who leads the first boat of Alba, was fined.", False),
        ("Lind won by the mayor's curve in May.", True),
        ("Lind won by the mayor's shot in May.", False),
        ("The bridge fell on Monday.", False),
        ("The harbour's bridge fell on Monday.", False),
        ("In March the crew was raised.", True),
        ("The ministry said on Friday that it is closed.", False),
    ],
)
def test_who_has_it_is_not_told_for_what_they_have(sentence, lost):
    assert careless_cuts(read_source(OWNED), [sentence]) == [lost]


FRAMES = (
    'LUND (AB) As the model for the painter\'s "Rower," Ada Lind became the face of the town. '
    "In a trade full of boasters, Bo Kern seems a monk. As a result, the mayor resigned. "
    "In a town where nobody pays, the baker owns two horses. In a tweet last night, Dan Moss said he would swim. "
    "As the sun rises over Brno, traders open their shops. "
    "As the rain started to fall, the drummers went home. As part of the deal, Alba will paint the pier."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("Ada Lind became the face of the town.", True),
        ('Ada Lind, the model for the "Rower," became the face of the town.', False),
        ("Bo Kern seems a monk.", True),
        ("In such a trade Bo Kern seems a monk.", False),
        ("In a trade full of boasters, Bo Kern seems a monk.", False),
        ("The mayor resigned.", False),
        ("The baker owns two horses.", True),
        ("Dan Moss said he would swim.", False),
        ("The drummers went home.", False),
        ("Traders open their shops.", False),
        ("Alba will paint the pier.", False),
        ("Yes.", False),
    ],
)
def test_the_frame_in_which_it_is_so_is_not_left_out(sentence, lost):
    assert careless_cuts(read_source(FRAMES), [sentence]) == [lost]


NAMES = (
    "Ada Lind has reminded Bo Kern and Cy Dahl about the rules. Kern, his wife Eva and their son left. "
    "Alba United beat Narva United. Narva beat Alba in May. Late on, Alba had a man sent off."
)


@pytest.mark.parametrize(
    ("sentence", "twice"),
    [
        ("Ada Lind has reminded Ada Lind about the rules.", True),
        ("Ada Lind has reminded Bo Kern about the rules.", False),
        ("Kern, his wife Kern and their son left.", True),
        ("His wife Eva and their son left.", False),
        ("Alba United beat Narva United.", False),
        ("Narva beat Alba in May, and late on Alba had a man sent off.", False),
    ],
)
def test_nobody_is_told_in_the_place_of_another(sentence, twice):
    assert careless_cuts(read_source(NAMES), [sentence]) == [twice]


CLAIMS = (
    "One in five bakers in Lund sells old bread, a charity claims. Two bodies were found in the harbour, police said. "
    "The toddler was locked into a shed, a court has heard. Alba should sell the pier to the co-owners, its boss said. "
    "The crew is hopeful of a full recovery, according to a note by its captain. The union wants more, it told us. "
    "The hut was used for a hundred years, it is believed. Kern knew of the fire, Lund Court heard. "
    "The bakery lost five million crowns, more than its owners had feared."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("One in five bakers in Lund sells old bread.", True),
        ("A charity claims one in five bakers in Lund sells old bread.", False),
        ("Two bodies were found in the harbour.", False),
        ("The toddler was locked into a shed.", True),
        ("A court heard that the toddler was locked into a shed.", False),
        ("Alba should sell the pier to the co-owners.", True),
        ("Its boss said Alba should sell the pier to the co-owners.", False),
        ("Alba should sell the pier.", False),  # where the sentence was cut before its end, for another reason
        ("The crew is hopeful of a full recovery.", True),
        ("The union wants more.", False),
        ("The hut was used for a hundred years.", True),
        ("Kern knew of the fire.", False),
        ("The bakery lost five million crowns.", False),
    ],
)
def test_whose_claim_it_is_is_not_left_out(sentence, lost):
    assert careless_cuts(read_source(CLAIMS), [sentence]) == [lost]
