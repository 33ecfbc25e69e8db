"""The shelf in a file: SQLite, shared by the processes of one machine."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from summarizer.cache.shelf import Kept, ShelfFault, Size
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
_MAGIC = b"SQLite format 3\x00"


class SqliteShelf:
    """A :class:`~summarizer.cache.shelf.Shelf`. A corrupt database is set aside and begun anew.

    What is no database, or another program's, was meant for something else: it stays as it is, and nothing is cached.
    """

    def __init__(self, settings: CacheSettings, clock: Callable[[], float]) -> None:
        self._settings, self._clock = settings, clock
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0  # of the file that was opened

    @property
    def place(self) -> str:
        """The file's path."""
        return str(self._settings.path)

    def read(self, key: str) -> Kept | None:
        """The text of ``key``; what takes no writes serves all the same."""
        query = "SELECT value, written FROM summaries WHERE key = ? AND written > ?"
        row = self._run(lambda db: db.execute(query, (key, self._oldest())).fetchone())
        if row is None:
            return None
        with suppress(ShelfFault):
            self.touch(key)
        return Kept(row[0], row[1] + self._settings.ttl_s)

    def write(self, key: str, text: str) -> None:
        """Keeps a text from now on."""
        now = self._clock()
        row = (key, text, len(text), now, now)
        self._run(lambda db: db.execute("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?)", row))

    def touch(self, key: str) -> bool:
        """Notes that ``key`` was used."""
        update = "UPDATE summaries SET used = ? WHERE key = ?"
        return self._run(lambda db: db.execute(update, (self._clock(), key)).rowcount) != 0

    def remove(self, key: str) -> None:
        """Takes one text out."""
        self._run(lambda db: db.execute("DELETE FROM summaries WHERE key = ?", (key,)))

    def size(self) -> Size:
        """Counts the rows."""
        query = "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM summaries"
        return Size(*self._run(lambda db: db.execute(query).fetchone()))

    def clear(self) -> int:
        """Takes all texts out; returns how many."""

        def remove(db: sqlite3.Connection) -> int:
            count = db.execute("DELETE FROM summaries").rowcount
            _empty_log(db)
            return count

        return self._run(remove)

    def prune(self) -> int:
        """Removes what is over age, then the least recently used until the size bound holds; returns how many."""
        over = (
            "DELETE FROM summaries WHERE key IN (SELECT key FROM (SELECT key, SUM(bytes) OVER "
            "(ORDER BY used DESC, key) AS total FROM summaries) WHERE total > ?)"
        )

        def remove(db: sqlite3.Connection) -> int:
            count = db.execute("DELETE FROM summaries WHERE written <= ?", (self._oldest(),)).rowcount
            count += db.execute(over, (self._settings.max_bytes,)).rowcount
            _empty_log(db)
            return count

        return self._run(remove)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _oldest(self) -> float:
        return self._clock() - self._settings.ttl_s

    def _run(self, work: Callable[[sqlite3.Connection], _T], *, mend: bool = True) -> _T:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                return work(self._connection)
            except (sqlite3.Error, OSError, ValueError) as error:  # ValueError: a key that is no UTF-8
                corrupt = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
                if corrupt and mend and self._set_aside():
                    return self._run(work, mend=False)
                raise ShelfFault(f"the cache file cannot be used ({error})") from error

    def _open(self) -> sqlite3.Connection:
        self._settings.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._settings.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        self._inode = self._settings.path.stat().st_ino
        try:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if tables and "summaries" not in tables:
                raise ValueError("it is another program's database")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA secure_delete = ON")  # what is cleared is gone from the file as well
            connection.executescript(_SCHEMA)
        except (sqlite3.Error, ValueError):
            connection.close()
            raise
        return connection

    def _set_aside(self) -> bool:
        path = self._settings.path
        self.close()
        aside = path.with_name(f"{path.name}.corrupt")
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_ino != self._inode:
                    return True  # another process has begun it anew
                if file.read(len(_MAGIC)) != _MAGIC:
                    return False
            if aside.exists():
                aside = path.with_name(f"{path.name}.corrupt-{int(self._clock())}")
            path.replace(aside)
            for suffix in ("-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        except OSError:
            return False
        _log.warning("the cache file was corrupt: set aside as %s and begun anew", aside.name)
        return True


def _empty_log(db: sqlite3.Connection) -> None:
    """Empties the write-ahead log, where removed texts stand as long as another process has the file open."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
