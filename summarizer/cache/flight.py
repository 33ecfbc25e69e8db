"""Single-flight: equal requests at once share one piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")


@dataclass(slots=True)
class _Flight(Generic[_T]):
    task: asyncio.Task[_T] | None = None
    waiting: int = 0
    told: str = ""
    listeners: list[Callable[[str], None]] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.told += text
        for listener in self.listeners:
            listener(text)


class SingleFlight(Generic[_T]):
    """Work under way, by key. One who leaves does not take the others with it; when the last leaves, it stops."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[_T]] = {}

    async def run(
        self,
        key: str,
        work: Callable[[Callable[[str], None] | None], Coroutine[Any, Any, _T]],
        on_text: Callable[[str], None] | None = None,
    ) -> tuple[_T, bool]:
        """The result of ``work``, and whether it was another's. Raises what ``work`` raises.

        ``on_text`` hears what the work tells, from the beginning; the work is given nobody to tell where the first who
        asked did not want to hear.
        """
        flight = self._flights.get(key)
        joined = flight is not None
        if flight is None:
            flight = self._flights[key] = _Flight()
            flight.task = asyncio.ensure_future(work(flight.tell if on_text else None))
            flight.task.add_done_callback(lambda _: self._land(key, flight))
        assert flight.task is not None
        flight.waiting += 1
        if on_text is not None:
            if flight.told:
                on_text(flight.told)
            flight.listeners.append(on_text)
        try:
            return await asyncio.shield(flight.task), joined
        finally:
            flight.waiting -= 1
            if on_text is not None:
                flight.listeners.remove(on_text)
            if not flight.waiting and not flight.task.done():
                self._land(key, flight)
                flight.task.cancel()

    def _land(self, key: str, flight: _Flight[_T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
