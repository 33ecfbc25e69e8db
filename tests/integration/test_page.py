"""The page at ``/``, in Chromium where it is installed: a canned answer, so no server and no model."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from summarizer.server.pages import home_page

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
DRIVE = """<script>
window.fetch = async (path, request) => {
  document.body.dataset.asked = path + " " + Object.keys(JSON.parse(request.body));
  return {ok: %s, json: async () => (%s), headers: new Headers()};
};
$("text").value = %s;
$("given").value = %s;
$("own").open = Boolean($("given").value);
$("go").click();
setTimeout(() => document.querySelector("#summary .sentence:nth-of-type(2)")?.click(), 500);
</script></body>"""


def test_every_element_that_the_script_names_exists_and_nothing_is_loaded() -> None:
    page = home_page()
    assert set(re.findall(r'\$\("(\w+)"\)', page)) <= set(re.findall(r'id="(\w+)"', page))
    assert not re.search(r"https?:|//[a-z]|@import|url\(|innerHTML", page.replace("// ", ""))


def drive(folder: Path, ok: bool, answer: object, summary: str = "") -> str:
    """The page after it was given the article, and perhaps a summary of it, in Chromium."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium")
    script = DRIVE % (
        json.dumps(ok),
        json.dumps(answer).replace("<", "\\u003c"),
        json.dumps(ARTICLE).replace("<", "\\u003c"),
        json.dumps(summary),
    )
    file = folder / "page.html"
    file.write_text(home_page().replace("</body>", script), encoding="utf-8")
    command = [browser, *FLAGS.split(), f"--user-data-dir={folder / 'profile'}", file.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


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
