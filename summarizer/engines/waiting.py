"""Who waits for the model, and who is next: two priorities, and callers in turn."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from summarizer.engines.base import Generation, Request
from summarizer.errors import SummarizerError

INTERACTIVE, BATCH = 0, 1
# One batch request is taken after this many interactive ones, so that neither starves the other.
_FAIR_SHARE = 4
_CHARACTERS_PER_TOKEN = 4


@dataclass(slots=True, eq=False)
class Waiter:
    """One request, and who waits for its answer: since ``came``, to the model at ``started`` (``time.monotonic``)."""

    request: Request
    future: asyncio.Future[Generation]
    loop: asyncio.AbstractEventLoop
    priority: int
    on_text: Callable[[str], None] | None = None
    left: bool = False
    admitted: bool = False
    caller: int = 0
    turn: int = 0
    came: float = field(default_factory=time.monotonic)
    started: float = 0.0

    @property
    def tokens(self) -> int:
        """About as many as prompt and output may take."""
        return len(self.request.text) // _CHARACTERS_PER_TOKEN + self.request.decoding.max_new_tokens

    def is_cancelled(self) -> bool:
        """Whether nobody waits any more."""
        return self.left

    def answer(self, result: Generation | SummarizerError) -> None:
        """Hands over the answer, on the caller's loop."""

        def settle() -> None:
            if self.future.done():
                return
            if isinstance(result, SummarizerError):
                self.future.set_exception(result)
            else:
                self.future.set_result(result)

        self._call(settle)

    def tell(self, text: str) -> None:
        """Hands ``on_text`` a piece of the text, on the caller's loop."""
        if self.on_text is not None:
            self._call(self.on_text, text)

    def _call(self, function: Callable[..., None], *arguments: str) -> None:
        try:
            self.loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the caller's loop has closed: nobody waits any more
            pass


class Waiting:
    """The queue: of each priority one request of each caller in turn, so that the chunks of a book hold nobody up.

    That is start-time fair queueing (Goyal, Vin and Cheng 1996) with requests of one size. Not safe to share between
    threads by itself.
    """

    def __init__(self) -> None:
        self._queues: tuple[list[Waiter], list[Waiter]] = ([], [])  # by priority, each by turn
        self._turns = [-1, -1]  # the last that were reached
        self._callers = count()
        self._interactive_streak = 0

    def __bool__(self) -> bool:
        return any(self._queues)

    def __iter__(self) -> Iterator[Waiter]:
        return (waiter for queue in self._queues for waiter in queue)

    def add(self, waiters: Sequence[Waiter]) -> None:
        """Takes the requests of one caller, all of one priority."""
        caller = next(self._callers)
        for nth, waiter in enumerate(waiters):
            waiter.caller = caller
            waiter.turn = self._turns[waiter.priority] + 1 + nth
            self._queues[waiter.priority].append(waiter)
        for queue in self._queues:
            queue.sort(key=lambda waiter: waiter.turn)

    def drop_left(self) -> None:
        """Forgets those who left."""
        for queue in self._queues:
            queue[:] = [waiter for waiter in queue if not waiter.left]

    def next(self, under_way: Counter[int], most: float) -> Waiter | None:
        """Whose turn it is, who stays; ``None`` where no one waits with less than ``most`` requests ``under_way``.

        These are how many each caller has.
        """
        free = ((each for each in queue if under_way[each.caller] < most) for queue in self._queues)
        interactive, batch = (next(each, None) for each in free)
        return batch if interactive is None or (batch and self._interactive_streak >= _FAIR_SHARE) else interactive

    def take(self, waiter: Waiter) -> None:
        """Removes the one whose turn it is."""
        self._queues[waiter.priority].remove(waiter)
        # Not back to that of one who had enough under way: whoever came meanwhile would be overtaken.
        self._turns[waiter.priority] = max(self._turns[waiter.priority], waiter.turn)
        self._interactive_streak = self._interactive_streak + 1 if waiter.priority == INTERACTIVE else 0
