"""`summarizer check`, as a user would run it."""

import json
import os
from functools import partial

import pytest

ARTICLE = (
    "The town council of Marlow approved a new library on Tuesday. It will cost 3.5 million pounds.\n"
    "Councillor Ines Vogel said the old building leaks. Work begins in March and takes two years.\n"
)
GOOD = "Councillor Ines Vogel said the old building leaks."
BAD = "The library will cost 9 million pounds, said Peter Lund."


@pytest.fixture
def checked(command, tmp_path):
    (tmp_path / "article.txt").write_text(ARTICLE)

    def run(summary, *options, article="article.txt", stdin=""):
        (tmp_path / "summary.txt").write_text(summary)
        return command("check", article, "summary.txt", *options, stdin=stdin)

    return run


def test_a_supported_summary_is_shown_with_its_sources(checked):
    done = checked(GOOD)
    assert done.returncode == 0, done.stderr
    assert "✓" in done.stdout and "✗" not in done.stdout
    assert f"{ARTICLE.index(GOOD)}: {GOOD}" in done.stdout


def test_what_the_article_does_not_state_is_named_and_is_the_exit_code(checked):
    done = checked(f"{GOOD} {BAD}")
    assert done.returncode == 1, done.stderr
    assert "✓" in done.stdout and "✗" in done.stdout
    assert "number “9 million" in done.stdout and "name “Peter Lund”" in done.stdout


def test_what_is_wrong_is_said_by_its_kind(checked, tmp_path):
    (tmp_path / "denied.txt").write_text(
        "The deal was not approved by regulators. Police in London arrested Smith after a long chase."
    )
    said = checked("Regulators met. The deal was approved by regulators.", article="denied.txt").stdout
    assert "The article says otherwise: negation “approved”" in said and "ot in the article" not in said
    said = checked("Smith arrested police in London after a chase.", article="denied.txt").stdout
    assert "The article says it of somebody else: role “Smith arrested police”" in said
    said = checked(BAD).stdout
    assert "Not so in the article: number “9 million" in said and "Not in the article: name “Peter Lund”" in said


def test_json_is_the_report(checked):
    done = checked(BAD, "--json", article="-", stdin=ARTICLE)
    report = json.loads(done.stdout)
    assert done.returncode == 1 and not report["sentences"][0]["supported"]
    assert {span["kind"] for span in report["sentences"][0]["unsupported"]} == {"number", "name"}
    assert 0 < report["score"] < 0.5


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (("check", "-", "-"), 2, "both"),
        (("check", "nowhere.txt", "summary.txt"), 3, "nowhere.txt"),
        (("check", "article.txt", "empty.txt"), 3, "summary has no words"),
        (("check", "empty.txt", "summary.txt"), 3, "article has no words"),
        (("check", "article.txt", "summary.txt", "--judge", "no-such"), 4, "no-such"),
        (("check", "article.txt", "summary.txt", "--judge", "roberta-large-mnli"), 4, "models pull"),
    ],
)
def test_what_cannot_be_checked_says_why(command, tmp_path, arguments, code, what):
    (tmp_path / "article.txt").write_text(ARTICLE)
    (tmp_path / "summary.txt").write_text(GOOD)
    (tmp_path / "empty.txt").write_text(" \n")
    done = command(*arguments, env=None)
    assert done.returncode == code and what in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_without_the_signs_gets_the_report(command, tmp_path):
    (tmp_path / "article.txt").write_text(ARTICLE)
    (tmp_path / "summary.txt").write_text(f"{GOOD} {BAD}")
    call = partial(command, "check", "article.txt", "summary.txt", stdin=b"")
    done = call(env=os.environ | {"PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 1 and b"Traceback" not in done.stderr
    assert "number “9 million" in done.stdout.decode("cp1252")
