"""From what an address or a file gave to an article, by what it is: a page or plain text."""

from __future__ import annotations

import re

from summarizer.article.extract import extract
from summarizer.article.feed import is_feed
from summarizer.article.fetch import Page
from summarizer.article.page import decode
from summarizer.errors import UnsupportedContent
from summarizer.types import Article

_PAGE = re.compile(  # the atomic group: else a row of comments takes exponential time
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?>.*?-->)\s*)*<(?:!doctype\s+html|html)[\s>]", re.I | re.S
)
_LOOKED_AT = 4096  # bytes
READS_FEEDS = "`summarizer newsletter` reads feeds."


def is_page(data: bytes) -> bool:
    """Whether this is a whole HTML page, by its beginning."""
    return _PAGE.match(data[:_LOOKED_AT]) is not None


def article_of(page: Page) -> Article:
    """The article of what was fetched.

    Raises:
        UnsupportedContent: It is neither a page nor text.
        ExtractionFailed: There is no article in the page.
    """
    kind = page.content_type.partition(";")[0].strip().lower()
    if is_feed(page.body):
        raise UnsupportedContent("This address is a feed.", hint=READS_FEEDS)
    if is_page(page.body) or kind in ("text/html", "application/xhtml+xml"):
        return extract(page.body, page.url, page.content_type)
    if kind.startswith("text/") and b"\x00" not in page.body:
        return Article(decode(page.body, page.content_type), url=page.url, extracted=True)
    raise UnsupportedContent("This address is neither a page nor text.", hint="Send the article's text instead.")
