"""What the support check sees, by kind of error: `python benchmarks/edits.py --articles FILE... [--judge]`.

`benchmarks/data/edits.jsonl` has 5,520 texts (some sentences of an article, by number), each with true sentences about
it and versions that are wrong in one respect, written by a large language model that had the text in front of it.
Nobody has checked them one by one. The articles belong to their publishers and are joined by `doc`.

AUROC is the chance that a true sentence scores above a wrong one of that kind. With `--judge` the model gives its
second opinion; it was trained on these texts, but for one in ten of the first 2,000, which alone are measured.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from grounding import ask_judge, auroc, read_edits

sys.path.insert(0, str(Path(__file__).parents[1] / "models" / "adapters"))
from claims import read_articles

from summarizer.errors import EmptyInput, SummarizerError
from summarizer.grounding.score import probability


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, nargs="+", required=True)
    parser.add_argument("--judge", action="store_true", help="ask the model for a second opinion")
    options = parser.parse_args()
    rows = read_edits(read_articles(options.articles), held_out=options.judge)
    if not rows:
        raise EmptyInput("None of the articles is one of edits.jsonl.", hint="Their ids are its docs.")
    if options.judge:
        ask_judge(rows)
    scores, flagged = defaultdict(list), defaultdict(list)
    for row in rows:
        for kind in (row["kind"], "right" if row["faithful"] else "wrong"):
            scores[kind].append(probability(row["features"]))
            flagged[kind].append(any(each.unsupported for each in row["examined"]))
    good = scores["right"]
    print(f"{'kind':14}{'rows':>6}{'AUROC':>8}{'flagged':>9}{'mean':>6}")
    for kind in sorted(scores, key=lambda k: (k in ("right", "wrong"), k)):
        value = auroc([1] * len(good) + [0] * len(scores[kind]), good + scores[kind])
        share, mean = sum(flagged[kind]) / len(flagged[kind]), sum(scores[kind]) / len(scores[kind])
        print(f"{kind:14}{len(scores[kind]):6}{value:8.3f}{share:9.1%}{mean:6.2f}")


if __name__ == "__main__":
    try:
        main()
    except SummarizerError as failure:
        sys.exit(f"error: {failure}")
