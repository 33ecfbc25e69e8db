import asyncio

import pytest

from summarizer.engines.base import Engine, Generation, Request, Update
from summarizer.engines.lead import LeadEngine
from summarizer.engines.scheduler import Scheduler
from summarizer.errors import BackendError, InferenceFailed, ShuttingDown


class BrokenEngine(LeadEngine):
    def step(self):
        raise RuntimeError("the article's text")


class SilentEngine(LeadEngine):
    def step(self):
        return []


class Recorder(LeadEngine):
    """Takes one request a batch, and tells in which order."""

    def __init__(self, order):
        super().__init__()
        self.max_batch_tokens = 1
        self.order = order

    def admit(self, ticket, request):
        self.order.append(request.text)
        super().admit(ticket, request)


def never() -> Engine:
    raise RuntimeError("no such file")


async def test_answers_in_order():
    scheduler = Scheduler(LeadEngine)
    await scheduler.ready()
    answers = await scheduler.generate([Request("One is."), Request("Two is.")])
    assert [a.text for a in answers] == ["One is.", "Two is."]
    scheduler.close()


@pytest.mark.parametrize("engine", [BrokenEngine, SilentEngine])
async def test_every_waiter_is_answered_when_the_engine_fails(engine):
    scheduler = Scheduler(engine)
    await scheduler.ready()
    results = await asyncio.gather(*(scheduler.generate([Request("A b.")]) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(r, InferenceFailed) for r in results)
    scheduler.close()


async def test_a_model_that_cannot_be_loaded_is_an_error_of_its_own():
    with pytest.raises(BackendError):
        await Scheduler(never).ready()


async def test_what_was_taken_is_finished_and_a_closed_queue_takes_nothing():
    scheduler = Scheduler(LeadEngine)  # not started: nothing is taken
    waiting = asyncio.ensure_future(scheduler.generate([Request("A b.")]))
    await asyncio.sleep(0)
    scheduler.start()
    assert (await waiting)[0].text == "A b."
    scheduler.close()
    with pytest.raises(ShuttingDown):
        await scheduler.generate([Request("E f.")])


async def test_those_who_leave_while_they_wait_are_never_written_for():
    scheduler = Scheduler(LeadEngine)
    leavers = [asyncio.ensure_future(scheduler.generate([Request("A b.")])) for _ in range(5)]
    await asyncio.sleep(0)
    for leaver in leavers:
        leaver.cancel()
    await asyncio.gather(*leavers, return_exceptions=True)
    scheduler.start()
    assert (await scheduler.generate([Request("C d.")]))[0].text == "C d."
    assert scheduler.inferences == 1
    scheduler.close()


async def test_interactive_requests_pass_a_long_batch():
    order = []
    scheduler = Scheduler(lambda: Recorder(order))
    batch = asyncio.ensure_future(scheduler.generate([Request(f"Batch {i}.") for i in range(20)], priority=1))
    await asyncio.sleep(0)
    quick = asyncio.ensure_future(scheduler.generate([Request(f"Quick {i}.") for i in range(8)]))
    await asyncio.sleep(0)
    scheduler.start()
    await asyncio.gather(batch, quick)
    assert max(i for i, text in enumerate(order) if text.startswith("Quick")) < 12
    assert any(text.startswith("Batch") for text in order[:8])  # and the batch is not starved either
    scheduler.close()


async def test_the_many_requests_of_one_caller_hold_nobody_up():
    order = []
    scheduler = Scheduler(lambda: Recorder(order))
    calls = []
    for name, count in (("Book", 9), ("Tome", 9), ("Note", 1)):
        calls.append(asyncio.ensure_future(scheduler.generate([Request(f"{name} {i}.") for i in range(count)])))
        await asyncio.sleep(0)
    scheduler.start()
    *_, (note,) = await asyncio.gather(*calls)
    assert order[:5] == ["Book 0.", "Tome 0.", "Note 0.", "Book 1.", "Tome 1."]
    assert sorted(order[3:]) == sorted(f"{name} {i}." for name in ("Book", "Tome") for i in range(1, 9))
    assert note.queue_s > 0
    scheduler.close()


async def test_what_a_failed_step_left_in_the_engine_harms_nobody_later():
    class FailsOnce(LeadEngine):
        failed = False

        def step(self):
            if not self.failed:
                self.failed = True
                raise RuntimeError
            return super().step()

    scheduler = Scheduler(FailsOnce)
    with pytest.raises(InferenceFailed):
        await scheduler.generate([Request("First is.")]) if await scheduler.ready() else None
    answers = await scheduler.generate([Request("Second is."), Request("Third is.")])
    assert [a.text for a in answers] == ["Second is.", "Third is."]
    scheduler.close()


class WordByWord(LeadEngine):
    """Writes one word of each request a step, as an engine with in-flight batching does."""

    continuous = True

    def __init__(self):
        super().__init__()
        self.max_batch_tokens = 1000
        self.most = 0
        self.writing = {}

    def admit(self, ticket, request):
        self.writing[ticket] = (request, [])
        self.most = max(self.most, len(self.writing))

    def step(self):
        news = []
        for ticket, (request, words) in list(self.writing.items()):
            wanted = request.text.split()
            word = wanted[len(words)]
            words.append(word)
            over = len(words) == len(wanted)
            done = request.is_cancelled() or over
            reason = "stop" if over else "cancelled"
            generation = Generation(" ".join(words), len(wanted), len(words), reason) if done else None
            news.append(Update(ticket, word + " ", generation))
            if done:
                del self.writing[ticket]
        return news


class WaitsForASecond(WordByWord):
    def step(self):
        if self.most < 2 and any(len(words) >= 5 for _, words in self.writing.values()):
            return []
        return super().step()


async def test_requests_join_those_under_way_and_hear_their_own_words():
    engine = WaitsForASecond()
    scheduler = Scheduler(lambda: engine)
    await scheduler.ready()
    heard, joined = [], []

    def hear(piece):
        heard.append(piece)
        if len(heard) == 3:
            joined.append(asyncio.ensure_future(scheduler.generate([Request("Short one.")])))

    long = " ".join(f"word{i}" for i in range(300))
    (answer,) = await scheduler.generate([Request(long)], on_text=hear)
    assert "".join(heard).split() == answer.text.split()
    assert (await joined[0])[0].text == "Short one."
    assert engine.most == 2
    scheduler.close()


class EndlessForLeavers(WordByWord):
    """Goes on with the first request until that is told to stop."""

    def step(self):
        for request, words in self.writing.values():
            if request.text.startswith("leaver") and len(words) > 300 and not request.is_cancelled():
                del words[10:]
        return super().step()


async def test_one_who_leaves_is_stopped_and_the_others_go_on():
    engine = EndlessForLeavers()
    scheduler = Scheduler(lambda: engine)
    await scheduler.ready()
    begun, text = asyncio.Event(), "word " * 400
    leaver = asyncio.ensure_future(scheduler.generate([Request("leaver " + text)], on_text=lambda _: begun.set()))
    stayer = asyncio.ensure_future(scheduler.generate([Request(text)]))
    await begun.wait()
    leaver.cancel()
    assert len((await stayer)[0].text.split()) == 400
    await asyncio.gather(leaver, return_exceptions=True)
    await asyncio.to_thread(scheduler.close)  # waits for all that is under way
    assert not engine.writing


async def test_in_flight_batches_stay_within_the_token_budget():
    engine = WordByWord()
    scheduler = Scheduler(lambda: engine)  # 1,000 tokens: three of 300 (128 new, 172 of text)
    await scheduler.ready()
    answers = await asyncio.gather(*(scheduler.generate([Request("abc " * 172)]) for _ in range(8)))
    assert len(answers) == 8 and engine.most <= 3
    scheduler.close()


async def test_one_caller_has_no_more_under_way_than_the_engine_says():
    engine = WordByWord()
    engine.max_batch_tokens, engine.most_of_one = 10**6, 8
    scheduler = Scheduler(lambda: engine)
    await scheduler.ready()
    assert len(await scheduler.generate([Request("abc " * 9) for _ in range(20)])) == 20
    assert engine.most == 8
    calls = (scheduler.generate([Request("abc " * 9) for _ in range(20)]) for _ in range(2))
    assert [len(answers) for answers in await asyncio.gather(*calls)] == [20, 20]
    assert engine.most == 16
    scheduler.close()


async def test_a_request_that_the_engine_refuses_is_answered_and_the_others_go_on():
    class Choosy(LeadEngine):
        def admit(self, ticket, request):
            if request.text.startswith("Bad"):
                raise TypeError
            if request.text.startswith("Worse"):
                raise BackendError("of its own")
            super().admit(ticket, request)

    scheduler = Scheduler(Choosy)
    await scheduler.ready()
    bad, good = await asyncio.gather(
        scheduler.generate([Request("Bad one.")]), scheduler.generate([Request("Good one.")]), return_exceptions=True
    )
    assert isinstance(bad, InferenceFailed) and good[0].text == "Good one."
    with pytest.raises(BackendError, match="of its own"):  # an error of ours reaches the caller as it is
        await scheduler.generate([Request("Worse one.")])
    assert (await scheduler.generate([Request("Good two.")]))[0].text == "Good two."
    scheduler.close()


async def test_the_texts_of_several_requests_are_told_in_order():
    scheduler, heard = Scheduler(WordByWord), []
    await scheduler.ready()
    texts = ["One two three four five.", "Six.", "Seven eight nine ten eleven twelve thirteen."]
    await scheduler.generate([Request(text) for text in texts], on_text=heard.append)
    assert "".join(heard).split() == " ".join(texts).split()
    assert [line.strip() for line in "".join(heard).splitlines()] == texts
    scheduler.close()


async def test_who_waits_for_a_model_that_cannot_be_loaded_is_told_and_so_is_who_comes_later():
    scheduler = Scheduler(never)
    waiting = asyncio.ensure_future(scheduler.generate([Request("A b.")]))
    await asyncio.sleep(0)
    scheduler.start()
    with pytest.raises(BackendError, match="cannot be loaded"):
        await waiting
    with pytest.raises(BackendError, match="cannot be loaded"):
        await scheduler.generate([Request("C d.")])
    scheduler.close()
