"""Articles as sparse vectors of their terms, and the cosine of every pair that shares any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

# A term in thousands of articles is no evidence. One in a single article says nothing about which belong together:
# B-cubed F1 on ECB+ falls from 0.93 to 0.88 where it counts in full. Left out altogether, two articles that share one
# word of the little that either shares with anyone would be alike; so it counts a twentieth in the article's length.
# Fewer than 300 articles are no measure of what is rare: nearly all terms stand alone, and "Thursday" and "year" are
# what two have in common. Rarity is as if among 300, and lone terms count for more the fewer there are, up to 0.6:
# of pairs of two events, 36 % (ECB+) and 75 % (Wikinews) were joined without this; now 0 % and 1 %.
_MAX_ARTICLES = 2000
LONE = 0.05
_LONE_OF_FEW, _MANY = 0.6, 300
_MOST_NEAR = 256  # later articles that one is compared with: a day that has one topic must not take all the memory
MIN_SHARED = 3  # terms: one word in common is no evidence, nor are two


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of length one at most: of each article the columns, ascending, and the weights there."""

    vocabulary: tuple[str, ...]
    columns: tuple[NDArray[np.int32], ...]
    weights: tuple[NDArray[np.float32], ...]

    def shared(self, a: int, b: int, most: int = 8) -> tuple[str, ...]:
        """The terms that make two articles alike, the weightiest first."""
        both, in_a, in_b = np.intersect1d(self.columns[a], self.columns[b], assume_unique=True, return_indices=True)
        order = np.argsort(-(self.weights[a][in_a] * self.weights[b][in_b]), kind="stable")[:most]
        return tuple(self.vocabulary[column] for column in both[order])


def rarity(articles: int, having: int) -> float:
    """The weight of a term that ``having`` of so many articles have (smoothed inverse document frequency)."""
    return log((1 + max(articles, _MANY)) / (1 + having)) + 1.0


def lone(articles: int) -> float:
    """What a term that one of so many articles has counts in that article's length."""
    return LONE + (_LONE_OF_FEW - LONE) * max(0.0, 1.0 - articles / _MANY)


def vectors(terms: Sequence[Mapping[str, float]]) -> Vectors:
    """The vectors of articles, each given as weight by term."""
    having = Counter(term for article in terms for term in article)
    kept = sorted(term for term, n in having.items() if 2 <= n <= _MAX_ARTICLES)
    index = {term: column for column, term in enumerate(kept)}
    rare = np.array([rarity(len(terms), having[term]) for term in kept], dtype=np.float32)
    alone = lone(len(terms)) * rarity(len(terms), 1) ** 2
    columns, weights = [], []
    for article in terms:
        pairs = sorted((index[term], weight) for term, weight in article.items() if term in index)
        at = np.array([column for column, _ in pairs], dtype=np.int32)
        value = np.array([weight for _, weight in pairs], dtype=np.float32) * rare[at]
        columns.append(at)
        rest = sum(weight**2 for term, weight in article.items() if having[term] == 1) * alone
        weights.append(value / max(float(np.sqrt(value @ value + rest)), 1e-9))
    return Vectors(tuple(kept), tuple(columns), tuple(weights))


def similarities(of: Vectors, floor: float) -> Iterator[tuple[int, int, float]]:
    """Each pair ``a < b`` that shares enough terms for a cosine of ``floor``, through the lists of articles by term."""
    articles = len(of.columns)
    if not of.vocabulary:
        return
    flat = np.concatenate(of.columns)
    order = np.argsort(flat, kind="stable")
    owner = np.repeat(np.arange(articles, dtype=np.int32), [len(c) for c in of.columns])[order]
    weight = np.concatenate(of.weights)[order]
    start = np.searchsorted(flat[order], np.arange(len(of.vocabulary) + 1))
    for a in range(articles):
        if not len(of.columns[a]):
            continue
        ranges = [slice(start[column], start[column + 1]) for column in of.columns[a]]
        having = np.concatenate([owner[r] for r in ranges])
        factor = np.repeat(of.weights[a], [r.stop - r.start for r in ranges])
        cosine = np.bincount(having, np.concatenate([weight[r] for r in ranges]) * factor, minlength=articles)
        shared = np.bincount(having, minlength=articles)
        near = np.flatnonzero((cosine[a + 1 :] >= floor) & (shared[a + 1 :] >= MIN_SHARED)) + a + 1
        if len(near) > _MOST_NEAR:
            near = np.sort(near[np.argpartition(-cosine[near], _MOST_NEAR)[:_MOST_NEAR]])
        for b in near.tolist():
            yield a, b, min(1.0, float(cosine[b]))
