"""A second opinion: who is asked what, and what it changes."""

import asyncio

import pytest

from summarizer.engines.base import Generation, Update
from summarizer.engines.lead import LeadEngine
from summarizer.engines.scheduler import Scheduler
from summarizer.errors import InferenceFailed
from summarizer.grounding import check_support, examine, read_source, score_support
from summarizer.writing.judging import Judge

ARTICLE = (
    "The town council of Marlow approved a new library on Tuesday. It will cost 3.5 million pounds.\n"
    "Councillor Ines Vogel said the old building leaks. Work begins in March and takes two years.\n"
    "Residents had asked for longer opening hours, which the council refused."
)
COPIED = "Councillor Ines Vogel said the old building leaks."
JOINED = "Ines Vogel approved a new library, which takes two years."


class Judging(LeadEngine):
    """Calls every claim supported with this probability."""

    def __init__(self, support):
        super().__init__()
        self.support, self.asked, self.waiting = support, [], []

    def admit(self, ticket, request):
        self.asked.append(request)
        self.waiting.append(ticket)

    def step(self):
        waiting, self.waiting = self.waiting, []
        if self.support is None:
            return [Update(ticket, error=InferenceFailed("No.")) for ticket in waiting]
        return [Update(t, generation=Generation("", 9, 1, "stop", self.support)) for t in waiting]


async def judged(support, parts):
    engine = Judging(support)
    scheduler = Scheduler(lambda: engine)
    try:
        return await Judge(scheduler).check(read_source(ARTICLE), parts), engine.asked
    finally:
        await asyncio.to_thread(scheduler.close)


async def test_only_what_is_not_copied_is_asked_and_with_the_sentences_it_rests_on():
    _, asked = await judged(0.9, [COPIED, JOINED])
    assert [request.claim for request in asked] == [JOINED]
    assert "Councillor Ines Vogel said" in asked[0].text and "approved a new library" in asked[0].text


async def test_the_opinion_moves_the_score_both_ways():
    (yes, _), (no, _) = await judged(0.99, [JOINED]), await judged(0.01, [JOINED])
    assert yes.score > no.score and yes.sentences[0].score > no.sentences[0].score
    assert not no.sentences[0].supported
    assert no.sentences[0].sources == yes.sentences[0].sources


async def test_without_a_judge_it_is_the_support_check():
    assert await Judge(None).check(read_source(ARTICLE), [COPIED, JOINED]) == check_support(
        ARTICLE, f"{COPIED}\n{JOINED}"
    )


async def test_a_submitted_text_is_read_as_it_is_summarized():
    submitted = "Councillor Ine\u0301s  Vogel said the old building leaks and drips."
    article = f"\ufeff{ARTICLE}\n\n\n{submitted}\n"
    report = await Judge(None).check_submitted(article, "Inés Vogel said the old building leaks and drips.")
    assert report.sentences[0].supported
    assert [article[s.start : s.end] for s in report.sentences[0].sources][-1] == submitted
    assert report == check_support(article, "Inés Vogel said the old building leaks and drips.")


async def test_a_judge_that_fails_is_an_error_and_no_opinion():
    with pytest.raises(InferenceFailed):
        await judged(None, [JOINED])


async def test_nothing_is_asked_of_no_summary():
    report, asked = await judged(0.5, [])
    assert report.score == 1.0 and not report.sentences and not asked


def test_a_copy_is_beyond_doubt():
    examined = [examine(read_source(ARTICLE), COPIED)]
    assert examined[0].is_copied
    assert score_support(examined, [None]).score >= score_support(examined, [0.9]).score


@pytest.mark.parametrize("opinion", [0.0, 1.0])
def test_certainty_is_bounded(opinion):
    assert 0.0 < score_support([examine(read_source(ARTICLE), JOINED)], [opinion]).score < 1.0
