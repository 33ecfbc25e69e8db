"""The queue in front of a model: batches by token budget, every waiter answered.

One thread owns the engine: it loads it, forms batches and steps it, so that the event loop never waits for a model.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from summarizer.engines.base import Engine, Generation, Request, Update
from summarizer.engines.waiting import INTERACTIVE, Waiter, Waiting
from summarizer.errors import BackendError, InferenceFailed, ShuttingDown, SummarizerError

_log = logging.getLogger(__name__)


class _InOrder:
    """Tells the texts of several requests one after the other, though they are written at once."""

    def __init__(self, tell: Callable[[str], None], waiters: Sequence[Waiter]) -> None:
        self._tell, self._waiters = tell, waiters
        self._held = [""] * len(waiters)
        self._at = 0  # the first that is not over
        for i, waiter in enumerate(waiters):
            waiter.on_text = functools.partial(self._hear, i)
            waiter.future.add_done_callback(lambda _: self._go_on())

    def _hear(self, i: int, text: str) -> None:
        if i == self._at:
            self._tell(text)
        else:
            self._held[i] += text

    def _go_on(self) -> None:
        while self._at < len(self._waiters) and self._waiters[self._at].future.done():
            self._at += 1
            if self._at < len(self._waiters):
                self._tell("\n" + self._held[self._at])


class Scheduler:
    """Runs requests on the engine that ``load`` makes (on the scheduler's own thread)."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._load = load
        self._waiting = Waiting()
        self._wake = threading.Condition()
        self._tickets = itertools.count()
        self._under_way: dict[int, Waiter] = {}  # by ticket; the model's thread alone touches it
        self._closing = False
        self._loaded = threading.Event()
        self._failure: SummarizerError | None = None
        self._thread: threading.Thread | None = None
        self.engine: Engine | None = None
        self.inferences = 0
        self.seconds_per_request = 2.0  # of the engine's time, so far

    def start(self) -> None:
        """Begins to load the engine; returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="summarizer-model", daemon=True)
            self._thread.start()

    async def ready(self) -> Engine:
        """The engine, once it is loaded and has passed its self-test. Raises what loading raised."""
        self.start()
        while not self._loaded.is_set():  # noqa: ASYNC110 - the event is set by a thread
            await asyncio.sleep(0.01)
        if self._failure is not None:
            raise self._failure
        assert self.engine is not None
        return self.engine

    async def generate(
        self,
        requests: Sequence[Request],
        *,
        priority: int = INTERACTIVE,
        on_done: Callable[[int, int], None] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> list[Generation]:
        """Answers in the order of ``requests``. A caller that is cancelled leaves the queue and the model.

        ``on_done`` is told of each answer: how many there are, and of how many.
        ``on_text`` is given the pieces of text as they are written, of each request after those before it.

        Raises:
            ShuttingDown: Nothing is taken any more.
            BackendError: The model failed.
        """
        loop = asyncio.get_running_loop()
        waiters = [Waiter(request, loop.create_future(), loop, priority) for request in requests]
        if on_text is not None:
            _InOrder(on_text, waiters)
        self._enqueue(waiters)
        if on_done is not None:
            on_done(0, len(waiters))
            for waiter in waiters:
                waiter.future.add_done_callback(lambda _: on_done(sum(w.future.done() for w in waiters), len(waiters)))
        try:
            return [await waiter.future for waiter in waiters]
        except BaseException:
            with self._wake:
                for waiter in waiters:
                    waiter.left = True
                    waiter.future.cancel()
                self._waiting.drop_left()
            raise

    def _enqueue(self, waiters: Sequence[Waiter]) -> None:
        for waiter in waiters:
            waiter.request = replace(waiter.request, is_cancelled=waiter.is_cancelled)
        with self._wake:
            if self._closing:
                raise ShuttingDown("The service is shutting down.", hint="Try again shortly.")
            if self._failure is not None:
                raise self._failure
            self._waiting.add(waiters)
            self._wake.notify()

    def close(self) -> None:
        """Finishes what has been taken, refuses anything new, and frees the model."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            engine = self.engine = self._load()
        except SummarizerError as error:
            self._refuse(error)
        except Exception as error:  # noqa: BLE001 - whoever waits for the model is told
            _log.exception("the model cannot be loaded")
            failure = BackendError(f"The model cannot be loaded ({type(error).__name__}).")
            failure.__cause__ = error
            self._refuse(failure)
        else:
            self._loaded.set()
            while self._take(engine):
                self._advance(engine)
            engine.close()

    def _refuse(self, failure: SummarizerError) -> None:
        """Answers all who wait with ``failure``, and all who come."""
        with self._wake:
            self._failure = failure
            waiting = list(self._waiting)
        self._loaded.set()
        for waiter in waiting:
            waiter.answer(failure)

    def _take(self, engine: Engine) -> bool:
        """Takes what fits the engine now, by length; blocks where nothing is under way. False at the end."""
        with self._wake:
            while not (self._under_way or self._waiting):
                if self._closing:
                    return False
                self._wake.wait()
            batch: list[Waiter] = []
            going = list(self._under_way.values())
            used, longest = sum(w.tokens for w in going), 0
            callers = Counter(w.caller for w in going)
            while waiter := self._waiting.next(callers, engine.most_of_one):
                longest = max(longest, waiter.tokens)
                padded = used + waiter.tokens if engine.continuous else longest * (len(batch) + 1)
                first = batch[0] if batch else going[0] if going else None
                same = first is None or waiter.request.decoding.num_beams == first.request.decoding.num_beams
                if first is not None and (padded > engine.max_batch_tokens or not same):
                    break
                self._waiting.take(waiter)
                callers[waiter.caller] += 1
                batch.append(waiter)
                used += waiter.tokens
            for waiter in sorted(batch, key=lambda w: w.tokens):
                self._under_way[next(self._tickets)] = waiter
                waiter.started = time.monotonic()
        return True

    def _advance(self, engine: Engine) -> None:
        """Admits what is new, steps the engine once, and hands out what it says."""
        for ticket, waiter in [(t, w) for t, w in self._under_way.items() if not w.admitted]:
            waiter.admitted = True
            if waiter.left:
                del self._under_way[ticket]
            else:
                self.inferences += 1
                self._admit(engine, ticket, waiter)
        if not self._under_way:
            return
        progress = self._step(engine)
        for news in progress or []:
            if news.ticket not in self._under_way:  # left in the engine by a step that failed
                continue
            waiter = self._under_way[news.ticket]
            if news.text:
                waiter.tell(news.text)
            if news.error is None and news.generation is None:
                continue
            del self._under_way[news.ticket]
            self._learn(waiter)
            if news.error is not None:
                waiter.answer(news.error)
            elif news.generation is not None:
                waiter.answer(replace(news.generation, queue_s=waiter.started - waiter.came))
        if progress is None or (not engine.continuous and self._under_way):
            # An engine that broke its contract still leaves nobody waiting.
            for waiter in self._under_way.values():
                waiter.answer(InferenceFailed.while_writing())
            self._under_way.clear()

    def _admit(self, engine: Engine, ticket: int, waiter: Waiter) -> None:
        try:
            engine.admit(ticket, waiter.request)
        except Exception as error:  # noqa: BLE001 - this one is answered, and the others go on
            _log.error("an engine refused a request: %s", type(error).__name__)
            del self._under_way[ticket]
            waiter.answer(error if isinstance(error, SummarizerError) else InferenceFailed.while_reading())

    def _learn(self, waiter: Waiter) -> None:
        """The seconds that a request takes of the engine, for the estimate given to those refused."""
        seconds = (time.monotonic() - waiter.started) / (len(self._under_way) + 1)
        self.seconds_per_request += 0.2 * (seconds - self.seconds_per_request)

    def _step(self, engine: Engine) -> list[Update] | None:
        try:
            return engine.step()
        except Exception as error:  # noqa: BLE001 - every waiter is answered
            _log.error("an engine step failed: %s", type(error).__name__)
            return None
