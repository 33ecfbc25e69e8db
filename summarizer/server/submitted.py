"""From a request to the article that it means: a text as it is, a page extracted, an address fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from summarizer.article.content import article_of
from summarizer.article.extract import extract
from summarizer.article.fetch import Fetcher
from summarizer.errors import FetchBlocked, InvalidRequest
from summarizer.server.wire import SummarizeRequest, check_size
from summarizer.settings import Settings
from summarizer.types import Article


class Submissions:
    """Reads the articles of requests. Whoever makes it closes its ``fetcher``."""

    def __init__(self, settings: Settings) -> None:
        self._limits = settings.server
        self.fetcher = Fetcher(settings.fetch)

    def article(self, body: SummarizeRequest) -> str | Callable[[], Awaitable[Article]]:
        """The text of a request; or what reads its page or address, for the summarizer to call once it has a place.

        Raises:
            InvalidRequest: It has both a text and a page, or neither and no address.
            InputError: It is too long. From the call: so is the article, or none can be had.
        """
        if (body.text is not None and body.html is not None) or (body.is_address and body.url is None):
            raise InvalidRequest("Give either a text, or html, or a url alone.", hint="See /docs for the fields.")
        if body.text is not None:
            check_size(body.text, self._limits.max_body_bytes)
            return body.text
        if body.html is not None:
            check_size(body.html, self._limits.max_html_bytes)
        elif not self._limits.fetch:
            raise FetchBlocked("This service fetches no pages.", hint="Send the page as html, or its text.")
        return lambda: self._read(body)

    async def _read(self, body: SummarizeRequest) -> Article:
        if body.html is not None:
            article = await asyncio.to_thread(extract, body.html, body.url)
        else:
            article = await asyncio.to_thread(article_of, await self.fetcher.get(body.url or ""))
        check_size(article.text, self._limits.max_body_bytes)
        return article
