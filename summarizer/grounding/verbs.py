"""Which words stand as verbs in a sentence, and in which voice: as far as their form and the words beside them tell."""

from __future__ import annotations

from collections.abc import Sequence

from summarizer.grounding.words import IRREGULAR, Word, stem

_BE = frozenset("was were is are am be been being 're get gets got".split())
_AUXILIARIES = _BE | frozenset(
    "has have had having do does did will would can could may might shall should must".split()
)
_SUBJECTS = frozenset("he she they it who which that we i you".split())
_SKIPPED = frozenset("not n't also first then later now never ever once already since".split())
DETERMINERS = frozenset("'s a an the this these those his her its their our my your some any no each every".split())
_PREPOSITIONS = frozenset("in of at on from for with by as after over near under into onto about against".split())
# Past forms that are the plain form too; the other irregular forms that are no plain form are past forms.
_UNCHANGED = frozenset("beat beats bet cost cut hit hurt let put quit set shut split spread".split())
_NOUNS = frozenset("child man woman person life wife foot tooth mouse".split())
_NO_PAST = frozenset("death deaths dead dying killer killing marriage arrival setting putting hitting cutting".split())
# What X does to Y in these, Y does to X; by stem, of which "face" has two.
_MUTUAL = frozenset(map(stem, "meet marry wed divorce face faced play draw fight tie".split()))


def stands_as_verb(tokens: Sequence[Word], i: int) -> bool:
    """Whether token ``i`` has a verb's form and a verb's place.

    A past form is a verb unless it qualifies what follows ("the accused man") or ends a compound; a plain or a present
    form only after a subject or an auxiliary. A form in -ing is one after "is". In doubt it is a noun.
    """
    before = _before(tokens, i)
    if before is None or before.low in DETERMINERS | _PREPOSITIONS | {"-"}:
        return False
    token = tokens[i]
    if token.low.endswith("ing"):
        return before.low in _BE
    if is_past(token.low):
        return True
    if before.low in _SUBJECTS or before.low in (_AUXILIARIES - _BE) | {"to"}:
        return True
    return token.low.endswith("s") and before.is_capital and _next_low(tokens, i) in DETERMINERS - {"'s"}


def is_past(low: str) -> bool:
    """Whether the form is a past tense or a past participle."""
    if low in _UNCHANGED or (low.endswith("ed") and len(low) > 4):
        return True
    return IRREGULAR.get(low, low) != low and IRREGULAR[low] not in _NOUNS and low not in _NO_PAST


def is_passive(tokens: Sequence[Word], i: int) -> bool:
    """Whether verb ``i`` is said of whom it happens to: a form of "be" right before it, or "by" right after."""
    before, after = _before(tokens, i), next((t for t in tokens[i + 1 :] if not _is_adverb(t)), None)
    is_by = after is not None and after.low == "by"
    return is_past(tokens[i].low) and (is_by or (before is not None and before.low in _BE))


def is_mutual(tokens: Sequence[Word], i: int) -> bool:
    """Whether verb ``i`` says the same of both sides: "met", "settled with"."""
    return tokens[i].stem in _MUTUAL or _next_low(tokens, i) == "with"


def owned_frame(tokens: Sequence[Word], start: int, i: int) -> str:
    """The preposition after noun ``i`` where somebody from ``start`` on owns it: "of" in "Acme's purchase of Binco"."""
    owned = any(token.low in ("'s", "'") for token in tokens[start + 1 : i])
    return _next_low(tokens, i) if owned and _next_low(tokens, i) in _PREPOSITIONS else ""


def _next_low(tokens: Sequence[Word], i: int) -> str:
    return tokens[i + 1].low if i + 1 < len(tokens) else ""


def _before(tokens: Sequence[Word], i: int) -> Word | None:
    return next((token for token in reversed(tokens[:i]) if not _is_adverb(token)), None)


def _is_adverb(token: Word) -> bool:
    return token.low in _SKIPPED or (token.low.endswith("ly") and not token.is_capital)
