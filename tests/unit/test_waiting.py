import asyncio
import math
from collections import Counter

import pytest

from summarizer.engines.base import Request
from summarizer.engines.waiting import Waiter, Waiting


@pytest.fixture
def call():
    loop = asyncio.new_event_loop()

    def waiters(name: str, count: int) -> list[Waiter]:
        return [Waiter(Request(f"{name}{i}"), loop.create_future(), loop, 0) for i in range(count)]

    yield waiters
    loop.close()


def callers(under_way: list[Waiter]) -> Counter[int]:
    return Counter(waiter.caller for waiter in under_way)


def taken(waiting: Waiting, under_way: list[Waiter], most: float = math.inf) -> str:
    waiter = waiting.next(callers(under_way), most)
    assert waiter is not None
    waiting.take(waiter)
    under_way.append(waiter)
    return waiter.request.text


def test_a_long_text_goes_on_however_many_short_ones_come(call):
    waiting, order = Waiting(), []
    waiting.add(call("long", 5))
    for i in range(20):
        waiting.add(call(f"short{i}-", 1))
        order.append(taken(waiting, []))
    assert [text for text in order if text.startswith("long")] == [f"long{i}" for i in range(5)]


def test_who_came_before_is_not_overtaken_when_one_with_enough_under_way_goes_on(call):
    waiting, under_way = Waiting(), []
    waiting.add(call("a", 12))
    assert [taken(waiting, under_way, 8) for _ in range(8)] == [f"a{i}" for i in range(8)]
    waiting.add(call("b", 12))
    assert [taken(waiting, under_way, 8) for _ in range(8)] == [f"b{i}" for i in range(8)]
    assert waiting.next(callers(under_way), 8) is None
    waiting.add(call("c", 1))
    del under_way[0]
    assert taken(waiting, under_way, 8) == "a8"
    waiting.add(call("d", 1))
    assert [taken(waiting, under_way, 8) for _ in range(2)] == ["c0", "d0"]
