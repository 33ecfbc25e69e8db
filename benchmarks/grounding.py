"""The support check measured against human judgements: `python benchmarks/grounding.py --data DIR [--fit] [--judge]`.

DIR holds the sets of `shared/data` (`faithfulness/*.jsonl`, `summarization/*.jsonl`). AUROC is reported per set, never
pooled: the sets were judged in different ways. Without `--fit` the shipped weights are measured (they have seen part
of these rows); with `--fit` each article is scored by weights fitted without it, in five folds
over articles, and `--write` then fits on all rows and writes `summarizer/grounding/weights.json`.

With `--judge` the model gives its second opinion on each sentence. It was trained on half the articles of most sets
(`models/adapters/judge.py`), so only the other half is measured, and fitted on (`weights_judged.json`).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "models" / "adapters"))
from claims import JUDGED, judge_sees, read_articles

from summarizer.cli.common import json_lines
from summarizer.engines.base import Request
from summarizer.engines.load import plan_judge
from summarizer.errors import SummarizerError
from summarizer.grounding import Source, check_support, examine, read_source
from summarizer.grounding.features import doubt
from summarizer.grounding.score import CLIP, probability, row_of, signs
from summarizer.settings import load_settings
from summarizer.text.sentences import sentences

SETS = ("summeval", "qags_cnndm", "qags_xsum", "cliff", "xsumfaith", "faithbench", "bump", "summedits_news", "frank")
NOT_FITTED = ("faithbench",)  # its licence allows evaluation only
GRADED = ("summeval", "xsumfaith")  # the share of raters is a better label than all-or-nothing
# How much a set weighs where it is not 1: with 1, SummEdits, whose right and wrong summaries differ least, had 0.59.
SHARES = {"summedits_news": 2.0}
PAIRS = 30_000  # drawn a set; about a third of them differ in their labels
RIDGE = 0.4
EDITS = Path(__file__).parent / "data" / "edits.jsonl"
JUDGE = "smollm2-135m-judge"
IN_FLIGHT = 16
WEIGHTS = Path(__file__).parents[1] / "summarizer" / "grounding" / "weights.json"


def read_rows(data: Path, limit: int, judged: bool = False) -> list[dict]:
    """The rows of each set (a sample of large ones), with their sentences examined, and the features of each."""
    rows, sources = [], {}
    for name in SETS:
        found = [row for _, row in json_lines(str(data / f"{name}.jsonl"))]
        if judged and name in JUDGED:
            found = [row for row in found if not judge_sees(row["doc"])]
        for row in random.Random(0).sample(found, min(limit, len(found))):
            article, summary = row["article"], row["summary"]
            source = sources.get(article) or sources.setdefault(article, read_source(article))
            row |= {"set": name} | examined(source, summary)
            if row["features"]:
                rows.append(row)
    return rows


def read_edits(articles: dict[str, str], held_out: bool) -> list[dict]:
    """The sentences of ``edits.jsonl`` as rows; with ``held_out`` those of texts that the judge never saw."""
    rows, sources = [], {}
    for _, row in json_lines(str(EDITS)):
        if row["doc"] not in articles or (held_out and not row.get("held")):
            continue
        article = articles[row["doc"]]
        source = sources.get(row["doc"]) or sources.setdefault(row["doc"], read_source(article))
        for label, claims in ((1, row["right"]), (0, row["wrong"])):
            for claim in claims:
                known = {"set": "edits", "doc": row["doc"], "kind": claim["kind"], "faithful": label, "score": label}
                rows.append(known | examined(source, claim["text"]))
    return rows


def examined(source: Source, summary: str) -> dict:
    """The sentences of a summary, all but their scores, and the features of each."""
    found = [examine(source, summary[s.start : s.end]) for s in sentences(summary)]
    return {"examined": found, "features": [each.features for each in found]}


def ask_judge(rows: list[dict]) -> float:
    """Adds the second opinion to the features of every sentence; returns the seconds that one takes."""
    engine = plan_judge(load_settings(judge=JUDGE)).load()
    asked = [e for row in rows for e in row["examined"] if not e.is_copied]
    opinions: dict[int, float] = {}
    left = list(enumerate(asked))
    started = time.perf_counter()
    while len(opinions) < len(asked):
        while left and len(asked) - len(left) - len(opinions) < IN_FLIGHT:
            ticket, each = left.pop()
            engine.admit(ticket, Request(each.premise(), claim=each.text))
        opinions |= {n.ticket: n.generation.support for n in engine.step() if n.generation is not None}
    seconds = time.perf_counter() - started
    found = iter([opinions[i] for i in range(len(asked))])
    for row in rows:
        row["features"] = [e.features | {"doubt": doubt(None if e.is_copied else next(found))} for e in row["examined"]]
    return seconds / len(asked)


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


def fit(rows: list[dict], names: list[str]) -> dict[str, np.ndarray]:
    """Weights of bounded signs by which, of two summaries of a set, the better supported one has the higher sum.

    Logistic regression on the differences of pairs (RankNet; Burges et al. 2005): sets were judged with different
    strictness, so summaries are compared within a set. Sets weigh as ``SHARES`` says.
    """
    rows = [row for row in rows if row["set"] not in NOT_FITTED]
    x = np.array([row_of(row["features"], names) for row in rows])
    good = np.array([float(row["score"] if row["set"] in GRADED else row["faithful"]) for row in rows])
    of = np.array([row["set"] for row in rows])
    center, scale, sign = x.mean(0), x.std(0) + 1e-9, np.array(signs(names))
    z = np.clip((x - center) / scale, -CLIP, CLIP) * sign
    rng = np.random.default_rng(0)
    gaps, weights = [], []
    for name in sorted(set(of)):
        one, other = rng.choice(np.flatnonzero(of == name), (2, PAIRS))
        better = good[one] > good[other]
        gaps.append(z[one[better]] - z[other[better]])
        weights.append(np.full(len(gaps[-1]), SHARES.get(name, 1.0) / max(1, len(gaps[-1]))))
    gap, weight = np.vstack(gaps), np.concatenate(weights)
    step = 1 / (0.25 * np.linalg.eigvalsh(gap.T @ (gap * weight[:, None]))[-1] + 2 * RIDGE)
    found = ahead = np.zeros(len(sign))
    momentum, moved = 1.0, 1.0
    while moved > 1e-5:  # FISTA with projection on the signs
        slope = 2 * RIDGE * ahead - gap.T @ (weight / (1 + np.exp(gap @ ahead)))
        following = np.maximum(ahead - step * slope, 0)
        faster = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        moved = np.abs(following - found).max()
        ahead, found, momentum = following + (momentum - 1) / faster * (following - found), following, faster
    return {"center": center, "scale": scale, "weight": found * sign}


def apply(model: dict[str, np.ndarray], rows: list[dict], names: list[str]) -> np.ndarray:
    """The fitted sum of each row, without offset."""
    x = np.array([row_of(row["features"], names) for row in rows])
    return np.clip((x - model["center"]) / model["scale"], -CLIP, CLIP) @ model["weight"]


def cross_scores(rows: list[dict], names: list[str], folds: int = 5) -> np.ndarray:
    """The fitted sum of each row by weights that saw no row of its article."""
    docs = sorted({row["doc"] for row in rows})
    random.Random(0).shuffle(docs)
    fold = {doc: i % folds for i, doc in enumerate(docs)}
    scores = np.zeros(len(rows))
    for k in range(folds):
        model = fit([row for row in rows if fold[row["doc"]] != k], names)
        held = [i for i, row in enumerate(rows) if fold[row["doc"]] == k]
        scores[held] = apply(model, [rows[i] for i in held], names)
    return scores


def calibrate(rows: list[dict], scores: np.ndarray) -> tuple[float, float]:
    """Slope and offset from held-out sums to log-odds (Platt), each set weighing the same, labels as they come."""
    counts = Counter(row["set"] for row in rows)
    labels = np.array([row["faithful"] for row in rows])
    weight = np.array([0.0 if row["set"] in NOT_FITTED else 1 / counts[row["set"]] for row in rows])
    line, design = np.zeros(2), np.stack([scores, np.ones(len(rows))], 1)
    for _ in range(50):  # Newton
        chance = 1 / (1 + np.exp(-(design @ line)))
        curve = design.T @ (design * (weight * chance * (1 - chance))[:, None])
        line += np.linalg.solve(curve, design.T @ (weight * (labels - chance)))
    return float(line[0]), float(line[1])


def write(path: Path, model: dict[str, np.ndarray], names: list[str], slope: float, offset: float) -> None:
    """The weights as JSON, a column a place: the means of the features, then their maxima."""
    rows = {"center": model["center"], "scale": model["scale"], "weight": model["weight"] * slope}
    values = {key: [float(f"{v:.5g}") for v in row] for key, row in rows.items()}
    lines = [f'"{key}": {json.dumps(value)}' for key, value in ({"features": names} | values).items()]
    path.write_text("{" + ",\n".join([f'"offset": {offset:.5g}', *lines]) + "}\n", encoding="utf-8")


def lead_flags(data: Path) -> dict[str, float]:
    """The share of lead-3 summaries (which are the article's own words) with a flag: as written, and lower-cased."""
    flags, count = Counter(), 0
    for path in sorted(data.glob("*.jsonl")):
        if "systems" in path.name:
            continue
        for _, row in json_lines(str(path)):
            article = row["article"]
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
    parser.add_argument("--judge", action="store_true", help="ask the model for a second opinion")
    parser.add_argument(
        "--articles", type=Path, nargs="+", help="with --judge: the articles of edits.jsonl, a set more"
    )
    parser.add_argument("--json", type=Path, help="write the results here")
    options = parser.parse_args()
    started = time.perf_counter()
    rows = read_rows(options.data / "faithfulness", options.limit, options.judge)
    each = (time.perf_counter() - started) / len(rows) * 1000
    if options.judge:
        if options.articles:
            rows += read_edits(read_articles(options.articles), held_out=True)
        print(f"a second opinion takes {ask_judge(rows) * 1000:.0f} ms a sentence")
    names = sorted(rows[0]["features"][0])
    if options.fit:
        scores = cross_scores(rows, names)
        slope, offset = calibrate(rows, scores)
        chances = 1 / (1 + np.exp(-(slope * scores + offset)))
        if options.write:
            path = WEIGHTS.with_name("weights_judged.json") if options.judge else WEIGHTS
            write(path, fit(rows, names), names, slope, offset)
    else:
        chances = np.array([probability(row["features"]) for row in rows])
    results = {"milliseconds": round(each, 2), "auroc": {}, "lead_3_flagged": {}}
    print(f"{'set':16}{'rows':>6}{'AUROC':>8}  95 % interval   novel bigrams   mean probability / share supported")
    for name in dict.fromkeys(row["set"] for row in rows):
        at = [i for i, row in enumerate(rows) if row["set"] == name]
        group, mine = [rows[i] for i in at], chances[at]
        labels = [row["faithful"] for row in group]
        value, (low, high) = auroc(labels, mine), interval(group, mine)
        plain = auroc(labels, [-row_of(row["features"], ["raw_2"])[0] for row in group])
        results["auroc"][name] = {"value": value, "low": low, "high": high, "novel_bigrams": plain}
        lenient = {f"{least}": auroc([row["score"] >= least for row in group], mine) for least in (0.75, 0.5)}
        results["auroc"][name] |= {f"score_{least}": found for least, found in lenient.items()}
        print(
            f"{name:16}{len(at):6}{value:8.3f}  {low:.3f} to {high:.3f}  {plain:.3f}"
            f"           {mine.mean():.2f} / {np.mean(labels):.2f}   "
            f"(score >= 0.75 as label: {lenient['0.75']:.3f}; >= 0.5: {lenient['0.5']:.3f})"
        )
    results["lead_3_flagged"] = lead_flags(options.data / "summarization")
    print(f"lead-3 flagged: {results['lead_3_flagged']}; {each:.1f} ms a summary, articles read once")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except SummarizerError as failure:
        sys.exit(f"error: {failure}")
