"""Duplicate removal inside and across articles, on labelled data: `python benchmarks/dedup.py --data DIR`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from summarizer.cli.common import json_lines
from summarizer.dedup.in_article import find_duplicates
from summarizer.errors import SummarizerError


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


def show(title: str, rows: dict[str, dict[str, float]]) -> None:
    print(f"\n{title}")
    for name, values in rows.items():
        cells = "  ".join(f"{key} {value:8.3f}" for key, value in values.items())
        print(f"  {name:28}{cells}")


def plot(points: list[dict[str, float]], path: Path) -> None:
    try:
        from matplotlib import pyplot
    except ImportError:
        print("\nno plot: matplotlib is not installed")
        return
    figure, axes = pyplot.subplots(figsize=(5, 4))
    axes.plot([p["recall"] for p in points], [p["precision"] for p in points], marker="o")
    axes.set(xlabel="recall", ylabel="precision", title="Copies, by share of shingles asked for", ylim=(0, 1.02))
    figure.savefig(path, dpi=120, bbox_inches="tight")


def main() -> None:
    import stories  # beside this file

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled articles")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results", help="folder for the results")
    parser.add_argument("--stream", type=int, default=1000, help="invented articles for the curve of the index")
    options = parser.parse_args()
    rows = [row for _, row in json_lines(str(options.data / "in_article.jsonl"))]
    started = time.perf_counter()
    shares = measure(rows)
    elapsed = time.perf_counter() - started
    print("Inside one article")
    for kind, share in shares.items():
        print(f"  {kind:28}{share:7.2%}  {'kept' if kind in ('original', 'hard_negative') else 'removed'}")
    speed = sum(len(r["text"]) for r in rows) / 1e6 / elapsed
    print(f"  {speed:.1f} million characters a second")
    copies = stories.copies(options.data)
    show("Copies (silver pairs)", copies)
    events = stories.events(options.data)
    for name in stories.EVENTS:
        show(f"Stories, B-cubed on {name}", {method: scores[name] for method, scores in events.items()})
    options.out.mkdir(parents=True, exist_ok=True)
    points = stories.curve(options.data)
    plot(points, options.out / "copies.png")
    with tempfile.TemporaryDirectory() as folder:
        stream = stories.stream(options.stream, Path(folder) / "stories.sqlite")
    show("Stream", {f"{int(point['articles']):,} articles": point for point in stream})
    result = {
        "in_article": {**shares, "million_characters_s": speed},
        "copies": copies,
        "copies_curve": points,
        "events": events,
        "stream": stream,
    }
    (options.out / "dedup.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {options.out}")


if __name__ == "__main__":
    try:
        main()
    except SummarizerError as failure:
        sys.exit(f"error: {failure}")
