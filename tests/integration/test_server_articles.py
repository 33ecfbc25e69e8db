"""Pages and addresses in place of a text, over HTTP: the lead engine, and a web server of the test's own."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from summarizer.server.app import create_app
from summarizer.settings import Settings

SECRET = "Zanzibar"
SENTENCES = [f"The council of town {n} opened a new bridge over its river on Monday." for n in range(12)]
STREAM = {"Accept": "text/event-stream"}


def page(sentences: list[str], title: str = "Bridges 😀 & rivers") -> str:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{escape(title)}</h1>{paragraphs}</article>"
        "<script>let tracked = 1;</script></body></html>"
    )


class Web:
    """A web server on this machine: what its paths answer with, and who asked. ``/slow`` never answers."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str, bytes]] = {}  # status, header, body
        self.asked: list[str] = []
        self.waiting, self.left = asyncio.Event(), asyncio.Event()
        self.url = ""

    def put(self, path: str, body: str, kind: str = "text/html; charset=utf-8") -> None:
        self.pages[path] = ("200 OK", f"Content-Type: {kind}", body.encode())

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        self.asked.append(path)
        if path == "/slow":
            self.waiting.set()
            await reader.read()  # until the client closes
            self.left.set()
        else:
            status, header, body = self.pages.get(path, ("404 Not Found", "X-Test: 1", b""))
            writer.write(f"HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    web = Web()
    server = await asyncio.start_server(web.answer, "127.0.0.1", 0)
    web.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield web
    server.close()


@asynccontextmanager
async def running(tmp_path: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    values = {"engine": "lead", "cache": {"path": tmp_path / "cache.sqlite3"}, "fetch": {"allow_private": True}}
    app = create_app(Settings(**values | settings))
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        client.app = app  # type: ignore[attr-defined]
        while (await client.get("/ready")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield client


def check_refused(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code and error["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text


def check_page_summary(result: dict[str, Any]) -> None:
    """The page's sentences, and offsets into the article's text, which came along."""
    text = result["article"]["text"]
    assert [s for s in SENTENCES if s in text] == SENTENCES
    assert "Home" not in text and "tracked" not in text
    for sentence in result["sentences"]:
        assert sentence["sources"]
        assert sentence["text"] in [text[s["start"] : s["end"]].strip() for s in sentence["sources"]]


async def test_a_page_is_summarized_by_its_article(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        result = (
            await client.post("/v1/summarize", json={"html": page(SENTENCES), "url": "https://x.example/a"})
        ).json()
        check_page_summary(result)
        assert (result["article"]["title"], result["article"]["url"]) == ("Bridges 😀 & rivers", "https://x.example/a")
        own = (await client.post("/v1/summarize", json={"html": page(SENTENCES), "title": "Mine"})).json()
        assert own["article"]["title"] == "Mine" and own["article"]["url"] is None
        assert own["cached"] and own["id"] == result["id"]


async def test_an_address_is_fetched(tmp_path: Path, web: Web) -> None:
    web.put("/a", page(SENTENCES))
    web.pages["/old"] = ("302 Found", "Location: /a", b"")
    web.put("/plain", "\n".join(SENTENCES), "text/plain")
    async with running(tmp_path) as client:
        for path in ("/a", "/old", "/plain"):
            result = (await client.post("/v1/summarize", json={"url": web.url + path})).json()
            check_page_summary(result)
            assert result["article"]["url"] == web.url + path.replace("old", "a")  # where it was in the end
        titled = (await client.post("/v1/summarize", json={"url": f"{web.url}/a", "title": "Mine"})).json()
        assert titled["article"]["title"] == "Mine"
        streamed = await client.post("/v1/summarize", json={"url": f"{web.url}/a", "length": "short"}, headers=STREAM)
        events = [line.removeprefix("event: ") for line in streamed.text.splitlines() if line.startswith("event: ")]
        assert events == ["sentence"] * 3 + ["summary"]
        check_page_summary(json.loads(streamed.text.split("data: ")[-1]))


async def test_with_a_text_or_a_page_nothing_is_fetched(tmp_path: Path, web: Web) -> None:
    async with running(tmp_path) as client:
        for body in ({"text": " ".join(SENTENCES)}, {"html": page(SENTENCES)}):
            answer = await client.post("/v1/summarize", json=body | {"url": f"{web.url}/a"})
            assert answer.json()["article"]["url"] == f"{web.url}/a"
    assert not web.asked


async def test_an_address_is_fetched_each_time_and_a_page_is_remembered(tmp_path: Path, web: Web) -> None:
    async with running(tmp_path) as client:
        for sentences, cached in ((SENTENCES, False), (SENTENCES, True), (SENTENCES[::-1], False)):
            web.put("/a", page(sentences))
            result = (await client.post("/v1/summarize", json={"url": f"{web.url}/a"})).json()
            assert result["sentences"][0]["text"] == sentences[0] and result["cached"] is cached
        assert (await client.get("/info")).json()["repeated_requests"] == 0
        first, again = [(await client.post("/v1/summarize", json={"html": page(SENTENCES)})).json() for _ in range(2)]
        assert again["article"] == first["article"]
        assert (await client.get("/info")).json()["repeated_requests"] == 1


@pytest.mark.parametrize("headers", [{}, STREAM])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": SECRET, "html": SECRET}, 422, "invalid_request"),
        ({"title": SECRET}, 422, "invalid_request"),
        ({"html": [SECRET]}, 422, "invalid_request"),
        ({"html": f"<script>{SECRET}</script>"}, 422, "extraction_failed"),
        ({"html": "\ud800"}, 415, "unsupported_content"),
        ({"html": "é" * 1501}, 413, "input_too_long"),
        ({"html": f"<p>{SECRET * 250}</p>"}, 413, "input_too_long"),  # its text is longer than a text may be
        ({"url": f"file:///{SECRET}"}, 403, "fetch_blocked"),
        ({"url": ""}, 403, "fetch_blocked"),
        ({"url": f"/{SECRET}"}, 502, "fetch_failed"),
        ({"url": "/binary"}, 415, "unsupported_content"),
        ({"url": f"/empty?{SECRET}"}, 422, "extraction_failed"),
        ({"url": "/big"}, 413, "input_too_long"),
    ],
)
async def test_refusals(
    tmp_path: Path,
    web: Web,
    caplog: pytest.LogCaptureFixture,
    body: dict[str, Any],
    status: int,
    code: str,
    headers: dict[str, str],
) -> None:
    caplog.set_level(logging.DEBUG)
    web.put("/binary", f"\0{SECRET}", "application/pdf")
    web.put(f"/empty?{SECRET}", "<!doctype html><html><body></body></html>")
    web.put("/big", page(SENTENCES * 10))
    if body.get("url", "").startswith("/"):
        body = {"url": web.url + body["url"]}
    limits = {"server": {"max_html_bytes": 3000, "max_body_bytes": 1000}}
    fetch = {"fetch": {"allow_private": True, "max_bytes": 5000}}
    async with running(tmp_path, **limits, **fetch) as client:
        sent = {"Content-Type": "application/json", **headers}
        answer = await client.post("/v1/summarize", content=json.dumps(body), headers=sent)
        check_refused(answer, status, code)
    assert SECRET not in caplog.text


async def test_private_addresses_are_refused_by_default_and_all_where_fetching_is_off(tmp_path: Path, web: Web) -> None:
    closed: list[dict[str, Any]] = [{"fetch": {}}, {"server": {"fetch": False}}]
    for settings in closed:
        async with running(tmp_path, **settings) as client:
            check_refused(await client.post("/v1/summarize", json={"url": f"{web.url}/a"}), 403, "fetch_blocked")
            assert (await client.post("/v1/summarize", json={"html": page(SENTENCES)})).status_code == 200
    assert not web.asked


async def test_a_page_of_the_largest_size_passes_however_it_is_written(tmp_path: Path) -> None:
    async with running(tmp_path, server={"max_html_bytes": 60_000, "max_body_bytes": 2000}) as client:
        html = page(SENTENCES)
        html += "<!--" + "\x01" * (60_000 - len(html.encode()) - 7) + "-->"
        escaped = json.dumps({"html": html}).replace("<", "\\u003c")
        headers = {"Content-Type": "application/json"}
        assert (await client.post("/v1/summarize", content=escaped, headers=headers)).status_code == 200
        check_refused(await client.post("/v1/summarize", json={"html": html + " "}), 413, "input_too_long")


async def test_too_many_pages_at_once_are_refused(tmp_path: Path, web: Web) -> None:
    async with running(tmp_path, queue={"max_requests": 1}) as client:
        taken = asyncio.create_task(client.post("/v1/summarize", json={"url": f"{web.url}/slow"}))
        await web.waiting.wait()
        refused = await client.post("/v1/summarize", json={"html": page(SENTENCES)})
        check_refused(refused, 503, "overloaded")
        assert refused.headers["retry-after"]
        client.app.state.service.give_up()  # type: ignore[attr-defined]
        check_refused(await taken, 503, "shutting_down")
        await web.left.wait()


async def test_the_deadline_holds_while_a_page_is_fetched(tmp_path: Path, web: Web) -> None:
    async with running(tmp_path, queue={"deadline_s": 0.1}) as client:
        answer = await client.post("/v1/summarize", json={"url": f"{web.url}/slow"})
        check_refused(answer, 504, "deadline_exceeded")
        await web.left.wait()


async def test_a_page_and_a_text_share_one_queue(tmp_path: Path, web: Web) -> None:
    async with running(tmp_path, queue={"max_requests": 1}) as client:
        taken = asyncio.create_task(client.post("/v1/summarize", json={"url": f"{web.url}/slow"}))
        await web.waiting.wait()
        refused = await client.post("/v1/summarize", json={"text": " ".join(SENTENCES)})
        check_refused(refused, 503, "overloaded")
        client.app.state.service.give_up()  # type: ignore[attr-defined]
        check_refused(await taken, 503, "shutting_down")


@pytest.mark.parametrize("headers", [[], [(b"accept", b"text/event-stream")]])
async def test_a_client_that_hangs_up_stops_the_fetching(
    tmp_path: Path, web: Web, headers: list[tuple[bytes, bytes]]
) -> None:
    async with running(tmp_path) as client:
        app: FastAPI = client.app  # type: ignore[attr-defined]
        messages = [
            {"type": "http.request", "body": json.dumps({"url": f"{web.url}/slow"}).encode(), "more_body": False}
        ]

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop()
            await web.waiting.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            pass

        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "POST",
            "path": "/v1/summarize", "raw_path": b"/v1/summarize", "query_string": b"", "scheme": "http",
            "headers": [(b"content-type", b"application/json"), *headers], "client": ("t", 1), "server": ("t", 80),
        }  # fmt: skip
        await asyncio.wait_for(app(scope, receive, send), 10)
        await asyncio.wait_for(web.left.wait(), 10)
        assert app.state.service.in_flight == 0
