"""An engine in a process of its own, behind the same contract.

A step of OpenVINO holds Python's lock: in the service's own process, eight articles of 40 kB kept ``/health`` waiting
for up to 26 seconds. Apart, it keeps nobody waiting, and native code that ends its process ends no service.

The two speak over pipes, in pickled values: a step and what came of it, each time. Each trusts the other, since one has
started the other.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, Any

from summarizer.engines.base import Engine, Request, Update
from summarizer.engines.chat import Chat
from summarizer.errors import InferenceFailed, ModelUnhealthy, SummarizerError
from summarizer.types import ModelInfo

_log = logging.getLogger(__name__)

# The child imports from where its parent does, and with -P never from the working directory of its own accord.
_CODE = f"import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); import {__name__} as child; child.serve()"
_PATIENCE_S = 10  # with a child that is to end


@dataclass(frozen=True, slots=True)
class _Loaded:
    info: ModelInfo
    context_tokens: int
    max_batch_tokens: int
    continuous: bool
    most_of_one: float


@dataclass(frozen=True, slots=True)
class _Step:
    admitted: dict[int, Request]
    cancelled: set[int]


class ProcessEngine(Engine):
    """The engine that ``load`` makes, in a child process. One that has ended is started again at the next step.

    Args:
        load: Makes the engine. It is pickled, and called in the child.
        chat: Counts tokens here, while the child is at work.

    Raises:
        SummarizerError: What ``load`` raised.
        ModelUnhealthy: The process could not be started, or ended while it loaded.
    """

    def __init__(self, load: Callable[[], Engine], chat: Chat) -> None:
        self._load, self._chat = load, chat
        self._admitted: dict[int, Request] = {}  # and not yet sent
        self._under_way: dict[int, Request] = {}
        self._child: subprocess.Popen[bytes] | None = None
        loaded = self._start()
        self.info, self.continuous, self.most_of_one = loaded.info, loaded.continuous, loaded.most_of_one
        self.context_tokens, self.max_batch_tokens = loaded.context_tokens, loaded.max_batch_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens."""
        return self._chat.count(texts)

    def prompt_tokens(self, system: str) -> int:
        """Tokens of the chat template and the system prompt."""
        return len(self._chat.prompt(system, ""))

    def admit(self, ticket: int, request: Request) -> None:
        """Takes a request; the child gets it with the next step."""
        self._admitted[ticket] = request

    def step(self) -> list[Update]:
        """A step of the child's engine. If its process has ended, that is the answer to all that was under way."""
        idle = not self._under_way
        self._under_way |= self._admitted
        admitted = {ticket: replace(request, is_cancelled=bool) for ticket, request in self._admitted.items()}
        self._admitted = {}
        cancelled = {ticket for ticket, request in self._under_way.items() if request.is_cancelled()}
        try:
            if self._child is None or (idle and self._child.poll() is not None):
                self.close()
                self._start()
            news: list[Update] = self._ask(_Step(admitted, cancelled))
        except SummarizerError as error:
            news = [Update(ticket, error=error) for ticket in self._under_way]
        for update in news:
            if update.generation is not None or update.error is not None:
                del self._under_way[update.ticket]
        return news

    def _start(self) -> _Loaded:
        try:
            # In a process group of its own, for Ctrl-C in a terminal is its parent's to answer.
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-c", _CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
            )
            self._send(sys.path)
            loaded: _Loaded | SummarizerError = self._ask(self._load)
        except (OSError, InferenceFailed) as error:
            hint = "It may need more memory."
            raise ModelUnhealthy("The model's process ended before the model was loaded.", hint=hint) from error
        if isinstance(loaded, SummarizerError):
            self.close()
            raise loaded
        return loaded

    def _ask(self, message: object) -> Any:
        """What the child answers to ``message``.

        Raises:
            InferenceFailed: Its process has ended.
        """
        assert self._child is not None and self._child.stdout is not None
        try:
            self._send(message)
            return pickle.load(self._child.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            child = self._child
            self.close()
            _log.error("the model's process has ended (exit status %s)", child.returncode)
            raise InferenceFailed.while_writing() from error

    def _send(self, message: object) -> None:
        assert self._child is not None and self._child.stdin is not None
        _write(message, self._child.stdin)

    def close(self) -> None:
        """Ends the child, which frees the model."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None and child.stdout is not None
        with suppress(OSError):  # what was not yet sent is nobody's any more
            child.stdin.close()
        child.stdout.close()
        try:
            child.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _write(message: object, pipe: IO[bytes]) -> None:
    pickle.dump(message, pipe)
    pipe.flush()


def serve() -> None:
    """The child: loads the engine that it is sent, and steps it as it is told, until its parent closes the pipe."""
    steps, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what native code prints is no answer
    load: Callable[[], Engine] = pickle.load(steps)
    with suppress(EOFError, BrokenPipeError):
        try:
            engine = load()
        except SummarizerError as error:
            _write(error, answers)
            return
        try:
            sizes = engine.context_tokens, engine.max_batch_tokens
            _write(_Loaded(engine.info, *sizes, engine.continuous, engine.most_of_one), answers)
            _run(engine, steps, answers)
        except (EOFError, BrokenPipeError):
            engine.close()
        except Exception as error:  # noqa: BLE001 - its message may quote the text
            _log.error("the model's process failed: %s", type(error).__name__)
            os._exit(1)  # an engine that failed is not to be closed as well


def _run(engine: Engine, steps: IO[bytes], answers: IO[bytes]) -> None:
    cancelled: set[int] = set()
    while True:
        step: _Step = pickle.load(steps)
        cancelled.clear()
        cancelled.update(step.cancelled)  # of all that is under way
        news: list[Update] = []
        for ticket, request in step.admitted.items():
            try:
                engine.admit(ticket, replace(request, is_cancelled=partial(cancelled.__contains__, ticket)))
            except Exception as error:  # noqa: BLE001 - this one is answered, and the others go on
                _log.error("the engine refused a request: %s", type(error).__name__)
                refusal = error if isinstance(error, SummarizerError) else InferenceFailed.while_reading()
                news.append(Update(ticket, error=refusal))
        _write(news + engine.step(), answers)
