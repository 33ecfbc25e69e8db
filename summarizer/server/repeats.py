"""The same request again, word for word, is answered from memory: before it is parsed or its article is read.

Only while the summary cache has the summary: what is cleared there, or over age, is forgotten here as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from summarizer.server.middleware import replayed
from summarizer.server.service import Service
from summarizer.settings import CacheSettings
from summarizer.types import Timings

PATH = "/v1/summarize"
_MAX_ANSWER = 64 * 1024  # characters; longer ones come from the summary cache
_ASKED_EVERY_S = 1.0  # whether the cache still has it; asked at each request, half as many were answered a second


class _Answer(NamedTuple):
    id: str
    body: str  # without its timings, which come last
    asked: float = -math.inf


class Answers:
    """The latest answers by request body, bounded like the cache's memory. Bodies are kept as hashes alone."""

    def __init__(self, settings: CacheSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = settings.memory_entries if settings.enabled else 0
        self._clock = clock
        self._answers: OrderedDict[bytes, _Answer] = OrderedDict()
        self.hits = 0

    async def get(self, body: bytes, started: float, lookup: Callable[[str], object]) -> bytes | None:
        """The answer to ``body``, or ``None``.

        Args:
            body: A request's.
            started: Since when its total time counts (``time.perf_counter``).
            lookup: What the summary cache has of an id, or ``None``.
        """
        key = hashlib.sha256(body).digest()
        answer = self._answers.get(key)
        if answer is not None and self._clock() - answer.asked > _ASKED_EVERY_S:
            if await asyncio.to_thread(lookup, answer.id) is None:
                self._answers.pop(key, None)
                return None
            self._answers[key] = answer._replace(asked=self._clock())
        if answer is None:
            return None
        self._answers.move_to_end(key)
        self.hits += 1
        timings = json.dumps(asdict(Timings(total=round(time.perf_counter() - started, 6))), separators=(",", ":"))
        return f'{answer.body}"timings":{timings}}}'.encode()

    def put(self, body: bytes, values: dict[str, Any]) -> None:
        """Remembers a summary, as ``Summary.to_dict`` gives it, as the answer to ``body``."""
        if not self._size:
            return
        kept = {name: value for name, value in values.items() if name != "timings"} | {"cached": True}
        answer = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))[:-1] + ","
        if len(answer) > _MAX_ANSWER:
            return
        self._answers[hashlib.sha256(body).digest()] = _Answer(values["id"], answer)
        while len(self._answers) > self._size:
            self._answers.popitem(last=False)


class Repeats:
    """ASGI middleware, inside :class:`~summarizer.server.middleware.BodyLimit`, which hands over whole bodies."""

    def __init__(self, app: ASGIApp, answers: Answers, service: Service) -> None:
        self.app, self.answers, self.service = app, answers, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if not self._takes(scope) or self.service.draining:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        message = await receive()
        answer: bytes | None = None
        if message["type"] == "http.request":
            answer = await self.answers.get(message["body"], started, self.service.backend.lookup)
        if answer is not None:
            scope["route"] = _Route
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": answer})
            return
        await self.app(scope, replayed(message, receive), send)

    @staticmethod
    def _takes(scope: Scope) -> bool:
        """Whether the request is a plain one in JSON; all others, and all errors, are the application's to answer."""
        if scope["type"] != "http" or scope["path"] != PATH:
            return False
        headers = dict(scope["headers"])
        return (
            scope["method"] == "POST"
            and headers.get(b"content-type", b"").partition(b";")[0] == b"application/json"
            and b"text/event-stream" not in headers.get(b"accept", b"")
        )


class _Route:
    """What the access log names."""

    path = PATH
