"""From a text to the model's draft: chunks, the sentences of each that the model reads, map-reduce."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from summarizer.engines.base import Decoding, Engine, Request
from summarizer.engines.load import LoadPlan
from summarizer.engines.scheduler import Scheduler
from summarizer.engines.waiting import BATCH, INTERACTIVE
from summarizer.text.sentences import has_words
from summarizer.text.sentences import sentences as split_sentences
from summarizer.types import Coverage, Span
from summarizer.writing import chunking, selection
from summarizer.writing.style import Style

# Chunks stay well under the context: attention grows with the square, and small models lose the thread.
_MAX_CHUNK_TOKENS = 2048
_MIN_ROOM = 64
# A model that reads a selection writes three sentences well; longer summaries are put together of such.
SENTENCES_AT_ONCE = 3
# A longer word in one piece of ASCII is an address, a key or a picture in base 64: a model has nothing to say of it.
_LONGEST_WORD = 60
# A round of summaries is to leave less than this of the text: else nothing is gained by another.
_MOST_LEFT = 0.8


@dataclass(frozen=True, slots=True)
class Caller:
    """Who waits for a draft, and what they are told.

    ``on_progress`` is given chunks done and chunks in all (articles of several), ``on_text`` the pieces of the last
    text as they are written. ``due`` is when they wait no longer, by the event loop's clock.
    """

    background: bool = False
    on_progress: Callable[[int, int], None] | None = None
    on_text: Callable[[str], None] | None = None
    due: float | None = None

    @property
    def priority(self) -> int:
        """Where what they wait for stands in the queue."""
        return BATCH if self.background else INTERACTIVE

    def hearing(self, count: int) -> Caller:
        """The same, who hears no more of a draft than its first ``count`` sentences."""
        hear, told, heard = self.on_text, "", 0
        if hear is None:
            return self

        def first(piece: str) -> None:
            nonlocal told, heard
            told += piece
            spans = split_sentences(told)
            end = len(told) if len(spans) <= count else spans[count - 1].end
            if end > heard:
                hear(told[heard:end])
                heard = end

        return replace(self, on_text=first)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote, what it read, and the seconds that this waited for the model."""

    text: str
    coverage: Coverage
    queue_s: float


def decoding_for(plan: LoadPlan, wanted: Style) -> Decoding:
    """The model's decoding, with room for what is wanted."""
    return replace(plan.decoding, max_new_tokens=wanted.max_new_tokens)


async def write_draft(
    scheduler: Scheduler,
    engine: Engine,
    plan: LoadPlan,
    text: str,
    wanted: Style,
    caller: Caller,
) -> Draft:
    """What the model writes of ``text``: a summary of each chunk, then of the summaries, until one is left.

    Where the summaries are hardly shorter than what they are of, the last one is of the first that fit.
    """
    most_new = min(wanted.max_new_tokens, engine.context_tokens // 2)
    room = engine.context_tokens - engine.prompt_tokens(wanted.system) - most_new
    room = max(_MIN_ROOM, min(room, _MAX_CHUNK_TOKENS))
    coverage: Coverage | None = None
    most, queue_s = math.inf, 0.0
    while True:
        spans = await asyncio.to_thread(split_sentences, text)
        chunks = await asyncio.to_thread(chunking.split_chunks, text, spans, engine.count_tokens, room)
        size = sum(chunk.tokens for chunk in chunks)
        if len(chunks) > 1 and size > most and coverage is not None:
            chunks, coverage = chunks[:1], replace(coverage, truncated=True)
        most = _MOST_LEFT * size
        last = len(chunks) == 1
        step = wanted if last else Style.of("medium")
        chosen = await asyncio.to_thread(_all_selected, chunks, step, plan.selection)
        inputs = [_input(text, kept) if kept else chunk.text for chunk, kept in zip(chunks, chosen, strict=True)]
        if not last:
            told = [_is_told(each) for each in inputs]
            told = told if any(told) else [True, *told[1:]]
            inputs, chosen = list(compress(inputs, told)), list(compress(chosen, told))
        if coverage is None:
            tokens = sum(chunk.tokens for chunk in chunks)
            part = any(chosen) or len(inputs) < len(chunks)
            read = min(tokens, sum(engine.count_tokens(inputs))) if part else tokens
            coverage = Coverage(tokens, read, len(chunks), False, tuple(s for kept in chosen for s in kept))
        if last and chosen[0] and wanted.max_sentences > SENTENCES_AT_ONCE:
            inputs, step = _parts(text, chosen[0], wanted), Style.of("medium")
        decoding = decoding_for(plan, step)
        decoding = replace(decoding, max_new_tokens=min(decoding.max_new_tokens, most_new))
        requests = [Request(i, step.system, decoding) for i in inputs]
        written = await scheduler.generate(
            requests,
            priority=caller.priority,
            on_done=None if last else caller.on_progress,
            on_text=caller.on_text if last else None,
        )
        queue_s += min((generation.queue_s for generation in written), default=0.0)  # until the first of them began
        if last:
            return Draft("\n".join(generation.text for generation in written), coverage, queue_s)
        partial = [part for generation in written for part in step.shape(generation.text)[0]]
        text = "\n".join(dict.fromkeys(partial))  # a sentence that two chunks share stands once


def sentences_read(enough: int, wanted: Style) -> int:
    """How many sentences a model is given that reads ``enough`` of them well, for each three that it is to write."""
    return enough * math.ceil(wanted.max_sentences / SENTENCES_AT_ONCE)


def _parts(text: str, kept: list[Span], wanted: Style) -> list[str]:
    """What a small model reads, in as many parts as it needs to write as much as is wanted, three sentences each."""
    count = min(len(kept), math.ceil(wanted.max_sentences / SENTENCES_AT_ONCE))
    size = math.ceil(len(kept) / count)
    return [_input(text, kept[i : i + size]) for i in range(0, len(kept), size)]


def _is_told(text: str) -> bool:
    """Whether there is something in it that can be told of, in words."""
    return any(has_words(word) and (len(word) <= _LONGEST_WORD or not word.isascii()) for word in text.split())


def _input(text: str, kept: list[Span]) -> str:
    ends = [0, *(span.end for span in kept)]
    follows = [not text[end : span.start].strip() for end, span in zip(ends, kept, strict=False)]
    told = zip(kept, follows, strict=True)
    return " ".join(selection.as_read(text[span.start : span.end], follows=each) for span, each in told)


def _all_selected(chunks: Sequence[chunking.Chunk], wanted: Style, enough: int | None) -> list[list[Span]]:
    return [_selected(chunk, wanted, enough) for chunk in chunks]


def _selected(chunk: chunking.Chunk, wanted: Style, enough: int | None) -> list[Span]:
    """The sentences of the chunk that the model is given; none where it is given the whole chunk."""
    if enough is None:
        return []
    spans = split_sentences(chunk.text)
    count = sentences_read(enough, wanted)
    if len(spans) <= count:
        return []
    headline = wanted.format == "headline"  # of which the article's own says the most
    chosen = (spans[i] for i in selection.select_sentences(chunk.text, spans, count, lines=headline))
    return [Span(chunk.span.start + s.start, chunk.span.start + s.end) for s in chosen]
