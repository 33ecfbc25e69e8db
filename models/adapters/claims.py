"""Texts with claims that they support and claims that they do not, for ``judge.py``.

Four kinds: sentences written by a language model with the text in front of it (``benchmarks/data/edits.jsonl``);
sentences that this project's model wrote, read and corrected by one (``corrections.jsonl``); sentences made wrong by
rules (a name or number exchanged, the evidence taken away; Kryscinski et al. 2020, FactCC); and summaries that people
judged, of half the articles of each set. Where people judged a whole summary wrong, a language model that was told so
said which of its sentences (``blamed.jsonl``: a label for each sentence, 1, 0, or 0.5 where it could not tell).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from summarizer.cli.common import json_lines
from summarizer.errors import UnsupportedContent
from summarizer.grounding import examine, read_source
from summarizer.grounding.facts import numbers
from summarizer.grounding.names import name_words
from summarizer.grounding.words import words
from summarizer.reading import read_article
from summarizer.text.sentences import sentences

# The most claims of each label that a set gives: what is plenty in one would teach its style.
MOST = {"summeval": 250, "frank": 600}
MOST_OTHERS = 250
DATA = Path(__file__).parents[2] / "benchmarks" / "data"
EDITS, BLAMED, CORRECTIONS = DATA / "edits.jsonl", DATA / "blamed.jsonl", DATA / "corrections.jsonl"
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
JUDGED = ("frank", "qags_cnndm", "qags_xsum", "cliff", "xsumfaith", "summeval", "bump")

# What can be asked of a draft's sentence: the other kinds (broken, alone, repeat) are no matter of support.
READ = ("right", "wrong")


@dataclass
class Group:
    """A text and its claims: (sentence, whether the text supports it, what was done to it)."""

    text: str
    claims: list[tuple[str, bool, str]] = field(default_factory=list)
    held_out: bool = False


def read_articles(files: list[Path]) -> dict[str, str]:
    """The cleaned articles by id. Those of Wikinews, whose ids are numbers, are named ``wn-``.

    Raises:
        InputError: A file cannot be read, or a line of it is no article.
    """
    found = {}
    for path in files:
        for place, row in json_lines(str(path)):
            text = row.get("text") or row.get("article")
            if row.get("id") is None or not isinstance(text, str):
                raise UnsupportedContent(f"{place}: each line has an id and a text.")
            name = f"wn-{row['id']}" if path.stem == "wikinews" else str(row["id"])
            found[name] = read_article(text).text.text
    return found


def written(articles: dict[str, str]) -> list[Group]:
    """The groups of the edits file, for the articles that are given."""
    groups = []
    for _, row in json_lines(str(EDITS)):
        if row["doc"] not in articles:
            continue
        article = articles[row["doc"]]
        spans = sentences(article)
        text = " ".join(article[spans[i].start : spans[i].end] for i in row["read"])
        claims = [(c["text"], label, c["kind"]) for label in (True, False) for c in row["right" if label else "wrong"]]
        groups.append(Group(text, claims, row.get("held", False)))
    return groups


def read_drafts(articles: dict[str, str]) -> Iterator[tuple[dict[str, Any], str, str, str]]:
    """The rows of ``corrections.jsonl`` for these articles, each with its input, its draft and the corrected draft.

    The file has no words of the articles: the two texts are written as what they keep of the sentences read.
    """
    for _, row in json_lines(str(CORRECTIONS)):
        if row["doc"] in articles:
            article = articles[row["doc"]]
            spans = sentences(article)
            text = " ".join(" ".join(article[spans[i].start : spans[i].end].split()) for i in row["read"])
            yield row, text, decode(text, row["draft"]), decode(text, row["corrected"])


def decode(text: str, kept: Sequence[int | str]) -> str:
    """What is kept of ``text``: two numbers are a first token and the one after the last, text is put in."""
    tokens, rest = _TOKEN.findall(text), iter(kept)
    return "".join(each if isinstance(each, str) else "".join(tokens[each : int(next(rest))]) for each in rest)


def drafted(articles: dict[str, str]) -> list[Group]:
    """The sentences of drafts that were read, and what an editor made of the wrong ones."""
    groups = []
    for row, text, draft, corrected in read_drafts(articles):
        parts, mended = _split(draft), _split(corrected)
        if len(parts) != len(row["kinds"]):
            continue
        claims = [(part, kind == "right", kind) for part, kind in zip(parts, row["kinds"], strict=True) if kind in READ]
        new = [(part, True, "corrected") for part in mended if part not in parts]
        if any(not label for _, label, _ in claims):
            groups.append(Group(text, claims + new))
    return groups


def made(articles: dict[str, str], rng: random.Random) -> list[Group]:
    """Sentences of the articles, as they are, and made wrong."""
    groups = []
    for article in articles.values():
        own = [article[s.start : s.end] for s in sentences(article)]
        for sentence in rng.sample(own, min(2, len(own))):
            if 8 <= len(sentence.split()) <= 45:
                groups += _made_of(sentence, article, rng)
    return groups


def _made_of(sentence: str, article: str, rng: random.Random) -> list[Group]:
    text = _premise(article, sentence)
    group = Group(text, [(sentence, True, "copy")])
    names = _names(sentence)
    others = [name for name in _names(article[:6000]) if name not in sentence]
    if names and others:
        group.claims.append((sentence.replace(rng.choice(names), rng.choice(others), 1), False, "name"))
    found = numbers(words(sentence))
    foreign = [article[n.start : n.end] for n in numbers(words(article[:6000])) if not any(n.agrees(m) for m in found)]
    if found and foreign:
        old = rng.choice(found)
        wrong = sentence[: old.start] + rng.choice(foreign) + sentence[old.end :]
        group.claims.append((wrong, False, "number"))
    rest = article.replace(sentence, "")
    without = Group(_premise(rest, sentence), [(sentence, False, "no evidence")])
    return [group, without] if rng.random() < 0.3 and without.text else [group]


def _names(text: str) -> list[str]:
    tokens = words(text)
    return sorted({tokens[i].text for i in name_words(tokens)})


def _premise(article: str, sentence: str) -> str:
    """What the service would give the judge (which is not asked about copied sentences)."""
    return examine(read_source(article), sentence).premise()


def judge_sees(doc: str) -> bool:
    """Whether the judge is trained on this article: on half of them, the same in every set."""
    return int(hashlib.sha256(doc.encode()).hexdigest(), 16) % 2 == 0


def judged(folder: Path) -> list[Group]:
    """Single sentences that people judged, of the articles that the judge sees."""
    groups, counts, blamed = [], Counter(), read_blamed()
    for name in JUDGED:
        rows = [row for _, row in json_lines(str(folder / f"{name}.jsonl")) if judge_sees(row["doc"])]
        right = {row["doc"]: _split(row["summary"]) for row in rows if row["faithful"]}
        for row in rows:
            for sentence, label in _labels(name, row, right.get(row["doc"], []), blamed):
                counts[name, label] += 1
                if counts[name, label] <= MOST.get(name, MOST_OTHERS):
                    text = _premise(row["article"], sentence)
                    groups.append(Group(text, [(sentence, label, name)]))
    return groups


def read_blamed() -> dict[str, list[float]]:
    """The labels of the sentences of summaries that are wrong somewhere, by row."""
    return {row["id"]: row["labels"] for _, row in json_lines(str(BLAMED))}


def _split(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentences(text)]


def _labels(name: str, row: dict, right: list[str], blamed: dict[str, list[float]]) -> list[tuple[str, bool]]:
    """The sentences whose label is known: of a summary that is wrong somewhere, only where it has one sentence,
    where each was judged, where the right version is there to compare, or where it was said which is to blame."""
    parts = _split(row["summary"])
    if row["faithful"]:
        return [(part, True) for part in parts]
    if len(parts) == 1:
        return [(parts[0], False)]
    shares = [each["yes"] for each in row.get("sentences") or []] or blamed.get(row["id"], [])
    if len(shares) == len(parts):
        return [(part, share > 0.5) for part, share in zip(parts, shares, strict=True) if abs(share - 0.5) > 0.16]
    changed = [part for part in parts if part not in right]
    return [(changed[0], False)] if name == "bump" and right and len(changed) == 1 else []
