"""The pipeline for synchronous callers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from summarizer.errors import ShuttingDown, SummarizerError
from summarizer.pipeline import AsyncSummarizer
from summarizer.settings import Settings
from summarizer.types import Article, Summary, SupportReport

_T = TypeVar("_T")


class Summarizer:
    """`AsyncSummarizer` for synchronous callers; same arguments, same results. Thread-safe.

    A caller that is interrupted (Ctrl-C, say) stops its work. Once closed, every call raises `ShuttingDown`.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="summarizer-loop", daemon=True)
        self._lock = threading.Lock()  # nothing is handed to the loop once it is closing
        self._closing: Future[None] | None = None
        self._thread.start()
        try:
            self.core = AsyncSummarizer(settings)
        except BaseException:
            self._loop.call_soon_threadsafe(self._loop.stop)
            raise

    def __enter__(self) -> Summarizer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or issubclass(kind, Exception):
            self.close()
        else:  # who interrupts does not wait for a model that is still loading, say
            self._begin_to_close()

    def start(self) -> None:
        """See `AsyncSummarizer.start`."""
        self._wait(self.core.start())

    def summarize(self, article: str | Article, **options: Any) -> Summary:
        """See `AsyncSummarizer.summarize`."""
        return self._wait(self.core.summarize(article, **options))

    def submit(self, article: str | Article, **options: Any) -> Future[Summary]:
        """The same as a future, at once; who cancels it stops its work."""
        return self._begin(self.core.summarize(article, **options))

    def check(self, text: str, summary: str) -> SupportReport:
        """See `AsyncSummarizer.check`."""
        return self._wait(self.core.check(text, summary))

    def summarize_many(self, articles: Sequence[str | Article], **options: Any) -> list[Summary | SummarizerError]:
        """See `AsyncSummarizer.summarize_many`."""
        return self._wait(self.core.summarize_many(articles, **options))

    def close(self) -> None:
        """Answers the callers of other threads, takes nothing new, and frees the model."""
        self._begin_to_close().result()
        self._thread.join()

    def _begin_to_close(self) -> Future[None]:
        with self._lock:
            if self._closing is None:
                self._closing = asyncio.run_coroutine_threadsafe(self._finish(), self._loop)
                self._closing.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._loop.stop))
            return self._closing

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:  # at its end it closes the loop in order
            runner.get_loop().run_forever()

    def _begin(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        with self._lock:
            if self._closing is not None:
                work.close()
                raise ShuttingDown("The summarizer is closed.", hint="Make a new one.")
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        future = self._begin(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # of no effect where the work itself failed
            raise

    async def _finish(self) -> None:
        """Lets the tasks under way end first: a core that is closed would fail them halfway."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        await self.core.close()
