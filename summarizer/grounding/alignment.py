"""The one to three source sentences that a summary sentence rests on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from summarizer.grounding.source import Source
from summarizer.grounding.words import Word

_MAX_SOURCES = 3
_LEAST_GAIN = 0.1


@dataclass(frozen=True, slots=True)
class Alignment:
    """Indices of source sentences, best first, and the weighted share of the words covered after each of them."""

    chosen: tuple[int, ...]
    covered: tuple[float, ...]

    @property
    def share(self) -> float:
        """The share of the sentence's content words, weighted by rarity, that the chosen sentences have."""
        return self.covered[-1] if self.covered else 0.0


def align(tokens: list[Word], source: Source) -> Alignment:
    """Chooses sentences greedily, each for the words that the earlier ones lack; words that all share weigh little."""
    rest = {t.stem: source.rarity.get(t.stem, source.best_rarity()) for t in tokens if t.is_content}
    total = sum(rest.values())
    if not total:
        return Alignment((), (1.0,))
    chosen: list[int] = []
    covered: list[float] = []
    pairs = {(a.stem, b.stem) for a, b in pairwise(tokens)}
    for _ in range(_MAX_SOURCES):
        gains = [sum(weight for stem, weight in rest.items() if stem in stems) for stems in source.stems]
        best = max(gains, default=0.0)
        if best < _LEAST_GAIN * total or best <= 0:
            break
        near = [i for i, gain in enumerate(gains) if gain >= 0.999 * best]
        at = max(near, key=lambda i: (_shared_pairs(pairs, source.tokens[i]), -i)) if len(near) > 1 else near[0]
        chosen.append(at)
        rest = {stem: weight for stem, weight in rest.items() if stem not in source.stems[at]}
        covered.append(1.0 - sum(rest.values()) / total)
    return Alignment(tuple(chosen), tuple(covered))


def _shared_pairs(pairs: set[tuple[str, str]], tokens: tuple[Word, ...]) -> int:
    return sum((a.stem, b.stem) in pairs for a, b in pairwise(tokens))
