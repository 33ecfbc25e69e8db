"""Repeats inside one article: exact, near, and repeated page furniture, in one pass over hashed keys.

Two stretches are *exact* repeats where their words and numbers are the same after normalization (Unicode NFKC, case,
quotes, punctuation, white space), and *near* repeats where they still are when words that carry no fact (articles,
the auxiliary *has*, a few fillers) are left out. Every other difference keeps both: a number, date, name, unit,
negation or any content word that differs may be news. Keys are looked up in a table, so the cost is linear.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from summarizer.sentences import paragraphs, sentences_in
from summarizer.types import Duplicates, RemovalKind, Removed, Span

VERSION = "1"

# Numbers keep their marks and signs ("-3.5%", "$5"): "3.5" must not read like "35", nor "$5" like "€5".
_TOKEN = re.compile(
    r"(?:(?<!\S)[+\-]|(?<!\S)-?[$€£¥₹])?\d+(?:[.,:/]\d+)*(?:[%°])?|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\W_]+|[$€£¥₹%°]"
)
# Leaving these out or putting them in changes no fact. Hedges, quantities and negations are not among them.
_LIGHT = frozenset({"a", "an", "the", "has", "have", "had", "that", "just", "also"})
_MIN_SENTENCE_TOKENS = 5
_MIN_NEAR_TOKENS = 6
_MAX_FURNITURE_TOKENS = 12
_ENDS = tuple(".!?…。！？\"”’'»)]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@dataclass(slots=True)
class _Seen:
    """First occurrences, by exact key and by near key."""

    exact: dict[str, Span] = field(default_factory=dict)
    near: dict[str, tuple[Span, int]] = field(default_factory=dict)


def find_duplicates(text: str, language: str = "en") -> Duplicates:
    """Finds what ``text`` says twice; the first of every repeat stays.

    Args:
        text: Any text; paragraphs are its lines.
        language: For the sentence boundaries; the words without a fact are known for English alone.

    Returns:
        ``text`` without the repeats (exactly the rest, in order), and the spans ``removed`` and ``kept``.
    """
    whole, parts = _Seen(), _Seen()
    removed: list[Removed] = []
    for paragraph in paragraphs(text):
        tokens = _tokens(text[paragraph.start : paragraph.end])
        furniture = len(tokens) <= _MAX_FURNITURE_TOKENS and not text[paragraph.start : paragraph.end].endswith(_ENDS)
        enough = _size(tokens) >= _MIN_SENTENCE_TOKENS or (furniture and _has_word(tokens))
        found = _match(whole, paragraph, tokens, enough, language)
        if found is not None:
            kind: RemovalKind = "boilerplate" if furniture and found.kind == "exact" else found.kind
            removed.append(Removed(found.start, found.end, found.duplicate_of, kind, found.similarity))
            continue
        for sentence in sentences_in(text, paragraph, language):
            tokens = _tokens(text[sentence.start : sentence.end])
            found = _match(parts, sentence, tokens, _size(tokens) >= _MIN_SENTENCE_TOKENS, language)
            if found is not None:
                removed.append(found)
    kept = _rest(text, removed)
    return Duplicates("".join(text[k.start : k.end] for k in kept), tuple(removed), kept)


def _match(seen: _Seen, span: Span, tokens: list[str], enough: bool, language: str) -> Removed | None:
    """The repeat that ``span`` is, or ``None`` after remembering it as a first."""
    if not enough:
        return None
    exact = " ".join(tokens)
    if (first := seen.exact.get(exact)) is not None:
        return Removed(span.start, span.end, first, "exact")
    content = [token for token in tokens if token not in _LIGHT]
    near = " ".join(content)
    known = language == "en" and len(content) >= _MIN_NEAR_TOKENS and _LATIN.search(near) is not None
    if known and near in seen.near:
        other, count = seen.near[near]
        return Removed(span.start, span.end, other, "near", round(2 * len(content) / (count + len(tokens)), 4))
    seen.exact[exact] = span
    if known:
        seen.near[near] = (span, len(tokens))
    return None


def _rest(text: str, removed: list[Removed]) -> tuple[Span, ...]:
    kept: list[Span] = []
    position = 0
    for cut in removed:
        if cut.start > position:
            kept.append(Span(position, cut.start))
        position = cut.end
    if position < len(text):
        kept.append(Span(position, len(text)))
    return tuple(kept)


def _size(tokens: list[str]) -> int:
    """Words; in scripts without spaces, two characters count as one."""
    return sum(1 if _LATIN.search(token) else max(1, len(token) // 2) for token in tokens)


def _has_word(tokens: list[str]) -> bool:
    return any(len(token) > 2 and token.isalpha() for token in tokens)


def _tokens(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_quotes())
    return _TOKEN.findall(folded)


@lru_cache(maxsize=1)
def _quotes() -> dict[int, str]:
    return {ord(mark): "'" for mark in "’‘‛ʼ´`"} | {ord(mark): "-" for mark in "−–—‐‑"}
