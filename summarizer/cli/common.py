"""What all commands share."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from summarizer.errors import InputError, InputTooLong, UnsupportedContent
from summarizer.types import Article

if TYPE_CHECKING:
    from rich.progress import Progress

    from summarizer.settings import Settings

_LINES, _PAGES = (".jsonl", ".ndjson"), (".html", ".htm", ".xhtml")
_BEGINNING = 100  # bytes


def settings_from(
    model: str | None = None, engine: str | None = None, cache: bool = True, **server: object
) -> Settings:
    """The settings, with the flags that were given; ``server`` are those of its group (``None`` = not given)."""
    from summarizer.settings import load_settings

    flags: dict[str, object] = {"model": model, "engine": engine}
    flags["server"] = {name: value for name, value in server.items() if value is not None}
    if not cache:
        flags["cache"] = {"enabled": False}
    return load_settings(**flags)


def is_address(name: str) -> bool:
    """Whether this names something of the web, and no file."""
    return name.lower().startswith(("http://", "https://"))


def read_article(name: str, settings: Settings) -> Article:
    """The article of a text file or a page (HTML), at a path or at an address of the web; ``-`` is standard input.

    Raises:
        InputError: It cannot be read, fetched, or told from the rest of its page.
    """
    if is_address(name):
        return asyncio.run(_fetched(name, settings))
    return article_of(read_bytes(name), name, settings)


def article_of(data: bytes, name: str, settings: Settings) -> Article:
    """:func:`read_article` of what has been read already."""
    if name.lower().endswith(_PAGES) or _is_page(data):
        from summarizer.article.extract import extract

        return extract(data)
    return Article(_text(data, name, settings.max_characters))


def read_file(name: str, limit: int) -> str:
    """The text of a file, or of standard input for ``-``."""
    return _text(read_bytes(name), name, limit)


def read_bytes(name: str) -> bytes:
    """What stands in a file, or comes from standard input for ``-``."""
    with _reading(name) as stream:
        return stream.read()


async def _fetched(url: str, settings: Settings) -> Article:
    from summarizer.article.fetch import Fetcher
    from summarizer.article.reading import article_of

    async with Fetcher(settings.fetch) as fetcher:
        return article_of(await fetcher.get(url))


def _is_page(data: bytes) -> bool:
    if b"<" not in data[:_BEGINNING]:
        return False
    from summarizer.article.reading import is_page  # here: it loads what reads pages

    return is_page(data)


@contextmanager
def _reading(name: str) -> Iterator[BinaryIO]:
    if name == "-" and sys.stdin is None:  # as a shell's <&- leaves it
        raise InputError("-: there is no standard input.")
    if name == "-" and sys.stdin.closed:
        raise InputError("-: standard input can be read only once.")
    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as stream:
            yield stream
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or 'cannot be read'}.") from error


def _text(data: bytes, name: str, limit: int) -> str:
    if len(data) > 4 * limit:
        raise InputTooLong(f"{name}: the article has over {limit:,} characters.")
    if b"\x00" in data:
        raise UnsupportedContent(f"{name}: this is binary data, not text.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnsupportedContent(
            f"{name}: this is not UTF-8 (byte {error.start}).", hint="Convert it first, for example with iconv."
        ) from None


def json_lines(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a .jsonl file, or of standard input for ``-``, each with its place (``file:line``)."""
    with _reading(name) as stream:
        yield from _objects(stream, name)


def _objects(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        try:
            values = json.loads(line)
        except ValueError as error:
            raise UnsupportedContent(f"{place}: this is not a line of JSON ({error}).") from None
        except RecursionError:
            raise UnsupportedContent(f"{place}: this JSON is nested too deeply.") from None
        if not isinstance(values, dict):
            raise UnsupportedContent(f"{place}: this is no JSON object.")
        yield place, values


@dataclass(frozen=True, slots=True)
class Given:
    """An article of the command line: what it is called, by what it is known again, and when it was published."""

    name: str
    article: Article
    id: str | None = None
    published: datetime | None = None


def read_articles(files: list[str] | None, limit: int) -> list[Given]:
    """The articles of text files and of .jsonl files of ``{text, title, id, url, date}`` (``-``: such lines)."""
    given: list[Given] = []
    for name in files or ["-"]:
        if name == "-" or name.lower().endswith(_LINES):
            given += articles_of(read_bytes(name), name, limit)
        else:
            article = Article(read_file(name, limit))
            given.append(Given(name, article, _id(name, article)))
    return given


def articles_of(lines: bytes, name: str, limit: int) -> list[Given]:
    """The articles of lines of ``{text, title, id, url, date}`` that have been read already."""
    return [_article(values, place, limit) for place, values in _objects(BytesIO(lines), name)]


def _article(values: dict[str, Any], place: str, limit: int) -> Given:
    if not isinstance(values.get("text"), str):
        raise UnsupportedContent(f"{place}: there is no text.", hint='Each line is an object with a "text".')
    if len(values["text"]) > limit:
        raise InputTooLong(f"{place}: the article has over {limit:,} characters.")
    title, url, date = (
        values.get(key) if isinstance(values.get(key), str) else None for key in ("title", "url", "date")
    )
    article = Article(values["text"], title, url)
    id = "" if values.get("id") is None else _printed(str(values["id"]))
    given = Given(id or place, article, id or _printed(url or "") or _id(place, article))
    if date:
        try:
            given = replace(given, published=_utc(datetime.fromisoformat(date)))
        except ValueError:
            raise UnsupportedContent(f"{place}: the date {date!r} is not in the form of ISO 8601.") from None
    return given


def _id(name: str, article: Article) -> str:
    """By what an article is known again that has no id of its own: the name alone may be another's tomorrow."""
    words = f"{article.title or ''}\n{article.text}".encode("utf-8", "surrogatepass")
    return f"{_printed(name)}#{hashlib.sha256(words).hexdigest()[:12]}"


def _printed(name: str) -> str:
    """The name as it is printed: half an emoji, or a byte that is no text, is a question mark."""
    return name.encode("utf-8", "replace").decode()


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def check_target(path: Path | None) -> None:
    """Whether a file can be written there, as far as that shows before the work of which it is the result.

    Raises:
        InputError: It cannot.
    """
    if path is None:
        return
    try:
        if not path.resolve().parent.is_dir():
            raise InputError(f"{path}: there is no such folder.")
        if path.is_dir():
            raise InputError(f"{path}: this is a folder.")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise InputError(f"{path}: this cannot be written.")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be written'}.") from error


def write_file(path: Path, text: str) -> None:
    """Writes a text.

    Raises:
        InputError: That is not possible.
    """
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be written'}.") from error


def progress_bar() -> Progress:
    """A progress bar on stderr, gone when done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,  # else it ends with an empty line in a log
    )
