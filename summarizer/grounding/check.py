"""The door of the support check: sentences in, sentences with sources, unsupported spans and a score out."""

from __future__ import annotations

from summarizer.grounding.alignment import align
from summarizer.grounding.source import Source, read_source
from summarizer.grounding.spans import unsupported_spans
from summarizer.grounding.words import words
from summarizer.sentences import sentences
from summarizer.types import SupportedSentence, SupportReport

VERSION = "3"
_MIN_SHARE = 0.6


def check_support(article: str, summary: str) -> SupportReport:
    """Aligns each sentence of ``summary`` with ``article`` and flags what the article does not contain.

    In languages other than English only numbers and quotations are checked.

    Returns:
        ``score`` of the weakest sentence (1.0 for an empty summary), and the sentences with offsets into ``article``.
    """
    source = read_source(article)
    checked = tuple(_check(summary[s.start : s.end], source) for s in sentences(summary))
    return SupportReport(min((sentence.score for sentence in checked), default=1.0), checked)


def repair(text: str, checked: tuple[SupportedSentence, ...]) -> tuple[list[SupportedSentence], int]:
    """Sentences that state unsupported facts give way to the source sentence nearest to them."""
    kept: list[SupportedSentence] = []
    replaced = 0
    taken: set[str] = {sentence.text for sentence in checked if not sentence.unsupported}
    source: Source | None = None
    for sentence in checked:
        if not sentence.unsupported:
            kept.append(sentence)
            continue
        replaced += 1
        own = next((text[s.start : s.end] for s in sentence.sources if text[s.start : s.end] not in taken), None)
        if own is not None:
            taken.add(own)
            source = source or read_source(text)
            kept.append(_check(own, source))
    return (kept, replaced) if kept else (list(checked), 0)


def _check(text: str, source: Source) -> SupportedSentence:
    tokens = words(text)
    alignment = align(tokens, source)
    unsupported = tuple(unsupported_spans(text, tokens, alignment, source))
    return SupportedSentence(
        text=text,
        supported=not unsupported and alignment.share >= _MIN_SHARE,
        score=round(alignment.share * 0.5 ** len(unsupported), 4),
        sources=tuple(source.spans[i] for i in sorted(alignment.chosen)),
        unsupported=unsupported,
    )
