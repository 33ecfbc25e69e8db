"""The probability that a careful reader would call a sentence, or a whole summary, supported by its article.

A small boosted ensemble of trees over :mod:`summarizer.grounding.features`, fitted by ``benchmarks/grounding.py`` and
kept as plain numbers in ``weights.json``. The trees see a text of one or more sentences as the mean of its features
(by words) and their maximum, so that one fit serves sentences and summaries alike.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Tree:
    """A decision tree as parallel rows: a node of ``column`` -1 is a leaf, others go left up to ``threshold``."""

    column: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    def __call__(self, row: Sequence[float]) -> float:
        """The value of the leaf that ``row`` falls into."""
        node = 0
        while self.column[node] >= 0:
            node = self.left[node] if row[self.column[node]] <= self.threshold[node] else self.right[node]
        return self.value[node]


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted trees, the names of the features they read, and the line that makes their sum a log-odds."""

    features: tuple[str, ...]
    trees: tuple[Tree, ...]
    slope: float
    offset: float


@cache
def load_weights() -> Weights:
    """The weights that are packaged beside this module."""
    raw = json.loads((files("summarizer.grounding") / "weights.json").read_text(encoding="utf-8"))
    trees = tuple(Tree(*(tuple(row) for row in tree)) for tree in raw["trees"])
    return Weights(tuple(raw["features"]), trees, raw["slope"], raw["offset"])


def row_of(sentences: Sequence[dict[str, float]], names: Sequence[str]) -> list[float]:
    """What the trees read: each feature's mean (weighted by words), each one's maximum, and the number of sentences."""
    sizes = [math.expm1(sentence["length"]) + 1e-3 for sentence in sentences]
    total = sum(sizes)
    means = [sum(s * f[name] for s, f in zip(sizes, sentences, strict=True)) / total for name in names]
    return [*means, *(max(f[name] for f in sentences) for name in names), math.log1p(len(sentences))]


def probability(sentences: Sequence[dict[str, float]]) -> float:
    """The probability that the text of these sentences is supported; 1.0 for no sentence at all."""
    if not sentences:
        return 1.0
    weights = load_weights()
    row = row_of(sentences, weights.features)
    log_odds = weights.slope * sum(tree(row) for tree in weights.trees) + weights.offset
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))
