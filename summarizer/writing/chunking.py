"""Chunks: stretches of whole sentences that fit the model, measured with its own tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from summarizer.types import Span

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Chunk:
    """``text`` of at most the budget, its number of tokens, and where it stands in the article."""

    text: str
    tokens: int
    span: Span


def split_chunks(
    text: str, spans: Sequence[Span], count_tokens: Callable[[Sequence[str]], list[int]], max_tokens: int
) -> list[Chunk]:
    """Packs the sentences ``spans`` of ``text`` in order into the fewest chunks, then evens their sizes out.

    A sentence over the budget is split at words (and a word over it at characters): nothing is left out.

    Args:
        text: The canonical text.
        spans: Its sentences, in order.
        count_tokens: The engine's tokenizer.
        max_tokens: Budget of a chunk.
    """
    spans = [span for span in spans if span.end > span.start]
    # A separator may cost a token of its own, hence one more a sentence.
    counts = [count + 1 for count in count_tokens([text[s.start : s.end] for s in spans])]
    pieces: list[tuple[Span, int]] = []
    for span, count in zip(spans, counts, strict=True):
        if count <= max_tokens:
            pieces.append((span, count))
        else:
            pieces.extend(_split_long(text, span, count_tokens, max_tokens))
    total = sum(count for _, count in pieces)
    if not pieces:
        return []
    wanted = -(-total // max_tokens)
    even = min(max_tokens, -(-total // wanted) + max(count for _, count in pieces))
    chunks: list[Chunk] = []
    start, tokens = 0, 0
    for index, (_, count) in enumerate(pieces):
        if tokens and tokens + count > even:
            chunks.append(_chunk(text, pieces[start][0], pieces[index - 1][0], tokens))
            start, tokens = index, 0
        tokens += count
    chunks.append(_chunk(text, pieces[start][0], pieces[-1][0], tokens))
    return chunks


def _chunk(text: str, first: Span, last: Span, tokens: int) -> Chunk:
    return Chunk(text[first.start : last.end], tokens, Span(first.start, last.end))


def _split_long(
    text: str, span: Span, count_tokens: Callable[[Sequence[str]], list[int]], max_tokens: int
) -> list[tuple[Span, int]]:
    """Halves at the white space nearest the middle until each half fits."""
    count = count_tokens([text[span.start : span.end]])[0] + 1
    if count <= max_tokens or span.end - span.start < 2:
        return [(span, count)]
    middle = (span.start + span.end) // 2
    space = text.rfind(" ", span.start + 1, middle)
    cut = space if space > span.start else middle
    halves = (Span(span.start, cut), Span(cut, span.end))
    return [piece for half in halves for piece in _split_long(text, half, count_tokens, max_tokens)]
