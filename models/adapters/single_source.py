"""Ranks the candidates of ``candidates.py`` anew, for a model that joins sentences wrongly.

    python models/adapters/single_source.py --candidates candidates.jsonl --summaries summaries.jsonl --out ranked.jsonl

A small model that makes one sentence of two gives the subject of one the verb of the other. Where the content words of
a sentence stand in one sentence of the input, in their order, it was cut and not joined. Here a candidate is worth its
overlap with the article's own summaries, the share of its sentences that were cut, and its new word pairs; and the
best summary that cut sentences make, taken from the candidates and from the summaries to train on, is added as one
more. Inputs without a candidate of cut sentences alone are left out.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import mean

from candidates import MOST_NEW, TASKS
from program import run

from summarizer.cli.common import json_lines
from summarizer.errors import UnsupportedContent
from summarizer.grounding import check_support
from summarizer.grounding.source import Source, read_source
from summarizer.grounding.words import Word, words
from summarizer.text.sentences import sentences

# A headline changes the order of words more than a sentence does.
IN_ORDER = {"medium": 0.92, "short": 0.92, "headline": 0.85}
LEAST_SCORE = 0.66
LENGTHS = range(7, 39)  # words of a sentence that a summary is put together of
SENTENCES = {"medium": 3, "short": 1}
# Of these tasks so many inputs, so that they do not crowd out the summary of three sentences.
MOST_INPUTS = {"medium": 1000, "short": 220, "headline": 220}
_LEANS_ON_ANOTHER = re.compile(r"(He|She|They|It|This|That|These|Those|His|Her|Their|But|And)\b")
_FINISHED = re.compile(r"[.!?][\"'”’)]*$")


def common_subsequence(a: list[str], b: list[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


def content(tokens: tuple[Word, ...] | list[Word]) -> list[str]:
    """The stems of the content words."""
    return [token.stem for token in tokens if token.is_content]


def home(sentence: str, source: Source, least: float) -> int | None:
    """The sentence of the source that ``sentence`` was cut from: the share ``least`` of its words, in their order."""
    stems = content(words(sentence))
    lengths = [common_subsequence(stems, content(tokens)) for tokens in source.tokens]
    best = max(range(len(lengths)), key=lengths.__getitem__)
    return best if lengths[best] >= least * len(stems) else None


def plain(text: str) -> list[str]:
    """The words, lower-cased."""
    return re.findall(r"\w+", text.lower())


def overlap(text: list[str], references: list[list[str]]) -> float:
    """The mean of the F1 of words and of word pairs, with the nearest reference."""

    def shared(a: Counter, b: Counter) -> float:
        return 2 * (a & b).total() / max(1, a.total() + b.total())

    def pairs(row: list[str]) -> Counter:
        return Counter(pairwise(row))

    return max((shared(Counter(text), Counter(r)) + shared(pairs(text), pairs(r))) / 2 for r in references)


def new_share(text: str, read: str) -> float:
    """The share of word pairs that the input does not have."""
    mine, theirs = plain(text), plain(read)
    known = set(pairwise(theirs))
    return mean([pair not in known for pair in pairwise(mine)] or [False])


def worth(text: str, task: str, read: str, source: Source, references: list[list[str]]) -> tuple[float, bool]:
    """The worth of a candidate, and whether all its sentences were cut from one of the input's."""
    checked = check_support(read, text).sentences
    cut = [home(each.text, source, IN_ORDER[task]) is not None and not each.unsupported for each in checked]
    value = overlap(plain(text), references) + 0.8 * mean(cut or [False])
    value -= 0.5 * any(each.unsupported for each in checked)
    if task == "medium":
        value += 0.8 * min(MOST_NEW, new_share(text, read))
    if task != "headline":
        value -= max(0, 1 - len(plain(text)) / (0.9 * mean(map(len, references))))
    return value, bool(cut) and all(cut)


def compose(texts: list[str], task: str, read: str, source: Source, references: list[list[str]]) -> str:
    """The summary of cut sentences, each from another sentence of the input; empty where there are too few."""
    pool: dict[str, int] = {}
    for sentence in dict.fromkeys(text[span.start : span.end] for text in texts for span in sentences(text)):
        if len(sentence.split()) not in LENGTHS or not _FINISHED.search(sentence) or _LEANS_ON_ANOTHER.match(sentence):
            continue
        place = home(sentence, source, IN_ORDER[task])
        if place is None:
            continue
        checked = check_support(read, sentence).sentences
        if all(each.score >= LEAST_SCORE and not each.unsupported for each in checked):
            pool[sentence] = place
    length = mean(map(len, references))

    def value(chosen: list[str]) -> float:
        row = plain(" ".join(sorted(chosen, key=pool.__getitem__)))
        new = min(0.25, mean(new_share(sentence, read) for sentence in chosen))
        return overlap(row, references) + 0.4 * new - 0.8 * max(0, 1 - len(row) / length)

    chosen: list[str] = []
    while len(chosen) < SENTENCES[task]:
        taken = {pool[sentence] for sentence in chosen}
        free = [sentence for sentence, place in pool.items() if place not in taken]
        best = max(free, key=lambda sentence: value([*chosen, sentence]), default=None)
        if best is None or (chosen and value([*chosen, best]) <= value(chosen)):
            break
        chosen.append(best)
    return " ".join(sorted(chosen, key=pool.__getitem__)) if len(chosen) >= min(2, SENTENCES[task]) else ""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=Path, required=True)
    parser.add_argument("--summaries", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    own: dict[str, dict[str, str]] = {}
    for path in options.summaries:
        for place, row in json_lines(str(path)):
            if row.get("id") is None:
                raise UnsupportedContent(f"{place}: there is no id.")
            own.setdefault(str(row["id"]), {}).update(row)
    ranked, cut_before, composed = [], 0, 0
    rows = [row for _, row in json_lines(str(options.candidates))]
    for row in rows:
        task, read, source = row["task"], row["input"], read_source(row["input"])
        mine = own.get(str(row["id"]), {})
        references = [plain(mine[kind]) for kind in TASKS[task] if mine.get(kind)]
        if not references:
            continue
        may_stand = [text for text, value in row["candidates"] if value > -0.9]
        if task in SENTENCES:
            texts = [mine[kind] for kind in ("close", "medium", "short") if mine.get(kind)]
            more = compose(texts + [text for text, _ in row["candidates"]], task, read, source, references)
        else:
            more = mine[task]
        values = {text: worth(text, task, read, source, references) for text in {*may_stand, more} - {""}}
        best = max(values, key=lambda text: values[text][0], default="")
        if not best or not values[best][1]:
            continue
        cut_before += row["greedy"] in values and values[row["greedy"]][1]
        composed += best not in may_stand
        listed = sorted(([text, round(value, 3)] for text, (value, _) in values.items()), key=lambda c: (-c[1], c[0]))
        listed += [[text, value] for text, value in row["candidates"] if text not in values]
        ranked.append(row | {"candidates": listed})
    random.Random(0).shuffle(ranked)
    kept: Counter[str] = Counter()
    with options.out.open("w", encoding="utf-8") as out:
        for row in ranked:
            kept[row["task"]] += 1
            if kept[row["task"]] <= MOST_INPUTS[row["task"]]:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(
        f"{len(ranked)} of {len(rows)} inputs; {cut_before} greedy summaries of cut sentences; {composed} put together"
    )


if __name__ == "__main__":
    run(main)
