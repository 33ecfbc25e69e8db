"""What travels: the request body, the error body, and the one table from errors to HTTP status."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope

from summarizer import errors
from summarizer.errors import CapacityError, InputTooLong, InvalidRequest, SummarizerError, UnsupportedContent
from summarizer.types import Format, Grounding, Length
from summarizer.writing.style import MAX_SENTENCES, MAX_WORDS, MIN_WORDS

STATUS: Mapping[type[SummarizerError], int] = {
    errors.SummarizerError: 500,
    errors.InputError: 400,
    errors.EmptyInput: 422,
    errors.InputTooLong: 413,
    errors.InvalidRequest: 422,
    errors.UnsupportedContent: 415,
    errors.ExtractionFailed: 422,
    errors.FetchFailed: 502,
    errors.FetchBlocked: 403,
    errors.FetchTimedOut: 504,
    errors.UnsupportedSummary: 422,
    errors.SummaryNotFound: 404,
    errors.CapacityError: 503,
    errors.Overloaded: 503,
    errors.DeadlineExceeded: 504,
    errors.ShuttingDown: 503,
    errors.BackendError: 500,
    errors.ModelNotFound: 404,
    errors.ModelCorrupt: 500,
    errors.ModelUnhealthy: 503,
    errors.InferenceFailed: 500,
    errors.SettingsError: 500,
}
HUGGING_FACE = "/hf"
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")


class SummarizeRequest(BaseModel):
    """An article and what its summary should be like. The article is a text, or html, or only a url."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    text: str | None = Field(None, description="The article, as plain text.")
    html: str | None = Field(None, description="The page with the article.")
    title: str | None = Field(None, max_length=2000, description="The article's title; without it, the page's.")
    url: str | None = Field(
        None, max_length=8000, description="Where the article is from. Fetched where there is neither text nor html."
    )
    length: Length = Field("medium", description="short: 1-2 sentences, medium: 3, long: 5-6.")
    sentences: int | None = Field(None, ge=1, le=MAX_SENTENCES, description="At most this many sentences.")
    words: int | None = Field(None, ge=MIN_WORDS, le=MAX_WORDS, description="At most this many words.")
    format: Format = Field("paragraph", description="How the summary is laid out.")
    grounding: Grounding = Field("repair", description="What becomes of sentences that the article does not support.")
    model: str | None = Field(None, max_length=500, description="If given, must be the loaded model.")

    @property
    def is_address(self) -> bool:
        """Whether the article has to be fetched."""
        return self.text is None and self.html is None


class CheckRequest(BaseModel):
    """An article and a summary of it, whoever wrote that."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    text: str = Field(description="The article, as plain text.")
    # Each of its sentences is compared with each of the article's.
    summary: str = Field(max_length=20_000, description="The summary, as plain text.")


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable; made for programs.")
    message: str = Field(description="What is wrong, in one sentence.")
    hint: str | None = Field(description="What can be done about it.")
    request_id: str = Field(description="The X-Request-ID of this answer.")


class ErrorBody(BaseModel):
    """The body of every answer that is an error."""

    error: ErrorDetail


class HuggingFaceError(BaseModel):
    """The same in the form that Hugging Face's clients show."""

    error: str = Field(description="What is wrong, and what can be done about it.")
    code: str = Field(description="Stable; made for programs.")
    request_id: str = Field(description="The X-Request-ID of this answer.")


def error_body(code: str, message: str, hint: str | None, request_id: str) -> dict[str, Any]:
    """The error body as plain JSON values."""
    return {"error": {"code": code, "message": message, "hint": hint, "request_id": request_id}}


def status_of(error: SummarizerError) -> int:
    """The HTTP status of an error: that of its class, or of the nearest class above it."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def headers_of(error: SummarizerError) -> dict[str, str]:
    """``Retry-After``, in whole seconds, for what will pass by itself."""
    if not isinstance(error, CapacityError):
        return {}
    return {"Retry-After": str(max(1, math.ceil(error.retry_after_s or 1)))}


def error_answer(
    scope: Scope, body: dict[str, Any], status: int, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error body, as ``error_body`` makes it, in the form of the interface that was asked."""
    if scope["path"] == HUGGING_FACE:
        error = body["error"]
        message = " ".join(filter(None, (error["message"], error["hint"])))
        body = {"error": message, "code": error["code"], "request_id": error["request_id"]}
    return JSONResponse(body, status, headers)


def failure(scope: Scope, error: SummarizerError) -> JSONResponse:
    """The answer to a request that failed."""
    body = error_body(error.code, error.message, error.hint, scope["state"]["request_id"])
    return error_answer(scope, body, status_of(error), headers_of(error))


def invalid_request(problems: Iterable[Mapping[str, Any]]) -> InvalidRequest:
    """Pydantic's findings in our words, without any value (which may be the article)."""
    said = []
    for problem in list(problems)[:5]:
        kind, place = str(problem["type"]), [str(part) for part in problem["loc"] if part != "body"]
        field = ".".join(place)
        shown = field if place and all(map(_PLAIN_NAME.fullmatch, place)) else "a field"
        if kind == "json_invalid":
            said.append("the body is not valid JSON")
        elif kind == "extra_forbidden":
            said.append(f"{shown} is not a known field")
        elif not place:
            said.append("the body must be a JSON object, sent as application/json")
        else:
            said.append(f"{shown}: {problem['msg']}")
    return InvalidRequest(
        f"The request is not valid: {'; '.join(said)}.", hint="See /docs for the fields and their types."
    )


def check_size(text: str, limit: int) -> None:
    """Raises where a text has over ``limit`` bytes of UTF-8, or is none.

    Raises:
        InputTooLong: It is too long.
        UnsupportedContent: It is not valid Unicode.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell; the error would hold the text
        size = -1
    if size < 0:
        raise UnsupportedContent("The text is not valid Unicode.", hint="It holds half of a surrogate pair.")
    if size > limit:
        raise InputTooLong(f"The article is over {limit} bytes.", hint="Send a shorter article.")
