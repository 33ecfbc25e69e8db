"""The training data of the adapter: condensed sentences as what is kept, and the summaries put together of them."""

import json
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.text.sentences import sentences

ADAPTERS = Path(__file__).parents[2] / "models" / "adapters"
ARTICLE = (
    "The town council of Brenford, which met on Monday, voted to close the old swimming pool in Mill Lane. "
    "Mayor Ines Okafor, who took office last year, said the repairs would have cost at least two million pounds. "
    "About three hundred people had signed a petition against the closure, according to its organisers. "
    "He said so."
)
KNOWN = {
    "short": "Brenford will close its old pool.",
    "medium": "The council voted to close the pool, whose repairs would have cost two million pounds. Many signed.",
    "headline": "Brenford council votes to close old pool",
}


@pytest.fixture
def condensed(monkeypatch):
    monkeypatch.syspath_prepend(str(ADAPTERS))
    import condensed

    return condensed


def cuts_of(condensed, forms):
    spans = sentences(ARTICLE)
    return {i: condensed.encode(ARTICLE[spans[i].start : spans[i].end], form) for i, form in enumerate(forms)}


FORMS = (
    "The council of Brenford voted to close the old swimming pool.",
    "Mayor Ines Okafor said the repairs would have cost at least two million pounds.",
    "About three hundred people had signed a petition.",
    "",
)


@given(st.text(max_size=80), st.text(max_size=80))
def test_what_is_kept_gives_back_the_condensed_form(sentence, form):
    sys.path.insert(0, str(ADAPTERS))
    try:
        from condensed import decode, encode
    finally:
        sys.path.pop(0)
    assert decode(sentence, encode(sentence, form)) == form


def test_words_that_are_kept_are_not_in_the_file(condensed):
    kept = condensed.encode("The old pool in Mill Lane, which leaks, will close.", "The old pool will close.")
    assert not any(isinstance(each, str) for each in kept)


def test_summaries_are_made_of_condensed_sentences(condensed):
    found = list(condensed.summaries(ARTICLE, cuts_of(condensed, FORMS), KNOWN))
    medium = [each for each in found if each.task == "medium"]
    assert {each.target for each in medium} == {" ".join(FORMS[:3])}
    assert {each.target for each in found if each.task == "short"} == {FORMS[0]}
    assert {each.target for each in found if each.task == "headline"} == {KNOWN["headline"]}


def test_a_form_that_says_more_than_its_input_is_left_out(condensed):
    forms = (FORMS[0], "Mayor Ines Okafor angrily blamed wasteful spending for the repairs.", *FORMS[2:])
    assert not [each for each in condensed.summaries(ARTICLE, cuts_of(condensed, forms), {}) if each.task == "medium"]


def test_copies_are_no_targets(condensed):
    spans = sentences(ARTICLE)
    whole = [ARTICLE[s.start : s.end] for s in spans]
    copied = list(condensed.summaries(ARTICLE, cuts_of(condensed, [*whole[:3], ""]), KNOWN))
    assert copied
    assert [each.task for each in condensed.choose(copied, 0.06, random.Random(0)) if each.task != "headline"] == []


def test_the_file_names_places_and_hardly_any_words(condensed):
    rows = [json.loads(line) for line in condensed.CONDENSED.read_text(encoding="utf-8").splitlines()]
    assert len({row["doc"] for row in rows}) == len(rows) > 1000
    kept = [each for row in rows for each in row["cuts"].values()]
    put_in = sum(len(part) for each in kept for part in each if isinstance(part, str))
    assert put_in / len(kept) < 12  # characters a sentence
