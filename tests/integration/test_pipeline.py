import asyncio
import time
from dataclasses import replace
from functools import partial

import pytest

from summarizer import AsyncSummarizer, Summarizer
from summarizer.engines.lead import LeadEngine
from summarizer.errors import (
    DeadlineExceeded,
    EmptyInput,
    InferenceFailed,
    InputTooLong,
    InvalidRequest,
    Overloaded,
    ShuttingDown,
)
from summarizer.settings import load_settings
from summarizer.types import Article, Summary

ARTICLE = "\n".join(
    f"Paragraph {name} tells of the {name} harbour in detail. It adds that {name} has many boats."
    for name in ("Alpha", "Bravo", "Charlie", "Delta", "Echo")
)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("SUMMARIZER_ENGINE", "lead")
    monkeypatch.setenv("SUMMARIZER_CACHE__PATH", str(tmp_path / "cache.sqlite3"))
    return load_settings()


async def test_white_space_line_ends_and_a_second_copy_hit_the_same_entry(settings):
    async with AsyncSummarizer(settings) as summarizer:
        first = await summarizer.summarize(ARTICLE)
        for variant in (ARTICLE.replace("\n", "\r\n\r\n"), ARTICLE.replace(" ", "  "), f"{ARTICLE}\n{ARTICLE}"):
            again = await summarizer.summarize(variant)
            assert again.cached and again.id == first.id
            for sentence in again.sentences:  # the spans are those of the text that was submitted
                (source,) = sentence.sources[:1]
                assert variant[source.start : source.end].split()[:2] == sentence.text.split()[:2]
        assert summarizer.info()["inferences"] == 1
        assert summarizer.lookup(first.id).summary == first.summary


async def test_other_options_are_other_entries(settings):
    async with AsyncSummarizer(settings) as summarizer:
        results = [
            await summarizer.summarize(ARTICLE, **options)
            for options in ({}, {"length": "short"}, {"words": 20}, {"format": "bullets"}, {"format": "headline"})
        ]
        assert len({r.id for r in results}) == 5
        assert len(results[1].sentences) == 1
        assert len(results[2].summary.split()) <= 20
        assert results[3].summary.count("\n- ") == 2


async def test_fifty_equal_requests_cost_one_inference(settings):
    async with AsyncSummarizer(settings) as summarizer:
        results = await asyncio.gather(*(summarizer.summarize(ARTICLE) for _ in range(50)))
        assert len({r.summary for r in results}) == 1
        assert summarizer.info()["inferences"] == 1


async def test_a_caller_who_leaves_does_not_take_the_others_along(settings):
    async with AsyncSummarizer(settings) as summarizer:
        leader = asyncio.ensure_future(summarizer.summarize(ARTICLE))
        follower = asyncio.ensure_future(summarizer.summarize(ARTICLE))
        while not summarizer._flights:  # noqa: ASYNC110
            await asyncio.sleep(0)
        leader.cancel()
        assert (await follower).summary


async def test_errors_are_not_cached(settings):
    class FailsOnce(LeadEngine):
        failed = False

        def step(self):
            if not self.failed:
                self.failed = True
                raise RuntimeError
            return super().step()

    async with AsyncSummarizer(settings) as summarizer:
        summarizer._scheduler._load = FailsOnce
        with pytest.raises(InferenceFailed):
            await summarizer.summarize(ARTICLE)
        assert not (await summarizer.summarize(ARTICLE)).cached


async def test_a_long_article_is_read_whole_in_chunks(settings):
    text = "\n".join(
        f"Report number {i} says that ship {i} left port {i} with {i} crates of fish." for i in range(1000)
    )
    seen = []
    async with AsyncSummarizer(settings) as summarizer:
        result = await summarizer.summarize(text, on_progress=lambda done, total: seen.append((done, total)))
    assert result.coverage.chunks > 1 and not result.coverage.truncated
    assert result.coverage.tokens == result.coverage.tokens_read >= 13_000
    assert seen[-1] == (result.coverage.chunks, result.coverage.chunks)


def test_a_short_article_is_its_own_summary(settings):
    with Summarizer(settings) as summarizer:
        result = summarizer.summarize("Boats left the harbour. Fish was landed.")
    assert result.finish_reason == "short_article"
    assert result.summary == "Boats left the harbour. Fish was landed."


def test_bad_articles_have_errors_of_their_own(settings):
    with Summarizer(settings.model_copy(update={"max_characters": 100})) as summarizer:
        with pytest.raises(EmptyInput):
            summarizer.summarize(" \n… ")
        with pytest.raises(InputTooLong):
            summarizer.summarize("x " * 100)
        results = summarizer.summarize_many(["Boats left.", "", "Fish came."])
    assert isinstance(results[1], EmptyInput)
    assert [results[0].summary, results[2].summary] == ["Boats left.", "Fish came."]


@pytest.mark.parametrize("given", [None, b"Boats left.", Article(None)])
def test_what_is_no_article_is_a_type_error(settings, given):
    with Summarizer(settings) as summarizer:
        for call in (summarizer.summarize, partial(summarizer.check, summary="Boats left.")):
            with pytest.raises(TypeError, match="must be a text"):
                call(given)


def test_the_cache_survives_a_restart(settings):
    for cached in (False, True):
        with Summarizer(settings) as summarizer:
            assert summarizer.summarize(ARTICLE).cached is cached


async def test_a_stream_gives_sentences_and_last_the_whole_result(settings):
    async with AsyncSummarizer(settings) as summarizer:
        seen = [part async for part in summarizer.stream(ARTICLE, use_cache=False)]
        again = await summarizer.summarize(ARTICLE)
    assert isinstance(seen[-1], Summary) and seen[-1].summary == again.summary
    assert seen[:-1] == [s.text for s in again.sentences]


class InventingEngine(LeadEngine):
    """Writes a true sentence and one with a number and a name that the article does not have."""

    def step(self):
        text = "In 1873 Otto Wexler sold 412 boats in Charlie. Paragraph Alpha tells of the Alpha harbour in detail."
        return [replace(news, generation=replace(news.generation, text=text)) for news in super().step()]


async def test_grounding_reports_or_repairs(settings, monkeypatch):
    monkeypatch.setattr("summarizer.engines.load.LeadEngine", InventingEngine)
    async with AsyncSummarizer(settings) as summarizer:
        report = await summarizer.summarize(ARTICLE, grounding="report")
        repaired = await summarizer.summarize(ARTICLE)
        assert len({report.id, repaired.id}) == 2
        invented = report.sentences[0]
        assert not invented.supported and {u.kind for u in invented.unsupported} >= {"number"}
        assert report.finish_reason == "stop" and "412" in report.summary
        assert repaired.finish_reason == "extractive" and repaired.warnings
        assert all(s.supported and s.text in ARTICLE for s in repaired.sentences)
        headline = await summarizer.summarize(ARTICLE, grounding="strict", format="headline")
        assert headline.finish_reason == "extractive" and headline.sentences[0].supported
        strict = await summarizer.summarize(ARTICLE, grounding="strict")
        assert all(s.supported for s in strict.sentences)
        with pytest.raises(InvalidRequest):
            await summarizer.summarize(ARTICLE, grounding="maybe")


async def test_a_summary_from_elsewhere_is_checked(settings):
    async with AsyncSummarizer(settings) as summarizer:
        report = await summarizer.check(ARTICLE, "It adds that Echo has many boats. Delta sold 90 of them.")
        good, bad = report.sentences
        assert good.supported and ARTICLE[good.sources[0].start : good.sources[0].end] == good.text
        assert not bad.supported and bad.unsupported[0].text == "90"
        with pytest.raises(EmptyInput):
            await summarizer.check(ARTICLE, " …")
        with pytest.raises(EmptyInput, match="article"):
            await summarizer.check(" …", good.text)
    with Summarizer(settings) as blocking:
        assert blocking.check(ARTICLE, good.text).sentences == (good,)


class Slow(LeadEngine):
    """Takes a while for each step; a batch is one request."""

    def __init__(self):
        super().__init__()
        self.max_batch_tokens, self.context_tokens = 1, 700

    def step(self):
        time.sleep(0.1)
        return super().step()


LONG = "\n".join(
    f"The harbour {n} of {name} shipped {10 + n} boats of grain to port {n * 3} this year."
    for n in range(60)
    for name in ("Alba", "Brno", "Cork")
)


async def test_the_deadline_is_that_of_the_whole_request(settings):
    queue = settings.queue.model_copy(update={"deadline_s": 0.45})
    async with AsyncSummarizer(settings.model_copy(update={"queue": queue})) as summarizer:
        summarizer._scheduler._load = Slow
        with pytest.raises(DeadlineExceeded, match="in time"):
            await summarizer.summarize(LONG)  # each call of the model is in time by itself
        (result,) = await summarizer.summarize_many([LONG])  # work in the background has no deadline
        assert isinstance(result, Summary) and result.coverage.chunks > 3


async def test_a_full_service_refuses_at_the_door_and_many_articles_do_not_refuse_each_other(settings):
    queue = settings.queue.model_copy(update={"max_requests": 2, "max_characters": 1000})
    async with AsyncSummarizer(settings.model_copy(update={"queue": queue})) as summarizer:
        texts = [f"{n}. {LONG}" for n in range(4)]
        results = await asyncio.gather(*map(summarizer.summarize, texts), return_exceptions=True)
        assert [type(r) for r in results] == [Summary, Overloaded, Overloaded, Overloaded]
        assert all(isinstance(r, Summary) for r in await summarizer.summarize_many(texts))


async def test_once_closed_every_call_is_refused(settings):
    async with AsyncSummarizer(settings) as summarizer:
        await summarizer.summarize(ARTICLE)
    await summarizer.close()
    for call in (
        summarizer.start,
        lambda: summarizer.summarize(ARTICLE),
        lambda: summarizer.summarize_many([ARTICLE]),
        lambda: summarizer.check(ARTICLE, "Alpha harbour has many boats."),
        lambda: anext(summarizer.stream(ARTICLE)),
    ):
        with pytest.raises(ShuttingDown, match="closed"):
            await call()


async def test_closing_answers_the_calls_under_way_and_takes_no_others(settings):
    async def last(parts):
        return [part async for part in parts][-1]

    summarizer = AsyncSummarizer(settings)
    summarizer._scheduler._load = Slow
    calls = summarizer.summarize(LONG), last(summarizer.stream(f"More. {LONG}")), summarizer.summarize_many([ARTICLE])
    under_way = asyncio.gather(*calls)
    while len(summarizer._flights._flights) < len(calls):  # noqa: ASYNC110 - until each is at the model
        await asyncio.sleep(0)
    closing = asyncio.ensure_future(summarizer.close())
    await asyncio.sleep(0)
    with pytest.raises(ShuttingDown):
        await summarizer.summarize(ARTICLE)
    first, streamed, (many,) = await under_way
    assert {type(first), type(streamed), type(many)} == {Summary} and first.coverage.chunks > 3
    await closing


async def test_closing_answers_all_the_articles_of_a_call_under_way(settings):
    queue = settings.queue.model_copy(update={"max_requests": 1})  # one article at a time
    summarizer = AsyncSummarizer(settings.model_copy(update={"queue": queue}))
    under_way = asyncio.ensure_future(summarizer.summarize_many([f"{n}. {ARTICLE}" for n in range(4)]))
    await asyncio.sleep(0)
    await summarizer.close()
    assert [type(result) for result in await under_way] == [Summary] * 4
    with pytest.raises(ShuttingDown):
        await summarizer.summarize_many([ARTICLE])


async def test_a_call_that_fails_as_a_whole_leaves_no_article_behind(settings):
    def fail(done, total):
        raise RuntimeError

    queue = settings.queue.model_copy(update={"max_requests": 1})
    summarizer = AsyncSummarizer(settings.model_copy(update={"queue": queue}))
    with pytest.raises(RuntimeError):
        await summarizer.summarize_many([f"{n}. {ARTICLE}" for n in range(4)], on_result=fail)
    await summarizer.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert summarizer.info()["inferences"] < 4


async def test_getting_the_article_has_the_place_and_the_deadline_of_its_request(settings):
    async def get(text=ARTICLE, seconds=0.0):
        await asyncio.sleep(seconds)
        return Article(text, title="Harbours")

    queue = settings.queue.model_copy(update={"max_requests": 2, "max_characters": len(LONG)})
    async with AsyncSummarizer(settings.model_copy(update={"queue": queue})) as summarizer:
        assert (await summarizer.summarize(get)).article.title == "Harbours"
        assert [part async for part in summarizer.stream(get)][-1].cached
        calls = [summarizer.summarize(partial(get, text)) for text in (LONG, f"Less. {ARTICLE}", ARTICLE)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(r) for r in results] == [Summary, Overloaded, Overloaded]  # one for its characters
    queue = queue.model_copy(update={"deadline_s": 0.45})
    async with AsyncSummarizer(settings.model_copy(update={"queue": queue})) as summarizer:
        summarizer._scheduler._load = Slow
        assert await summarizer.summarize(ARTICLE, use_cache=False)  # one call of the model, which takes 0.1 s
        with pytest.raises(DeadlineExceeded):
            await summarizer.summarize(partial(get, seconds=0.4), use_cache=False)


async def test_a_summary_looked_up_is_the_one_that_was_given(settings):
    async with AsyncSummarizer(settings) as summarizer:
        given = await summarizer.summarize(f"{ARTICLE}\n{ARTICLE}")
        found = summarizer.lookup(given.id)
        assert found.article == given.article and found.duplicates == given.duplicates
        assert found.article.characters == 2 * len(ARTICLE) + 1


async def test_a_cached_row_that_cannot_be_read_counts_as_not_there(settings):
    async with AsyncSummarizer(settings) as summarizer:
        first = await summarizer.summarize(ARTICLE)
        row = summarizer._cache.get(first.id)
        summarizer._cache.put(first.id, {form: {"id": first.id} for form in row})
        assert summarizer.lookup(first.id) is None
        again = await summarizer.summarize(ARTICLE)
        assert not again.cached and again.summary == first.summary


async def test_what_brings_an_article_may_summarize_in_the_background_itself(settings):
    few = load_settings(queue={"max_requests": 8})  # one place in the background
    async with AsyncSummarizer(few) as summarizer:

        async def longer():
            return (await summarizer.summarize(ARTICLE, background=True)).summary + f"\n{ARTICLE}"

        async with asyncio.timeout(20):
            assert (await summarizer.summarize(longer, background=True)).summary
