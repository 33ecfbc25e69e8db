"""What the score looks at: for each summary sentence, how it was made out of the article, as numbers near [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from summarizer.grounding.alignment import Alignment
from summarizer.grounding.cut import Cut
from summarizer.grounding.cuts import changes_order, lost_hedges
from summarizer.grounding.facts import numbers
from summarizer.grounding.names import name_words
from summarizer.grounding.relations import bonds, negation_differs, swapped_roles
from summarizer.grounding.source import MANY, Source
from summarizer.grounding.words import Word
from summarizer.types import UnsupportedSpan

_SMALL_WORDS = frozenset("and or but of to in on at for with by from the a an 's was were is are has have".split())
_MOST_DOUBT = 6.0


def features(
    tokens: list[Word], alignment: Alignment, unsupported: Sequence[UnsupportedSpan], source: Source
) -> dict[str, float]:
    """The features of one sentence. Every value is finite."""
    plain = [t for t in tokens if t.is_word]
    stems = [t.stem for t in plain]
    content = [t for t in plain if t.is_content]
    runs = copied_runs(stems, source)
    size = max(1, len(stems))
    found = {
        "novel_1": _share([t.stem not in source.all_stems for t in content]),
        "novel_rare": _novel_weight(content, source),
        "novel_count": math.log1p(sum(t.stem not in source.all_stems for t in content)),
        "novel_2": _novel(stems, 2, source),
        "novel_3": _novel(stems, 3, source),
        "novel_4": _novel(stems, 4, source),
        "raw_1": _novel([t.low for t in plain], 1, source),
        "raw_2": _novel([t.low for t in plain], 2, source),
        "raw_3": _novel([t.low for t in plain], 3, source),
        "longest": max((n for n, _ in runs), default=0) / size,
        "density": math.log1p(sum(n * n for n, _ in runs) / size),
        "seams": math.log1p(len(runs)),
        "jumps": math.log1p(_jumps(runs, source)),
        "cover_1": alignment.covered[0] if alignment.covered else 0.0,
        "cover_2": alignment.covered[min(1, len(alignment.covered) - 1)] if alignment.covered else 0.0,
        "cover_3": alignment.share,
        "length": math.log1p(len(stems)),
        "names": math.log1p(len(name_words(tokens))),
        "numbers": math.log1p(len(numbers(tokens))),
        "position": math.log1p(min(alignment.chosen)) if alignment.chosen else math.log1p(len(source.spans)),
        "article": math.log1p(len(source.sequence)),
    }
    return found | _pairs(content, source) | _facts(tokens, alignment, unsupported, source) | _form(tokens, plain)


def doubt(opinion: float | None) -> float:
    """The log-odds, bounded, that a model which read the sources gives against the sentence.

    ``None``, for a sentence that is copied, is as far from doubt as can be.
    """
    if opinion is None:
        return -_MOST_DOUBT
    bounded = min(max(opinion, 1e-6), 1 - 1e-6)
    return max(-_MOST_DOUBT, min(_MOST_DOUBT, math.log((1 - bounded) / bounded)))


def _facts(
    tokens: list[Word], alignment: Alignment, unsupported: Sequence[UnsupportedSpan], source: Source
) -> dict[str, float]:
    kinds = [span.kind for span in unsupported]
    cut = Cut(tokens, source, alignment.chosen)
    loose = [bond for bond in bonds(tokens, source) if not bond.near]
    return {
        "bad_numbers": float(min(2, kinds.count("number"))),
        "bad_names": math.log1p(kinds.count("name")),
        "bad_quotes": float(min(1, kinds.count("quotation"))),
        "loose_known": float(any(bond.known for bond in loose)),
        "loose_new": float(any(not bond.known for bond in loose)),
        "negation": float(negation_differs(tokens, source, alignment.chosen) is not None),
        "hedges": math.log1p(len(lost_hedges(cut))),
        "order": float(changes_order(cut)),
        "role": float(swapped_roles(tokens, source, alignment.chosen) is not None),
    }


def _form(tokens: list[Word], plain: list[Word]) -> dict[str, float]:
    """Marks of a broken sentence: an end in the middle of a phrase, words twice in a row, no end at all."""
    lows = [t.low for t in plain]
    grams = [tuple(lows[i : i + 3]) for i in range(len(lows) - 2)]
    return {
        "cut_off": float(bool(lows) and lows[-1] in _SMALL_WORDS),
        "repeats": 1.0 - len(set(grams)) / len(grams) if grams else 0.0,
        "stutter": float(any(a == b for a, b in pairwise(lows))),
        "unended": float(bool(tokens) and tokens[-1].low not in (".", "!", "?", '"', "'", ")")),
        "pronoun": float(bool(lows) and lows[0] in ("he", "she", "they", "it", "his", "her", "their")),
        "unknown": float("unk" in lows),
    }


def copied_runs(stems: list[str], source: Source) -> list[tuple[int, int]]:
    """The sentence as the fewest runs that stand in the article: (length, place there), greedy from the left.

    The extractive fragments of Grusky et al. 2018 (Newsroom). A word that the article lacks is no run.
    """
    row = source.sequence
    runs: list[tuple[int, int]] = []
    i = 0
    while i < len(stems):
        best, at = 0, -1
        for place in source.places.get(stems[i], ())[:MANY]:
            n = 1
            while i + n < len(stems) and place + n < len(row) and stems[i + n] == row[place + n]:
                n += 1
            if n > best:
                best, at = n, place
        if best:
            runs.append((best, at))
        i += max(1, best)
    return runs


def _jumps(runs: list[tuple[int, int]], source: Source) -> int:
    """How often the next run (of two words or more) comes from another sentence of the article."""
    homes = [source.sentence_of[place] for n, place in runs if n > 1]
    return sum(a != b for a, b in pairwise(homes))


def _novel(stems: list[str], n: int, source: Source) -> float:
    grams = source.grams(n)
    return _share([tuple(stems[i : i + n]) not in grams for i in range(len(stems) - n + 1)])


def _novel_weight(content: list[Word], source: Source) -> float:
    """Novel words weighted by length: short words are common ones, which are safe to add."""
    weights = [(min(10, len(t.low)) - 2, t.stem not in source.all_stems) for t in content if len(t.low) > 2]
    total = sum(weight for weight, _ in weights)
    return sum(weight for weight, new in weights if new) / total if total else 0.0


def _pairs(content: list[Word], source: Source) -> dict[str, float]:
    """Shares of pairs of content words near each other here that the article does not have together.

    Words that the article knows one by one and never together are the mark of facts that were mixed up; the best
    single feature on QAGS-CNNDM (AUROC 0.84) and FaithBench (0.69).
    """
    apart: dict[str, list[bool]] = {"1": [], "3": [], "6": [], "far": [], "near": [], "anchor": [], "all": []}
    for i, one in enumerate(content):
        for j in range(i + 1, min(len(content), i + 7)):
            other = content[j]
            known = one.stem in source.all_stems and other.stem in source.all_stems
            if not known:
                apart["all"].append(True)
                continue
            if one.stem == other.stem:
                continue
            missing = not source.together(one.stem, other.stem, 0)
            apart["6"].append(missing)
            apart["all"].append(missing)
            apart["far"].append(missing and not source.together(one.stem, other.stem, 1))
            if j <= i + 3:
                apart["3"].append(missing)
                apart["near"].append(not source.close(one.stem, other.stem))
                if one.is_capital or other.is_capital or one.low[0].isdigit() or other.low[0].isdigit():
                    apart["anchor"].append(missing)
            if j == i + 1:
                apart["1"].append(missing)
    found = {f"pairs_{name}": _share(flags) for name, flags in apart.items()}
    return found | {"pairs_count": math.log1p(sum(apart["3"])), "pairs_far_count": math.log1p(sum(apart["far"]))}


def _share(flags: list[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
