"""What ``summarizer models train`` takes for training data."""

import json
from pathlib import Path

import pytest

from summarizer.errors import InputError

pytest.importorskip("peft")
ADAPTERS = Path(__file__).parents[2] / "models" / "adapters"
TEXT = "The council met on Monday.\u2028It voted for the dam."


@pytest.fixture
def read(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(ADAPTERS))
    from train import read_rows

    def call(*rows):
        file = tmp_path / "rows.jsonl"
        file.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        return read_rows([file])

    return call


def test_rows_are_joined_by_id_and_those_without_an_article_are_left_out(read):
    rows = read({"id": 0, "article": TEXT}, {"id": "0", "medium": "It voted."}, {"id": 1, "text": " "}, {"id": 2})
    assert rows == [{"id": "0", "article": TEXT, "medium": "It voted.", "text": TEXT}]


@pytest.mark.parametrize("row", [{"text": TEXT}, {"id": 1, "text": 5}, {"id": 1, "text": TEXT, "short": ["a"]}])
def test_what_is_no_row_is_named(read, row):
    with pytest.raises(InputError, match=r"rows\.jsonl:1"):
        read(row)
