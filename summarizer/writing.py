"""From a text to a summary that it supports: draft, check, other drafts where the first fails, repair."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from summarizer import grounding
from summarizer.drafting import Caller, write_draft
from summarizer.engines.base import Engine
from summarizer.engines.load import LoadPlan
from summarizer.engines.scheduler import Scheduler
from summarizer.errors import SummarizerError, UnsupportedSummary
from summarizer.sentences import sentences as split_sentences
from summarizer.style import Style
from summarizer.types import Coverage, FinishReason, Span, SupportedSentence

VERSION = "4"
# A draft that fails is written again from so many sentences more, or fewer, than the model is given (6 where it is
# given all): greedy decoding has but one answer to one input.
_OTHER_INPUTS = (2, -1)
_ALL = 6
_HEADLINE_SCORE = 0.4
# A small model joins sentences wrongly where nothing that it writes is foreign to the article. Of 24 drafts read (55
# sentences), 10 of the 11 sentences with a wrong fact scored less than this; of those that scored more, 25 of 28 were
# cut from one sentence of the article.
_DOUBTFUL_SCORE = 0.75
_LEAD = 5
_MOST_OWN = 2


@dataclass(frozen=True, slots=True)
class Written:
    """A summary in offsets of the text it was written from; times in seconds."""

    sentences: tuple[SupportedSentence, ...]
    coverage: Coverage
    finish_reason: FinishReason
    warnings: tuple[str, ...] = ()
    inference_s: float = 0.0
    grounding_s: float = 0.0

    @property
    def unfinished(self) -> bool:
        """Whether the model came to no end in its only sentence (a text cut to the words asked for ends in "…")."""
        return self.finish_reason == "length" and any(not each.text.endswith("…") for each in self.sentences)

    @property
    def least_score(self) -> float:
        """That of the sentence that is least likely to be supported."""
        return min((sentence.score for sentence in self.sentences), default=0.0)

    def failures(self, wanted: Style) -> int:
        """Sentences with unsupported facts; where grounding is strict, all that are not ``supported``.

        A headline has few facts to check, and a small model's may combine them wrongly: it needs a score as well.
        """
        strict, headline = wanted.grounding == "strict", wanted.format == "headline"
        return sum(
            not each.supported if strict else bool(each.unsupported) or (headline and each.score < _HEADLINE_SCORE)
            for each in self.sentences
        )


async def write_summary(
    scheduler: Scheduler, engine: Engine, plan: LoadPlan, text: str, wanted: Style, caller: Caller
) -> Written:
    """The summary of ``text``.

    Where a sentence of the first draft states what the text does not, has no end, or has a low score though the model
    reads a selection, others are written from other selections, in one batch, and the one with the fewest failing
    sentences, then with least doubt, is kept (not for articles of several chunks, which take too long). What still
    fails gives way to the text's own sentences.

    Raises:
        UnsupportedSummary: Grounding is strict, and no supported summary could be written.
        SummarizerError: What the scheduler raises.
    """
    spans = split_sentences(text)
    if len(spans) <= wanted.max_sentences and wanted.format != "headline" and wanted.max_words is None:
        total = sum(engine.count_tokens([text]))
        own = [text[s.start : s.end] for s in spans]
        return await _checked(text, own, Coverage(total, total, 1, False), "short_article")
    written = await _draft(scheduler, engine, plan, text, wanted, caller)
    if wanted.grounding == "report":
        return _marked(text, written)
    fails = written.unfinished or bool(written.failures(wanted))
    doubtful = plan.selection is not None and wanted.format != "headline" and written.least_score < _DOUBTFUL_SCORE
    if (fails or doubtful) and written.coverage.chunks == 1:
        written = await _another(scheduler, engine, plan, text, wanted, caller, written)
    if written.unfinished or (written.failures(wanted) and written.finish_reason == "stop"):
        written = await _repaired(text, written, wanted)
    if wanted.grounding == "strict" and written.failures(wanted):
        raise UnsupportedSummary("The article does not support the summary.", hint="Ask for repair or report.")
    return _marked(text, written)


def _marked(text: str, written: Written) -> Written:
    """With a warning where two sentences or more of the draft are the text's own, word for word."""
    own = sum(
        any(_plain(each.text) == _plain(text[s.start : s.end]) for s in each.sources) for each in written.sentences
    )
    if own < _MOST_OWN or written.finish_reason != "stop":
        return written
    copied = f"{own} of {len(written.sentences)} sentences are the article's own, word for word."
    return replace(written, warnings=(*written.warnings, copied))


def _plain(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


async def _draft(
    scheduler: Scheduler, engine: Engine, plan: LoadPlan, text: str, wanted: Style, caller: Caller
) -> Written:
    started = time.perf_counter()
    draft, coverage = await write_draft(scheduler, engine, plan, text, wanted, caller)
    parts, finish = wanted.shape(draft)
    written = await _checked(text, parts, coverage, finish)
    return replace(written, inference_s=time.perf_counter() - started - written.grounding_s)


async def _checked(text: str, parts: Sequence[str], coverage: Coverage, finish: FinishReason) -> Written:
    started = time.perf_counter()
    report = await asyncio.to_thread(grounding.check_support, text, "\n".join(parts))
    return Written(report.sentences, coverage, finish, grounding_s=time.perf_counter() - started)


async def _another(
    scheduler: Scheduler, engine: Engine, plan: LoadPlan, text: str, wanted: Style, caller: Caller, first: Written
) -> Written:
    """The best of ``first`` and the drafts from other inputs."""
    count = plan.selection or _ALL
    plans = [replace(plan, selection=max(1, count + more)) for more in _OTHER_INPUTS]
    silent = Caller(caller.background)
    drafts = (_draft(scheduler, engine, p, text, wanted, silent) for p in plans)
    found = await asyncio.gather(*drafts, return_exceptions=True)
    for failure in found:  # where the queue is full or time is up, the first draft can still be repaired
        if isinstance(failure, BaseException) and not isinstance(failure, SummarizerError):
            raise failure
    others = [each for each in found if isinstance(each, Written)]
    best = min((first, *others), key=lambda each: _faults(each, wanted))
    return replace(
        best,
        inference_s=first.inference_s + max((other.inference_s for other in others), default=0.0),
        grounding_s=first.grounding_s + max((other.grounding_s for other in others), default=0.0),
    )


def _faults(written: Written, wanted: Style) -> tuple[bool, int, float]:
    """What makes one draft worse than another. Past doubt a higher score is no merit: it is that of a copy."""
    return written.finish_reason != "stop", written.failures(wanted), -min(written.least_score, _DOUBTFUL_SCORE)


async def _repaired(text: str, written: Written, wanted: Style) -> Written:
    started = time.perf_counter()
    sources = written.sentences[0].sources
    own = None
    if wanted.format == "headline":
        own = _headline(text, sources, wanted)
    elif written.unfinished and sources:
        own = text[sources[0].start : sources[0].end]
    if own is not None:
        kept, replaced = list((await asyncio.to_thread(grounding.check_support, text, own)).sentences), 1
    else:
        strict = wanted.grounding == "strict"
        kept, replaced = await asyncio.to_thread(grounding.repair, text, written.sentences, strict=strict)
    return replace(
        written,
        sentences=tuple(kept),
        finish_reason="extractive",
        warnings=(f"{replaced} unsupported or unfinished sentence(s) replaced by the article's own, or left out.",),
        grounding_s=written.grounding_s + time.perf_counter() - started,
    )


def _headline(text: str, sources: Sequence[Span], wanted: Style) -> str:
    """The article's own sentence that serves best as a headline: short enough, or ended at a clause that is.

    Those that the failed headline rests on come first, then the article's first ones.
    """
    spans = [*sources, *split_sentences(text)[:_LEAD]]
    shaped = [wanted.shape(text[s.start : s.end]) for s in spans]
    return next((parts[0] for parts, finish in shaped if finish == "stop"), shaped[0][0][0])
