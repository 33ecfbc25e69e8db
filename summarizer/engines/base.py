"""The whole contract of an engine. A newcomer adds one after reading only this file.

The scheduler, on one thread, hands an engine requests with :meth:`Engine.admit` and then calls :meth:`Engine.step`
until each has been answered, exactly once, by a generation or an error. An engine that batches statically runs its
batch in one step; one with in-flight batching advances every request by a token and takes new ones in between.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from summarizer.errors import SummarizerError
from summarizer.types import ModelInfo


@dataclass(frozen=True, slots=True)
class Decoding:
    """How text is decoded; names and meaning are those of Hugging Face's ``generate``."""

    max_new_tokens: int = 128
    num_beams: int = 1
    length_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    repetition_penalty: float = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """One text to write from: ``system`` and ``text`` become the model's prompt. ``is_cancelled`` is polled.

    Of a ``claim`` nothing is written, ``support`` is the answer. Only models that judge (see the cards) are given one.
    """

    text: str
    system: str = ""
    decoding: Decoding = field(default_factory=Decoding)
    is_cancelled: Callable[[], bool] = bool  # which says False, and can be pickled
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Generation:
    """What the model wrote. ``finish_reason`` is ``length`` where the token limit cut it off.

    ``support`` is the probability, 0 to 1, that the request's text supports its claim. ``queue_s`` are the seconds
    before the engine was given the request, as the scheduler says.
    """

    text: str
    prompt_tokens: int
    new_tokens: int
    finish_reason: Literal["stop", "length", "cancelled"]
    support: float | None = None
    queue_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Update:
    """News of one admitted request: more ``text``, or its end (``generation`` or ``error``)."""

    ticket: int
    text: str = ""
    generation: Generation | None = None
    error: SummarizerError | None = None


class Engine(ABC):
    """A loaded, self-tested model.

    Attributes:
        info: Name, revision, engine and dtype, as reported in every result.
        context_tokens: Prompt and output together, in tokens.
        max_batch_tokens: Padded tokens (prompt + output, longest × count) that one batch may hold.
        continuous: Whether requests may be admitted while others are under way.
        most_of_one: Requests of one caller, such as the chunks of a text, that may be under way at once.
    """

    info: ModelInfo
    context_tokens: int
    max_batch_tokens: int
    continuous: bool = False
    most_of_one: float = math.inf

    @abstractmethod
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prompt or special tokens. Thread-safe; any thread may call it."""

    @abstractmethod
    def prompt_tokens(self, system: str) -> int:
        """Tokens that the prompt takes beside the text."""

    @abstractmethod
    def admit(self, ticket: int, request: Request) -> None:
        """Takes a request for the next step. What it raises is the answer to this request alone."""

    @abstractmethod
    def step(self) -> list[Update]:
        """Advances what has been admitted. Raises nothing: a failure is the ``error`` of its requests."""

    def close(self) -> None:  # noqa: B027 - most engines hold nothing to free
        """Frees the model."""
