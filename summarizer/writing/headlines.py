"""What a headline is made of, and headlines without a model: the article's own, or the clause that serves best."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from summarizer.grounding import Source, support_of
from summarizer.text.furniture import above, story_sentences, tells_nothing
from summarizer.text.sentences import has_words, is_finished
from summarizer.types import Span, Summary, SupportedSentence
from summarizer.writing.selection import as_read, content_words, rank_sentences, words
from summarizer.writing.style import Style
from summarizer.writing.trimming import LEANS, is_clause, trimmed, without_stop

_FEWEST_TITLE_WORDS, _MOST_TITLE_WORDS = 3, 20
_LONGEST_TITLE = 300  # characters
TITLE = "The headline is the article's title."
_RANKED = 5
_LONGEST_SENTENCE = 1000  # characters
# A clause of the article's own, and a sentence, may be as long as this where no number of words is asked for.
_MOST_OWN_WORDS, _MOST_SENTENCE_WORDS = 18, 22
_QUOTES = frozenset("\"'“‘«")
_FEWEST_WORDS, _SHARED_WORDS = 4, 3
_NO_HEADLINE = re.compile(  # bylines, bread crumbs, times, the fields of a page's front matter
    r"^(?:by|from|published|updated|posted|photo|image|picture|video|credit)\b|://|\s[|·•»›>▪]\s|\b\d{1,2}[:h]\d\d\b|"
    r"^\w+:\s*[\"\[]",
    re.IGNORECASE,
)


def headline_sentences(text: str, spans: Sequence[Span]) -> list[Span]:
    """Of the sentences ``spans`` of ``text`` those that a headline may be of, the best first.

    The story's first one, where it is among the salient, is what its writer had a headline for: ROUGE-1 / 2 / L with
    380 articles' headlines or summaries (the mean of five sets) 23.7 / 8.8 / 20.0, of the most salient one 23.4 / 8.9 /
    20.1. Of 70 headlines that are others since then, and read blind, 39 were preferred and 24 not.
    """
    ranked = rank_sentences(text, spans, _RANKED)
    first = story_sentences(text, spans)[:1]
    ordered = [*(i for i in first if i in ranked), *(i for i in ranked if i not in first)]
    short = [spans[i] for i in ordered if spans[i].end - spans[i].start <= _LONGEST_SENTENCE]
    return short or [Span(spans[i].start, spans[i].start + _LONGEST_SENTENCE) for i in ordered[:1]]


def headline_inputs(sentence: str, wanted: Style) -> list[str]:
    """What a small model is given for a headline of a sentence: its main clause, where it can be told, and all of it.

    Of 380 headlines 127 may stand that are written of the clause, 134 of all of it, one of the two 171.
    """
    clause = _clause(sentence, *_most(wanted))
    return list(dict.fromkeys([f"{without_stop(clause)}.", sentence] if clause else [sentence]))


def stand_in(source: Source, wanted: Style) -> str:
    """The article's own headline, or the main clause of a sentence, in the order of `headline_sentences`.

    Where none can be told, it is the first sentence that is short enough, or one ended where it may be.
    """
    text = source.text
    if own := own_headline(source, wanted):
        return own
    told = [as_read(text[s.start : s.end], follows=False) for s in headline_sentences(text, source.spans)]
    if found := next(filter(None, (_clause(each, *_most(wanted)) for each in told)), None):
        return found
    shaped = [wanted.shape(each) for each in sorted(told, key=lambda each: bool(LEANS.match(each) or _is_quoted(each)))]
    worded = [(parts[0], finish) for parts, finish in shaped if has_words(parts[0])]
    whole = next((told for told, finish in worded if finish == "stop"), None)
    return whole or next((told for told, _ in worded), text.split()[0])


def _most(wanted: Style) -> tuple[int, int]:
    """How many words a clause may have, and where none is as short."""
    return wanted.max_words or _MOST_OWN_WORDS, wanted.max_words or _MOST_SENTENCE_WORDS


def _clause(sentence: str, most: int, longest: int) -> str | None:
    """What serves as a headline of a sentence: its main clause, or all of it where it is short and stands alone."""
    if told := trimmed(sentence, most) or trimmed(sentence, longest):
        return told
    whole = without_stop(sentence)
    hangs = LEANS.match(whole.split(", ")[-1]) or LEANS.match(whole) or _is_quoted(whole) or whole[-1:] in "?!"
    return whole if len(whole.split()) <= longest and not hangs and is_clause(whole) else None


def _is_quoted(sentence: str) -> bool:
    return sentence[:1] in _QUOTES


def titled(
    result: Summary, text: str, title: str, wanted: Style, least_score: float, warnings: Sequence[str] = ()
) -> Summary:
    """A headline in the words of ``text`` gives way to the ``title`` that came with it, where the text supports that.

    So does one with a score below ``least_score``. The title is no part of what is cached: this is for the caller who
    gave it. ``warnings`` are those of the article, which stay.
    """
    title = "".join(filter(str.isprintable, " ".join(title[:_LONGEST_TITLE].split())))  # one line, nothing unseen
    if wanted.format != "headline" or wanted.grounding == "report" or not _stems(title):
        return result
    written = result.finish_reason != "extractive" and all(each.score >= least_score for each in result.sentences)
    fits = _FEWEST_TITLE_WORDS <= len(title.split()) <= (wanted.max_words or _MOST_TITLE_WORDS)
    if written or not fits or not _tells_of(_stems(text), title):
        return result
    report = support_of(text, title)
    supported = all(each.supported for each in report.sentences)
    if any(each.unsupported for each in report.sentences) or (wanted.grounding == "strict" and not supported):
        return result
    sources = dict.fromkeys(span for each in report.sentences for span in each.sources)
    whole = SupportedSentence(title, supported, report.score, tuple(sorted(sources, key=lambda span: span.start)))
    return replace(result, summary=title, sentences=(whole,), finish_reason="extractive", warnings=(*warnings, TITLE))


def _serving(line: str, told: set[str], wanted: Style) -> str | None:
    """A line as the headline of a story that has the stems ``told``; ``None`` where it is none, or another's."""
    (headline,), finish = wanted.shape(line)
    whole = len(words(headline)) >= len(words(line)) - 1  # but for a label ("Subject:")
    if finish != "stop" or not whole or is_finished(line) or tells_nothing(line) or _NO_HEADLINE.search(line):
        return None
    return headline if len(words(headline)) >= _FEWEST_WORDS and _tells_of(told, headline) else None


def _tells_of(told: set[str], headline: str) -> bool:
    """Whether a headline says some of what a story with the stems ``told`` says."""
    stems = _stems(headline)
    return len(told & stems) >= max(min(_SHARED_WORDS, len(stems) - 1), len(stems) / 3)


def own_headline(source: Source, wanted: Style) -> str | None:
    """The first line above the story that says in as few words as are wanted some of what the story says."""
    text, spans = source.text, source.spans
    story = story_sentences(text, spans)
    told = _stems(" ".join(text[spans[i].start : spans[i].end] for i in story))
    return next(filter(None, (_serving(line, told, wanted) for line in above(text, spans, story))), None)


def _stems(text: str) -> set[str]:
    """The words that tell something, in the singular."""
    return {word.removesuffix("s") for word in content_words(text)}
