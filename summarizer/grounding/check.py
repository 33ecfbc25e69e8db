"""The door of the support check: sentences in, sentences with sources, unsupported spans and a score out."""

from __future__ import annotations

from summarizer.grounding.alignment import align
from summarizer.grounding.features import features
from summarizer.grounding.score import probability
from summarizer.grounding.source import Source, read_source
from summarizer.grounding.spans import unsupported_spans
from summarizer.grounding.words import words
from summarizer.sentences import sentences
from summarizer.types import SupportedSentence, SupportReport

VERSION = "9"
_LEAST_SCORE = 0.5
_LEAST_SHARE = 0.6


def check_support(article: str, summary: str) -> SupportReport:
    """Aligns each sentence of ``summary`` with ``article`` and flags what the article does not support.

    In languages other than English only numbers, quotations and contacts are checked, and the score, which is fitted on
    English news, is no more than an ordering.

    Returns:
        ``score``, the probability that a careful reader would call the whole summary supported (1.0 for an empty one),
        and the sentences with offsets into ``article``.
    """
    source = read_source(article)
    checked = [_check(summary[s.start : s.end], source) for s in sentences(summary)]
    score = probability([found for _, found in checked])
    return SupportReport(round(score, 4), tuple(sentence for sentence, _ in checked))


def repair(
    text: str, checked: tuple[SupportedSentence, ...], *, strict: bool = False
) -> tuple[list[SupportedSentence], int]:
    """Sentences that state unsupported facts give way to the source sentence nearest to them, or go.

    ``strict`` does so with all that are not ``supported``, low scores included.
    """
    source = read_source(text)
    kept: list[SupportedSentence] = []
    replaced = 0
    taken: set[str] = {sentence.text for sentence in checked if _passes(sentence, strict)}
    for sentence in checked:
        if _passes(sentence, strict):
            kept.append(sentence)
            continue
        replaced += 1
        own = next((text[s.start : s.end] for s in sentence.sources if text[s.start : s.end] not in taken), None)
        if own is not None:
            taken.add(own)
            kept.append(_check(own, source)[0])
    return (kept, replaced) if kept else (list(checked), 0)


def _passes(sentence: SupportedSentence, strict: bool) -> bool:
    return sentence.supported if strict else not sentence.unsupported


def _check(text: str, source: Source) -> tuple[SupportedSentence, dict[str, float]]:
    tokens = words(text)
    alignment = align(tokens, source)
    unsupported = tuple(unsupported_spans(text, tokens, alignment, source))
    found = features(tokens, alignment, unsupported, source)
    score = probability([found])
    sentence = SupportedSentence(
        text=text,
        supported=not unsupported and alignment.share >= _LEAST_SHARE and score >= _LEAST_SCORE,
        score=round(score, 4),
        sources=tuple(source.spans[i] for i in sorted(alignment.chosen)),
        unsupported=unsupported,
    )
    return sentence, found
