"""The page at ``/``, in Chromium where it is installed: mostly a canned answer, so no server and no model."""

import json
import logging
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
from typing import Any, get_args

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from summarizer.cli.check import objection
from summarizer.server.app import create_app
from summarizer.server.pages import HTML_HEADERS, home_page, reference_page
from summarizer.settings import Settings
from summarizer.types import UnsupportedKind, UnsupportedSpan

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
    "--disable-component-update --disable-sync --virtual-time-budget=5000 --enable-logging=stderr --dump-dom"
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
    """What Chromium makes of a page; its console must have nothing to say."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium")
    command = [browser, *FLAGS.split(), f"--user-data-dir={folder / 'profile'}", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "CONSOLE" not in done.stderr
    return done.stdout


def drive(folder: Path, ok: bool, answer: object, summary: str = "", text: str = ARTICLE, before: str = "") -> str:
    """The page after it was used, in Chromium; ``before`` runs before that."""
    file = folder / "page.html"
    file.write_text(used(text, summary, CANNED % (json.dumps(ok), quoted(answer)) + before), encoding="utf-8")
    return browse(folder, file.as_uri())


def test_a_result_in_a_browser(tmp_path: Path) -> None:
    page = drive(tmp_path, True, ANSWER)
    assert re.search(r'<del title="exact repeat[^"]*">A cat 😀 sat\.</del>', page)
    assert re.search(r'<span class="unsupported" title="[^"]*number[^"]*">2022</span>', page)
    assert re.findall("<mark>(.*?)</mark>", page) == ["It rained &lt;b&gt;hard&lt;/b&gt;."]
    assert "<blockquote>It rained &lt;b&gt;hard&lt;/b&gt;.</blockquote>" in page
    assert "1 of 2 sentences (dotted)" in page
    assert "<li>&lt;i&gt;careful&lt;/i&gt;</li>" in page
    weak = re.findall(r'<span class="sentence weak".*?>([^<>]*)</span></span>', page)
    assert weak == [" (weakly supported)"] and page.count(weak[0]) == 1 + home_page().count(weak[0])
    assert re.search(r'<section id="result">', page)
    assert "read whole, 20 tokens" in page


def test_what_was_left_unread_is_said_in_a_browser(tmp_path: Path) -> None:
    coverage = ANSWER["coverage"] | {"tokens_read": 8}  # sentences were chosen: nothing is cut off
    assert "8 of 20 tokens read" in drive(tmp_path, True, ANSWER | {"coverage": coverage})


def test_a_summary_that_was_given_is_checked_in_a_browser(tmp_path: Path) -> None:
    page = drive(tmp_path, True, REPORT, "A cat sat in 2022.\nIt rained.")
    assert 'data-asked="/v1/check text,summary"' in page
    assert re.search(r'<button id="go"[^>]*>Check</button>', page)
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


def test_the_pages_load_without_a_complaint(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "summarizer.access")
    with serving(create_app(Settings(engine="lead", cache={"path": tmp_path / "c.sqlite3"}))) as url:
        for path in ("/", "/docs"):
            assert "</html>" in browse(tmp_path, url + path)
    assert re.findall(r"GET (\S+) (\d+)", caplog.text) == [("/", "200"), ("/docs", "200")]


@pytest.mark.parametrize("kind", get_args(UnsupportedKind))
def test_what_is_wrong_is_said_by_its_kind_as_on_the_command_line(tmp_path: Path, kind: UnsupportedKind) -> None:
    said = objection(UnsupportedSpan("2022", kind, 13, 17)).split(":")[0]
    page = drive(tmp_path, True, told(unsupported=[{"text": "2022", "kind": kind, "start": 13, "end": 17}]))
    assert f'<span class="unsupported" title="{said} ({kind})">2022</span>' in page
    assert f"<li>{said}: “2022” ({kind})</li>" in page


def told(**sentence: object) -> dict[str, Any]:
    """The answer with another first sentence."""
    first, *rest = ANSWER["sentences"]
    return ANSWER | {"sentences": [first | sentence, *rest]}


def test_whose_sentences_they_are_is_said_by_the_service_alone(tmp_path: Path) -> None:
    warnings = ["1 sentence gave way to the article's own."]
    page = drive(tmp_path, True, ANSWER | {"finish_reason": "extractive", "warnings": warnings})
    assert re.findall("<li>([^<]* own[^<]*)</li>", page) == warnings


SLOWLY = """
const heard = [], asked = window.fetch;
window.fetch = async (...request) => {
  await new Promise((done) => setTimeout(done, 3200));
  heard.push("answer after " + $("seconds").textContent);
  return asked(...request);
};
new MutationObserver(() => heard.push($("status").textContent)).observe($("status"), {childList: true});
setInterval(() => document.body.dataset.heard = heard.concat("at " + document.activeElement.id).join(), 500);
$("go").focus();
setTimeout(() => $("go").click(), 1000);
"""


def test_a_screen_reader_is_told_the_beginning_and_the_end_and_stays_where_it_is(tmp_path: Path) -> None:
    page = drive(tmp_path, True, ANSWER, before=SLOWLY)
    heard = re.findall('data-heard="(.*?)"', page)[0].split(",")
    assert heard == ["Summarizing…", "answer after 3 s", "Done: the summary is below.", "at go"]
    assert re.search('<p id="status" role="status"', page) and 'id="seconds" class="faint" aria-hidden="true"' in page


CANCELLED = """
window.fetch = (path, {signal}) => new Promise((done, stop) => {
  signal.addEventListener("abort", () => stop(signal.reason));
});
setTimeout(() => { $("stop").focus(); $("stop").click(); }, 1000);
setTimeout(() => document.body.dataset.at = document.activeElement.id, 2000);
"""


def test_who_cancels_is_back_at_the_button(tmp_path: Path) -> None:
    page = drive(tmp_path, True, ANSWER, before=CANCELLED)
    assert 'data-at="go"' in page and ">Cancelled.</p>" in page
    assert 'aria-disabled="false"' in page


PIN = 'setTimeout(() => document.querySelector("#summary .sentence")?.click(), 1000);'
LINK = "https://news.example.com/" + "a_long_address_without_a_place_to_break=" * 5
NARROW = """
document.documentElement.style.width = "360px";
setTimeout(() => {
  const all = document.createRange();
  all.selectNodeContents(document.body);
  document.body.dataset.wide = [...all.getClientRects()].some((one) => one.right > 361);
}, 2000);
"""


@pytest.mark.parametrize("message", [None, LINK])
def test_a_long_link_does_not_widen_a_phone(tmp_path: Path, message: str | None) -> None:
    place = {"start": 0, "end": len(LINK)}
    answer = told(text=LINK, sources=[place], unsupported=[{"text": LINK, "kind": "contact"} | place])
    answer |= {"summary": LINK, "warnings": [LINK]}
    said = ERROR["error"] | {"message": message}
    page = drive(tmp_path, not message, {"error": said} if message else answer, text=LINK + " .", before=NARROW + PIN)
    assert f"<blockquote>{LINK}</blockquote>" in page or f'class="bad">{LINK}' in page
    assert 'data-wide="false"' in page


HEBREW = "ראש הממשלה הודיע ביום שני על תקציב חדש."
SIDES = """
const side = (element) => {
  const words = document.createRange(), box = element.getBoundingClientRect();
  words.selectNodeContents(element);
  const [line] = words.getClientRects();
  return line.left - box.left > box.right - line.right ? "right" : "left";
};
setTimeout(() => {
  const texts = [$("summary"), $("article"), $("sources").querySelector("blockquote")];
  document.body.dataset.sides = texts.map(side).concat(getComputedStyle($("text")).unicodeBidi);
}, 2000);
"""


@pytest.mark.parametrize(("text", "side"), [(HEBREW, "right"), (ARTICLE, "left")])
def test_a_text_stands_on_its_own_side(tmp_path: Path, text: str, side: str) -> None:
    answer = told(text=text[:12], sources=[{"start": 0, "end": 12}], unsupported=[]) | {"summary": text[:12]}
    page = drive(tmp_path, True, answer, text=text, before=SIDES + PIN)
    assert f'data-sides="{side},{side},{side},plaintext"' in page


def reference() -> str:
    return reference_page(create_app(Settings(engine="lead")).openapi())


@pytest.mark.parametrize(
    "row",
    [
        "<code>tokens</code><td>boolean<td><code>false</code><td>In the query.",
        "<code>id</code><td>string<td>required<td>In the path.",
        "<code>summary</code><td>string up to 20000 characters<td>required<td>",
        "<code>url</code><td>string up to 8000 characters or null<td>optional<td>",
        "<code>html</code><td>string or null<td>optional<td>",
        '<code>grounding</code><td><code>"report"</code> | <code>"repair"</code> | <code>"strict"</code>'
        '<td><code>"repair"</code><td>',
        "<code>inputs</code><td>string or list of string from 1 to 64 items<td>required<td>",
        "<code>use_cache</code><td>boolean<td><code>true</code><td>",
        "<code>warnings</code><td>list of string<td><code>[]</code><td>",
    ],
)
def test_the_reference_has_each_field_with_its_bounds_and_its_default_in_json(row: str) -> None:
    assert f"<tr><td>{row}" in reference().replace("&quot;", '"')


def test_the_reference_shows_code_as_code() -> None:
    page = reference()
    assert "an article: a <code>text</code>, a page (<code>html</code>, with" in page
    assert "<p>Answers with a list, one summary for each text of <code>inputs</code>" in page
    assert "string as text/event-stream" in page
    assert not re.search("`|None<td>|default ", page)


MEASURED = """
document.documentElement.style.width = "360px";
const all = (what, which) => [...document.querySelectorAll(what)].filter(which).map((one) => one.textContent);
document.body.dataset.broken = all("td:first-child code", (one) => one.getClientRects().length > 1);
document.body.dataset.wide = all("body > *", (one) => one.getBoundingClientRect().right > 361);
"""


def test_no_name_in_the_reference_is_broken_on_a_phone(tmp_path: Path) -> None:
    file = tmp_path / "docs.html"
    file.write_text(reference().replace("</html>", f"<script>{MEASURED}</script></html>"), encoding="utf-8")
    page = browse(tmp_path, file.as_uri())
    assert 'data-broken=""' in page and 'data-wide=""' in page
