import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from summarizer.text.canonical import canonicalize
from summarizer.text.characters import normalize
from summarizer.text.sentences import sentences
from summarizer.types import Span


def whole(text: str):
    return canonicalize(text, (Span(0, len(text)),))


def test_white_space_and_line_ends_do_not_matter():
    one = "Rates rose  to 3.5 million.\r\n\r\nBanks   agreed."
    other = "Rates rose to 3.5 million.\nBanks agreed.\n"
    assert whole(one).text == whole(other).text == "Rates rose to 3.5 million.\nBanks agreed."


def test_sentences_map_back_to_the_submitted_text():
    text = "  First   thing here.\r\n\r\nSecond\u200b  thing there. "
    read = whole(text)
    back = [read.to_source(span) for span in sentences(read.text)]
    assert [text[s.start : s.end] for s in back] == ["First   thing here.", "Second\u200b  thing there."]


@given(st.text())
def test_canonicalizing_twice_changes_nothing(text):
    once = whole(text).text
    assert whole(once).text == once


@given(st.text(alphabet="ab. \n\r\t"))
def test_every_word_survives_in_order(text):
    assert whole(text).text.split() == text.split()


def test_offsets_hold_in_a_line_without_spaces_that_is_decomposed():
    one = "ベルリンで議会がプロジェクトを承認した！ガソリンの価格がドルで上がった。"
    text = unicodedata.normalize("NFD", one.replace("が", "が\u200b"))
    read = whole(text)
    assert read.text == one
    back = [text[s.start : s.end] for s in map(read.to_source, sentences(read.text))]
    assert [unicodedata.normalize("NFC", part).replace("\u200b", "") for part in back] == [
        "ベルリンで議会がプロジェクトを承認した！",
        "ガソリンの価格がドルで上がった。",
    ]


@given(st.text(alphabet="aeガ가각\u0301\u0323\u3099\u200b \n"))
def test_every_character_maps_into_its_word(text):
    text = unicodedata.normalize("NFD", text)
    read = whole(text)
    places = [read.to_source(Span(i, i + 1)) for i in range(len(read.text)) if read.text[i].isalnum()]
    assert all(a.end <= b.start or a == b for a, b in pairwise(places))
    assert all(0 <= p.start < p.end <= len(text) for p in places)


def test_endless_marks_on_a_letter_stay_as_they_are():
    marks = "\u0316\u0301" * 40
    assert normalize("NFC", f"e\u0301 a{marks} e\u0301") == f"é a{marks} é"
    assert normalize("NFC", "a\u0301\u0316") == unicodedata.normalize("NFC", "a\u0301\u0316")
