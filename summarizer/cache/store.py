"""Summaries by key: an in-process LRU in front of SQLite. No fault of the disk ever fails a request."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from summarizer.settings import CacheSettings

_log = logging.getLogger("summarizer.cache")
_T = TypeVar("_T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS summaries (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, bytes INTEGER NOT NULL, written REAL NOT NULL, used REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS summaries_used ON summaries (used);
"""
_BUSY_TIMEOUT_S = 5.0
_PRUNE_EVERY = 64


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache holds, and how often it served. ``healthy`` is false while the disk is not used."""

    entries: int
    bytes: int
    hits: int
    misses: int
    path: Path
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
    """A row in memory; ``filed`` where it is in the file as well."""

    written: float
    text: str
    filed: bool


class SummaryCache:
    """Thread-safe, and shared by processes through the file. Opens it at the first use."""

    def __init__(self, settings: CacheSettings, *, clock: Callable[[], float] = time.time) -> None:
        self._settings, self._clock = settings, clock
        self._memory: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._healthy = settings.enabled
        self._hits = self._misses = self._puts = 0

    def get(self, key: str) -> dict[str, Any] | None:
        """The value of ``key``, or ``None``."""
        with self._lock:
            found = self._lookup(key) if self._settings.enabled else None
            if found is None:
                self._misses += 1
            else:
                self._hits += 1
            return found

    def _lookup(self, key: str) -> dict[str, Any] | None:
        oldest = self._clock() - self._settings.ttl_s
        held = self._memory.get(key)
        if held is not None and held.written > oldest and (self._touch(key) or not held.filed):
            self._memory.move_to_end(key)
            return dict(json.loads(held.text))
        self._memory.pop(key, None)

        def read(db: sqlite3.Connection) -> tuple[str, float] | None:
            row = db.execute("SELECT value, written FROM summaries WHERE key = ? AND written > ?", (key, oldest))
            found: tuple[str, float] | None = row.fetchone()
            return found

        row = self._guarded(read)
        if row is None:
            return None
        try:
            value = json.loads(row[0])
        except ValueError:
            value = None
        if not isinstance(value, dict):
            self._guarded(lambda db: db.execute("DELETE FROM summaries WHERE key = ?", (key,)))
            return None
        self._remember(key, _Held(row[1], row[0], True))
        self._touch(key)
        return value

    def _touch(self, key: str) -> bool:
        """Notes the use. False where another process has removed the row; what takes no writes serves all the same."""
        update = "UPDATE summaries SET used = ? WHERE key = ?"
        return self._guarded(lambda db: db.execute(update, (self._clock(), key)).rowcount) != 0

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Stores a JSON value; what is none, or is over the size bound by itself, is left out."""
        try:
            text, now = json.dumps(value, ensure_ascii=True, allow_nan=False), self._clock()
        except (TypeError, ValueError):
            text = ""
        if not text or len(text) > self._settings.max_bytes or not self._settings.enabled:
            return
        with self._lock:
            row = (key, text, len(text), now, now)
            insert = "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?)"
            filed = self._guarded(lambda db: db.execute(insert, row)) is not None
            self._remember(key, _Held(now, text, filed))
            self._puts += 1
            if self._puts % _PRUNE_EVERY == 1:
                self.prune()

    def stats(self) -> CacheStats:
        """Entries and bytes of the file, and what this process looked up."""
        with self._lock:
            query = "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM summaries"
            row = self._guarded(lambda db: db.execute(query).fetchone()) if self._settings.enabled else None
            entries, size = row or (len(self._memory), sum(len(held.text) for held in self._memory.values()))
            return CacheStats(entries, size, self._hits, self._misses, self._settings.path, self._healthy)

    def clear(self) -> int:
        """Removes every entry; returns how many."""
        with self._lock:
            held = len(self._memory)
            self._memory.clear()
            if not self._settings.enabled:
                return 0
            return self._guarded(lambda db: db.execute("DELETE FROM summaries").rowcount) or held

    def prune(self) -> int:
        """Removes what is over age, then the least recently used until the size bound holds; returns how many."""

        def remove(db: sqlite3.Connection) -> int:
            oldest = self._clock() - self._settings.ttl_s
            count = db.execute("DELETE FROM summaries WHERE written <= ?", (oldest,)).rowcount
            return (
                count
                + db.execute(
                    "DELETE FROM summaries WHERE key IN (SELECT key FROM (SELECT key, SUM(bytes) OVER "
                    "(ORDER BY used DESC, key) AS total FROM summaries) WHERE total > ?)",
                    (self._settings.max_bytes,),
                ).rowcount
            )

        with self._lock:
            return self._guarded(remove) or 0

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _remember(self, key: str, held: _Held) -> None:
        self._memory[key] = held
        self._memory.move_to_end(key)
        while len(self._memory) > self._settings.memory_entries:
            self._memory.popitem(last=False)

    def _guarded(self, work: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """``work`` on the file; a corrupt file is set aside and begun anew, any other fault is said once."""
        for attempt in (1, 2):
            try:
                if self._connection is None:
                    self._connection = self._open()
                result = work(self._connection)
                self._healthy = True
                return result
            except (sqlite3.Error, OSError, ValueError) as error:  # ValueError: a key that is no UTF-8
                corrupt = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
                if corrupt and attempt == 1 and self._set_aside():
                    continue
                if self._healthy:
                    _log.warning("the cache file cannot be used (%s): going on in memory", error)
                self._healthy = False
                return None
        return None

    def _open(self) -> sqlite3.Connection:
        self._settings.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._settings.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _set_aside(self) -> bool:
        path = self._settings.path
        self.close()
        try:
            path.replace(path.with_name(path.name + ".corrupt"))
            for suffix in ("-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        except OSError:
            return False
        _log.warning("the cache file was corrupt: set aside as %s.corrupt and begun anew", path.name)
        return True
