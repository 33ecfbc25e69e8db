"""The probability that a careful reader would call a sentence, or a whole summary, supported by its article.

A logistic regression over :mod:`summarizer.grounding.features`, fitted on pairs of summaries by
``benchmarks/grounding.py`` and kept as plain numbers in ``weights.json``. Each weight has the sign that it must have (a
foreign name never raises the score): with signs it carries over to sets that it was not fitted on (FaithBench, AUROC
0.68), which boosted trees did not (0.55). A text of one or more sentences is seen as the mean of its features, by
words, and their maximum, so that one fit serves sentences and summaries alike.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# What raises the score; these say nothing of it alone, and are not used; all others lower it.
RAISES = ("longest", "density", "cover_1", "cover_2", "cover_3")
NEUTRAL = ("length", "names", "numbers", "position", "article", "pronoun")
CLIP = 4.0


@dataclass(frozen=True, slots=True)
class Weights:
    """For each column of :func:`row_of` (mean, then maximum) its center, scale and weight; and the offset."""

    features: tuple[str, ...]
    center: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    offset: float


@cache
def load_weights(judged: bool) -> Weights:
    """The weights that are packaged beside this module, for sentences with a second opinion or without."""
    name = "weights_judged.json" if judged else "weights.json"
    raw = json.loads((files("summarizer.grounding") / name).read_text(encoding="utf-8"))
    features, center, scale, weight = (tuple(raw[name]) for name in ("features", "center", "scale", "weight"))
    return Weights(features, center, scale, weight, raw["offset"])


def signs(names: Sequence[str]) -> list[int]:
    """The sign that each column's weight may have; 0 where it has none."""
    means = [1 if name in RAISES else 0 if name in NEUTRAL else -1 for name in names]
    return [*means, *(min(0, sign) for sign in means)]  # the best sentence's merits are no merits of the whole


def row_of(sentences: Sequence[dict[str, float]], names: Sequence[str]) -> list[float]:
    """Each feature's mean over the sentences (weighted by words), then each one's maximum."""
    sizes = [math.expm1(sentence["length"]) + 1e-3 for sentence in sentences]
    total = sum(sizes)
    means = [sum(s * f[name] for s, f in zip(sizes, sentences, strict=True)) / total for name in names]
    return [*means, *(max(f[name] for f in sentences) for name in names)]


def probability(sentences: Sequence[dict[str, float]]) -> float:
    """The probability that the text of these sentences is supported; 1.0 for no sentence at all."""
    if not sentences:
        return 1.0
    fitted = load_weights("doubt" in sentences[0])
    log_odds = fitted.offset
    row = row_of(sentences, fitted.features)
    for value, center, scale, weight in zip(row, fitted.center, fitted.scale, fitted.weight, strict=True):
        if weight:
            log_odds += weight * max(-CLIP, min(CLIP, (value - center) / scale))
    return 1.0 / (1.0 + math.exp(-log_odds))
