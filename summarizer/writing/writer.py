"""From a text to a summary that it supports: draft, check, other drafts where the first fails, repair."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from functools import partial

from summarizer import grounding
from summarizer.engines.base import Engine
from summarizer.engines.load import LoadPlan
from summarizer.engines.scheduler import Scheduler
from summarizer.errors import InferenceFailed, SummarizerError, UnsupportedSummary
from summarizer.grounding import Reading, Source
from summarizer.text.furniture import bare
from summarizer.text.language import begins_in_english
from summarizer.text.sentences import has_words, sentences
from summarizer.types import Coverage, Span, Timings
from summarizer.writing import chunking, selection, style
from summarizer.writing.drafting import SENTENCES_AT_ONCE, Caller, sentences_read, write_draft
from summarizer.writing.headlines import headline_inputs, headline_sentences, own_headline, stand_in
from summarizer.writing.judging import Judge
from summarizer.writing.naming import named
from summarizer.writing.salient import Salience
from summarizer.writing.style import Style
from summarizer.writing.written import Written

VERSIONS = (chunking.VERSION, selection.VERSION, style.VERSION, "25")  # a new last one where summaries change
# A draft that fails is written again from so many sentences more, or fewer, than the model is given (6 where it is
# given all): greedy decoding has but one answer to one input.
_OTHER_INPUTS = (2, -1)
_ALL = 6
# Of a headline, which has few facts to check; by a large model and by a small one.
_HEADLINE_SCORE, _SMALL_HEADLINE_SCORE = 0.5, 0.65
# What is below this in the best of three drafts gives way to the article's own sentence: 9 of 378 articles, read, 6 of
# them wrong (below 0.75 22 sentences, 9 wrong, and ROUGE-L falls by 0.2).
_LEAST_SCORE = 0.7
# Below this closeness to what is salient a small model's draft missed the news: of three drafts the nearest without
# doubt has ROUGE-1 / 2 / L 42.8 / 20.4 / 29.6 where the first has 41.8 / 19.2 / 28.7 (378 articles, the mean of five
# sets; 42 % are written again; at 0.65 51 %, and no gain).
_CLOSE = 0.6
_OWN_HEADLINE = "The headline is in the article's own words."
_REPLACED = "{} unsupported, doubtful or unfinished sentence(s) replaced by the article's own, or left out."
_OWN_LANGUAGE = "The sentences are the article's own: the model writes English alone."
_UNSUPPORTED, _ASK_OTHERWISE = "The article does not support the summary.", "Ask for repair or report."
_TIME_TO_END_S = 0.5  # to repair a draft in
_MOST_OWN = 2


@dataclass(frozen=True, slots=True)
class Writer:
    """What writes: the model's queue, the model in it, how it is used, and who judges what it wrote."""

    scheduler: Scheduler
    engine: Engine
    plan: LoadPlan
    judge: Judge


async def write_summary(writer: Writer, text: str, wanted: Style, caller: Caller) -> Written:
    """The summary of ``text``.

    Where a sentence of the first draft states what the text does not or has no end, others are written from other
    selections, in one batch; where the model reads a selection, also where a sentence has a low score or the draft
    tells next to nothing, or little of what is salient. The one with the fewest failing sentences is kept, then one
    that tells enough, without doubt, and nearest to what is salient (not for articles of several chunks, which take
    too long). What still fails, or is doubtful, gives way to the text's own sentences; they fill what is too little.
    At last a small model's sentences get back what it cut from before a name.

    Raises:
        UnsupportedSummary: Grounding is strict, and no supported summary could be written.
        SummarizerError: What the scheduler raises.
    """
    reading, plan, spans = Reading(text), writer.plan, await asyncio.to_thread(sentences, text)
    few = len(spans) <= wanted.max_sentences and wanted.format != "headline" and wanted.max_words is None
    if few and (total := sum(writer.engine.count_tokens([text]))) <= wanted.max_new_tokens:
        source = await reading.source()
        own = "\n".join(text[s.start : s.end] for s in source.spans)
        report = await asyncio.to_thread(grounding.support_by, source, own)
        return Written(report.sentences, Coverage(total, total, 1, False), "short_article")
    reads_it = plan.selection is None or begins_in_english(text)
    if not reads_it and wanted.grounding != "report":
        return await _chosen(writer, await reading.source(), wanted)
    headline, small = wanted.format == "headline", plan.selection is not None
    if headline and small:
        chosen = await asyncio.to_thread(headline_sentences, text, spans)
        return await _small_headline(writer, reading, wanted, caller, chosen[:1])
    drafted, heard = wanted, caller
    # One of three sentences is a better one: of 60 read 36 were sound, of those written alone 28.
    if small and wanted.max_words is None and wanted.max_sentences < SENTENCES_AT_ONCE:
        drafted = replace(wanted, max_sentences=SENTENCES_AT_ONCE)
        heard = caller.hearing(wanted.max_sentences) if wanted.grounding == "report" else replace(caller, on_text=None)
    draft = partial(_draft, writer, reading, drafted)
    written = await draft(plan, heard)
    if wanted.grounding == "report" and written.sentences:
        return _marked(text, replace(written, sentences=written.sentences[: wanted.max_sentences]))
    least = _HEADLINE_SCORE if headline else 0.0
    fails = written.finish_reason == "length" or written.unfinished or bool(written.failures(wanted, least))
    source = await reading.source()
    salience = await asyncio.to_thread(_salience, source, plan, drafted)
    lacks = small and (written.is_doubtful or written.is_thin(drafted))
    if written.coverage.chunks == 1 and (fails or lacks or written.closeness(salience.inputs) < _CLOSE):
        written = await _another(draft, plan, caller, written, drafted, least, salience)
    completed = partial(_completed, salience)
    written = await asyncio.to_thread(completed, written, drafted, death=drafted == wanted)
    if not written.sentences:
        raise InferenceFailed("The model wrote no summary.")
    least = _LEAST_SCORE if small else least
    if drafted != wanted:
        sound = [each for each in written.sentences if not written.fails(each, wanted, least)] or written.sentences
        written = replace(written, sentences=tuple(salience.best(sound, wanted.max_sentences)))
        written = await asyncio.to_thread(completed, written, wanted)
    doubtful_headline = headline and written.is_doubtful and own_headline(source, wanted)
    if written.unfinished or written.failures(wanted, least) or doubtful_headline:
        written = await _repaired(source, written, wanted, least)
        written = await asyncio.to_thread(completed, written, wanted)  # it may have been told by what failed
    if wanted.grounding == "strict" and written.failures(wanted, 0.0):
        raise UnsupportedSummary(_UNSUPPORTED, hint=_ASK_OTHERWISE)
    if small and wanted.max_words is None:
        written = await asyncio.to_thread(salience.restored, written)
    if small:
        written = written.without_repeats()
    if small and wanted.max_sentences > 1 and wanted.max_words is None:
        written = await asyncio.to_thread(salience.introduced, written, wanted.max_sentences)
    if small and written.is_thin(wanted):
        written = await asyncio.to_thread(salience.filled, written, wanted)
    if small:  # a large one tells in an order of its own, and names whom it should
        written = written.in_order()
        told = await asyncio.to_thread(named, source, written.sentences, wanted.max_words)
        written = replace(written, sentences=told)
    if drafted != wanted and caller.on_text is not None and wanted.grounding != "report":
        caller.on_text(" ".join(each.text for each in written.sentences))
    return _marked(text, written)


async def _small_headline(
    writer: Writer, reading: Reading, wanted: Style, caller: Caller, told: Sequence[Span]
) -> Written:
    """A small model's headline of one sentence, ``told``: the first sound draft of its clause and of all of it.

    Of several sentences it makes one thing: of 60 headlines read that were written from these, 25 were false.
    """
    text = reading.text
    total = sum(await asyncio.to_thread(writer.engine.count_tokens, [text]))
    read = " ".join(selection.as_read(text[s.start : s.end], follows=False) for s in told)
    inputs = headline_inputs(read, wanted)[: 1 if wanted.grounding == "report" else None]
    callers = (caller, replace(caller, on_text=None))
    drafts = (_draft(writer, reading, wanted, writer.plan, *each) for each in zip(callers, inputs, strict=False))
    try:
        found = await _in_time(caller, drafts)
    except TimeoutError:
        hurried = Written((), Coverage(total, 0, 1, False), "length", hurried=True)
        return await _repaired(await reading.source(), hurried, wanted, _SMALL_HEADLINE_SCORE)
    written = [each for each in found if isinstance(each, Written)]
    if not written:
        raise next(each for each in found if isinstance(each, SummarizerError))
    best = next((each for each in written if each.is_headline(wanted, _SMALL_HEADLINE_SCORE)), written[0])
    best = replace(best, coverage=Coverage(total, min(total, best.coverage.tokens), 1, False, tuple(told)))
    if wanted.grounding == "report" and best.sentences:
        return best
    source = await reading.source()
    if not best.is_headline(wanted, _SMALL_HEADLINE_SCORE) or (best.is_doubtful and own_headline(source, wanted)):
        best = await _repaired(source, best, wanted, _SMALL_HEADLINE_SCORE)
    if wanted.grounding == "strict" and best.failures(wanted, 0.0):
        raise UnsupportedSummary(_UNSUPPORTED, hint=_ASK_OTHERWISE)
    return best


def _marked(text: str, written: Written) -> Written:
    """With a warning where two sentences or more of the draft are the text's own, word for word."""
    own = sum(
        any(selection.words(each.text) == selection.words(text[s.start : s.end]) for s in each.sources)
        for each in written.sentences
    )
    if own < _MOST_OWN or written.finish_reason != "stop":
        return written
    copied = f"{own} of {len(written.sentences)} sentences are the article's own, word for word."
    return replace(written, warnings=(*written.warnings, copied))


async def _draft(
    writer: Writer, reading: Reading, wanted: Style, plan: LoadPlan, caller: Caller, read: str | None = None
) -> Written:
    """A draft, checked against the text; written from ``read``, where that is another."""
    started = time.perf_counter()
    draft = await write_draft(writer.scheduler, writer.engine, plan, read or reading.text, wanted, caller)
    parts, finish = wanted.shape(draft.text)
    parts = [part for part in parts if has_words(part)]
    drafted = time.perf_counter()
    source = await reading.source()
    report = await writer.judge.check(source, parts, priority=caller.priority)
    told = [each.text for each in report.sentences] if plan.selection is not None else []
    in_order = wanted.format == "headline"
    cut = await asyncio.to_thread(grounding.careless_cuts, source, told, in_order=in_order)
    return Written(
        report.sentences,
        draft.coverage,
        finish,
        timings=Timings(queue=draft.queue_s)
        + Timings(inference=drafted - started - draft.queue_s, grounding=time.perf_counter() - drafted),
        careless=frozenset(each for each, is_careless in zip(told, cut, strict=True) if is_careless),
    )


async def _in_time(caller: Caller, drafts: Iterable[Awaitable[Written]]) -> list[Written | SummarizerError]:
    """Each of ``drafts``, or why the model failed at it: another may serve.

    Raises:
        TimeoutError: They are not there while there is time to repair one.
    """
    async with asyncio.timeout_at(None if caller.due is None else caller.due - _TIME_TO_END_S):
        found = await asyncio.gather(*drafts, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, SummarizerError):
            raise each
    return [each for each in found if isinstance(each, Written | SummarizerError)]


async def _another(
    draft: Callable[[LoadPlan, Caller], Awaitable[Written]],
    plan: LoadPlan,
    caller: Caller,
    first: Written,
    wanted: Style,
    least_score: float,
    salience: Salience,
) -> Written:
    """The best of ``first`` and the drafts from other inputs, as far as there is time for them."""
    unheard = replace(caller, on_progress=None, on_text=None)
    count = plan.selection or _ALL
    drafts = (draft(replace(plan, selection=max(1, count + more)), unheard) for more in _OTHER_INPUTS)
    try:
        found = await _in_time(caller, drafts)
    except TimeoutError:
        return replace(first, hurried=True)
    others = [each for each in found if isinstance(each, Written)]
    best = min((first, *others), key=lambda each: each.faults(wanted, least_score, salience.inputs))
    slowest = max((each.timings for each in others), key=lambda spent: sum(astuple(spent)), default=Timings())
    return replace(best, timings=first.timings + slowest)


def _salience(source: Source, plan: LoadPlan, wanted: Style) -> Salience:
    """What a summary should tell. Nothing where the model reads all: it finds what is the news itself."""
    if plan.selection is None:
        return Salience(source)
    several = wanted.max_sentences > 1
    counts = [sentences_read(plan.selection + more, wanted) for more in (0, *_OTHER_INPUTS) if several]
    return Salience.of(source, [count for count in counts if count])


def _completed(salience: Salience, written: Written, wanted: Style, *, death: bool = True) -> Written:
    """With what must be told and is not, where no number of words is asked for."""
    if wanted.max_words is not None or written.unfinished:
        return written
    return salience.completed(written, wanted.max_sentences, death=death)


async def _repaired(source: Source, written: Written, wanted: Style, least_score: float) -> Written:
    """The text's own sentences for those that fail; for a headline what stands for it."""
    started = time.perf_counter()
    own = None
    if wanted.format == "headline":
        own = await asyncio.to_thread(stand_in, source, wanted)
    elif written.unfinished:
        rests = " ".join(each.text for each in written.sentences[:1])
        nearest = await asyncio.to_thread(grounding.nearest_sources, source, rests)
        own = bare(source.text[nearest[0].start : nearest[0].end]) if nearest else None
    if own is not None:
        kept, replaced = list((await asyncio.to_thread(grounding.support_by, source, own)).sentences), 1
    else:
        fails = partial(written.fails, wanted=wanted, least_score=least_score)
        kept, replaced = await asyncio.to_thread(grounding.repair, source, written.sentences, fails)
        if not replaced:  # nothing in the text is near
            return written
    fitting, _ = wanted.fit([each.text for each in kept])  # the article's own may be longer than those they stand for
    kept = kept[: len(fitting)]
    if kept and kept[0].text != fitting[0]:
        kept = list((await asyncio.to_thread(grounding.support_by, source, fitting[0])).sentences)
    warning = _OWN_HEADLINE if wanted.format == "headline" else _REPLACED.format(replaced)
    return replace(
        written.with_own(kept, warning),
        timings=written.timings + Timings(grounding=time.perf_counter() - started),
    )


async def _chosen(writer: Writer, source: Source, wanted: Style) -> Written:
    """The text's own salient sentences, where it is in a language that a small model does not write."""
    text, spans = source.text, source.spans
    if wanted.format == "headline":
        parts = [await asyncio.to_thread(stand_in, source, wanted)]
    else:
        ranked = await asyncio.to_thread(selection.rank_sentences, text, spans, wanted.max_sentences)
        told = {i: bare(text[spans[i].start : spans[i].end]) for i in ranked}
        kept = len(wanted.fit(list(told.values()))[0])  # the most salient that keep to the words asked for
        parts, _ = wanted.fit([told[i] for i in sorted(ranked[:kept])])
    report = await asyncio.to_thread(grounding.support_by, source, "\n".join(parts))
    total = sum(writer.engine.count_tokens([text]))
    return Written(report.sentences, Coverage(total, total, 1, False), "extractive", (_OWN_LANGUAGE,))
