"""The life of the summarizer inside the server: starting, ready, draining, failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from summarizer.errors import CapacityError, ModelUnhealthy, ShuttingDown, SummarizerError
from summarizer.types import Article, LazyArticle, Summary, SupportReport

_log = logging.getLogger("summarizer.server")
_T = TypeVar("_T")


class Backend(Protocol):
    """What the server needs of :class:`summarizer.pipeline.AsyncSummarizer`."""

    @property
    def ready(self) -> bool:
        """Whether the model is loaded, warm and has passed its self-test."""

    async def start(self) -> None:
        """Loads the model, warms it up and tests it."""

    async def close(self) -> None:
        """Finishes what was taken and frees everything."""

    @property
    def summarize(self) -> Callable[..., Coroutine[Any, Any, Summary]]:
        """Summarizes one article."""

    @property
    def check(self) -> Callable[[str, str], Coroutine[Any, Any, SupportReport]]:
        """What an article supports of a summary."""

    def stream(
        self, article: str | Article | LazyArticle, *, tokens: bool = False, **options: Any
    ) -> AsyncIterator[str | Summary]:
        """The draft as it is written, and last the whole result."""

    def lookup(self, id: str) -> Summary | None:
        """A summary from the cache."""

    def info(self) -> dict[str, Any]:
        """The model, the engine and the counters."""


class Service:
    """Who may come in, and who is still inside."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.failure: SummarizerError | None = None
        self.on_failure: Callable[[], None] = lambda: None
        self.draining = False
        self.in_flight = 0
        self._starting: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    def begin(self) -> None:
        """Starts the model in the background."""
        self._starting = asyncio.create_task(self._start())

    async def end(self) -> None:
        """Stops for good."""
        self.draining = True
        self.give_up()
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
            await asyncio.wait([self._starting])
        await self.backend.close()

    def give_up(self) -> None:
        """Ends the requests that are still under way: their time to finish is over."""
        self._over.set()

    async def in_time(self, work: Awaitable[_T]) -> _T:
        """The result of ``work``, which is stopped when requests under way are ended.

        Raises:
            ShuttingDown: They were.
        """
        return await unless(self._over.wait(), work, _shutting_down)

    async def _start(self) -> None:
        try:
            await self.backend.start()
        except SummarizerError as error:
            self.failure = error
        except Exception as error:  # noqa: BLE001 - whatever it is, the server must say that it is not ready
            self.failure = ModelUnhealthy(f"The model could not be started ({type(error).__name__}).")
            self.failure.__cause__ = error
        if self.failure is None:
            _log.info("ready")
        else:
            _log.error("the model did not start: %s", self.failure)
            self.on_failure()

    def check_ready(self) -> None:
        """Raises what stands in the way of taking a request.

        Raises:
            ShuttingDown: After SIGTERM.
            ModelUnhealthy: The model did not start.
            CapacityError: The model is still loading.
        """
        if self.draining:
            raise _shutting_down()
        if self.failure is not None:
            raise ModelUnhealthy("The model did not start.", hint=str(self.failure)) from self.failure
        if not self.backend.ready:
            raise CapacityError("The model is still loading.", hint="Wait until /ready is 200.", retry_after_s=5)

    @contextmanager
    def admit(self) -> Iterator[Backend]:
        """Counts a request in and out; refuses it where :meth:`check_ready` does."""
        self.check_ready()
        self.in_flight += 1
        try:
            yield self.backend
        finally:
            self.in_flight -= 1


async def unless(stop: Awaitable[object], work: Awaitable[_T], failure: Callable[[], Exception]) -> _T:
    """The result of ``work``; where ``stop`` comes first, ``work`` is stopped and ``failure()`` raised."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop)
    try:
        await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise failure()
    finally:
        stopped.cancel()
        task.cancel()


def _shutting_down() -> ShuttingDown:
    return ShuttingDown("The service is shutting down.", hint="Send the request again.", retry_after_s=5)
