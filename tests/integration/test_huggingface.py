"""Hugging Face's own clients, unchanged, against a real server with the lead engine."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from huggingface_hub import AsyncInferenceClient, InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from summarizer.pipeline import AsyncSummarizer
from summarizer.server.app import create_app
from summarizer.server.service import Service
from summarizer.settings import Settings
from summarizer.types import Article, Summary

SECRET = "Zanzibar"
SENTENCES = [f"The council of town {n} opened a new bridge over its river on Monday." for n in range(12)]
ARTICLE = " ".join(SENTENCES)


class Watched(AsyncSummarizer):
    """Tells when an article that begins with "Wait" has come in, and when its request was stopped."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.taken, self.stopped = asyncio.Event(), asyncio.Event()
        self.options: list[dict[str, Any]] = []

    async def summarize(self, article: str | Article, **options: Any) -> Summary:
        self.options.append(options)
        if str(article).startswith("Wait"):
            self.taken.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.stopped.set()
        return await super().summarize(article, **options)


class Server:
    """The server, and what is inside it."""

    def __init__(self, url: str, summarizer: Watched, service: Service) -> None:
        self.url, self.summarizer, self.service = f"{url}/hf", summarizer, service

    async def ask(self, text: str, **options: Any) -> str:
        """The summary that the synchronous client gets."""
        client = InferenceClient(model=self.url, token="hf_x")
        return (await asyncio.to_thread(client.summarization, text, **options)).summary_text

    async def post(self, body: Any) -> httpx.Response:
        async with httpx.AsyncClient(timeout=20) as client:
            return await client.post(self.url, json=body)


@asynccontextmanager
async def serving(tmp_path: Path, **settings: Any) -> AsyncIterator[Server]:
    values: dict[str, Any] = {"engine": "lead", "cache": {"path": tmp_path / "cache.sqlite3"}}
    summarizer = Watched(Settings(**values | settings))
    app = create_app(summarizer.settings, summarizer)
    with socket.create_server(("127.0.0.1", 0)) as place:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        task = asyncio.create_task(server.serve(sockets=[place]))
        while not (server.started and summarizer.ready):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield Server(f"http://127.0.0.1:{place.getsockname()[1]}", summarizer, app.state.service)
        server.should_exit = True
        await task


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(tmp_path) as server:
        yield server


async def test_both_clients_get_the_summary(server: Server) -> None:
    assert await server.ask(ARTICLE) == " ".join(SENTENCES[:3])
    async with AsyncInferenceClient(model=server.url) as client:
        assert (await client.summarization(ARTICLE)).summary_text == " ".join(SENTENCES[:3])
        assert (await client.summarization(ARTICLE, model=f"{server.url}/")).summary_text == " ".join(SENTENCES[:3])


async def test_a_list_is_answered_in_order(server: Server) -> None:
    texts = SENTENCES[::-1]
    answer = await server.post({"inputs": texts, "parameters": {"min_length": 5, "max_length": 40, "do_sample": False}})
    assert answer.json() == [{"summary_text": text} for text in texts]
    assert (await server.post({"inputs": ARTICLE})).json() == [{"summary_text": " ".join(SENTENCES[:3])}]


@pytest.mark.parametrize(
    ("generate", "sentences", "words"),
    [
        ({}, 3, None),
        ({"max_new_tokens": 130, "min_length": 30}, 3, 97),
        ({"max_length": 1024}, 3, 768),  # a generous bound asks for nothing
        ({"max_length": 1024, "min_length": 120}, 6, 768),
        ({"max_new_tokens": 25, "max_length": 500}, 1, 18),
        ({"max_length": 25, "min_length": 500}, 1, 18),
        ({"min_length": 100_000}, 30, None),
        ({"max_length": 1}, 1, 5),
        ({"max_length": 100_000}, 3, 2000),
    ],
)
async def test_lengths_in_tokens(server: Server, generate: dict[str, Any], sentences: int, words: int | None) -> None:
    decoding = {"num_beams": 4, "temperature": 0.7, "early_stopping": True, "bad_words_ids": [[1]]}
    summary = await server.ask(
        ARTICLE, generate_parameters=generate | decoding, truncation="only_first", clean_up_tokenization_spaces=True
    )
    asked = server.summarizer.options[-1]
    assert (asked["sentences"], asked.get("words")) == (sentences, words)
    assert len(summary.split()) <= (words or len(ARTICLE))
    assert (await server.post({"inputs": ARTICLE, "parameters": generate | decoding})).json()[0] == {
        "summary_text": summary  # where older clients put them
    }


async def test_the_cache_may_be_passed_by(server: Server) -> None:
    for options, inferences in ((None, 1), ({"wait_for_model": True}, 1), ({"use_cache": False}, 2)):
        assert (await server.post({"inputs": ARTICLE, "options": options})).status_code == 200
        assert server.summarizer.info()["inferences"] == inferences


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"inputs": " "}, 422, "empty_input"),
        ({"inputs": [ARTICLE, " "]}, 422, "empty_input"),
        ({"inputs": []}, 422, "invalid_request"),
        ({"inputs": ["a b."] * 65}, 422, "invalid_request"),
        ({"inputs": {"text": SECRET}}, 422, "invalid_request"),
        ({"text": SECRET}, 422, "invalid_request"),
        ({"inputs": SECRET, "colour": SECRET}, 422, "invalid_request"),
        ({"inputs": SECRET, "parameters": {"max_length": SECRET}}, 422, "invalid_request"),
        ({"inputs": SECRET, "parameters": {"generate_parameters": {"max_length": 0}}}, 422, "invalid_request"),
        ({"inputs": SECRET * 200}, 413, "input_too_long"),
        ({"inputs": [SECRET * 100] * 2}, 413, "input_too_long"),
        ({"inputs": SECRET * 20_000}, 413, "input_too_long"),  # before it is parsed
    ],
)
async def test_errors_are_of_the_form_that_the_clients_show(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, body: dict[str, Any], status: int, code: str
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(tmp_path, server={"max_body_bytes": 1000, "max_html_bytes": 1000}) as server:
        answer = await server.post(body)
        error = answer.json()
        assert answer.status_code == status and error["code"] == code
        assert set(error) == {"error", "code", "request_id"}
        assert error["request_id"] == answer.headers["x-request-id"]
        assert SECRET not in answer.text
    assert SECRET not in caplog.text


async def test_the_clients_show_what_is_wrong(server: Server) -> None:
    with pytest.raises(HfHubHTTPError, match=r"The article has no words\. Send the article's text\.") as caught:
        await server.ask(" ")
    assert caught.value.response.status_code == 422
    async with AsyncInferenceClient(model=server.url) as asynchronous:
        with pytest.raises(HfHubHTTPError, match="max_length: Input should be a valid integer"):
            await asynchronous.summarization(ARTICLE, generate_parameters={"max_length": "long"})
    async with httpx.AsyncClient() as client:
        assert (await client.get(server.url)).json()["error"] == "This cannot be done here. See /docs."


async def test_one_that_fails_stops_the_others(server: Server) -> None:
    answer = await server.post({"inputs": [f"Wait for {SECRET}.", " "]})
    assert answer.json()["code"] == "empty_input"
    assert server.summarizer.stopped.is_set()


async def test_a_client_that_hangs_up_stops_its_work(server: Server) -> None:
    asked = asyncio.create_task(server.post({"inputs": ["Wait.", ARTICLE]}))
    await server.summarizer.taken.wait()
    assert server.service.in_flight == 1
    asked.cancel()
    await asyncio.wait_for(server.summarizer.stopped.wait(), 10)


async def test_what_is_under_way_when_the_time_is_over_is_told_so(server: Server) -> None:
    asked = asyncio.create_task(server.post({"inputs": "Wait."}))
    await server.summarizer.taken.wait()
    server.service.give_up()
    answer = await asked
    assert (answer.status_code, answer.json()["code"]) == (503, "shutting_down")
    assert answer.headers["retry-after"]


async def test_a_list_takes_as_many_places_as_it_has_texts(tmp_path: Path) -> None:
    async with serving(tmp_path, queue={"max_requests": 1}) as server:
        answer = await server.post({"inputs": SENTENCES})
        assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
        assert answer.json()["error"] == "The queue is full. Try again later."
