from hypothesis import given
from hypothesis import strategies as st

from summarizer.canonical import canonicalize
from summarizer.sentences import sentences
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
