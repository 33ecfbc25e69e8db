import builtins
from dataclasses import astuple

import numpy as np
import pytest

from summarizer.engines.lead import lead
from summarizer.errors import SettingsError
from summarizer.evaluation.bootstrap import paired_bootstrap, summarize_system
from summarizer.evaluation.measures import LEAD, MEASURES, Example, Meter

ARTICLE = (
    "Voters in Lund chose Per Falk as mayor on Sunday. Turnout was the highest in twenty years. "
    "Mr Falk promised a new tram line. He takes office in May."
)
EXAMPLE = Example(
    "one", ARTICLE, ("Per Falk is the new mayor of Lund.", "Turnout was the highest in twenty years."), "d"
)


@pytest.fixture(scope="module")
def meter():
    return Meter()


def test_lead_is_the_first_three_sentences():
    assert lead(ARTICLE).endswith("tram line.") and ARTICLE.startswith(lead(ARTICLE))


def test_rouge_is_of_the_best_reference_and_of_the_mean(meter):
    scores = meter.measure(EXAMPLE, "ours", EXAMPLE.references[1]).scores
    assert scores.rouge_1 == scores.rouge_2 == scores.rouge_l == scores.rouge_lsum == 100
    other = meter.measure(Example("one", ARTICLE, EXAMPLE.references[:1], "d"), "ours", EXAMPLE.references[1]).scores
    assert scores.rouge_1_mean == pytest.approx((100 + other.rouge_1) / 2)


def test_words_are_stemmed(meter):
    one = Example("one", ARTICLE, ("The mayor promised trams.",), "d")
    assert meter.measure(one, "ours", "The mayors promise tram.").scores.rouge_2 == 100


def test_lsum_takes_sentences_in_any_order_and_l_does_not(meter):
    one = Example("one", ARTICLE, ("Falk won. The tram comes.",), "d")
    scores = meter.measure(one, "ours", "The tram comes. Falk won.").scores
    assert scores.rouge_lsum == 100 and scores.rouge_l < 100


def test_the_article_s_own_words_are_neither_new_nor_unsupported(meter):
    scores = meter.measure(EXAMPLE, LEAD, lead(ARTICLE)).scores
    assert scores.unsupported == scores.novel_bigrams == 0
    assert scores.words == 24 and scores.compression == pytest.approx(29 / 24)


def test_what_the_article_does_not_say_counts(meter):
    measured = meter.measure(EXAMPLE, "ours", "Voters in Lund chose Eva Strand as mayor on Sunday.")
    assert measured.scores.unsupported == 1
    assert measured.scores.novel_bigrams == pytest.approx(3 / 9)
    assert measured.scores.support < meter.measure(EXAMPLE, LEAD, lead(ARTICLE)).scores.support


@pytest.mark.parametrize("summary", ["", "…", "Falk"])
def test_a_summary_of_no_pairs_has_measures(meter, summary):
    scores = meter.measure(EXAMPLE, "ours", summary).scores
    assert np.isfinite(astuple(scores)).all() and scores.novel_bigrams == 0
    if summary != "Falk":
        assert scores.support == 0


def test_a_missing_rouge_score_is_told_with_its_cure(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest, **named):
        if name.startswith("rouge_score"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(SettingsError, match=r"\[evaluate\]"):
        Meter()


def test_the_bootstrap_is_seeded_and_holds_the_mean():
    differences = np.random.default_rng(1).normal(0.5, 1, (80, len(MEASURES)))
    docs = [str(i) for i in range(80)]
    first = paired_bootstrap(differences, docs)
    assert first == paired_bootstrap(differences, docs)
    for found in first.values():
        assert found.low < found.difference < found.high
        assert 0.3 < found.high - found.low < 0.6  # 4 standard errors of 80 draws: 0.44


def test_rows_of_one_article_are_drawn_together():
    differences = np.repeat(np.random.default_rng(1).normal(0, 1, (20, len(MEASURES))), 4, axis=0)
    apart = paired_bootstrap(differences, [str(i) for i in range(80)])["rouge_1"]
    together = paired_bootstrap(differences, [str(i // 4) for i in range(80)])["rouge_1"]
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_a_system_is_compared_on_the_articles_it_has(meter):
    other = Example("two", ARTICLE, ("Nothing of the kind.",), "e")
    leads = {each.id: meter.measure(each, LEAD, lead(ARTICLE)) for each in (EXAMPLE, other)}
    result = summarize_system([meter.measure(EXAMPLE, "ours", EXAMPLE.references[1])], leads, 0.5)
    assert (result.system, result.articles, result.seconds) == ("ours", 1, 0.5)
    assert result.to_lead["rouge_1"].difference == pytest.approx(100 - leads["one"].scores.rouge_1)
    assert result.to_lead["rouge_1"].is_clear
    assert summarize_system(list(leads.values()), {}).to_lead == {}
