"""The article in a page: HTML in, text out. With ``page.py`` the only home of trafilatura and lxml (ADR 5)."""

from __future__ import annotations

import re

import trafilatura
from lxml.html import HtmlElement
from trafilatura.metadata import examine_meta, extract_title

from summarizer.article.page import all_text, is_unwieldy, parse, remove_hidden
from summarizer.errors import ExtractionFailed
from summarizer.types import Article

_UNWIELDY = "The page is too intricate to tell its article from the rest: all of its text was read."
_PARAGRAPH = 80  # characters of a paragraph that is running text
_TABLE_ROW = re.compile(r"^\|(.*)\|[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"[-\s|]*")  # the line under a table's head


def extract(html: str | bytes, url: str | None = None, content_type: str | None = None) -> Article:
    """Takes the article out of a page: paragraphs, headings, list items and table rows, a blank line between them.

    What a reader of the page would not see is not in it: see :func:`~summarizer.article.page.remove_hidden`.

    Args:
        html: The page; bytes are decoded by byte-order mark, ``content_type``, what the page declares, or as they look.
        url: Where the page is from.
        content_type: The HTTP header.

    Raises:
        ExtractionFailed: There is no article in it.
    """
    page = parse(html, content_type)
    if page is None:
        raise _no_article()
    remove_hidden(page)
    title = examine_meta(page).title or extract_title(page)
    unwieldy, found = is_unwieldy(page), None
    if not unwieldy:
        _join_parts(page)
        found = trafilatura.extract(page, include_comments=False, fast=True)  # given the address, it logs it
    lines = [line.strip() for line in _TABLE_ROW.sub(_as_line, found or all_text(page)).splitlines()]
    blocks = list(filter(None, lines))
    if title is not None and len(blocks) > 1 and blocks[0].casefold() == title.strip().casefold():
        del blocks[0]  # the title is no sentence of the article
    if not blocks:
        raise _no_article()
    return Article("\n\n".join(blocks), title or None, url, extracted=True, warnings=(_UNWIELDY,) if unwieldy else ())


def _join_parts(page: HtmlElement) -> None:
    """Moves what an ``article`` holds in several bodies of one class into the first: trafilatura reads one.

    Pages do it to put advertisements in between. Without this, half of such an article would be missing.
    """
    article_of: dict[HtmlElement, HtmlElement | None] = {page: None}
    bodies: dict[tuple[HtmlElement, str], HtmlElement] = {}
    for element in list(page.iterdescendants("*")):
        parent = element.getparent()
        article = article_of[element] = parent if parent.tag == "article" else article_of[parent]
        name = element.get("class", "").strip()
        if article is None or not name or not any(len(p.text_content()) >= _PARAGRAPH for p in element.findall("p")):
            continue
        first = bodies.setdefault((article, name), element)
        if first is not element and first not in element.iterancestors():
            first.extend(list(element))


def _as_line(row: re.Match[str]) -> str:
    cells = row[1]
    return "" if _RULE.fullmatch(cells) else "\t".join(filter(None, map(str.strip, cells.split("|"))))


def _no_article() -> ExtractionFailed:
    return ExtractionFailed("No article was found in the page.", hint="Send its text instead.")
