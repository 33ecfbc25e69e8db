"""The door: how many requests are inside, with how many characters, and how long each may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakSet

from summarizer.errors import DeadlineExceeded, Overloaded, ShuttingDown
from summarizer.settings import QueueSettings

_T = TypeVar("_T")


@dataclass(slots=True)
class Visit:
    """A request that is inside. ``door`` is None where it takes no place."""

    timer: asyncio.Timeout
    door: Door | None = None
    characters: int = 0

    def bring(self, characters: int) -> None:
        """Counts characters that came to light inside only, as those of a page that was fetched.

        Raises:
            Overloaded: There is no place for them.
        """
        if self.door is not None:
            self.door.count(characters, others=self.door.requests - 1)
            self.characters += characters

    async def untimed(self, work: Awaitable[_T]) -> _T:
        """Waits for what does not count against the request's time, as the loading of the model."""
        due = self.timer.when()
        if due is None:
            return await work
        loop = asyncio.get_running_loop()
        started = loop.time()
        self.timer.reschedule(None)
        try:
            return await work
        finally:
            self.timer.reschedule(due + loop.time() - started)


class Door:
    """Counts the requests of one event loop. ``seconds_each`` estimates what one takes, for those refused."""

    def __init__(self, settings: QueueSettings, seconds_each: Callable[[], float]) -> None:
        self._settings, self._seconds_each = settings, seconds_each
        self.requests = self._characters = self._inside = 0
        self._closed = False
        self._parts: WeakSet[asyncio.Task[Any]] = WeakSet()

    async def close(self) -> None:
        """Waits until those inside have left; whoever comes from now on is refused with `ShuttingDown`."""
        self._closed = True
        while self._inside:  # noqa: ASYNC110 - as long as the model takes
            await asyncio.sleep(0.01)

    def admit(self, parts: Iterable[asyncio.Task[Any]]) -> None:
        """Takes these tasks for parts of a request that is inside: closing refuses none of them."""
        self._parts.update(parts)

    @asynccontextmanager
    async def enter(self, characters: int, *, background: bool = False) -> AsyncIterator[Visit]:
        """A place inside until the block ends; :meth:`close` waits for that.

        Background work takes no place and has no deadline: the pipeline bounds it.

        Raises:
            ShuttingDown: The door is closed.
            Overloaded: There is no place. An idle service takes a request of any size.
            DeadlineExceeded: The block took too long; what it waited for is cancelled.
        """
        if self._closed and asyncio.current_task() not in self._parts:
            raise ShuttingDown("The summarizer is closed.", hint="Make a new one.")
        self._inside += 1
        try:
            if background:
                async with asyncio.timeout(None) as timer:
                    yield Visit(timer)
            else:
                async with self._place(characters) as visit:
                    yield visit
        finally:
            self._inside -= 1

    @asynccontextmanager
    async def _place(self, characters: int) -> AsyncIterator[Visit]:
        if self.requests >= self._settings.max_requests:
            raise self._overloaded(self.requests)
        self.count(characters, others=self.requests)
        self.requests += 1
        timer = asyncio.timeout(self._settings.deadline_s)
        visit = Visit(timer, self, characters)
        try:
            async with timer:
                yield visit
        except TimeoutError as error:
            if not timer.expired():
                raise
            hint = "Try again later, or raise SUMMARIZER_QUEUE__DEADLINE_S."
            raise DeadlineExceeded("The answer was not ready in time.", hint=hint) from error
        finally:
            self.requests -= 1
            self._characters -= visit.characters

    def count(self, characters: int, *, others: int) -> None:
        """Counts the characters of one request, where ``others`` are inside: without them it may bring any number.

        Raises:
            Overloaded: They are too many.
        """
        if others and self._characters + characters > self._settings.max_characters:
            raise self._overloaded(others)
        self._characters += characters

    def _overloaded(self, others: int) -> Overloaded:
        wait_s = max(1.0, others * self._seconds_each())
        return Overloaded("The queue is full.", hint="Try again later.", retry_after_s=wait_s)
