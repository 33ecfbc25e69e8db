"""Sentences and paragraphs of a text, as spans of code points.

The boundaries come from sentencex (Wikimedia's rule-based segmenter for some 300 languages). Line breaks always
end a sentence as well: scraped headlines, list items and captions carry no full stop.
"""

from __future__ import annotations

import re

from summarizer.types import Span

_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# A line longer than this is cut into windows before segmentation, so that one endless line costs linear time.
_WINDOW = 100_000


def paragraphs(text: str) -> list[Span]:
    """The non-blank lines of ``text``, without the white space around them."""
    spans: list[Span] = []
    start = 0
    for match in _LINE_BREAK.finditer(text):
        _append_stripped(spans, text, start, match.start())
        start = match.end()
    _append_stripped(spans, text, start, len(text))
    return spans


def sentences(text: str, language: str = "en") -> list[Span]:
    """The sentences of ``text`` in order, without the white space around them; every word is in exactly one."""
    return [span for paragraph in paragraphs(text) for span in sentences_in(text, paragraph, language)]


def sentences_in(text: str, within: Span, language: str = "en") -> list[Span]:
    """The sentences of one paragraph (a span that holds no line break)."""
    from sentencex import get_sentence_boundaries

    spans: list[Span] = []
    for offset in range(within.start, within.end, _WINDOW):
        window = text[offset : min(offset + _WINDOW, within.end)]
        # sentencex is written in Rust and takes no lone surrogates; the stand-in is one code point as well.
        window = _SURROGATE.sub("\ufffd", window)
        for boundary in get_sentence_boundaries(language, window):
            _append_stripped(spans, text, offset + boundary["start_index"], offset + boundary["end_index"])
    return spans


def _append_stripped(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        lead = len(piece) - len(piece.lstrip())
        spans.append(Span(start + lead, start + lead + len(stripped)))
