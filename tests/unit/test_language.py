import pytest

from summarizer.text.language import begins_in_english

ENGLISH = "The ferry to the island has not left for a week, as the crew is on strike for more pay. "


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        ENGLISH * 3 + "Мост закрыт.",
        ENGLISH + "7 11 9 14 - 41\n" * 20,
        "",
    ],
)
def test_english_is_known_among_numbers_and_a_few_foreign_words(text):
    assert begins_in_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Die Fähre zur Insel fährt seit einer Woche nicht mehr, weil die Mannschaft mehr Lohn verlangt.",
        "El transbordador a la isla no sale desde hace una semana, y la tripulación pide más salario.",
        "Паром на остров не ходит уже неделю: команда требует повышения зарплаты.",
        # English names stand apart in a text without spaces, and "for" and "to" are among them
        "Letters for PC は島への連絡船の予約を取るためのアプリで、先週から起動しなくなったとのことです。 "
        "Letters for PC の起動ホットキーを無効にする方法をまとめて説明しておきます。 Letters to Go とは別です。",
    ],
)
def test_other_languages_are_told_from_it(text):
    assert not begins_in_english(text)
