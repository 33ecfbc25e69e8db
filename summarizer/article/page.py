"""A page as a tree: decoding, parsing, and its text as it stands."""

from __future__ import annotations

import re
from collections import Counter

import webencodings
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

# Pages of news have some 3,000 elements, 30 deep (the largest of 106); what is far beyond takes trafilatura minutes.
_MAX_ELEMENTS, _MAX_DEPTH = 20_000, 250
# Children of one element times the characters that stand between them, which it moves one at a time (largest: 5e6).
_MAX_TAILS = 30_000_000
_MAX_ATTRIBUTES = 2_000  # of one element: libxml2 takes quadratic time to read them
_ATTRIBUTES = r"""(?>[^<>"'=]|=\s*"[^"]*"|=\s*'[^']*'|["'=])*+"""
_TAG = re.compile(  # scripts and comments whole, so that nothing in them is taken for a tag
    rf"<(?P<code>script|style)(?=[\s/>])(?P<a>{_ATTRIBUTES})>.*?(?:</(?P=code)|\Z)"
    rf"|<!--(?:-?>|.*?(?:--!?>|\Z))|<[a-z](?P<b>{_ATTRIBUTES})",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(
    rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml\b[^>]*?\bencoding\s*=\s*[\"']\s*([\w.:-]+)",
    re.IGNORECASE,
)
_PRESCANNED = 4096  # bytes in which a page says what it is
_VALUE = re.compile(r"""=\s*("[^"]*"|'[^']*')""")
_NAME = re.compile(r"[^\s/]+")
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code em font i ins kbd label mark q s samp small span strong sub sup time tt u var "
    "wbr".split()
)
_HEAD = frozenset("base link meta noscript script style template title".split())
_SPACE = re.compile(r"[ \t\r\n\f]+")


def decode(data: bytes, content_type: str | None = None) -> str:
    """The text of a page's bytes, by byte-order mark, ``content_type`` (the HTTP header), what the page declares, or as
    they look. Only the encodings of the web are known; what cannot be decoded becomes U+FFFD.
    """
    header = _CHARSET.search((content_type or "").encode("latin-1", "replace"))
    encoding = None if header is None else webencodings.lookup(header[1].decode("latin-1"))
    declared = _DECLARED.search(data, 0, _PRESCANNED)
    if encoding is None and declared is not None:
        encoding = webencodings.lookup((declared[1] or declared[2]).decode("latin-1"))
        if encoding is not None and encoding.name.startswith("utf-16"):  # then it could not be read up to here
            encoding = webencodings.UTF8
    return str(webencodings.decode(data, encoding or _guess(data))[0])


def _guess(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def parse(html: str | bytes, content_type: str | None = None) -> HtmlElement | None:
    """The page without its comments and the line breaks of its source, or ``None`` where there is nothing to read."""
    source = html if isinstance(html, str) else decode(html, content_type)
    if any(_attributes(tag["a"] or tag["b"] or "") > _MAX_ATTRIBUTES for tag in _TAG.finditer(source)):
        return None
    # huge_tree: else libxml2 ends the page at a depth of 256. Bytes: in a str, lxml refuses an XML declaration.
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        page = document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but white space or comments
        return None
    _complete(page)
    for element in page.iter("*"):
        if element.tag != "pre":
            element.text = _SPACE.sub(" ", element.text) if element.text else None
        element.tail = _SPACE.sub(" ", element.tail) if element.tail else None
    return page


def _complete(page: HtmlElement) -> None:
    """Gives the page a body with all that is shown: where its tag is left out, libxml2 leaves articles in the head."""
    body = page.find("body")
    if body is None:
        body = etree.SubElement(page, "body")
        body.text, page.text = page.text, None
    before = [element for head in page.findall("head") for element in head if element.tag not in _HEAD]
    before += [element for element in body.itersiblings(preceding=True) if element.tag not in ("head", "body")][::-1]
    after = [element for element in body.itersiblings() if element.tag != "head"]
    for place, element in enumerate(before):
        body.insert(place, element)
    body.extend(after)


def _attributes(text: str) -> int:
    return len(_NAME.findall(_VALUE.sub(" ", text))) if len(text) > _MAX_ATTRIBUTES else 0


def is_unwieldy(page: HtmlElement) -> bool:
    """Whether the page has so many elements, or so deep ones, that only their text can be read in good time."""
    depth, tails, children = {page: 0}, Counter[HtmlElement](), Counter[HtmlElement]()
    for count, element in enumerate(page.iterdescendants("*")):
        parent = element.getparent()
        depth[element] = depth[parent] + 1
        children[parent] += 1
        tails[parent] += len(element.tail or "")
        if count > _MAX_ELEMENTS or depth[element] > _MAX_DEPTH or children[parent] * tails[parent] > _MAX_TAILS:
            return True
    return False


def all_text(page: HtmlElement) -> str:
    """The text of the body, each block on a line of its own."""
    pieces: list[str] = []
    for event, element in etree.iterwalk(page.find("body"), events=("start", "end")):
        if element.tag not in _INLINE:
            pieces.append("\n")
        pieces.append((element.text if event == "start" else element.tail) or "")
    return "\n".join(filter(None, map(str.strip, "".join(pieces).splitlines())))
