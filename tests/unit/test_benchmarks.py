"""The benchmarks where there is little to measure, or where a system fails."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from summarizer.errors import EmptyInput, InputError

ROOT = Path(__file__).parents[2]
MACHINE = {
    "cpu": "a CPU", "threads": 2, "memory_gb_s": 20.0, "tflop_s": 1.0, "bf16_tflop_s": 1.0, "fp32_tflop_s": 0.5,
}  # fmt: skip
ROW = {
    "articles": 4, "seconds": 8.0, "new_tokens": 96.0, "articles_s": 0.5, "tokens_s": 48.0, "latency_p50_s": 2.0,
    "latency_p95_s": 2.0, "first_sentence_p50_s": 1.0, "peak_memory_mb": 900.0, "cpus_of_others": 0.0,
}  # fmt: skip
TUTORIAL = {"system": "tutorial", "in_flight": 1, "prompt_tokens": 500.0}
ENGINE = {"system": "transformers", "in_flight": 16, "prompt_tokens": 500.0, "tokens_s": 480.0}
HTTP = {"system": "http", "in_flight": 16}
FAILED = {"system": "tutorial", "in_flight": 1, "failed": 1}
HITS = {"hits_s": 2000.0, "latency_p50_s": 0.001, "latency_p95_s": 0.002}


@pytest.fixture
def speed(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import speed

    return speed


def article(first, count=12):
    told = (f"Dam {first + 40 * n} of Brenford\u2028was voted for by {n + 2} of the council." for n in range(count))
    return " ".join(told)


def write(path, *texts, encoding="utf-8"):
    lines = (json.dumps({"text": text}, ensure_ascii=False) for text in texts)
    path.write_text("\n".join(lines) + "\n \n", encoding=encoding)
    return path


def test_speed_reads_what_the_command_line_reads(speed, tmp_path):
    """A blank last line, a mark of the byte order, and a line separator that ends no line of the file."""
    file = write(tmp_path / "articles.jsonl", *map(article, range(3)), encoding="utf-8-sig")
    assert len(speed.read_articles(file, 2)) == 2
    assert len(speed.read_articles(tmp_path, 8)) == 3


def test_speed_says_when_there_is_nothing_to_measure(speed, tmp_path):
    with pytest.raises(EmptyInput, match="no article of 500 to 7,000 characters"):
        speed.read_articles(write(tmp_path / "articles.jsonl", "Too short.", None, article(1, 200)), 8)
    with pytest.raises(InputError):
        speed.read_articles(tmp_path / "nothing.jsonl", 8)


@pytest.fixture
def measured(speed, tmp_path):
    import speed_roofline

    demand = speed_roofline.Demand(10**8, 3 * 10**7, 30, 576, 23040)

    def call(*rows):
        rows = [row if "failed" in row else ROW | row for row in rows]
        speed.write({"machine": MACHINE, "articles": 4, "rows": rows}, demand, tmp_path)
        return json.loads((tmp_path / "speed.json").read_text("utf-8")), (tmp_path / "speed.md").read_text("utf-8")

    return call


def test_speed_compares_with_the_tutorial(measured):
    result, page = measured(TUTORIAL, ENGINE, HTTP | {"cache_hits": {"1": HITS, "16": HITS}})
    assert [row["times_tutorial"] for row in result["rows"]] == [1, 10, 1]
    assert "| transformers | 16 | 500 | 0.50 | 480 | 10.0 | " in page
    assert "| http | 16 | 500 |" in page and "cache hits a second at 16 clients | 2e+03 |" in page


def test_speed_writes_the_others_where_the_tutorial_fails(measured):
    """None of them is the yardstick in its place."""
    result, page = measured(FAILED, ENGINE)
    assert "| tutorial | 1 | failed, exit code 1 |" in page and "| 500 | 0.50 | 480 |  | " in page
    assert not {"times_tutorial"} & set(result["rows"][1]) and result["targets"] == {}


def test_speed_gives_no_roofline_for_prompts_that_nothing_told(measured):
    result, page = measured(FAILED, HTTP | {"cache_hits": {"1": HITS, "16": HITS}})
    assert "of_roofline" not in result["rows"][1] and result["prompt_tokens"] is None
    assert "| http | 16 |  | 0.50 | 48 |  |  | 2.00 |" in page


def test_speed_writes_a_page_where_all_fail(measured):
    result, page = measured(FAILED)
    assert "failed, exit code 1" in page and result["targets"] == {}


@pytest.mark.parametrize(("count", "marks"), [(0, []), (3, [3]), (700, [700]), (1100, [1000, 1100])])
def test_the_stream_is_measured_to_its_last_article(monkeypatch, tmp_path, count, marks):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import stories

    monkeypatch.setattr(stories, "invented", lambda count: list(_short_articles(count)))
    points = stories.stream(count, tmp_path / "stories.sqlite")
    assert [point["articles"] for point in points] == marks
    assert all(point["ms_an_article"] > 0 for point in points)


def _short_articles(count):
    from datetime import UTC, datetime

    from summarizer import Article

    now = datetime(2024, 1, 1, tzinfo=UTC)
    return ((Article(f"Report {i} of the harbour {i * 7} office."), str(i), now) for i in range(count))


@pytest.mark.parametrize(
    ("script", "given", "said"),
    [
        ("edits", ["--articles", "articles.jsonl"], "error: None of the articles is one of edits.jsonl."),
        ("speed", ["--data", "articles.jsonl"], "error: articles.jsonl: there is no article of 500"),
        ("grounding", ["--data", "."], "error: faithfulness/summeval.jsonl: No such file"),
        ("dedup", ["--data", "."], "error: in_article.jsonl: No such file"),
        ("extraction", ["--data", "."], "error: scrapinghub/index.jsonl: No such file"),
    ],
)
def test_a_benchmark_without_its_data_ends_with_one_line(tmp_path, script, given, said):
    (tmp_path / "articles.jsonl").write_text('{"id": "none", "text": "Rain fell on Monday."}\n', encoding="utf-8")
    command = [sys.executable, str(ROOT / "benchmarks" / f"{script}.py"), *given]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert done.stderr.startswith(said)
