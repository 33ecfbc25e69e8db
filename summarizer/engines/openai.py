"""Any OpenAI-compatible server as the model: vLLM, SGLang, llama.cpp, Ollama (extra ``summarizer[openai]``).

The only home of httpx among the engines. Requests run on an event loop of a thread of their own, and
:meth:`OpenAiEngine.step` hands on what has come in. Proxies of the environment are not used: an article goes where
``base_url`` says, and nowhere else.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import queue
import random
import re
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from summarizer.engines.base import Engine, Generation, Progress, Request
from summarizer.engines.silence import Silence
from summarizer.errors import InferenceFailed, ModelNotFound, ModelUnhealthy, Overloaded, SummarizerError
from summarizer.settings import OpenAiSettings
from summarizer.types import ModelInfo

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

STEP_S = 0.05
_BYTES_PER_TOKEN = 4
_PROMPT_TOKENS = 32  # the chat template, generously
_CONNECT_S = 5.0
_BACKOFF_S, _LONGEST_BACKOFF_S = 0.25, 30.0
_MAX_LINE_BYTES = 2**20
# What the chat templates of the common models begin and end a turn with; servers read it in an article, too.
_MARKERS = re.compile(r"<(?=\|[\w ]{1,40}\|>|/?s>|bos>|eos>|(?:start|end)_of_turn>)|\[(?=/?INST\])")


def is_installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("httpx") is not None


class _TryAgain(Exception):
    """A failure that may pass. ``error`` is what it is if it does not; ``after_s`` what the server asked for."""

    def __init__(self, error: SummarizerError, after_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error, self.after_s = error, after_s


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
    """

    continuous = True

    def __init__(self, settings: OpenAiSettings, model: str) -> None:
        import httpx

        assert settings.base_url is not None
        self._settings = settings
        key = settings.api_key
        self._client = httpx.AsyncClient(
            base_url=settings.base_url,
            headers={"Authorization": f"Bearer {key.get_secret_value()}"} if key else {},
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
        self._news: queue.SimpleQueue[Progress] = queue.SimpleQueue()
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
            self._news.put(Progress(ticket, **_end(answer, request, pieces)))

        answer.add_done_callback(ended)  # called once, whether it is answered, fails or is cancelled

    def step(self) -> list[Progress]:
        """Waits for news, at most ``STEP_S`` seconds; leaves the server where a request has been cancelled."""
        for flight in self._flights.values():
            if flight.request.is_cancelled():
                flight.answer.cancel()  # closes the connection, at which servers stop writing
        told: list[Progress] = []
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
                except _TryAgain as again:
                    failure, after_s = again.error, again.after_s
                except httpx.TransportError as error:
                    failure, after_s = _out_of_reach(error), 0.0
                if pieces or attempt == self._settings.retries:  # what has been told cannot be taken back
                    break
                _log.warning("the model's server failed (%s), trying again", failure.code)
                backoff = _BACKOFF_S * 2**attempt * random.uniform(1.0, 1.5)
                await asyncio.sleep(min(max(after_s, backoff), _LONGEST_BACKOFF_S))
            raise failure

    async def _ask(self, ticket: int, request: Request, pieces: list[str], heard: Callable[[], None]) -> Generation:
        """One try. Reads an event stream, or one JSON body where a server does not stream."""
        reason: str | None = None
        usage: dict[str, Any] = {}
        async with self._client.stream("POST", "chat/completions", json=self._body(request)) as response:
            if response.status_code != 200:
                raise _refusal(response)
            async for part in _parts(response):
                heard()
                usage = part.get("usage") or usage
                for choice in part.get("choices") or []:
                    piece = (choice.get("delta") or choice.get("message") or {}).get("content")
                    if piece:
                        pieces.append(piece)
                        self._news.put(Progress(ticket, text=piece))
                    reason = choice.get("finish_reason") or reason
        text = "".join(pieces)
        if reason is None:
            raise _TryAgain(InferenceFailed("The model's server broke off its answer.", hint="Try again."))
        if reason == "content_filter":
            raise InferenceFailed("The model's server filtered its answer.", hint="Use another model.")
        return Generation(
            text.strip(),
            int(usage.get("prompt_tokens") or self._estimate(request)),
            int(usage.get("completion_tokens") or self.count_tokens([text])[0]),
            "length" if reason == "length" else "stop",
        )

    def _body(self, request: Request) -> dict[str, Any]:
        messages = [{"role": "system", "content": _harmless(request.system)}] if request.system else []
        messages.append({"role": "user", "content": _harmless(request.text)})
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


def _harmless(text: str) -> str:
    """The article is data: no marker of a turn, and no half of a surrogate pair, which JSON cannot carry in UTF-8."""
    return _MARKERS.sub(lambda found: f"{found[0]} ", text).encode("utf-8", "replace").decode("utf-8")


def _end(answer: Future[Generation], request: Request, pieces: list[str]) -> dict[str, Any]:
    """How a request ended, as the fields of a :class:`Progress`."""
    if answer.cancelled():
        reason: Literal["cancelled"] = "cancelled"
        return {"generation": Generation("".join(pieces).strip(), 0, len(pieces), reason)}
    error = answer.exception()
    if error is None:
        return {"generation": answer.result()}
    if not isinstance(error, SummarizerError):  # not our own: its message may quote the text
        _log.error("the model's server answered with what cannot be read: %s", type(error).__name__)
        error = InferenceFailed("The model's server answered with what cannot be read.")
    return {"error": error}


async def _parts(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The JSON values of a body: one, or one for each ``data:`` line of an event stream.

    Lines end at line feeds alone: ``aiter_lines`` also breaks at U+2028 and the like, which JSON may hold.
    """
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        yield json.loads(await response.aread())
        return
    rest = b""
    async for received in response.aiter_bytes():
        *lines, rest = (rest + received).split(b"\n")
        if len(rest) > _MAX_LINE_BYTES:
            raise InferenceFailed("The model's server sent an endless line.")
        for line in lines:
            if line.startswith(b"data:") and (data := line[5:].strip()) != b"[DONE]":
                part = json.loads(data)
                if part.get("error"):
                    raise _TryAgain(InferenceFailed("The model's server failed while writing.", hint="Try again."))
                yield part


def _refusal(response: httpx.Response) -> Exception:
    """The error for a status that is not 200. Never the body: servers quote the request in it."""
    status = response.status_code
    if status == 429:
        asked = response.headers.get("retry-after", "")
        after_s = float(asked) if re.fullmatch(r"\d{1,6}(\.\d+)?", asked) else 0.0
        busy = Overloaded("The model's server is busy (429).", hint="Try again later.", retry_after_s=after_s or None)
        return _TryAgain(busy, after_s)
    if status >= 500:
        return _TryAgain(InferenceFailed(f"The model's server failed ({status}).", hint="See its log."))
    if status == 404:
        return ModelNotFound(
            "The model's server does not have this model, or no /chat/completions at this address (404).",
            hint="Check SUMMARIZER_OPENAI__BASE_URL and SUMMARIZER_OPENAI__MODEL.",
        )
    if status in (401, 403):
        return ModelUnhealthy(
            f"The model's server does not let us in ({status}).", hint="Check SUMMARIZER_OPENAI__API_KEY."
        )
    hint = "See its log: SUMMARIZER_OPENAI__MODEL may be unknown, or SUMMARIZER_OPENAI__CONTEXT_TOKENS too high."
    return InferenceFailed(f"The model's server refused the request ({status}).", hint=hint)


def _out_of_reach(error: Exception) -> ModelUnhealthy:
    failure = ModelUnhealthy(
        f"The model's server cannot be reached ({type(error).__name__}).",
        hint="Check that it runs at SUMMARIZER_OPENAI__BASE_URL.",
    )
    failure.__cause__ = error
    return failure
