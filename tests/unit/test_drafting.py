from summarizer.engines.base import Decoding
from summarizer.engines.lead import LeadEngine
from summarizer.engines.load import LoadPlan
from summarizer.engines.scheduler import Scheduler
from summarizer.writing.drafting import Caller, write_draft
from summarizer.writing.style import Style

NAMES = "Alba Brno Cork Dover Essen Fano Genoa Hull Izmir Jena Kiel Lodz Mainz Narva Oslo Porto".split()
TEXT = " ".join(f"The harbour of {name} shipped {10 + i} boats of grain this year." for i, name in enumerate(NAMES))


class Recorder(LeadEngine):
    def __init__(self):
        super().__init__()
        self.read = []

    def admit(self, ticket, request):
        self.read.append(request.text)
        super().admit(ticket, request)


async def draft(text, wanted, selection, context=8192, on_text=None):
    engine = Recorder()
    engine.context_tokens = context
    scheduler = Scheduler(lambda: engine)
    await scheduler.ready()
    plan = LoadPlan("lead", "1", "lead", "lead-1", Decoding(), selection, lambda: engine)
    written = await write_draft(scheduler, engine, plan, text, wanted, Caller(on_text=on_text))
    scheduler.close()
    assert written.queue_s > 0
    return written.text, written.coverage, engine.read


async def test_without_a_selection_the_whole_text_is_read():
    _, coverage, read = await draft(TEXT, Style.of("medium"), None)
    assert read == [TEXT] and coverage.selected == () and coverage.tokens_read == coverage.tokens


async def test_a_selection_is_read_and_reported():
    _, coverage, read = await draft(TEXT, Style.of("short"), 4)
    chosen = [TEXT[s.start : s.end] for s in coverage.selected]
    assert len(chosen) == 4 and read == [" ".join(chosen)]
    assert coverage.tokens_read < coverage.tokens and not coverage.truncated


async def test_a_but_is_kept_only_after_what_it_turns_against():
    first, *rest = TEXT.split(". ")
    but = "But the harbour of Alba shipped 10 boats of grain this year, which was a record for the town of Alba"
    _, _, read = await draft(". ".join([first, but, *rest]), Style.of("short"), 2)
    assert read[0].startswith(f"{first}. But the harbour")
    _, _, read = await draft(". ".join([but, *rest]), Style.of("short"), 1)
    assert read == [f"{but}."]
    _, _, read = await draft(". ".join(["It rained", but, *rest]), Style.of("short"), 1)
    assert read == [f"T{but[5:]}."]


async def test_a_long_summary_of_a_selection_is_written_in_parts():
    heard = []
    written, coverage, read = await draft(TEXT, Style.of("long"), 4, on_text=heard.append)
    assert "".join(heard).split() == written.split()
    assert len(coverage.selected) == 8 and len(read) == 2
    assert " ".join(read) == " ".join(TEXT[s.start : s.end] for s in coverage.selected)
    assert len(Style.of("long").shape(written)[0]) == 6


async def test_every_chunk_of_a_long_text_is_read():
    text = " ".join(TEXT.replace("harbour", f"harbour {i}") for i in range(40))
    _, coverage, read = await draft(text, Style.of("medium"), 4, context=900)
    assert coverage.chunks > 1 and len(coverage.selected) == 4 * coverage.chunks
    assert len(read) > coverage.chunks  # and what was written of them, again


async def test_a_chunk_without_words_is_not_given_to_the_model():
    picture = "\n".join("iVBORw0KGgo" * 7 for _ in range(400))
    for noise in (picture, ": " * 2000):
        _, coverage, read = await draft(f"{TEXT}\n{noise}\n{TEXT}", Style.of("medium"), None, context=300)
        assert coverage.chunks > 1 and 0 < coverage.tokens_read < coverage.tokens
        assert all("harbour" in each for each in read)
    text = f"{TEXT}\n{picture}\n{TEXT}"
    _, coverage, _ = await draft(text, Style.of("medium"), 4, context=300)
    assert all("harbour" in text[span.start : span.end] for span in coverage.selected)
    _, _, read = await draft(picture, Style.of("medium"), None, context=300)
    assert read  # where there is nothing else


async def test_summaries_that_are_no_shorter_than_their_chunks_come_to_an_end():
    """The lead engine gives a chunk without a full stop back whole."""
    text = "\n".join(" ".join(f"word{i}x{n}" for n in range(400)) for i in range(8))
    written, coverage, read = await draft(text, Style.of("medium"), None, context=300)
    assert coverage.truncated and coverage.chunks > 1
    assert written.split()[:2] == ["word0x0", "word0x1"]
    assert len(read) == coverage.chunks + 1  # a round that gains nothing, and the last


async def test_a_small_context_has_room_for_more_than_a_chunk_may_write():
    text = " ".join(TEXT.replace("harbour", f"harbour {i}") for i in range(6))
    written, coverage, read = await draft(text, Style.of(sentence_count=20), None, context=1024)
    assert coverage.chunks < 8 and not coverage.truncated
    assert len(read) == coverage.chunks + 1 and written
