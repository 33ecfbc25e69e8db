from dataclasses import replace

import pytest

from summarizer.grounding import check_support
from summarizer.types import Coverage
from summarizer.writing.written import Written

TEXT = "Ada Lind has died at 90. Lind first fell ill in 1990. The illness came back in 2014. Crowds wept in Alba."


def written(*parts: str) -> Written:
    return Written(check_support(TEXT, "\n".join(parts)).sentences, Coverage(9, 9, 1, False), "stop")


def texts(found: Written) -> list[str]:
    return [each.text for each in found.sentences]


def test_all_but_the_first_sentence_stand_in_the_order_of_what_they_rest_on():
    died, fell, back, wept = TEXT.replace(". ", ".\n").split("\n")
    assert texts(written(died, back, fell).in_order()) == [died, fell, back]
    assert texts(written(back, wept, died).in_order()) == [back, died, wept]
    in_order = written(died, fell, back)
    assert in_order.in_order() == in_order
    assert not replace(in_order, sentences=()).in_order().sentences


def test_a_he_stays_behind_whom_it_means():
    text = "Ada Lind has died at 90. He wept, said Cy Dahl. Bo Kern found her in the yard of the house."
    died, wept, found = text.replace(". ", ".\n").split("\n")
    told = Written(check_support(text, "\n".join((died, found, wept))).sentences, Coverage(9, 9, 1, False), "stop")
    assert texts(told.in_order()) == [died, found, wept]


def test_a_sentence_that_rests_on_nothing_stays_behind_the_one_before_it():
    died, fell, back, wept = TEXT.replace(". ", ".\n").split("\n")
    found = written(died, wept, back, fell)
    blank = replace(found.sentences[2], text="Nothing more is known.", sources=())
    loose = replace(found, sentences=(*found.sentences[:2], blank, found.sentences[3]))
    assert texts(loose.in_order()) == [died, fell, wept, "Nothing more is known."]


def test_what_was_told_is_not_told_again():
    died, fell, back, wept = TEXT.replace(". ", ".\n").split("\n")
    assert texts(written(died, fell, "Lind fell ill first in 1990.", wept).without_repeats()) == [died, fell, wept]
    assert texts(written("Lind fell ill in 1990.", died, fell).without_repeats()) == [died, fell]  # the fuller one
    assert texts(written(died, fell, back, wept).without_repeats()) == [died, fell, back, wept]


@pytest.mark.parametrize(
    "one, other",
    [
        ("The council approved the plan on Monday.", "The council rejected the plan on Monday."),
        ("Sales rose by 5 percent in March.", "Sales fell by 5 percent in March."),
    ],
)
def test_what_other_sentences_say_is_told_beside_what_is_alike(one, other):
    told = Written(check_support(f"{one} {other}", f"{one}\n{other}").sentences, Coverage(9, 9, 1, False), "stop")
    assert texts(told.without_repeats()) == [one, other]


def test_each_of_several_in_one_sentence_is_told():
    text = "Ada Lind and Bo Kern were taken to the hospital in Alba on Monday. Crowds wept."
    parts = [f"{name} was taken to the hospital in Alba on Monday." for name in ("Ada Lind", "Bo Kern")]
    told = Written(check_support(text, "\n".join(parts)).sentences, Coverage(9, 9, 1, False), "stop")
    assert texts(told.without_repeats()) == parts
