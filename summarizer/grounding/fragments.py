"""How a cut leaves no sentence: without a verb, or with a verb or a word that are not the article's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile, takewhile

from summarizer.grounding.cut import Cut, Gap
from summarizer.grounding.verbs import DETERMINERS, is_past
from summarizer.grounding.words import Word

_FINITE = frozenset(
    "is are was were has have had does did do will would can could may might must shall should 're 've remains wants "
    "says knows seems appears becomes needs keeps makes takes gives".split()
)
# A clause may stand behind these, so that what is left has a verb of its own.
_SAYS = frozenset(
    """
    said say says told tells announced announces found finds reported reports revealed reveals showed shows added adds
    believe believes believed think thinks thought confirmed confirms warned warns claimed claims suggested suggests
    """.split()
)
# What begins with one of these goes as a whole, and leaves the verb that it stood before.
_ASIDES = frozenset(
    """
    who which whose that where when while as after before because if although though and or but in on at of to for from
    with by into about over under during between among than
    """.split()
)
_OPENERS = frozenset("but that said says when while because as if where".split())
_LEAST_PREFIX = 4  # letters
_SHORT = 2  # words
# What may open a sentence in other words than the article's, and adds nothing to it.
_JOINS = frozenset(
    """
    although though despite however meanwhile besides later earlier amid among unlike like within whereas whether once
    instead unless since given following afterwards previously currently today
    """.split()
)


def loses_verb(cut: Cut) -> bool:
    """Whether a subject or an object is told without its verb.

    "[The mayor signed] a decree banning veils", "the freed were met by [guards, who sent them on, said] Ada Lind",
    "police said [they found] nothing", "the day his mother, 57[, was found dead]".
    """
    return _loses_opening_verb(cut) or any(_loses_verb_amid(cut, gap) or _loses_rest(cut, gap) for gap in cut.gaps)


def puts_strange_word(cut: Cut) -> bool:
    """Whether a word that the article lacks opens the sentence, or stands for one that it resembles.

    "{Marksmen} jurors found him guilty", "{Wikiwars} reported", of Wikinews, "to {extrade}" those to be extradited.
    """
    opening = [word for word in cut.words[:1] if cut.whole and word.is_capital and word.low not in _JOINS]
    if any(_is_strange(word, cut) and not _is_of_place(word, cut) for word in opening):
        return True
    strange = ((gap.put[0], gap) for gap in cut.gaps if len(gap.put) == 1 and _is_strange(gap.put[0], cut))
    return any(_resembles(word.low, other.low) for word, gap in strange for other in gap.left_out)


def puts_verb(cut: Cut) -> bool:
    """Whether a verb was put in that the sentence it was cut from lacks, for none of its own: "the bag {was} a bomb".

    What is told in a clause of its own ("{, who is 23,}") may be known from elsewhere, and a tense or voice may change
    ("was convicted" of "convicted him").
    """
    return bool(cut.whole) and any(_is_verb_put_in(cut, gap) for gap in cut.gaps if gap.put)


def _is_verb_put_in(cut: Cut, gap: Gap) -> bool:
    if not gap.put[0].is_word or gap.put[0].low in _ASIDES or _is_finite(gap.left_out):
        return False
    if gap.put[-1].low in _FINITE and any(is_past(token.low) for token in cut.tokens[gap.place : gap.place + 1]):
        return False
    known = {token.low for token in cut.whole}
    return any(token.low in _FINITE and token.low not in known and token.is_word for token in gap.put)


def _loses_opening_verb(cut: Cut) -> bool:
    opening = cut.whole[: cut.opens_at]
    if len(opening) < 2 or not opening[-1].is_word or cut.words[0].low not in DETERMINERS:
        return False
    if _is_finite(list(takewhile(lambda token: token.low != ",", cut.tokens))):
        return False
    verb = opening[-1].low
    if verb in _SAYS:
        return False
    near = {token.low for token in opening[-3:-1]} if opening[-2].low != "and" else {opening[0].low}
    is_present = verb.endswith("s") and not verb.endswith("ss") and _ASIDES.isdisjoint(near | {opening[0].low})
    return is_past(verb) or (is_present and opening[-2].is_word)


def _loses_verb_amid(cut: Cut, gap: Gap) -> bool:
    """Whether what was cut amid a clause, from word to word, had the verb of what follows; it goes without an "is"."""
    rest = cut.tokens[gap.place :]
    if not gap.place or not rest or len(gap.left_out) < 2 or any(token.is_word for token in gap.put):
        return False
    beside = (gap.after, gap.left_out[0], gap.left_out[-1], rest[0])
    if not all(token is not None and token.is_word for token in beside) or gap.left_out[0].low in _ASIDES:
        return False
    clause = list(takewhile(lambda token: token.is_word, rest))
    left_out = gap.left_out[:-1] if _qualifies(gap.left_out, rest[0]) else gap.left_out
    return _is_finite(left_out) and not _is_finite(clause) and not clause[0].low.endswith("s")


def _qualifies(left_out: Sequence[Word], following: Word) -> bool:
    """Whether the last word left out belongs to the noun after it: "arrested [two convicted] men"."""
    short = len(left_out) <= _SHORT or left_out[-2].low.endswith("ly") or left_out[-2].low in DETERMINERS
    return short and is_past(left_out[-1].low) and following.is_content and not following.is_capital


def _loses_rest(cut: Cut, gap: Gap) -> bool:
    """Whether a sentence ends before the verb of what it told last, or before what it announced."""
    if any(token.is_word for token in cut.tokens[gap.place :]) or any(token.is_word for token in gap.put):
        return False
    if gap.left_out and gap.left_out[0].low == ":":  # "the relic was shown[: a veil]", and no list or reason
        return not _is_finite(gap.left_out) and "," not in {token.low for token in gap.left_out}
    rest = list(dropwhile(lambda token: token.low == ",", gap.left_out))
    if not rest or rest[0].low not in _FINITE:
        return False
    told = reversed(cut.tokens[: gap.place - len(gap.put)])
    ends = _OPENERS | {","} if len(rest) < len(gap.left_out) else _OPENERS  # "his mother, 57[, was found dead]"
    return not _is_finite(list(takewhile(lambda token: token.low not in ends, told)))


def _is_of_place(word: Word, cut: Cut) -> bool:
    """Whether a word is told of a place or a name that the article has: "Canadian" of Canada."""
    return any(t.is_capital and t.low[:_LEAST_PREFIX] == word.low[:_LEAST_PREFIX] for t in cut.whole)


def _is_strange(word: Word, cut: Cut) -> bool:
    return word.is_content and word.stem not in cut.known


def _resembles(one: str, other: str) -> bool:
    """Whether two words begin alike, and none is the other with an ending ("amid", "amidst")."""
    return one[:_LEAST_PREFIX] == other[:_LEAST_PREFIX] and not (one.startswith(other) or other.startswith(one))


def _is_finite(tokens: Sequence[Word]) -> bool:
    """Whether there is a verb that can be that of a clause, as far as its form tells: a present form does not."""
    return any(token.low in _FINITE or is_past(token.low) for token in tokens)


# A headline goes without verbs.
FRAGMENTS = (loses_verb, puts_verb)
