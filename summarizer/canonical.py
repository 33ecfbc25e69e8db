"""The canonical text: what is hashed, cached and read by the model.

It is the de-duplicated article in Unicode NFC with every run of white space made one space, or one line break
where the run holds one. So equal articles with other white space are one text, and whatever is said about the
canonical text can be told in offsets of each submitted one.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from summarizer.types import Span

VERSION = "1"
_WORD = re.compile(r"\S+")
_LINE_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
# Invisible characters (zero-width, directional marks, byte order mark, soft hyphen, controls) and lone surrogates.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Canonical:
    """``text``, and where each of its words stands in the submitted text."""

    text: str
    starts: tuple[int, ...]
    source: tuple[Span, ...]

    def to_source(self, span: Span) -> Span:
        """A span of the canonical text (at word boundaries, or near them) in offsets of the submitted text."""
        first, last = self._word(span.start), self._word(max(span.start, span.end - 1))
        start = self.source[first].start + (span.start - self.starts[first])
        overhang = self.starts[last] + (self.source[last].end - self.source[last].start) - span.end
        end = self.source[last].end - max(0, overhang)
        return Span(min(start, self.source[first].end), max(start, end))

    def _word(self, offset: int) -> int:
        return max(0, bisect_right(self.starts, offset) - 1)


def canonicalize(source: str, kept: tuple[Span, ...]) -> Canonical:
    """The canonical text of the ``kept`` parts of ``source``."""
    pieces: list[str] = []
    starts: list[int] = []
    spans: list[Span] = []
    length, previous_end = 0, 0
    for part in kept:
        for match in _WORD.finditer(source, part.start, part.end):
            word = _INVISIBLE.sub("", unicodedata.normalize("NFC", match.group()))
            if not word:
                continue
            if pieces:
                gap = "\n" if _LINE_BREAK.search(source, previous_end, match.start()) else " "
                pieces.append(gap)
                length += 1
            starts.append(length)
            spans.append(Span(match.start(), match.end()))
            pieces.append(word)
            length += len(word)
            previous_end = match.end()
    return Canonical("".join(pieces), tuple(starts), tuple(spans))
