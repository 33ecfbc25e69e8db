"""What the support check sees, by kind of error: `python benchmarks/edits.py --teacher DIR`.

`benchmarks/data/edits.jsonl` has 2,000 true summary sentences, each with one paraphrase and two versions that are wrong
in one respect, written by a large language model that had the sentence's sources in front of it. Nobody has checked
them one by one. The articles are those of DIR (`articles_*.jsonl`, joined by `doc`); they belong to their publishers.

AUROC is the chance that a true sentence or a paraphrase scores above a wrong version of that kind.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

from grounding import auroc

from summarizer.grounding import check_support

EDITS = Path(__file__).parent / "data" / "edits.jsonl"


def read_articles(folder: Path) -> dict[str, str]:
    """The articles by id."""
    lines = [
        line
        for path in sorted(folder.glob("articles_*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return {row["id"]: row.get("text") or row["article"] for row in map(json.loads, lines)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=Path, required=True)
    options = parser.parse_args()
    articles = read_articles(options.teacher)
    scores, flagged = defaultdict(list), defaultdict(int)
    for line in EDITS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        texts = [("true", row["true"]), *((w["kind"], w["text"]) for w in row["wrong"])]
        texts += [("paraphrase", row["paraphrase"])] if row["paraphrase"] else []
        for kind, text in texts:
            report = check_support(articles[row["doc"]], text)
            scores[kind].append(report.score)
            flagged[kind] += any(sentence.unsupported for sentence in report.sentences)
    shares = {kind: flagged[kind] / len(found) for kind, found in scores.items()}
    good = scores.pop("true") + scores.pop("paraphrase")
    shares["all"] = sum(flagged[kind] for kind in scores) / sum(map(len, scores.values()))
    print(f"{'kind':14}{'rows':>6}{'AUROC':>8}{'flagged':>9}")
    for kind, found in [*sorted(scores.items()), ("all", [score for each in scores.values() for score in each])]:
        value = auroc([1] * len(good) + [0] * len(found), good + found)
        print(f"{kind:14}{len(found):6}{value:8.3f}{shares[kind]:9.1%}")
    print(f"flagged: {shares['true']:.1%} of the true sentences, {shares['paraphrase']:.1%} of the paraphrases")


if __name__ == "__main__":
    main()
