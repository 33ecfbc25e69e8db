"""The pipeline for synchronous callers: who waits is answered, and who leaves stops the work."""

import asyncio
import signal
import sys
import threading

import pytest

from summarizer.blocking import Summarizer
from summarizer.errors import ShuttingDown
from summarizer.pipeline import AsyncSummarizer
from summarizer.settings import load_settings

TEXT = "The council of Leeds approved 12 new flats near the harbour on Monday. Work begins in May."


class Held(AsyncSummarizer):
    """A core whose work under way ends when it is let go, or is cancelled."""

    def __init__(self, settings):
        super().__init__(settings)
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.closed_early = self.cancelled = False

    async def summarize(self, text, **options):
        self.entered.set()
        try:
            while not self.let_go.is_set():  # noqa: ASYNC110 - set by a thread
                await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return await super().summarize(text, **options)

    async def close(self):
        self.closed_early = not self.let_go.is_set()
        await super().close()


@pytest.fixture
def settings(tmp_path):
    return load_settings(engine="lead", cache={"path": tmp_path / "cache.sqlite3"})


@pytest.fixture
def held(settings):
    made = Summarizer(settings)
    made.core = Held(settings)
    yield made
    made.core.let_go.set()
    made.close()


class Loading(AsyncSummarizer):
    """A core that cannot be closed before its model is there."""

    def __init__(self, settings):
        super().__init__(settings)
        self.loaded = threading.Event()

    async def close(self):
        await asyncio.to_thread(self.loaded.wait)
        await super().close()


def in_thread(work):
    """Starts ``work`` in a thread; what it gave or raised is read off the list."""
    answers = []

    def run():
        try:
            answers.append(work())
        except Exception as error:  # noqa: BLE001 - what the caller of another thread sees
            answers.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, answers


def is_waiting(thread):
    frame, names = sys._current_frames()[thread.ident], []
    while frame is not None:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names[:2] == ["wait", "result"]


@pytest.mark.filterwarnings("error")
def test_after_close_every_call_is_refused(settings):
    summarizer = Summarizer(settings)
    assert summarizer.summarize(TEXT).summary
    summarizer.close()
    summarizer.close()
    for call in (
        summarizer.start,
        lambda: summarizer.summarize(TEXT),
        lambda: summarizer.submit(TEXT),
        lambda: summarizer.summarize_many([TEXT]),
        lambda: summarizer.check(TEXT, TEXT),
    ):
        thread, answers = in_thread(call)
        thread.join(10)
        assert len(answers) == 1 and isinstance(answers[0], ShuttingDown)


def test_close_answers_the_callers_of_other_threads(held):
    caller, answers = in_thread(lambda: held.summarize(TEXT))
    assert held.core.entered.wait(10)
    closer, closed = in_thread(held.close)
    with pytest.raises(ShuttingDown):  # at once, or once the closer has come so far
        while not answers:
            held.check(TEXT, TEXT)
    assert not answers and not closed
    held.core.let_go.set()
    caller.join(10)
    closer.join(10)
    assert answers[0].summary and closed == [None] and not held.core.closed_early


def test_an_interrupted_caller_stops_its_work(held, caplog):
    interrupted = threading.Event()

    def once(*_):
        if not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt

    def interrupt():  # again and again: Python forgets a signal that comes just before it waits for a lock
        held.core.entered.wait(10)
        while not is_waiting(threading.main_thread()):
            pass
        while not interrupted.wait(0.05):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # as Ctrl-C

    before = signal.signal(signal.SIGINT, once)
    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt), held:
            held.summarize(TEXT)
        thread.join(10)
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(ShuttingDown):
        held.summarize(TEXT)
    held.close()
    assert held.core.cancelled
    assert not caplog.records  # no "Task was destroyed but it is pending"


def test_who_cancels_a_future_stops_its_work(held):
    work = held.submit(TEXT)
    assert held.core.entered.wait(10)
    assert work.cancel()
    held.close()
    assert held.core.cancelled


def test_who_is_interrupted_does_not_wait_for_a_model_that_loads(settings):
    summarizer = Summarizer(settings)
    summarizer.core = Loading(settings)
    with pytest.raises(KeyboardInterrupt), summarizer:
        raise KeyboardInterrupt
    summarizer.core.loaded.set()  # not before the block has ended
    summarizer.close()
