import contextlib
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

import pytest

ARTICLE = Path("examples/article.txt").resolve()


@pytest.fixture
def run(command, tmp_path):
    def call(*arguments, stdin=b"", **environment):
        names = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "SUMMARIZER_ENGINE": "lead",
            "SUMMARIZER_CACHE__PATH": str(tmp_path / "cache.sqlite3"),
        }
        return command(*arguments, stdin=stdin, cwd=None, env=names | environment)

    return call


def test_json_is_one_object_a_line_in_order(run, tmp_path):
    (tmp_path / "b.txt").write_text("Boats left the harbour.")
    done = run("summarize", "--json", ARTICLE, tmp_path / "b.txt")
    first, second = map(json.loads, done.stdout.decode().splitlines())
    assert done.returncode == 0
    assert first["duplicates"]["characters_removed"] >= 1900
    assert first["coverage"] == {**first["coverage"], "chunks": 1, "truncated": False}
    assert second["summary"] == "Boats left the harbour."
    assert json.loads(run("summarize", "--json", ARTICLE).stdout)["cached"]
    assert not json.loads(run("summarize", "--json", "--no-cache", ARTICLE).stdout)["cached"]


def test_standard_input_and_formats(run):
    done = run("summarize", "-", "--format", "bullets", "--sentences", "2", stdin=ARTICLE.read_bytes())
    assert done.returncode == 0 and done.stdout.decode().startswith("- ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no words"),
        (b"\x89PNG\x00\x01", "binary"),
        ("Boats left.".encode("utf-32"), "binary"),
        (b"caf\xe9 noir", "UTF-8"),
        ("Boats left.".encode("utf-16")[:-1], "UTF-16"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Length 2 >>\x00", "this is a PDF, not text. Extract its text"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_3(run, data, message):
    done = run("summarize", stdin=data)
    assert done.returncode == 3
    assert message in done.stderr.decode() and "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be"])
def test_a_text_with_a_byte_order_mark_is_read(run, tmp_path, encoding):
    mark = "" if encoding == "utf-8-sig" else "\ufeff"
    (tmp_path / "a.txt").write_text(mark + "Boats left Malmö 🚢.", encoding=encoding)
    for done in (run("dedup", tmp_path / "a.txt"), run("dedup", stdin=(tmp_path / "a.txt").read_bytes())):
        assert done.returncode == 0 and done.stdout.decode() == "Boats left Malmö 🚢.\n", done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "code"),
    [
        (["summarize", "/no/such/file"], {}, 3),
        (["summarize", "--length", "huge", "-"], {}, 2),
        (["summarize", "--nonsense"], {}, 2),
        (["summarize", "-"], {"SUMMARIZER_CACHE__TTL_S": "soon"}, 2),
        (["summarize", "-"], {"SUMMARIZER_CACHE": "off"}, 2),
        (["summarize", "-"], {"SUMMARIZER_CONFIG": "/no/such/file"}, 2),
        (["summarize", "-"], {"SUMMARIZER_CONFIG": str(ARTICLE)}, 2),
        (["serve", "--port", "99999"], {}, 2),
        (["serve", "--port", "-5"], {}, 2),
        (["serve", "--host", "no host"], {}, 2),
        (["summarize", "-", "--model", ""], {}, 2),
        (["summarize", "-", "--no-cache"], {"SUMMARIZER_MODEL": "", "SUMMARIZER_JUDGE": ""}, 0),
        (["summarize", "-", "--engine", "transformers", "--model", "nonsense"], {}, 4),
        (["models", "verify", "bart-large-cnn"], {}, 4),
    ],
)
def test_exit_codes(run, arguments, environment, code):
    done = run(*arguments, stdin=b"Text here.", **environment)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


def test_one_bad_file_among_many_does_not_stop_the_others(run, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    done = run("summarize", tmp_path / "empty.txt", ARTICLE)
    assert done.returncode == 3
    assert b"Xi Jinping" in done.stdout and b"no words" in done.stderr


def test_a_read_only_cache_is_said_and_survived(run, tmp_path):
    (tmp_path / "file").write_text("")
    done = run("summarize", ARTICLE, SUMMARIZER_CACHE__PATH=str(tmp_path / "file" / "c.sqlite3"))
    assert done.returncode == 0 and b"cache" in done.stderr and b"Traceback" not in done.stderr


def test_dedup_brackets_what_repeats(run):
    alone = run("dedup", ARTICLE).stdout
    assert alone.count(b"[-") >= 11 and b"== " not in alone


def test_dedup_names_each_of_several_files(run, tmp_path):
    (tmp_path / "b.txt").write_text("Boats left the harbour.")
    done = run("dedup", ARTICLE, tmp_path / "none.txt", tmp_path / "b.txt")
    assert done.returncode == 3 and b"none.txt" not in done.stdout
    assert done.stdout.startswith(f"== {ARTICLE}\n".encode())
    assert done.stdout.endswith(f"\n== {tmp_path}/b.txt\nBoats left the harbour.\n".encode())


@pytest.mark.parametrize("what", ["summarize", "dedup", "stories", "newsletter"])
def test_no_name_is_no_file(run, what):
    done = run(what, "")
    assert done.returncode == 3 and done.stderr == b"error: '' is no file.\n"


def test_lists_and_numbers(run):
    assert run("--version").stdout.startswith(b"summarizer ")
    assert b"unpinned" in run("models", "list").stdout
    run("summarize", ARTICLE)
    stats = run("cache", "stats").stdout
    assert b"entries: 1" in stats and b"hits" not in stats and b"misses" not in stats
    assert b"removed: 1" in run("cache", "clear").stdout


def test_a_card_is_shown_as_it_is_written(run):
    shown = run("models", "info", "t5-small").stdout.decode().splitlines()
    assert {"source.kind: hub", "source.repository: google-t5/t5-small", "decoding.num_beams: 4"} < set(shown)
    assert not any(line.startswith(("judges", "adapter", "selection", "source.sha256")) for line in shown)
    assert b"revision: unpinned" in run("models", "info", "org/name").stdout


def test_a_card_that_cannot_be_used_is_named_and_loses_no_other(command, tmp_path):
    root = Path("summarizer").resolve().parent
    shutil.copytree(root / "summarizer", tmp_path / "summarizer", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "models").mkdir()
    good = (root / "models" / "t5-small.toml").read_text()
    cards = {
        "t5-small": (good, ""),
        "misspelt": (good.replace("licence", "licnce"), "licnce: "),
        "nested": (good.replace("num_beams", "num_beems"), "num_beems: "),
        "broken": ('architecture = "causal\n', "line 1"),
        "typed": (good.replace("512", '"many"'), "context_tokens: "),
        "sourceless": ('architecture = "causal"', "source: "),
    }
    for name, (text, _) in cards.items():
        (tmp_path / "models" / f"{name}.toml").write_text(text)
    listed = command("models", "list")
    assert listed.returncode == 2 and listed.stdout.splitlines()[0].split()[0] == "t5-small"
    assert listed.stdout.count("\n") == 1 and listed.stderr.count("\n") == len(cards) - 1
    for name, (_, what) in cards.items():
        done = command("models", "info", name)
        if what:
            fault = f"error: {tmp_path / 'models' / name}.toml: "
            assert fault in listed.stderr
            assert done.returncode == 2 and done.stderr.startswith(fault) and what in done.stderr
            assert done.stderr.count("\n") == 1
        else:
            assert (done.returncode, done.stderr) == (0, "")
    of_an_id = command("models", "info", "someone/some-model")
    assert of_an_id.returncode == 0 and "misspelt.toml: licnce" in of_an_id.stderr


def test_a_cache_that_is_switched_off_can_be_looked_at_and_emptied(run):
    run("summarize", ARTICLE)
    off = {"SUMMARIZER_CACHE__ENABLED": "false"}
    assert b"entries: 1" in run("cache", "stats", **off).stdout
    assert b"removed: 1" in run("cache", "clear", **off).stdout
    assert b"entries: 0" in run("cache", "stats").stdout


@pytest.mark.parametrize("what", ["clear", "prune"])
def test_what_cannot_be_emptied_is_not_said_to_be_empty(run, what):
    done = run("cache", what, SUMMARIZER_CACHE__PATH=str(ARTICLE / "c.sqlite3"))
    assert done.returncode == 2 and done.stdout == b"" and b"error: The cache cannot be used: " in done.stderr


@pytest.mark.parametrize(
    "arguments", [["summarize", "-", "-"], ["stories", "-", "-"], ["evaluate", "-", "--against", "-"]]
)
def test_standard_input_is_read_once(run, arguments):
    done = run(*arguments, stdin=json.dumps({"text": "Boats left.", "summary": "Boats."}).encode())
    assert done.returncode == 3 and b"error: -: standard input can be read only once.\n" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["summarize", "newsletter", "stories"])
def test_where_there_is_no_standard_input_it_is_one_line(command):
    shell = ["sh", "-c", f'exec "$0" -m summarizer {command} <&-', sys.executable]
    done = subprocess.run(shell, capture_output=True, timeout=100, check=False)
    assert done.returncode == 3 and done.stderr == b"error: -: there is no standard input.\n"


@pytest.mark.parametrize(
    ("arguments", "start", "message"),
    [
        (["summarize"], b"", "-: the article has over 1,000 characters"),
        (["summarize", "{}"], b"", "{}: the article has over 1,000 characters"),
        (["dedup", "{}"], b"<!doctype html>", "{}: the page has over 5,000 bytes"),
        (["check", "{}", ARTICLE], b"", "{}: the article has over 100,000 characters"),
        (["check", ARTICLE, "{}"], b"", "{}: the article has over 100,000 characters"),
        (["stories", "{}"], b"", "{}: the article has over 1,000 characters"),
        (["stories"], b"", "-:1: the article has over 1,000 characters"),
        (["stories"], b"y\n" * 1000, "-: none of the first 1,000 lines is an article"),
        (["newsletter"], b"", "-:1: the article has over 1,000 characters"),
        (["newsletter", "{}"], b"", "{}: the article has over 1,000 characters"),
    ],
)
def test_what_has_no_end_is_read_to_the_limit(tmp_path, arguments, start, message):
    """A pipe that stays open once more has been written than may be read, which is 1.1 MB for a line of JSON."""
    pipe = tmp_path / "endless"
    os.mkfifo(pipe)
    names = {"SUMMARIZER_ENGINE": "lead", "SUMMARIZER_MAX_CHARACTERS": "1000", "SUMMARIZER_FETCH__MAX_BYTES": "5000"}
    if ARTICLE in arguments:
        names["SUMMARIZER_MAX_CHARACTERS"] = "100000"
    ours = os.open(pipe, os.O_RDWR)
    given = [str(each).format(pipe) for each in arguments]
    with subprocess.Popen(
        [sys.executable, "-m", "summarizer", *given],
        stdin=subprocess.DEVNULL if "{}" in arguments else ours,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=os.environ | names,
    ) as process:
        writer = threading.Thread(target=_fill, args=(ours, start + b"y " * 600_000), daemon=True)
        writer.start()
        try:
            err = process.communicate(timeout=20)[1].decode()
        finally:
            process.kill()
    assert process.returncode == 3 and err.startswith(f"error: {message.format(pipe)}"), err


def _fill(pipe, data):
    with contextlib.suppress(OSError):
        os.write(pipe, data)


def test_a_full_disk_is_one_line(tmp_path):
    with Path("/dev/full").open("wb") as full:
        for arguments in (["dedup", ARTICLE], ["--help"], ["models", "list", "--help"]):
            command = [sys.executable, "-m", "summarizer", *arguments]
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=100, check=False)
            assert done.returncode == 3, done.stderr
            assert done.stderr.startswith(b"error: The output cannot be written: ") and done.stderr.count(b"\n") == 1


def test_a_port_in_use_is_one_line_and_no_model_is_loaded(run, silent_server):
    port = silent_server.getsockname()[1]
    done = run(
        "serve", "--port", port, SUMMARIZER_ENGINE="openai", SUMMARIZER_OPENAI__BASE_URL=f"http://127.0.0.1:{port}"
    )
    assert done.returncode == 2, done.stderr
    (error,) = (line for line in done.stderr.decode().splitlines() if " INFO " not in line)
    assert error.startswith(f"error: This cannot listen on 127.0.0.1:{port}: ") and "in use" in error
    silent_server.setblocking(False)
    with pytest.raises(BlockingIOError):
        silent_server.accept()


def test_a_file_name_that_is_no_text_costs_no_summary(run, tmp_path):
    name = tmp_path / os.fsdecode(b"caf\xe9.txt")
    name.write_bytes(ARTICLE.read_bytes())
    done = run("summarize", name, ARTICLE)
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    assert done.stdout.count(b"Xi Jinping") >= 2 and b"caf?.txt" in done.stdout


def test_a_terminal_of_another_encoding_gets_what_it_can_show_and_json_whole(run, tmp_path):
    (tmp_path / "a.txt").write_text("Der Zug nach 東京 fährt am Montag.", encoding="utf-8")
    done = run("summarize", tmp_path / "a.txt", PYTHONIOENCODING="cp1252")
    assert done.returncode == 0, done.stderr
    assert "Der Zug nach ?? fährt" in done.stdout.decode("cp1252")
    done = run("summarize", "--json", tmp_path / "a.txt", PYTHONIOENCODING="cp1252")
    assert "東京" in json.loads(done.stdout)["summary"]


class _Writer(BaseHTTPRequestHandler):
    """A model that turns what it reads into its opposite."""

    def do_POST(self):
        self.wait(self.rfile.read(int(self.headers["content-length"])))
        message = {"content": "The deal was approved by regulators. Smith arrested police in London after a chase."}
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode())

    def wait(self, asked):
        pass

    def log_message(self, *_):
        pass


DENIED = b"""The deal was not approved by regulators on Monday, and the shares of both companies fell at once.
Police in London arrested Smith after a long chase through the streets of the old town in the night.
The weather office expects rain from Tuesday on, with strong winds along the whole coast of the north.
The museum opens its new wing in the spring, with a show of glass from the workshops of the region.
Farmers brought their cattle down from the hills two weeks before the usual time, as the grass was dry.
The ferry to the island runs twice a day in the winter, and the last boat leaves at half past four."""


def test_what_is_wrong_in_a_summary_is_said_by_its_kind(run):
    with HTTPServer(("127.0.0.1", 0), _Writer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        names = {
            "SUMMARIZER_ENGINE": "openai",
            "SUMMARIZER_OPENAI__BASE_URL": f"http://127.0.0.1:{server.server_port}/v1",
        }
        done = run("summarize", "--grounding", "report", "--no-cache", stdin=DENIED, **names)
        server.shutdown()
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "The article says otherwise: negation “approved”" in said
    assert "The article says it of somebody else: role “Smith arrested police”" in said
    assert "ot in the article" not in said


@pytest.fixture
def silent_server():
    """Takes connections and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_ctrl_c_ends_the_work_at_once(silent_server, tmp_path):
    url = f"http://127.0.0.1:{silent_server.getsockname()[1]}/v1"
    names = {"HOME": str(tmp_path), "SUMMARIZER_ENGINE": "openai", "SUMMARIZER_OPENAI__BASE_URL": url}
    with subprocess.Popen(
        [sys.executable, "-m", "summarizer", "summarize", "--no-cache", str(ARTICLE)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | names,
    ) as process:
        silent_server.settimeout(60)
        connection, _ = silent_server.accept()
        with connection:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)  # the server would have 60 s
    assert process.returncode == 130
    assert out == b"" and b"Traceback" not in err and b"pending" not in err


class _OneArticle(_Writer):
    """Answers for one of two articles, and for the other when the test is over."""

    def wait(self, asked):
        if b"ferry to the island" in asked:
            self.server.over.wait()


@pytest.fixture
def one_of_two(tmp_path):
    """Begins to summarize a file that is not there, one that is answered, and one that is not."""
    (tmp_path / "b.txt").write_bytes(DENIED)
    with ThreadingHTTPServer(("127.0.0.1", 0), _OneArticle) as server:
        server.over = threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        names = {
            "SUMMARIZER_ENGINE": "openai",
            "SUMMARIZER_OPENAI__BASE_URL": f"http://127.0.0.1:{server.server_port}/v1",
        }
        arguments = ["summarize", "--no-cache", "--json", "--grounding", "report", "none.txt", str(ARTICLE), "b.txt"]
        yield partial(
            subprocess.Popen,
            [sys.executable, "-m", "summarizer", *arguments],
            stderr=subprocess.PIPE,
            env=os.environ | names,
            cwd=tmp_path,
        )
        server.over.set()
        server.shutdown()


def test_each_summary_is_written_when_it_is_done_and_stays_written(one_of_two):
    with one_of_two(stdout=subprocess.PIPE) as process:
        guard = threading.Timer(60, process.kill)
        guard.start()
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        guard.cancel()
    assert "approved" in json.loads(first)["summary"]
    assert (process.returncode, out) == (130, b"")
    assert err == b"error: none.txt: No such file or directory.\n"


def test_what_nobody_reads_is_not_waited_for(one_of_two):
    ours, theirs = os.pipe()
    os.close(ours)
    with one_of_two(stdout=theirs) as process:
        os.close(theirs)
        try:
            err = process.communicate(timeout=30)[1]  # the server would have 60 s
        finally:
            process.kill()
    assert (process.returncode, err) == (141, b"error: none.txt: No such file or directory.\n")


def test_a_summary_that_is_cut_to_the_words_asked_for_says_so(run):
    text = b"The council of Lund voted for a bridge over the river that links both halves of the old town. It rained."
    done = run("summarize", "--words", "8", stdin=text)
    assert done.stdout.decode().split("\n")[0].endswith("…")
    assert done.stderr == b"-: the summary was cut to the words asked for.\n"
    done = run("summarize", "--words", "8", "--json", stdin=text)
    assert json.loads(done.stdout)["finish_reason"] == "length" and done.stderr == b""
    assert run("summarize", "--words", "40", stdin=text).stderr == b""


def test_what_the_client_of_the_hub_logs_is_printed_once():
    code = (
        "import sys; from summarizer.cli.app import main; sys.argv = ['summarizer', '--version']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "from huggingface_hub.utils.logging import get_logger; get_logger('huggingface_hub.x').warning('Retry')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True)
    assert done.stderr.count("Retry") == 1


def test_a_terminal_is_told_that_standard_input_is_read(tmp_path):
    ours, theirs = pty.openpty()
    names = {"SUMMARIZER_ENGINE": "lead", "SUMMARIZER_CACHE__PATH": str(tmp_path / "cache.sqlite3"), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "summarizer", "summarize"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=os.environ | names,
    ) as process:
        os.close(theirs)
        said = b""
        while b"Ctrl-D" not in said:
            said += os.read(ours, 1000)
        os.write(ours, b"Boats left the harbour.\n\x04")
        with contextlib.suppress(OSError):  # once nobody has the terminal any more
            while True:
                said += os.read(ours, 1000)
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0 and out.startswith(b"Boats left the harbour.\n")
    before, _, after = said.partition(b"Reading standard input; end with Ctrl-D.")
    assert b"0/?" not in before[-200:].rpartition(b"\x1b[2K")[2] and after.startswith(b"\r\n")
    assert b"Reading" not in after.partition(b"Boats")[0]


def test_a_reader_that_leaves_is_no_verdict_and_a_crash_is_none(tmp_path):
    def call(code):
        command = f"import sys; sys.argv = ['summarizer', 'dedup', {str(ARTICLE)!r}]\n{code}"
        return subprocess.run([sys.executable, "-c", command], capture_output=True, timeout=100, check=False)

    crash = "from summarizer.cli import app, main\n@app.app.command('dedup')\ndef dedup(file: str): 1 / 0\nmain()"
    done = call(crash)
    assert done.returncode == 70 and b"ZeroDivisionError" in done.stderr
    gone = "import os; r, w = os.pipe(); os.close(r); os.dup2(w, 1)\nfrom summarizer.cli import main\nmain()"
    done = call(gone)
    assert done.returncode == 141 and done.stderr == b""
    for arguments in (["--help"], ["summarize", "--help"], ["cache", "stats", "--help"]):
        done = call(gone.replace("main()", f"import sys; sys.argv[1:] = {arguments}; main()"))
        assert done.returncode == 141 and done.stderr == b""
