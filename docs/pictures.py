"""Draws the pictures of README, the page at `/` with real answers about examples/article.txt: `make pictures`.

Needs Chromium and the default model.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from summarizer import Summarizer
from summarizer.server.pages import home_page
from summarizer.settings import load_settings

ROOT = Path(__file__).parents[1]
# Somebody's summary, with a number and a name that the article does not have and a denial that it does not make.
GIVEN = (
    "Xi Jinping and Vladimir Putin signed a joint statement in Beijing on 12 March. It was issued during Mr. Putin's "
    "visit to China with Emmanuel Macron. Russia has not denied any such plans."
)
USE = """
window.fetch = async () => ({ok: true, json: async () => (%s), headers: new Headers()});
$("text").value = %s;
$("given").value = %s;
$("own").open = Boolean($("given").value);
$("text").rows = $("given").rows = 3;
$("go").click();
setTimeout(() => document.querySelector("#summary .sentence:nth-of-type(2)").click(), 500);
setTimeout(() => scrollTo(0, 0), 1000);
"""


def main() -> None:
    """Both pictures."""
    browser = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("error: this needs Chromium.")
    text = (ROOT / "examples" / "article.txt").read_text(encoding="utf-8")
    with Summarizer(load_settings(cache={"enabled": False})) as summarizer:
        summarizer.start()
        draw(browser, "page", 1000, summarizer.summarize(text).to_dict(), text, "")
        draw(browser, "check", 1000, asdict(summarizer.check(text, GIVEN)), text, GIVEN)


def draw(browser: str, name: str, height: int, answer: dict[str, object], text: str, given: str) -> None:
    """Writes docs/NAME.png: the page once it was given the text and, to check it, a summary."""
    script = USE % tuple(json.dumps(value).replace("<", "\\u003c") for value in (answer, text, given))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(home_page().replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=5000",
            f"--user-data-dir={folder}/profile", f"--window-size=1180,{height}",
            f"--screenshot={ROOT / 'docs' / name}.png", page.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    main()
