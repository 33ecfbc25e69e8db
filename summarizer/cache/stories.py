"""The rows of a story index in SQLite: articles, and the keys by which their like are found."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summarizer.errors import InputError

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
    """The table of an index. Not thread-safe by itself; changes last from :meth:`commit` on.

    Raises:
        InputError: From any method: the file is no index, or cannot be read or written.
    """

    def __init__(self, path: Path | None) -> None:
        """Opens ``path``, or a place in memory."""
        self._name = "the story index" if path is None else str(path)
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path or ":memory:", timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
        except OSError as error:
            raise InputError(f"{self._name}: {error.strerror or 'cannot be written'}.") from error
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA cache_size = -131072")  # KiB
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            self._connection.close()
            raise self._unusable(error) from error

    def get(self, name: str) -> str | None:
        """A value that belongs to the index as a whole."""
        return next((str(value) for (value,) in self._rows("SELECT value FROM meta WHERE name = ?", name)), None)

    def put(self, name: str, value: str) -> None:
        """Sets such a value."""
        self._change("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)

    def insert(self, article: StoredArticle, keys: Sequence[int]) -> None:
        """Adds an article under its keys (signed 64-bit numbers)."""
        cursor = self._change(
            "INSERT INTO articles (id, story, published, content, signature, decision, keys)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            article.id,
            article.story,
            article.published,
            article.content,
            article.signature,
            article.decision,
            array("q", keys).tobytes(),
        )
        number = cursor.lastrowid
        self._change_many("INSERT OR IGNORE INTO keys VALUES (?, ?)", ((key, number) for key in keys))

    def delete(self, number: int) -> None:
        """Takes an article out, and its keys."""
        ((keys,),) = self._rows("SELECT keys FROM articles WHERE number = ?", number)
        self._change("DELETE FROM articles WHERE number = ?", number)
        self._change_many("DELETE FROM keys WHERE key = ? AND number = ?", ((key, number) for key in array("q", keys)))

    def latest(self, key: int, most: int) -> list[int]:
        """The numbers of the last articles with that key."""
        rows = self._rows("SELECT number FROM keys WHERE key = ? ORDER BY number DESC LIMIT ?", key, most)
        return [number for (number,) in rows]

    def by_id(self, id: str) -> StoredArticle | None:
        """The article of that id."""
        return next(self._articles("WHERE id = ?", id), None)

    def by_number(self, number: int) -> StoredArticle:
        """The article of that number."""
        return next(self._articles("WHERE number = ?", number))

    def signature(self, number: int) -> tuple[int, bytes]:
        """Story and signature of the article of that number."""
        story, signature = next(self._rows("SELECT story, signature FROM articles WHERE number = ?", number))
        return int(story), bytes(signature)

    def numbers(self, story: int, most: int) -> list[int]:
        """The numbers of the last members of a story."""
        rows = self._rows("SELECT number FROM articles WHERE story = ? ORDER BY number DESC LIMIT ?", story, most)
        return [number for (number,) in rows]

    def before(self, published: float) -> list[StoredArticle]:
        """The articles older than that."""
        return list(self._articles("WHERE published < ?", published))

    def all(self) -> Iterator[StoredArticle]:
        """Every article, in the order of arrival."""
        return self._articles("ORDER BY number")

    def members(self) -> Iterator[tuple[int, str]]:
        """Story and id of every article, in the order of arrival."""
        return self._rows("SELECT story, id FROM articles ORDER BY number")

    def newest(self) -> float:
        """When the newest article was published, in seconds since 1970; minus infinity where there is none."""
        ((newest,),) = self._rows("SELECT max(published) FROM articles")
        return float("-inf") if newest is None else float(newest)

    def count(self) -> int:
        """How many articles there are."""
        ((count,),) = self._rows("SELECT count(*) FROM articles")
        return int(count)

    def clear(self) -> None:
        """Takes all articles out."""
        self._change("DELETE FROM articles")
        self._change("DELETE FROM keys")

    def commit(self) -> None:
        """Makes the changes last."""
        try:
            self._connection.commit()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Undoes the changes of the block where it fails, and no others."""
        if not self._connection.in_transaction:  # else the savepoint's end would be a commit
            self._change("BEGIN")
        self._change("SAVEPOINT block")
        try:
            yield
        except BaseException:
            self._change("ROLLBACK TO block")
            raise
        finally:
            self._change("RELEASE block")

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _articles(self, rest: str, *values: object) -> Iterator[StoredArticle]:
        query = f"SELECT id, story, published, content, signature, decision, number FROM articles {rest}"
        for row in self._rows(query, *values):
            yield StoredArticle(*row)

    def _rows(self, query: str, *values: object) -> Iterator[Any]:
        try:
            yield from self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _change(self, statement: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _change_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> InputError:
        return InputError(f"{self._name}: this cannot be used as a story index ({error}).")
