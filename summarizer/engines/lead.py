"""The engine without a model: the first sentences of the text. The degraded mode, and the baseline to beat."""

from __future__ import annotations

from collections.abc import Sequence

from summarizer.engines.base import Engine, Generation, Request, Update
from summarizer.text.furniture import bare, story_sentences
from summarizer.text.sentences import sentences
from summarizer.types import ModelInfo

REVISION = "3"  # a new one where the answers change
_SENTENCES = 3


def lead(text: str) -> str:
    """The first three sentences, as they stand: the baseline."""
    return " ".join(text[span.start : span.end] for span in sentences(text)[:_SENTENCES])


def story_lead(text: str) -> str:
    """The first three sentences of the story, without the headline, byline and dateline above it."""
    spans = sentences(text)
    story = story_sentences(text, spans)
    told = set(story) if 2 * len(story) > len(spans) else set(range(len(spans)))  # of few, much was no English
    for i in range(1, len(spans)):  # short ones in its lines: "Ten people died."
        if i - 1 in told and "\n" not in text[spans[i - 1].end : spans[i].start]:
            told.add(i)
    return " ".join(bare(text[spans[i].start : spans[i].end]) for i in sorted(told)[:_SENTENCES])


class LeadEngine(Engine):
    """Answers every request with the first three sentences of its text's story. Tokens are words."""

    def __init__(self) -> None:
        self.info = ModelInfo(name="lead", revision=REVISION, engine="lead", dtype="none")
        self.context_tokens = 8192
        self.max_batch_tokens = 10**9
        self._admitted: list[tuple[int, Request]] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words of each text."""
        return [len(text.split()) for text in texts]

    def prompt_tokens(self, system: str) -> int:
        """No prompt."""
        del system
        return 0

    def admit(self, ticket: int, request: Request) -> None:
        """Takes a request."""
        self._admitted.append((ticket, request))

    def step(self) -> list[Update]:
        """Answers everything admitted."""
        admitted, self._admitted = self._admitted, []
        progress = []
        for ticket, request in admitted:
            told = story_lead(request.text)
            words, new = len(request.text.split()), len(told.split())
            progress.append(Update(ticket, told, Generation(told, words, new, "stop")))
        return progress
