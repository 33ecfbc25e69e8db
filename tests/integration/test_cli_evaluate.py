import json

import pytest

FALK = (
    "Voters in Lund chose Per Falk as mayor on Sunday. Turnout was the highest in twenty years, officials said. "
    "Mr Falk promised a new tram line. He takes office in May. The old mayor, Eva Strand, did not stand again."
)
FERRY = (
    "The ferry Aurora ran aground off Port Kelda early on Tuesday with 84 passengers on board. Coast guard boats took "
    "everyone to safety within two hours. Divers will inspect the hull. Tugs wait in the port. The owner is sorry."
)
ROWS = [
    {"id": "falk", "article": FALK, "references": ["Per Falk is the new mayor of Lund.", "Lund has a new mayor."]},
    {"id": 2, "text": FERRY, "summary": "The ferry Aurora ran aground; all 84 passengers are safe."},
]
GIVEN = [
    {"id": "falk", "system": "bart", "summary": "Per Falk is mayor of Lund."},
    {"id": 2, "system": "bart", "summary": "The ferry Aurora ran aground with 95 passengers on board."},
    {"id": 2, "system": "lead-3", "summary": "The ferry Aurora ran aground."},
    {"id": "strange", "system": "bart", "summary": "Nothing."},
]


@pytest.fixture
def run(command, tmp_path):
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, ROWS)) + "\n\n", encoding="utf-8")
    (tmp_path / "given.jsonl").write_text("\n".join(map(json.dumps, GIVEN)), encoding="utf-8")
    return lambda *arguments, **given: command("evaluate", *arguments, "--engine", "lead", **given)


def test_table_json_and_report(run, tmp_path):
    done = run("data.jsonl", "--against", "given.jsonl", "--json", "out.json", "--html", "out.html")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["system", "lead", "lead-3"]
    assert any(line.startswith("bart ") and "50.0" in line and "[" in line for line in lines)
    assert any(line.startswith("lead-3 (given)") for line in lines)
    assert "1 line(s) of other articles left out" in done.stderr

    values = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [each["system"] for each in values["systems"]][:2] == ["lead", "lead-3"]
    assert values["articles"] == 2 and values["failures"] == {} and values["model"]["engine"] == "lead"
    bart = next(each for each in values["systems"] if each["system"] == "bart")
    assert bart["scores"]["unsupported"] == 0.5 and bart["to_lead"]["rouge_2"]["low"] <= 100
    wrong = next(each for each in values["summaries"] if (each["id"], each["system"]) == ("2", "bart"))
    assert wrong["sentences"][0]["unsupported"][0]["text"].startswith("95")

    html = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<svg" in html and ">95" in html and 'title="not in the article (number)"' in html


def test_the_summaries_of_a_run_are_a_system_of_another_one(run, tmp_path):
    assert run("data.jsonl", "--json", "out.json").returncode == 0
    rows = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["summaries"]
    (tmp_path / "earlier.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    done = run("data.jsonl", "--against", "earlier.jsonl")
    assert done.returncode == 0, done.stderr
    assert "lead (given)" in done.stdout


def test_limit_length_and_standard_input(run):
    done = run("-", "--limit", 1, "--length", "short", stdin="\n".join(map(json.dumps, ROWS)))
    ours = done.stdout.splitlines()[1].split()
    assert ours[:2] == ["lead", "1"] and ours[9] == "10", done.stdout


def test_a_place_that_takes_no_file_shows_before_the_work(run, tmp_path):
    (tmp_path / "folder").mkdir()
    for options in (("--json", "folder"), ("--html", "folder"), ("--html", "nowhere/out.html")):
        done = run("data.jsonl", *options)
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith(f"error: {options[1]}: ") and done.stderr.count("\n") == 1


def test_a_file_that_cannot_be_written_takes_no_other_with_it(run, tmp_path):
    done = run("data.jsonl", "--json", "/dev/full", "--html", "out.html")
    assert done.returncode == 3 and done.stdout.startswith("system")
    assert done.stderr == "error: /dev/full: No space left on device.\n"
    assert "<svg" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_a_failed_article_is_told_and_left_out(run, tmp_path):
    row = {"id": "dots", "text": "...", "summary": "Nothing."}
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, [*ROWS, row])), encoding="utf-8")
    done = run("data.jsonl", "--html", "out.html")
    assert done.returncode == 3 and "error: dots: " in done.stderr
    assert done.stdout.splitlines()[1].split()[:2] == ["lead", "2"]
    assert "Failed, and left out of ours" in (tmp_path / "out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("not json", "not a line of JSON"),
        ("[1]", "no JSON object"),
        ('{"summary": "a"}', "no article"),
        ('{"text": "a"}', "no reference summary"),
        ('{"text": "a", "references": []}', "no reference summary"),
        ('{"text": "a", "references": [1]}', "no reference summary"),
        (json.dumps(ROWS[0]), "stands twice"),
    ],
)
def test_a_bad_row_is_one_error_that_names_its_place(run, row, message):
    done = run("-", stdin=json.dumps(ROWS[0]) + "\n" + row)
    assert done.returncode == 3
    assert done.stderr.startswith("error: -:2: ") and message in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nothing.jsonl"], 3),
        (["empty.jsonl"], 3),
        (["data.jsonl", "--length", "endless"], 2),
        (["data.jsonl", "--limit", "0"], 2),
        (["data.jsonl", "--html", "no/such/folder.html"], 3),
        (["data.jsonl", "--against", "strange.jsonl"], 3),
        (["data.jsonl", "--against", "twice.jsonl"], 3),
    ],
)
def test_what_cannot_work_fails_before_the_model_runs(run, tmp_path, arguments, code):
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    (tmp_path / "strange.jsonl").write_text(json.dumps(GIVEN[-1]), encoding="utf-8")
    (tmp_path / "twice.jsonl").write_text("\n".join([json.dumps(GIVEN[0])] * 2), encoding="utf-8")
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == "" and "Traceback" not in done.stderr


def test_zero_is_an_id_a_doc_and_a_system(run, tmp_path):
    rows = [{**row, "id": n, "doc": 0} for n, row in enumerate(ROWS)]
    given = [{"id": n, "system": 0, "summary": "Per Falk is mayor of Lund."} for n in range(2)]
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "given.jsonl").write_text("\n".join(map(json.dumps, given)), encoding="utf-8")
    done = run("data.jsonl", "--against", "given.jsonl", "--json", "out.json")
    assert done.returncode == 0 and "left out" not in done.stderr, done.stderr
    values = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert {each["id"] for each in values["summaries"]} == {"0", "1"}
    theirs = next(each for each in values["systems"] if each["system"] == "0")
    # Both rows are of one article: the interval has no width.
    assert theirs["articles"] == 2 and theirs["to_lead"]["rouge_1"]["low"] == theirs["to_lead"]["rouge_1"]["high"]
