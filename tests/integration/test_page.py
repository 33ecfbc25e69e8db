"""The page at ``/``, in Chromium where it is installed: mostly a canned answer, so no server and no model."""

import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from summarizer.server.app import create_app
from summarizer.server.pages import HTML_HEADERS, home_page
from summarizer.settings import Settings

ARTICLE = "A cat 😀 sat. It rained <b>hard</b>. A cat 😀 sat."
ANSWER = {
    "summary": "- A cat sat in 2022.\n- It rained.",
    "sentences": [
        {
            "text": "A cat sat in 2022.", "supported": False, "score": 0.2, "sources": [{"start": 0, "end": 12}],
            "unsupported": [{"text": "2022", "kind": "number", "start": 13, "end": 17}],
        },
        {
            "text": "It rained.", "supported": True, "score": 0.9, "sources": [{"start": 13, "end": 35}],
            "unsupported": [],
        },
    ],
    "article": {"text": None},
    "duplicates": {
        "characters_removed": 12,
        "removed": [{"start": 36, "end": 48, "duplicate_of": {"start": 0, "end": 12}, "kind": "exact"}],
    },
    "coverage": {"tokens": 20, "tokens_read": 20, "chunks": 1, "truncated": False},
    "model": {"name": "fake"},
    "finish_reason": "stop",
    "warnings": ["<i>careful</i>"],
    "cached": False,
    "timings": {"total": 1.0},
}  # fmt: skip
ERROR = {"error": {"code": "input_too_long", "message": "Too <long>.", "hint": "Send less.", "request_id": "r"}}
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --virtual-time-budget=5000 --dump-dom"
)
REPORT = {"score": 0.42, "sentences": ANSWER["sentences"]}
CANNED = """
window.fetch = async (path, request) => {
  document.body.dataset.asked = path + " " + Object.keys(JSON.parse(request.body));
  return {ok: %s, json: async () => (%s), headers: new Headers()};
};
"""
USE = """
$("text").value = %s;
$("given").value = %s;
$("own").open = Boolean($("given").value);
$("go").click();
setTimeout(() => document.querySelector("#summary .sentence:nth-of-type(2)")?.click(), %d);
"""


def test_every_element_that_the_script_names_exists_and_nothing_is_loaded() -> None:
    page = home_page()
    assert set(re.findall(r'\$\("(\w+)"\)', page)) <= set(re.findall(r'id="(\w+)"', page))
    assert not re.search(r"https?:|//[a-z]|@import|url\(|innerHTML", page.replace("// ", ""))


def used(text: str, summary: str = "", before: str = "", pin_ms: int = 500) -> str:
    """The page with a script that gives it an article, and perhaps a summary of it, and then points at a sentence."""
    script = before + USE % (quoted(text), quoted(summary), pin_ms)
    return home_page().replace("</body>", f"<script>{script}</script></body>")


def quoted(value: object) -> str:
    return json.dumps(value).replace("<", "\\u003c")


def browse(folder: Path, address: str) -> str:
    """What Chromium makes of a page."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium")
    command = [browser, *FLAGS.split(), f"--user-data-dir={folder / 'profile'}", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def drive(folder: Path, ok: bool, answer: object, summary: str = "", text: str = ARTICLE) -> str:
    """The page after it was used, in Chromium."""
    file = folder / "page.html"
    file.write_text(used(text, summary, CANNED % (json.dumps(ok), quoted(answer))), encoding="utf-8")
    return browse(folder, file.as_uri())


def test_a_result_in_a_browser(tmp_path: Path) -> None:
    page = drive(tmp_path, True, ANSWER)
    assert re.search(r'<del title="exact repeat[^"]*">A cat 😀 sat\.</del>', page)
    assert re.search(r'<span class="unsupported" title="[^"]*number[^"]*">2022</span>', page)
    assert re.findall("<mark>(.*?)</mark>", page) == ["It rained &lt;b&gt;hard&lt;/b&gt;."]
    assert "<blockquote>It rained &lt;b&gt;hard&lt;/b&gt;.</blockquote>" in page
    assert "1 of 2 sentences (dotted)" in page
    assert "<li>&lt;i&gt;careful&lt;/i&gt;</li>" in page
    assert re.search(r'<section id="result">', page)
    assert "read whole, 20 tokens" in page


def test_what_was_left_unread_is_said_in_a_browser(tmp_path: Path) -> None:
    coverage = ANSWER["coverage"] | {"tokens_read": 8}  # sentences were chosen: nothing is cut off
    assert "8 of 20 tokens read" in drive(tmp_path, True, ANSWER | {"coverage": coverage})


def test_a_summary_that_was_given_is_checked_in_a_browser(tmp_path: Path) -> None:
    page = drive(tmp_path, True, REPORT, "A cat sat in 2022.\nIt rained.")
    assert 'data-asked="/v1/check text,summary"' in page
    assert re.search(r'<button id="go">Check</button>', page)
    assert re.search(r'<span class="unsupported" title="[^"]*number[^"]*">2022</span>', page)
    assert re.findall("<mark>(.*?)</mark>", page) == ["It rained &lt;b&gt;hard&lt;/b&gt;."]
    assert "supports the whole summary: 0.42" in page and '<p id="note" class="faint"></p>' in page


def test_a_summary_that_was_put_away_is_not_checked(tmp_path: Path) -> None:
    assert 'data-asked="/v1/summarize text,length,format"' in drive(tmp_path, True, ANSWER)


def test_an_error_in_a_browser(tmp_path: Path) -> None:
    page = drive(tmp_path, False, ERROR)
    assert re.search(r'<p id="status" role="alert" class="bad">Too &lt;long&gt;\. Send less\.</p>', page)
    assert re.search(r'<section id="result" hidden="">', page)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (" https://example.com/a?b=c#d \n", "url"),
        ("HTTP://example.com", "url"),
        ("https://example.com says so.", "text"),
        ("See https://example.com", "text"),
        ("ftp://example.com", "text"),
    ],
)
def test_an_address_alone_is_sent_as_one(tmp_path: Path, text: str, fields: str) -> None:
    page = drive(tmp_path, True, {**ANSWER, "article": {"text": ARTICLE}}, text=text)
    assert f'data-asked="/v1/summarize {fields},length,format"' in page
    assert re.findall("<mark>(.*?)</mark>", page) == ["It rained &lt;b&gt;hard&lt;/b&gt;."]


def test_a_summary_cannot_be_checked_by_an_address(tmp_path: Path) -> None:
    page = drive(tmp_path, True, REPORT, "It rained.", text="https://example.com/a")
    assert "paste the article's text, not its address" in page and "data-asked" not in page


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application, ready, on a free port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
        thread.start()
        try:
            while not app.state.service.backend.ready:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def test_an_address_in_a_browser(tmp_path: Path) -> None:
    settings = Settings(engine="lead", cache={"path": tmp_path / "c.sqlite3"}, fetch={"allow_private": True})
    app = create_app(settings)
    sentences = [
        "A cat 😀 sat on the old mat in front of the house by the river all through the afternoon of Monday.",
        "It rained <b>hard</b> all night long, and the river rose by more than a metre before the morning.",
        "The cat went home at noon on the day after, when its owner came to fetch it with a boat of his own.",
    ]
    story = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    with serving(app) as url:

        @app.get("/story")
        async def tell() -> HTMLResponse:
            return HTMLResponse(f"<!doctype html><title>Cats</title><article><h1>Cats</h1>{story}</article>")

        @app.get("/used")
        async def use() -> HTMLResponse:
            return HTMLResponse(used(f"{url}/story", pin_ms=4000), headers=HTML_HEADERS)

        page = browse(tmp_path, f"{url}/used")
    assert re.search(r'<section id="result">', page)
    assert re.findall("<mark>(.*?)</mark>", page) == [escape(sentences[1])]
    assert "No repeats found." in page
