"""The door of the support check: sentences in, sentences with sources, unsupported spans and a score out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from summarizer.errors import EmptyInput
from summarizer.grounding.alignment import align
from summarizer.grounding.cut import Cut
from summarizer.grounding.cuts import CARELESS, changes_order
from summarizer.grounding.features import doubt, features
from summarizer.grounding.fragments import FRAGMENTS
from summarizer.grounding.premise import premise
from summarizer.grounding.score import probability
from summarizer.grounding.source import Source, read_source
from summarizer.grounding.spans import unsupported_spans
from summarizer.grounding.telegraphic import TELEGRAPHIC
from summarizer.grounding.words import words
from summarizer.text.canonical import Canonical, canonicalize
from summarizer.text.furniture import bare
from summarizer.text.sentences import has_words, sentences
from summarizer.types import Span, SupportedSentence, SupportReport, UnsupportedSpan

VERSION = "23"
_LEAST_SCORE = 0.5
_MOST_SHARED, _MANY_WORDS = 0.9, 8
_LEAST_SHARE = 0.6
_ITEM = re.compile(r"(?m:^)\d{1,3}[.)][^\S\n]+")


@dataclass(frozen=True, slots=True)
class Examined:
    """One sentence of a summary, all but its score.

    ``is_copied``: the article has it word for word, in one sentence, so that nobody need be asked about it. ``premise``
    makes what a model would judge it by, when it is asked for: most checks have no judge.
    """

    text: str
    is_copied: bool
    covered: bool
    sources: tuple[Span, ...]
    unsupported: tuple[UnsupportedSpan, ...]
    features: dict[str, float]
    premise: Callable[[], str]

    def scored(self) -> SupportedSentence:
        """The sentence with its score."""
        score = probability([self.features])
        supported = not self.unsupported and self.covered and score >= _LEAST_SCORE
        return SupportedSentence(self.text, supported, round(score, 4), self.sources, self.unsupported)


def check_support(article: str, summary: str) -> SupportReport:
    """Aligns each sentence of ``summary`` with ``article`` and flags what the article does not support.

    In languages other than English only numbers, quotations and contacts are checked, and the score, which is fitted on
    English news, is no more than an ordering.

    Returns:
        ``score``, the probability that a careful reader would call the whole summary supported, and the sentences with
        offsets into ``article``.

    Raises:
        EmptyInput: There is no article, or no summary.
    """
    require_words(article, summary)
    return support_of(article, summary)


def require_words(article: str, summary: str) -> None:
    """Refuses what cannot be checked.

    Raises:
        EmptyInput: One of them has no words.
    """
    for name, text in (("article", article), ("summary", summary)):
        if not isinstance(text, str):
            raise TypeError(f"The {name} must be a text, not {type(text).__name__}.")
        if not has_words(text):
            raise EmptyInput(f"The {name} has no words.", hint=f"Send the {name}'s text.")


def support_of(article: str, summary: str) -> SupportReport:
    """:func:`check_support` of what may be empty: no summary has no fault, and a score of 1.0."""
    read, told = (canonicalize(text) for text in (article, summary))
    return located(support_by(read_source(read.text), told.text), read, told, summary)


def support_by(source: Source, summary: str) -> SupportReport:
    """The support of a canonical ``summary`` by what was read, in offsets of the source's text."""
    return score_support([examine(source, each) for each in stated(summary)])


def located(report: SupportReport, read: Canonical, told: Canonical, summary: str) -> SupportReport:
    """The report on the canonical texts of an article and its ``summary``, in offsets and words of those submitted."""
    found: list[SupportedSentence] = []
    for sentence, span in zip(report.sentences, _stated(told.text), strict=True):
        own = told.to_source(span)
        unsupported: list[UnsupportedSpan] = []
        for each in sentence.unsupported:
            at = told.to_source(Span(span.start + each.start, span.start + each.end))
            text = summary[at.start : at.end]
            unsupported.append(UnsupportedSpan(text, each.kind, at.start - own.start, at.end - own.start))
        sources = tuple(map(read.to_source, sentence.sources))
        text = summary[own.start : own.end]
        found.append(replace(sentence, text=text, sources=sources, unsupported=tuple(unsupported)))
    return replace(report, sentences=tuple(found))


def stated(summary: str) -> list[str]:
    """The sentences of a summary that state something: no rules, and no numbers before the items of a list ("1.")."""
    return [summary[s.start : s.end] for s in _stated(summary)]


def _stated(summary: str) -> list[Span]:
    spans = [s for s in sentences(summary) if has_words(summary[s.start : s.end])]
    return [
        s
        for s, after in pairwise([*spans, None])
        if s and not (after and _ITEM.fullmatch(summary, s.start, after.start))
    ]


def score_support(examined: Sequence[Examined], opinions: Sequence[float | None] = ()) -> SupportReport:
    """The report, with a second opinion where there is one.

    Args:
        examined: The sentences.
        opinions: For each of them, the probability that its premise supports it, as a model judged; ``None`` where it
            was not asked, because the sentence is copied. Or nothing at all.
    """
    if opinions:
        judged = zip(examined, opinions, strict=True)
        examined = [replace(each, features=each.features | {"doubt": doubt(opinion)}) for each, opinion in judged]
    score = probability([each.features for each in examined])
    return SupportReport(round(score, 4), tuple(each.scored() for each in examined))


def repair(
    source: Source, checked: tuple[SupportedSentence, ...], fails: Callable[[SupportedSentence], bool]
) -> tuple[list[SupportedSentence], int]:
    """Sentences that fail give way to the source sentence nearest to them, or go; and how many did."""
    kept: list[SupportedSentence] = []
    replaced = 0
    taken: set[str] = {sentence.text for sentence in checked if not fails(sentence)}
    for sentence in checked:
        if not fails(sentence):
            kept.append(sentence)
            continue
        replaced += 1
        nearest = (bare(source.text[s.start : s.end]) for s in nearest_sources(source, sentence.text))
        own = next((each for each in nearest if not any(_tells_again(each, told) for told in taken)), None)
        if own is not None:
            taken.add(own)
            kept.append(examine(source, own).scored())
    return (kept, replaced) if kept else (list(checked), 0)


def _tells_again(one: str, other: str) -> bool:
    """Whether one of two sentences has nearly all words of the other: it was cut from it."""
    mine, theirs = ({t.stem for t in words(text) if t.is_word} for text in (one, other))
    fewer, more = sorted((len(mine), len(theirs)))
    tells_enough = fewer >= min(_MANY_WORDS, more / 2)  # "The mayor resigned." tells little of why
    return tells_enough and len(mine & theirs) >= _MOST_SHARED * fewer


def careless_cuts(source: Source, texts: Sequence[str], *, in_order: bool = False) -> list[bool]:
    """Whether each of ``texts``, sentences of a summary, left out what it needs of its source, as a hedge.

    With ``in_order``, for a headline, also whether it changes the order of its words, or lacks a small word that it
    needs; it may lack a verb. None is a fault of a summary in words of its own ("may rise" as "a possible rise"): this
    is for models that cut.
    """
    ways = (*CARELESS, changes_order, *TELEGRAPHIC) if in_order else (*CARELESS, *FRAGMENTS)
    told = [words(text) for text in texts]
    cuts = [Cut(tokens, source, align(tokens, source).chosen) for tokens in told]
    return [any(way(cut) for way in ways) for cut in cuts]


def nearest_sources(source: Source, text: str) -> tuple[Span, ...]:
    """The sentences of what was read that ``text``, one of a summary, rests on: the one that shares most first."""
    return tuple(source.spans[i] for i in align(words(text), source).chosen)


def examine(source: Source, text: str) -> Examined:
    """One sentence ``text`` of a summary; all but its score."""
    tokens = words(text)
    alignment = align(tokens, source)
    unsupported = tuple(unsupported_spans(text, tokens, alignment, source))
    found = features(tokens, alignment, unsupported, source)
    return Examined(
        text=text,
        is_copied=source.has_run(tokens),
        covered=alignment.share >= _LEAST_SHARE,
        sources=tuple(source.spans[i] for i in sorted(alignment.chosen)),
        unsupported=_joined(text, unsupported),
        features=found,
        premise=partial(premise, tokens, alignment, source),
    )


def _joined(text: str, spans: Sequence[UnsupportedSpan]) -> tuple[UnsupportedSpan, ...]:
    """Neighbors of one kind as one span: a day with its month, a first name with the last."""
    found: list[UnsupportedSpan] = []
    for span in spans:
        last = found[-1] if found else None
        if last is not None and last.kind == span.kind and text[last.end : span.start].isspace():
            found[-1] = UnsupportedSpan(text[last.start : span.end], span.kind, last.start, span.end)
        else:
            found.append(span)
    return tuple(found)
