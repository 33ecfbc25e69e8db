"""What all commands share."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    data = _bytes(name)
    if name.lower().endswith(_PAGES) or _is_page(data):
        from summarizer.article.extract import extract

        return extract(data)
    return Article(_text(data, name, settings.max_characters))


def read_file(name: str, limit: int) -> str:
    """The text of a file, or of standard input for ``-``."""
    return _text(_bytes(name), name, limit)


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


def _bytes(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
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
    try:
        stream = sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or 'cannot be read'}.") from error
    with stream:
        for number, line in enumerate(stream, start=1):
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
    """An article of the command line: what it is called, and when it was published."""

    name: str
    article: Article
    id: str | None = None
    published: datetime | None = None


def read_articles(files: list[str] | None, limit: int) -> list[Given]:
    """The articles of text files and of .jsonl files of ``{text, title, id, url, date}`` (``-``: such lines)."""
    given: list[Given] = []
    for name in files or ["-"]:
        if name == "-" or name.lower().endswith(_LINES):
            given += [_article(values, place, limit) for place, values in json_lines(name)]
        else:
            given.append(Given(name, Article(read_file(name, limit))))
    return given


def _article(values: dict[str, Any], place: str, limit: int) -> Given:
    if not isinstance(values.get("text"), str):
        raise UnsupportedContent(f"{place}: there is no text.", hint='Each line is an object with a "text".')
    if len(values["text"]) > limit:
        raise InputTooLong(f"{place}: the article has over {limit:,} characters.")
    title, url, date = (
        values.get(key) if isinstance(values.get(key), str) else None for key in ("title", "url", "date")
    )
    id = str(values["id"]).encode("utf-8", "replace").decode() if values.get("id") is not None else None  # as printed
    given = Given(id or place, Article(values["text"], title, url), id)
    if date:
        try:
            given = replace(given, published=_utc(datetime.fromisoformat(date)))
        except ValueError:
            raise UnsupportedContent(f"{place}: the date {date!r} is not in the form of ISO 8601.") from None
    return given


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


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
