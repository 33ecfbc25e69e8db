"""The canonical text: what is hashed, cached and read by the model.

It is the de-duplicated article in Unicode NFC with every run of white space made one space, or one line break
where the run holds one that is no wrap at a fixed width. So equal articles with other white space are one text, and
whatever is said about the canonical text can be told in offsets of each submitted one. Words that open a line in
capitals only to be seen are in the case that they have elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from summarizer.text.characters import normalize
from summarizer.text.lead_ins import without_capitals
from summarizer.text.sentences import unwrap
from summarizer.types import Span

VERSION = "4"
_WORD = re.compile(r"\S+")
_LINE_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
# Invisible characters (zero-width, directional marks, byte order mark, soft hyphen, controls) and lone surrogates.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Canonical:
    """``text``, and where each of its words stands in the submitted text.

    ``changed`` has, for the words that normalization changed, the place of each character: where a script sets no
    spaces, a line is one word.
    """

    text: str
    starts: tuple[int, ...]
    source: tuple[Span, ...]
    changed: dict[int, tuple[int, ...]]

    def to_source(self, span: Span) -> Span:
        """A span of the canonical text (at word boundaries, or near them) in offsets of the submitted text."""
        start, end = self._place(span.start), self._place(max(span.start, span.end - 1), after=True)
        return Span(start, max(start, end))

    def _place(self, offset: int, *, after: bool = False) -> int:
        """Where the character at ``offset`` begins in the submitted text, or the place after it."""
        word = max(0, bisect_right(self.starts, offset) - 1)
        inside, source = offset - self.starts[word] + after, self.source[word]
        places = self.changed.get(word)
        if places is None:
            return min(source.start + inside, source.end)
        return source.start + places[min(inside, len(places) - 1)]


def canonicalize(source: str, kept: tuple[Span, ...] | None = None) -> Canonical:
    """The canonical text of ``source``, or of the parts of it that are ``kept``."""
    source = unwrap(source)
    pieces: list[str] = []
    starts: list[int] = []
    spans: list[Span] = []
    changed: dict[int, tuple[int, ...]] = {}
    length, previous_end = 0, 0
    for part in (Span(0, len(source)),) if kept is None else kept:
        for match in _WORD.finditer(source, part.start, part.end):
            word = _INVISIBLE.sub("", normalize("NFC", match.group()))
            if not word:
                continue
            if len(word) != match.end() - match.start():
                changed[len(spans)] = _places(word, match.group())
            if pieces:
                gap = "\n" if _LINE_BREAK.search(source, previous_end, match.start()) else " "
                pieces.append(gap)
                length += 1
            starts.append(length)
            spans.append(Span(match.start(), match.end()))
            pieces.append(word)
            length += len(word)
            previous_end = match.end()
    return Canonical(without_capitals("".join(pieces)), tuple(starts), tuple(spans), changed)


def _places(word: str, source: str) -> tuple[int, ...]:
    """Where each character of ``word``, the canonical form of ``source``, begins in it; and its end.

    Both are the same once decomposed, but for the order of marks on one letter: the places are counted there.
    """
    after = list(accumulate(0 if _INVISIBLE.match(c) else len(normalize("NFD", c)) for c in source))
    counted = accumulate((len(normalize("NFD", c)) for c in word), initial=0)
    return tuple(min(bisect_left(after, n + 1), len(source)) for n in counted)
