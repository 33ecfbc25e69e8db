"""The HTTP server: ``create_app`` for any ASGI server and for tests, ``serve`` for the command line."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from summarizer.errors import ModelNotFound, SummarizerError, SummaryNotFound, UnsupportedContent
from summarizer.server.middleware import BodyLimit, RequestContext
from summarizer.server.pages import HTML_HEADERS, home_page, reference_page
from summarizer.server.repeats import PATH, Answers, Repeats
from summarizer.server.service import Backend, Service
from summarizer.server.stream import EVENT_STREAM, ClientLeft, begin, events, unless_gone
from summarizer.server.wire import (
    CheckRequest,
    ErrorBody,
    SummarizeRequest,
    check_size,
    error_body,
    headers_of,
    invalid_request,
    status_of,
)
from summarizer.settings import Settings
from summarizer.types import Summary, SupportReport

_ESCAPED = 6  # bytes that JSON may spend on one byte of an article: "\\u0041"
_REST = 64 * 1024  # bytes of a body that are not the article
_ID = re.compile(r"[0-9a-f]{64}")
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
    service = Service(summarizer)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.begin()
        try:
            yield
        finally:
            await service.end()

    app = FastAPI(
        title="summarizer",
        version=_version(),
        description="Summaries that show their sources, with repeats removed.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load their scripts from elsewhere
        redoc_url=None,
    )
    app.state.service = service
    answers = Answers(settings.cache)
    app.add_middleware(Repeats, answers=answers, service=service)  # the innermost
    app.add_middleware(BodyLimit, max_bytes=settings.server.max_body_bytes * _ESCAPED + _REST)
    app.add_middleware(RequestContext)
    _add_error_handlers(app)
    _add_summary_routes(app, service, settings, answers)
    _add_check_route(app, service, settings)
    _add_status_routes(app, service, answers)
    _add_pages(app)
    return app


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; requests taken may finish within ``settings.server.shutdown_grace_s``.

    Raises:
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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.grace_s
        while self.service.in_flight and not self.force_exit and loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self.service.give_up()
        await super().shutdown(sockets)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("summarizer")
    except PackageNotFoundError:
        return "0"


def _request_id(request: Request) -> str:
    return str(request.state.request_id)


def _answer(request: Request, error: SummarizerError, status: int | None = None) -> JSONResponse:
    body = error_body(error.code, error.message, error.hint, _request_id(request))
    return JSONResponse(body, status or status_of(error), headers_of(error))


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(SummarizerError)
    async def on_ours(request: Request, error: SummarizerError) -> JSONResponse:
        return _answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(request, invalid_request(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400:  # FastAPI could not decode the body
            hint = "Send JSON in UTF-8, not compressed."
            return _answer(request, UnsupportedContent("The body cannot be read as JSON.", hint=hint))
        code = _CODES.get(error.status_code, "http_error")
        message = "No such page." if error.status_code == 404 else "This cannot be done here."
        body = error_body(code, message, "See /docs.", _request_id(request))
        return JSONResponse(body, error.status_code, error.headers)


def _add_summary_routes(app: FastAPI, service: Service, settings: Settings, answers: Answers) -> None:
    failures: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorBody} for status in (404, 413, 415, 422, 500, 503, 504)
    }

    streamed: dict[int | str, dict[str, Any]] = {200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}}

    @app.post(PATH, response_model=Summary, responses=streamed | failures)
    async def summarize(body: SummarizeRequest, request: Request, tokens: bool = False) -> Response:
        """Summarizes an article. Offsets are Unicode code points into the submitted text.

        With `Accept: text/event-stream` the sentences of the draft come as they are written (`event: sentence`; its
        tokens with `tokens=true`), and last the whole result (`event: summary`), which is what counts: sentences of
        the draft may be repaired or left out in it. A summary from the cache comes in that one event. What goes wrong
        after the first event is the last one (`event: error`).
        """
        with ExitStack() as stay:
            backend = stay.enter_context(service.admit())
            check_size(body.text, settings.server.max_body_bytes)
            if body.model is not None and not await asyncio.to_thread(_is_loaded, body.model, backend, settings):
                raise ModelNotFound("This model is not loaded.", hint="GET /info names the loaded one.")
            options = body.model_dump(exclude={"text", "model"})
            if EVENT_STREAM in request.headers.get("accept", ""):
                parts = backend.stream(body.text, tokens=tokens, **options)
                stream = events(parts, service, "token" if tokens else "sentence", _request_id(request))
                try:
                    answer = await unless_gone(request, begin(stream))
                except ClientLeft:
                    return Response(status_code=499)
                held = stay.pop_all()  # the request is under way until its stream has ended
                return StreamingResponse(
                    _closing(answer, held), media_type=EVENT_STREAM, headers={"Cache-Control": "no-store"}
                )
            try:
                summary = await unless_gone(request, service.in_time(backend.summarize(body.text, **options)))
            except ClientLeft:
                return Response(status_code=499)
            values = summary.to_dict()
            answers.put(await request.body(), values)
            return JSONResponse(values)

    by_id: dict[int | str, dict[str, Any]] = {status: failures[status] for status in (404, 422, 503)}

    @app.get("/v1/summaries/{id}", response_model=Summary, responses=by_id)
    async def summary_by_id(id: str) -> JSONResponse:
        """A summary that was made before, from the cache."""
        with service.admit() as backend:
            found = await asyncio.to_thread(backend.lookup, id) if _ID.fullmatch(id) else None
            if found is None:
                raise SummaryNotFound("No cached summary has this id.", hint="POST the article to /v1/summarize.")
            return JSONResponse(found.to_dict())


def _add_check_route(app: FastAPI, service: Service, settings: Settings) -> None:
    failures: dict[int | str, dict[str, Any]] = {s: {"model": ErrorBody} for s in (413, 415, 422, 500, 503, 504)}

    @app.post("/v1/check", response_model=SupportReport, responses=failures)
    async def check(body: CheckRequest, request: Request) -> Response:
        """What an article supports of a summary, whoever wrote it. Offsets are code points into the submitted text."""
        with service.admit() as backend:
            check_size(body.text + body.summary, settings.server.max_body_bytes)
            try:
                report = await unless_gone(request, service.in_time(backend.check(body.text, body.summary)))
            except ClientLeft:
                return Response(status_code=499)
            return JSONResponse(asdict(report))


async def _closing(stream: AsyncIterator[bytes], held: ExitStack) -> AsyncIterator[bytes]:
    with held:
        async for event in stream:
            yield event


def _is_loaded(name: str, backend: Backend, settings: Settings) -> bool:
    """Whether this is the loaded model: by its own name, or by the one in the settings where it comes from there."""
    loaded = backend.info()["model"]
    by_settings = loaded["engine"] not in ("lead", "openai")  # these two have no model, and one named elsewhere
    return name == loaded["name"] or (by_settings and name == settings.model)


def _add_status_routes(app: FastAPI, service: Service, answers: Answers) -> None:
    @app.get("/health")
    async def health() -> dict[str, str]:
        """Answers as long as the process lives."""
        return {"status": "ok"}

    @app.get("/ready", response_model=dict[str, str], responses={503: {"model": ErrorBody}})
    async def ready(request: Request) -> JSONResponse:
        """200 once the model is loaded, warm and has passed its self-test."""
        try:
            service.check_ready()
        except SummarizerError as error:
            return _answer(request, error, 503)
        return JSONResponse({"status": "ready"})

    @app.get("/info", response_model=dict[str, Any])
    async def info() -> JSONResponse:
        """The version, the model and the counters."""
        values: dict[str, Any] = {"version": app.version, "ready": service.backend.ready}
        if service.backend.ready:
            values |= await asyncio.to_thread(service.backend.info)
        return JSONResponse(values | {"in_flight": service.in_flight, "repeated_requests": answers.hits})


def _add_pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def home() -> HTMLResponse:
        """A page to try it on."""
        return HTMLResponse(home_page(), headers=HTML_HEADERS)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """The reference."""
        return HTMLResponse(reference_page(app.openapi()), headers=HTML_HEADERS)
