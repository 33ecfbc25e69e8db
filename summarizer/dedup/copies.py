"""Copies: articles that share their text, by shingles of five words.

Each article is the set of its five-word shingles, hashed to 64 bits. A quarter of them (those whose hash is divisible
by four: the same ones in every article, A. Broder 1997, "On the resemblance and containment of documents") find the
candidates; the whole sets then give the exact overlap. Two articles are copies where they share a fifth of all their
shingles, or the shorter one has two fifths of its own in the longer one.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from summarizer.dedup.occasions import other_time
from summarizer.types import Span

VERSION = "2"
Shingles = NDArray[np.uint64]

_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]|[^\\W\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]+")
_SIZE = 5
_SAMPLE = np.uint64(4)
_MAX_POSTINGS = 256  # a sampled shingle in more articles than this is page furniture: it names no candidates
_MOST_SAME = 32
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_START = (0, 0, 0)  # a run before the first one
# One other date in more shared words than this is a time stamp, or an update; one other name or number, an edit.
_WORDS_A_TIME, _WORDS_A_FACT = 150, 25
_MOST_SWAPPED = 12  # words between two shared passages that are looked at
JACCARD, CONTAINMENT = 0.2, 0.4


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of their shingles two articles share: of all of them, and of those of the shorter one."""

    jaccard: float
    containment: float

    @property
    def copy(self) -> bool:
        """Whether the two are copies."""
        return self.jaccard >= JACCARD or self.containment >= CONTAINMENT


@dataclass(frozen=True, slots=True)
class SharedText:
    """A passage that two articles have in common: where it stands in each."""

    a: Span
    b: Span


def shingles(text: str) -> Shingles:
    """The distinct shingles of a text, sorted; a text of fewer than five words is one shingle."""
    return np.unique(_hashes(text))


def sample(of: Shingles) -> Shingles:
    """The shingles by which candidates are found."""
    chosen: Shingles = of[of % _SAMPLE == 0]
    return chosen


def overlap(a: NDArray[np.unsignedinteger[Any]], b: NDArray[np.unsignedinteger[Any]]) -> Overlap:
    """The exact overlap of two shingle sets."""
    if not len(a) or not len(b):
        return Overlap(0.0, 0.0)
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return Overlap(shared / (len(a) + len(b) - shared), shared / min(len(a), len(b)))


def copy_pairs(sets: Sequence[Shingles]) -> dict[tuple[int, int], Overlap]:
    """The pairs of copies among ``sets``, by position, lower position first.

    Of a text that is there very often, to the letter, only some of the pairs: all of the first ones, and each later
    one with the first.
    """
    same: dict[bytes, list[int]] = {}
    for position, of in enumerate(sets):
        if len(of):
            same.setdefault(of.tobytes(), []).append(position)
    groups = list(same.values())
    unique = [sets[members[0]] for members in groups]
    keys = [sample(of) for of in unique]
    found: dict[tuple[int, int], Overlap] = {}
    for members in groups:
        pairs = [*combinations(members[:_MOST_SAME], 2), *((members[0], later) for later in members[_MOST_SAME:])]
        found.update(dict.fromkeys(pairs, Overlap(1.0, 1.0)))
    for (a, b), shared in _shared_keys(keys).items():
        # The sample estimates the overlap; half of what is asked for is left as room for its error.
        if shared < 0.5 * min(CONTAINMENT * min(len(keys[a]), len(keys[b])), JACCARD * (len(keys[a]) + len(keys[b]))):
            continue
        measured = overlap(unique[a], unique[b])
        if measured.copy:
            for first, second in product(groups[a][:_MOST_SAME], groups[b][:_MOST_SAME]):
                found[min(first, second), max(first, second)] = measured
    return found


def _shared_keys(keys: Sequence[Shingles]) -> dict[tuple[int, int], int]:
    """How many sampled shingles each pair shares, where it shares any."""
    if not keys:
        return {}
    values = np.concatenate(keys)
    owners = np.repeat(np.arange(len(keys)), [len(k) for k in keys])
    order = np.argsort(values, kind="stable")
    values, owners = values[order], owners[order]
    ends = np.flatnonzero(np.diff(values, append=values[-1:] + np.uint64(1))) + 1 if len(values) else np.array([], int)
    counts: dict[tuple[int, int], int] = {}
    start = 0
    for end in ends.tolist():
        if 1 < end - start <= _MAX_POSTINGS:
            members = owners[start:end].tolist()
            for position, a in enumerate(members):
                for b in members[position + 1 :]:
                    counts[a, b] = counts.get((a, b), 0) + 1
        start = end
    return counts


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two texts have in common, and whether they are one form filled in for two occasions."""

    shared: tuple[SharedText, ...]
    other_occasion: bool


def compare(a: str, b: str, most: int = 3) -> Comparison:
    """The longest passages that two texts share (``most``, in the order of ``a``), and what stands between them."""
    words_a, words_b = list(_WORD.finditer(a)), list(_WORD.finditer(b))
    runs = _runs(_hashes(a).tolist(), _hashes(b).tolist())
    best = sorted(sorted(runs, key=lambda run: (-run[2], run[0]))[:most])
    shared = tuple(SharedText(_span(words_a, i, length), _span(words_b, j, length)) for i, j, length in best)
    swapped = sum(_swapped(words_a, words_b, *pair) for pair in pairwise([_START, *runs]))
    words = sum(length + _SIZE - 1 for _, _, length in runs)
    return Comparison(shared, swapped >= words > 0)


def _runs(a: list[int], b: list[int]) -> list[tuple[int, int, int]]:
    """Runs of equal shingles, as (start in a, start in b, length), in the order of ``a``."""
    where = {value: position for position, value in reversed(list(enumerate(b)))}
    runs: list[tuple[int, int, int]] = []
    i = 0
    while i < len(a):
        j = where.get(a[i])
        if j is None:
            i += 1
            continue
        length = 1
        while i + length < len(a) and j + length < len(b) and a[i + length] == b[j + length]:
            length += 1
        runs.append((i, j, length))
        i += length
    return runs


def _swapped(
    a: list[re.Match[str]], b: list[re.Match[str]], before: tuple[int, int, int], after: tuple[int, int, int]
) -> int:
    """How many shared words it would take to call two texts one, where few words between two passages differ."""
    ends = (0, 0) if before[2] == 0 else (before[0] + before[2] + _SIZE - 1, before[1] + before[2] + _SIZE - 1)
    if not (0 < after[0] - ends[0] <= _MOST_SWAPPED and 0 < after[1] - ends[1] <= _MOST_SWAPPED):
        return 0
    inside_a = [word.group() for word in a[ends[0] : after[0]]]
    inside_b = [word.group() for word in b[ends[1] : after[1]]]
    around = [word.group().lower() for word in (a[max(0, ends[0] - 1)], a[after[0]])]
    if other_time(map(str.lower, inside_a), map(str.lower, inside_b), around):
        return _WORDS_A_TIME
    facts = [{word for word in inside if word[0].isupper() or word[0].isdigit()} for inside in (inside_a, inside_b)]
    return _WORDS_A_FACT if facts[0] - facts[1] and facts[1] - facts[0] else 0


def _span(words: list[re.Match[str]], first: int, length: int) -> Span:
    last = min(first + length + _SIZE - 2, len(words) - 1)
    return Span(words[first].start(), words[last].end())


def _hashes(text: str) -> Shingles:
    """The hash of every shingle, in the order of the text."""
    # A word is folded after it was found: "İ" folded first is two characters, and two words.
    words = np.array([_word_hash(word.lower()) for word in _WORD.findall(text)], dtype=np.uint64)
    if not len(words):
        return words
    count = max(1, len(words) - _SIZE + 1)
    mixed = np.zeros(count, dtype=np.uint64)
    for offset in range(min(_SIZE, len(words))):
        mixed = (mixed ^ words[offset : offset + count]) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(29)
    return mixed


@lru_cache(maxsize=1 << 16)
def _word_hash(word: str) -> int:
    data = word.encode("utf-8", "surrogatepass")
    return zlib.crc32(data) << 32 | zlib.adler32(data)
