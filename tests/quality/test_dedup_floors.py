"""Floors for duplicate removal on labelled data, where it lies beside the checkout."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "dedup" / "in_article.jsonl"
FLOORS = {
    "exact_duplicate": 0.995,
    "near_duplicate": 0.95,
    "boilerplate": 0.95,
    "hard_negative": 0.98,
    "original": 0.999,
}


@pytest.mark.quality
@pytest.mark.skipif(not DATA.is_file(), reason="the labelled articles are not beside this checkout")
def test_shares_stay_above_their_floors(benchmark):
    shares = benchmark.measure([json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()])
    assert {kind: share for kind, share in shares.items() if share < FLOORS[kind]} == {}
