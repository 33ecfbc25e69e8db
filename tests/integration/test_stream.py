"""Server-sent events, and clients that hang up."""

import asyncio
import json

import httpx
import pytest

from summarizer.engines.lead import LeadEngine
from summarizer.pipeline import AsyncSummarizer
from summarizer.server.app import create_app
from summarizer.settings import load_settings

ARTICLE = "\n".join(
    f"Paragraph {name} tells of the {name} harbour in detail. It adds that {name} has many boats."
    for name in ("Alpha", "Bravo", "Charlie", "Delta", "Echo")
)
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
async def app(tmp_path, monkeypatch):
    monkeypatch.setenv("SUMMARIZER_ENGINE", "lead")
    monkeypatch.setenv("SUMMARIZER_CACHE__PATH", str(tmp_path / "cache.sqlite3"))
    settings = load_settings()
    summarizer = AsyncSummarizer(settings)
    await summarizer.start()
    yield create_app(settings, summarizer)
    await summarizer.close()


def parse(body):
    lines = [block.split("\n") for block in body.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in lines]


async def post(app, payload, headers=STREAM, query=""):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.post(f"/v1/summarize{query}", json=payload, headers=headers)


async def test_sentences_come_first_and_last_the_result_that_a_plain_request_gets(app):
    answer = await post(app, {"text": ARTICLE})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = parse(answer.text)
    *sentences, (last, result) = events
    assert last == "summary" and [name for name, _ in sentences] == ["sentence"] * 3
    assert [e["text"] for _, e in sentences] == [s["text"] for s in result["sentences"]]
    assert all(e["seconds"] >= 0 for _, e in sentences)
    plain = (await post(app, {"text": ARTICLE}, headers={})).json()
    assert plain["summary"] == result["summary"] and plain["cached"]


async def test_tokens_on_request_and_a_cached_answer_in_one_event(app):
    names = [name for name, _ in parse((await post(app, {"text": ARTICLE}, query="?tokens=true")).text)]
    assert set(names[:-1]) == {"token"} and names[-1] == "summary"
    assert [name for name, _ in parse((await post(app, {"text": ARTICLE})).text)] == ["summary"]


async def test_who_asks_for_the_same_meanwhile_hears_it_too(app):
    for answer in await asyncio.gather(*(post(app, {"text": ARTICLE}) for _ in range(2))):
        assert [name for name, _ in parse(answer.text)] == ["sentence"] * 3 + ["summary"]


async def test_what_goes_wrong_after_the_first_event_is_the_last_one(app, monkeypatch, caplog):
    async def stream(text, **options):
        yield "One."
        raise RuntimeError(text)

    monkeypatch.setattr(app.state.service.backend, "stream", stream)
    answer = await post(app, {"text": ARTICLE})
    (first, _), (last, body) = parse(answer.text)
    assert (first, last) == ("sentence", "error")
    assert body["error"]["code"] == "internal_error"
    assert body["error"]["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError at" in caplog.text and "Paragraph" not in caplog.text


async def test_what_goes_wrong_before_the_first_event_has_its_status(app):
    answer = await post(app, {"text": " "})
    assert answer.status_code == 422 and answer.json()["error"]["code"] == "empty_input"


class Slow(LeadEngine):
    """Writes a token a step, until its request is cancelled."""

    continuous = True
    cancelled = False

    def step(self):
        for ticket, request in list(self._admitted):
            if request.is_cancelled():
                Slow.cancelled = True
                return super().step()
            del ticket
        return []


@pytest.mark.parametrize("headers", [[], [(b"accept", b"text/event-stream")]])
async def test_a_client_that_hangs_up_stops_its_inference(tmp_path, monkeypatch, headers):
    monkeypatch.setattr("summarizer.engines.load.LeadEngine", Slow)
    monkeypatch.setenv("SUMMARIZER_ENGINE", "lead")
    Slow.cancelled = False
    summarizer = AsyncSummarizer(load_settings(cache={"path": tmp_path / "c.sqlite3"}))
    await summarizer.start()
    app = create_app(summarizer.settings, summarizer)
    body = json.dumps({"text": ARTICLE}).encode()
    gone = asyncio.Event()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "POST",
        "path": "/v1/summarize", "raw_path": b"/v1/summarize", "query_string": b"", "scheme": "http",
        "headers": [(b"content-type", b"application/json"), *headers], "client": ("t", 1), "server": ("t", 80),
    }  # fmt: skip
    request = asyncio.ensure_future(app(scope, receive, send))
    while not summarizer.info()["inferences"]:  # noqa: ASYNC110 - counted by another thread
        await asyncio.sleep(0.01)
    gone.set()
    await asyncio.wait_for(request, 5)
    await summarizer.close()
    assert Slow.cancelled
    assert app.state.service.in_flight == 0
