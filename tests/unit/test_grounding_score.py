"""The score is a probability that falls with each kind of invention."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.errors import EmptyInput
from summarizer.grounding import check_support, support_of
from summarizer.grounding.score import load_weights, signs

ARTICLE = (
    "The town council of Marlow approved a new library on Tuesday. It will cost 3.5 million pounds.\n"
    "Councillor Ines Vogel said the old building leaks. Work begins in March and takes two years.\n"
    "Residents had asked for longer opening hours, which the council refused."
)


def score(summary):
    return check_support(ARTICLE, summary).score


@pytest.mark.parametrize("judged", [False, True])
def test_no_weight_has_the_wrong_sign(judged):
    fitted = load_weights(judged)
    assert ("doubt" in fitted.features) == judged
    allowed = signs(fitted.features)
    assert len(fitted.weight) == len(allowed) == 2 * len(fitted.features)
    assert all(weight * sign >= 0 and (sign or not weight) for weight, sign in zip(fitted.weight, allowed, strict=True))


def test_a_copy_scores_above_a_mixture_above_an_invention():
    copied = score("The town council of Marlow approved a new library on Tuesday.")
    mixed = score("Ines Vogel refused a new library, which begins on Tuesday.")
    invented = score("Paris will pay 90 million dollars to the fishermen of Norway in 2031.")
    assert copied > 0.75 > mixed > invented
    assert invented < 0.1


def test_the_whole_is_no_better_than_an_invented_part_allows():
    copied = "The town council of Marlow approved a new library on Tuesday."
    assert score(f"{copied} Norway sent 90 ships.") < score(copied)


@pytest.mark.parametrize(("article", "summary", "what"), [(ARTICLE, " …", "summary"), ("—\n", ARTICLE, "article")])
def test_what_has_no_words_supports_nothing_and_is_not_supported(article, summary, what):
    with pytest.raises(EmptyInput, match=what):
        check_support(article, summary)


@pytest.mark.parametrize(("article", "summary", "what"), [(ARTICLE, b"It rained.", "summary"), (None, "", "article")])
def test_what_is_no_text_is_a_type_error(article, summary, what):
    with pytest.raises(TypeError, match=f"The {what} must be a text"):
        check_support(article, summary)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_a_finite_probability_and_spans_in_place(article, summary):
    report = support_of(article, summary)
    assert 0.0 <= report.score <= 1.0 and math.isfinite(report.score)
    for sentence in report.sentences:
        assert 0.0 <= sentence.score <= 1.0
        assert all(sentence.text[u.start : u.end] == u.text for u in sentence.unsupported)
        assert all(article[s.start : s.end].strip() for s in sentence.sources)
