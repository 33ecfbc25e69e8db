"""Floors for taking articles out of pages, on pages whose article people marked, where they lie beside the checkout."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "html"


@pytest.mark.quality
@pytest.mark.skipif(not DATA.is_dir(), reason="the pages are not beside this checkout")
def test_articles_are_found_whole_and_alone(benchmark):
    values = benchmark.measure(DATA, benchmark.ours)
    assert values["precision"] >= 0.95
    assert values["recall"] >= 0.99
    assert values["under 0.8"] <= 1
