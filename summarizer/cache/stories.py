"""The rows of a story index in SQLite: articles, and the keys by which their like are found."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, story INTEGER NOT NULL, published REAL NOT NULL,
    content BLOB NOT NULL, signature BLOB NOT NULL, keys BLOB NOT NULL, decision TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS articles_story ON articles (story, number);
CREATE INDEX IF NOT EXISTS articles_published ON articles (published);
CREATE TABLE IF NOT EXISTS keys (key INTEGER, number INTEGER, PRIMARY KEY (key, number)) WITHOUT ROWID;
"""
_BUSY_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """One row; ``content``, ``signature`` and ``decision`` are the index's own business."""

    id: str
    story: int
    published: float
    content: bytes
    signature: bytes
    decision: str
    number: int = 0


class StoryRows:
    """The table of an index. Not thread-safe by itself; changes last from :meth:`commit` on."""

    def __init__(self, path: Path | None) -> None:
        """Opens ``path``, or a place in memory."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path or ":memory:", timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA cache_size = -131072")  # KiB
        self._connection.executescript(_SCHEMA)

    def get(self, name: str) -> str | None:
        """A value that belongs to the index as a whole."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, name: str, value: str) -> None:
        """Sets such a value."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def insert(self, article: StoredArticle, keys: Sequence[int]) -> None:
        """Adds an article under its keys (signed 64-bit numbers)."""
        cursor = self._connection.execute(
            "INSERT INTO articles (id, story, published, content, signature, decision, keys)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                article.id,
                article.story,
                article.published,
                article.content,
                article.signature,
                article.decision,
                array("q", keys).tobytes(),
            ),
        )
        number = cursor.lastrowid
        self._connection.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", ((key, number) for key in keys))

    def delete(self, number: int) -> None:
        """Takes an article out, and its keys."""
        (keys,) = self._connection.execute("SELECT keys FROM articles WHERE number = ?", (number,)).fetchone()
        self._connection.execute("DELETE FROM articles WHERE number = ?", (number,))
        self._connection.executemany(
            "DELETE FROM keys WHERE key = ? AND number = ?", ((key, number) for key in array("q", keys))
        )

    def latest(self, key: int, most: int) -> list[int]:
        """The numbers of the last articles with that key."""
        rows = self._connection.execute(
            "SELECT number FROM keys WHERE key = ? ORDER BY number DESC LIMIT ?", (key, most)
        )
        return [number for (number,) in rows]

    def by_id(self, id: str) -> StoredArticle | None:
        """The article of that id."""
        return next(self._select("WHERE id = ?", (id,)), None)

    def by_number(self, number: int) -> StoredArticle:
        """The article of that number."""
        return next(self._select("WHERE number = ?", (number,)))

    def signature(self, number: int) -> tuple[int, bytes]:
        """Story and signature of the article of that number."""
        row = self._connection.execute("SELECT story, signature FROM articles WHERE number = ?", (number,)).fetchone()
        return int(row[0]), bytes(row[1])

    def numbers(self, story: int, most: int) -> list[int]:
        """The numbers of the last members of a story."""
        rows = self._connection.execute(
            "SELECT number FROM articles WHERE story = ? ORDER BY number DESC LIMIT ?", (story, most)
        )
        return [number for (number,) in rows]

    def before(self, published: float) -> list[StoredArticle]:
        """The articles older than that."""
        return list(self._select("WHERE published < ?", (published,)))

    def all(self) -> Iterator[StoredArticle]:
        """Every article, in the order of arrival."""
        return self._select("ORDER BY number", ())

    def members(self) -> Iterator[tuple[int, str]]:
        """Story and id of every article, in the order of arrival."""
        yield from self._connection.execute("SELECT story, id FROM articles ORDER BY number")

    def newest(self) -> float:
        """When the newest article was published, in seconds since 1970; minus infinity where there is none."""
        (newest,) = self._connection.execute("SELECT max(published) FROM articles").fetchone()
        return float("-inf") if newest is None else float(newest)

    def count(self) -> int:
        """How many articles there are."""
        (count,) = self._connection.execute("SELECT count(*) FROM articles").fetchone()
        return int(count)

    def clear(self) -> None:
        """Takes all articles out."""
        self._connection.execute("DELETE FROM articles")
        self._connection.execute("DELETE FROM keys")

    def commit(self) -> None:
        """Makes the changes last."""
        self._connection.commit()

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Undoes the changes of the block where it fails, and no others."""
        if not self._connection.in_transaction:  # else the savepoint's end would be a commit
            self._connection.execute("BEGIN")
        self._connection.execute("SAVEPOINT block")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO block")
            raise
        finally:
            self._connection.execute("RELEASE block")

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _select(self, rest: str, values: Sequence[object]) -> Iterator[StoredArticle]:
        query = f"SELECT id, story, published, content, signature, decision, number FROM articles {rest}"
        for row in self._connection.execute(query, values):
            yield StoredArticle(*row)
