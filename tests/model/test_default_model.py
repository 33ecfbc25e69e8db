"""The embedded default, with its real weights, on the sample article. `make test` pulls it."""

import re
from pathlib import Path

import pytest

from summarizer import Summarizer
from summarizer.settings import load_settings

pytestmark = pytest.mark.model
ARTICLE = Path("examples/article.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def summarizer(pulled_default, tmp_path_factory):
    settings = load_settings(cache={"path": tmp_path_factory.mktemp("cache") / "c.sqlite3"})
    with Summarizer(settings) as opened:
        yield opened


def test_the_sample_article(summarizer):
    result = summarizer.summarize(ARTICLE)
    assert result.duplicates.characters_removed >= 1900
    assert not result.coverage.truncated and result.coverage.tokens_read < 600
    assert 1 <= len(result.sentences) <= 3 and result.summary.endswith(".")
    assert not any(s.unsupported for s in result.sentences)
    assert all(s.sources for s in result.sentences)
    names = re.findall(r"(?<=[a-z,] )[A-Z]\w+", result.summary)
    assert all(name.casefold() in ARTICLE.casefold() for name in names)


def test_the_body_once_is_the_same_summary(summarizer):
    once = "\n".join(dict.fromkeys(ARTICLE.splitlines()))
    assert summarizer.summarize(once).id == summarizer.summarize(ARTICLE).id
    assert summarizer.summarize(once).cached
