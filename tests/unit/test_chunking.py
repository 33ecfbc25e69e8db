from hypothesis import given
from hypothesis import strategies as st

from summarizer.text.sentences import sentences
from summarizer.writing.chunking import split_chunks


def count_words(texts):
    return [len(text.split()) for text in texts]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(8, 60))
def test_chunks_cover_every_word_once_in_order_and_fit(lengths, budget):
    text = "\n".join(" ".join(f"w{i}x{j}" for j in range(n)) + "." for i, n in enumerate(lengths))
    chunks = split_chunks(text, sentences(text), count_words, budget)
    assert " ".join(chunk.text for chunk in chunks).split() == text.split()
    assert all(count_words([chunk.text])[0] <= budget for chunk in chunks)


def test_one_endless_sentence_is_split_at_words():
    text = " ".join(f"w{i}" for i in range(1000))
    chunks = split_chunks(text, sentences(text), count_words, 100)
    assert len(chunks) > 9
    assert " ".join(c.text for c in chunks).split() == text.split()
