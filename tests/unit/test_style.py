import pytest

from summarizer.errors import InvalidRequest
from summarizer.writing.style import Style

HEADLINE = Style.of(format="headline")


def test_an_unfinished_last_sentence_is_dropped():
    assert Style.of("medium").shape("One is done. Two is") == (["One is done."], "stop")


def test_an_unfinished_only_sentence_is_kept_and_reported():
    assert Style.of("medium").shape("Two is") == (["Two is"], "length")


def test_no_more_sentences_than_asked_and_none_twice():
    assert Style.of(sentence_count=2).shape("It rained. It rained. Snow fell. Wind came.")[0] == [
        "It rained.",
        "Snow fell.",
    ]


def test_who_said_it_alone_is_no_sentence_of_a_summary():
    shape = Style.of().shape
    assert shape("Two men died. Police said Monday. The road is closed.")[0] == ["Two men died.", "The road is closed."]
    assert shape("Pentagon spokesman Mark Wright said. It fell.")[0] == ["It fell."]
    assert shape("Police said. ")[0] == ["Police said."]
    assert shape("Two men died. Ms.")[0] == ["Two men died."]
    for whole in ("Nobody said no.", "No casualties were reported.", "No injuries were reported Monday."):
        assert shape(f"A quake hit. {whole}")[0] == ["A quake hit.", whole]


def test_words_is_an_upper_bound():
    parts, _ = Style.of(words=6).shape("One two three four five six seven eight nine.")
    assert len(" ".join(parts).split()) <= 6


@pytest.mark.parametrize("draft", ["x" * 100_000, f"{'x' * 40_000} after {'y' * 40_000}.", "報" * 100_000 + "。"])
@pytest.mark.parametrize(("style", "most"), [(Style.of(words=30), 601), (Style.of(), 3201), (HEADLINE, 281)])
def test_a_word_has_an_end(draft, style, most):
    (cut,), reason = style.shape(draft)
    assert len(cut) == most and cut.endswith("…") and reason == "length"


@pytest.mark.parametrize(
    "told",
    [
        [
            "今天，市議會批准了新橋的建設計劃，預計明年春天動工，工程耗資三億元。",
            "市長說，舊橋已有七十年歷史，無法再承受日益增加的車流。",
        ],
        ["Lebensmittelversorgungssicherstellungsgesetz: Bundesverfassungsgericht verlangt Nachbesserungen."],
        ["Kansaneläkelaitoksen toimeentulotukihakemusten käsittelyajat pidentyivät pääkaupunkiseudulla."],
    ],
)
def test_long_words_and_what_sets_no_spaces_are_told_whole(told):
    fewest = 30 if len(told) > 1 else 5
    assert Style.of(sentence_count=2, words=fewest).fit(told) == (told, False)


def test_bullets_and_headlines_are_that():
    bullets = Style.of(format="bullets")
    assert bullets.join(bullets.shape("- One is.\n- Two is.")[0]) == "- One is.\n- Two is."
    assert Style.of(format="headline").shape('"Council approves library."\nMore text.')[0] == [
        "Council approves library"
    ]


@pytest.mark.parametrize("options", [{"length": "huge"}, {"format": "poem"}, {"sentence_count": 0}, {"words": 1}])
def test_senseless_options_are_refused(options):
    with pytest.raises(InvalidRequest):
        Style.of(**options)


def test_a_sentence_in_the_place_of_a_headline_ends_at_a_clause():
    headline = Style.of(format="headline")
    long = "The council of Alba voted for a new bridge over the river on Monday, calling it overdue by ten years."
    assert headline.shape(long) == (["The council of Alba voted for a new bridge over the river on Monday"], "stop")
    assert headline.shape("Rain fell on Alba. It was cold.") == (["Rain fell on Alba"], "stop")
    (cut,), reason = headline.shape(" ".join(f"word{i}" for i in range(30)))
    assert cut.endswith("word13…") and reason == "length"


def test_words_is_an_upper_bound_of_headlines_and_of_what_has_no_end():
    headline, _ = Style.of(words=5, format="headline").shape("The council of Leeds approves the new library plan")
    assert len(headline[0].split()) == 5
    endless = " ".join(f"word{i}" for i in range(400))
    (cut,), finish = Style.of(words=20).shape(endless)
    assert len(cut.split()) == 20 and cut.endswith("…") and finish == "length"
    (cut,), finish = Style.of("medium").shape(endless)
    assert len(cut.split()) == Style.of("medium").max_new_tokens and finish == "length"


@pytest.mark.parametrize(
    "text",
    [
        "It opened in 1921.[1] It closed in 1950.[2][3]",
        "Der Minister kam nach Berlin. „Das Haus ist zu teuer geworden.“",
        "Le ministre est venu. « La maison est trop chère. »",
        "知事は言った。「とても嬉しい。」",
        "परिषद ने योजना मंज़ूर की। काम शुरू होगा।",
        "هل وافق المجلس؟",
    ],
)
def test_sentences_of_other_scripts_and_with_references_have_an_end(text):
    parts, finish = Style.of("medium").shape(text)
    assert finish == "stop" and "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (["市長は橋を開いた。", "「嬉しい。」", "雨が降った。"], "市長は橋を開いた。「嬉しい。」雨が降った。"),
        (["他说：“很好！”", "桥开了。", "It rained."], "他说：“很好！”桥开了。It rained."),
        (["시장은 다리를 열었다.", "비가 왔다."], "시장은 다리를 열었다. 비가 왔다."),
        (["It rained.", "市長は橋を開いた。"], "It rained. 市長は橋を開いた。"),
    ],
)
def test_sentences_are_joined_as_their_script_joins_them(parts, told):
    assert Style.of().join(parts) == told


@pytest.mark.parametrize("format", ["paragraph", "headline"])
def test_a_line_without_words_is_no_sentence(format):
    assert Style.of("short", format=format).shape("...\nThe council met.")[0][0].startswith("The council met")


@pytest.mark.parametrize("draft", ["Headline:\nBridge to reopen in May", "**Headline:** Bridge to reopen in May"])
def test_a_label_is_no_headline(draft):
    assert Style.of(format="headline").shape(draft)[0] == ["Bridge to reopen in May"]


LONG = "Four former students won a case about their phones on Monday after a court in Denver called the search wrong"


def test_a_sentence_over_the_words_ends_before_what_tells_of_another_event():
    kept, cut = Style.of(words=15).fit([f"{LONG}."])
    assert (kept, cut) == (["Four former students won a case about their phones on Monday."], False)


@pytest.mark.parametrize(
    "sentence",
    [
        "The agency said that the new vaccine is not safe when it is given to children under five who had a fever.",
        "The court said the company may not sell the drug after the trial of its side effects has ended in May.",
        "The minister said “the state will pay all of the damage after the flood is gone and counted” on Monday.",
        "The head of the school, who left (she was ill after the party of the third of May), is back now.",
        "The Café Odéon of Zürich has been sold to a pair of brothers of Split for six million francs today.",
    ],
)
def test_a_sentence_whose_beginning_may_hang_on_its_end_is_broken_off_and_says_so(sentence):
    (kept,), cut = Style.of(words=12).fit([sentence])
    assert cut and kept.endswith("…") and not kept.endswith((" the…", " to…", " of…"))


@pytest.mark.parametrize("words", [5, 9, 15, 20])
def test_it_never_has_more_words_than_asked_for(words):
    for sentence in (f"{LONG}.", "word " * 40 + "end."):
        assert len(Style.of(words=words).fit([sentence])[0][0].split()) <= words


@pytest.mark.parametrize("options", [{"words": 10.5}, {"sentence_count": "2"}, {"words": True}])
def test_what_is_no_whole_number_is_refused(options):
    with pytest.raises(InvalidRequest, match="whole number"):
        Style.of(**options)


def test_a_bullet_has_one_mark():
    assert Style.of(format="bullets").join(["- Removed the old plug-in.", "10. June is the date."]) == (
        "- Removed the old plug-in.\n- 10. June is the date."
    )
