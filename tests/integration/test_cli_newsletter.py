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


@pytest.mark.parametrize("feed", ["<rss><channel><item>", "<rss><channel><title>Lund</title></channel></rss>"])
def test_a_feed_without_items_is_named(run, tmp_path, feed):
    (tmp_path / "bad.xml").write_text(feed)
    done = run("bad.xml", "mayor.txt")
    assert done.returncode == 3 and "Falk" in done.stdout
    assert done.stderr.startswith("bad.xml: There are no items in this feed.") and "1 entries" in done.stderr
    done = run("bad.xml")
    assert (done.returncode, done.stdout) == (3, "") and done.stderr.startswith("error: bad.xml: There are no items")


def test_a_feed_of_old_items_is_not_named(run, tmp_path):
    item = f"<item><description>{MAYOR}</description><pubDate>Mon, 1 Jan 2001 00:00:00 GMT</pubDate></item>"
    (tmp_path / "old.xml").write_text(f"<rss><channel>{item}</channel></rss>")
    done = run("old.xml", "mayor.txt", "--days", "1")
    assert done.returncode == 0 and "old.xml" not in done.stderr


def test_a_line_that_is_no_article_is_a_warning(run):
    done = run("bad.jsonl")
    assert done.returncode == 0 and "Falk" in done.stdout and done.stderr.startswith("bad.jsonl:1: ")
