import asyncio
import time
from dataclasses import replace

import pytest

from summarizer.engines.base import Decoding
from summarizer.engines.lead import LeadEngine
from summarizer.engines.load import LoadPlan
from summarizer.engines.scheduler import Scheduler
from summarizer.errors import InferenceFailed, UnsupportedSummary
from summarizer.grounding import check_support
from summarizer.text.sentences import sentences
from summarizer.writing.drafting import Caller
from summarizer.writing.judging import Judge
from summarizer.writing.style import Style
from summarizer.writing.writer import Writer, write_summary

NAMES = "Alba Brno Cork Dover Essen Fano Genoa Hull Izmir Jena Kiel Lodz Mainz Narva Oslo Porto".split()
TEXT = " ".join(f"The harbour of {name} shipped {10 + i} boats of grain this year." for i, name in enumerate(NAMES))
INVENTED = "The harbour of Paris shipped 99 boats of grain."


class Inventing(LeadEngine):
    """Invents a sentence where its input has one of these numbers of sentences."""

    draft = INVENTED

    def __init__(self, lengths):
        super().__init__()
        self.lengths, self.read = lengths, []

    def step(self):
        news = super().step()
        return [
            replace(each, generation=replace(each.generation, text=self.draft)) if self.invents(each.ticket) else each
            for each in news
        ]

    def admit(self, ticket, request):
        self.read.append(len(sentences(request.text)))
        self.tickets = {**getattr(self, "tickets", {}), ticket: self.read[-1]}
        super().admit(ticket, request)

    def invents(self, ticket):
        return self.tickets[ticket] in self.lengths


class Endless(Inventing):
    """Comes to no end there."""

    draft = "The harbour of Alba shipped 10 boats of grain this year, and the harbour of Brno"


class Doubtful(Inventing):
    """Writes there what has no foreign name or number, and little of the article."""

    draft = "Sailors everywhere quietly celebrated plentiful wheat beyond all expectation."


class Astray(Inventing):
    """Writes there a sentence of the article, and misses the rest of what is salient."""

    draft = "The harbour of Porto shipped 25 boats of grain this year."


class Failing(Inventing):
    """Refuses all but its first request."""

    def admit(self, ticket, request):
        super().admit(ticket, request)
        if len(self.read) > 1:
            raise InferenceFailed("No.")


async def write(
    lengths,
    grounding="repair",
    text=TEXT,
    format="paragraph",
    kind=Inventing,
    selection=4,
    length="short",
    words=None,
    due_in_s=None,
    heard=None,
):
    engine = kind(lengths)
    scheduler = Scheduler(lambda: engine)
    await scheduler.ready()
    plan = LoadPlan("lead", "1", "lead", "lead-1", Decoding(), selection, lambda: engine)
    try:
        wanted = Style.of(length, words=words, format=format, grounding=grounding)
        writer = Writer(scheduler, engine, plan, Judge(None))
        due = due_in_s and asyncio.get_running_loop().time() + due_in_s
        return await write_summary(writer, text, wanted, Caller(due=due, on_text=heard)), engine.read
    finally:
        scheduler.close()


async def test_a_supported_draft_is_written_once():
    written, read = await write(set())
    assert read == [4] and written.finish_reason == "stop" and not written.warnings


async def test_a_draft_that_fails_is_written_from_other_inputs():
    written, read = await write({4, 6})
    assert sorted(read) == [3, 4, 6]
    assert len(written.coverage.selected) == 3  # it is the one that is reported
    assert written.finish_reason == "stop" and not written.warnings
    assert not written.sentences[0].unsupported and written.sentences[0].text.startswith("The harbour of")


async def test_a_small_models_headline_is_written_from_one_sentence():
    written, read = await write(set(), format="headline")
    assert read == [1] and [TEXT[s.start : s.end] for s in written.coverage.selected] == [
        f"{written.sentences[0].text}."
    ]
    assert written.coverage.tokens_read < written.coverage.tokens / 10
    assert written.finish_reason == "stop" and not written.warnings
    large, read = await write(set(), format="headline", selection=None)
    assert read == [16] and large.finish_reason == "stop"
    marked, read = await write({1, 3, 4, 6}, "report", format="headline")
    assert read == [1] and [each.text for each in marked.sentences] == [INVENTED.removesuffix(".")]
    assert marked.sentences[0].unsupported
    strict, _ = await write({1, 3, 4, 6}, "strict", format="headline")
    assert strict.finish_reason == "extractive" and strict.sentences[0].supported


class Careful(Inventing):
    """Invents nothing but of a clause."""

    def admit(self, ticket, request):
        super().admit(ticket, request)
        self.tickets[ticket] = "which" not in request.text

    def invents(self, ticket):
        return self.tickets[ticket]


class Silent(Inventing):
    """Refuses a clause."""

    def admit(self, ticket, request):
        super().admit(ticket, request)
        if "which" not in request.text:
            raise InferenceFailed("No.")


async def test_a_headline_is_the_first_sound_draft_of_a_clause_and_of_all_of_a_sentence():
    text = TEXT.replace("Alba", "Alba, which is old,")
    for kind in (Careful, Silent):
        written, read = await write(set(), text=text, format="headline", kind=kind)
        assert read == [1, 1] and written.finish_reason == "stop"
        assert written.sentences[0].text == "The harbour of Alba, which is old, shipped 10 boats of grain this year"
    with pytest.raises(InferenceFailed):
        await write(set(), text=text.replace(", which is old,", ""), format="headline", kind=Silent)


async def test_a_summary_of_the_articles_own_sentences_says_so():
    written, _ = await write(set(), length="medium")
    assert written.finish_reason == "stop" and [s.text in TEXT for s in written.sentences] == [True] * 3
    assert written.warnings == ("3 of 3 sentences are the article's own, word for word.",)


async def test_what_fails_in_every_draft_is_replaced():
    written, _ = await write({3, 4, 6})
    assert written.finish_reason == "extractive" and len(written.warnings) == 1
    assert written.sentences[0].text in TEXT


async def test_a_draft_without_an_end_is_written_from_other_inputs():
    written, read = await write({4, 6}, kind=Endless)
    assert sorted(read) == [3, 4, 6] and written.finish_reason == "stop" and not written.warnings
    written, _ = await write({3, 4, 6}, kind=Endless)
    assert written.finish_reason == "extractive" and len(written.warnings) == 1
    assert written.sentences[0].text == "The harbour of Alba shipped 10 boats of grain this year."
    written, read = await write({4}, "report", kind=Endless)
    assert read == [4] and written.finish_reason == "length" and written.sentences[0].text == Endless.draft


async def test_a_doubtful_draft_of_a_small_model_is_written_from_other_inputs():
    written, read = await write({4}, kind=Doubtful)
    assert sorted(read) == [3, 4, 6] and written.sentences[0].text in TEXT and not written.warnings
    written, _ = await write({3, 4, 6}, kind=Doubtful, words=15)  # nothing in the text is near it
    assert written.sentences[0].text == Doubtful.draft and written.finish_reason == "stop"
    written, read = await write({16}, kind=Doubtful, selection=None)
    assert read == [16] and written.sentences[0].text == Doubtful.draft


async def test_past_doubt_a_higher_score_is_no_merit():
    plain = "The harbour of Alba shipped 10 boats this year."
    copy = "The harbour of Brno shipped 11 boats of grain this year."

    class Copying(Doubtful):
        def invents(self, ticket):
            self.draft = {4: Doubtful.draft, 6: plain, 3: copy}[self.tickets[ticket]]
            return True

    written, read = await write(set(), kind=Copying, words=15)
    assert sorted(read) == [3, 4, 6] and written.sentences[0].text == plain
    assert 0.75 <= written.least_score < check_support(TEXT, copy).score


async def test_a_draft_that_misses_what_is_salient_is_written_from_other_inputs():
    written, read = await write({4}, kind=Astray, length="medium")
    assert sorted(read) == [3, 4, 6] and len(written.sentences) == 3 and written.finish_reason == "stop"
    assert "Porto" not in " ".join(each.text for each in written.sentences)
    written, _ = await write({3, 4, 6}, kind=Astray, length="medium")  # it is told all the same where nothing is nearer
    assert Astray.draft in [each.text for each in written.sentences]
    written, read = await write({16}, kind=Astray, length="medium", selection=None)
    assert read == [16] and [each.text for each in written.sentences] == [Astray.draft]
    written, read = await write({4}, kind=Astray, words=15)  # a few words cannot tell what three sentences do
    assert read == [4]


async def test_what_is_most_salient_is_told():
    most = "The council of Alba voted on Monday to close its old harbour to all 10 ferries from Brno."
    others = [
        "Dockers in Essen whistled old songs about bread.",
        "A baker remembers the ferries and their captains well.",
        "Gulls sat on every wall along the council road.",
        "Nobody had swept the pavement near the cinema for weeks.",
        "Brno once had trams, painted yellow, that ran at night.",
        "The harbour smells of tar, rope and diesel in summer.",
    ]
    story = " ".join([most, *others])

    class Other(Inventing):
        draft = f"{others[3]} {others[0]}"

    for length, count in (("medium", 3), ("short", 1)):
        written, _ = await write({3, 4, 6}, kind=Other, length=length, text=story)
        assert written.sentences[0].text == most and len(written.sentences) == count
        assert written.finish_reason == "extractive"
        assert "The article's own most salient sentence was added." in written.warnings
    told, _ = await write({3, 4, 6}, "report", kind=Other, length="medium", text=story)
    assert " ".join(each.text for each in told.sentences) == Other.draft

    class Cut(Inventing):
        draft = "Gulls sat on every wall along the"

    cut, _ = await write({3, 4, 6}, kind=Cut, length="medium", text=story)
    assert cut.finish_reason == "extractive" and all(each.text.endswith(".") for each in cut.sentences)


async def test_a_draft_that_tells_next_to_nothing_is_filled_with_what_is_salient():
    written, _ = await write({3, 4, 6}, kind=Astray, length="medium")
    told = [each.text for each in written.sentences]
    assert [(s.start, s.end) for each in written.sentences for s in each.sources] == [
        (TEXT.index(each), TEXT.index(each) + len(each)) for each in told
    ]
    assert len(told) == 3 and told[-1] == Astray.draft and all(each in TEXT for each in told)
    assert written.finish_reason == "extractive" and "2 of the article's own sentences added" in written.warnings[0]
    marked, _ = await write({4}, "report", kind=Astray, length="medium")
    assert [each.text for each in marked.sentences] == [Astray.draft]
    short, _ = await write({3, 4, 6}, kind=Astray)
    assert [each.text for each in short.sentences] == [Astray.draft] and short.finish_reason == "stop"
    counted, _ = await write({3, 4, 6}, kind=Astray, length="medium", words=15)
    assert len(counted.sentences) == 1


async def test_one_long_sentence_alone_tells_next_to_nothing_too():
    class Alone(Inventing):
        draft = f"{Astray.draft[:-1]}, where captains and their crews have met on every Sunday of a long winter."

    text = TEXT.replace(Astray.draft, Alone.draft)
    written, _ = await write({3, 4, 6}, kind=Alone, length="medium", text=text)
    assert len(written.sentences) == 3 and Alone.draft in [each.text for each in written.sentences]
    short, _ = await write({3, 4, 6}, kind=Alone, length="short", text=text)
    assert len(short.sentences) == 1


async def test_what_fills_a_draft_is_of_the_story_and_short_enough():
    endless = "The harbour of Alba " + "and of Alba " * 40 + "shipped 10 boats of grain this year."
    for text in (
        "A cat sat. A dog lay. A cow ate. The sun set.",
        f"Harbours\nBy Ada Lind\n{Astray.draft}\nRead more\n{endless}",
    ):
        written, _ = await write(set(range(9)) if "Porto" in text else set(), kind=Astray, length="medium", text=text)
        assert all(len(each.text.split()) <= 60 for each in written.sentences)
        assert not any("Lind" in each.text or "more" in each.text for each in written.sentences)
        assert written.finish_reason == "stop" and not any("added" in each for each in written.warnings)


async def test_a_headline_for_which_no_time_is_left_is_a_clause_of_the_article():
    class Late(Inventing):
        def step(self):
            time.sleep(1.2)
            return super().step()

    written, read = await write(set(), format="headline", kind=Late, due_in_s=1.5)
    assert read == [1] and written.hurried and written.finish_reason == "extractive"
    assert written.sentences[0].text + "." in TEXT


async def test_a_headline_without_words_is_a_clause_of_the_article():
    class Labelling(Inventing):
        draft = "Title:"

    written, _ = await write({1}, format="headline", kind=Labelling)
    assert written.finish_reason == "extractive" and written.sentences[0].text + "." in TEXT


async def test_a_short_summary_is_the_most_salient_sentence_of_three():
    hook = "Ada Lind looked at the harbour of Alba from her window at night."
    news = "The harbour of Alba will close in 2026, the town council decided on Monday, for want of grain."
    rest = "A baker sold rye bread there. The bells rang at the church of Saint Mary. Some people went to bed early."
    told, read = await write(set(), length="medium", text=f"{hook} {news} {rest}", selection=3)
    assert read == [3] and told.sentences[0].text == hook and told.sentences[1].text == news
    heard = []
    short, _ = await write(set(), text=f"{hook} {news} {rest}", selection=3, heard=heard.append)
    assert [each.text for each in short.sentences] == [news] and heard == [news]  # and no other sentence first


async def test_a_short_stream_tells_what_the_result_says():
    heard = []
    written, _ = await write({3, 4, 6}, heard=heard.append)
    assert written.finish_reason == "extractive" and heard == [written.sentences[0].text]


async def test_what_fills_a_draft_is_the_most_salient_and_said_once():
    news = "The harbour of Alba shipped 99 boats of grain on Monday, which was a record for the town."

    class Brief(Inventing):
        draft = "Nobody came to see it. Rain fell on Alba."

    text = f"Rain fell on Alba. Fog hung over the hills of the town. {news} {news} Nobody came to see it. It was cold."
    written, _ = await write(set(range(9)), kind=Brief, length="medium", text=text)
    assert sorted(each.text for each in written.sentences) == sorted(
        [news, "Nobody came to see it.", "Rain fell on Alba."]
    )


async def test_sentences_of_a_small_model_stand_in_the_articles_order():
    class Turning(Inventing):
        draft = "\n".join(f"The harbour of {NAMES[i]} shipped {10 + i} boats of grain this year." for i in (1, 3, 0, 2))

    written, _ = await write(set(range(20)), kind=Turning, length="long")
    assert [next(n for n in NAMES if n in each.text) for each in written.sentences] == ["Brno", "Alba", "Cork", "Dover"]
    large, _ = await write(set(range(20)), kind=Turning, length="long", selection=None)
    assert [each.text for each in large.sentences] == Turning.draft.split("\n")


async def test_a_short_summary_is_no_sentence_that_leans_on_another():
    news = "He said on Monday that the harbour of Alba, for want of grain, will close in 2026, the town found."
    rest = "Bells rang on Monday in the old church by the harbour of Alba, where some people slept in the rain."
    short, read = await write(set(), text=f"Ada Lind drank tea. {news} {rest} Nobody saw it.", selection=3)
    assert read == [3] and [each.text for each in short.sentences] == [rest]


async def test_a_short_summary_is_a_sound_sentence_of_three():
    three, _ = await write(set(), length="medium")
    one, read = await write(set())
    assert read == [4] and one.sentences == three.sentences[:1]

    class PartlyInventing(Inventing):
        draft = f"{INVENTED} The harbour of Alba shipped 10 boats of grain this year."

    sound, _ = await write({3, 4, 6}, kind=PartlyInventing)
    assert [each.text for each in sound.sentences] == ["The harbour of Alba shipped 10 boats of grain this year."]
    marked, _ = await write({3, 4, 6}, "report", kind=PartlyInventing)
    assert [each.text for each in marked.sentences] == [INVENTED]


async def test_of_a_short_summary_only_its_first_sentence_is_heard():
    heard = []
    caller = Caller(on_text=heard.append).hearing(1)
    for piece in ("The harbour closed", " on Monday.", " It", " opens soon."):
        caller.on_text(piece)
    assert heard == ["The harbour closed", " on Monday."]
    for told in ("The harbour closed on Monday. It opens soon.", 'He said: "I will go. We must." Nobody came.'):
        for size in (1, 3, 7, 100):
            heard.clear()
            caller = Caller(on_text=heard.append).hearing(1)
            for i in range(0, len(told), size):
                caller.on_text(told[i : i + size])
            whole = "".join(heard)
            assert told.startswith(whole) and whole.startswith(("The harbour closed on Monday.", "He said:"))
            assert "opens" not in whole
    assert Caller().hearing(1) == Caller()


async def test_a_doubtful_draft_gives_way_to_one_that_is_less_near():
    class DoubtfulAndNear(Doubtful):
        draft = TEXT.replace("The harbour", "Sailors everywhere quietly celebrated plentiful wheat. The harbour", 1)

    written, read = await write({4, 6}, kind=DoubtfulAndNear, length="medium")
    assert sorted(read) == [3, 4, 6] and written.least_score > 0.75
    assert all(each.text in TEXT for each in written.sentences)


async def test_a_draft_that_cannot_be_written_again_is_repaired():
    written, read = await write({4}, kind=Failing)
    assert len(read) == 3 and written.finish_reason == "extractive" and written.sentences[0].text in TEXT


async def test_a_report_and_a_long_article_are_not_written_again():
    written, read = await write({4}, "report")
    assert read == [4] and written.sentences[0].text == INVENTED and written.sentences[0].unsupported
    long = " ".join(TEXT.replace("harbour", f"harbour {i}") for i in range(40))
    written, read = await write({1, 2, 3, 4}, text=long)
    assert written.coverage.chunks > 1 and set(read) <= {1, 2, 3, 4} and written.finish_reason == "extractive"


async def test_strict_refuses_what_no_draft_supports():
    written, _ = await write({4, 6}, "strict")
    assert all(sentence.supported for sentence in written.sentences)
    with pytest.raises(UnsupportedSummary):
        text = "Rain fell. " * 3 + "Nobody came to see it. It was cold. They went home."
        await write({6, 4, 5}, "strict", text=text, selection=None)
    told, _ = await write({3, 4, 6}, "strict", text=text)  # a small model's gives way to what is most salient
    assert told.finish_reason == "extractive" and [each.text in text for each in told.sentences] == [True]


async def test_a_headline_that_fails_in_every_draft_is_the_articles_own_sentence():
    written, _ = await write({1, 2, 4}, format="headline")
    assert written.finish_reason == "extractive" and written.warnings == (
        "The headline is in the article's own words.",
    )
    (headline,) = written.sentences
    assert headline.text + "." in TEXT and not headline.unsupported


class Mixing(Inventing):
    """Tells there of one harbour what is another's."""

    draft = "Harbour of Porto ships 10 boats of grain."


class Muddling(Inventing):
    """Mixes there what two sentences say."""

    draft = "Alba grain ships Brno boats."


class Rewording(Inventing):
    """Tells there what the article says, shorter."""

    draft = "Harbour of Porto ships 25 boats of grain."


async def test_a_sentence_that_stays_doubtful_gives_way_to_the_one_it_rests_on():
    written, read = await write({3, 4, 6}, kind=Mixing)
    assert sorted(read) == [3, 4, 6] and written.finish_reason == "extractive" and len(written.warnings) == 1
    assert written.sentences[0].text in TEXT and written.least_score > 0.7
    large, _ = await write({16}, kind=Mixing, selection=None)  # which rewords
    assert large.sentences[0].text == Mixing.draft and large.finish_reason == "stop"


async def test_a_doubtful_headline_gives_way_to_the_articles_own():
    own = "Harbour of Alba ships ten boats of grain"
    for text, kind, headline in (
        (f"{own}\n{TEXT}", Mixing, own),
        (TEXT, Muddling, "The harbour of Alba shipped 10 boats of grain this year"),
        (TEXT, Rewording, Rewording.draft.removesuffix(".")),
    ):
        written, _ = await write({1, 2, 4}, text=text, format="headline", kind=kind)
        assert [each.text for each in written.sentences] == [headline]
        assert written.finish_reason == ("stop" if kind is Rewording else "extractive")


class Careless(Inventing):
    """Leaves out there that a thing may be."""

    draft = "The harbour of Alba will close this year."


MAY = "The harbour of Alba may have to close this year. " + TEXT


@pytest.mark.parametrize("options", [{"format": "headline"}, {}])
async def test_a_sentence_that_leaves_a_hedge_out_gives_way_to_the_one_it_was_cut_from(options):
    text = MAY[: MAY.index(NAMES[4])] if options else MAY
    written, _ = await write({1, 2, 3, 4, 6}, text=text, kind=Careless, **options)
    assert written.sentences[0].text.removesuffix(".") == "The harbour of Alba may have to close this year"
    assert written.finish_reason == "extractive"
    large, _ = await write({17}, text=MAY, kind=Careless, selection=None, **options)  # which rewords
    assert large.sentences[0].text.removesuffix(".") == Careless.draft.removesuffix(".")


class Beheaded(Inventing):
    """Leaves out there what makes a clause the lesser one."""

    draft = "The harbour was closed for repairs, the boats of grain went to Brno."


async def test_a_sentence_without_its_opening_gives_way_to_the_one_it_was_cut_from():
    whole = "While the harbour was closed for repairs, the boats of grain went to Brno."
    written, _ = await write({1, 2, 3, 4, 6}, text=f"{whole} {TEXT}", kind=Beheaded)
    assert written.sentences[0].text == whole and written.finish_reason == "extractive"


class Nameless(Inventing):
    """Leaves out there who it is of whom it writes."""

    draft = "Ada Lind told the boats of Alba to wait for the grain."


class Reading(Nameless):
    """Keeps what it read."""

    def admit(self, ticket, request):
        super().admit(ticket, request)
        self.read[-1] = request.text


async def test_who_a_name_is_is_put_back():
    whole = f"Harbour captain {Nameless.draft}"
    for options in ({}, {"words": 14}):
        heard = []
        written, _ = await write(set(range(9)), text=f"{whole} {TEXT}", kind=Nameless, heard=heard.append, **options)
        assert [each.text for each in written.sentences] == [whole] and written.finish_reason == "stop"
        assert options or heard == [whole]
    report, _ = await write(set(range(9)), "report", text=f"{whole} {TEXT}", kind=Nameless)
    large, _ = await write({17}, text=f"{whole} {TEXT}", kind=Nameless, selection=None)  # which rewords
    assert [each.sentences[0].text for each in (report, large)] == [Nameless.draft] * 2


GERMAN = (
    "Der Hafen von Kessel wurde am Montag geschlossen. Die Stadt nannte dafür keinen Grund. Ein Schiff mit zwölf "
    "Leuten an Bord liegt seit Sonntag vor der Küste. Niemand weiß, wann der Hafen wieder öffnet. Der Bürgermeister "
    "von Kessel sprach am Abend mit der Mannschaft. Sie will nach Narva fahren."
)


async def test_what_a_small_model_does_not_read_is_told_in_its_own_sentences():
    for options in ({}, {"length": "medium"}, {"words": 12}, {"format": "headline"}):
        written, read = await write({3, 4, 6}, text=GERMAN, **options)
        assert read == [] and written.finish_reason == "extractive" and len(written.warnings) == 1
        assert written.sentences and all(each.text.rstrip("…") in GERMAN for each in written.sentences)
    assert (await write(set(), text=GERMAN, grounding="report"))[1]  # who wants the model's words gets them
    assert (await write(set(), text=GERMAN, selection=None))[1]


async def test_the_articles_own_sentences_come_without_their_dateline():
    written, _ = await write({1, 2, 3, 4, 5, 6}, text=f"ALBA (Reuters) - {TEXT}")
    assert written.finish_reason == "extractive" and not written.sentences[0].unsupported
    assert written.sentences[0].text in TEXT


async def test_a_long_line_is_no_short_article():
    text = " ".join(f"word{i}" for i in range(5000))
    written, _ = await write(set(), text=text)
    assert written.finish_reason != "short_article"
    assert len(" ".join(s.text for s in written.sentences).split()) <= Style.of("short").max_new_tokens


async def test_the_articles_own_sentences_keep_to_the_words_asked_for():
    long = TEXT.replace(" this year.", " this year, as the captain of the port told the council on Monday evening.")
    written, _ = await write({1, 2, 3, 4, 5, 6}, text=long, words=8)
    assert written.finish_reason == "extractive"
    assert len(" ".join(s.text for s in written.sentences).split()) <= 8
    assert all(not s.unsupported for s in written.sentences)


async def test_a_cut_sentence_of_two_parts_stays_whole():
    quoting = TEXT.replace("shipped", "shipped its load, “We are done. It goes on and on,” its captain said, with")
    written, _ = await write({1, 2, 3, 4, 5, 6}, text=quoting, words=12)
    text = " ".join(s.text for s in written.sentences)
    assert written.finish_reason == "extractive" and text.endswith("…") and len(text.split()) == 12


class LateOthers(Inventing):
    """Takes long for all but its first request."""

    def step(self):
        if len(self.read) > 1:
            time.sleep(0.6)
        return super().step()


async def test_where_time_is_short_the_first_draft_is_repaired():
    written, read = await write({4}, kind=LateOthers, due_in_s=0.7)
    assert len(read) > 1 and written.finish_reason == "extractive" and written.hurried


class Mute(Inventing):
    draft = "1. \n2. "


@pytest.mark.parametrize("grounding", ["report", "repair"])
async def test_a_draft_without_words_is_an_error(grounding):
    with pytest.raises(InferenceFailed, match="no summary"):
        await write({1, 2, 3, 4, 5, 6}, grounding, kind=Mute)


async def test_a_first_draft_without_words_is_written_again():
    written, read = await write({4}, kind=Mute)
    assert len(read) == 3 and written.finish_reason == "stop" and written.sentences


async def test_the_articles_own_sentence_keeps_to_the_words_asked_for():
    long = "The harbour of Alba and its rival of Brno closed on Monday after the two towns failed to agree on a price."
    text = " ".join([long, *(f"The harbour of {name} shipped grain." for name in NAMES[2:])])

    class Wrong(Inventing):
        draft = "The harbour of Alba and its rival of Paris closed on Monday."

    written, _ = await write(set(range(20)), kind=Wrong, words=12, text=text)
    assert [each.text for each in written.sentences] == ["The harbour of Alba and its rival of Brno closed on Monday."]
    assert written.finish_reason == "extractive"
