from summarizer.grounding import read_source
from summarizer.types import (
    ArticleReport,
    Coverage,
    DuplicatesReport,
    ModelInfo,
    Span,
    Summary,
    SupportedSentence,
)
from summarizer.writing.headlines import headline_inputs, headline_sentences, own_headline, stand_in, titled
from summarizer.writing.style import Style

HEADLINE = Style.of(format="headline")
FERRY = "The ferry between Kessel and the island stopped on Monday. No ferry sails before Friday, its captain said."


def test_the_articlesown_headline_is_one_that_says_what_its_sentences_say():
    own = "Ferry to the island of Kessel stops"
    above = "Home News Sport Weather Travel Food\nBy Ada Lind for Kessel island ferry\nThe ferry stopped\n"
    text = f"{above}{own}\n{FERRY}"
    assert own_headline(read_source(text), HEADLINE) == own
    for marked in (f"# {own}", f"**{own}**", f"- {own}", f"“{own}”"):
        assert own_headline(read_source(f"{marked}\n{FERRY}"), HEADLINE) == own
    assert own_headline(read_source(text), Style.of(words=6, format="headline")) is None
    for without in (
        f"{above}{FERRY}",
        f"{FERRY}\n{own}",
        f"Ferry between Kessel and the island stopped.\n{FERRY}",
    ):
        assert own_headline(read_source(without), HEADLINE) is None


def test_what_stands_above_a_story_is_not_all_headline():
    for line in (
        "News | Kessel | Ferry between Kessel and the island",
        'title: "Ferry between Kessel and the island stopped"',
        "Kessel ferry, Monday at 12:30 on the island",
        "Ferry and island weather sport culture money travel food games on Monday",
    ):
        text = f"{line}\n{FERRY}"
        assert own_headline(read_source(text), HEADLINE) is None
        assert stand_in(read_source(text), HEADLINE) == "The ferry between Kessel and the island stopped on Monday"


def test_short_titles_and_labelled_ones_are_headlines():
    for line, own in (
        ("Ferries of Kessel", None),
        ("The Ferry of Kessel Stops", "The Ferry of Kessel Stops"),
        ("Subject: The ferry of Kessel stops", "The ferry of Kessel stops"),
        ("![Ferry between Kessel and the island](a.png)", None),
    ):
        text = f"{line}\n{FERRY}"
        assert own_headline(read_source(text), HEADLINE) == own


def test_a_stand_in_is_a_sentence_of_the_story():
    text = f"FOR IMMEDIATE RELEASE\nContact: Ada Lind\n{FERRY} The harbour was closed, its master said."
    assert stand_in(read_source(text), HEADLINE) == "The ferry between Kessel and the island stopped on Monday"


def test_a_headline_is_of_the_storys_first_sentence_where_it_is_salient():
    first = "The ferry between Kessel and the island of Narva stopped on Monday."
    news = (
        "The council of Kessel found on Monday that 12 ferries between Kessel and the island of Narva had no captain."
    )
    rest = "Rain fell in the north."

    def chosen(*told):
        text = " ".join(told)
        return [text[s.start : s.end] for s in headline_sentences(text, read_source(text).spans)]

    assert chosen("Ferry stops\n", first, news, rest)[:2] == [first, news]
    assert chosen(rest, *(f"{news[:-1]} in 20{i}." for i in range(10, 16)))[0] != rest
    endless = f"The council of Kessel found {'12 ferries and ' * 80}no captain."
    assert chosen(endless, first, rest)[0] == first
    assert [len(each) for each in chosen(endless)] == [1000]


def test_a_model_is_given_the_clause_and_all_of_a_sentence():
    for told, given in (
        ("The ferry of Kessel, which was old, has sunk.", ["The ferry of Kessel has sunk."]),
        ("The ferry of Kessel has sunk.", []),
        ("Will the ferry of Kessel sink?", []),
    ):
        assert headline_inputs(told, HEADLINE) == [*given, told]


def test_a_sentence_that_stands_alone_may_be_a_headline():
    for told, headline in (
        ("Kessel: no ferry sailed.", "Kessel: no ferry sailed"),
        ("Kessel: no ferry, no captain.", "The ferry between Kessel and the island stopped on Monday"),
        ("Ferries of Kessel were stopped at 10 a.m.", "Ferries of Kessel were stopped at 10 a.m."),
        ("That goes for ferries of Kessel, too.", "The ferry between Kessel and the island stopped on Monday"),
        ("How would ferries of Kessel, too, stop?", "The ferry between Kessel and the island stopped on Monday"),
    ):
        assert stand_in(read_source(f"{told} {FERRY}"), HEADLINE) == headline


def test_a_stand_in_is_a_main_clause_that_names_something():
    text = (
        "They had waited for a long time. The old man was seen by the sea. "
        "After a night of rain, the river Alba, which rose by two metres, flooded the town of Kessel, the mayor said."
    )
    assert stand_in(read_source(text), HEADLINE) == "The river Alba flooded the town of Kessel"
    unnamed = "They had waited for a long time. The old man was seen by the sea. Nobody in the town knew why."
    assert stand_in(read_source(unnamed), HEADLINE) == "The old man was seen by the sea"
    assert stand_in(read_source("Rain and snow. They sang songs all night."), HEADLINE)


OWN = "Kessel ferry stops as its crew asks for more pay"
STORY = f"{FERRY} The crew asks for more pay."


def summary(text, score=0.9, finish="stop"):
    told = SupportedSentence(text, True, score, (Span(0, 10),))
    article = ArticleReport("0" * 64, None, None, "en", len(STORY), len(STORY.split()))
    model = ModelInfo("lead", None, "lead", "none")
    coverage = Coverage(9, 9, 1, False)
    return Summary("1" * 64, text, (told,), article, DuplicatesReport(), coverage, model, finish)


def test_a_title_stands_for_a_headline_in_the_articles_words_and_for_a_doubtful_one():
    doubtful, extractive = summary("Crew of Kessel", 0.7), summary("The crew asks for more pay", finish="extractive")
    for found in (doubtful, extractive):
        named = titled(found, STORY, OWN, HEADLINE, 0.75)
        assert named.summary == named.sentences[0].text == OWN and named.sentences[0].sources
        assert named.finish_reason == "extractive" and named.warnings == ("The headline is the article's title.",)
        assert named.id == found.id
    assert titled(doubtful, STORY, OWN, HEADLINE, 0.0) == doubtful  # a large model's
    broken = titled(doubtful, STORY, OWN.replace(" stops", "\n\u202estops"), HEADLINE, 0.75, ["Foreign."])
    assert broken.summary == OWN and broken.warnings == ("Foreign.", "The headline is the article's title.")
    assert titled(summary("A good one"), STORY, OWN, HEADLINE, 0.75) == summary("A good one")


def test_a_title_that_the_article_does_not_support_or_does_not_fit_is_no_headline():
    doubtful = summary("Crew of Kessel", 0.7)
    for title in (
        "Ferry crew of Tallinn asks for more pay",
        "Ferry stops for 17 days as its crew asks for pay",
        "Monday's newsletter: ten things to know about gardens",
        "Ferry",
        "- - -",
        "Who We Are",
        f"{OWN} and " * 5,
        "ferry " + "x" * 2000,
    ):
        assert titled(doubtful, STORY, title, HEADLINE, 0.75) == doubtful
    assert titled(doubtful, STORY, OWN, Style.of(words=6, format="headline"), 0.75) == doubtful
    for asked in (Style.of(), Style.of(format="headline", grounding="report")):
        assert titled(doubtful, STORY, OWN, asked, 0.75) == doubtful


def test_a_stand_in_has_words():
    for text in ("* * *\n" + "ข่าว" * 40 + "\n* * *", "Title:\n", "ж:  " * 2000):
        assert any(map(str.isalnum, stand_in(read_source(text), HEADLINE)))
