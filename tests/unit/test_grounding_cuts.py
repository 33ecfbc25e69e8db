"""How a sentence says something else than the one that it was cut from."""

import pytest

from summarizer.grounding import careless_cuts, read_source

ARTICLE = (
    "The Alba group is in final talks to buy the ferry line Kessel Star, two people said. "
    "Bo Kern, who reportedly left the country in August, denied that he had paid the crew. "
    "The council wants to prevent the old pier becoming a casino, and the new one will be a school. "
    "The line will raise up to nine million crowns, if the council agrees, and the ships are not entirely new. "
    "On Monday the mayor opened a library in the harbour. A dozen captains may strike, it is said."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Alba group is to buy the ferry line Kessel Star.",
        "Bo Kern left the country in August.",
        "The old pier becoming a casino.",
        "The ships are not new.",
        "A dozen captains strike.",
    ],
)
def test_a_hedge_that_is_left_out_before_what_it_governs_is_found(sentence):
    assert careless_cuts(read_source(ARTICLE), [sentence]) == [True]


@pytest.mark.parametrize(
    "sentence",
    [
        "The Alba group is in talks to buy the ferry line Kessel Star.",
        "The Alba group may buy the ferry line Kessel Star.",  # another hedge
        "Bo Kern denied that he had paid the crew.",  # one of a clause that is left out as a whole
        "The new one will be a school.",
        "The line will raise up to nine million crowns.",
        "The mayor opened a library.",
        "A dozen captains may strike.",
        "Nothing of this kind.",
        "",
    ],
)
def test_what_is_left_out_with_its_hedge_is_no_fault(sentence):
    assert careless_cuts(read_source(ARTICLE), [sentence]) == [False]


def test_each_sentence_is_judged_alone_and_a_huge_one_is_not():
    assert careless_cuts(read_source(ARTICLE), ["A dozen captains strike.", "A dozen captains may strike."]) == [
        True,
        False,
    ]
    assert careless_cuts(read_source("may strike " * 5000), ["They strike."]) == [False]
    assert careless_cuts(read_source(ARTICLE), []) == []


@pytest.mark.parametrize(
    ("sentence", "changed"),
    [
        ("Alba group in talks to buy ferry line", False),
        ("Mayor opens library in harbour", False),
        ("Library of harbour opens mayor", True),
        ("Harbour mayor opens a library", True),
        ("", False),
    ],
)
def test_the_order_of_words_is_kept_where_it_is_asked_for(sentence, changed):
    assert careless_cuts(read_source(ARTICLE), [sentence], in_order=True) == [changed]
    assert careless_cuts(read_source(ARTICLE), [sentence]) == [False]


OPENINGS = (
    "While the letters were expected to bring in 300,000 crowns, the only bidder was a clerk. "
    "LUND (AB) - Under the proposals, which go to the cabinet on Friday, nobody would pay more than 90 crowns. "
    "For most of the century, the harbour was considered dull. Until last year, the pier belonged to the town. "
    "It is time for two captains to decide, as the ferries meet in the harbour, and a crowd will watch. "
    "On Friday, the mayor resigned. Although the council objected, the bridge was built. "
    "In New Kessel, police arrested four men on Monday. If he wins, he will cut taxes, the candidate said. "
    "On Sunday, two bodies were found, police said. "
    "For those who live there, researchers found, the losses are dear. "
    "For most of the day, traffic was slow, and the governor, Ada Brown, apologised to drivers. "
    "As snow fell in Lund, it fell in the hills as well.\n"
    "- Fixed a crash when opening large projects. Convicted smuggler Bo Kern was jailed. Then the clerk left the room."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("The letters were expected to bring in 300,000 crowns, the only bidder was a clerk.", True),
        ("The letters were expected to bring in 300,000 crowns.", False),
        ("The letters were expected to bring in 300,000 crowns, but the only bidder was a clerk.", False),
        ("The proposals, which go to the cabinet on Friday, nobody would pay more than 90 crowns.", True),
        ("The harbour was considered dull.", True),
        ("The pier belonged to the town.", True),
        ("The ferries meet in the harbour, and a crowd will watch.", False),
        ("The mayor resigned.", False),
        ("The bridge was built.", False),
        ("Researchers found, the losses are dear.", True),
        ("Researchers found the losses are dear.", False),
        ("Two bodies were found, police said.", False),
        ("The losses are dear.", False),
        ("New Kessel police arrested four men on Monday.", False),
        ("The candidate said he will cut taxes if he wins.", False),
        ("Ada Brown, the governor, apologised to drivers.", False),
        ("Snow fell in Lund, it fell in the hills as well.", True),
        ("As snow fell in Lund, it fell in the hills as well.", False),
        ("A crash when opening large projects.", True),
        ("Fixed a crash when opening projects.", False),
        ("Smuggler Bo Kern was jailed.", False),
        ("The clerk left the room.", False),
    ],
)
def test_an_opening_that_the_rest_needs_is_not_left_out(sentence, lost):
    assert careless_cuts(read_source(OPENINGS), [sentence]) == [lost]


PAIRS = (
    "Members of the union voted by 312 to 97 to accept the offer of the council. Alba beat Kessel 3 to 2 on Monday. "
    "It was only after a campaign led by children in Narva, who lay on it, that the line was saved. It was after noon "
    "when he left. The council voted 7 to 7 to close the school. It was not clear why the bridge fell, adding that it "
    "asks. The pool is open from 9 to 5 on weekdays and from 9 to 3 on Saturdays."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("Members of the union voted by 312 to accept the offer.", True),
        ("Members of the union voted by 312 to 97 to accept the offer.", False),
        ("Members of the union voted to accept the offer.", False),
        ("Alba beat Kessel 3 to 2.", False),
        ("It was only after a campaign led by children in Narva.", True),
        ("It was only after a campaign led by children in Narva that the line was saved.", False),
        ("It was after noon.", False),
        ("The council voted 7 to 7 to close the school.", False),
        ("It was not clear why the bridge fell.", False),
        ("The pool is open from 9 to 3 on Saturdays.", False),
        ("Yes.", False),
    ],
)
def test_no_half_of_a_pair_is_left_out(sentence, lost):
    assert careless_cuts(read_source(PAIRS), [sentence]) == [lost]


RELATIVES = (
    "People who get care at home in Narva will pay no more than 92 euros a week, the minister said. Ada Lind, who has "
    "run the port since May, said the cap was late. The book which roughly sells best is hers."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("People get care at home in Narva.", True),
        ("People who get care at home in Narva will pay no more than 92 euros a week.", False),
        ("People will pay no more than 92 euros a week.", False),
        ("Ada Lind has run the port since May.", False),
        ("The book roughly sells best.", True),
    ],
)
def test_who_is_meant_is_not_told_as_what_they_do(sentence, lost):
    assert careless_cuts(read_source(RELATIVES), [sentence]) == [lost]


TURNS = (
    "A jury in Narva acquitted Bo Kern of manslaughter on Monday, but convicted him of tampering with evidence. The "
    "mine was ordered to close in March — but the order was lifted in May. She had nothing but praise for the crew."
)


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("A jury acquitted Bo Kern of manslaughter on Monday.", True),
        ("A jury acquitted Bo Kern of manslaughter, but convicted him of tampering.", False),
        ("Bo Kern was convicted of tampering with evidence.", False),
        ("The mine was ordered to close in March.", True),
        ("Although it was ordered to close in March, the mine is open.", False),
        ("She had nothing but praise.", False),
    ],
)
def test_what_but_turns_is_not_left_out(sentence, lost):
    assert careless_cuts(read_source(TURNS), [sentence]) == [lost]
