"""One number in all its spellings; names in all their forms."""

import pytest

from summarizer.grounding import check_support
from summarizer.grounding.facts import numbers
from summarizer.grounding.words import words


def value(text):
    (number,) = numbers(words(text))
    return number


@pytest.mark.parametrize(
    "one, other",
    [
        ("1.5 million", "1,500,000"),
        ("1.5m", "1,500,000"),
        ("£35million", "£35m"),
        ("$ 4.5bn", "4.5 billion dollars"),
        ("fifth", "5th"),
        ("two", "2"),
        ("twenty-five", "25"),
        ("two hundred and fifty thousand", "250,000"),
        ("half a million", "500,000"),
        ("a dozen", "12"),
        ("a quarter million", "250,000"),
        ("a quarter of a million", "250,000"),
        ("5 per cent", "5%"),
        ("10.30pm", "22:30"),
        ("10:30 p.m.", "10:30"),
        ("19-year-old", "nineteen"),
        ("1990s", "1990"),
    ],
)
def test_spellings_of_one_number_agree(one, other):
    assert value(one).agrees(value(other))


@pytest.mark.parametrize(
    "one, other", [("45", "4.5"), ("5 million", "5"), ("5%", "$5"), ("15", "50"), ("1,500", "1.5")]
)
def test_different_numbers_do_not_agree(one, other):
    assert not value(one).agrees(value(other))


def kinds(article, summary):
    return [(u.text, u.kind) for s in check_support(article, summary).sentences for u in s.unsupported]


@pytest.mark.parametrize(
    "article, summary",
    [
        ("The World Health Organization met on Friday.", "The meeting was held by the WHO on Friday."),
        ("The leaders of NATO met in Oslo.", "In Oslo the North Atlantic Treaty Organization met."),
        ("The Swedish team won in Russia.", "The team from Sweden won a Russian match."),
        ("Maria J. Keller resigned.", "The board let Keller's deputy resign, as Kellers do."),
        ("She plays for the U.S. team.", "She plays for the US, for America."),
        ("Beyoncé sang ‘one more time’, he said.", 'He said Beyonce sang "one more time".'),
    ],
)
def test_other_forms_of_a_name_are_supported(article, summary):
    assert kinds(article, summary) == []


def test_another_day_or_month_is_unsupported():
    article = "The council voted on Monday, 3 March. It may march on."
    assert kinds(article, "The council voted on Tuesday.") == [("Tuesday", "number")]
    assert kinds(article, "The council voted on 3 April.") == [("April", "number")]


def test_names_are_not_checked_in_other_languages():
    article = "Die Stadt Lyon hat am Montag eine neue Brücke eröffnet, die vier Millionen Euro gekostet hat."
    assert kinds(article, "Die Brücke in Paris kostete 12 Euro.") == [("12", "number")]


@pytest.mark.parametrize("text", ["", " ", "\ud800", "½", "٣ ٤", "1.2.3.4", "$", "first-", "a million million", "²"])
def test_odd_texts_are_survived(text):
    check_support(text, text)
    check_support("The mayor opened a bridge.", text)


LETTER = (
    "Congresswoman Ada Voss and U.S. Senators Ian Holt and Lea Brandt wrote to Kemp on Monday. Holt gave him a note. "
    "Councillor Rhys Parry of Barry did not sign. There were 3 letters.\n"
    "Students need at least an 8.50 mark to apply. The works cost £17.7m. The Kino 225 lost 406.51 points.\n"
    "The hall was cold. The doors were shut. They hope for better heating. Repairs will soon begin today."
)


@pytest.mark.parametrize(
    "summary",
    [
        "Three Holt letters went to Kemp.",
        "Handing Kemp a petition, Holt wrote to him.",
        "Although Parry did not sign, the others wrote.",
        "A letter was written to Kemp by Rep. Voss and by Sen. Holt, while Cllr Parry did not sign it.",
    ],
)
def test_what_only_stands_before_a_name_is_no_name(summary):
    assert kinds(LETTER, summary) == []


def test_a_foreign_name_that_begins_a_sentence_is_still_one():
    assert kinds(LETTER, "Gregor Voss wrote to Kemp.") == [("Gregor", "name")]
    assert kinds(LETTER, "Petersen wrote to Kemp.") == [("Petersen", "name")]


@pytest.mark.parametrize("subject", ["Officials", "Police", "Rain", "Whoever", "Firemen", "Handing", "Management"])
def test_a_common_noun_that_opens_a_sentence_is_no_name(subject):
    assert kinds(LETTER, f"{subject} wrote to Kemp.") == []


@pytest.mark.parametrize(
    "summary",
    [
        "Students need a mark of 8.5 or better.",
        "The works cost £17.7m and will soon begin.",
        "The Kino 225 406.51 today.",
    ],
)
def test_words_after_a_conjunction_or_another_number_may_be_said_of_something_else(summary):
    assert [found for found in kinds(LETTER, summary) if found[1] == "number"] == []
