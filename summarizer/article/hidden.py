"""What a reader of a page would not see, taken out of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from lxml.html import HtmlElement

_Style = Mapping[str, str]  # the values of an inline style by property, in lower case
_Color = tuple[float, float, float, float]  # red, green and blue up to 255, and alpha up to 1

_NOT_SHOWN = ("script", "style", "template", "noscript", "iframe", "object", "datalist")
_READ_ALOUD = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only"})
_SKIPPED = re.compile(r"/\*.*?(?:\*/|\Z)|(?P<url>url\()[^)]*+(?:\)|\Z)", re.DOTALL)  # what may hold a ; or a :
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.DOTALL)
_IMPORTANT = re.compile(r"!\s*important\Z")
_NUMBER = re.compile(r"([-+]?(?:\d+(?:\.\d+)?|\.\d+))([a-z%]*)")
_OPACITY = re.compile(r"\bopacity\(\s*([^)]*)\)")
_SCALED, _MOVED = re.compile(r"\bscale[xy]?\(([^),]*)"), re.compile(r"\btranslate(?:3d|[xy])?\(([^)]*)\)")
_SHAPE = re.compile(r"(rect|inset|circle)\(([^)]*)\)")
_COLOR = re.compile(r"#[0-9a-f]+|rgba?\([^)]*\)|[a-z]+")
_COLORS: Mapping[str, _Color] = {
    "transparent": (0, 0, 0, 0),
    "white": (255, 255, 255, 1),
    "snow": (255, 250, 250, 1),
    "ivory": (255, 255, 240, 1),
    "whitesmoke": (245, 245, 245, 1),
    "silver": (192, 192, 192, 1),
    "gray": (128, 128, 128, 1),
    "grey": (128, 128, 128, 1),
    "black": (0, 0, 0, 1),
    "red": (255, 0, 0, 1),
    "green": (0, 128, 0, 1),
    "blue": (0, 0, 255, 1),
    "yellow": (255, 255, 0, 1),
}
_FAINT = 0.05  # opacity below which nothing can be read
_ALIKE = 8  # of 255: colors that differ no more cannot be told apart
_FAR = -900.0  # in any unit: what lies so far to the left or above is on no screen
_FAR_MOVED = 5000.0  # for transforms, by which the slides of a show are moved some screens
_TINY = {"": 0.0, "px": 1.0, "pt": 1.0, "em": 0.1, "rem": 0.1, "%": 10.0}  # sizes of type that nobody reads


def remove_hidden(page: HtmlElement) -> None:
    """Takes out, in place, what a reader of the page would not see.

    That is: scripts and other elements that are never shown, closed dialogs, ``hidden``, the class names by which text
    is left to screen readers, and inline styles that make text invisible, tiny, or place it off the screen. Stylesheets
    are not read. An element with more than half of the page's text stays: it is the page, which a script will show. So
    does all that is faded out (by opacity, visibility or ``hidden``), and all tiny type, where it is more than half of
    the text: pages fade in their paragraphs one by one.
    """
    _drop(page.iterdescendants(*_NOT_SHOWN))
    body = page.find("body")
    styles = {element: _declarations(element.get("style")) for element in body.iter("*") if element.get("style")}

    def style(element: HtmlElement) -> _Style:
        return styles.get(element, {})

    sizes = _sizes(body)
    _drop(
        element
        for element in body.iterdescendants("*")
        if _is_hidden(element, style(element)) and 2 * sizes[element] <= sizes[body]
    )
    faded = _spread(body, lambda element: True if "hidden" in element.attrib or _is_faint(style(element)) else None)
    unseen = _spread(body, lambda element: _is_invisible(style(element)))
    _take_out(body, {element: faded[element] or unseen[element] for element in faded})
    _take_out(body, _spread(body, lambda element: _is_tiny(style(element))))
    for element in body.iter("*"):  # what is still here is seen, whatever trafilatura makes of these words
        element.attrib.pop("hidden", None)
        if "hidden" in element.get("style", "") or "display" in element.get("style", ""):
            del element.attrib["style"]


def _drop(elements: Iterable[HtmlElement]) -> None:
    """Takes elements out, the text after them left in place. It is joined once for each parent: pages have megabytes of
    hidden elements side by side to keep a service busy.
    """
    gone = set(elements)
    for parent in {element.getparent() for element in gone}:
        kept: HtmlElement | None = None
        pieces = [parent.text or ""]
        for child in [*parent, None]:
            if child is not None and child in gone:
                pieces.append(child.tail or "")
                parent.remove(child)  # its tail goes with it
                continue
            if len(pieces) > 1 and kept is None:
                parent.text = "".join(pieces)
            elif len(pieces) > 1 and kept is not None:
                kept.tail = "".join(pieces)
            kept, pieces = child, [] if child is None else [child.tail or ""]


def _sizes(body: HtmlElement) -> dict[HtmlElement, int]:
    """The characters of text in each element. One pass: pages nest thousands of elements to keep a service busy."""
    sizes: dict[HtmlElement, int] = {}
    for element in reversed(list(body.iter("*"))):  # what is inside comes first
        inside = sum(sizes[child] + len(child.tail or "") for child in element.iterchildren("*"))
        sizes[element] = len(element.text or "") + inside
    return sizes


def _spread(body: HtmlElement, says: Callable[[HtmlElement], bool | None]) -> dict[HtmlElement, bool]:
    """What each element says of itself or, where it says nothing, inherits."""
    spread: dict[HtmlElement, bool] = {}
    for element in body.iter("*"):
        said = says(element)
        spread[element] = spread.get(element.getparent(), False) if said is None else said
    return spread


def _take_out(body: HtmlElement, unseen: dict[HtmlElement, bool]) -> None:
    """Takes out the text of the elements that are not seen, but not what is seen inside them; where that text is more
    than half of all, nothing.
    """
    hidden = total = 0
    whole: dict[HtmlElement, bool] = {}  # not seen, nor anything inside
    for element in reversed(list(body.iter("*"))):
        children = list(element.iterchildren("*"))
        own = len(element.text or "") + sum(len(child.tail or "") for child in children)
        total += own
        hidden += own if unseen[element] else 0
        whole[element] = unseen[element] and all(whole[child] for child in children)
    if 2 * hidden > total:
        return
    for element in body.iter("*"):
        if unseen[element] and not whole[element]:
            element.text = None
            for child in element.iterchildren("*"):
                child.tail = None
    _drop(element for element in list(body.iterdescendants("*")) if whole[element])


def _declarations(style: str) -> _Style:
    """The last value of each property, or the last important one; shorthands give the size of type and the color of the
    background too.
    """
    said: dict[str, str] = {}
    important: set[str] = set()
    for declaration in _SKIPPED.sub(lambda skipped: "url()" if skipped["url"] else " ", style.lower()).split(";"):
        if ":" not in declaration:
            continue
        name, _, value = (_ESCAPE.sub(_unescaped, part).strip() for part in declaration.partition(":"))
        weak = _IMPORTANT.sub("", value).strip()
        values = {name: weak}
        if name == "font":
            words = [word.partition("/")[0] for word in weak.split()]
            values["font-size"] = next((word for word in words if word == "0" or _measure(word)[1]), "")
        elif name == "background":
            values["background-color"] = weak
        for key, each in values.items():
            if weak != value:
                important.add(key)
            elif key in important:
                continue
            said[key] = each
    return said


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1] or "0", 16)
    return escape[2] or (chr(code).lower() if 0 < code < 0xD800 else "\ufffd")


def _measure(value: str) -> tuple[float | None, str]:
    """The number that a value begins with, if any, and its unit."""
    found = _NUMBER.match(value.strip())
    return (None, "") if found is None else (float(found[1]), found[2])


def _share(value: str, whole: float = 1.0) -> float | None:
    """A number or a percentage of ``whole``."""
    number, unit = _measure(value)
    return number * whole / 100 if number is not None and unit == "%" else number


def _is_faint(style: _Style) -> bool:
    values = [style.get("opacity", ""), *_OPACITY.findall(style.get("filter", ""))]
    return any(share is not None and share < _FAINT for share in map(_share, values))


def _is_invisible(style: _Style) -> bool | None:
    value = style.get("visibility")
    return value != "visible" if value in ("hidden", "collapse", "visible") else None


def _is_tiny(style: _Style) -> bool | None:
    """Whether the style makes type too small to be read; ``None`` where that is left to what the element stands in."""
    number, unit = _measure(style.get("font-size", ""))
    if number is None:  # a keyword: "medium" is a size of its own, "inherit" and "larger" are not
        return False if style.get("font-size", "").endswith(("small", "medium", "large")) else None
    if number <= _TINY.get(unit, 0.0):
        return True
    return None if unit in ("em", "%") else False


def _is_hidden(element: HtmlElement, style: _Style) -> bool:
    """Whether nothing inside an element can be seen, whatever is said there, nor is likely to fade in."""
    return (
        (element.tag == "dialog" and "open" not in element.attrib)
        or not _READ_ALOUD.isdisjoint(element.get("class", "").split())
        or (bool(style) and _is_styled_away(style))
    )


def _is_styled_away(style: _Style) -> bool:
    return (
        style.get("display") == "none"
        or style.get("content-visibility") == "hidden"
        or _is_uncolored(style)
        or _is_cut_off(style)
        or _is_far(style)
    )


def _is_uncolored(style: _Style) -> bool:
    color = _color(style.get("color", ""))
    behind = style.get("background", "") + style.get("background-image", "")
    if color is None or "text" in (style.get("background-clip"), style.get("-webkit-background-clip")):
        return False
    if color[3] < _FAINT:
        return True
    ground = None if "url(" in behind or "gradient(" in behind else _color(style.get("background-color", ""))
    if ground is None or ground[3] < 1:  # what is behind it shows through
        return False
    return all(abs(one - other) <= _ALIKE for one, other in zip(color[:3], ground[:3], strict=True))


def _color(value: str) -> _Color | None:
    """The first color in a value that is known: keywords such as "inherit", and ``var()``, are none."""
    return next((color for word in _COLOR.findall(value) if (color := _as_color(word)) is not None), None)


def _as_color(word: str) -> _Color | None:
    if word.startswith("#"):
        digits = word[1:] if len(word) > 5 else "".join(2 * digit for digit in word[1:])
        if len(digits) not in (6, 8):
            return None
        red, green, blue, alpha = (int((digits + "ff")[place : place + 2], 16) for place in (0, 2, 4, 6))
        return red, green, blue, alpha / 255
    if not word.startswith("rgb"):
        return _COLORS.get(word)
    parts = re.split(r"[\s,/]+", word.partition("(")[2].rstrip(")").strip())
    numbers = [_share(part, 255.0) for part in parts[:3]] + [_share(part) for part in parts[3:]]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or len(known) not in (3, 4):
        return None
    return known[0], known[1], known[2], known[3] if len(known) == 4 else 1.0


def _is_cut_off(style: _Style) -> bool:
    clipped = {word for name in ("overflow", "overflow-x", "overflow-y") for word in style.get(name, "").split()}
    if not clipped.isdisjoint({"hidden", "clip"}):
        bounds = (_measure(style.get(name, "")) for name in ("height", "width", "max-height"))
        if any(number is not None and number <= 1 and unit in ("", "px", "pt") for number, unit in bounds):
            return True
    shapes = (_SHAPE.match(style.get(name, "")) for name in ("clip", "clip-path"))
    return any(shape is not None and _is_empty(shape[1], shape[2]) for shape in shapes)


def _is_empty(shape: str, inside: str) -> bool:
    """Whether a clipping shape has no area; lengths that are not known leave it some."""
    sides = [_measure(word) for word in inside.partition("round")[0].replace(",", " ").split()]
    if shape == "circle":
        return bool(sides) and sides[0][0] == 0
    if shape == "rect":  # top, right, bottom, left
        top, right, bottom, left = [number for number, _ in sides] if len(sides) == 4 else [None] * 4
        no_height = top is not None and bottom is not None and bottom - top <= 1
        return no_height or (left is not None and right is not None and right - left <= 1)
    shares = [number if number is not None and unit == "%" else 0.0 for number, unit in sides[:4]]
    if not shares:
        return False
    top, right = shares[0], shares[1 % len(shares)]
    bottom, left = (shares[2] if len(shares) > 2 else top), (shares[3] if len(shares) > 3 else right)
    return top + bottom >= 100 or right + left >= 100


def _is_far(style: _Style) -> bool:
    names = ("text-indent", "left", "right", "top", "bottom", "inset", "margin-left", "margin-top")
    places = (_measure(style.get(name, ""))[0] for name in names)
    if any(place is not None and place <= _FAR for place in places):
        return True
    transform = f"{style.get('transform', '')} scale({style.get('scale', '')}) translate({style.get('translate', '')})"
    moves = (_measure(word)[0] for move in _MOVED.findall(transform) for word in move.replace(",", " ").split())
    return any(_measure(scale)[0] == 0 for scale in _SCALED.findall(transform)) or any(
        move is not None and abs(move) >= _FAR_MOVED for move in moves
    )
