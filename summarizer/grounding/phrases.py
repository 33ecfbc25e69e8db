"""How a phrase that was cut in the middle says something else: a part told as the whole, a claim as a fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from summarizer.grounding.cut import Cut
from summarizer.grounding.verbs import DETERMINERS, is_past
from summarizer.grounding.words import STOP, Word, stem

# "[Half of] the fund", "[the end of] the war": what is told then is of the whole, or of the thing itself.
_PARTS = frozenset(
    """
    part parts percentage proportion share half third quarter fraction portion majority minority rest most some one none
    lack absence loss end threat risk danger fear fears hope hopes chance prospect possibility version attempt copy
    """.split()
)
_WHERE = frozenset("where which".split())
_NO_ROLE = frozenset("result consequence part precaution rule whole matter".split())
# "[In a trade full of liars,] he seems an impostor": how something seems depends on beside what, and to whom.
_BESIDE = frozenset("to among against beside compared".split())
_SEEMS = frozenset(map(stem, "seem look sound".split()))
_EARLY = 4
_FRAME = 3  # words after "in a" that name the world, the sport or the country
_DATELINE = 12
_MARKS = frozenset("- : ' \"".split())
_CLAIMS = frozenset(
    """
    claim claims claimed allege alleges alleged argue argues argued believe believes believed insist insists insisted
    suggest suggests suggested think thinks fear fears feared warn warns warned
    """.split()
)
_SAYS = frozenset("said says".split())
_COURTS = frozenset("court jury inquest tribunal".split())
_HEARD = frozenset("heard told".split())
_STILL = frozenset("has have was".split())  # of a trial that goes on: "a court heard" is told of those found guilty
# Words of what somebody wants or feels, which an article tells as somebody's.
_OPINION = frozenset("should must ought needs hopeful confident confidence".split())
_LONGEST_TAIL = 16
_MORE = frozenset("more less fewer higher lower longer shorter later earlier cheaper older younger".split())
_NEAR_THAN, _AMOUNT = 4, 3  # words from "more" to "than", and of an amount


def loses_part(cut: Cut) -> bool:
    """Whether the whole is told for the part: "turn over [half of her] $1.3m fund"."""
    for gap in cut.gaps:
        lows = [t.low for t in gap.left_out]
        if lows and lows[-1] in DETERMINERS:
            lows.pop()
        if not gap.put and lows[-1:] == ["of"] and not _PARTS.isdisjoint(lows[-4:-1]):
            return True
    return False


def loses_comparison(cut: Cut) -> bool:
    """Whether a difference is told as an amount: "homes there cost £38,831 [more than others]"."""
    for gap in cut.gaps:
        lows = [t.low for t in gap.left_out[:_NEAR_THAN]]
        told = cut.tokens[: gap.place - len(gap.put)][-_AMOUNT:]
        counts = any(any(map(str.isdigit, t.low)) for t in told)
        if counts and not gap.put and lows[:1] and lows[0] in _MORE and "than" in lows:
            return True
    return False


def closes_list(cut: Cut) -> bool:
    """Whether a list is cut short and closed with a new "and", as if it were complete: "Al, Bo {and} Cy [and Di]"."""
    lows, known = ([t.low for t in told] for told in (cut.tokens, cut.whole))
    theirs = set(pairwise(known))
    for i in range(1, len(lows) - 1):
        if lows[i] == "and" and ("and", lows[i + 1]) not in theirs and (",", lows[i + 1]) in theirs:
            rest = known[next(j for j, pair in enumerate(pairwise(known)) if pair == (",", lows[i + 1])) :]
            last = [low for low in rest[rest.index("and") + 1 :] if low not in STOP][:1] if "and" in rest else []
            if last and last[0] not in lows:
                return True
    return False


def loses_owned(cut: Cut) -> bool:
    """Whether somebody is told for what is theirs ("lead Alba['s line]"), or a quality for what has it.

    "The mayor's planned [visit]" as "the mayor's plan".
    """
    told = {t.stem for t in cut.tokens}
    for gap in cut.gaps:
        content = [t.stem for t in gap.left_out if t.is_content]
        owns = [t.low for t in gap.left_out[:2]]
        if gap.place < len(cut.tokens) and cut.tokens[gap.place].low in _SAYS:  # "the ministry['s spokesman] said"
            continue
        if (
            gap.place
            and not gap.put
            and content
            and told.isdisjoint(content)
            and (owns[0] == "'s" or owns == ["'", "s"])
        ):
            return True
    qualities = {b.stem for a, b in pairwise(cut.whole) if a.low == "'s" and is_past(b.low)}
    return any(a.low == "'s" and b.stem in qualities and not is_past(b.low) for a, b in pairwise(cut.tokens))


def repeats_name(cut: Cut) -> bool:
    """Whether a name stands in the place of another: "Kern, his wife {Kern}". Of 1,048 sentences two, both wrong."""
    mine, theirs = Counter(_names(cut.tokens)), Counter(_names(cut.read))
    return bool(cut.read) and any(count > max(1, theirs[name]) for name, count in mine.items())


def _names(told: Sequence[Word]) -> Iterator[tuple[str, ...]]:
    """Runs of capitalized words."""
    for is_name, run in groupby(told, key=lambda t: t.is_capital):
        if is_name:
            yield tuple(t.stem for t in run)


def loses_frame(cut: Cut) -> bool:
    """Whether the opening is cut that says as what, or in what world, the rest is so.

    "[As the model for the poster,] she became a symbol", "[In a trade full of liars,] he seems an impostor". Openings
    of time, place, cause and manner may go: of some 40 that were cut these two took the sense with them.
    """
    mine = cut.words
    first = max((i + 1 for i, t in enumerate(cut.whole[:_DATELINE]) if t.low == ")"), default=0)
    opening = [t for t in cut.whole[first : cut.opens_at] if t.low not in _MARKS]
    lows, told = [t.low for t in opening], {t.low for t in mine}
    if len(lows) < 4 or lows[-1] != "," or "," in lows[:-1] or any(t.is_content and t.low in told for t in opening):
        return False
    if lows[0] == "as":
        is_clause = any(is_past(low) or (low[-1:] == "s" and low[-2:] not in ("ss", "'s")) for low in lows[2:])
        return lows[1] in DETERMINERS and _NO_ROLE.isdisjoint(lows[2:4]) and not is_clause
    is_one = lows[0] in ("in", "for") and lows[1] in ("a", "an")
    if (is_one or lows[0] in _BESIDE) and not _SEEMS.isdisjoint(t.stem for t in mine[:_EARLY]):
        return True
    return is_one and not _WHERE.isdisjoint(lows[3 : 3 + _FRAME])


def loses_claimant(cut: Cut) -> bool:
    """Whether a sentence ends before the words that said whose claim or opinion it is: "…[, a charity claims]".

    Facts stand without "[, police said]"; what a court was told, what is claimed, and what should be do not. Of 918
    sentences read seven were so: five told as a fact what was none, and none was the better for it.
    """
    for tail in _tails(cut):
        words = [t.low for t in tail if t.is_word]
        content = [t.low for t in tail if t.is_content]
        if (
            not words
            or "than" in words
            or len(words) > _LONGEST_TAIL
            or 2 * sum(low in cut.lows for low in content) >= len(content)
        ):
            continue
        ends, begins = words[-1], words[:2]
        trial = ends in _HEARD and not _COURTS.isdisjoint(words) and not _STILL.isdisjoint(words)
        if ends in _CLAIMS or trial:
            return True
        if (ends in _SAYS or begins == ["according", "to"]) and not _OPINION.isdisjoint(cut.lows):
            return True
    return False


def _tails(cut: Cut) -> Iterator[Sequence[Word]]:
    """What comes after the last two words here, behind a comma, to the end."""
    whole, last = cut.whole, [t.stem for t in cut.words[-2:]]
    places = [i for i, t in enumerate(whole) if t.is_word]
    for one, other in pairwise(places):
        if [whole[one].stem, whole[other].stem] == last and [t.low for t in whole[other + 1 : other + 2]] == [","]:
            yield whole[other + 2 :]


PHRASES = (loses_part, loses_comparison, closes_list, loses_owned, repeats_name, loses_frame, loses_claimant)
