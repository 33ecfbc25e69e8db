"""Floors for the embedded default's summaries, where the data lies beside the checkout and the model is pulled."""

import json
import re
from pathlib import Path
from statistics import mean

import pytest

from summarizer import Summarizer
from summarizer.evaluation.measures import Example, Meter
from summarizer.settings import load_settings

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "summarization" / "llm_news_writers.jsonl"
COUNT = 40
# A point or two below what was measured.
ROUGE = {"rouge_1": 41.0, "rouge_2": 18.0, "rouge_l": 28.0}
ABOUT_THE_TEXT = re.compile(r"\b(?:the|this) (?:article|text|passage|author|summary)\b", re.IGNORECASE)

pytestmark = [
    pytest.mark.quality,
    pytest.mark.model,
    pytest.mark.skipif(not FILE.is_file(), reason="the data is not beside this checkout"),
]


@pytest.fixture(scope="module")
def examples():
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()[:COUNT]]
    return [Example(row["id"], row["article"], tuple(row["references"]), row["id"]) for row in rows]


@pytest.fixture(scope="module")
def summarizer(pulled_default):
    with Summarizer(load_settings(cache={"enabled": False})) as summarizer:
        yield summarizer


def write(summarizer, examples, **options):
    return summarizer.summarize_many([example.article for example in examples], **options)


def test_summaries_stay_near_the_writers_and_say_what_the_article_says(summarizer, examples):
    meter = Meter()
    summaries = write(summarizer, examples)
    scores = [meter.measure(e, "ours", s.summary).scores for e, s in zip(examples, summaries, strict=True)]
    found = {name: mean(getattr(each, name) for each in scores) for name in ROUGE}
    assert all(found[name] >= floor for name, floor in ROUGE.items()), found
    assert not any(each.unsupported for each in scores)
    # 0.02 until doubtful sentences gave way to the article's own.
    assert mean(each.novel_bigrams for each in scores) >= 0.018
    assert mean(min(each.score for each in s.sentences) >= 0.75 for s in summaries) >= 0.9
    # 0.1 until the most salient sentence was added where the draft passed it over (0.15 measured).
    assert mean(s.finish_reason == "extractive" for s in summaries) <= 0.2
    for summary in summaries:
        texts = [sentence.text for sentence in summary.sentences]
        assert 1 <= len(texts) <= 3 and len({text.casefold() for text in texts}) == len(texts)
        assert all(text.rstrip("”’'\")").endswith((".", "!", "?")) for text in texts), texts
        assert not ABOUT_THE_TEXT.search(summary.summary), summary.summary


def test_headlines_are_headlines(summarizer, examples):
    headlines = write(summarizer, examples, format="headline")
    for headline in headlines:
        # A clause, or a sentence, of the article may be longer than the 14 words of a headline that a model writes.
        assert len(headline.sentences) == 1 and len(headline.summary.split()) <= 22
        assert not headline.summary.endswith(".") and not headline.sentences[0].unsupported
    # 13 until a short summary was the most salient sentence of three: its clauses, which stand for it, are longer.
    assert mean(len(headline.summary.split()) for headline in headlines) <= 14
    # 0.6 until those that may say something else gave way to a clause of the article: read, 30 of 60 had been false.
    assert mean(headline.finish_reason == "stop" for headline in headlines) >= 0.25
