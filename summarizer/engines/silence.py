"""How long a server may write nothing of what it was asked: a limit of silence, not of the whole answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

# Time is won once in this part of the limit: with 64 answers under way each time takes a quarter of a millisecond.
_EXACT = 0.01


class Silence:
    """Gives up what a server has written nothing of for ``limit_s`` seconds.

    A server that is full queues what it gets, and takes back what it got last where memory ends; more or less in order.
    So a token of one answer shows that others are not forgotten, either, but for those asked for over ``limit_s``
    earlier. What a server did forget thus ends, however much it goes on to write.

    To be used on one event loop.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._under_way: dict[asyncio.Timeout, float] = {}  # and when it was asked for
        self._won = float("-inf"), float("-inf")  # when time was last won, by what was asked for when

    @asynccontextmanager
    async def watch(self, tokens: int) -> AsyncIterator[Callable[[], None]]:
        """Gives the function to call at each token; only the first ``tokens`` calls win time, so no answer is endless.

        Raises:
            TimeoutError: The server was silent for too long.
        """
        asked, calls = asyncio.get_running_loop().time(), itertools.count()

        def heard() -> None:
            if next(calls) < tokens:
                self._win_time(asked)

        async with asyncio.timeout(self._limit_s) as limit:
            self._under_way[limit] = asked
            try:
                yield heard
                self._win_time(asked)  # the end of an answer makes room for another, however many calls it took
            finally:
                del self._under_way[limit]

    def _win_time(self, asked: float) -> None:
        """For all but those that the answer which was ``asked`` for then says nothing about."""
        now = asyncio.get_running_loop().time()
        if now < self._won[0] + _EXACT * self._limit_s and asked >= self._won[1]:
            return
        self._won = now, asked
        until = now + self._limit_s
        for limit, when in self._under_way.items():
            if asked <= when + self._limit_s and not limit.expired():
                limit.reschedule(until)
