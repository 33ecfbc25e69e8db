"""How `summarizer newsletter` ends where something could not be read."""

import json

import pytest

MAYOR = "Voters in Lund chose Per Falk as mayor on Sunday, with turnout the highest in twenty years, officials said."


@pytest.fixture
def run(command, tmp_path):
    (tmp_path / "mayor.txt").write_text(MAYOR)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "latin1.txt").write_bytes("Färja".encode("latin-1"))
    (tmp_path / "bad.jsonl").write_text("{}\n" + json.dumps({"text": MAYOR}))
    return lambda *names: command("newsletter", *names, "--engine", "lead")


@pytest.mark.parametrize("name", ["missing.txt", "latin1.txt", "empty.txt", "http://127.0.0.1:9/feed"])
def test_an_input_that_cannot_be_read_is_the_exit_code_of_a_newsletter_without_it(run, name):
    done = run(name, "mayor.txt")
    assert done.returncode == 3 and "Falk" in done.stdout
    assert done.stderr.startswith(f"{name}: ") and "1 entries" in done.stderr


def test_a_line_that_is_no_article_is_a_warning(run):
    done = run("bad.jsonl")
    assert done.returncode == 0 and "Falk" in done.stdout and done.stderr.startswith("bad.jsonl:1: ")
