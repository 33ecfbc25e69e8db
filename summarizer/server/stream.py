"""Answers that travel as they are made (server-sent events), and work that stops when its client has left."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from fastapi import Request

from summarizer.errors import SummarizerError
from summarizer.server.middleware import unexpected
from summarizer.server.service import Service, unless
from summarizer.server.wire import error_body
from summarizer.types import Summary

_T = TypeVar("_T")
EVENT_STREAM = "text/event-stream"


class ClientLeft(Exception):
    """Nobody is there to answer."""


async def unless_gone(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """The result of ``work``, which is stopped when the client hangs up.

    Raises:
        ClientLeft: It did.
    """
    return await unless(_hung_up(request), work, ClientLeft)


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def events(
    parts: AsyncIterator[str | Summary], service: Service, kind: str, request_id: str
) -> AsyncIterator[bytes]:
    """``sentence`` (or ``token``) events with their seconds since the start, then one ``summary`` or ``error``.

    The first event comes once there is one, so that what goes wrong before it can still have an HTTP status.
    """
    started = time.perf_counter()
    begun = False
    try:
        while (part := await service.in_time(anext(parts, None))) is not None:
            if isinstance(part, Summary):
                yield _event("summary", part.to_dict())
            else:
                yield _event(kind, {"text": part, "seconds": round(time.perf_counter() - started, 3)})
            begun = True
    except SummarizerError as error:
        if not begun:
            raise
        yield _event("error", error_body(error.code, error.message, error.hint, request_id))
    except Exception as error:  # the status has been sent, so it cannot be a 500 any more
        if not begun:
            raise
        yield _event("error", unexpected(error, request_id))


async def begin(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """``stream`` with its first event already there. Raises what that one raises."""
    first = await anext(stream)

    async def rest() -> AsyncIterator[bytes]:
        yield first
        async for event in stream:
            yield event

    return rest()


def _event(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
