"""Pure ASGI middleware (Starlette's ``BaseHTTPMiddleware`` would disable disconnect detection)."""

from __future__ import annotations

import logging
import re
import time
import traceback
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from summarizer.errors import InputTooLong
from summarizer.server.wire import error_answer, error_body, failure

_access = logging.getLogger("summarizer.access")
_log = logging.getLogger("summarizer.server")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DISCARD_BYTES = 64 * 2**20  # over the limit: read and dropped, so that the client sees the refusal and not a reset


def replayed(message: Message, receive: Receive) -> Receive:
    """A ``receive`` that gives ``message`` first; it is not held any longer than that."""
    pending = [message]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


def unexpected(error: Exception, request_id: str) -> dict[str, Any]:
    """Logs where an error came from, and gives the body that says no more than that there was one."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    # neither its text nor a traceback: they may show the article
    _log.error("%s at %s:%s request_id=%s", type(error).__name__, frame.filename, frame.lineno, request_id)
    return error_body("internal_error", "Something went wrong in the service.", None, request_id)


class RequestContext:
    """Outermost: gives each request an id, logs one line for it, and turns the unexpected into a plain 500.

    The line names the route, never the path or the query that was sent. HEAD is answered as GET is; every ASGI server
    leaves out its body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        began, status = time.perf_counter(), 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(inner, receive, send_named)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            body = unexpected(error, request_id)
            if not status:
                await error_answer(scope, body, 500)(scope, receive, send_named)
        finally:
            route = getattr(inner.get("route"), "path", "-")
            took = (time.perf_counter() - began) * 1000
            _access.info("%s %s %s %.0fms request_id=%s", scope["method"], route, status, took, request_id)


class BodyLimit:
    """Refuses a body over ``max_bytes``, by its Content-Length or by counting, before anything parses it."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.read_bytes = max_bytes + _DISCARD_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        size = int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 20 else 0
        if size > self.read_bytes:
            await self._refuse(scope, receive, send)
            return
        chunks: list[bytes] = []
        counted, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunk = message.get("body", b"")
            counted, more = counted + len(chunk), message.get("more_body", False)
            if max(counted, size) <= self.max_bytes:
                chunks.append(chunk)
            else:
                chunks.clear()
                if counted > self.read_bytes:
                    break
        if max(counted, size) > self.max_bytes:
            await self._refuse(scope, receive, send)
            return
        replay = replayed({"type": "http.request", "body": b"".join(chunks), "more_body": False}, receive)
        chunks.clear()
        await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = InputTooLong("The request is larger than this service takes.", hint="Send a shorter article.")
        answer = failure(scope, error)
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)
