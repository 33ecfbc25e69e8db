"""Hugging Face's inference interface for summarization: ``InferenceClient(model=".../hf").summarization(text)``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from summarizer.server.service import Backend, Service
from summarizer.server.stream import unless_gone
from summarizer.server.wire import HUGGING_FACE, HuggingFaceError, check_size
from summarizer.settings import Settings
from summarizer.types import Summary
from summarizer.writing.style import MAX_SENTENCES, MAX_WORDS, MIN_WORDS, SENTENCES, WORDS_PER_SENTENCE

_MAX_INPUTS = 64  # each of them takes a place in the queue


class _Part(BaseModel):
    """What is not named here steers decoding or something else that this service does by itself."""

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)


class GenerateParameters(_Part):
    """What of the generation parameters has an effect."""

    max_new_tokens: int | None = Field(None, ge=1, description="At most 3/4 as many words.")
    max_length: int | None = Field(None, ge=1, description="The same; max_new_tokens wins over it.")
    min_length: int | None = Field(None, ge=0, description="As many sentences as that takes, if the article has them.")


class HuggingFaceParameters(GenerateParameters):
    """Generation parameters, here as older clients send them, or in generate_parameters, which win."""

    generate_parameters: GenerateParameters | None = Field(None, description="Where clients of today put them.")


class HuggingFaceOptions(_Part):
    """What of the options has an effect."""

    use_cache: bool = Field(True, description="Whether the summary may come from the cache and go into it.")


class HuggingFaceRequest(BaseModel):
    """What Hugging Face's clients send."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    inputs: str | Annotated[list[str], Field(min_length=1, max_length=_MAX_INPUTS)] = Field(
        description="The article as plain text, or a list of articles."
    )
    parameters: HuggingFaceParameters | None = Field(None, description="How long the summary is to be.")
    options: HuggingFaceOptions | None = Field(None, description="Whether the cache is used.")


class HuggingFaceSummary(BaseModel):
    """One summary."""

    summary_text: str = Field(description="The summary, as plain text.")


def add_huggingface_route(app: FastAPI, service: Service, settings: Settings) -> None:
    """Adds ``POST /hf``."""
    failures: dict[int | str, dict[str, Any]] = {
        status: {"model": HuggingFaceError} for status in (413, 415, 422, 500, 503, 504)
    }

    @app.post(HUGGING_FACE, response_model=list[HuggingFaceSummary], responses=failures)
    async def huggingface(body: HuggingFaceRequest, request: Request) -> JSONResponse:
        """Hugging Face's inference interface: `InferenceClient(model="http://localhost:8000/hf").summarization(text)`.

        Answers with a list, one summary for each text of `inputs`, in order; where one of them fails, the request
        does. `max_new_tokens` or `max_length` bound the words of a summary, at 3/4 of a word a token; it has three
        sentences, or as many as `min_length` takes. All other parameters are accepted and have no effect: those that
        steer decoding belong to the model's card, `clean_up_tokenization_spaces` is always done, and `truncation` is
        not needed, since long articles are read in parts. Of `options`, `use_cache` has an effect.
        """
        with service.admit() as backend:
            texts = [body.inputs] if isinstance(body.inputs, str) else body.inputs
            check_size("".join(texts), settings.server.max_body_bytes)
            options = _length(body.parameters) | {"use_cache": body.options is None or body.options.use_cache}
            summaries = await unless_gone(request, service.in_time(_all(backend, texts, options)))
            return JSONResponse([{"summary_text": summary.summary} for summary in summaries])


def _length(parameters: HuggingFaceParameters | None) -> dict[str, Any]:
    """Tokens as our options. The bound does not set the length, as ``words`` alone would: many send a generous one."""
    asked: dict[str, int] = {}
    for given in (parameters, parameters and parameters.generate_parameters):
        if given is not None:
            asked |= given.model_dump(exclude={"generate_parameters"}, exclude_none=True)
    most, least = asked.get("max_new_tokens", asked.get("max_length")), asked.get("min_length", 0) * 3 // 4
    sentences = min(max(SENTENCES["medium"], least // WORDS_PER_SENTENCE), MAX_SENTENCES)
    if most is None:
        return {"sentences": sentences}
    words = min(max(most * 3 // 4, MIN_WORDS), MAX_WORDS)
    return {"sentences": min(sentences, max(1, words // WORDS_PER_SENTENCE)), "words": words}


async def _all(backend: Backend, texts: Sequence[str], options: dict[str, Any]) -> list[Summary]:
    """The summaries in order; the first failure stops the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(backend.summarize(text, **options)) for text in texts]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
