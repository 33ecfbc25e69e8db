import pytest

from summarizer.grounding import check_support, read_source
from summarizer.text.sentences import sentences
from summarizer.types import Coverage
from summarizer.writing.salient import Salience
from summarizer.writing.written import Written

MOST = "The council of Alba voted on Monday to close its harbour to all 10 ferries."
TEXT = f"Gulls sat on every wall. Dockers in Essen whistled old songs. {MOST} A baker remembers the captains well."
SPANS = sentences(TEXT)


def salience(*order: int, text: str = TEXT) -> Salience:
    spans = sentences(text)
    return Salience(read_source(text), tuple(spans[i] for i in order))


def told(*parts: str):
    return check_support(TEXT, "\n".join(parts)).sentences


@pytest.mark.parametrize(
    "parts, missing",
    [
        (("Dockers in Essen whistled old songs.", "Gulls sat on every wall."), True),
        (("The council of Alba voted to close its harbour.",), False),
        (("Gulls sat on every wall.", "All 10 ferries have to leave the harbour of Alba."), False),
        (("A baker remembers the captains well, and the council.",), True),  # it rests on it, too
    ],
)
def test_the_most_salient_sentence_is_added_where_no_sentence_tells_it(parts, missing):
    written = Written(told(*parts), Coverage(9, 9, 1, False), "stop")
    assert (MOST in [each.text for each in salience(2, 1, 0).completed(written, 3).sentences]) == missing
    assert Salience(read_source(TEXT)).completed(written, 3) == written


def test_an_endless_sentence_need_not_be_told():
    endless = f"{MOST[:-1]}{', and the ferries of Brno' * 10}."
    written = Written(told("Dockers in Essen whistled old songs."), Coverage(9, 9, 1, False), "stop")
    assert salience(0, text=endless).completed(written, 3) == written


def test_the_most_salient_sentence_is_told_at_its_place():
    written = Written(
        told("Gulls sat on every wall.", "A baker remembers the captains well."), Coverage(9, 9, 1, False), "stop"
    )
    whole = salience(2, 0, 1).completed(written, 3)
    assert [each.text for each in whole.sentences] == [
        "Gulls sat on every wall.",
        MOST,
        "A baker remembers the captains well.",
    ]
    assert whole.finish_reason == "extractive" and len(whole.warnings) == 1
    assert [each.text for each in salience(2, 3, 0).completed(written, 2).sentences] == [
        MOST,
        "A baker remembers the captains well.",
    ]


def test_the_best_are_those_of_the_most_salient_in_order():
    sentences = told(
        "Gulls sat on every wall.", "Dockers in Essen whistled old songs.", "A baker remembers the captains well."
    )
    assert [each.text for each in salience(3, 0).best(sentences, 2)] == [sentences[0].text, sentences[2].text]


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("The council of Alba voted.", MOST),
        ("The council of Alba voted to close its harbour.", "The council of Alba voted to close its harbour."),
        ("Nothing else is known.", "Nothing else is known."),
    ],
)
def test_a_sentence_that_lost_most_of_what_it_tells_is_told_whole(cut, whole):
    written = Written(told(cut, "Gulls sat on every wall."), Coverage(9, 9, 1, False), "stop")
    restored = salience(2, 0).restored(written)
    assert [each.text for each in restored.sentences] == [whole, "Gulls sat on every wall."]
    assert restored.finish_reason == "stop" and (cut == whole) == (restored == written) == (not restored.warnings)
    assert Salience(read_source(TEXT)).restored(written) == written


def test_what_is_long_stays_cut():
    long = f"{MOST[:-1]}{', and the ferries of Brno' * 6}."
    written = Written(told("The council of Alba voted."), Coverage(9, 9, 1, False), "stop")
    assert salience(0, text=long).restored(written) == written


FIRE = (
    "A fire broke out in the old theatre of Alba on Friday. The theatre was built in 1904 by a captain. {} "
    "Ferries were late all day. Trams were late as well. A cat died in the harbour of Brno on Sunday."
)


@pytest.mark.parametrize(
    "sentence, places, added",
    [
        ("Two actors died on the stage.", (0, 1), True),
        ("Two actors died on the stage.", (1, 3), True),
        ("They were found dead on the stage.", (0, 3), False),  # who?
        ("They were found dead on the stage.", (0, 1), True),
        ("Two actors were killed on the stage.", (2, 3), False),  # it is told
        ("Nobody was hurt on the stage.", (0, 1), False),  # that of the cat comes late
        ("No one was killed or hurt on the stage.", (0, 1), False),
        ("The wind died down on the stage.", (0, 1), False),
        (f"Two actors died on the stage{' and on the stairs' * 20}.", (0, 1), False),
    ],
)
def test_a_death_is_told(sentence, places, added):
    text = FIRE.format(sentence)
    spans = sentences(text)
    told = check_support(text, "\n".join(text[spans[i].start : spans[i].end] for i in places)).sentences
    found = Salience(read_source(text), (spans[places[0]],), frozenset(spans))
    written = found.completed(Written(told, Coverage(9, 9, 1, False), "stop"), 3)
    assert (len(written.sentences) > len(told)) == (len(written.warnings) == 1) == added
    assert [each.sources[0].start for each in written.sentences] == sorted(
        s.sources[0].start for s in written.sentences
    )
    if sentence.startswith("They"):  # whom it means would give way to it
        assert found.completed(Written(told, Coverage(9, 9, 1, False), "stop"), 2).sentences == told
    alone = Written(told[:1], Coverage(9, 9, 1, False), "stop")
    assert len(found.completed(alone, 1).sentences) == 1  # where one sentence is asked for, it is the most salient


DOG = (
    "A dog saved its master from a cold grave. The black pooch took a rope out to him on Saturday. "
    "The crowd cheered both of them. The firemen hauled them to the shore."
)


@pytest.mark.parametrize(
    "places, salient, expected",
    [
        ((1, 3), True, (0, 1, 3)),
        ((1,), True, (0, 1)),
        ((1, 2, 3), True, (0, 1, 3)),  # the least salient gives way
        ((1, 3), False, (1, 3)),
        ((0, 1), True, (0, 1)),
        ((3,), True, (3,)),  # no place where a text begins
    ],
)
def test_what_the_first_sentence_points_back_to_is_told_before_it(places, salient, expected):
    spans = sentences(DOG)
    lines = [DOG[span.start : span.end] for span in spans]
    told = check_support(DOG, "\n".join(lines[i] for i in places)).sentences
    ranked = (spans[3], spans[1], *(spans[:1] if salient else ()))
    found = Salience(read_source(DOG), ranked, frozenset(spans))
    written = found.introduced(Written(told, Coverage(9, 9, 1, False), "stop"), 3)
    assert [each.text for each in written.sentences] == [lines[i] for i in expected]
    assert (written.finish_reason == "extractive") == (len(written.warnings) == 1) == (places != expected)


@pytest.mark.parametrize(
    "before, first",
    [
        ("A dog saved its master from a cold grave.", "Its black pooch took a rope out to him on Saturday."),
        ("A black pooch took a rope out to its master.", "The pooch took a rope out to its master on Saturday."),
        (f"A dog saved its master from a grave{' and a pit' * 20}.", "The black pooch took a rope out to him."),
    ],
)
def test_what_needs_no_introduction_gets_none(before, first):
    text = f"{before} {first} The firemen hauled them to the shore."
    spans = sentences(text)
    told = check_support(text, text[spans[1].start : spans[1].end]).sentences
    found = Salience(read_source(text), tuple(spans), frozenset(spans))
    assert len(found.introduced(Written(told, Coverage(9, 9, 1, False), "stop"), 3).sentences) == 1


def test_no_sentence_that_points_back_itself_introduces_another():
    text = f"Gulls sat on every wall. He whistled. {DOG[42:]}"
    spans = sentences(text)
    told = check_support(text, text[spans[2].start : spans[2].end]).sentences
    assert (
        len(
            Salience(read_source(text), tuple(spans), frozenset(spans))
            .introduced(Written(told, Coverage(9, 9, 1, False), "stop"), 3)
            .sentences
        )
        == 1
    )
