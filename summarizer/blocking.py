"""The pipeline for synchronous callers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from summarizer.errors import SummarizerError
from summarizer.pipeline import AsyncSummarizer
from summarizer.settings import Settings
from summarizer.types import Summary, SupportReport

_T = TypeVar("_T")


class Summarizer:
    """`AsyncSummarizer` for synchronous callers; same arguments, same results. Thread-safe."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="summarizer-loop", daemon=True)
        self._thread.start()
        try:
            self.core = AsyncSummarizer(settings)
        except BaseException:
            self._loop.call_soon_threadsafe(self._loop.stop)
            raise

    def __enter__(self) -> Summarizer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def start(self) -> None:
        """See `AsyncSummarizer.start`."""
        self._wait(self.core.start())

    def summarize(self, text: str, **options: Any) -> Summary:
        """See `AsyncSummarizer.summarize`."""
        return self._wait(self.core.summarize(text, **options))

    def check(self, text: str, summary: str) -> SupportReport:
        """See `AsyncSummarizer.check`."""
        return self._wait(self.core.check(text, summary))

    def summarize_many(self, texts: Sequence[str], **options: Any) -> list[Summary | SummarizerError]:
        """See `AsyncSummarizer.summarize_many`."""
        return self._wait(self.core.summarize_many(texts, **options))

    def close(self) -> None:
        """See `AsyncSummarizer.close`."""
        if self._loop.is_running():
            self._wait(self.core.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
