"""How long a server may write nothing of what it was asked: a limit of silence, not of the whole answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Silence:
    """Gives up what a server has written nothing of for ``limit_s`` seconds.

    A server that is full serves in order: it queues what it got last, and takes that back first where memory ends. So
    a token of one answer also shows that the server has not forgotten the later ones. One that it did forget ends
    ``limit_s`` after the last token of those before it.

    To be used on one event loop.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._numbers = itertools.count()
        self._limits: dict[int, asyncio.Timeout] = {}  # what is under way, by number in the order of asking

    @asynccontextmanager
    async def watch(self, tokens: int) -> AsyncIterator[Callable[[], None]]:
        """Gives the function to call at each token; only the first ``tokens`` calls win time, so no answer is endless.

        Raises:
            TimeoutError: The server was silent for too long.
        """
        number, calls = next(self._numbers), itertools.count()

        def heard() -> None:
            if next(calls) < tokens:
                self._win_time(number)

        async with asyncio.timeout(self._limit_s) as own:
            self._limits[number] = own
            try:
                yield heard
                self._win_time(number)  # the end of an answer makes room for the next, however many calls it took
            finally:
                del self._limits[number]

    def _win_time(self, number: int) -> None:
        until = asyncio.get_running_loop().time() + self._limit_s
        for other, limit in self._limits.items():
            if other >= number and not limit.expired():
                limit.reschedule(until)
