"""The article in a page: HTML in, text out. Only this folder knows trafilatura and lxml (ADR 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import trafilatura
from lxml.html import HtmlElement
from trafilatura.metadata import extract_title

from summarizer.article.hidden import remove_hidden
from summarizer.article.page import all_text, is_unwieldy, parse
from summarizer.errors import ExtractionFailed
from summarizer.types import Article

_UNWIELDY = "The page is too intricate to tell its article from the rest: all of its text was read."
_LONGEST_TITLE = 500
_HEADINGS = 10  # that are looked at: one in the other, each has the text of all
_SITE = re.compile(r"\s+(?:[|·»«–—-]|::)\s+((?:(?!\s(?:[–—-]|::)\s)[^|·»«]){2,60})$")  # after the title: " | ZDNet"
# Of the joined text, which trafilatura finds of the page as it is: 0.36 and 0.43 where it lost parts.
_LEAST_SHARE = 0.6
_PARAGRAPH = 80  # characters of a paragraph that is running text
_TABLE_ROW = re.compile(r"^\|(.*)\|[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"[-\s|]*")  # the line under a table's head


def extract(html: str | bytes, url: str | None = None, content_type: str | None = None) -> Article:
    """Takes the article out of a page: paragraphs, headings, list items and table rows, a blank line between them.

    What a reader of the page would not see is not in it: see :func:`~summarizer.article.hidden.remove_hidden`.

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
    unwieldy = is_unwieldy(page)
    remove_hidden(page)
    title, found = _title(page), None if unwieldy else _article_text(page)
    lines = [line.strip() for line in _TABLE_ROW.sub(_as_line, found or all_text(page)).splitlines()]
    blocks = list(filter(None, lines))
    if title is not None and len(blocks) > 1 and blocks[0].casefold() == title.casefold():
        del blocks[0]  # the title is no sentence of the article
    if not blocks:
        raise _no_article()
    return Article("\n\n".join(blocks), title, url, extracted=True, warnings=(_UNWIELDY,) if unwieldy else ())


def _title(page: HtmlElement) -> str | None:
    """What the page calls itself where it is shared, else its heading or title, without the name of its site.

    Not `examine_meta`: it takes quadratic time over a long description.
    """
    title = next(filter(None, (*_said(page, "og:title"), *_said(page, "title"))), None)
    if title is None:  # only then: it takes quadratic time over headings in headings
        title = (extract_title(page) or "")[:_LONGEST_TITLE].strip() or None
    if title is not None and (site := _SITE.search(title)):
        own, site_names = title[: site.start()], [*map(_letters, _said(page, "og:site_name"))]
        headings = (
            " ".join(each.text_content()[:_LONGEST_TITLE].split()) for each in islice(page.iter("h1"), _HEADINGS)
        )
        is_longer = len(own.split()) > len(site[1].split())
        if _letters(own) not in site_names and (_letters(site[1]) in site_names or (is_longer and own in headings)):
            return own
    return title


def _said(page: HtmlElement, name: str) -> Iterator[str]:
    """What the page says of itself in its ``meta`` elements of this name."""
    for meta in page.iter("meta"):
        if name in (meta.get("property"), meta.get("name")):
            yield " ".join(meta.get("content", "")[:_LONGEST_TITLE].split())


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _article_text(page: HtmlElement) -> str | None:
    """The article as trafilatura finds it: of the page as it is, or, where that has much more, with its parts joined.

    Pages cut an article in bodies of one class to put advertisements in between, and trafilatura reads one of them.
    """
    found: str | None = trafilatura.extract(page, include_comments=False, fast=True)  # given the address, it logs it
    if not _join_parts(page):
        return found
    joined: str | None = trafilatura.extract(page, include_comments=False, fast=True)
    return joined if len(joined or "") * _LEAST_SHARE > len(found or "") else found


def _join_parts(page: HtmlElement) -> bool:
    """Moves what an ``article`` holds in several bodies of one class into the first. Whether there were any."""
    article_of: dict[HtmlElement, HtmlElement | None] = {page: None}
    bodies: dict[tuple[HtmlElement, str], HtmlElement] = {}
    moved = False
    for element in list(page.iterdescendants("*")):
        parent = element.getparent()
        article = article_of[element] = parent if parent.tag == "article" else article_of[parent]
        if element.tag == "aside":
            article_of[element] = article = None
        name = element.get("class", "").strip()
        if article is None or not name or element.tag not in ("div", "section"):
            continue
        if not any(len(p.text_content()) >= _PARAGRAPH for p in element.findall("p")):
            continue
        first = bodies.setdefault((article, name), element)
        if first is not element and first not in element.iterancestors():
            first.extend(list(element))
            moved = True
    return moved


def _as_line(row: re.Match[str]) -> str:
    cells = row[1]
    return "" if _RULE.fullmatch(cells) else "\t".join(filter(None, map(str.strip, cells.split("|"))))


def _no_article() -> ExtractionFailed:
    return ExtractionFailed("No article was found in the page.", hint="Send its text instead.")
