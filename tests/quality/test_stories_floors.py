"""Floors for stories and copies on labelled data, where it lies beside the checkout."""

import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "dedup"
FLOORS = {"ecbplus": 0.93, "wikinews_events": 0.86}
CORPUS = {
    "ecbplus": "76b890e90cb27c96",
    "wikinews_events": "76847b4a69933d41",
    "provenance_helsinki": "f7673da016f60011",
    "provenance_silver_pairs": "ce611c52043dbdb5",
}

pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(not DATA.is_dir(), reason="the labelled articles are not beside this checkout"),
]


@pytest.mark.parametrize("name", CORPUS)
def test_the_corpus_is_the_one_that_the_floors_were_measured_on(name):
    assert hashlib.sha256((DATA / f"{name}.jsonl").read_bytes()).hexdigest()[:16] == CORPUS[name]


@pytest.mark.parametrize("name", FLOORS)
def test_stories_stay_above_their_floors(benchmark, name):
    rows = benchmark.read(DATA / f"{name}.jsonl")
    scores = benchmark.b_cubed([row["cluster"] for row in rows], benchmark.ours(rows))
    assert scores["f1"] >= FLOORS[name]


def test_copies_stay_above_their_floors(benchmark):
    rows = benchmark.read(DATA / f"{benchmark.COPIES}.jsonl")
    pairs = {benchmark._pair(row["a"], row["b"]) for row in benchmark.read(DATA / "provenance_silver_pairs.jsonl")}
    found = benchmark._linked(rows)
    assert len(found & pairs) / len(found) >= 0.98
    assert len(found & pairs) / len(pairs) >= 0.97
