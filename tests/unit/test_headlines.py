from summarizer.text.sentences import sentences
from summarizer.writing.headlines import own_headline, stand_in
from summarizer.writing.style import Style

HEADLINE = Style.of(format="headline")
FERRY = "The ferry between Kessel and the island stopped on Monday. No ferry sails before Friday, its captain said."


def test_the_articlesown_headline_is_one_that_says_what_its_sentences_say():
    own = "Ferry to the island of Kessel stops"
    above = "Home News Sport Weather Travel Food\nBy Ada Lind for Kessel island ferry\nThe ferry stopped\n"
    text = f"{above}{own}\n{FERRY}"
    assert own_headline(text, sentences(text), HEADLINE) == own
    for marked in (f"# {own}", f"**{own}**", f"- {own}", f"“{own}”"):
        assert own_headline(f"{marked}\n{FERRY}", sentences(f"{marked}\n{FERRY}"), HEADLINE) == own
    assert own_headline(text, sentences(text), Style.of(words=6, format="headline")) is None
    for without in (
        f"{above}{FERRY}",
        f"{FERRY}\n{own}",
        f"Ferry between Kessel and the island stopped.\n{FERRY}",
    ):
        assert own_headline(without, sentences(without), HEADLINE) is None


def test_what_stands_above_a_story_is_not_all_headline():
    for line in (
        "News | Kessel | Ferry between Kessel and the island",
        'title: "Ferry between Kessel and the island stopped"',
        "Kessel ferry, Monday at 12:30 on the island",
        "Ferry and island weather sport culture money travel food games on Monday",
    ):
        text = f"{line}\n{FERRY}"
        assert own_headline(text, sentences(text), HEADLINE) is None
        assert stand_in(text, (), HEADLINE) == "The ferry between Kessel and the island stopped on Monday"


def test_short_titles_and_labelled_ones_are_headlines():
    for line, own in (
        ("Ferries of Kessel", None),
        ("The Ferry of Kessel Stops", "The Ferry of Kessel Stops"),
        ("Subject: The ferry of Kessel stops", "The ferry of Kessel stops"),
        ("![Ferry between Kessel and the island](a.png)", None),
    ):
        text = f"{line}\n{FERRY}"
        assert own_headline(text, sentences(text), HEADLINE) == own


def test_a_stand_in_is_a_sentence_of_the_story():
    text = f"FOR IMMEDIATE RELEASE\nContact: Ada Lind\n{FERRY}"
    spans = sentences(text)
    assert stand_in(text, (spans[0], spans[-1]), HEADLINE) == "No ferry sails before Friday, its captain said"
