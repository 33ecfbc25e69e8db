"""Repeats inside one article: exact, near, and repeated page furniture, in one pass over hashed keys.

Two stretches are *exact* repeats where they are the same after normalization (Unicode NFKC, case, white space, styles
of quotes and dashes, the final stop), and *near* repeats where their words and numbers are the same once punctuation
and words that carry no fact (articles, *has* before *said*, a few fillers) are left out. Every other difference keeps
both: a number, date, name, unit, negation or any content word that differs may be news. Keys are looked up in a
table, so the cost is linear.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from summarizer.text.characters import normalize
from summarizer.text.sentences import lines_in, sentences_in, unwrap
from summarizer.types import Duplicates, Removed, Span

VERSION = "6"
_SOFT_HYPHEN = 0xAD

# Numbers keep their marks and signs ("-3.5%", "3-2", "$5", "< 5"); words theirs ("C++", Indic vowel signs).
_TOKEN = re.compile(
    r"(?:(?<![^\s(\[])[+-]|(?<![^\s(\[])-?[$€£¥₹])?\d+(?:[.,:/-]\d+)*[%°]?"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*(?:[+#]+(?!\w))?|[^\W_]+|[$€£¥₹%°?]|[<>≤≥±=^](?=\s*[-+$€£¥₹]?\d)|(?<=\s)[<>≤≥±=^](?=\s)"
)
# Leaving these out or putting them in changes no fact. Hedges, quantities and negations are not among them.
_LIGHT = frozenset({"a", "an", "the", "that", "also"})
_QUANTITIES = frozenset({"few", "little"})  # "few" are not "a few"
_AUXILIARY = frozenset({"has", "have", "had"})  # light before a verb of speech alone: "has said" is "said"
_SPEECH = frozenset({"said", "told", "added", "announced", "stated", "reported", "confirmed", "claimed", "warned"})
_MIN_SENTENCE_TOKENS = 5
_MIN_NEAR_TOKENS = 6
_MAX_FURNITURE_TOKENS = 12
_ENDS = tuple(".!?…。！？\"”’'»)]")
_MARK = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a4d"
    "\u0a81-\u0acd\u0b01-\u0b4d\u0bbe-\u0bcd\u0c00-\u0c4d\u0c81-\u0ccd\u0d00-\u0d4d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]"
)
# "hepatitis A"; between capitals as well ("VITAMIN A"), where it may be an article: then both lines stay.
_NAME_A = re.compile(r"(?<=[A-Za-z] )A(?= |[.,;:]|$)")
_SUPERSCRIPT = re.compile("(?=[⁰¹²³⁴-⁹])")  # 10⁶ is not 106
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@dataclass(slots=True)
class _Seen:
    """First occurrences, by exact key and by near key."""

    exact: dict[str, Span] = field(default_factory=dict)
    near: dict[str, tuple[Span, int]] = field(default_factory=dict)


def find_duplicates(text: str) -> Duplicates:
    """Finds what ``text`` says twice; the first of every repeat stays.

    Args:
        text: Any text; paragraphs are its lines. The words without a fact are known for English alone.

    Returns:
        ``text`` without the repeats (exactly the rest, in order), and the spans ``removed`` and ``kept``.
    """
    whole, parts = _Seen(), _Seen()
    removed: list[Removed] = []
    told = unwrap(text)
    lines = lines_in(told)
    for line in lines:
        found = _match_line(whole, line, told[line.start : line.end])
        removed += [found] if found is not None else _repeated_sentences(told, line, parts, whole)
    removed = sorted([*removed, *_short_lines(told, lines, removed)], key=lambda cut: cut.start)
    kept = _rest(text, removed)
    return Duplicates("".join(text[k.start : k.end] for k in kept), tuple(removed), kept)


def _match_line(seen: _Seen, span: Span, piece: str) -> Removed | None:
    tokens = _tokens(piece)
    furniture = len(tokens) <= _MAX_FURNITURE_TOKENS and not piece.endswith(_ENDS)
    enough = _size(tokens) >= _MIN_SENTENCE_TOKENS or (furniture and _has_word(tokens))
    found = _match(seen, span, piece, tokens, enough)
    return replace(found, kind="boilerplate") if found and furniture and found.kind == "exact" else found


def _repeated_sentences(text: str, paragraph: Span, parts: _Seen, whole: _Seen) -> list[Removed]:
    removed: list[Removed] = []
    rest: list[Span] = []
    for sentence in sentences_in(text, paragraph):
        piece = text[sentence.start : sentence.end]
        tokens = _tokens(piece)
        found = _match(parts, sentence, piece, tokens, _size(tokens) >= _MIN_SENTENCE_TOKENS)
        if found is None:
            rest.append(sentence)
        else:
            removed.append(found)
    if removed and rest:  # what is left is a line like any other: a second pass must find nothing
        left = " ".join(text[s.start : s.end] for s in rest)
        first = _match_line(whole, Span(rest[0].start, rest[-1].end), left)
        if first is not None:
            removed += [replace(first, start=s.start, end=s.end) for s in rest]
    return removed


def _short_lines(text: str, lines: list[Span], removed: list[Removed]) -> list[Removed]:
    """Lines too short to be a repeat by themselves ("She was pleased."), in a stretch that stands there twice.

    Such a stretch has repeated lines on both sides of the short ones, or two on one side, in the same order. Furniture
    and questions show none ("Will you vote?" is asked of everybody); at its ends a line with a figure is no part of it.
    """
    if not removed:  # as most articles are: no line need be folded again
        return []
    number = {line: i for i, line in enumerate(lines)}
    keys = [_folded(text[line.start : line.end]) for line in lines]
    cut_lines: set[int] = set()
    twins: dict[int, int] = {}
    for cut in removed:
        line = bisect_right(lines, cut.start, key=lambda each: each.start) - 1
        cut_lines.add(line)
        first = number.get(cut.duplicate_of, -1) if cut.duplicate_of else -1
        whole = first >= 0 and Span(cut.start, cut.end) == lines[line]
        if whole and cut.kind != "boilerplate" and not keys[line].endswith("?"):
            twins[line] = first
    for (i, first), (j, last) in pairwise(sorted(twins.items())):
        if (
            j - i == last - first
            and keys[i + 1 : j] == keys[first + 1 : last]
            and cut_lines.isdisjoint(range(i + 1, j))
        ):
            twins |= {i + n: first + n for n in range(1, j - i)}
    for step in (1, -1):
        for i in range(len(lines))[::step]:
            first = twins.get(i - step, -1) + step
            if twins.get(i - 2 * step) != first - 2 * step or i in cut_lines or i in twins:
                continue
            if 0 <= first < i and keys[i] == keys[first] and not any(c.isdigit() for c in keys[i]):
                twins[i] = first
    short = sorted(i for i in twins if i not in cut_lines)
    return [Removed(lines[i].start, lines[i].end, lines[twins[i]], "exact") for i in short]


def _match(seen: _Seen, span: Span, piece: str, tokens: list[str], enough: bool) -> Removed | None:
    """The repeat that ``span`` is, or ``None`` after remembering it as a first."""
    if not enough:
        return None
    exact = _folded(piece)
    if (first := seen.exact.get(exact)) is not None:
        return Removed(span.start, span.end, first, "exact")
    content = _content(tokens)
    near = " ".join(content)
    known = len(content) >= _MIN_NEAR_TOKENS and _LATIN.search(near) is not None
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
    return sum(max(1, len(token) // 2) if _UNSPACED.search(token) else 1 for token in tokens)


def _has_word(tokens: list[str]) -> bool:
    return any(len(token) > 2 and token.isalpha() for token in tokens)


def _folded(text: str) -> str:
    """The exact key: compatibility forms, case, white space, quotes, dashes and the final stop set aside."""
    folded = normalize("NFKC", _SUPERSCRIPT.sub("^", text)).casefold().translate(_quotes())
    return " ".join(folded.split()).removesuffix(".")


def _tokens(text: str) -> list[str]:
    """Words and numbers, folded; a capital "A" inside a sentence ("hepatitis A") is marked: it is a name."""
    text = _NAME_A.sub("qa", normalize("NFKC", _SUPERSCRIPT.sub("^", text)))
    # Combining marks belong to their letter, but are no word characters to `re`: a Hangul letter stands in for each.
    text = _MARK.sub(lambda match: chr(0xAC00 + ord(match.group()) % 0x1000), text)
    return _TOKEN.findall(text.casefold().translate(_quotes()))


def _content(tokens: list[str]) -> list[str]:
    """The tokens that carry facts."""
    following = [*tokens[1:], ""]
    return [
        token
        for token, after in zip(tokens, following, strict=True)
        if not (token in _LIGHT and after not in _QUANTITIES) and not (token in _AUXILIARY and after in _SPEECH)
    ]


@lru_cache(maxsize=1)
def _quotes() -> dict[int, str | None]:
    return {ord(mark): "'" for mark in "’‘‛ʼ´`"} | {ord(mark): "-" for mark in "−–—‐‑"} | {_SOFT_HYPHEN: None}
