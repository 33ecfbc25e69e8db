"""What a system's measures are, and how sure its difference to lead-3 is (paired bootstrap over articles).

Koehn 2004, "Statistical significance tests for machine translation evaluation": both systems are drawn on the same
articles, so what makes an article easy cancels out. Articles are drawn, not rows: rows of one article are not
independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from summarizer.evaluation.measures import MEASURES, Measured, Scores

DRAWS = 2000
SEED = 20


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference of means and its 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class SystemResult:
    """A system's means over ``articles`` of the examples, and the difference of each to lead-3 on the same ones.

    ``seconds`` is the time of a summary where it was made here; ``to_lead`` is empty for lead-3 itself.
    """

    system: str
    articles: int
    scores: Scores
    to_lead: Mapping[str, Interval]
    seconds: float | None = None


def summarize_system(
    measured: Sequence[Measured], lead: Mapping[str, Measured], seconds: float | None = None
) -> SystemResult:
    """The result of one system.

    Args:
        measured: Its summaries, at least one.
        lead: Lead-3's summary of each example, by id; empty for lead-3 itself.
        seconds: The time of a summary.
    """
    values = np.array([astuple(each.scores) for each in measured])
    to_lead = {}
    if lead:
        pairs = values - np.array([astuple(lead[each.example.id].scores) for each in measured])
        to_lead = paired_bootstrap(pairs, [each.example.doc for each in measured])
    means = Scores(*(float(mean) for mean in values.mean(0)))
    return SystemResult(measured[0].system, len(measured), means, to_lead, seconds)


def paired_bootstrap(differences: np.ndarray, docs: Sequence[str]) -> dict[str, Interval]:
    """The mean difference of each measure, with a 95 % interval by drawing docs with replacement.

    Args:
        differences: Shape (examples, measures), in the order of `MEASURES`.
        docs: The article of each example.
    """
    names, group = np.unique(np.asarray(docs), return_inverse=True)
    sums = np.zeros((len(names), differences.shape[1]))
    np.add.at(sums, group, differences)
    sizes = np.bincount(group, minlength=len(names))
    drawn = np.random.default_rng(SEED).multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    means = (drawn @ sums) / (drawn @ sizes)[:, None]
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return {
        name: Interval(float(mean), float(low[i]), float(high[i]))
        for i, (name, mean) in enumerate(zip(MEASURES, differences.mean(0), strict=True))
    }
