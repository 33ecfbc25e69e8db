import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Article, StoryIndex
from summarizer.dedup.signatures import pack, signature, unpack
from summarizer.dedup.terms import event_terms

FERRY = (
    "The ferry Aurora ran aground off Port Kelda early on Tuesday with 84 passengers on board. Coast guard boats took "
    "everyone to safety within two hours, a spokeswoman for the Kelda coast guard said. Divers will inspect the hull."
)
FERRY_TOLD_AGAIN = (
    "Coast guard crews rescued 84 passengers from the ferry Aurora, which struck rocks near Port Kelda on Tuesday. "
    "Nobody was hurt, the Kelda coast guard said. Tugs are to pull the Aurora free once divers have seen the hull."
)
STAR = (
    "Scientists at the Orvik observatory have measured the mass of a distant red star, using its small companion. The "
    "team will publish the figures next year."
)
MAYOR = "Voters in Lund chose Per Falk as mayor on Sunday, with turnout the highest in twenty years, officials said."
DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def index():
    with StoryIndex() as made:
        made.add(STAR, id="star", published=DAY)
        made.add(MAYOR, id="mayor", published=DAY)
        yield made


def test_an_article_is_new_or_goes_on_or_is_a_copy(index):
    first = index.add(FERRY, id="a", published=DAY)
    again = index.add(FERRY_TOLD_AGAIN, id="b", published=DAY)
    copy = index.add("Subscribe now\n" + FERRY, id="c", published=DAY)
    assert (first.kind, again.kind, copy.kind) == ("new", "continues", "copy")
    assert first.story == again.story == copy.story
    assert (again.of, copy.of) == ("a", "a")
    assert "aurora" in again.terms
    (passage,) = copy.shared
    assert FERRY.startswith(FERRY[passage.b.start : passage.b.end])
    assert passage.a.start == passage.b.start + len("Subscribe now\n")
    assert index.stories()[first.story] == ("a", "b", "c")


def test_the_same_article_twice_changes_nothing(index):
    first = index.add(Article(FERRY, title="Aground"), published=DAY)
    before = index.stories()
    assert index.add(Article(FERRY, title="Aground"), published=DAY + timedelta(days=1)) == first
    copy = index.add(FERRY + " More soon.", id="c", published=DAY)
    assert index.add(FERRY + " More soon.", id="c") == copy and copy.shared
    assert index.stories() == before | {first.story: (first.id, "c")}


def test_an_article_is_known_by_its_address_and_without_one_by_its_text(index):
    one, other = (Article(FERRY, url=f"https://{name}.example") for name in "ab")
    first = index.add(one, published=DAY)
    assert (first.kind, first.id) == ("new", "https://a.example")
    assert index.add(one, published=DAY) == first
    copy = index.add(other, published=DAY)
    assert (copy.kind, copy.of) == ("copy", "https://a.example")
    without = index.add(Article(FERRY), published=DAY)
    assert without.kind == "copy" and index.add(FERRY, published=DAY) == without
    assert index.add(Article(FERRY, url="https://c.example/\ud83d"), published=DAY).id == "https://c.example/?"


def test_what_has_left_the_window_is_forgotten(index):
    index.add(FERRY, id="old", published=DAY)
    late = index.add(FERRY, id="late", published=DAY + timedelta(days=15))
    assert late.kind == "new" and len(index) == 1
    assert index.add(FERRY, id="older", published=DAY).kind == "outside"
    assert index.stories() == {late.story: ("late",)}


def test_a_file_is_read_again_and_one_of_another_scheme_is_built_anew(tmp_path):
    path = tmp_path / "sub" / "stories.sqlite"
    with StoryIndex(path) as index:
        index.add(STAR, id="star", published=DAY)
        index.add(MAYOR, id="mayor", published=DAY)
        first = index.add(FERRY, id="a", published=DAY)
    with StoryIndex(path) as index:
        assert index.add(FERRY_TOLD_AGAIN, id="b", published=DAY).story == first.story
        kept = sorted(index.stories().values())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE name = 'scheme'")
    with StoryIndex(path) as index:
        assert sorted(index.stories().values()) == kept
        assert index.add(FERRY, id="c", published=DAY).kind == "copy"


def test_a_failed_addition_leaves_the_index_as_it_was(index):
    before = index.stories()
    with pytest.raises(AttributeError):
        index.add(FERRY, id="bad", published="yesterday")
    assert index.stories() == before
    assert index.add(FERRY, id="bad", published=DAY).kind == "new"


def test_many_at_once_are_decided_as_one_by_one():
    given = [(Article(text), str(n), DAY) for n, text in enumerate([STAR, FERRY, MAYOR, FERRY_TOLD_AGAIN, FERRY])]
    with StoryIndex() as one, StoryIndex() as many:
        assert list(many.add_many(given)) == [one.add(a, id=i, published=p) for a, i, p in given]


def test_what_was_told_is_kept_where_the_caller_leaves_or_an_article_fails(tmp_path):
    given = [(Article(text), str(n), DAY) for n, text in enumerate([STAR, FERRY, MAYOR])]
    with StoryIndex(tmp_path / "left.sqlite") as one:
        for decision in one.add_many(given):
            if decision.id == "1":
                break
    with StoryIndex(tmp_path / "left.sqlite") as one:
        assert [id for ids in one.stories().values() for id in ids] == ["0", "1"]
    with StoryIndex(tmp_path / "failed.sqlite") as one, pytest.raises(UnicodeEncodeError):
        list(one.add_many([*given, (Article("A text."), "\ud800", DAY)]))
    with StoryIndex(tmp_path / "failed.sqlite") as one:
        assert len(one) == 3


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_text_is_taken_and_signatures_survive_packing(first, second):
    made = signature(event_terms(first), first, second)
    again = unpack(pack(made))
    assert again.occasion == made.occasion
    for name in ("terms", "weights", "words", "shingles", "shingle_keys"):
        assert getattr(again, name).tolist() == getattr(made, name).tolist()


@pytest.mark.parametrize("text", ["", "\ud800\x00", "東京で地震", "word " * 20000])
def test_odd_articles_are_taken(index, text):
    assert index.add(text, published=DAY).kind == "new"
    assert index.add(text + " ", id="again", published=DAY).story > 0


def test_a_very_short_text_is_a_copy_of_its_like(index):
    assert index.add("Ferry runs aground", id="a", published=DAY).kind == "new"
    assert index.add("ferry runs aground!", id="b", published=DAY).of == "a"


def test_a_date_far_ahead_does_not_empty_the_window():
    with StoryIndex(clock=DAY.timestamp) as index:
        index.add(STAR, id="star", published=DAY)
        index.add(FERRY, id="a", published=DAY + timedelta(days=4000))
        assert len(index) == 2


def test_closing_keeps_what_was_told_while_the_generator_lives(tmp_path):
    one = StoryIndex(tmp_path / "left.sqlite")
    decisions = one.add_many([(Article(text), str(n), DAY) for n, text in enumerate([STAR, FERRY])])
    assert next(decisions).id == "0"
    one.close()
    decisions.close()
    one.close()
    with StoryIndex(tmp_path / "left.sqlite") as again:
        assert len(again) == 1
