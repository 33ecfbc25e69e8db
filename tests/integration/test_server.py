"""The HTTP door, over ASGI, with a backend that needs no model."""

import asyncio
import gzip
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from summarizer import errors
from summarizer.errors import SummarizerError
from summarizer.grounding import check_support
from summarizer.server.app import create_app
from summarizer.server.middleware import BodyLimit
from summarizer.server.wire import STATUS, SummarizeRequest, status_of
from summarizer.settings import Settings
from summarizer.types import (
    Article,
    ArticleReport,
    Coverage,
    DuplicatesReport,
    ModelInfo,
    Span,
    Summary,
    SupportedSentence,
    SupportReport,
)
from summarizer.writing.style import MAX_SENTENCES, Style

SECRET = "Zanzibar"
ID = "a" * 64


class FakeSummarizer:
    """The interface of AsyncSummarizer: answers with the article's first sentence."""

    def __init__(self) -> None:
        self.ready = False
        self.may_start = asyncio.Event()
        self.may_start.set()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.entered = asyncio.Event()
        self.fail: Exception | None = None
        self.fail_start: Exception | None = None
        self.stored: dict[str, Summary] = {}
        self.calls: list[dict[str, Any]] = []
        self.closed = False
        self.engine = "lead"

    async def start(self) -> None:
        await self.may_start.wait()
        if self.fail_start is not None:
            raise self.fail_start
        self.ready = True

    async def close(self) -> None:
        self.closed = True

    async def check(self, text: str, summary: str) -> SupportReport:
        if self.fail is not None:
            raise self.fail
        return check_support(text, summary)

    async def summarize(self, article: str | Article, **options: Any) -> Summary:
        self.calls.append(options)
        text = article.text if isinstance(article, Article) else article
        self.entered.set()
        await self.may_answer.wait()
        if self.fail is not None:
            raise self.fail
        if not text.strip():
            raise errors.EmptyInput("The article has no words.")
        first = text.split(".")[0] + "."
        summary = Summary(
            id=ID,
            summary=first,
            sentences=(SupportedSentence(first, True, 1.0, (Span(0, len(first)),)),),
            article=ArticleReport("b" * 64, options["title"], options["url"], "en", len(text), len(text.split())),
            duplicates=DuplicatesReport(),
            coverage=Coverage(1, 1, 1, False),
            model=ModelInfo("fake", None, "lead", "float32"),
            finish_reason="extractive",
        )
        self.stored[ID] = summary
        return summary

    async def stream(
        self, article: str | Article, *, tokens: bool = False, **options: Any
    ) -> AsyncIterator[str | Summary]:
        text = article.text if isinstance(article, Article) else article
        yield text.split(".")[0] + "."
        yield await self.summarize(article, **options)

    def lookup(self, id: str) -> Summary | None:
        return self.stored.get(id)

    def info(self) -> dict[str, Any]:
        return {"model": {"name": "fake", "engine": self.engine}, "inferences": len(self.calls)}


@pytest.fixture
def fake() -> FakeSummarizer:
    return FakeSummarizer()


@asynccontextmanager
async def running(fake: FakeSummarizer, *, wait: bool = True, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(**settings), fake)
    async with app.router.lifespan_context(app):
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
        client.service = app.state.service  # type: ignore[attr-defined]
        async with client:
            while wait and not fake.ready:  # noqa: ASYNC110
                await asyncio.sleep(0)
            yield client


def check_error(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint", "request_id"}
    assert error["code"] == code
    assert error["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    return error


def subclasses(cls: type[SummarizerError]) -> Iterator[type[SummarizerError]]:
    yield cls
    for sub in cls.__subclasses__():
        yield from subclasses(sub)


def test_every_error_has_a_status() -> None:
    ours = {cls for cls in subclasses(SummarizerError) if cls.__module__.startswith("summarizer.")}
    assert ours == set(STATUS)

    class Later(errors.Overloaded):
        pass

    assert status_of(Later("x")) == 503


async def test_summarize_then_look_up(fake: FakeSummarizer) -> None:
    async with running(fake) as client:
        body = {"text": "One 😀. Two.", "title": "T", "length": "short", "sentences": 2, "format": "bullets"}
        answer = await client.post("/v1/summarize", json=body)
        assert answer.status_code == 200
        assert answer.json() == json.loads(json.dumps(fake.stored[ID].to_dict()))
        assert answer.json()["sentences"][0]["sources"] == [{"start": 0, "end": 6}]
        assert fake.calls[0] == {
            "title": "T", "url": None, "length": "short", "sentences": 2, "words": None, "format": "bullets",
        "grounding": "repair",
        }  # fmt: skip
        assert (await client.get(f"/v1/summaries/{ID}")).json() == answer.json()
        check_error(await client.get(f"/v1/summaries/{'c' * 64}"), 404, "summary_not_found")
        check_error(await client.get(f"/v1/summaries/{SECRET}"), 404, "summary_not_found")
        assert (await client.get("/info")).json()["inferences"] == 1
    assert fake.closed


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": " "}, 422, "empty_input"),
        ({}, 422, "invalid_request"),
        ([SECRET], 422, "invalid_request"),
        ({"text": [SECRET]}, 422, "invalid_request"),
        ({"text": SECRET, "colour": SECRET}, 422, "invalid_request"),
        ({"text": "x", f"{SECRET} is an island": 1}, 422, "invalid_request"),
        ({"text": SECRET, "length": SECRET}, 422, "invalid_request"),
        ({"text": SECRET, "sentences": "2"}, 422, "invalid_request"),
        ({"text": SECRET, "sentences": 0}, 422, "invalid_request"),
        ({"text": SECRET, "sentences": MAX_SENTENCES + 1}, 422, "invalid_request"),
        ({"text": SECRET, "words": True}, 422, "invalid_request"),
        ({"text": SECRET + "\ud800"}, 415, "unsupported_content"),
        ({"text": "x", "title": SECRET + "\udc00"}, 422, "invalid_request"),
        ({"text": SECRET, "model": "other"}, 404, "model_not_found"),
        ({"text": SECRET * 200}, 413, "input_too_long"),
        ({"text": "é" * 600}, 413, "input_too_long"),
    ],
)
async def test_refusals(
    fake: FakeSummarizer, caplog: pytest.LogCaptureFixture, body: object, status: int, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running(fake, server={"max_body_bytes": 1000}) as client:
        headers = {"Content-Type": "application/json"}
        answer = await client.post("/v1/summarize", content=json.dumps(body), headers=headers)
        check_error(answer, status, code)
    assert SECRET not in caplog.text


async def test_any_summary_is_checked(fake: FakeSummarizer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    text = f"😀 The ships left {SECRET} on Monday. Nobody was hurt."
    async with running(fake, server={"max_body_bytes": 1000}) as client:
        answer = await client.post("/v1/check", json={"text": text, "summary": f"The ships left {SECRET} with 90 men."})
        (sentence,) = answer.json()["sentences"]
        assert answer.status_code == 200 and not sentence["supported"]
        assert sentence["sources"][0] == {"start": 0, "end": text.index(" Nobody")}
        assert [span["text"] for span in sentence["unsupported"]] == ["90"]
        for body, status, code in [
            ({"text": SECRET}, 422, "invalid_request"),
            ({"text": SECRET, "summary": SECRET * 200}, 413, "input_too_long"),
            ({"text": "x", "summary": SECRET * 3000}, 422, "invalid_request"),
            ({"text": SECRET, "summary": "x", "length": SECRET}, 422, "invalid_request"),
        ]:
            check_error(await client.post("/v1/check", json=body), status, code)
        fake.fail = errors.InferenceFailed("No.")
        check_error(await client.post("/v1/check", json={"text": text, "summary": text}), 500, "inference_failed")
    assert SECRET not in caplog.text


async def test_bodies_that_are_not_json(fake: FakeSummarizer) -> None:
    async with running(fake) as client:
        headers = {"Content-Type": "application/json"}
        for content, status, code in [
            (b'{"text": "Zanzibar', 422, "invalid_request"),
            (b"", 422, "invalid_request"),
            (b'{"text": "\xff\xfe Zanzibar"}', 415, "unsupported_content"),
            (gzip.compress(b'{"text": "Zanzibar"}'), 415, "unsupported_content"),
        ]:
            check_error(await client.post("/v1/summarize", content=content, headers=headers), status, code)
        plain = {"Content-Type": "text/plain"}
        answer = await client.post("/v1/summarize", content=b'{"text": "Zanzibar"}', headers=plain)
        check_error(answer, 422, "invalid_request")
    assert not fake.calls


async def test_the_loaded_model_may_be_named(fake: FakeSummarizer) -> None:
    async with running(fake) as client:
        assert (await client.post("/v1/summarize", json={"text": "A b.", "model": "fake"})).status_code == 200


@pytest.mark.parametrize(("engine", "status"), [("lead", 404), ("openai", 404), ("transformers", 200)])
async def test_the_model_of_the_settings_is_a_name_for_what_was_loaded_from_them(
    fake: FakeSummarizer, engine: str, status: int
) -> None:
    fake.engine = engine
    async with running(fake, model="HuggingFaceTB/fake") as client:
        answer = await client.post("/v1/summarize", json={"text": "A b.", "model": "HuggingFaceTB/fake"})
        assert answer.status_code == status
        other = await client.post("/v1/summarize", json={"text": "A b.", "model": "other"})
        check_error(other, 404, "model_not_found")


def test_the_schema_has_the_bounds_of_style() -> None:
    fields = SummarizeRequest.model_json_schema()["properties"]
    for field, option in (("sentences", "sentence_count"), ("words", "words")):
        bounds = fields[field]["anyOf"][0]
        for value in (bounds["minimum"], bounds["maximum"]):
            Style.of(**{option: value})
        for value in (bounds["minimum"] - 1, bounds["maximum"] + 1):
            with pytest.raises(errors.InvalidRequest):
                Style.of(**{option: value})


async def test_escapes_do_not_count_against_the_article(fake: FakeSummarizer) -> None:
    async with running(fake, server={"max_body_bytes": 100_000}) as client:
        text = "\u0001" * 99_000 + " a b."
        assert (await client.post("/v1/summarize", json={"text": text})).status_code == 200


async def test_body_limit_by_length_and_by_counting(fake: FakeSummarizer) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield SECRET.encode() * 200

    async with running(fake, server={"max_body_bytes": 1000, "max_html_bytes": 1000}) as client:
        check_error(await client.post("/v1/summarize", content=stream()), 413, "input_too_long")
        check_error(await client.post("/v1/summarize", content=SECRET.encode() * 20_000), 413, "input_too_long")
        lying = {"Content-Length": str(10**12)}
        check_error(await client.post("/v1/summarize", content=b"{}", headers=lying), 413, "input_too_long")
    assert not fake.calls


async def test_a_limit_over_64_mib_holds() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        taken.append(len((await receive())["body"]))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        refused.append(message)

    taken: list[int] = []
    refused: list[Any] = []
    limit = 100 * 2**20
    for size in (limit, limit + 1):
        headers = [(b"content-length", str(size).encode())]
        scope = {"type": "http", "path": "/v1/summarize", "headers": headers, "state": {"request_id": "r"}}
        await BodyLimit(app, limit)(scope, receive, send)
    assert taken == [2]
    assert [m["status"] for m in refused if "status" in m] == [413]


async def test_head_is_answered_as_get_is(fake: FakeSummarizer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "summarizer.access")
    async with running(fake) as client:
        for path in ("/", "/docs", "/health", "/ready", "/info"):
            assert (await client.head(path)).status_code == 200
        assert (await client.head(f"/v1/summaries/{ID}")).status_code == 404
        assert (await client.head("/v1/summarize")).headers["allow"] == "POST"
    assert "HEAD /health 200" in caplog.text


async def test_request_id(fake: FakeSummarizer) -> None:
    async with running(fake) as client:
        assert (await client.get("/health", headers={"X-Request-ID": "abc-1"})).headers["x-request-id"] == "abc-1"
        made = (await client.get("/health", headers={"X-Request-ID": "a b\tc"})).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", made)


async def test_unexpected_exception_says_and_logs_nothing(
    fake: FakeSummarizer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.fail = RuntimeError(f"could not read {SECRET}")
    async with running(fake) as client:
        answer = await client.post(f"/v1/summarize?q={SECRET}", json={"text": SECRET})
        check_error(answer, 500, "internal_error")
    assert "RuntimeError" in caplog.text
    assert "POST /v1/summarize 500" in caplog.text
    assert SECRET not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("summarizer"))
    assert "Traceback" not in caplog.text


async def test_retry_after(fake: FakeSummarizer) -> None:
    async with running(fake) as client:
        for error, status, wait in [
            (errors.Overloaded("Full.", retry_after_s=2.2), 503, "3"),
            (errors.DeadlineExceeded("Late."), 504, "1"),
        ]:
            fake.fail = error
            answer = await client.post("/v1/summarize", json={"text": "x"})
            check_error(answer, status, error.code)
            assert answer.headers["retry-after"] == wait
        fake.fail = errors.InferenceFailed("No.")
        assert "retry-after" not in (await client.post("/v1/summarize", json={"text": "x"})).headers


async def test_not_ready_until_started(fake: FakeSummarizer) -> None:
    fake.may_start.clear()
    async with running(fake, wait=False) as client:
        assert (await client.get("/health")).json() == {"status": "ok"}
        check_error(await client.get("/ready"), 503, "capacity")
        check_error(await client.post("/v1/summarize", json={"text": "x"}), 503, "capacity")
        assert (await client.get("/info")).json()["ready"] is False
        fake.may_start.set()
        while not fake.ready:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert (await client.get("/ready")).json() == {"status": "ready"}


async def test_closing_while_it_loads(fake: FakeSummarizer) -> None:
    fake.may_start.clear()
    async with running(fake, wait=False):
        await asyncio.sleep(0)
    assert fake.closed


@pytest.mark.parametrize("error", [errors.ModelNotFound("No such model."), RuntimeError(SECRET)])
async def test_failed_start(fake: FakeSummarizer, error: Exception) -> None:
    fake.fail_start = error
    async with running(fake, wait=False) as client:
        await asyncio.sleep(0.01)
        assert (await client.get("/health")).status_code == 200
        check_error(await client.get("/ready"), 503, "model_unhealthy")
        check_error(await client.post("/v1/summarize", json={"text": "x"}), 503, "model_unhealthy")


async def test_draining_finishes_what_was_taken(fake: FakeSummarizer) -> None:
    fake.may_answer.clear()
    async with running(fake) as client:
        taken = asyncio.create_task(client.post("/v1/summarize", json={"text": "One. Two."}))
        await fake.entered.wait()
        client.service.draining = True  # type: ignore[attr-defined]
        refused = await client.post("/v1/summarize", json={"text": "x"})
        check_error(refused, 503, "shutting_down")
        assert refused.headers["retry-after"]
        check_error(await client.get("/ready"), 503, "shutting_down")
        assert (await client.get("/health")).status_code == 200
        fake.may_answer.set()
        assert (await taken).status_code == 200


async def test_pages_are_whole_in_themselves(fake: FakeSummarizer) -> None:
    async with running(fake) as client:
        for path in ("/", "/docs"):
            page = await client.get(path)
            assert page.status_code == 200
            assert page.headers["content-type"].startswith("text/html")
            assert page.headers["content-security-policy"] == "default-src 'self' 'unsafe-inline'; img-src 'self' data:"
            assert not re.search(r"(?:src|href)=\"?(?:https?:)?//", page.text)
            assert "innerHTML" not in page.text
        assert "/v1/summarize" in page.text
        assert "SummarizeRequest" in page.text
        assert "integer from 5 to 2000" in page.text
        assert "HTTPValidationError" not in page.text
        check_error(await client.get("/redoc"), 404, "not_found")
        wrong = await client.get("/v1/summarize")
        check_error(wrong, 405, "method_not_allowed")
        assert wrong.headers["allow"] == "POST"


SERVER = """
import asyncio, sys
import summarizer.server.app as app
sys.path.insert(0, {here!r})
from test_server import FakeSummarizer
class Slow(FakeSummarizer):
    async def summarize(self, text, **options):
        print("taken", flush=True)
        await asyncio.sleep(60 if text.startswith("Never") else 1)
        return await super().summarize(text, **options)
make = app.create_app
app.create_app = lambda settings: make(settings, Slow())
from summarizer.settings import Settings
app.serve(Settings(server={{"port": {port}, "shutdown_grace_s": 2}}))
print("ended", flush=True)
"""


async def test_sigterm(unused_tcp_port: int) -> None:
    """The real server: a request taken before SIGTERM is answered, or told in the end that it is too late."""
    code = SERVER.format(here=os.path.dirname(__file__), port=unused_tcp_port)  # noqa: PTH120
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}", timeout=20) as client:
            end = time.monotonic() + 20
            while time.monotonic() < end:
                try:
                    if (await client.get("/ready")).status_code == 200:
                        break
                except httpx.ConnectError:
                    pass
                await asyncio.sleep(0.05)
            url = f"/v1/summarize?{SECRET}"
            taken = asyncio.create_task(client.post(url, json={"text": f"{SECRET} a. B."}))
            never = {"text": f"Never {SECRET}. B."}
            late = asyncio.create_task(client.post(url, json=never))
            streamed = asyncio.create_task(client.post(url, json=never, headers={"Accept": "text/event-stream"}))
            for _ in range(3):
                assert await asyncio.to_thread(process.stdout.readline) == "taken\n"
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            check_error(await client.post(url, json={"text": SECRET}), 503, "shutting_down")
            assert (await taken).status_code == 200
            check_error(await late, 503, "shutting_down")
            assert [line for line in (await streamed).text.split("\n") if line.startswith("event:")] == [
                "event: sentence",
                "event: error",
            ]
            assert '"code": "shutting_down"' in streamed.result().text
        out, err = await asyncio.to_thread(process.communicate, timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert out == "ended\n"
    assert "POST /v1/summarize 503" in err
    assert SECRET not in err and "Traceback" not in err


def test_the_command_logs_where_it_listens_and_what_it_answers(tmp_path: Path) -> None:
    settings = {"SUMMARIZER_ENGINE": "lead", "SUMMARIZER_CACHE__PATH": str(tmp_path / "cache.sqlite3")}
    process = subprocess.Popen(
        [sys.executable, "-m", "summarizer", "serve", "--port", "0"],
        cwd=tmp_path,
        env=os.environ | settings,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    log, address = "", None
    guard = threading.Timer(60, process.kill)  # a server that logs nothing would be waited for without end
    guard.start()
    try:
        while not (" ready" in log and (address := re.search(r"http://\S+:\d+", log))):
            line = process.stderr.readline()
            assert line, log
            log += line
        headers = {"X-Request-ID": "abc-1"}
        body = {"text": f"The ships left {SECRET} on Monday. Nobody was hurt."}
        answer = httpx.post(f"{address[0]}/v1/summarize?q={SECRET}", json=body, headers=headers, timeout=20)
        assert answer.status_code == 200
        process.send_signal(signal.SIGTERM)
        log += process.communicate(timeout=20)[1]
    finally:
        guard.cancel()
        process.kill()
    assert process.returncode == 0
    assert re.search(r"^\d{4}-\d\d-\d\d .* POST /v1/summarize 200 \d+ms request_id=abc-1$", log, re.MULTILINE)
    assert SECRET not in log


def test_the_reference_describes_all_that_may_be_sent() -> None:
    schema = create_app(Settings()).openapi()
    for path, methods in schema["paths"].items():
        for method in methods.values():
            for parameter in method.get("parameters", []):
                assert parameter.get("description"), f"{path}: {parameter['name']}"
    for model in ("SummarizeRequest", "CheckRequest", "HuggingFaceRequest"):
        for name, field in schema["components"]["schemas"][model]["properties"].items():
            assert field.get("description"), f"{model}: {name}"
