"""What a story index keeps of an article, and how alike two articles are over a stream.

The same terms, weights and shingles as :mod:`summarizer.dedup.stories` uses, hashed so that they take a few kilobytes
an article, and with the rarity of a term counted over the articles that are in the window now.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from summarizer.dedup.copies import shingles
from summarizer.dedup.occasions import Occasion, agreement, occasion
from summarizer.dedup.vectors import LONE, MIN_SHARED

# Counts of words need little room. Most of 100,000 articles' fifty million word pairs meet no other one, and must be
# seen to be alone: in 16 million buckets they look shared, and at 60,000 articles half of all stories went to pieces.
_WORD_BUCKETS, _PAIR_BUCKETS = 1 << 24, 1 << 28  # 64 MB and 256 MB when full
_MOST_COUNTED = 255  # articles that have a pair
_YOUNG = 100  # articles: in an emptier window a term that stands alone may only be early, and counts more
_WORD_KEYS = 32  # the rarest single words of an article name its candidates
_SHINGLE_RATE = np.uint64(8)


@dataclass(frozen=True, slots=True)
class Signature:
    """``terms`` (bucket numbers, ascending) with ``weights``; which are single ``words``; ``shingles``; the time."""

    terms: NDArray[np.uint32]
    weights: NDArray[np.float32]
    words: NDArray[np.bool_]
    shingles: NDArray[np.uint32]
    shingle_keys: NDArray[np.int64]
    occasion: Occasion


def bucket(term: str) -> int:
    """The number of a term."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass")) % _PAIR_BUCKETS


def signature(terms: Mapping[str, float], whole: str, text: str) -> Signature:
    """The signature of an article.

    Args:
        terms: The terms of ``whole``.
        whole: Title and body.
        text: The body alone: titles and page furniture differ among copies.
    """
    numbers = np.fromiter(map(bucket, terms), dtype=np.uint32, count=len(terms))
    numbers, first = np.unique(numbers, return_index=True)
    weights = np.fromiter(terms.values(), dtype=np.float32, count=len(terms))
    words = np.fromiter((" " not in term for term in terms), dtype=np.bool_, count=len(terms))
    hashes = shingles(text)
    chosen = hashes % _SHINGLE_RATE == 0
    chosen[:1] = True  # the least of all, so that a very short text has a key as well
    sampled = hashes[chosen]
    return Signature(
        numbers,
        weights[first],
        words[first],
        np.unique((hashes >> np.uint64(32)).astype(np.uint32)),
        (sampled >> np.uint64(1)).astype(np.int64),
        occasion(whole),
    )


class Window:
    """How many articles in the window have each term, and the likeness of two articles that follows."""

    def __init__(self) -> None:
        self._words = np.zeros(_WORD_BUCKETS, dtype=np.int32)
        self._pairs = np.zeros(_PAIR_BUCKETS, dtype=np.uint8)
        self.articles = 0

    def add(self, article: Signature, times: int = 1) -> None:
        """Counts an article in, or out where ``times`` is -1."""
        self._words[article.terms[article.words] % _WORD_BUCKETS] += times
        pairs = article.terms[~article.words]
        count = self._pairs[pairs].astype(np.int16)
        count[count < _MOST_COUNTED] += times  # what was full once stays so
        self._pairs[pairs] = np.maximum(count, 0)
        self.articles += times

    def _having(self, terms: NDArray[np.uint32], words: NDArray[np.bool_]) -> NDArray[np.int32]:
        having = self._pairs[terms].astype(np.int32)
        having[words] = self._words[terms[words] % _WORD_BUCKETS]
        return having

    def word_keys(self, of: Signature) -> list[int]:
        """The keys of the rarest words; negative, as those of shingles are not."""
        value = np.where(of.words, of.weights * self._rarity(self._having(of.terms, of.words)), 0.0)
        best = np.argsort(-value, kind="stable")[:_WORD_KEYS]
        return [-1 - int(of.terms[position]) for position in best if of.words[position]]

    def likeness(self, a: Signature, norm_a: float, b: Signature, norm_b: float) -> float:
        """Cosine of two articles of that length, times what their days and quarters say of it."""
        if not len(a.terms) or not len(b.terms):
            return 0.0
        at = np.searchsorted(a.terms, b.terms)
        at[at == len(a.terms)] = 0
        both = np.flatnonzero(a.terms[at] == b.terms)
        if len(both) < MIN_SHARED:
            return 0.0
        rare = self._rarity(self._having(b.terms[both], b.words[both]))
        dot = float((a.weights[at[both]] * b.weights[both] * rare * rare).sum())
        return min(1.0, dot / (norm_a * norm_b) * agreement(a.occasion, b.occasion))

    def norm(self, of: Signature) -> float:
        """The length of an article's vector."""
        having = self._having(of.terms, of.words)
        squares = (of.weights * self._rarity(having)) ** 2
        squares[having <= 1] *= LONE + 1.0 / (1.0 + self.articles / _YOUNG)
        return max(float(np.sqrt(squares.sum())), 1e-9)

    def _rarity(self, having: NDArray[np.int32]) -> NDArray[np.float64]:
        rarity: NDArray[np.float64] = np.log((1.0 + self.articles) / (1.0 + np.maximum(having, 1))) + 1.0
        return np.maximum(rarity, 1e-6)


def pack(of: Signature) -> bytes:
    """The signature as bytes, little-endian."""
    days = [value for day in of.occasion.days for value in day]
    parts = [
        of.terms.astype("<u4"),
        of.weights.astype("<f4"),
        of.words.astype("u1"),
        of.shingles.astype("<u4"),
        of.shingle_keys.astype("<i8"),
        np.array([of.occasion.quarter, *days], dtype="<f8"),
    ]
    return np.array([len(part) for part in parts], dtype="<u4").tobytes() + b"".join(part.tobytes() for part in parts)


def unpack(data: bytes) -> Signature:
    """The inverse of :func:`pack`."""
    types = ("<u4", "<f4", "u1", "<u4", "<i8", "<f8")
    lengths = np.frombuffer(data, dtype="<u4", count=len(types)).tolist()
    offset, arrays = 4 * len(types), []
    for kind, length in zip(types, lengths, strict=True):
        arrays.append(np.frombuffer(data, dtype=kind, count=length, offset=offset))
        offset += length * np.dtype(kind).itemsize
    terms, weights, words, hashes, keys, time = arrays
    days = tuple((int(year), float(day)) for year, day in zip(time[1::2], time[2::2], strict=True))
    return Signature(terms, weights, words.astype(np.bool_), hashes, keys, Occasion(days, int(time[0])))
