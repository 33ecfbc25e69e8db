"""Articles out of pages, on pages whose article people marked: `python benchmarks/extraction.py --data DIR`.

DIR has scrapinghub/index.jsonl (`file`, `url`, `lang`, `expected_text`). The measure is that benchmark's own: shared
runs of four words, as precision and recall, here as means over pages; beside ours trafilatura as its README shows it,
readability-lxml where it is installed (`pip install readability-lxml`), and all of a page's text.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import trafilatura

from summarizer.article.extract import extract
from summarizer.article.page import all_text, decode, parse
from summarizer.cli.common import json_lines
from summarizer.errors import ExtractionFailed, SummarizerError

WORD, RUN = re.compile(r"\w+"), 4


def runs(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text)
    return Counter(tuple(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1)))


def ours(html: str, url: str) -> str:
    try:
        return extract(html, url).text
    except ExtractionFailed:
        return ""


def methods() -> dict[str, Callable[[str, str], str]]:
    found = {
        "summarizer": ours,
        "trafilatura": lambda html, url: trafilatura.extract(html, url=url) or "",
        "all text of the page": lambda html, _: all_text(parse(html)),
    }
    try:
        from readability import Document
    except ImportError:
        return found
    return found | {"readability-lxml": lambda html, _: all_text(parse(Document(html).summary()))}


def measure(data: Path, method: Callable[[str, str], str]) -> dict[str, float]:
    """Means over the pages: precision, recall and F1 of runs of words, pages with an F1 under 0.8, milliseconds."""
    rows = [row for _, row in json_lines(str(data / "scrapinghub" / "index.jsonl"))]
    precision, recall, f1, took = [], [], [], []
    for row in rows:
        html = decode((data / "scrapinghub" / row["file"]).read_bytes())
        started = time.perf_counter()
        text = method(html, row["url"])
        took.append(1000 * (time.perf_counter() - started))
        found, wanted = runs(text), runs(row["expected_text"])
        shared = (found & wanted).total()
        precision.append(shared / found.total())
        recall.append(shared / wanted.total())
        f1.append(2 * shared / (found.total() + wanted.total()))
    return {
        "precision": statistics.mean(precision),
        "recall": statistics.mean(recall),
        "F1": statistics.mean(f1),
        "under 0.8": sum(value < 0.8 for value in f1),
        "ms, median": statistics.median(took),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--out", type=Path, default=Path("benchmarks/results/extraction.json"))
    given = arguments.parse_args()
    results = {name: measure(given.data, method) for name, method in methods().items()}
    for name, values in results.items():
        print(f"{name:22}" + "  ".join(f"{key} {value:.3f}" for key, value in values.items()), flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except SummarizerError as failure:
        sys.exit(f"error: {failure}")
