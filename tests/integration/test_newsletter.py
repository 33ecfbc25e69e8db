"""One entry a story, on the engine without a model."""

import json
import subprocess
import sys

import pytest

from summarizer import Summarizer
from summarizer.errors import EmptyInput
from summarizer.newsletter import build_newsletter, to_markdown
from summarizer.settings import load_settings
from summarizer.types import Article

FERRY = (
    "The ferry Aurora ran aground off Port Kelda early on Tuesday with 84 passengers on board. Coast guard boats took "
    "everyone to safety within two hours, a spokeswoman for the Kelda coast guard said. Divers will inspect the hull."
)
AGAIN = (
    "Coast guard crews rescued 84 passengers from the ferry Aurora, which struck rocks near Port Kelda on Tuesday. "
    "Nobody was hurt, the Kelda coast guard said. Tugs are to pull the Aurora free once divers have seen the hull."
)
MAYOR = "Voters in Lund chose Per Falk as mayor on Sunday, with turnout the highest in twenty years, officials said."
DAY = [
    Article(MAYOR),
    Article(FERRY, "Ferry aground", "https://a.example/ferry"),
    Article(AGAIN, "84 [saved](http://x) <b>", "https://b.example/aurora"),
    Article("Subscribe now\n" + FERRY, None, "javascript:alert(1)"),
]


@pytest.fixture
def summarizer(tmp_path):
    with Summarizer(load_settings(engine="lead", cache={"path": tmp_path / "cache.sqlite3"})) as summarizer:
        yield summarizer


def test_one_entry_a_story_the_most_reported_first(summarizer):
    told = []
    made = build_newsletter(DAY, summarizer, on_progress=lambda *done: told.append(done))
    ferry, mayor = made.entries
    assert not made.failed and told[-1] == (2, 2)
    assert ferry.article.text in (FERRY, AGAIN, DAY[3].text) and len(ferry.others) == 2
    assert "Aurora" in ferry.summary.summary
    assert mayor.article is DAY[0] and mayor.others == ()
    assert mayor.headline.startswith("Voters in Lund")  # it has no title: the model writes one
    assert build_newsletter(DAY, summarizer, entries=1).entries[0].article == ferry.article
    assert build_newsletter([], summarizer).entries == ()


def test_an_article_that_fails_loses_no_other(summarizer):
    empty = Article(" ", "Empty")
    made = build_newsletter([empty, DAY[0]], summarizer)
    assert [entry.article for entry in made.entries] == [DAY[0]]
    ((article, error),) = made.failed
    assert article is empty and isinstance(error, EmptyInput)


def test_markdown_takes_no_markup_from_articles(summarizer):
    text = to_markdown(build_newsletter(DAY, summarizer), "1. News *today*")
    assert text.startswith("# 1\\. News \\*today\\*\n")
    assert "](<https://a.example/ferry>)" in text and "](<https://b.example/aurora>)" in text
    assert "(http://x)" not in text.replace("\\](http://x)", "") and "<b>" not in text and "javascript" not in text
    assert text.count("## ") == 2


def test_blank_titles_and_addresses_are_none(summarizer):
    day = [
        Article(FERRY, " \n", " https://a.example/ferry\n"),
        Article(AGAIN, "\u200b", "https://b.example/x\nhttps://c.example"),
        Article(MAYOR, "\ud83d", "https:///no-host"),
    ]
    made = build_newsletter(day, summarizer)
    assert all(entry.headline.strip(" \n\u200b\ud83d") for entry in made.entries)
    text = to_markdown(made, "News")
    assert "[a.example](<https://a.example/ferry>)" in text and text.count("](<") == 1
    assert "[]" not in text and "## \n" not in text and "c.example" not in text


def test_the_command_line(tmp_path):
    lines = [{"id": i, "text": a.text, "title": a.title, "url": a.url} for i, a in enumerate(DAY)]
    lines[2]["title"] += " \ud83d"  # half an emoji
    (tmp_path / "day.jsonl").write_text("\n".join(map(json.dumps, [*lines, {"text": " "}])), encoding="utf-8")

    def run(*arguments):
        command = [sys.executable, "-m", "summarizer", "newsletter", *arguments, "--engine", "lead"]
        return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, cwd=tmp_path)

    done = run("day.jsonl", "--title", "Kelda")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Kelda\n\n## ") and done.stdout.count("\n## ") == 2
    assert "5 article(s), 2 entries" in done.stderr and "day.jsonl:5: " in done.stderr
    first = json.loads(run("day.jsonl", "--json").stdout.splitlines()[0])
    assert len(first["others"]) == 2 and first["summary"]["sentences"]
    (tmp_path / "none.jsonl").write_text("\n", encoding="utf-8")
    assert run("none.jsonl").returncode == 3
