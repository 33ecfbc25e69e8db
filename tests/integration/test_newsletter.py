"""One entry a story, on the engine without a model; from texts, and from a server of feeds and pages."""

import asyncio
import json
import os
import socketserver
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from html import escape
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from summarizer import Summarizer
from summarizer.article.feed import Feed, FeedItem, parse_feed
from summarizer.article.fetch import Fetcher
from summarizer.article.gathering import gather
from summarizer.errors import EmptyInput, ExtractionFailed, FetchFailed, InputError, UnsupportedContent
from summarizer.newsletter import build_newsletter, collect, to_html, to_markdown
from summarizer.settings import FetchSettings, load_settings
from summarizer.types import Article

FERRY = (
    "The ferry Aurora ran aground off Port Kelda early on Tuesday with 84 passengers on board. Coast guard boats took "
    "everyone to safety within two hours, a spokeswoman for the Kelda coast guard said. Divers will inspect the hull."
)
AGAIN = (
    "Coast guard crews rescued 84 passengers from the ferry Aurora, which struck rocks near Port Kelda on Tuesday. "
    "Nobody was hurt, the Kelda coast guard said. Tugs are to pull the Aurora free once divers have seen the hull."
)
MAYOR = "Voters in Lund chose Per Falk as mayor on Sunday, with turnout the highest in twenty years, officials said."
DAY = [
    Article(MAYOR),
    Article(FERRY, "Ferry aground", "https://a.example/ferry"),
    Article(AGAIN, "84 [saved](http://x) <b>", "https://b.example/aurora"),
    Article("Subscribe now\n" + FERRY, None, "javascript:alert(1)"),
]
LONG = "The council of Lund met on Monday to speak about the new bridge over the river, and agreed to build it. " * 9
EXAMPLE = Path(__file__).parents[2] / "examples" / "newsletter_by_mail.py"


@pytest.fixture
def summarizer(tmp_path):
    with Summarizer(load_settings(engine="lead", cache={"path": tmp_path / "cache.sqlite3"})) as summarizer:
        yield summarizer


class Site:
    """A server of pages: what stands in ``pages`` by path, else 404; ``asked`` are the paths asked for."""

    def __init__(self):
        self.pages, self.asked = {}, []
        site = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                kind, body = site.pages.get(self.path, (None, b""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def page(self, path, *paragraphs, title="A page"):
        body = "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
        html = f"<!doctype html><html><head><title>{escape(title)}</title></head><body><article>{body}</article></body>"
        self.pages[path] = ("text/html; charset=utf-8", html.encode())
        return self.url + path

    def feed(self, path, *items):
        self.pages[path] = ("application/rss+xml", rss(*items))
        return self.url + path


@pytest.fixture
def site():
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def item(title=None, url=None, html=None, published=None):
    parts = {"title": title, "link": url, "description": html, "pubDate": published and format_datetime(published)}
    return "<item>" + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts.items() if text) + "</item>"


def rss(*items):
    return f"<rss version='2.0'><channel><title>News</title>{''.join(items)}</channel></rss>".encode()


def gathered(*items):
    async def run():
        async with Fetcher(FetchSettings(allow_private=True)) as fetcher:
            return await gather(
                [FeedItem(each.get("title"), each.get("url"), None, each["html"]) for each in items], fetcher
            )

    return asyncio.run(run())


def test_one_entry_a_story_the_most_reported_first(summarizer):
    told = []
    made = build_newsletter(DAY, summarizer, on_progress=lambda *done: told.append(done))
    ferry, mayor = made.entries
    assert not made.failed and told[-1] == (2, 2)
    assert ferry.article.text in (FERRY, AGAIN, DAY[3].text) and len(ferry.others) == 2
    assert "Aurora" in ferry.summary.summary
    assert mayor.article is DAY[0] and mayor.others == ()
    assert mayor.headline.startswith("Voters in Lund")  # it has no title: the model writes one
    assert build_newsletter(DAY, summarizer, entries=1).entries[0].article == ferry.article
    assert build_newsletter([], summarizer).entries == ()


def test_an_article_that_fails_loses_no_other(summarizer):
    empty = Article(" ", "Empty")
    made = build_newsletter([empty, DAY[0]], summarizer)
    assert [entry.article for entry in made.entries] == [DAY[0]]
    ((article, error),) = made.failed
    assert article is empty and isinstance(error, EmptyInput)


def test_markdown_takes_no_markup_from_articles(summarizer):
    text = to_markdown(build_newsletter(DAY, summarizer), "1. News *today*")
    assert text.startswith("# 1\\. News \\*today\\*\n")
    assert "](<https://a.example/ferry>)" in text and "](<https://b.example/aurora>)" in text
    assert "(http://x)" not in text.replace("\\](http://x)", "") and "<b>" not in text and "javascript" not in text
    assert text.count("## ") == 2


class Shown(HTMLParser):
    """What a reader sees of HTML: its text, its links, and the names of its elements."""

    def __init__(self, html):
        super().__init__()
        self.text, self.links, self.names = "", [], set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data):
        self.text += data


NASTY = "Type &lt;b&gt; or &amp;copy; or &#38; for AT&T's <script>alert('x')</script> & 3 < 4 said Ann Bell in Lund."


def test_markdown_and_html_show_the_very_characters(summarizer):
    day = [Article(NASTY, NASTY, "https://a.example/?a=1&lt;=2&copy=3\"'")]
    made = build_newsletter(day, summarizer)
    for html in (MarkdownIt().render(to_markdown(made, NASTY)), to_html(made, NASTY)):
        shown = Shown(html)
        assert shown.text.count(NASTY) >= 3 and "script" not in shown.names
    assert shown.links == [day[0].url]


def test_html_loads_nothing_and_says_what_markdown_says(summarizer):
    made = build_newsletter(DAY, summarizer)
    html = to_html(made, "News <today>")
    shown = Shown(html)
    assert html.startswith("<!doctype html>") and "<title>News &lt;today&gt;</title>" in html
    assert not shown.names & {"script", "style", "img", "link", "iframe", "form", "base"}
    assert sorted(shown.links) == ["https://a.example/ferry", "https://b.example/aurora"]
    assert shown.text.split()[2:] == Shown(MarkdownIt().render(to_markdown(made, "News <today>"))).text.split()
    assert 'name="color-scheme" content="light dark"' in html and 'name="viewport"' in html and 'lang="en"' in html


def test_blank_titles_and_addresses_are_none(summarizer):
    day = [
        Article(FERRY, " \n", " https://a.example/ferry\n"),
        Article(AGAIN, "\u200b", "https://b.example/x\nhttps://c.example"),
        Article(MAYOR, "\ud83d", "https:///no-host"),
    ]
    made = build_newsletter(day, summarizer)
    assert all(entry.headline.strip(" \n\u200b\ud83d") for entry in made.entries)
    text = to_markdown(made, "News")
    assert "[a.example](<https://a.example/ferry>)" in text and text.count("](<") == 1
    assert "[]" not in text and "## \n" not in text and "c.example" not in text


def test_an_item_that_is_the_whole_article_needs_no_page(site):
    (whole,) = gathered({"title": "Bridge", "url": site.url + "/bridge", "html": f"<p>{LONG}</p>"})
    assert whole == Article(LONG.strip(), "Bridge", site.url + "/bridge", extracted=True) and site.asked == []


@pytest.mark.parametrize(
    "end",
    [
        "…",
        " [&#8230;]",
        "...",
        "<a href='x'>Read more</a>",
        "<p><a>Continue reading Bridge →</a></p>",
        "<p>(more…)</p>",
        "<p>[&hellip;]</p><p>The post <a href='x'>Bridge</a> appeared first on <a href='y'>Kelda</a>.</p>",
    ],
)
def test_what_ends_in_an_ellipsis_is_a_teaser(site, end):
    url = site.page("/bridge", LONG, LONG + "And that was all.")
    (read,) = gathered({"title": "Bridge", "url": url, "html": f"<p>{LONG}</p>{end}"})
    assert read.text.endswith("And that was all.") and read.title == "Bridge" and read.extracted


def test_a_page_that_fails_leaves_what_the_item_says_and_fails_no_other(site):
    good = site.page("/good", FERRY, title="Ferry aground")
    site.pages["/image"] = ("image/png", b"\x89PNG")
    two = "The bridge is old. It will be built anew. <a href='x'>Read more</a>"
    made = gathered(
        {"url": site.url + "/gone", "html": two},
        {"url": site.url + "/gone", "html": "One sentence only."},
        {"url": good, "html": ""},
        {"html": ""},
        {"html": two},
        {"url": site.url + "/image", "html": ""},
        {"url": "http://127.0.0.1:9/", "html": "<img src=x>"},
    )
    assert made[0].text == made[4].text == "The bridge is old. It will be built anew."
    assert made[2].text == FERRY and made[2].title == "Ferry aground"
    kinds = [FetchFailed, ExtractionFailed, UnsupportedContent, FetchFailed]
    assert [type(made[at]) for at in (1, 3, 5, 6)] == kinds


def test_a_page_that_holds_less_than_the_item_is_not_the_article(site):
    wall = site.page("/wall", "We value your privacy.")
    (read,) = gathered({"title": "Aurora", "url": wall, "html": FERRY})
    assert read.text == FERRY


def test_feeds_and_pages_are_collected_once_each(site, tmp_path):
    now = datetime.now(UTC)
    ferry, mayor = site.page("/ferry", FERRY), site.page("/mayor", MAYOR)
    first = site.feed(
        "/first",
        item("Ferry", ferry, published=now),
        item("Old", site.url + "/old", published=now - timedelta(days=3)),
        item("Undated", mayor),
        "<item></item>",
    )
    second = site.feed("/second", item("The same", ferry, published=now), item("Gone", site.url + "/gone"))
    file = tmp_path / "feed.xml"
    file.write_bytes(rss(item("Bridge", None, LONG)))
    told = []
    found = collect(
        [first, second, str(file), mayor, site.url + "/nothing", str(tmp_path / "no.xml"), first],
        FetchSettings(allow_private=True),
        since=now - timedelta(days=1),
        on_progress=lambda *done: told.append(done),
    )
    assert [each.title for each in found.articles] == ["A page", "Ferry", "Bridge"]
    assert [name for name, _ in found.failed] == [site.url + "/nothing", str(tmp_path / "no.xml"), site.url + "/gone"]
    assert all(isinstance(error, InputError) for _, error in found.failed)
    assert told[-1] == (3, 3)
    assert sorted(site.asked) == ["/ferry", "/first", "/gone", "/mayor", "/nothing", "/second"]


def test_a_feed_without_items_is_named_and_one_of_old_items_is_not(site, tmp_path):
    empty, cut = site.feed("/empty"), site.feed("/cut", "<item>")
    site.pages["/json"] = ("application/json", b'{"version": "https://jsonfeed.org/version/1", "items": []}')
    old = site.feed("/old", item("Old", None, LONG, published=datetime.now(UTC) - timedelta(days=9)))
    file = tmp_path / "feed.xml"
    file.write_bytes(b"<rss><channel><item>")
    found = collect(
        [empty, cut, site.url + "/json", old, str(file), parse_feed(rss()), Feed(None, ()), site.page("/mayor", MAYOR)],
        FetchSettings(allow_private=True),
        since=datetime.now(UTC) - timedelta(days=1),
    )
    assert [name for name, _ in found.failed] == [empty, cut, site.url + "/json", str(file), "News", "a feed"]
    assert {type(error) for _, error in found.failed} == {EmptyInput}
    assert [each.text for each in found.articles] == [MAYOR]


def test_items_of_one_feed_that_share_a_link_are_not_lost(site):
    log = site.page("/log", MAYOR, LONG)
    two = LONG.replace("bridge", "tunnel")
    first = site.feed(
        "/first",
        item("1", log, LONG),
        item("2", log, two),
        item("2", log, two),
        item("3", log, "Mended."),
        item("4", log),
    )
    second = site.feed("/second", item("One", log, f"<p>{LONG}</p>"), item("Ferry", site.page("/ferry", FERRY)))
    found = collect([first, second], FetchSettings(allow_private=True))
    assert [each.title for each in found.articles] == ["1", "2", "3", "Ferry"] and not found.failed
    assert [each.text for each in found.articles[:2]] == [LONG.strip(), two.strip()]
    assert found.articles[2].text.startswith(MAYOR) and all(each.url == log for each in found.articles[:3])
    assert sorted(site.asked) == ["/ferry", "/first", "/log", "/second"]


def test_a_private_address_is_refused(site):
    ((name, error),) = collect([site.feed("/feed")], FetchSettings()).failed
    assert name == site.url + "/feed" and error.code == "fetch_blocked" and site.asked == []


@pytest.fixture
def surroundings(tmp_path):
    """The environment of a command that may fetch from this machine."""
    return os.environ | {
        "SUMMARIZER_FETCH__ALLOW_PRIVATE": "true",
        "SUMMARIZER_ENGINE": "lead",
        "SUMMARIZER_CACHE__PATH": str(tmp_path / "cache.sqlite3"),
    }


def test_the_command_line(tmp_path, command):
    lines = [{"id": i, "text": a.text, "title": a.title, "url": a.url} for i, a in enumerate(DAY)]
    lines[2]["title"] += " \ud83d"  # half an emoji
    (tmp_path / "day.jsonl").write_text("\n".join(map(json.dumps, [*lines, {"text": " "}])), encoding="utf-8")

    def run(*arguments):
        return command("newsletter", *arguments, "--engine", "lead")

    done = run("day.jsonl", "--title", "Kelda")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Kelda\n\n## ") and done.stdout.count("\n## ") == 2
    assert "5 article(s), 2 entries" in done.stderr and "day.jsonl:5: " in done.stderr
    first = json.loads(run("day.jsonl", "--json").stdout.splitlines()[0])
    assert len(first["others"]) == 2 and first["summary"]["sentences"]
    (tmp_path / "none.jsonl").write_text("\n", encoding="utf-8")
    assert run("none.jsonl").returncode == 3
    for place in ("no-folder/news.html", "."):
        done = run("day.jsonl", "--html", place)
        assert (done.returncode, done.stdout) == (3, "")
    done = run("day.jsonl", "--html", "/dev/full")
    assert done.returncode == 3 and done.stdout.startswith("# News") and "/dev/full: " in done.stderr


def test_a_feed_may_come_through_a_pipe(tmp_path, command):
    feed = rss(item("Bridge", None, f"<p>{LONG}</p>")).decode()
    done = command("newsletter", "-", "--engine", "lead", stdin=feed)
    assert done.returncode == 0 and "## Bridge" in done.stdout, done.stderr
    done = command("newsletter", "-", "--engine", "lead", stdin=json.dumps({"text": LONG, "title": "Bridge"}))
    assert done.returncode == 0 and "## Bridge" in done.stdout, done.stderr
    (tmp_path / "mayor.txt").write_text(MAYOR, encoding="utf-8")
    done = command("newsletter", "/dev/stdin", "mayor.txt", "--engine", "lead", stdin=feed)
    assert done.returncode == 0 and "## Bridge" in done.stdout and done.stdout.count("\n## ") == 2, done.stderr


def test_the_command_line_reads_feeds_pages_and_texts(tmp_path, command, site, surroundings):
    now = datetime.now(UTC)
    feed = site.feed(
        "/feed",
        item("Ferry", site.page("/ferry", FERRY), published=now),
        item("Old bridge", None, LONG, published=now - timedelta(days=9)),
        item("Gone", site.url + "/gone", published=now),
    )
    page = site.page("/aurora", AGAIN, title="Rescue")
    (tmp_path / "mayor.txt").write_text(MAYOR, encoding="utf-8")
    json_feed = {"version": "https://jsonfeed.org/version/1", "items": [{"title": "Old", "content_text": LONG}]}
    json_feed["items"][0]["date_published"] = "2001-01-01T00:00:00Z"
    (tmp_path / "feed.json").write_text(json.dumps(json_feed), encoding="utf-8")
    old = {"text": LONG, "date": "2001-01-01"}
    (tmp_path / "old.jsonl").write_text(json.dumps(old), encoding="utf-8")

    def run(*more):
        names = [feed, page, "mayor.txt", "feed.json", "old.jsonl"]
        return command("newsletter", *names, "--html", "news.html", *more, env=surroundings)

    done = run("--days", "1.5")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n## ") == 2 and f"](<{page}>)" in done.stdout and "bridge" not in done.stdout
    assert f"{site.url}/gone: 127.0.0.1" in done.stderr and "3 article(s), 2 entries" in done.stderr
    shown = Shown((tmp_path / "news.html").read_text(encoding="utf-8"))
    assert set(shown.links) == {page, site.url + "/ferry"}
    entries = [json.loads(line) for line in run("--json").stdout.splitlines()]
    assert any("bridge" in entry["summary"]["summary"] for entry in entries)
    assert any("Aurora" in entry["summary"]["article"].get("text", "") for entry in entries)
    assert all(set(entry["article"]) == {"title", "url"} for entry in entries)
    assert command("newsletter", site.url + "/gone", env=surroundings).returncode == 3
    nothing = command("newsletter", "feed.json", "--days", "1", env=surroundings)
    assert nothing.returncode == 3 and "--days" in nothing.stderr
    (tmp_path / "page.xml").write_text("<html><body>no feed</body></html>", encoding="utf-8")
    assert "no feed" in command("newsletter", "page.xml", env=surroundings).stderr


@pytest.mark.parametrize("name", ["missing.txt", "latin1.txt", "bad.html", "bad.jsonl", "bad.xml"])
def test_a_file_that_cannot_be_read_is_named_and_loses_no_other(tmp_path, command, name):
    (tmp_path / "mayor.txt").write_text(MAYOR, encoding="utf-8")
    (tmp_path / "latin1.txt").write_bytes("Färja".encode("latin-1"))
    (tmp_path / "bad.html").write_bytes(b"<html><body></body></html>")
    (tmp_path / "bad.jsonl").write_text(json.dumps({"text": FERRY}) + "\n{}\n", encoding="utf-8")
    (tmp_path / "bad.xml").write_bytes(b"no feed")
    done = command("newsletter", name, "mayor.txt", "--engine", "lead")
    assert done.returncode == (0 if name == "bad.jsonl" else 3) and "Falk" in done.stdout, done.stderr
    assert done.stdout.count("\n## ") == (2 if name == "bad.jsonl" else 1)
    assert done.stderr.startswith(f"{name}:") and done.stderr.count(name) == 1
    if name == "bad.jsonl":
        assert "bad.jsonl:2: there is no text" in done.stderr
        assert command("newsletter", name, "--engine", "lead").returncode == 0
        (tmp_path / name).write_text("{}\n[]", encoding="utf-8")
    done = command("newsletter", name, "missing.txt", "--engine", "lead")
    assert done.returncode == 3 and done.stderr.startswith(f"error: {name}:")
    assert done.stderr.count("missing.txt") == (2 if name == "missing.txt" else 1)


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as takes a message; those taken are in ``server.taken``."""

    def handle(self):
        self.wfile.write(b"220 mailbox\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.taken.append(b"".join(line.removeprefix(b".") for line in lines))
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


def test_the_example_sends_text_and_html(tmp_path, site, surroundings):
    now = datetime.now(UTC)
    feed = site.feed("/feed", item("Färja & co", site.page("/ferry", FERRY), published=now))
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.taken = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        smtp = f"127.0.0.1:{server.server_address[1]}"
        arguments = [feed, site.url + "/gone", "--smtp", smtp, "--from", "news@kelda.example", "--title", "Nytt ✓"]
        done = subprocess.run(
            [sys.executable, EXAMPLE, *arguments, "--to", "a@kelda.example", "b@kelda.example"],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            cwd=tmp_path,
            env=surroundings,
        )
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert f"{site.url}/gone: " in done.stderr
    message = message_from_bytes(server.taken[0], policy=policy.default)
    assert message["Subject"] == "Nytt ✓" and message["To"] == "a@kelda.example, b@kelda.example"
    assert message.get_content_type() == "multipart/alternative"
    text, html = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
    assert text.startswith("# Nytt ✓\n\n## Färja & co\n") and "Aurora" in text
    assert site.url + "/ferry" in Shown(html).links and "Färja & co" in Shown(html).text
