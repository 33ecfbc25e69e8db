"""The HTTP server: ``create_app`` for any ASGI server and for tests, ``serve`` for the command line."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from summarizer import __version__
from summarizer.errors import SettingsError, SummarizerError, UnsupportedContent
from summarizer.server.huggingface import add_huggingface_route
from summarizer.server.middleware import BodyLimit, RequestContext
from summarizer.server.repeats import Answers, Repeats
from summarizer.server.routes import add_check_route, add_pages, add_status_routes, add_summary_routes
from summarizer.server.service import Backend, Service
from summarizer.server.stream import ClientLeft
from summarizer.server.submitted import Submissions
from summarizer.server.wire import error_answer, error_body, failure, invalid_request
from summarizer.settings import Settings

_ESCAPED = 6  # bytes that JSON may spend on one byte of an article: "\\u0041"
_REST = 64 * 1024  # bytes of a body that are not the article
_CODES = {404: "not_found", 405: "method_not_allowed"}


def create_app(settings: Settings, summarizer: Backend | None = None) -> FastAPI:
    """The application.

    Args:
        settings: All settings.
        summarizer: What answers; by default an :class:`~summarizer.pipeline.AsyncSummarizer`. It is started, in
            the background, and closed by the application's lifespan.
    """
    if summarizer is None:
        from summarizer.pipeline import AsyncSummarizer  # here, so that tests need no model

        summarizer = AsyncSummarizer(settings)
    service, submissions = Service(summarizer), Submissions(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.begin()
        try:
            async with submissions.fetcher:
                yield
        finally:
            await service.end()

    app = FastAPI(
        title="summarizer",
        version=__version__,
        description="Summaries that show their sources, with repeats removed.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load their scripts from elsewhere
        redoc_url=None,
    )
    app.state.service = service
    answers = Answers(settings.cache)
    app.add_middleware(Repeats, answers=answers, service=service)  # the innermost
    largest = max(settings.server.max_body_bytes, settings.server.max_html_bytes)
    app.add_middleware(BodyLimit, max_bytes=largest * _ESCAPED + _REST)
    app.add_middleware(RequestContext)
    _add_error_handlers(app)
    add_summary_routes(app, service, settings, answers, submissions)
    add_check_route(app, service, settings)
    add_huggingface_route(app, service, settings)
    add_status_routes(app, service, answers)
    add_pages(app)
    return app


def _add_error_handlers(app: FastAPI) -> None:
    """Ours for all that routes raise; what nobody expected is for ``RequestContext``."""

    @app.exception_handler(SummarizerError)
    async def on_ours(request: Request, error: SummarizerError) -> JSONResponse:
        return failure(request.scope, error)

    @app.exception_handler(ClientLeft)
    async def on_hung_up(request: Request, error: ClientLeft) -> Response:
        return Response(status_code=499)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return failure(request.scope, invalid_request(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400:  # FastAPI could not decode the body
            hint = "Send JSON in UTF-8, not compressed."
            return failure(request.scope, UnsupportedContent("The body cannot be read as JSON.", hint=hint))
        code = _CODES.get(error.status_code, "http_error")
        message = "No such page." if error.status_code == 404 else "This cannot be done here."
        body = error_body(code, message, "See /docs.", request.state.request_id)
        return error_answer(request.scope, body, error.status_code, error.headers)


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; requests taken may finish within ``settings.server.shutdown_grace_s``.

    Raises:
        SettingsError: The address cannot be listened on.
        SummarizerError: The model did not start.
    """
    # force: the command line has set logging up for its own short lines
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s", force=True)
    logging.getLogger("summarizer").setLevel(logging.INFO)  # libraries stay at WARNING
    app = create_app(settings)
    service: Service = app.state.service
    config = uvicorn.Config(
        app,
        host=settings.server.host,
        port=settings.server.port,
        log_config=None,
        log_level=logging.INFO,  # the address
        access_log=False,  # uvicorn's would hold the query; the middleware writes ours
        server_header=False,
        timeout_graceful_shutdown=3,  # for answers still being sent; our own grace is over by then
    )
    server = _Server(config, service, settings.server.shutdown_grace_s)
    service.on_failure = server.stop
    server.run()
    if service.failure is not None:
        raise service.failure


class _Server(uvicorn.Server):
    """Goes on listening while it drains, so that new requests are refused with an answer."""

    def __init__(self, config: uvicorn.Config, service: Service, grace_s: float) -> None:
        super().__init__(config)
        self.service = service
        self.grace_s = grace_s

    def stop(self) -> None:
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            self.force_exit = True
        self.service.draining = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tries the address before anything loads: uvicorn would load first, and then exit without a word to us."""
        host, port = self.config.host, self.config.port
        try:
            tried = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port, start_serving=False)
        except (OSError, UnicodeError) as error:
            reason = str(error).rpartition(": ")[2]  # asyncio repeats the address
            hint = "Choose another with --host and --port."
            raise SettingsError(f"This cannot listen on {host}:{port}: {reason}.", hint=hint) from error
        tried.close()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.grace_s
        while self.service.in_flight and not self.force_exit and loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self.service.give_up()
        await super().shutdown(sockets)
