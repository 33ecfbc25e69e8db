"""The door: how many requests are inside, with how many characters, and how long each may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from summarizer.errors import DeadlineExceeded, Overloaded
from summarizer.settings import QueueSettings

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that is inside."""

    timer: asyncio.Timeout

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
        self._requests = self._characters = 0

    @asynccontextmanager
    async def enter(self, characters: int, *, background: bool = False) -> AsyncIterator[Visit]:
        """A place inside until the block ends.

        Background work takes no place and has no deadline: whoever sends it bounds it.

        Raises:
            Overloaded: There is no place. An idle service takes a request of any size.
            DeadlineExceeded: The block took too long; what it waited for is cancelled.
        """
        if background:
            async with asyncio.timeout(None) as timer:
                yield Visit(timer)
            return
        full = (
            self._requests >= self._settings.max_requests
            or self._characters + characters > self._settings.max_characters
        )
        if full and self._requests:
            wait_s = max(1.0, self._requests * self._seconds_each())
            raise Overloaded("The queue is full.", hint="Try again later.", retry_after_s=wait_s)
        self._requests += 1
        self._characters += characters
        timer = asyncio.timeout(self._settings.deadline_s)
        try:
            async with timer:
                yield Visit(timer)
        except TimeoutError as error:
            if not timer.expired():
                raise
            hint = "Try again later, or raise SUMMARIZER_QUEUE__DEADLINE_S."
            raise DeadlineExceeded("The answer was not ready in time.", hint=hint) from error
        finally:
            self._requests -= 1
            self._characters -= characters
