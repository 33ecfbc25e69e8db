"""The flow, top to bottom: repeats out, key, cache, chunks, model, support, result.

`AsyncSummarizer` is the core; `Summarizer` runs it on a loop of its own thread for synchronous callers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from summarizer import grounding as support
from summarizer.admission import Door
from summarizer.cache.flight import SingleFlight
from summarizer.cache.store import SummaryCache, make_key
from summarizer.dedup import in_article
from summarizer.engines.load import LoadPlan, plan
from summarizer.engines.scheduler import Scheduler
from summarizer.errors import EmptyInput, InputTooLong, SummarizerError
from summarizer.reading import ReadArticle, for_caller, from_row, read_article, to_row
from summarizer.settings import Settings, load_settings
from summarizer.text import canonical
from summarizer.text.sentences import has_words, is_finished
from summarizer.text.sentences import sentences as split_sentences
from summarizer.types import (
    Article,
    DuplicatesReport,
    Format,
    Grounding,
    LazyArticle,
    Length,
    Progress,
    Span,
    Summary,
    SupportReport,
    Timings,
)
from summarizer.writing.drafting import Caller, decoding_for
from summarizer.writing.headlines import titled
from summarizer.writing.judging import open_judge
from summarizer.writing.style import Style
from summarizer.writing.writer import VERSIONS, Writer, write_summary
from summarizer.writing.written import DOUBTFUL_SCORE

_SCHEMA = "1"


class AsyncSummarizer:
    """Summarizes articles with one loaded model, through the cache.

    Use as an async context manager. The model loads at the first article that is not in the cache.

    Attributes:
        ready: Whether the model is loaded and passed its self-test.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or load_settings()
        self._plan: LoadPlan = plan(self.settings)
        self._scheduler = Scheduler(self._plan.load)
        self._judge = open_judge(self.settings)
        self._background = asyncio.Semaphore(max(1, self.settings.queue.max_requests // 8))
        self._door = Door(self.settings.queue, lambda: self._scheduler.seconds_per_request)
        self._cache = SummaryCache(self.settings.cache)
        self._flights: SingleFlight[Summary] = SingleFlight()
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="summarizer-read")
        self.ready = False
        self._requests = 0

    async def __aenter__(self) -> AsyncSummarizer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Loads the model now, with its self-test. Raises what loading raises."""
        async with self._door.enter(0, background=True):
            await self._load()

    async def _load(self) -> None:
        await self._scheduler.ready()
        await self._judge.ready()
        self.ready = True

    async def close(self) -> None:
        """Answers the calls under way and frees the model; all that comes later is refused with `ShuttingDown`."""
        await self._door.close()
        await asyncio.to_thread(self._scheduler.close)
        await asyncio.to_thread(self._judge.close)
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._cache.close()

    def info(self) -> dict[str, Any]:
        """Model, engine and counters."""
        return {
            "model": {"name": self._plan.name, "revision": self._plan.revision, "engine": self._plan.engine},
            "judge": self.settings.judge,
            "ready": self.ready,
            "requests": self._requests,
            "inferences": self._scheduler.inferences,
            "cache": asdict(self._cache.stats()),
        }

    def lookup(self, id: str) -> Summary | None:
        """The cached summary of this id, as it was first written."""
        return from_row(self._cache.get(id), "result")

    async def summarize(
        self,
        article: str | Article | LazyArticle,
        *,
        title: str | None = None,
        url: str | None = None,
        length: Length = "medium",
        sentences: int | None = None,
        words: int | None = None,
        format: Format = "paragraph",
        grounding: Grounding = "repair",
        use_cache: bool = True,
        background: bool = False,
        on_progress: Progress | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Summary:
        """Summarizes one article.

        Args:
            article: Its text; or an `Article`, whose title and address stand where ``title`` and ``url`` are not given;
                or what gets either when it is called, within the place and the deadline of this request.
            title: Passed through to the result, as is ``url``.
            url: Where the article is from.
            length: 1, 3 or up to 6 sentences; ``sentences`` or ``words`` (upper bounds) win over it.
            sentences: Number of sentences.
            words: Number of words.
            format: ``paragraph``, ``bullets`` or ``headline``.
            grounding: What becomes of sentences that the article does not support: ``report`` marks them, ``repair``
                puts the article's own in the place of those with unsupported facts, ``strict`` of all of them.
            use_cache: Whether to look the summary up and store it.
            background: Yields to interactive requests, takes no place in the queue, has no deadline; few run at once.
            on_progress: Called with chunks done and chunks in all, for articles of several chunks.
            on_text: Called with the pieces of the draft as the model writes them; what is unsupported in it may be
                repaired afterwards, so the result is what counts. Not called for an answer from the cache.

        Raises:
            InputError: The article is empty or too long, or the options make no sense.
            CapacityError: The queue is full, or the deadline passed.
            UnsupportedSummary: Grounding is strict, and no supported summary could be written.
            BackendError: The model failed.
        """
        started = time.perf_counter()
        self._requests += 1
        wanted = Style.of(length, sentences, words, format, grounding)
        async with self._door.enter(0, background=background) as visit, AsyncExitStack() as place:
            given = Article.of(await article() if callable(article) else article, title, url)
            if background:  # after what brings the article, which may summarize itself
                await place.enter_async_context(self._background)
            text = self._bounded(given.text)
            visit.bring(len(text))
            read = await asyncio.get_running_loop().run_in_executor(self._readers, read_article, text)
            if not has_words(read.text.text):
                raise EmptyInput("The article has no words.", hint="Send the article's text.")
            key = self._key(read.text.text, wanted)
            result = await self._cached(key) if use_cache else None
            if result is None:
                await visit.untimed(self._load())
                caller = Caller(background, on_progress, on_text, visit.timer.when())
                result = await self._fly(key, read, wanted, caller, use_cache)
            if given.title:
                least = DOUBTFUL_SCORE if self._plan.selection is not None else 0.0
                named = partial(titled, result, read.text.text, given.title, wanted, least, read.warnings)
                result = await asyncio.get_running_loop().run_in_executor(self._readers, named)
        spent = Timings() if result.cached else result.timings
        timings = replace(spent, dedup=round(read.seconds, 4), total=round(time.perf_counter() - started, 4))
        return for_caller(result, read, given, timings)

    async def check(self, text: str, summary: str) -> SupportReport:
        """How well an article supports a summary, whoever wrote it; with a second opinion where there is a judge.

        Raises:
            InputError: The article is too long, or there is none, or no summary.
            CapacityError: The judge's queue is full, or the deadline passed.
            BackendError: The judge failed.
        """
        support.require_words(text, summary)
        self._bounded(text)
        async with self._door.enter(len(text) + len(summary)) as visit:
            await visit.untimed(self._judge.ready())
            return await self._judge.check_submitted(text, summary)

    async def summarize_many(
        self, articles: Sequence[str | Article], *, on_result: Progress | None = None, **options: Any
    ) -> list[Summary | SummarizerError]:
        """Summarizes many articles in shared batches, in order; an article's failure stands in its place.

        ``on_result`` is told of each article done: how many there are, and of how many.
        """
        done = 0

        async def one(article: str | Article) -> Summary | SummarizerError:
            nonlocal done
            try:
                return await self.summarize(article, background=True, **options)
            except SummarizerError as error:
                return error
            finally:
                done += 1
                if on_result is not None and len(articles) > 1:
                    on_result(done, len(articles))

        async with self._door.enter(0, background=True):
            parts = [asyncio.ensure_future(one(article)) for article in articles]
            self._door.admit(parts)
            try:
                return list(await asyncio.gather(*parts))
            finally:
                for part in parts:  # where one has failed: none goes on without this call
                    part.cancel()

    async def stream(
        self, article: str | Article | LazyArticle, *, tokens: bool = False, **options: Any
    ) -> AsyncIterator[str | Summary]:
        """The sentences of the draft as they are finished (or its tokens), and last the whole `Summary`.

        The draft's sentences may differ from the summary's: what the article does not support is repaired at the end.
        Where one of three sentences is chosen (``short``, small models, but for reports), that one is told, at the end.
        Leaving the iterator stops the model. Options and errors are those of :meth:`summarize`.
        """
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        task = asyncio.ensure_future(self.summarize(article, on_text=pieces.put_nowait, **options))
        task.add_done_callback(lambda _: pieces.put_nowait(None))
        draft = ""
        try:
            while (piece := await pieces.get()) is not None:
                if tokens:
                    yield piece
                    continue
                draft += piece
                *finished, last = split_sentences(draft) or [Span(0, 0)]
                for span in finished:
                    yield draft[span.start : span.end]
                draft = draft[last.start :] if finished else draft
            result = await task
            if is_finished(draft):  # a cut-off end is no sentence
                yield draft.strip()
            yield result
        finally:
            task.cancel()

    def _bounded(self, text: str) -> str:
        if len(text) > self.settings.max_characters:
            raise InputTooLong(f"The article has over {self.settings.max_characters:,} characters.")
        return text

    def _key(self, text: str, wanted: Style) -> str:
        versions = (_SCHEMA, canonical.VERSION, in_article.VERSION, support.VERSION, *VERSIONS)
        models = self._plan.fingerprint, repr(self._plan.selection), self._judge.fingerprint
        asked = repr(wanted), wanted.system, repr(decoding_for(self._plan, wanted))
        return make_key(*versions, *models, *asked, text)

    async def _cached(self, key: str) -> Summary | None:
        row = await asyncio.get_running_loop().run_in_executor(self._readers, self._cache.get, key)
        return from_row(row, "canonical")

    async def _fly(self, key: str, read: ReadArticle, wanted: Style, caller: Caller, use_cache: bool) -> Summary:
        """One inference for all who ask for the same summary at once; it stops when the last of them has left."""
        if not use_cache:
            return await self._write(key, read, wanted, caller, store=False)

        def write(on_text: Callable[[str], None] | None) -> Coroutine[Any, Any, Summary]:
            return self._write(key, read, wanted, replace(caller, on_text=on_text), store=True)

        result, joined = await self._flights.run(key, write, caller.on_text)
        return replace(result, cached=joined)

    async def _write(self, key: str, read: ReadArticle, wanted: Style, caller: Caller, *, store: bool) -> Summary:
        """The summary in offsets of the canonical text."""
        engine = await self._scheduler.ready()
        writer = Writer(self._scheduler, engine, self._plan, self._judge)
        written = await write_summary(writer, read.text.text, wanted, caller)
        result = Summary(
            id=key,
            summary=wanted.join([s.text for s in written.sentences]),
            sentences=written.sentences,
            article=read.report(),
            duplicates=DuplicatesReport(),
            coverage=written.coverage,
            model=engine.info,
            finish_reason=written.finish_reason,
            warnings=(*read.warnings, *written.warnings),
            timings=written.timings,
        )
        if store and not written.hurried:
            row = to_row(result, read)
            await asyncio.get_running_loop().run_in_executor(self._readers, self._cache.put, key, row)
        return result
