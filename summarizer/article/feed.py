"""A feed in, its items out: RSS, RDF, Atom and JSON Feed. The only home of feedparser."""

from __future__ import annotations

import codecs
import json
import re
import zlib
from calendar import timegm
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape, unescape
from io import BytesIO
from time import struct_time
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from summarizer.errors import EmptyInput, InputTooLong, UnsupportedContent

_MOST_BYTES = 8_000_000  # after decompression
_MOST_ADDRESS, _MOST_TITLE = 2_048, 500
_HEAD = 8_192
_GZIP = b"\x1f\x8b\x08"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ENCODING = re.compile(rb"<\?xml\b[^>]*\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_SLOW = ("punycode", "idna")  # Python decodes them in quadratic time

_COMMENT_OR_ROOT = re.compile(
    r"<!--.*?(?:-->|$)|<(?:html|head|body|(?:\w+:)?(?P<feed>rss|feed|rdf))(?=[\s>])", re.IGNORECASE | re.DOTALL
)
_RDF_IS_RSS = re.compile(r"purl\.org/rss|netscape\.com/rdf", re.IGNORECASE)
_JSON_FEED = re.compile(r"\{.*\"version\"\s*:\s*\"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\b", re.DOTALL)
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>)*", re.IGNORECASE | re.DOTALL)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_UNUSED = re.compile(
    r"(</?(?:[^\s<>/:]+:)?)(?:author|owner|creator|publisher|contributor|managingEditor|webMaster|category|keywords|"
    r"subject|tags)(?=[\s/>])",
    re.IGNORECASE,
)
_BASE = re.compile(r"""\s(?:xml:)?base\s*=\s*(?:"[^"<]*"|'[^'<]*')""", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """What a feed says of an article.

    ``title`` is plain text, ``url`` an absolute http(s) address. ``html`` is the item's content or description as it
    came: not safe to show, often no more than a teaser, and empty where there is none.
    """

    title: str | None
    url: str | None
    published: datetime | None
    html: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's title, in plain text, and its items in their order."""

    title: str | None
    items: tuple[FeedItem, ...]


def is_feed(data: bytes) -> bool:
    """Whether this looks like a feed; reads the first few thousand bytes only."""
    head = _opening(data)
    return _JSON_FEED.match(head) is not None if head.startswith("{") else _root(head) is not None


def is_feed_throughout(data: bytes) -> bool:
    """Whether this is a feed from its first sign on, and no text that shows one."""
    head = _opening(data)
    if head.startswith("{"):
        return _JSON_FEED.match(head) is not None
    prolog = _PROLOG.match(head)
    return prolog is not None and prolog.end() == _root(head)


def parse_feed(data: bytes, url: str | None = None) -> Feed:
    """Reads a feed; of a broken one, what can be read.

    Args:
        data: The feed, which may be packed with gzip.
        url: Where it is from: what its relative links are relative to.

    Raises:
        UnsupportedContent: This is no feed.
        InputTooLong: It is over 8 MB.
    """
    data = _unpacked(data, _MOST_BYTES)
    if len(data) > _MOST_BYTES:
        raise InputTooLong(f"The feed has over {_MOST_BYTES:,} bytes.")
    text = _decoded(data).lstrip()
    if text.startswith("{"):
        return _json_feed(text, url)
    root = _root(text[:_HEAD])
    if root is None:
        raise _no_feed()
    # Without what stands before the root there is no DTD, whose entities could fill any memory.
    return _xml_feed(text[root:], url)


def with_items(feed: Feed) -> Feed:
    """The feed without the items that say nothing, as one that is broken off may have.

    Raises:
        EmptyInput: There are no others.
    """
    items = tuple(item for item in feed.items if item.title or item.url or item.html)
    if not items:
        raise EmptyInput("There are no items in this feed.", hint="It is empty, or broken off before the first.")
    return replace(feed, items=items)


def _no_feed() -> UnsupportedContent:
    return UnsupportedContent(
        "This is no feed.", hint="A feed is RSS, Atom or JSON Feed; a page often links to its own."
    )


def _unpacked(data: bytes, limit: int) -> bytes:
    """The data without its compression, and of that no more than ``limit`` and one."""
    if not data.startswith(_GZIP):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, limit + 1)
    except zlib.error as error:
        raise UnsupportedContent("This is gzip data that cannot be unpacked.") from error


def _decoded(data: bytes) -> str:
    """The text, by its byte-order mark, by what it declares, or as it looks."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    if declared := _ENCODING.search(data[:_HEAD]):
        try:
            name = codecs.lookup(declared[1].decode()).name
            if not name.startswith("utf") and name not in _SLOW:  # UTF-16 could not be read up to here
                return data.decode(name)
        except (LookupError, ValueError):
            pass  # there is no such encoding, or this is not in it
    text = data.decode("utf-8", "replace")
    others = len(text) - len(text.encode("ascii", "ignore"))
    return data.decode("cp1252", "replace") if 2 * text.count("\ufffd") > others else text


def _opening(data: bytes) -> str:
    """The first few thousand characters; nothing of what cannot be unpacked."""
    try:
        return _decoded(_unpacked(data, _HEAD)[:_HEAD]).lstrip()
    except UnsupportedContent:
        return ""


def _root(head: str) -> int | None:
    """Where the root element of a feed begins, whatever stands before it."""
    found = next((each for each in _COMMENT_OR_ROOT.finditer(head) if not each[0].startswith("<!")), None)
    if found is None or not (kind := found["feed"]) or (kind.lower() == "rdf" and not _RDF_IS_RSS.search(head)):
        return None
    return found.start()


def _xml_feed(text: str, url: str | None) -> Feed:
    text = _REFERENCE.sub(_valid, _NOT_XML.sub("", text))
    text = _UNUSED.sub(r"\1unused", text)  # feedparser takes quadratic time over people and categories
    if sum(map(len, _BASE.findall(text))) > 2 * _MOST_ADDRESS:  # they would lengthen each of many short links
        text = _BASE.sub(" ", text)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": _address(url) or ""}
    try:
        read = feedparser.parse(
            BytesIO(text.encode()),  # mere bytes may be the name of a file to it
            response_headers=headers,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        is_atom = read.version.startswith("atom")
        return Feed(_xml_title(read.feed, is_atom), tuple(_xml_item(entry, is_atom) for entry in read.entries))
    except Exception as error:  # whatever its parts raise on what no feed should hold
        raise UnsupportedContent("The feed cannot be read.") from error


def _valid(reference: re.Match[str]) -> str:
    """A character reference; nothing where it stands for what no XML may hold, which ends a parser's work."""
    try:
        character = chr(int(reference[1], 16) if reference[1] else int(reference[2]))
    except (ValueError, OverflowError):
        return ""
    return "" if _NOT_XML.match(character) else reference[0]


def _xml_item(entry: Any, is_atom: bool) -> FeedItem:
    times = (entry.get(name) for name in ("published_parsed", "updated_parsed", "created_parsed"))
    published = next((time for each in times if each and (time := _time(each))), None)
    contents = [_html(each) for each in (*entry.get("content", ()), entry.get("summary_detail")) if each]
    return FeedItem(
        _xml_title(entry, is_atom), _address(entry.get("link")), published, max(contents, key=len, default="")
    )


def _xml_title(values: Any, is_atom: bool) -> str | None:
    """Only Atom says what is HTML in a title; elsewhere it often is, and nothing tells."""
    title = (values.get("title") or "")[: 10 * _MOST_TITLE]
    plain = is_atom and values.get("title_detail", {}).get("type") == "text/plain"
    return _line(title if plain else unescape(_TAG.sub("", _NOT_SHOWN.sub("", title))))


def _html(content: Any) -> str:
    value, kind = content.get("value") or "", content.get("type")
    if kind == "text/plain":
        return _paragraphs(value)
    return value if kind in ("text/html", "application/xhtml+xml") else ""


def _json_feed(text: str, url: str | None) -> Feed:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise UnsupportedContent("This is no JSON that can be read.") from None
    items = values.get("items")
    if "jsonfeed.org/version" not in str(values.get("version")) or not isinstance(items, list):
        raise _no_feed()
    return Feed(_line(_text(values, "title")), tuple(_json_item(each, url) for each in items if isinstance(each, dict)))


def _json_item(item: dict[str, Any], base: str | None) -> FeedItem:
    published = None
    for date in (_text(item, "date_published"), _text(item, "date_modified")):
        try:
            published = published or _aware(datetime.fromisoformat(date))
        except ValueError:
            pass  # none, or not in the form of ISO 8601
    html = _text(item, "content_html") or _paragraphs(_text(item, "content_text") or _text(item, "summary"))
    link = _address(_text(item, "url"), base) or _address(_text(item, "external_url"), base)
    return FeedItem(_line(_text(item, "title")), link, published, html)


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _line(text: str) -> str | None:
    """The text on one line, of a length that a title has; ``None`` where there is nothing to see."""
    line = " ".join(_NOT_XML.sub("", text).split())
    return (line if len(line) <= _MOST_TITLE else line[: _MOST_TITLE - 1] + "…") or None


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


def _address(link: str | None, base: str | None = None) -> str | None:
    """The link as an absolute address of the web; ``None`` where it is none."""
    if not link:
        return None
    try:
        url = urljoin(base or "", link.replace("\n", "").strip()).replace(" ", "%20")
        parts = urlsplit(url)
        is_of_web = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"[\s<>\"\\]", url)
    except ValueError:  # a broken port or IPv6 address
        return None
    return url if is_of_web and len(url) <= _MOST_ADDRESS else None


def _time(values: struct_time) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(values), UTC)
    except (ValueError, OverflowError, OSError):  # no year of ours
        return None


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
