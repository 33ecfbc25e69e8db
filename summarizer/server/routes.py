"""The routes of our own interface, and the pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from summarizer.errors import ModelNotFound, SummaryNotFound
from summarizer.server.pages import HTML_HEADERS, home_page, reference_page
from summarizer.server.repeats import PATH, Answers
from summarizer.server.service import Backend, Service
from summarizer.server.stream import EVENT_STREAM, begin, events, unless_gone
from summarizer.server.submitted import Submissions
from summarizer.server.wire import CheckRequest, ErrorBody, SummarizeRequest, check_size
from summarizer.settings import Settings
from summarizer.types import Summary, SupportReport

_ID = re.compile(r"[0-9a-f]{64}")
_Id = Annotated[str, Path(description="The `id` of a summary: 64 hexadecimal digits.")]
_Tokens = Annotated[bool, Query(description="Whether a stream sends the draft's tokens in place of its sentences.")]
_Responses = dict[int | str, dict[str, Any]]


def _failures(*statuses: int) -> _Responses:
    return {status: {"model": ErrorBody} for status in statuses}


def add_summary_routes(
    app: FastAPI, service: Service, settings: Settings, answers: Answers, submissions: Submissions
) -> None:
    """Adds ``POST /v1/summarize`` and ``GET /v1/summaries/{id}``."""
    failures = _failures(403, 404, 413, 415, 422, 500, 502, 503, 504)
    streamed: _Responses = {200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}}

    @app.post(PATH, response_model=Summary, responses=streamed | failures)
    async def summarize(body: SummarizeRequest, request: Request, tokens: _Tokens = False) -> Response:
        """Summarizes an article: a `text`, a page (`html`, with the `url` that it is from), or a `url` alone.

        Offsets are Unicode code points into the submitted text; for a page, into its article, `article.text`.

        With `Accept: text/event-stream` the sentences of the draft come as they are written (`event: sentence`; its
        tokens with `tokens=true`), and last the whole result (`event: summary`), which is what counts: sentences of
        the draft may be repaired or left out in it. A summary from the cache comes in that one event. What goes wrong
        after the first event is the last one (`event: error`).
        """
        with ExitStack() as stay:
            backend = stay.enter_context(service.admit())
            if body.model is not None and not await asyncio.to_thread(_is_loaded, body.model, backend, settings):
                raise ModelNotFound("This model is not loaded.", hint="GET /info names the loaded one.")
            options = body.model_dump(exclude={"text", "html", "model"})
            if body.is_address:
                options["url"] = None  # the page's own, after redirects

            article = submissions.article(body)
            if EVENT_STREAM in request.headers.get("accept", ""):
                parts = backend.stream(article, tokens=tokens, **options)
                stream = events(parts, service, "token" if tokens else "sentence", request.state.request_id)
                answer = await unless_gone(request, begin(stream))
                held = stay.pop_all()  # the request is under way until its stream has ended
                return StreamingResponse(
                    _closing(answer, held), media_type=EVENT_STREAM, headers={"Cache-Control": "no-store"}
                )
            summary = await unless_gone(request, service.in_time(backend.summarize(article, **options)))
            values = summary.to_dict()
            if not body.is_address:  # what stands there may change
                answers.put(await request.body(), values)
            return JSONResponse(values)

    @app.get("/v1/summaries/{id}", response_model=Summary, responses=_failures(404, 422, 503))
    async def summary_by_id(id: _Id) -> JSONResponse:
        """A summary that was made before, from the cache."""
        with service.admit() as backend:
            found = await asyncio.to_thread(backend.lookup, id) if _ID.fullmatch(id) else None
            if found is None:
                raise SummaryNotFound("No cached summary has this id.", hint="POST the article to /v1/summarize.")
            return JSONResponse(found.to_dict())


def add_check_route(app: FastAPI, service: Service, settings: Settings) -> None:
    """Adds ``POST /v1/check``."""

    @app.post("/v1/check", response_model=SupportReport, responses=_failures(413, 415, 422, 500, 503, 504))
    async def check(body: CheckRequest, request: Request) -> JSONResponse:
        """What an article supports of a summary, whoever wrote it. Offsets are code points into the submitted text."""
        with service.admit() as backend:
            check_size(body.text + body.summary, settings.server.max_body_bytes)
            report = await unless_gone(request, service.in_time(backend.check(body.text, body.summary)))
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


def add_status_routes(app: FastAPI, service: Service, answers: Answers) -> None:
    """Adds ``/health``, ``/ready`` and ``/info``."""

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Answers as long as the process lives."""
        return {"status": "ok"}

    @app.get("/ready", responses=_failures(503))
    async def ready() -> dict[str, str]:
        """200 once the model is loaded, warm and has passed its self-test."""
        service.check_ready()
        return {"status": "ready"}

    @app.get("/info", response_model=dict[str, Any])
    async def info() -> JSONResponse:
        """The version, the model and the counters."""
        values: dict[str, Any] = {"version": app.version, "ready": service.backend.ready}
        if service.backend.ready:
            values |= await asyncio.to_thread(service.backend.info)
        return JSONResponse(values | {"in_flight": service.in_flight, "repeated_requests": answers.hits})


def add_pages(app: FastAPI) -> None:
    """Adds ``/`` and ``/docs``."""

    @app.get("/", include_in_schema=False)
    async def home() -> HTMLResponse:
        """A page to try it on."""
        return HTMLResponse(home_page(), headers=HTML_HEADERS)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """The reference."""
        return HTMLResponse(reference_page(app.openapi()), headers=HTML_HEADERS)
