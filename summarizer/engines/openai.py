"""Any OpenAI-compatible server as the model: vLLM, SGLang, llama.cpp, Ollama.

With ``openai_wire.py`` the only home of httpx among the engines. Requests run on an event loop of a thread of their
own, and :meth:`OpenAiEngine.step` hands on what has come in. Proxies of the environment are not used: an article goes
where ``base_url`` says, and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from summarizer.engines.base import Engine, Generation, Request, Update
from summarizer.engines.chat import finished, spoken
from summarizer.engines.openai_wire import TryAgain, authorization, harmless, out_of_reach, parts, refusal, unsendable
from summarizer.engines.silence import Silence
from summarizer.errors import InferenceFailed, SummarizerError
from summarizer.settings import OpenAiSettings
from summarizer.types import ModelInfo

_log = logging.getLogger(__name__)

STEP_S = 0.05
_BYTES_PER_TOKEN = 4
_PROMPT_TOKENS = 32  # the chat template, generously
_CONNECT_S = 5.0
_BACKOFF_S, _LONGEST_BACKOFF_S = 0.25, 30.0


@dataclass(frozen=True, slots=True)
class _Flight:
    request: Request
    answer: Future[Generation]


class OpenAiEngine(Engine):
    """A model at a server that speaks OpenAI's chat completions.

    Tokens are estimated (UTF-8 bytes / 4), since the interface has no tokenizer; what a result says of prompt and new
    tokens is the server's own count where it gives one. Of the decoding, ``max_new_tokens`` and a
    ``repetition_penalty`` other than 1 are sent; decoding is greedy (``temperature`` 0).

    Args:
        settings: Where the server is and how it is treated; ``base_url`` must be set.
        model: The model's name at the server.

    Raises:
        SettingsError: The key cannot be sent.
    """

    continuous = True

    def __init__(self, settings: OpenAiSettings, model: str) -> None:
        import httpx

        assert settings.base_url is not None
        self._settings = settings
        self._client = httpx.AsyncClient(
            base_url=settings.base_url,
            headers=authorization(settings.api_key),
            timeout=httpx.Timeout(None, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=None),
            trust_env=False,
        )
        self.info = ModelInfo(model, None, "openai", "unknown")
        self.context_tokens = settings.context_tokens
        # Chunks are shorter than 2,048 tokens; little more is taken than is asked at once, so that what is urgent
        # can still pass what waits in the scheduler.
        self.max_batch_tokens = settings.max_concurrency * min(settings.context_tokens, 2048)
        self._places = asyncio.Semaphore(settings.max_concurrency)
        self._silence = Silence(settings.timeout_s)
        self._flights: dict[int, _Flight] = {}
        self._news: queue.SimpleQueue[Update] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="summarizer-openai", daemon=True)
        self._thread.start()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate: four bytes of UTF-8 a token (four letters of English, one or two of Chinese)."""
        return [-(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN) for text in texts]

    def prompt_tokens(self, system: str) -> int:
        """An estimate, with some room for the chat template."""
        return self.count_tokens([system])[0] + _PROMPT_TOKENS

    def admit(self, ticket: int, request: Request) -> None:
        """Sends a request, as soon as one of ``max_concurrency`` places is free."""
        pieces: list[str] = []
        answer = asyncio.run_coroutine_threadsafe(self._answer(ticket, request, pieces), self._loop)
        self._flights[ticket] = _Flight(request, answer)

        def ended(answer: Future[Generation]) -> None:
            self._news.put(_end(ticket, answer, pieces))

        answer.add_done_callback(ended)  # called once, whether it is answered, fails or is cancelled

    def step(self) -> list[Update]:
        """Waits for news, at most ``STEP_S`` seconds; leaves the server where a request has been cancelled."""
        for flight in self._flights.values():
            if flight.request.is_cancelled():
                flight.answer.cancel()  # closes the connection, at which servers stop writing
        told: list[Update] = []
        wait = bool(self._flights)
        while True:
            try:
                news = self._news.get(wait, STEP_S)
            except queue.Empty:
                return told
            wait = False
            if news.ticket not in self._flights:  # a piece that came in after its request was cancelled
                continue
            if news.generation is not None or news.error is not None:
                del self._flights[news.ticket]
            told.append(news)

    def close(self) -> None:
        """Leaves the server."""

        async def leave() -> None:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._client.aclose()

        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(leave(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _answer(self, ticket: int, request: Request, pieces: list[str]) -> Generation:
        import httpx

        async with self._places:
            for attempt in range(self._settings.retries + 1):
                try:
                    async with self._silence.watch(request.decoding.max_new_tokens) as heard:
                        return await self._ask(ticket, request, pieces, heard)
                except TimeoutError:
                    raise InferenceFailed(
                        f"No token of those asked for came from the model's server in {self._settings.timeout_s:g} s.",
                        hint="Raise SUMMARIZER_OPENAI__TIMEOUT_S, or lower SUMMARIZER_OPENAI__MAX_CONCURRENCY.",
                    ) from None
                except TryAgain as again:
                    failure, after_s = again.error, again.after_s
                except httpx.LocalProtocolError:
                    failure = unsendable()
                    break
                except httpx.TransportError as error:
                    failure, after_s = out_of_reach(error), 0.0
                if pieces or attempt == self._settings.retries:  # what has been told cannot be taken back
                    break
                _log.warning("the model's server failed (%s), trying again", failure.code)
                backoff = _BACKOFF_S * 2**attempt * random.uniform(1.0, 1.5)
                await asyncio.sleep(min(max(after_s, backoff), _LONGEST_BACKOFF_S))
            raise failure

    async def _ask(self, ticket: int, request: Request, pieces: list[str], heard: Callable[[], None]) -> Generation:
        """One try. Reads an event stream, or one JSON body where a server does not stream."""
        reason: str | None = None
        told = ""
        usage: dict[str, Any] = {}
        async with self._client.stream("POST", "chat/completions", json=self._body(request)) as response:
            if response.status_code != 200:
                raise refusal(response)
            async for part in parts(response):
                heard()
                usage = part.get("usage") or usage
                for choice in part.get("choices") or []:
                    piece = (choice.get("delta") or choice.get("message") or {}).get("content")
                    if piece:
                        pieces.append(piece)
                        now = spoken("".join(pieces))
                        self._news.put(Update(ticket, text=now.removeprefix(told)))
                        told = now
                    reason = choice.get("finish_reason") or reason
        text = "".join(pieces)
        if reason is None:
            raise TryAgain(InferenceFailed("The model's server broke off its answer.", hint="Try again."))
        if reason == "content_filter":
            raise InferenceFailed("The model's server filtered its answer.", hint="Use another model.")
        return Generation(
            spoken(text).strip(),
            int(usage.get("prompt_tokens") or self._estimate(request)),
            int(usage.get("completion_tokens") or self.count_tokens([text])[0]),
            "length" if reason == "length" else "stop",
        )

    def _body(self, request: Request) -> dict[str, Any]:
        messages = [{"role": "system", "content": harmless(request.system)}] if request.system else []
        messages.append({"role": "user", "content": harmless(request.text)})
        body = {
            "model": self.info.name,
            "messages": messages,
            "max_tokens": request.decoding.max_new_tokens,
            "temperature": 0.0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.decoding.repetition_penalty != 1.0:
            body["repetition_penalty"] = request.decoding.repetition_penalty
        return body

    def _estimate(self, request: Request) -> int:
        return self.prompt_tokens(request.system) + self.count_tokens([request.text])[0]


def _end(ticket: int, answer: Future[Generation], pieces: list[str]) -> Update:
    """How a request ended."""
    if answer.cancelled():
        return finished(ticket, "", Generation(spoken("".join(pieces)).strip(), 0, len(pieces), "cancelled"))
    error = answer.exception()
    if error is None:
        return finished(ticket, "", answer.result())
    if not isinstance(error, SummarizerError):  # not our own: its message may quote the text
        _log.error("the model's server answered with what cannot be read: %s", type(error).__name__)
        error = InferenceFailed("The model's server answered with what cannot be read.")
    return Update(ticket, error=error)
