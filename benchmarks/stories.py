"""Stories measured on labelled articles: copies, events, and the stream. Run by `benchmarks/dedup.py`."""

from __future__ import annotations

import hashlib
import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import accumulate, combinations, islice
from pathlib import Path

from summarizer import Article, StoryIndex, group_stories
from summarizer.cli.common import json_lines
from summarizer.dedup import terms
from summarizer.dedup.copies import copy_pairs, overlap, sample, shingles
from summarizer.dedup.linkage import average_linkage
from summarizer.dedup.stories import whole_text
from summarizer.dedup.vectors import similarities, vectors

EVENTS = ("ecbplus", "wikinews_events")
COPIES = "provenance_helsinki"
Pairs = set[tuple[str, str]]


def read(path: Path) -> list[dict]:
    return [row for _, row in json_lines(str(path))]


def articles(rows: list[dict]) -> list[Article]:
    return [Article(row["text"], title=row.get("title") or None) for row in rows]


def b_cubed(gold: list, found: list) -> dict[str, float]:
    """B-cubed precision, recall and F1 (Bagga and Baldwin 1998)."""
    first, second = defaultdict(set), defaultdict(set)
    for item, (a, b) in enumerate(zip(gold, found, strict=True)):
        first[a].add(item)
        second[b].add(item)
    shared = [(len(first[a] & second[b]), a, b) for a, b in zip(gold, found, strict=True)]
    precision = sum(n / len(second[b]) for n, _, b in shared) / len(gold)
    recall = sum(n / len(first[a]) for n, a, _ in shared) / len(gold)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def labels(groups: Iterable[Iterable[int]], count: int) -> list[int]:
    found = [-1] * count
    for number, group in enumerate(groups):
        for member in group:
            found[member] = number
    return found


def ours(rows: list[dict]) -> list[int]:
    return labels((story.members for story in group_stories(articles(rows))), len(rows))


def streamed(rows: list[dict]) -> list[int]:
    """The index, in a shuffled order, from empty."""
    order = random.Random(0).sample(range(len(rows)), len(rows))
    made, now = articles(rows), datetime(2024, 1, 1, tzinfo=UTC)
    found = [0] * len(rows)
    with StoryIndex() as index:
        for position, decision in zip(order, index.add_many((made[i], str(i), now) for i in order), strict=True):
            found[position] = decision.story
    return found


def words_alone(rows: list[dict]) -> list[int]:
    """The usual baseline, TF-IDF of single words and average linkage, at the best threshold for these very rows."""
    weighted = []
    for article in articles(rows):
        words = {term for term in terms.event_terms(whole_text(article)) if " " not in term}
        weighted.append(dict.fromkeys(words, 1.0))
    alike = {(a, b): value for a, b, value in similarities(vectors(weighted), 0.05)}
    gold = [row["cluster"] for row in rows]
    tried = [labels(average_linkage(len(rows), alike, step / 100), len(rows)) for step in range(8, 32, 2)]
    return max(tried, key=lambda found: b_cubed(gold, found)["f1"])


METHODS: dict[str, Callable[[list[dict]], list[int]]] = {
    "group_stories": ours,
    "StoryIndex, shuffled": streamed,
    "words alone (best threshold)": words_alone,
}


def events(data: Path) -> dict[str, dict[str, dict[str, float]]]:
    """B-cubed by method and set."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name in EVENTS:
        rows = read(data / f"{name}.jsonl")
        gold = [row["cluster"] for row in rows]
        for method, run in METHODS.items():
            started = time.perf_counter()
            scores = b_cubed(gold, run(rows))
            found.setdefault(method, {})[name] = scores | {"seconds": time.perf_counter() - started}
    return found


def copy_methods() -> dict[str, Callable[[list[dict]], Pairs]]:
    """Each gives the pairs of ids that it calls copies."""
    methods: dict[str, Callable[[list[dict]], Pairs]] = {
        "group_stories (links)": _linked,
        "shingles (pairs)": _shingled,
        "exact hash of the text": _hashed,
    }
    try:
        import datasketch  # noqa: F401
    except ImportError:
        return methods
    return methods | {"datasketch MinHash LSH 0.8": _minhash(0.8), "datasketch MinHash LSH 0.2": _minhash(0.2)}


def _linked(rows: list[dict]) -> Pairs:
    stories = group_stories(articles(rows))
    return {_pair(rows[k.a]["id"], rows[k.b]["id"]) for story in stories for k in story.links if k.kind == "copy"}


def _shingled(rows: list[dict]) -> Pairs:
    found = copy_pairs([shingles(row["text"]) for row in rows])
    return {_pair(rows[a]["id"], rows[b]["id"]) for a, b in found}


def _hashed(rows: list[dict]) -> Pairs:
    same = defaultdict(list)
    for row in rows:
        same[hashlib.sha256(" ".join(row["text"].split()).encode()).digest()].append(row["id"])
    return {_pair(a, b) for ids in same.values() for a, b in combinations(ids, 2)}


def _minhash(threshold: float) -> Callable[[list[dict]], Pairs]:
    def run(rows: list[dict]) -> Pairs:
        from datasketch import MinHash, MinHashLSH

        index, signatures = MinHashLSH(threshold=threshold, num_perm=128), {}
        for row in rows:
            words = row["text"].lower().split()
            signature = MinHash(num_perm=128)
            signature.update_batch([" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))])
            signatures[row["id"]] = signature
            index.insert(row["id"], signature)
        found = {_pair(id, other) for id, own in signatures.items() for other in index.query(own) if other != id}
        return {(a, b) for a, b in found if signatures[a].jaccard(signatures[b]) >= threshold}

    return run


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def copies(data: Path) -> dict[str, dict[str, float]]:
    """Precision and recall of copy pairs, and megabytes a second, by method."""
    rows = read(data / f"{COPIES}.jsonl")
    gold = {_pair(row["a"], row["b"]) for row in read(data / "provenance_silver_pairs.jsonl")}
    size = sum(len(row["text"].encode()) for row in rows) / 1e6
    found = {}
    for name, run in copy_methods().items():
        started = time.perf_counter()
        pairs = run(rows)
        right = len(pairs & gold)
        found[name] = {
            "precision": right / max(1, len(pairs)),
            "recall": right / len(gold),
            "mb_s": size / (time.perf_counter() - started),
        }
    return found


def curve(data: Path) -> list[dict[str, float]]:
    """Precision and recall of the shingle method as the share asked for rises (of all shingles, or of the shorter)."""
    rows = read(data / f"{COPIES}.jsonl")
    gold = {_pair(row["a"], row["b"]) for row in read(data / "provenance_silver_pairs.jsonl")}
    sets = [shingles(row["text"]) for row in rows]
    having = defaultdict(list)
    for position, of in enumerate(sets):
        for key in sample(of).tolist():
            having[key].append(position)
    near = {pair for members in having.values() for pair in combinations(members, 2)}
    measured = {_pair(rows[a]["id"], rows[b]["id"]): overlap(sets[a], sets[b]) for a, b in near}
    points = []
    for step in range(1, 20):
        share = step / 20
        pairs = {pair for pair, found in measured.items() if found.jaccard >= share / 2 or found.containment >= share}
        right = len(pairs & gold)
        points.append({"share": share, "precision": right / max(1, len(pairs)), "recall": right / len(gold)})
    return points


def invented(count: int, seed: int = 1) -> Iterable[tuple[Article, str, datetime]]:
    """Two weeks of invented articles of 450 words: two in five new, two go on, one is a copy."""
    draw = random.Random(seed)

    def word(least: int) -> str:
        return "".join(draw.choice("bcdfgklmnprstvz") + draw.choice("aeiou") for _ in range(draw.randint(least, 4)))

    common, names = [word(1) for _ in range(50_000)], [word(2).title() for _ in range(300_000)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(common))))
    start, step = datetime(2024, 1, 1, tzinfo=UTC), timedelta(days=14) / max(count, 1)
    live: list[list[str]] = []
    texts: list[str] = []
    for number in range(count):
        chance = draw.random()
        if chance < 0.2 and texts:
            text = f"Menu share {draw.choice(texts)} Most read"
        else:
            if chance >= 0.6 or not live:
                live = [*live[-299:], draw.choices(names, k=20) + draw.choices(common, k=30)]
                event = live[-1]
            else:
                event = draw.choice(live)
            body = draw.choices(common, cum_weights=weights, k=340) + draw.choices(event, k=110)
            draw.shuffle(body)
            text = " ".join(body)
            texts = [*texts[-299:], text]
        yield Article(text), str(number), start + step * number


def stream(count: int, path: Path) -> list[dict[str, float]]:
    """Milliseconds an article, memory and file size as the window fills."""
    marks = {10**n for n in range(3, 9)} | {count}
    points, spent, done = [], 0.0, 0
    source = iter(invented(count))
    with StoryIndex(path) as index:
        while batch := list(islice(source, 500)):
            done += len(batch)
            started = time.perf_counter()
            list(index.add_many(batch))
            recent = time.perf_counter() - started
            spent += recent
            if done in marks:
                points.append(
                    {
                        "articles": done,
                        "ms_an_article": 1000 * recent / len(batch),
                        "total_s": spent,
                        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                        "file_mb": path.stat().st_size / 1e6,
                    }
                )
    return points
