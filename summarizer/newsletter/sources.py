"""Where a newsletter's articles are from: feeds, and pages by their address."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from summarizer.article.address import is_address
from summarizer.article.content import article_of
from summarizer.article.feed import Feed, FeedItem, is_feed, parse_feed, with_items
from summarizer.article.fetch import Fetcher
from summarizer.article.gathering import WHOLE, gather
from summarizer.errors import InputError, SummarizerError
from summarizer.settings import FetchSettings
from summarizer.types import Article

_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Collected:
    """The articles, and what could not be read, by its address, path or title, each with its error."""

    articles: tuple[Article, ...]
    failed: tuple[tuple[str, SummarizerError], ...]


def collect(
    sources: Sequence[str | Feed],
    settings: FetchSettings,
    *,
    since: datetime | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Collected:
    """:func:`read_sources` for synchronous callers."""
    return asyncio.run(read_sources(sources, settings, since=since, on_progress=on_progress))


async def read_sources(
    sources: Sequence[str | Feed],
    settings: FetchSettings,
    *,
    since: datetime | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Collected:
    """Reads the articles of feeds and pages. What fails is in ``failed``, and nothing else is lost by it.

    Args:
        sources: http(s) addresses of feeds or single pages, paths of feed files, and feeds that have been read already.
        settings: The bounds of what is fetched.
        since: Leaves out what a feed says was published before; has a time zone.
        on_progress: Called with a feed's items done and items in all.
    """
    async with Fetcher(settings) as fetcher:
        read = await asyncio.gather(*(_read(source, fetcher) for source in dict.fromkeys(sources)))
        articles: list[Article] = []
        failed: list[tuple[str, SummarizerError]] = []
        feeds: list[Sequence[FeedItem]] = []
        for source, found in zip(dict.fromkeys(sources), read, strict=True):
            if isinstance(found, SummarizerError):
                failed.append((source if isinstance(source, str) else source.title or "a feed", found))
            elif isinstance(found, Article):
                articles.append(found)
            else:
                feeds.append([item for item in found if _is_new(item, since)])
        items = _items(feeds)
        for article in articles:
            items.pop(article.url, None)
        wanted = list(items.values())
        for item, made in zip(wanted, await gather(wanted, fetcher, on_progress=on_progress), strict=True):
            if isinstance(made, SummarizerError):
                failed.append((item.url or item.title or "an item without a title", made))
            else:
                articles.append(made)
    return Collected(tuple(articles), tuple(failed))


def _items(feeds: Sequence[Sequence[FeedItem]]) -> dict[object, FeedItem]:
    """The items, each once, by link: feeds of one site overlap.

    Items of one feed may share a link, as those of a changelog do: each that is a whole article by itself is kept, and
    one of the others, for which the page is read.
    """
    items: dict[object, FeedItem] = {}
    links: set[str | None] = set()  # of the feeds before
    for feed in feeds:
        times = Counter(item.url for item in feed)
        for item in feed:
            if item.url in links:
                continue
            stands_alone = times[item.url] > 1 and len(_TAG.sub(" ", item.html).split()) >= WHOLE
            items.setdefault((item.url, item.html) if stands_alone else item.url or item, item)
        links |= times.keys() - {None}
    return items


def _is_new(item: FeedItem, since: datetime | None) -> bool:
    return since is None or item.published is None or item.published >= since


async def _read(source: str | Feed, fetcher: Fetcher) -> Article | Sequence[FeedItem] | SummarizerError:
    try:
        if isinstance(source, Feed):
            feed = source
        elif not is_address(source):
            data = await asyncio.to_thread(Path(source).read_bytes)
            feed = await asyncio.to_thread(parse_feed, data)
        else:
            page = await fetcher.get(source)
            if not is_feed(page.body):
                return await asyncio.to_thread(article_of, page)
            feed = await asyncio.to_thread(parse_feed, page.body, page.url)
        return with_items(feed).items
    except OSError as error:
        return InputError(f"The file cannot be read: {error.strerror}.")
    except SummarizerError as error:
        return error
