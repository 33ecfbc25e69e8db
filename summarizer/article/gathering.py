"""From a feed's items to articles: an item's own content where it is the whole article, else the page of its link."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from summarizer.article.content import article_of
from summarizer.article.extract import extract
from summarizer.article.feed import FeedItem
from summarizer.article.fetch import Fetcher
from summarizer.article.page import all_text, parse
from summarizer.errors import ExtractionFailed, SummarizerError
from summarizer.text.sentences import sentences
from summarizer.types import Article

WHOLE = 150  # words of an item that is an article by itself; teasers have some 20 to 80
_AT_ONCE = 64  # pages that are fetched, or wait to be read
_FOOTER = re.compile(r"\bThe post\b.{1,400}?\bappeared first on\b.{1,200}$", re.DOTALL)
_MORE = re.compile(
    r"(?:(?<=[\n.!?…\])])|^)\s*(?:\(more(?:…|\.{3})\)|(?:(?:read|see) more|read on)"
    r"(?: (?:about|at|here|on)\b.{0,100})?|(?:continue|keep) reading\b.{0,100})[\W_]*$",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"(?:…|\.{3})[\s\])»›>→\"']*$")


async def gather(
    items: Sequence[FeedItem], fetcher: Fetcher, *, on_progress: Callable[[int, int], None] | None = None
) -> list[Article | SummarizerError]:
    """The article of each item, in order; an item's failure stands in its place.

    An item's own content is its article where it is long and does not end in an ellipsis or "read more". Else the page
    of its link is read; where that fails, or holds less than the item does, two sentences of the item's own will do.

    Args:
        items: What feeds say.
        fetcher: What fetches the pages.
        on_progress: Called with items done and items in all.
    """
    places, done = asyncio.Semaphore(_AT_ONCE), 0

    async def one(item: FeedItem) -> Article | SummarizerError:
        nonlocal done
        async with places:
            try:
                return await _article(item, fetcher)
            except SummarizerError as error:
                return error
            except Exception as error:  # noqa: BLE001 - whatever a page does to a parser, the others are not lost
                failure = ExtractionFailed("The article cannot be read.")
                failure.__cause__ = error
                return failure
            finally:
                done += 1
                if on_progress is not None:
                    on_progress(done, len(items))

    async with asyncio.TaskGroup() as group:
        tasks = {at: group.create_task(one(items[at])) for at in _by_turns(items)}
    return [tasks[at].result() for at in range(len(items))]


def _by_turns(items: Sequence[FeedItem]) -> list[int]:
    """The items' positions, one of each host in turn: a host is asked for few pages at once, and the others wait."""
    asked: Counter[str] = Counter()
    turns = []
    for item in items:
        host = urlsplit(item.url or "").netloc
        turns.append(asked[host])
        asked[host] += 1
    return sorted(range(len(items)), key=turns.__getitem__)


async def _article(item: FeedItem, fetcher: Fetcher) -> Article:
    own, is_whole = await asyncio.to_thread(_own, item)
    if own is not None and is_whole:
        return own
    enough = own is not None and len(sentences(own.text)) > 1
    try:
        if item.url is None:
            raise ExtractionFailed("This item of a feed has neither an article nor a link.")
        page = await fetcher.get(item.url)
        read = await asyncio.to_thread(article_of, page)
    except SummarizerError:
        if own is None or not enough:
            raise
        return own
    if own is not None and enough and len(own.text) > len(read.text):  # a page that asks for consent, say
        return own
    return replace(read, title=item.title or read.title)


def _own(item: FeedItem) -> tuple[Article | None, bool]:
    """The item's own content without what only leads on, and whether it is a whole article."""
    page = parse(item.html)
    try:
        found = extract(item.html, item.url)
    except ExtractionFailed:
        return None, False
    all_of_it = "" if page is None else _FOOTER.sub("", all_text(page)).rstrip()  # `extract` drops some links
    is_cut = _MORE.search(all_of_it) or _ELLIPSIS.search(all_of_it)
    text = _MORE.sub("", _FOOTER.sub("", found.text)).rstrip()
    is_whole = not is_cut and len(text.split()) >= WHOLE
    return replace(found, text=text, title=item.title or found.title), is_whole
