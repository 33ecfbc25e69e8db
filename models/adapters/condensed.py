"""Summaries to train on, put together from condensed sentences, for ``condense.py``.

``benchmarks/data/condensed.jsonl`` says for the salient sentences of each article what an editor would leave of them,
by leaving words out: ``{"doc", "cuts": {"<sentence>": [0, 11, "Mr ", 15, 20, "."]}}``, where two numbers are the
first token that is kept and the one after the last, text is put in, and an empty list is a sentence that cannot stand
alone. A large language model wrote them for this project, sentence by sentence. The articles' words are not in the
file: it is read together with them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from summarizer.cli.common import json_lines
from summarizer.grounding import check_support
from summarizer.text.sentences import sentences
from summarizer.writing.selection import closeness, rank_sentences

DATA = Path(__file__).parents[2] / "benchmarks" / "data"
CONDENSED, CORRECTIONS = DATA / "condensed.jsonl", DATA / "corrections.jsonl"
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORD = re.compile(r"\w+")
# The most salient sentences that were condensed first, and others of the same article: sets to take an input from.
_MOST_SALIENT, _ALL = 6, 12
_READ = (3, 4, 5)  # sentences in an input
_WRITTEN = 3
# What a condensed sentence may have that its input has not: the words of grammar that leaving out asks for.
_ADDED = frozenset("said a an the is was were are has have had of in that and by who be been to it they will".split())
_MOST_ADDED, _LEAST_WORDS = 5, 5


@dataclass(frozen=True)
class Summary:
    """What the model reads, what it is asked for, and what it should write."""

    task: str
    text: str
    target: str

    def new_pairs(self) -> float:
        """The share of the target's word pairs that the input does not have."""
        known, pairs = set(pairwise(_words(self.text))), list(pairwise(_words(self.target)))
        return sum(pair not in known for pair in pairs) / max(1, len(pairs))


def encode(sentence: str, condensed: str) -> list[int | str]:
    """``condensed`` as what is kept of ``sentence``."""
    from difflib import SequenceMatcher

    theirs, mine = _TOKEN.findall(sentence), _TOKEN.findall(condensed)
    found: list[int | str] = []
    for kind, a, b, c, d in SequenceMatcher(None, theirs, mine, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [a, b]
        elif d > c:
            found.append("".join(mine[c:d]))
    return found


def decode(sentence: str, kept: Sequence[int | str]) -> str:
    """The condensed form of ``sentence``."""
    tokens, rest = _TOKEN.findall(sentence), iter(kept)
    return "".join(each if isinstance(each, str) else "".join(tokens[each : int(next(rest))]) for each in rest)


def read_condensed(file: Path = CONDENSED) -> dict[str, dict[int, list[int | str]]]:
    """What is kept of each sentence, by article and place."""
    rows = (row for _, row in json_lines(str(file)))
    return {row["doc"]: {int(place): kept for place, kept in row["cuts"].items()} for row in rows}


def read_drafts(articles: dict[str, str], file: Path = CORRECTIONS) -> Iterator[tuple[dict[str, Any], str, str, str]]:
    """The rows of ``corrections.jsonl`` for these articles, each with its input, its draft and the corrected draft."""
    for _, row in json_lines(str(file)):
        if row["doc"] in articles:
            article = articles[row["doc"]]
            spans = sentences(article)
            text = " ".join(" ".join(article[spans[i].start : spans[i].end].split()) for i in row["read"])
            yield row, text, decode(text, row["draft"]), decode(text, row["corrected"])


def summaries(article: str, kept: dict[int, list[int | str]], known: dict[str, str]) -> Iterable[Summary]:
    """All that can be put together of one article; ``known`` are its summaries by kind, where there are any.

    The inputs are those of the service: its most salient sentences, three to five of them (two where there are no
    more). Told are those three that are nearest to the known summaries.
    """
    spans = sentences(article)
    own = {i: " ".join(article[spans[i].start : spans[i].end].split()) for i in kept}
    cut = {i: decode(own[i], each) for i, each in kept.items()}
    ranked = [i for i in rank_sentences(article, spans, _ALL) if i in kept]
    for first, group in ((True, ranked[:_MOST_SALIENT]), (False, ranked[_MOST_SALIENT:])):
        for count in sorted({min(count, len(group)) for count in _READ} - {0, 1}):
            chosen = sorted(group[:count])
            text = " ".join(own[i] for i in chosen)
            usable = [i for i in chosen if _is_sound(own[i], cut[i], text)]
            if len(usable) < min(_WRITTEN, count):
                continue
            long = [known[kind] for kind in ("medium", "close") if known.get(kind)]
            brief = [known[kind] for kind in ("short", "headline") if known.get(kind)]
            told = max(
                combinations(usable, min(_WRITTEN, len(usable))),
                key=lambda places: (
                    closeness(" ".join(cut[i] for i in places), long) if long else -sum(map(group.index, places))
                ),
            )
            yield Summary("medium", text, " ".join(cut[i] for i in told))
            best = max(usable, key=lambda i: closeness(cut[i], brief) if brief else -group.index(i))
            yield Summary("short", text, cut[best])
            headline = known.get("headline")
            if first and headline and not any(s.unsupported for s in check_support(text, headline).sentences):
                yield Summary("headline", text, headline)


def choose(found: Iterable[Summary], least_new: float, rng: random.Random) -> list[Summary]:
    """Two of an article's summaries, and most often a sentence and a headline; none that is nearly a copy."""
    by_task: dict[str, list[Summary]] = {"medium": [], "short": [], "headline": []}
    for each in found:
        if each.task == "headline" or each.new_pairs() >= least_new:
            by_task[each.task].append(each)
    medium, short, headline = (rng.sample(each, len(each)) for each in by_task.values())
    return [*medium[:2], *short[: rng.random() < 0.6], *headline[: rng.random() < 0.5]]


def _is_sound(own: str, cut: str, text: str) -> bool:
    """Whether a condensed sentence says nothing but what its input has, nearly all in the order of its source."""
    mine, theirs = _words(cut), _words(own)
    known = {*_words(text), *_ADDED}
    if len(mine) < _LEAST_WORDS or sum(word not in known for word in mine) > 1:
        return False
    row = [0] * (len(theirs) + 1)  # the longest common subsequence
    for word in mine:
        before = 0
        for j, other in enumerate(theirs, 1):
            before, row[j] = row[j], before + 1 if word == other else max(row[j], row[j - 1])
    return len(mine) - row[-1] <= _MOST_ADDED


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
