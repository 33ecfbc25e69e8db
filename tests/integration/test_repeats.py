"""The same request again is answered from memory, with the answer that the pipeline would give."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from summarizer.cache.store import SummaryCache
from summarizer.server.app import create_app
from summarizer.server.repeats import Answers
from summarizer.settings import CacheSettings, Settings
from summarizer.types import Summary

ARTICLE = " ".join(f"The council of town {n} opened a new bridge over its river on Monday." for n in range(12))


@asynccontextmanager
async def running(tmp_path: Path, **cache: Any) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(engine="lead", cache=CacheSettings(path=tmp_path / "cache.sqlite3", **cache))
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        while (await client.get("/ready")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield client


async def repeated(client: httpx.AsyncClient) -> int:
    return int((await client.get("/info")).json()["repeated_requests"])


async def test_the_answer_is_the_pipelines(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        body = {"text": ARTICLE, "title": "Brücken – “new”"}
        first = (await client.post("/v1/summarize", json=body)).json()
        # another spelling of the same request goes through the pipeline, and its summary cache
        cached = (await client.post("/v1/summarize", json=dict(reversed(body.items())))).json()
        assert await repeated(client) == 0
        answer = await client.post("/v1/summarize", json=body)
        assert await repeated(client) == 1
        again = answer.json()
        assert (first["cached"], cached["cached"], again["cached"]) == (False, True, True)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-request-id"]
        assert list(again) == list(cached)
        for values in (cached, again):
            del values["timings"]
        assert again == cached
        assert Summary.from_dict(answer.json()).timings.total > 0


async def test_other_options_and_other_forms_are_not_repeats(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        await client.post("/v1/summarize", json={"text": ARTICLE})
        other = (await client.post("/v1/summarize", json={"text": ARTICLE, "length": "short"})).json()
        assert not other["cached"]
        raw = json.dumps({"text": ARTICLE}, separators=(",", ":"))
        streamed = await client.post(
            "/v1/summarize",
            content=raw,
            headers={"Accept": "text/event-stream", "Content-Type": "application/json"},
        )
        assert streamed.headers["content-type"].startswith("text/event-stream")
        plain = await client.post("/v1/summarize", content=raw, headers={"Content-Type": "text/plain"})
        assert plain.status_code == 422
        assert await repeated(client) == 0


async def test_errors_are_not_remembered(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        for _ in range(2):
            assert (await client.post("/v1/summarize", json={"text": "  "})).status_code == 422
        assert await repeated(client) == 0


async def test_without_cache_nothing_is_remembered(tmp_path: Path) -> None:
    async with running(tmp_path, enabled=False) as client:
        for _ in range(2):
            answer = (await client.post("/v1/summarize", json={"text": ARTICLE})).json()
            assert not answer["cached"]
        assert await repeated(client) == 0


async def test_bounds(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        summary = (await client.post("/v1/summarize", json={"text": ARTICLE})).json()
    answers = Answers(CacheSettings(memory_entries=2))

    async def known(body: bytes) -> bool:
        return await answers.get(body, 0.0, str) is not None

    for body in (b"1", b"2", b"1", b"3"):
        if not await known(body):
            answers.put(body, summary)
    assert [await known(body) for body in (b"1", b"2", b"3")] == [True, False, True]
    answers.put(b"long", summary | {"summary": "a" * 70_000})
    assert not await known(b"long")


async def test_what_is_cleared_from_the_cache_is_not_served_again(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        first = (await client.post("/v1/summarize", json={"text": ARTICLE})).json()
        SummaryCache(CacheSettings(path=tmp_path / "cache.sqlite3")).clear()  # as another process does
        again = (await client.post("/v1/summarize", json={"text": ARTICLE})).json()
        assert not first["cached"] and not again["cached"]
        assert (await client.post("/v1/summarize", json={"text": ARTICLE})).json()["cached"]
        assert await repeated(client) == 1


async def test_the_cache_is_asked_at_most_once_a_second(tmp_path: Path) -> None:
    now, asked, kept = 0.0, [], {"the id"}
    answers = Answers(CacheSettings(), clock=lambda: now)

    def lookup(id: str) -> object:
        asked.append(id)
        return id if id in kept else None

    async def known() -> bool:
        return await answers.get(b"1", 0.0, lookup) is not None

    answers.put(b"1", {"id": "the id", "timings": {}})
    assert await known() and await known() and asked == ["the id"]
    now = 1.1
    assert await known() and len(asked) == 2
    kept.clear()
    assert await known()
    now = 2.2
    assert not await known() and not await known() and len(asked) == 3


async def test_a_row_that_cannot_be_read_is_no_summary(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        id = (await client.post("/v1/summarize", json={"text": ARTICLE})).json()["id"]
        assert (await client.get(f"/v1/summaries/{id}")).status_code == 200
    with sqlite3.connect(tmp_path / "cache.sqlite3") as database:
        row = json.loads(database.execute("SELECT value FROM summaries").fetchone()[0])
        for summary in row.values():
            del summary["coverage"]
        database.execute("UPDATE summaries SET value = ?", (json.dumps(row),))
    async with running(tmp_path) as client:
        answer = await client.get(f"/v1/summaries/{id}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "summary_not_found")
        assert not (await client.post("/v1/summarize", json={"text": ARTICLE})).json()["cached"]
        assert (await client.get(f"/v1/summaries/{id}")).status_code == 200
