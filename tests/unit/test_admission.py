import asyncio

import pytest

from summarizer.admission import Door
from summarizer.errors import DeadlineExceeded, Overloaded
from summarizer.settings import QueueSettings


def door(**settings):
    return Door(QueueSettings(**settings), lambda: 3.0)


async def test_where_there_is_no_place_a_request_is_refused_at_once():
    one = door(max_requests=2)
    async with one.enter(10), one.enter(10):
        with pytest.raises(Overloaded) as caught:
            async with one.enter(10):
                pass
        assert caught.value.retry_after_s == 6
        async with one.enter(10**9, background=True):  # bounded by whoever sends it
            pass
    async with one.enter(10):
        pass


async def test_characters_are_counted_and_an_idle_service_takes_any_number():
    one = door(max_characters=100)
    async with one.enter(1000):
        with pytest.raises(Overloaded):
            async with one.enter(1):
                pass
    async with one.enter(60), one.enter(40):
        with pytest.raises(Overloaded):
            async with one.enter(1):
                pass


async def test_what_is_brought_later_counts_as_what_was_brought_to_the_door():
    one = door(max_characters=100)
    async with one.enter(0) as alone:
        alone.bring(1000)
        with pytest.raises(Overloaded):
            async with one.enter(1):
                pass
    async with one.enter(50) as first, one.enter(0) as second:
        with pytest.raises(Overloaded) as caught:
            second.bring(51)
        assert caught.value.retry_after_s == 3
        second.bring(50)
        async with one.enter(0, background=True) as visit:
            visit.bring(10**9)
        with pytest.raises(Overloaded):
            first.bring(1)
    async with one.enter(60), one.enter(40):
        pass


async def test_the_deadline_ends_whatever_is_waited_for_and_gives_the_place_back():
    one, ended = door(max_requests=1, deadline_s=0.01), []

    async def endless():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    for _ in range(2):
        with pytest.raises(DeadlineExceeded, match="in time"):
            async with one.enter(1):
                await endless()
    assert ended == [True, True]


async def test_what_is_untimed_does_not_count():
    async with door(deadline_s=0.05).enter(1) as visit:
        assert await visit.untimed(asyncio.sleep(0.1, "loaded")) == "loaded"
    async with door(deadline_s=1e-9).enter(1, background=True) as visit:
        assert await visit.untimed(asyncio.sleep(0.01, "loaded")) == "loaded"


async def test_another_timeout_inside_is_not_the_deadline():
    with pytest.raises(TimeoutError, match="of a socket"):
        async with door().enter(1):
            raise TimeoutError("of a socket")
