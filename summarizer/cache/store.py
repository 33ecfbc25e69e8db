"""Summaries by key: an in-process LRU in front of a file or of a shared server. No fault of either fails a request."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from summarizer.cache.shelf import Kept, Shelf, ShelfFault, Size
from summarizer.cache.sqlite import SqliteShelf
from summarizer.errors import SettingsError
from summarizer.settings import CacheSettings

_log = logging.getLogger("summarizer.cache")

_PRUNE_EVERY = 64


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache holds, and how often it served. ``healthy`` is false while ``place`` cannot be used.

    ``place`` is the file's path, or the server's URL without its password.
    """

    entries: int
    bytes: int
    hits: int
    misses: int
    place: str
    healthy: bool


def make_key(*fields: str) -> str:
    """SHA-256 over the length-prefixed fields, so that no two lists of fields read alike."""
    digest = hashlib.sha256()
    for field in fields:
        data = field.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Held:
    """A text in memory; ``filed`` where it is on the shelf as well."""

    text: str
    until: float
    filed: bool


class SummaryCache:
    """Thread-safe, and shared by processes through the file or the server, which is opened at the first use.

    Raises:
        SettingsError: The settings name a server, and its URL cannot be used or the client library is not installed.
    """

    def __init__(self, settings: CacheSettings, *, clock: Callable[[], float] = time.time) -> None:
        self._settings, self._clock = settings, clock
        self._shelf = _shelf(settings, clock)
        self._memory: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.Lock()  # of the memory and the counters: nobody waits for another's answer of a server
        self._healthy, self._told = settings.enabled, ""
        self._hits = self._misses = self._puts = 0

    def get(self, key: str) -> dict[str, Any] | None:
        """The value of ``key``, or ``None``."""
        found = self._lookup(key) if self._settings.enabled else None
        with self._lock:
            if found is None:
                self._misses += 1
            else:
                self._hits += 1
        return found

    def _lookup(self, key: str) -> dict[str, Any] | None:
        held = self._memory.get(key)
        if held is not None and held.until > self._clock() and (not held.filed or self._touch(key)):
            self._remember(key, held)
            return dict(json.loads(held.text))
        with self._lock:
            self._memory.pop(key, None)
        kept: Kept | None = None
        with self._surviving():
            kept = self._shelf.read(key)
        if kept is None:
            return None
        try:
            value = json.loads(kept.text)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            with self._surviving():
                self._shelf.remove(key)
            return None
        self._remember(key, _Held(kept.text, kept.until, True))
        return value

    def _touch(self, key: str) -> bool:
        """Notes the use. False where another process has removed it; where that cannot be told it is served."""
        with self._surviving():
            return self._shelf.touch(key)
        return True

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Stores a JSON value; what is none, or is over the size bound by itself, is left out."""
        if not self._settings.enabled:
            return
        try:
            text = json.dumps(value, ensure_ascii=True, allow_nan=False)
        except (TypeError, ValueError):
            return
        if len(text) > self._settings.max_bytes:
            return
        filed = False
        with self._surviving():
            self._shelf.write(key, text)
            filed, self._told = True, ""
        self._remember(key, _Held(text, self._clock() + self._settings.ttl_s, filed))
        with self._lock:
            self._puts += 1
            is_due = self._puts % _PRUNE_EVERY == 1
        if is_due:
            self.prune()

    def stats(self) -> CacheStats:
        """Entries and bytes of the shelf, and what this process looked up."""
        with self._lock:
            size = Size(len(self._memory), sum(len(held.text) for held in self._memory.values()))
        if self._settings.enabled:
            with self._surviving():
                size = self._shelf.size()
        return CacheStats(*size, self._hits, self._misses, self._shelf.place, self._healthy)

    def clear(self) -> int:
        """Removes every entry; returns how many."""
        with self._lock:
            removed = len(self._memory)
            self._memory.clear()
        if self._settings.enabled:
            with self._surviving():
                removed = self._shelf.clear() or removed
        return removed

    def prune(self) -> int:
        """Removes what is over age or over the size bound, the least recently used first; returns how many."""
        with self._surviving():
            return self._shelf.prune()
        return 0

    def close(self) -> None:
        """Closes the file, or the connections."""
        self._shelf.close()

    def _remember(self, key: str, held: _Held) -> None:
        with self._lock:
            self._memory[key] = held
            self._memory.move_to_end(key)
            while len(self._memory) > self._settings.memory_entries:
                self._memory.popitem(last=False)

    @contextmanager
    def _surviving(self) -> Iterator[None]:
        """Ends where the shelf fails. It is said once, until a text has been stored again."""
        try:
            yield
            self._healthy = True
        except ShelfFault as fault:
            self._healthy = False
            if self._told != str(fault):
                self._told = str(fault)
                _log.warning("%s: going on in memory", fault)


def _shelf(settings: CacheSettings, clock: Callable[[], float]) -> Shelf:
    if settings.url is None or not settings.enabled:
        return SqliteShelf(settings, clock)
    try:
        from summarizer.cache.shared import RedisShelf  # an extra
    except ImportError as error:
        raise SettingsError(
            "A cache on a Redis or Valkey server needs the extra redis.", hint="pip install -e '.[redis]'"
        ) from error
    return RedisShelf(settings.url, settings.ttl_s, clock)
