import asyncio

import pytest

from summarizer.cache.flight import SingleFlight


async def test_equal_requests_share_one_piece_of_work():
    flights, runs = SingleFlight(), []

    async def work(tell):
        runs.append(1)
        await asyncio.sleep(0)
        return "done"

    results = await asyncio.gather(*(flights.run("key", work) for _ in range(5)))
    assert len(runs) == 1 and sorted(results) == [("done", False)] + [("done", True)] * 4
    assert await flights.run("key", work) == ("done", False) and len(runs) == 2


async def test_a_leader_that_leaves_does_not_take_the_others_with_it():
    flights, gate = SingleFlight(), asyncio.Event()

    async def work(tell):
        await gate.wait()
        return "done"

    leader = asyncio.ensure_future(flights.run("key", work))
    await asyncio.sleep(0)
    other = asyncio.ensure_future(flights.run("key", work))
    await asyncio.sleep(0)
    leader.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert await other == ("done", True)
    assert leader.cancelled()


async def test_work_stops_when_the_last_has_left():
    flights, stopped = SingleFlight(), []

    async def work(tell):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.append(1)
            raise

    waiting = [asyncio.ensure_future(flights.run("key", work)) for _ in range(2)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.sleep(0)
    assert stopped == [1]


async def test_an_error_reaches_everybody():
    async def work(tell):
        await asyncio.sleep(0)
        raise ValueError

    flights = SingleFlight()
    results = await asyncio.gather(*(flights.run("key", work) for _ in range(3)), return_exceptions=True)
    assert [type(r) for r in results] == [ValueError] * 3
    with pytest.raises(ValueError):
        await flights.run("key", work)


async def test_those_who_join_hear_what_was_told_before_and_from_then_on():
    flights, gate, heard = SingleFlight(), asyncio.Event(), {"first": [], "second": [], "left": []}

    async def work(tell):
        tell("One ")
        await gate.wait()
        tell("two.")
        return "done"

    first = asyncio.ensure_future(flights.run("key", work, heard["first"].append))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(flights.run("key", work, heard["second"].append))
    left = asyncio.ensure_future(flights.run("key", work, heard["left"].append))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert await first == ("done", False) and await second == ("done", True)
    assert heard == {"first": ["One ", "two."], "second": ["One ", "two."], "left": ["One "]}


async def test_work_of_one_who_does_not_listen_is_given_nobody_to_tell():
    async def work(tell):
        return tell

    assert await SingleFlight().run("key", work) == (None, False)
