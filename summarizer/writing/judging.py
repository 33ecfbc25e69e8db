"""A second opinion: a model reads the sources of each summary sentence and says whether they support it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from summarizer import grounding
from summarizer.engines.base import Request
from summarizer.engines.load import plan_judge
from summarizer.engines.scheduler import Scheduler
from summarizer.engines.waiting import INTERACTIVE
from summarizer.grounding import Source
from summarizer.settings import Settings
from summarizer.text.canonical import canonicalize
from summarizer.types import SupportReport

VERSION = "1"


def open_judge(settings: Settings) -> Judge:
    """The judge that the settings name, not loaded yet.

    Raises:
        ModelNotFound: It has not been pulled.
        SettingsError: It does not judge.
    """
    plan = plan_judge(settings)
    if plan is None:
        return Judge(None)
    return Judge(Scheduler(plan.load), f"{VERSION}:{plan.fingerprint}")


class Judge:
    """Asks the model behind ``scheduler`` about claims; without one, there is no second opinion.

    ``fingerprint`` names all that can change its opinion.
    """

    def __init__(self, scheduler: Scheduler | None, fingerprint: str = "") -> None:
        self._scheduler, self.fingerprint = scheduler, fingerprint

    async def ready(self) -> None:
        """Loads the model now. Raises what loading raises."""
        if self._scheduler is not None:
            await self._scheduler.ready()

    def close(self) -> None:
        """Finishes what was taken and frees the model."""
        if self._scheduler is not None:
            self._scheduler.close()

    async def check_submitted(self, article: str, summary: str) -> SupportReport:
        """The support of a summary by an article as they were submitted, as ``check_support`` gives it.

        Raises:
            SummarizerError: What the scheduler raises.
        """
        read, told = [await asyncio.to_thread(canonicalize, text) for text in (article, summary)]
        source = await asyncio.to_thread(grounding.read_source, read.text)
        return grounding.located(await self.check(source, [told.text]), read, told, summary)

    async def check(self, source: Source, parts: Sequence[str], *, priority: int = INTERACTIVE) -> SupportReport:
        """The support of each of a canonical summary's ``parts`` by what was read.

        Raises:
            SummarizerError: What the scheduler raises.
        """
        # A sentence at a time, so that one who leaves stops the reading of a long article's long summary.
        told = grounding.stated("\n".join(parts))
        examined = [await asyncio.to_thread(grounding.examine, source, each) for each in told]
        if self._scheduler is None or not examined:
            return grounding.score_support(examined)
        await self._scheduler.ready()
        asked = [Request(each.premise(), claim=each.text) for each in examined if not each.is_copied]
        answers = iter(await self._scheduler.generate(asked, priority=priority))
        opinions = [None if each.is_copied else next(answers).support for each in examined]
        return grounding.score_support(examined, opinions)
