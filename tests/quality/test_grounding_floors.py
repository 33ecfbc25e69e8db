"""Floors for the support check on judged summaries, where the data lies beside the checkout."""

from pathlib import Path

import pytest

from summarizer.engines.cards import find_card
from summarizer.engines.store import locate
from summarizer.errors import ModelNotFound
from summarizer.grounding.score import probability
from summarizer.settings import load_settings

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
# AUROC by weights fitted without the article in question, a point or two below what was measured.
FLOORS = {
    "summeval": 0.77,
    "qags_cnndm": 0.81,
    "cliff": 0.83,
    "xsumfaith": 0.78,  # 0.80 until the features of the cut, which brought FaithBench from 0.664 to 0.676
    "faithbench": 0.64,
    "bump": 0.55,
    "summedits_news": 0.61,
    "frank": 0.85,
}

pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(not (DATA / "faithfulness").is_dir(), reason="the data is not beside this checkout"),
]


def test_auroc_stays_above_its_floor_on_each_set(benchmark):
    rows = benchmark.read_rows(DATA / "faithfulness", 1500)
    scores = benchmark.cross_scores(rows, sorted(rows[0]["features"][0]))
    found = {}
    for name in FLOORS:
        at = [i for i, row in enumerate(rows) if row["set"] == name]
        found[name] = benchmark.auroc([rows[i]["faithful"] for i in at], scores[at])
    assert {name: value for name, value in found.items() if value < FLOORS[name]} == {}


def test_at_most_one_lead_in_a_hundred_is_flagged(benchmark):
    assert max(benchmark.lead_flags(DATA / "summarization").values()) <= 0.01


def test_the_judge_sees_what_the_score_does_not(benchmark):
    """Sentences that are wrong in one respect, of texts that the judge was not trained on (0.82 over all 205)."""
    try:
        locate(find_card(benchmark.JUDGE), load_settings().models_dir)
    except ModelNotFound:
        pytest.skip("the judge has not been pulled")
    articles = benchmark.read_articles(sorted((DATA / "teacher").glob("articles_*.jsonl")))
    rows = benchmark.read_edits(articles, held_out=True)[:240]
    labels = [row["faithful"] for row in rows]
    alone = benchmark.auroc(labels, [probability(row["features"]) for row in rows])
    benchmark.ask_judge(rows)
    judged = benchmark.auroc(labels, [probability(row["features"]) for row in rows])
    assert alone < 0.5 and judged > 0.75
