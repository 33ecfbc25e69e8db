"""The support check measured against human judgements: `python benchmarks/grounding.py --data DIR [--fit]`.

DIR holds the sets of `shared/data` (`faithfulness/*.jsonl`, `summarization/*.jsonl`). AUROC is reported per set, never
pooled: the sets were judged in different ways. Without `--fit` the shipped weights are measured (they have seen part
of these rows); with `--fit` (needs scikit-learn) each article is scored by weights fitted without it, in five folds
over articles, and `--write` then fits on all rows and writes `summarizer/grounding/weights.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from pathlib import Path

import numpy as np

from summarizer.grounding.alignment import align
from summarizer.grounding.check import check_support
from summarizer.grounding.features import features
from summarizer.grounding.score import probability, row_of
from summarizer.grounding.source import read_source
from summarizer.grounding.spans import unsupported_spans
from summarizer.grounding.words import words
from summarizer.sentences import sentences

SETS = ("summeval", "qags_cnndm", "qags_xsum", "cliff", "xsumfaith", "faithbench", "bump", "summedits_news", "frank")
NOT_FITTED = ("faithbench",)  # its licence allows evaluation only
GRADED = ("summeval", "xsumfaith")  # the share of raters is a better label than all-or-nothing
TREES = {"n_estimators": 150, "max_depth": 3, "learning_rate": 0.06, "subsample": 0.6, "max_features": 0.3}
WEIGHTS = Path(__file__).parents[1] / "summarizer" / "grounding" / "weights.json"


def read_rows(data: Path, limit: int) -> list[dict]:
    """The rows of each set (a sample of large ones), with the features of each summary sentence."""
    rows, sources = [], {}
    for name in SETS:
        found = [json.loads(line) for line in (data / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        for row in random.Random(0).sample(found, min(limit, len(found))):
            source = sources.get(row["article"]) or sources.setdefault(row["article"], read_source(row["article"]))
            row |= {"set": name, "features": []}
            for span in sentences(row["summary"]):
                text = row["summary"][span.start : span.end]
                tokens = words(text)
                alignment = align(tokens, source)
                unsupported = unsupported_spans(text, tokens, alignment, source)
                row["features"].append(features(tokens, alignment, unsupported, source))
            if row["features"]:
                rows.append(row)
    return rows


def auroc(labels, scores) -> float:
    """The chance that a supported summary scores above an unsupported one (ties count half)."""
    labels, scores = np.asarray(labels, bool), np.asarray(scores, float)
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    good, bad = labels.sum(), (~labels).sum()
    return float((ranks[labels].sum() - good * (good + 1) / 2) / (good * bad)) if good and bad else float("nan")


def interval(group: list[dict], scores, draws: int = 200) -> tuple[float, float]:
    """A 95 % interval of the AUROC by drawing articles, not rows, with replacement."""
    docs: dict[str, list[int]] = {}
    for i, row in enumerate(group):
        docs.setdefault(row["doc"], []).append(i)
    rng, names, found = random.Random(1), sorted(docs), []
    for _ in range(draws):
        chosen = [i for name in rng.choices(names, k=len(names)) for i in docs[name]]
        found.append(auroc([group[i]["faithful"] for i in chosen], [scores[i] for i in chosen]))
    return float(np.nanpercentile(found, 2.5)), float(np.nanpercentile(found, 97.5))


def fit(rows: list[dict], names: list[str]):
    """Trees on rows whose sets, and whose two labels in a set, weigh by the root of the set's size."""
    from sklearn.ensemble import GradientBoostingClassifier

    rows = [row for row in rows if row["set"] not in NOT_FITTED]
    x = np.array([row_of(row["features"], names) for row in rows])
    good = np.array([float(row["score"] if row["set"] in GRADED else row["faithful"]) for row in rows])
    weights = np.zeros((2, len(rows)))
    for name in {row["set"] for row in rows}:
        of = np.array([row["set"] == name for row in rows])
        for label, share in ((0, 1 - good), (1, good)):
            weights[label, of] = share[of] / share[of].sum() * of.sum() ** 0.5
    flat, labels = weights.ravel(), np.repeat([0, 1], len(rows))
    used = flat > 0
    model = GradientBoostingClassifier(**TREES, min_samples_leaf=20, random_state=0)
    return model.fit(np.vstack([x, x])[used], labels[used], flat[used] / flat[used].mean())


def cross_scores(rows: list[dict], names: list[str], folds: int = 5) -> np.ndarray:
    """Log-odds of each row by trees that saw no row of its article."""
    docs = sorted({row["doc"] for row in rows})
    random.Random(0).shuffle(docs)
    fold = {doc: i % folds for i, doc in enumerate(docs)}
    scores = np.zeros(len(rows))
    for k in range(folds):
        model = fit([row for row in rows if fold[row["doc"]] != k], names)
        held = [i for i, row in enumerate(rows) if fold[row["doc"]] == k]
        scores[held] = model.decision_function(np.array([row_of(rows[i]["features"], names) for i in held]))
    return scores


def calibrate(rows: list[dict], scores: np.ndarray) -> tuple[float, float]:
    """The line from held-out scores to log-odds (Platt), each set weighing the same, labels as frequent as there."""
    from sklearn.linear_model import LogisticRegression

    counts = Counter(row["set"] for row in rows)
    kept = [i for i, row in enumerate(rows) if row["set"] not in NOT_FITTED]
    model = LogisticRegression(C=1e6).fit(
        scores[kept, None], [rows[i]["faithful"] for i in kept], [1 / counts[rows[i]["set"]] for i in kept]
    )
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def write(model, names: list[str], slope: float, offset: float, path: Path) -> None:
    """The trees as JSON: [columns (-1 at a leaf), thresholds, left, right, values] each."""
    trees = []
    for (estimator,) in model.estimators_:
        tree = estimator.tree_
        leaf = tree.children_left < 0
        values = tree.value[:, 0, 0] * TREES["learning_rate"] * leaf
        trees.append(
            [
                [int(-1 if end else c) for c, end in zip(tree.feature, leaf, strict=True)],
                [float(f"{0.0 if end else t:.6g}") for t, end in zip(tree.threshold, leaf, strict=True)],
                tree.children_left.tolist(),
                tree.children_right.tolist(),
                [
                    float(f"{v * TREES['learning_rate'] * end:.4g}")
                    for v, end in zip(tree.value[:, 0, 0], leaf, strict=True)
                ],
            ]
        )
    rows = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    head = json.dumps({"slope": round(slope, 4), "offset": round(offset, 4), "features": names})[:-1]
    path.write_text(f'{head},\n"trees": [\n{rows}\n]}}\n', encoding="utf-8")


def lead_flags(data: Path) -> dict[str, float]:
    """The share of lead-3 summaries (which are the article's own words) with a flag: as written, and lower-cased."""
    flags, count = Counter(), 0
    for path in sorted(data.glob("*.jsonl")):
        if "systems" in path.name:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)["article"]
            lead = " ".join(article[s.start : s.end] for s in sentences(article)[:3])
            count += 1
            for form, text in (("as written", lead), ("lower case", lead.lower())):
                report = check_support(article, text)
                flags[form] += any(sentence.unsupported for sentence in report.sentences)
                flags[f"{form}, not supported"] += any(not sentence.supported for sentence in report.sentences)
    return {form: flags[form] / count for form in ("as written", "lower case", "as written, not supported")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=1500, help="rows a set")
    parser.add_argument("--fit", action="store_true", help="cross-fit over articles instead of the shipped weights")
    parser.add_argument("--write", action="store_true", help="with --fit: also write the weights")
    parser.add_argument("--json", type=Path, help="write the results here")
    options = parser.parse_args()
    started = time.perf_counter()
    rows = read_rows(options.data / "faithfulness", options.limit)
    each = (time.perf_counter() - started) / len(rows) * 1000
    names = sorted(rows[0]["features"][0])
    if options.fit:
        scores = cross_scores(rows, names)
        slope, offset = calibrate(rows, scores)
        chances = 1 / (1 + np.exp(-(slope * scores + offset)))
        if options.write:
            write(fit(rows, names), names, slope, offset, WEIGHTS)
    else:
        chances = np.array([probability(row["features"]) for row in rows])
    results = {"milliseconds": round(each, 2), "auroc": {}, "lead_3_flagged": {}}
    print(f"{'set':16}{'rows':>6}{'AUROC':>8}  95 % interval   novel bigrams   mean probability / share supported")
    for name in SETS:
        at = [i for i, row in enumerate(rows) if row["set"] == name]
        group, mine = [rows[i] for i in at], chances[at]
        labels = [row["faithful"] for row in group]
        value, (low, high) = auroc(labels, mine), interval(group, mine)
        plain = auroc(labels, [-row_of(row["features"], ["raw_2"])[0] for row in group])
        results["auroc"][name] = {"value": value, "low": low, "high": high, "novel_bigrams": plain}
        lenient = auroc([row["score"] >= 0.75 for row in group], mine)
        results["auroc"][name]["score_0.75"] = lenient
        print(
            f"{name:16}{len(at):6}{value:8.3f}  {low:.3f} to {high:.3f}  {plain:.3f}"
            f"           {mine.mean():.2f} / {np.mean(labels):.2f}   (score >= 0.75 as label: {lenient:.3f})"
        )
    results["lead_3_flagged"] = lead_flags(options.data / "summarization")
    print(f"lead-3 flagged: {results['lead_3_flagged']}; {each:.1f} ms a summary, articles read once")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
