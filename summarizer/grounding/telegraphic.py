"""How a headline, which leaves out small words, leaves out one that it needs, or puts in another."""

from __future__ import annotations

from itertools import pairwise

from summarizer.grounding.cut import Cut, Gap
from summarizer.grounding.verbs import DETERMINERS
from summarizer.grounding.words import Word

_PREPOSITIONS = frozenset(
    "about after against amid at before behind between by during for from in into near on onto over since through to "
    "toward towards under until upon with without".split()
)
_FEWEST_LETTERS = 4
_BEFORE = _PREPOSITIONS | {"of", "than", "as", "and"}


def loses_preposition(cut: Cut) -> bool:
    """Whether a noun is told without what joins it to the rest: "pays [the price for a humiliating] World Cup".

    So is who did it ("a bus [was] hit [by a] lorry"), or what was only to be done ("given time to] hand over homes").
    """
    return any(_hangs_loose(cut, gap) for gap in cut.gaps)


def puts_preposition(cut: Cut) -> bool:
    """Whether a preposition joins what none joins in the article: "dies {at} the paper[, which announced it]"."""
    return any(
        any(token.low in _PREPOSITIONS for token in gap.put)
        and _PREPOSITIONS.isdisjoint(token.low for token in (*gap.left_out, *filter(None, [gap.after])))
        for gap in cut.gaps
    )


def makes_plural(cut: Cut) -> bool:
    """Whether what a noun is of is told as the things themselves: "{Cults} beat her" of "cult members"."""
    heads = {one.low: other for one, other in pairwise(cut.whole) if other.is_content}
    known = {token.low for token in cut.whole}
    told = (word.low for word in cut.words if word.low not in known and len(word.low) >= _FEWEST_LETTERS)
    return any(low.endswith("s") and low[:-1] in heads and heads[low[:-1]].low not in cut.lows for low in told)


def puts_new_word(cut: Cut) -> bool:
    """Whether a word is none of the article's: a headline has few, and no place to explain it."""
    return any(word.is_content and word.stem not in cut.known for word in cut.words)


def _hangs_loose(cut: Cut, gap: Gap) -> bool:
    rest = cut.tokens[gap.place :]
    left: list[Word] = list(gap.left_out)
    if gap.put or gap.after is None or not gap.after.is_word or gap.after.low in _BEFORE or not rest:
        return False
    if len(left) > 2 and left[-2].low in DETERMINERS and not left[-1].is_capital:  # "a humiliating"
        left.pop()
    if len(left) > 1 and left[-1].low in DETERMINERS:
        left.pop()
    last, following = left[-1].low if left else "", rest[0]
    if last not in _PREPOSITIONS or not following.is_content or following.low in _BEFORE:
        return False
    joined = next(other for one, other in pairwise(cut.whole) if one is gap.left_out[-1])
    return not joined.low.endswith("ing")  # "after falling" may be "falls"


TELEGRAPHIC = (loses_preposition, puts_preposition, makes_plural, puts_new_word)
