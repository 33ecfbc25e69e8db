"""What the training scripts take for training data, and what they say of the rest."""

import json
import random
from pathlib import Path

import pytest

from summarizer.errors import InputError, UnsupportedContent

ADAPTERS = Path(__file__).parents[2] / "models" / "adapters"
TEXT = "The council met on Monday.\u2028It voted for the dam."
RANKED = {
    "id": 1,
    "task": "short",
    "input": TEXT,
    "greedy": "It met.",
    "candidates": [["It voted for the dam.", 0.9], ["It met.", 0.4]],
}


class Letters:
    """A tokenizer: a letter a token."""

    eos_token_id = 0

    def __call__(self, text, add_special_tokens):
        return {"input_ids": [ord(letter) for letter in text]}

    def apply_chat_template(self, messages, tokenize, add_generation_prompt):
        return messages[-1]["content"]


@pytest.fixture
def file(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(ADAPTERS))

    def write(*rows):
        path = tmp_path / "rows.jsonl"
        path.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8-sig")
        return path

    return write


@pytest.fixture
def read(file):
    from material import read_rows

    return lambda *rows: read_rows([file(*rows)])


def test_rows_are_joined_by_id_and_those_without_an_article_are_left_out(read):
    rows = read({"id": 0, "article": TEXT}, {"id": "0", "medium": "It voted."}, {"id": 1, "text": " "}, {"id": 2})
    assert rows == [{"id": "0", "article": TEXT, "medium": "It voted.", "text": TEXT}]


@pytest.mark.parametrize("row", [{"text": TEXT}, {"id": 1, "text": 5}, {"id": 1, "text": TEXT, "short": ["a"]}])
def test_what_is_no_row_is_named(read, row):
    with pytest.raises(InputError, match=r"rows\.jsonl:1"):
        read(row)


def test_what_gives_no_example_is_counted_by_its_reason(file):
    from material import make_examples

    row = {"text": "The council met on Monday. It voted for the dam.", "short": "It voted for the dam."}
    invented = row | {"short": "Mayor Eva Strand voted for the dam."}
    long = row | {"text": "It voted for the dam, and " * 60}
    found = make_examples([row, invented, long, {"text": "Rain."}], Letters(), [("short", 1.0)], 6)
    assert [example.task for example in found.made] == ["short"]
    assert (found.unsupported, found.too_long) == (1, 1)


def test_articles_of_the_judge_may_hold_any_sign(file):
    from claims import read_articles

    # A line separator in an article ends no line of the file.
    assert "dam" in read_articles([file({"id": 3, "text": TEXT})])["3"]
    for row in ({"text": TEXT}, {"id": 1}, {"id": 1, "text": 5}):
        with pytest.raises(UnsupportedContent, match=r"rows\.jsonl:1"):
            read_articles([file(row)])


@pytest.fixture
def rank(file):
    pytest.importorskip("peft")
    from prefer import read_rankings

    return lambda *rows: read_rankings(file(*rows), Letters(), random.Random(0))


def test_rankings_have_the_better_candidate_first(rank):
    alike = RANKED | {"candidates": [["It met.", 0.4]]}
    found = rank(RANKED, alike, RANKED | {"candidates": []}, RANKED | {"input": TEXT * 30})
    (ranking,) = found.made
    assert ranking.worths == [0.9, 0.4] and len(ranking.answers[0]) == len("It voted for the dam.") + 1
    assert (found.alike, found.too_long) == (2, 1)


def test_a_file_without_a_ranking_is_told(rank):
    with pytest.raises(UnsupportedContent, match="nothing to rank: 1 inputs without a better candidate, 1 of over"):
        rank(RANKED | {"candidates": [["It met.", 0.4]]}, RANKED | {"input": TEXT * 30})


@pytest.mark.parametrize("change", [{"task": "long"}, {"task": None}, {"candidates": [3]}, {"candidates": ["a?"]}])
def test_what_is_no_line_of_candidates_is_named(rank, change):
    with pytest.raises(UnsupportedContent, match=r"rows\.jsonl:1: this is no line of candidates"):
        rank(RANKED | change)
    with pytest.raises(UnsupportedContent, match=r"rows\.jsonl:1"):
        rank({"id": 1})
