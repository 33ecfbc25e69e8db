"""A page as a tree: decoding, parsing, what of it is shown, and its text as it stands."""

from __future__ import annotations

import re

import webencodings
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

# Pages of news have some 3,000 elements, 30 deep (the largest of 106); what is far beyond takes trafilatura minutes.
_MAX_ELEMENTS, _MAX_DEPTH = 20_000, 250
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
_NOT_SHOWN = ("script", "style", "template", "noscript", "iframe", "object", "datalist")
_READ_ALOUD = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only"})
_NUMBER = re.compile(r"-?\d*\.?\d+")
_FAR = -900.0  # in any unit: what lies so far to the left or above is on no screen
_NO_AREA = re.compile(r"rect\(\s*[01](px)?[\s,]|inset\(\s*(100|[5-9]\d)%")


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
    strays = [element for element in page if element.tag not in ("head", "body")]
    for head in page.findall("head"):
        strays += [element for element in head if element.tag not in _HEAD]
    for place, element in enumerate(strays):
        body.insert(place, element)


def _attributes(text: str) -> int:
    return len(_NAME.findall(_VALUE.sub(" ", text))) if len(text) > _MAX_ATTRIBUTES else 0


def is_unwieldy(page: HtmlElement) -> bool:
    """Whether the page has so many elements, or so deep ones, that only their text can be read in good time."""
    depth, count = {page: 0}, 0
    for count, element in enumerate(page.iterdescendants("*")):
        depth[element] = depth[element.getparent()] + 1
        if count > _MAX_ELEMENTS or depth[element] > _MAX_DEPTH:
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


def remove_hidden(page: HtmlElement) -> None:
    """Takes out, in place, what a reader of the page would not see.

    That is: scripts and other elements that are never shown, closed dialogs, ``hidden``, the class names by which text
    is left to screen readers, and inline styles that make text invisible, tiny, or place it off the screen. Stylesheets
    are not read. What holds more than half of the page's text stays: it is the page, which a script will show.
    """
    sizes = _sizes(page)
    for element in list(page.iterdescendants("*")):
        if element.tag in _NOT_SHOWN or (_is_hidden(element) and 2 * sizes[element] <= sizes[page]):
            element.drop_tree()


def _sizes(page: HtmlElement) -> dict[HtmlElement, int]:
    """The characters of text in each element. One pass: pages nest thousands of elements to keep a service busy."""
    sizes: dict[HtmlElement, int] = {}
    for element in reversed(list(page.iter("*"))):  # what is inside comes first
        own = 0 if element.tag in _NOT_SHOWN else len(element.text or "")
        sizes[element] = own + sum(sizes[child] + len(child.tail or "") for child in element.iterchildren("*"))
    return sizes


def _is_hidden(element: HtmlElement) -> bool:
    if "hidden" in element.attrib or (element.tag == "dialog" and "open" not in element.attrib):
        return True
    if not _READ_ALOUD.isdisjoint(element.get("class", "").split()):
        return True
    style = element.get("style")
    return style is not None and _hides(style)


def _hides(style: str) -> bool:
    """Whether an inline style makes text invisible."""
    said: dict[str, str] = {}
    for declaration in style.lower().replace("!important", "").split(";"):
        name, _, value = declaration.partition(":")
        said[name.strip()] = value.strip()

    def at_most(limit: float, *names: str) -> bool:
        numbers = (_NUMBER.match(said.get(name, "")) for name in names)
        return any(float(number[0]) <= limit for number in numbers if number is not None)

    color, size = said.get("color"), said.get("font-size", "")
    return (
        said.get("display") == "none"
        or said.get("visibility") in ("hidden", "collapse")
        or at_most(0, "opacity", "font-size")
        or (size.endswith(("px", "pt")) and at_most(1, "font-size"))
        or (color is not None and color in ("transparent", said.get("background"), said.get("background-color")))
        or (said.get("overflow") == "hidden" and at_most(1, "height", "width", "max-height", "max-width"))
        or at_most(_FAR, "text-indent", "left", "right", "top", "margin-left", "margin-top")
        or _NO_AREA.match(said.get("clip", said.get("clip-path", ""))) is not None
    )
