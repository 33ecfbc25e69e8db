"""The summary cache: an in-process LRU in front of one SQLite file. A fault in it never fails a request.

Values are JSON objects, never pickles. Reads never write: what was used is noted in memory and written with the next
``put`` (or ``close``), so that the least recently used entries go first when the file reaches its bound.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from summarizer.settings import CacheSettings

try:
    import fcntl
except ImportError:  # Windows: two processes that rebuild at the same instant may each move a file aside
    fcntl = None  # type: ignore[assignment]

_T = TypeVar("_T")
_log = logging.getLogger("summarizer.cache")

_BUSY_TIMEOUT_S = 2.0
_RETRY_S = 60.0  # how long an unusable file is left alone before it is tried again
_CLEARED_CHECK_S = 1.0  # how often the memory entries ask whether another process has cleared the file
_MAX_PENDING = 256

_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}

# The totals are kept by triggers, so they are right whichever process writes, and cost no scan.
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS summaries_v1 (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL, created REAL NOT NULL, used REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS summaries_v1_used ON summaries_v1 (used);
CREATE INDEX IF NOT EXISTS summaries_v1_created ON summaries_v1 (created);
CREATE TABLE IF NOT EXISTS totals_v1 (
    id INTEGER PRIMARY KEY CHECK (id = 1), entries INTEGER NOT NULL, bytes INTEGER NOT NULL, generation INTEGER NOT NULL
);
INSERT OR IGNORE INTO totals_v1 VALUES (1, 0, 0, random());
CREATE TRIGGER IF NOT EXISTS summaries_v1_insert AFTER INSERT ON summaries_v1 BEGIN
    UPDATE totals_v1 SET entries = entries + 1, bytes = bytes + new.size;
END;
CREATE TRIGGER IF NOT EXISTS summaries_v1_delete AFTER DELETE ON summaries_v1 BEGIN
    UPDATE totals_v1 SET entries = entries - 1, bytes = bytes - old.size;
END;
CREATE TRIGGER IF NOT EXISTS summaries_v1_update AFTER UPDATE OF size ON summaries_v1 BEGIN
    UPDATE totals_v1 SET bytes = bytes + new.size - old.size;
END;
COMMIT;
"""


def make_key(*fields: str) -> str:
    """SHA-256 (hex) over the fields, each preceded by its length, so that no two lists of fields share a key."""
    digest = hashlib.sha256()
    for field in fields:
        data = field.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache holds, and what this process asked of it (``hits`` and ``misses`` are not kept in the file)."""

    entries: int
    bytes: int
    hits: int
    misses: int
    path: Path | None
    """The SQLite file; ``None`` where the cache is disabled."""
    healthy: bool
    """False while the file cannot be used and the entries lie in memory only."""


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes
    created: float


class SummaryCache:
    """Summaries by key, bounded in age and size, shared by processes through one SQLite file. Safe to use from threads.

    Nothing is opened before the first use. No method raises for a fault of the disk or the file: a corrupt file is
    moved aside to ``<name>.corrupt`` and made anew; otherwise the cache goes on in memory and says so once.
    """

    def __init__(self, settings: CacheSettings, *, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._path = settings.path
        self._clock = clock
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # device and inode of the file that is (or was last) open
        self._memory: OrderedDict[str, _Entry] = OrderedDict()
        self._pending: dict[str, float] = {}  # key -> when it was last used, not yet written
        self._warned: set[str] = set()
        self._active = settings.enabled
        self._healthy = True
        self._retry_at = 0.0
        self._last_used = 0.0
        self._generation: int | None = None
        self._generation_read_at = 0.0
        self._hits = self._misses = 0

    def get(self, key: str) -> dict[str, Any] | None:
        """The value under ``key``, a fresh copy, or ``None`` where there is none, it is too old or cannot be read."""
        with self._lock:
            if not self._active:
                return None
            now = self._clock()
            if abs(now - self._generation_read_at) >= _CLEARED_CHECK_S:
                self._disk(self._read_generation, None)
            entry = self._memory.get(key) or self._disk(lambda db: self._read(db, key), None)
            value = None
            if entry is not None and now - entry.created < self._settings.ttl_s:
                value = _decode(entry.data)
                if value is None:
                    self._disk(lambda db: self._delete(db, [key]), 0)
            if entry is None or value is None:
                self._memory.pop(key, None)
                self._misses += 1
                return None
            self._hits += 1
            self._remember(key, entry)
            self._pending[key] = self._tick()
            if len(self._pending) >= _MAX_PENDING:
                self._disk(self._write_pending, None)
                self._pending.clear()
            return value

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Stores ``value`` (JSON only). What is not JSON, or larger than the whole bound, is not stored."""
        with self._lock:
            if not self._active:
                return
            try:
                data = json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
            except (TypeError, ValueError, RecursionError) as error:
                self._warn("value", "A summary is not cached, it is not JSON (%s)", type(error).__name__)
                return
            if len(data) + len(key) > self._settings.max_bytes:
                return
            entry = _Entry(data, self._clock())
            self._remember(key, entry)
            self._pending.pop(key, None)
            self._disk(lambda db: self._write(db, key, entry), None)

    def stats(self) -> CacheStats:
        """Counts and sizes; looks at the file where there is one, and makes none."""
        with self._lock:
            if not self._active:
                return CacheStats(0, 0, self._hits, self._misses, self._stats_path, self._settings.enabled)
            memory = len(self._memory), sum(len(key) + len(entry.data) for key, entry in self._memory.items())
            entries, size = self._disk(_totals, memory, create=False)
            return CacheStats(entries, size, self._hits, self._misses, self._stats_path, self._healthy)

    def clear(self) -> int:
        """Removes every entry, for all processes that use the file, and returns how many there were."""
        with self._lock:
            in_memory = len(self._memory)
            self._memory.clear()
            self._pending.clear()
            return self._disk(self._clear, in_memory, create=False) if self._active else 0

    def prune(self) -> int:
        """Removes what is too old or over the size bound, gives the space back, and returns how many went."""
        with self._lock:
            if not self._active:
                return 0
            oldest = self._clock() - self._settings.ttl_s
            expired = [key for key, entry in self._memory.items() if entry.created <= oldest]
            for key in expired:
                del self._memory[key]
            return self._disk(self._prune, len(expired), create=False)

    def close(self) -> None:
        """Writes what is pending and closes the file. Later calls find nothing and store nothing."""
        with self._lock:
            if self._active and self._db is not None:
                self._disk(self._write_pending, None, create=False)
            self._active = False
            self._memory.clear()
            self._pending.clear()
            self._drop_connection()

    @property
    def _stats_path(self) -> Path | None:
        return self._path if self._settings.enabled else None

    def _tick(self) -> float:
        """The time, but never the same twice: the order of use is kept even within one tick of the clock."""
        self._last_used = max(self._clock(), self._last_used + 1e-5)
        return self._last_used

    def _remember(self, key: str, entry: _Entry) -> None:
        self._memory[key] = entry
        self._memory.move_to_end(key)
        while len(self._memory) > self._settings.memory_entries:
            self._memory.popitem(last=False)

    # The file: each of these runs under _disk, which takes the faults.

    def _read(self, db: sqlite3.Connection, key: str) -> _Entry | None:
        row = db.execute("SELECT CAST(value AS BLOB), created FROM summaries_v1 WHERE key = ?", (key,)).fetchone()
        return _Entry(bytes(row[0]), float(row[1])) if row else None

    def _read_generation(self, db: sqlite3.Connection) -> None:
        self._generation_read_at = self._clock()
        (generation,) = db.execute("SELECT generation FROM totals_v1").fetchone()
        if self._generation is not None and generation != self._generation:
            self._memory.clear()
            self._pending.clear()
        self._generation = generation

    def _write(self, db: sqlite3.Connection, key: str, entry: _Entry) -> None:
        with db:
            db.execute("BEGIN IMMEDIATE")
            self._update_used(db)
            db.execute(
                "INSERT INTO summaries_v1 VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
                "value = excluded.value, size = excluded.size, created = excluded.created, used = excluded.used",
                (key, entry.data, len(key) + len(entry.data), entry.created, self._tick()),
            )
            gone = self._evict(db, keep=key)
        self._pending.clear()
        for old in gone:
            self._memory.pop(old, None)

    def _write_pending(self, db: sqlite3.Connection) -> None:
        with db:
            db.execute("BEGIN IMMEDIATE")
            self._update_used(db)
        self._pending.clear()

    def _update_used(self, db: sqlite3.Connection) -> None:
        rows = [(used, key) for key, used in self._pending.items()]
        db.executemany("UPDATE summaries_v1 SET used = max(used, ?) WHERE key = ?", rows)

    def _evict(self, db: sqlite3.Connection, keep: str = "") -> list[str]:
        """Inside a transaction: removes the least recently used until the bound holds; what is too old goes first."""
        gone: list[str] = []
        if _totals(db)[1] > self._settings.max_bytes:
            oldest = self._clock() - self._settings.ttl_s
            gone += [
                row[0] for row in db.execute("DELETE FROM summaries_v1 WHERE created <= ? RETURNING key", (oldest,))
            ]
        excess = _totals(db)[1] - self._settings.max_bytes
        used: list[tuple[str]] = []
        for key, size in db.execute("SELECT key, size FROM summaries_v1 WHERE key != ? ORDER BY used", (keep,)):
            if excess <= 0:
                break
            excess -= size
            used.append((key,))
        db.executemany("DELETE FROM summaries_v1 WHERE key = ?", used)
        return gone + [key for (key,) in used]

    def _delete(self, db: sqlite3.Connection, keys: list[str]) -> int:
        return db.executemany("DELETE FROM summaries_v1 WHERE key = ?", [(key,) for key in keys]).rowcount

    def _clear(self, db: sqlite3.Connection) -> int:
        with db:
            db.execute("BEGIN IMMEDIATE")
            count = db.execute("DELETE FROM summaries_v1").rowcount
            db.execute("UPDATE totals_v1 SET entries = 0, bytes = 0, generation = random()")
        self._read_generation(db)
        _shrink(db)
        return count

    def _prune(self, db: sqlite3.Connection) -> int:
        with db:
            db.execute("BEGIN IMMEDIATE")
            self._update_used(db)
            oldest = self._clock() - self._settings.ttl_s
            count = db.execute("DELETE FROM summaries_v1 WHERE created <= ?", (oldest,)).rowcount
            gone = self._evict(db)
        self._pending.clear()
        for key in gone:
            self._memory.pop(key, None)
        _shrink(db)
        return count + len(gone)

    # Faults.

    def _disk(self, work: Callable[[sqlite3.Connection], _T], default: _T, *, create: bool = True) -> _T:
        """Runs ``work`` on the file, once more after a rebuild; ``default`` where the file cannot be used."""
        for _ in range(2):
            try:
                db = self._open(create)
                if db is None:
                    return default
                result = work(db)
            except (sqlite3.Error, OSError, ValueError, TypeError) as error:
                if not self._mend(error):
                    return default
            else:
                self._healthy = True
                return result
        return default

    def _open(self, create: bool) -> sqlite3.Connection | None:
        if self._db is not None:
            return self._db
        if self._clock() < self._retry_at or (not create and not self._path.exists()):
            return None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _identity(self._path)
        db = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            db.execute(f"PRAGMA busy_timeout = {int(_BUSY_TIMEOUT_S * 1000)}")
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before WAL: the first write fixes it
            _use_wal(db)
            db.execute("PRAGMA synchronous = NORMAL")
            db.executescript(_SCHEMA)
            self._file = _identity(self._path)
            self._read_generation(db)
        except BaseException:
            db.close()
            raise
        self._db = db
        return db

    def _mend(self, error: Exception) -> bool:
        """Says once what is wrong; True where the file was rebuilt and is worth another try."""
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        name = getattr(error, "sqlite_errorname", None) or type(error).__name__
        if isinstance(error, UnicodeError):  # a key that is no key: nothing is wrong with the file
            return False
        self._healthy = False
        if code in _PASSING:
            self._warn("passing", "The summary cache %s could not be used for now (%s)", self._path, name)
            return False
        self._drop_connection()
        if code in _CORRUPT:
            try:
                self._move_aside()
            except OSError as failure:
                name = f"{name}, then {type(failure).__name__}"
            else:
                self._warn("corrupt", "The summary cache %s was corrupt (%s) and is made anew", self._path, name)
                return True
        self._retry_at = self._clock() + _RETRY_S
        self._warn("unusable", "The summary cache %s cannot be used (%s): memory only", self._path, name)
        return False

    def _move_aside(self) -> None:
        with _rebuild_lock(self._path):
            if _identity(self._path) != self._file:
                return  # another process has made it anew already
            self._path.replace(self._path.with_name(self._path.name + ".corrupt"))
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _drop_connection(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            try:
                db.close()
            except sqlite3.Error as error:
                _log.debug("Closing the summary cache failed (%s)", type(error).__name__)

    def _warn(self, kind: str, message: str, *values: object) -> None:
        if kind not in self._warned:
            self._warned.add(kind)
            _log.warning(message, *values)


def _decode(data: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _totals(db: sqlite3.Connection) -> tuple[int, int]:
    entries, size = db.execute("SELECT entries, bytes FROM totals_v1").fetchone()
    return int(entries), int(size)


def _shrink(db: sqlite3.Connection) -> None:
    # executescript runs each to its end; execute would stop after the first page.
    db.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")


def _use_wal(db: sqlite3.Connection) -> None:
    """Switches to WAL; SQLite does not wait here when another process does the same, so this does."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def _rebuild_lock(path: Path) -> Iterator[None]:
    """One process at a time moves the file aside."""
    with path.with_name(path.name + ".lock").open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
