import pytest

from summarizer.text.furniture import bare, heading, story_sentences
from summarizer.text.sentences import sentences

STORY = (
    "Nurses at the Alba hospital voted on Sunday to return to work after nine days.\n"
    "The hospital had offered them a raise of 6 percent. The vote was close."
)


def read(text):
    spans = sentences(text)
    return "\n".join(text[spans[i].start : spans[i].end] for i in story_sentences(text, spans)).split("\n")


TOLD = STORY.replace("percent. ", "percent.\n").split("\n")


@pytest.mark.parametrize(
    "above",
    [
        "Nurses return to work",
        "Health. Alba.\nHOW THE NURSES WON. AND WHAT IT COSTS.\nBy Marcus Bell",
        "The nurses are back. Their hospital is open again.\nBy Marcus Bell, health correspondent\nPublished 6:12 a.m.",
        "Some nurses are back, their hospital says.\nUpdated: 3 May 2024",
    ],
)
def test_what_stands_above_a_byline_is_heading(above):
    assert read(f"{above}\n{STORY}") == TOLD


@pytest.mark.parametrize(
    "line",
    [
        "By Sunday, most of the nurses had come back.",
        "Words by themselves help nobody, a nurse said.",
        "He reads The Times every day.",
        "The NHS said so on Monday.",
        "Novak Djokovic won the US Open on Sunday.",
    ],
)
def test_a_sentence_of_the_story_is_none_of_it(line):
    assert read(f"{line}\n{STORY}") == [line, *TOLD]


def test_a_byline_below_the_story_ends_nothing():
    long = " ".join([STORY.split("\n")[0]] * 3)
    assert read(f"{long}\n{STORY}\nBy Marcus Bell")[-3:] == TOLD


@pytest.mark.parametrize(
    "line",
    [
        "> The nurses will never come back, a mail said.",
        "Nurses leave the hospital on Sunday. (Photo: Ada Lind/Alba Courier)",
        "Nurses vote in Alba on Sunday [AP Photo/Ada Lind]",
        "A volunteer hangs up signs before the fair in Alba (April 2019) Image: Ada Lind.",
        "Nurses vote in a hall of Alba. A. LIND/ALBA COURIER",
        "![Nurses vote in Alba on Sunday.](vote.png)",
        "Nurses End Their Strike After Nine Days Without Pay.",
        "We may earn a commission from affiliate links on this page.",
        "An earlier version of this article misspelled the name of the hospital.",
        "© 2024 Alba Courier. All rights reserved.",
        "Scroll down for video.",
        "We and our partners use cookies to give you the best experience of this site.",
        "Opinion pieces represent the views of their authors and not of this newspaper.",
        "Sign up here for our daily newsletter.",
        "This episode is brought to you by the makers of fine tea.",
    ],
)
def test_captions_titles_and_notes_are_no_story(line):
    assert read(f"{STORY}\n{line}\n{STORY}") == TOLD * 2


def test_news_of_what_notes_speak_of_is_a_story():
    news = ["The court in Alba ruled on Monday that the use of cookies broke the law."]
    assert read(" ".join([*news, *TOLD * 3])) == [*news, *TOLD * 3]


def test_what_a_page_says_of_itself_amid_a_line_is_no_story():
    links, player = (
        "These are external links and will open in a new window.",
        "Media playback is unsupported on your device.",
    )
    assert read(f"{links} {STORY} {player} {STORY}") == TOLD * 2
    told = ["Media playback is not supported on this device in the trains of Alba, its makers said."]
    assert read(" ".join([*told, *TOLD * 3])) == [*told, *TOLD * 3]


def test_what_is_said_of_the_author_is_no_story():
    about = "Ms. Bell is a former transport commissioner of Alba."
    assert read(f"By Ada Bell\n{about}\n{STORY}\nAda Bell writes on health.") == TOLD
    assert read(f"By Ada Lind\n{about}\n{STORY}") == [about, *TOLD]


def test_a_text_may_have_no_story():
    assert story_sentences("", []) == []
    assert read("One line\nAnother line") == [""]


def test_in_a_text_all_in_capitals_no_line_is_a_title():
    assert read(STORY.upper()) == [line.upper() for line in TOLD]


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ("CAMBRIDGE, Mass. and COPENHAGEN, Denmark, March 3 – Norvane sells it.", "Norvane sells it."),
        ("The IMF - a fund - fell.", "The IMF - a fund - fell."),
        ("STOCKHOLM, Sept 9 (Northern Wire) - It fell.", "It fell."),
        ("- It **fell** on [Monday](https://alba.example/a).", "It fell on Monday."),
        ("1.2 Exclude nobody.", "Exclude nobody."),
        ("1.2 Million people came.", "1.2 Million people came."),
        ("3.5 percent came.", "3.5 percent came."),
        ("[00:01:09] Ada: It fell.", "Ada: It fell."),
        ("Findings In this trial it fell.", "In this trial it fell."),
        ("Results: It fell.", "It fell."),
        ("Results came in late.", "Results came in late."),
        ("**", "**"),
    ],
)
def test_a_sentence_is_bare_of_what_it_opens_with(sentence, plain):
    assert bare(sentence) == plain


def test_what_stands_above_the_story_is_its_heading():
    text = f"Home\nNurses of Alba return to work\nBy Marcus Bell of the Courier\n{STORY}"
    spans = sentences(text)
    assert heading(text, spans, story_sentences(text, spans)) == "Nurses of Alba return to work"
    assert heading(STORY, sentences(STORY), [0, 1, 2]) == ""
