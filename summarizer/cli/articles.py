"""From what the command line names to articles: texts, pages, addresses of the web and lines of JSON."""

from __future__ import annotations

import asyncio
import codecs
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from summarizer.article.address import is_address
from summarizer.cli.common import UTF_16, Failed, as_text, json_object, numbered, reading
from summarizer.errors import InputTooLong, SummarizerError, UnsupportedContent
from summarizer.types import Article

if TYPE_CHECKING:
    from summarizer.settings import Settings

_WRONG = 1_000  # lines after which a file is none of articles
_LINES, _PAGES = (".jsonl", ".ndjson"), (".html", ".htm", ".xhtml")
_BEGINNING, _LOOKED_AT = 100, 8_192  # bytes


@dataclass(frozen=True, slots=True)
class Given:
    """An article of the command line: what it is called, by what it is known again, and when it was published."""

    name: str
    article: Article
    id: str | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The articles in their order, and what could not be read, each with its error."""

    given: list[Given]
    failed: Failed


def has_lines(name: str) -> bool:
    """Whether a file or standard input is to hold a JSON object a line."""
    return name == "-" or name.lower().endswith(_LINES)


def read_articles(names: list[str], settings: Settings) -> Read:
    """The articles of .jsonl files (``-``: such lines), and of all that :func:`read_article` reads."""
    given: list[Given] = []
    failed: list[tuple[str, SummarizerError]] = []
    for name in names:
        try:
            if has_lines(name):
                with reading(name) as stream:
                    lines = articles_in(stream, name, settings.max_characters)
                given += lines.given
                failed += lines.failed
            else:
                article = read_article(name, settings)
                given.append(Given(name, article, _printed(article.url or "") or _id(name, article)))
        except SummarizerError as error:
            failed.append((name, error))
    return Read(given, failed)


def read_article(name: str, settings: Settings) -> Article:
    """The article of a text file or a page (HTML), at a path or at an address of the web; ``-`` is standard input.

    Raises:
        InputError: It cannot be read, fetched, or told from the rest of its page, or it is too long.
    """
    if is_address(name):
        return _bounded(asyncio.run(_fetched(name, settings)), name, settings.max_characters)
    with reading(name) as stream:
        data = read_rest(stream, settings)
    return article_in(data, name, settings)


def read_rest(stream: BinaryIO, settings: Settings, start: bytes = b"") -> bytes:
    """What a text, a page or a feed has in bytes, after its start; of one that is too long no more than shows that."""
    return start + stream.read(max(0, _most(settings) + 1 - len(start)))


def _most(settings: Settings) -> int:
    return max(4 * settings.max_characters, settings.fetch.max_bytes)  # a page is longer than its article


def article_in(data: bytes, name: str, settings: Settings) -> Article:
    """:func:`read_article` of what has been read already, by :func:`read_rest`."""
    limit = settings.max_characters
    if _is_feed(data):
        from summarizer.article.content import READS_FEEDS

        raise UnsupportedContent(f"{name}: this is a feed.", hint=READS_FEEDS)
    if name.lower().endswith(_PAGES) or _is_page(data):
        from summarizer.article.extract import extract

        if len(data) > _most(settings):
            raise InputTooLong(f"{name}: the page has over {_most(settings):,} bytes.")
        return _bounded(extract(data), name, limit)
    return _bounded(Article(as_text(data, name, limit)), name, limit)


async def _fetched(url: str, settings: Settings) -> Article:
    from summarizer.article.content import article_of
    from summarizer.article.fetch import Fetcher

    async with Fetcher(settings.fetch) as fetcher:
        return article_of(await fetcher.get(url))


def _is_feed(data: bytes) -> bool:
    if _head(data).removeprefix(codecs.BOM_UTF8).lstrip()[:1] not in (b"<", b"{"):
        return False
    from summarizer.article.feed import is_feed_throughout  # here: it loads what reads feeds

    return is_feed_throughout(data)


def _head(data: bytes) -> bytes:
    """The beginning, with one byte for a plain letter."""
    head = data[:_LOOKED_AT]
    return head.decode("utf-16", "ignore").encode() if data.startswith(UTF_16) else head


def _is_page(data: bytes) -> bool:
    data = _head(data)
    if b"<" not in data[:_BEGINNING]:
        return False
    from summarizer.article.content import is_page  # here: it loads what reads pages

    return is_page(data)


def _bounded(article: Article, name: str, limit: int) -> Article:
    if len(article.text) > limit:
        raise InputTooLong(f"{name}: the article has over {limit:,} characters.")
    return article


def articles_in(stream: BinaryIO, name: str, limit: int, start: bytes = b"") -> Read:
    """The articles of lines of ``{text, title, id, url, date}``, of which the start may have been read already.

    A date that cannot be read is among what failed, and its article among those given.
    """
    given: list[Given] = []
    failed: list[tuple[str, SummarizerError]] = []
    try:
        for place, line in numbered(stream, name, limit, start):
            try:
                values = json_object(line, place)
                given.append(_article(values, place, limit))
                given[-1] = replace(given[-1], published=_published(values, place))
            except SummarizerError as error:
                failed.append((place, error))
                if not given and len(failed) == _WRONG:  # it may have no end
                    what, hint = f"none of the first {_WRONG:,} lines is an article", 'Each is an object with a "text".'
                    raise UnsupportedContent(f"{name}: {what}.", hint=hint) from None
    except InputTooLong as error:  # what is before such a line is not lost by it
        failed.append((name, error))
    return Read(given, failed)


def _article(values: dict[str, Any], place: str, limit: int) -> Given:
    if not isinstance(values.get("text"), str):
        raise UnsupportedContent(f"{place}: there is no text.", hint='Each line is an object with a "text".')
    title, url = (values.get(key) if isinstance(values.get(key), str) else None for key in ("title", "url"))
    article = _bounded(Article(values["text"], title, url), place, limit)
    id = "" if values.get("id") is None else _printed(str(values["id"]))
    return Given(id or place, article, id or _printed(url or "") or _id(place, article))


def _published(values: dict[str, Any], place: str) -> datetime | None:
    """When an article was published, where its line says so."""
    date = values.get("date")
    if not isinstance(date, str) or not date:
        return None
    try:
        return _utc(datetime.fromisoformat(date))
    except ValueError:
        raise UnsupportedContent(f"{place}: its date is not in the form of ISO 8601, and counts as none.") from None


def _id(name: str, article: Article) -> str:
    """By what an article is known again that has no id of its own: the name alone may be another's tomorrow."""
    words = f"{article.title or ''}\n{article.text}".encode("utf-8", "surrogatepass")
    return f"{_printed(name)}#{hashlib.sha256(words).hexdigest()[:12]}"


def _printed(name: str) -> str:
    """The name as it is printed: half an emoji, or a byte that is no text, is a question mark."""
    return name.encode("utf-8", "replace").decode()


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
