import json
import sqlite3
from contextlib import closing
from functools import partial

import pytest

FERRY = (
    "The ferry Aurora ran aground off Port Kelda early on Tuesday with 84 passengers on board. Coast guard boats took "
    "everyone to safety within two hours, a spokeswoman for the Kelda coast guard said. Divers will inspect the hull."
)
FERRY_TOLD_AGAIN = (
    "Coast guard crews rescued 84 passengers from the ferry Aurora, which struck rocks near Port Kelda on Tuesday. "
    "Nobody was hurt, the Kelda coast guard said. Tugs are to pull the Aurora free once divers have seen the hull."
)
MAYOR = "Voters in Lund chose Per Falk as mayor on Sunday, with turnout the highest in twenty years, officials said."
LINES = [
    {"id": "ferry", "text": FERRY, "title": "Ferry aground", "date": "2024-05-01"},
    {"id": "mayor", "text": MAYOR, "title": None, "date": "2024-05-01T12:00:00Z"},
    {"id": "again", "text": FERRY_TOLD_AGAIN},
    {"id": "copy", "text": "Subscribe now\n" + FERRY},
]


@pytest.fixture
def run(command, tmp_path):
    (tmp_path / "day.jsonl").write_text("\n".join(map(json.dumps, LINES)) + "\n\n", encoding="utf-8")
    return partial(command, "stories")


def test_groups_are_printed_with_the_reason_of_each_member(run):
    done = run("day.jsonl")
    assert done.returncode == 0, done.stderr
    assert "3 article(s)" in done.stdout and "mayor" not in done.stdout
    assert "ferry  stands for the story" in done.stdout
    assert "copy  copy of ferry" in done.stdout
    assert "same event as" in done.stdout and "aurora" in done.stdout
    assert "4 article(s), 2 stories" in done.stderr


def test_json_names_the_articles(run):
    done = run("--json", "-", stdin="\n".join(map(json.dumps, LINES)))
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["members"] == ["ferry", "again", "copy"] and second["members"] == ["mayor"]
    assert first["copies"] == [["ferry", "copy"]]
    assert {(link["a"], link["b"], link["kind"]) for link in first["links"]} >= {("ferry", "copy", "copy")}


def test_text_files_are_articles(run, tmp_path):
    for name, text in (("a.txt", FERRY), ("b.txt", MAYOR), ("c.txt", FERRY + " More soon.")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = run("a.txt", "b.txt", "c.txt", "--all")
    assert "a.txt  copy of c.txt" in done.stdout and "b.txt  stands for the story: the only article" in done.stdout


def test_an_index_remembers(run):
    assert "new" in run("--index", "kept.sqlite", "-", stdin=json.dumps(LINES[0])).stdout
    done = run("--index", "kept.sqlite", "--json", "-", stdin=json.dumps(LINES[3] | {"date": "2024-05-03"}))
    decision = json.loads(done.stdout)
    assert (decision["kind"], decision["of"]) == ("copy", "ferry")


def test_an_index_knows_copies_that_have_no_id(run, tmp_path):
    lines = [{"text": FERRY}, {"text": FERRY}, {"text": MAYOR, "url": "https://a.example"}]
    lines.append(lines[2] | {"url": "https://b.example/\ud83d"})
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(FERRY_TOLD_AGAIN, encoding="utf-8")
    (tmp_path / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    def told():
        done = run("--index", "kept.sqlite", "--json", "lines.jsonl", "a.txt", "b.txt")
        assert done.returncode == 0, done.stderr
        return [(each["kind"], each["of"]) for each in map(json.loads, done.stdout.splitlines())]

    kinds = told()
    assert [kind for kind, _ in kinds] == ["new", "copy", "new", "copy", "continues", "copy"]
    assert kinds[1][1].startswith("lines.jsonl:1#") and kinds[3][1] == "https://a.example"
    assert kinds[5][1].startswith("a.txt#")
    assert told() == kinds  # the same again changes nothing
    (tmp_path / "a.txt").write_text("The harbour of Brno has a new crane. It was built in May.", encoding="utf-8")
    assert told()[4] == ("new", None)  # the name alone says nothing


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", "not a line of JSON"),
        ('{"title": 1}', "no text"),
        ('{"text": "a", "date": "soon"}', "ISO 8601"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_named_by_its_place_and_loses_no_other(run, line, message):
    lines = [json.dumps(LINES[0]), line, json.dumps(LINES[2])]
    for options in ((), ("--index", "kept.sqlite")):
        done = run(*options, "--json", "-", stdin="\n".join(lines))
        assert done.returncode == 3
        assert done.stderr.startswith("error: -:2: ") and message in done.stderr and "soon" not in done.stderr
        assert done.stderr.count("\n") == 1
        assert "ferry" in done.stdout and "again" in done.stdout
    done = run("-", stdin=line)
    assert (done.returncode, done.stdout) == (3, "")


def test_a_date_that_cannot_be_read_is_named_and_loses_no_article(run):
    lines = [LINES[0] | {"date": "Wed, 01 May 2024"}, LINES[1]]
    done = run("--json", "-", stdin="\n".join(map(json.dumps, lines)))
    assert done.returncode == 3 and done.stderr.startswith("error: -:1: its date is not in the form of ISO 8601, and ")
    assert [json.loads(line)["members"] for line in done.stdout.splitlines()] == [["ferry"], ["mayor"]]


def test_a_file_that_cannot_be_read_is_named_and_loses_no_other(run):
    assert run("nothing.jsonl").returncode == 3
    done = run("nothing.jsonl", "day.jsonl", "nothing.txt")
    assert done.returncode == 3 and "copy of ferry" in done.stdout
    assert done.stderr.startswith("error: nothing.jsonl: ") and "error: nothing.txt: " in done.stderr


def test_half_a_character_costs_no_output(run):
    line = {"id": "half \ud83d", "text": FERRY, "title": "Ferry \ud83d aground"}
    for options, shown in ((("--all",), "Ferry ? aground"), (("--index", "kept.sqlite"), "half ?: new")):
        done = run(*options, "-", stdin=json.dumps(line))
        assert done.returncode == 0, done.stderr
        assert shown in done.stdout
    assert json.loads(run("--json", "-", stdin=json.dumps(line)).stdout)["members"] == ["half ?"]


@pytest.mark.parametrize("place", [".", "text.txt", "text.txt/kept.sqlite", "other.sqlite"])
def test_what_is_no_index_is_an_error_and_stays_as_it_is(run, tmp_path, place):
    (tmp_path / "text.txt").write_text(FERRY, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as other:
        other.execute("CREATE TABLE meta (something TEXT)")
    done = run("--index", place, "day.jsonl")
    assert done.returncode == 3
    assert done.stderr.startswith(f"error: {place}: ") and "Traceback" not in done.stderr
    assert (tmp_path / "text.txt").read_text(encoding="utf-8") == FERRY


def test_an_index_that_is_damaged_is_an_error(run, tmp_path):
    assert run("--index", "kept.sqlite", "day.jsonl").returncode == 0
    data = (tmp_path / "kept.sqlite").read_bytes()
    (tmp_path / "kept.sqlite").write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    done = run("--index", "kept.sqlite", "day.jsonl")
    assert done.returncode == 3 and "Traceback" not in done.stderr, done.stderr
