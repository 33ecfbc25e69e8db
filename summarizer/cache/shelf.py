"""What a summary cache keeps its texts on: the contract of the file and of the shared server."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class ShelfFault(Exception):
    """The shelf cannot be used now. The message says why, and holds neither a password nor a word of a text."""


class Kept(NamedTuple):
    """A text, and until when it may be served (the clock's seconds)."""

    text: str
    until: float


class Size(NamedTuple):
    """What a shelf holds."""

    entries: int
    bytes: int


class Shelf(Protocol):
    """Texts by key, for all processes that use the same place. Thread-safe, and opened at the first use.

    All but :meth:`close` raise :class:`ShelfFault` where the place cannot be used, and may be called again.
    """

    @property
    def place(self) -> str:
        """Where it is, for people: no password."""

    def read(self, key: str) -> Kept | None:
        """The text of ``key`` that is not over age, which counts as used; ``None`` where there is none."""

    def write(self, key: str, text: str) -> None:
        """Keeps a text from now on."""

    def touch(self, key: str) -> bool:
        """Notes that ``key`` was used; False where it is not, or no longer, there."""

    def remove(self, key: str) -> None:
        """Takes one text out."""

    def size(self) -> Size:
        """Counts the texts."""

    def clear(self) -> int:
        """Takes all texts out; returns how many."""

    def prune(self) -> int:
        """Takes out what is over age or over the size bound, where the place does not see to it; returns how many."""

    def close(self) -> None:
        """Closes the place."""
