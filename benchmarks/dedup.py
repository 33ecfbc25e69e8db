"""Duplicate removal measured on labelled articles: `python benchmarks/dedup.py --data DIR`."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from summarizer.dedup.in_article import find_duplicates


def overlap(start: int, end: int, removed: list[tuple[int, int]]) -> int:
    return sum(max(0, min(end, e) - max(start, s)) for s, e in removed)


def measure(rows: list[dict]) -> dict[str, float]:
    """Shares by segment kind: removed (repeats) or kept whole (originals; of hard negatives, the changed fact)."""
    total, good = Counter(), Counter()
    for row in rows:
        removed = [(r.start, r.end) for r in find_duplicates(row["text"]).removed]
        for segment in row["segments"]:
            start, end, kind = segment["start"], segment["end"], segment["kind"]
            if kind == "hard_negative":
                fact = segment["fact"]
                hit = overlap(fact[0], fact[1], removed) == 0
            elif kind == "original":
                hit = overlap(start, end, removed) == 0
            else:
                if kind == "boilerplate" and segment["duplicate_of"] is None:
                    continue
                hit = overlap(start, end, removed) >= 0.9 * (end - start)
            total[kind] += 1
            good[kind] += hit
    return {kind: good[kind] / total[kind] for kind in sorted(total)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with in_article.jsonl")
    lines = (parser.parse_args().data / "in_article.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    started = time.perf_counter()
    shares = measure(rows)
    elapsed = time.perf_counter() - started
    for kind, share in shares.items():
        print(f"{kind:16} {share:7.2%}  {'kept' if kind in ('original', 'hard_negative') else 'removed'}")
    print(f"throughput {sum(len(r['text']) for r in rows) / 1e6 / elapsed:.1f} million characters a second")


if __name__ == "__main__":
    main()
