from pathlib import Path
from textwrap import fill
from unicodedata import normalize

import pytest

from summarizer.grounding import check_support, examine, nearest_sources, read_source, repair, stated
from summarizer.text.sentences import sentences

ARTICLE = (
    "The mayor of Lyon, Anna Reyes, opened a bridge on Monday. It cost 4.5 million euros.\n"
    "“We waited ten years for this,” she said."
)


def spans(summary):
    return [(s.text, s.kind) for s in check_support(ARTICLE, summary).sentences[0].unsupported]


def test_a_copied_sentence_is_supported_by_itself():
    (sentence,) = check_support(ARTICLE, "It cost 4.5 million euros.").sentences
    assert sentence.supported and not sentence.unsupported
    assert [ARTICLE[s.start : s.end] for s in sentence.sources] == ["It cost 4.5 million euros."]


def test_foreign_numbers_names_and_quotations_are_flagged():
    assert spans("The bridge cost 45 million euros.") == [("45 million", "number")]
    assert spans("The bridge of Paris opened.") == [("Paris", "name")]
    assert spans("She said: “We waited a century.”") == [("“We waited a century.”", "quotation")]


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_composed_and_decomposed_letters_are_the_same(forms):
    told = "José Núñez said in São Paulo that it would open 12 schools."
    text = f"It was late.\n\n{told}  Nobody asked Núñez why."
    article, summary = (normalize(form, each) for form, each in zip(forms, (text, told), strict=True))
    (sentence,) = check_support(article, summary).sentences
    assert sentence.supported and not sentence.unsupported
    assert [article[s.start : s.end] for s in sentence.sources] == [normalize(forms[0], told)]


def test_a_report_quotes_the_summary_as_it_was_submitted():
    summary = "\ufeffAnna  Reyes opened\u00a0it with Rene\u0301e\u00adlle\u00a0Moreau.\n\nIt cost 12\u00a0900 euros."
    one, two = check_support(ARTICLE, summary).sentences
    assert one.text in summary and two.text in summary
    assert [u.text for u in one.unsupported] == ["Rene\u0301e\u00adlle\u00a0Moreau"]
    assert [u.text for u in two.unsupported] == ["12\u00a0900"]
    assert all(s.text[u.start : u.end] == u.text for s in (one, two) for u in s.unsupported)


def test_a_text_supports_itself_whatever_its_characters():
    for text in (
        "Chancellor Christian Ku\u0308nst\u00adler of Austria met Angela Oster\u00admann.\u200b They spoke.",
        "\ufeffThe mayor, Anna Reyes,\u2028opened it.\r\n\r\nIt cost 4.5\u00a0million euros.",
    ):
        assert all(s.supported and not s.unsupported for s in check_support(text, text).sentences)


def test_part_of_a_number_does_not_support_it():
    assert spans("It cost 5 million euros.") == [("5 million", "number")]


def test_possessives_and_case_are_no_invention():
    assert spans("The bridge is Lyon's pride, says Reyes.") == []


def test_the_lead_of_the_sample_article_is_fully_supported():
    article = Path("examples/article.txt").read_text(encoding="utf-8")
    lead = " ".join(article[s.start : s.end] for s in sentences(article)[:3])
    report = check_support(article, lead)
    assert all(s.supported and not s.unsupported for s in report.sentences)


MEETING = (
    "Leaders met in Oslo at the start of the Summer Games. They spoke of trade and of the long border.\n"
    "A gas deal was signed in the evening. The statement was read to the press.\n"
    "The two leaders met for the 38th time since 2013. United beat Rovers in the final."
)


def flagged(summary):
    return [(u.text, u.kind) for s in check_support(MEETING, summary).sentences for u in s.unsupported]


def test_true_words_in_a_false_combination_are_flagged():
    assert flagged("They marked the 38th anniversary of the 2013 Summer Games.") == [
        ("38th", "number"),
        ("2013", "number"),
    ]
    assert flagged("It was their 38th time to meet since 2013.") == []


def test_swapped_roles_are_flagged_and_the_passive_is_not():
    assert flagged("Rovers beat United in the final.") == [("Rovers beat United", "role")]
    assert flagged("Rovers were beaten by United in the final.") == []


MURDER = (
    "The PSNI has launched a murder inquiry into the death of a prison officer. Sue Allister, who leads the Northern "
    "Ireland Prison Service, spent time with the family. Their new manager Gary Colwell would like to see the club go "
    "down fighting. Martin Hagorn was sent off. Jose Alba may have taken the crown on Monday. The Catalan has signed a "
    "long contract with the club. The United Kingdom Treasury was told of the plan on Friday."
)


@pytest.mark.parametrize(
    "summary, wrong",
    [
        ("The Northern Ireland Prison Service has launched a murder inquiry into the death.", "Northern Ireland"),
        ("Martin Hagorn, who was sent off, would like to see the club go down fighting.", "Martin Hagorn"),
        ("Sue Allister may have taken the crown on Monday.", "Sue Allister"),
    ],
)
def test_what_the_article_says_of_another_name_is_flagged(summary, wrong):
    (sentence,) = check_support(MURDER, summary).sentences
    assert [(u.kind, u.text.startswith(wrong)) for u in sentence.unsupported] == [("role", True)]


@pytest.mark.parametrize(
    "summary",
    [
        "The PSNI has launched a murder inquiry into the death of a prison officer.",
        "Gary Colwell, the manager of Martin Hagorn, would like to see the club go down fighting.",
        "Alba may have taken the crown on Monday, when Sue Allister spent time with the family.",
        "Martin Hagorn has signed a long contract with the club.",  # who knows who the Catalan is?
        "The UKT was told of the plan on Friday.",
        "The police in Northern Ireland has launched a murder inquiry into the death of a prison officer.",
    ],
)
def test_the_same_actor_under_another_name_is_not(summary):
    assert [u for s in check_support(MURDER, summary).sentences for u in s.unsupported if u.kind == "role"] == []


def test_an_added_negation_is_flagged():
    assert flagged("A gas deal was not signed in the evening.") == [("not", "negation")]


def test_who_denied_a_thing_did_not_leave_it_undenied():
    article = (
        "Talks ended on Monday. Russia has denied any such plans. France has not refused its help. "
        "The Kremlin declined to deny the visit. The minister has yet to deny the report of Monday."
    )
    for summary, wrong in (
        ("The Kremlin did not deny the visit.", []),
        ("The minister has not denied the report of Monday.", []),
        ("Russia has not denied any such plans.", ["not"]),
        ("Russia has denied any such plans.", []),
        ("France has not refused its help.", []),
    ):
        (sentence,) = check_support(article, summary).sentences
        assert [span.text for span in sentence.unsupported] == wrong


@pytest.mark.parametrize(
    ("summary", "wrong"),
    [
        ("Piet Vos said that he warned us.", ["warned"]),
        ("Piet Vos said nobody warned us.", []),
        ("Two people died in a hospital.", []),
    ],
)
def test_what_nobody_did_was_not_done(summary, wrong):
    article = "“Nobody warned us,” said Piet Vos. No one died in the flood, but two people died in a hospital."
    (sentence,) = check_support(article, summary).sentences
    assert [span.text for span in sentence.unsupported if span.kind == "negation"] == wrong


def test_neighbors_of_one_kind_are_one_span():
    assert spans("It cost 12 March 2031 euros.") == [("12 March 2031", "number")]
    assert spans("Emmanuel Macron opened it in Paris.") == [("Emmanuel Macron", "name"), ("Paris", "name")]


CONTACTS = (
    "The museum opens in May. Visitors can write to info@museum.example or see www.museum.example for tickets. "
    "Call 020 7946 0123 in the week. The museum had 1,250,000 visitors in 2010-2015."
)


def contacts(summary):
    found = [u for s in check_support(CONTACTS, summary).sentences for u in s.unsupported]
    return [(u.text, u.kind) for u in found]


def test_a_contact_that_the_article_does_not_show_is_flagged_whole():
    assert contacts("Write to win@prize-draw.com.") == [("win@prize-draw.com", "contact")]
    assert contacts("Visit https://evil.example/win?id=3 now.") == [("https://evil.example/win?id=3", "contact")]
    assert contacts("See get-rich.com for tickets.") == [("get-rich.com", "contact")]
    assert contacts("Follow @museum_fan for tickets.") == [("@museum_fan", "contact")]
    assert contacts("Call +1 800 555 0199 for tickets.") == [("+1 800 555 0199", "contact")]


def test_the_articles_own_contacts_and_plain_numbers_are_no_foreign_contacts():
    assert contacts("Visitors can write to info@museum.example or see www.museum.example.") == []
    assert contacts("Call 020 7946 0123 in the week.") == []
    assert contacts("The museum had 1,250,000 visitors in 2010-2015.") == []


@pytest.mark.parametrize(
    "run", ["a.", "ab-", "a", "a@", "a@b.", "a+", "..a", "0123456789abcdef", "(020) 1 ", "'ab c ", "«a "]
)
def test_long_runs_are_survived(run):
    """They took minutes, with every other request waiting."""
    check_support(CONTACTS, f"See {run * 10_000}")


def test_a_long_line_without_full_stops_is_survived():
    line = " ".join(f"{'abcdefgh'[i % 8]}{'mnopqrstuvw'[i % 11]}xy" for i in range(8_000))
    check_support(line, line)


@pytest.mark.parametrize("before", ["...", "a." * 40, "win-", "/"])
def test_what_stands_before_a_contact_does_not_hide_it(before):
    assert [kind for _, kind in contacts(f"See {before}prize.com now.")] == ["contact"]
    assert [kind for _, kind in contacts(f"Write to {before}win@prize.example now.")] == ["contact"]


HARBOUR = (
    "Mayor Dimitri Petrov opened the harbour festival on Friday. The weather was fine all weekend. The council "
    "approved a new budget for schools, hospitals and roads after a long debate. A bakery won a prize."
)
BUDGET = "Mayor Petrov's council approved a new budget of $90 million for schools, hospitals and roads after a debate."


def test_the_nearest_source_is_the_one_that_shares_most_and_not_the_first():
    nearest = [HARBOUR[s.start : s.end] for s in nearest_sources(read_source(HARBOUR), BUDGET)]
    assert nearest[0].startswith("The council") and len(nearest) > 1
    assert nearest_sources(read_source(HARBOUR), "") == ()


def test_a_sentence_gives_way_to_its_nearest_source():
    checked = check_support(HARBOUR, BUDGET).sentences
    assert checked[0].unsupported and HARBOUR[checked[0].sources[0].start :].startswith("Mayor")
    kept, replaced = repair(read_source(HARBOUR), checked, lambda sentence: bool(sentence.unsupported))
    assert replaced == 1 and kept[0].text.startswith("The council approved")


@pytest.mark.parametrize(
    "article, summary, copied",
    [
        ("Rebels burned the village on Monday.", "Rebels burned the village on Monday.", True),
        ("“Rebels burned the village,” he said.", "Rebels burned the village.", True),
        ("Rebels burned the village on Monday.", "Rebels burned the villagers on Monday.", False),
        ("The president is dying.", "The president is dead.", False),
        ("It was given to Anna Smith. Jones was arrested on Monday.", "Smith Jones was arrested on Monday.", False),
        ("The fee rose to $5 a day.", "The fee rose to €5 a day.", False),
    ],
)
def test_copied_is_what_stands_word_for_word_in_one_sentence(article, summary, copied):
    assert [examine(read_source(article), each).is_copied for each in stated(summary)] == [copied]


@pytest.mark.parametrize(
    "article, summary, quoted",
    [
        ("The plan is a disaster.", "The mayor said: 'We won't raise taxes.'", "'We won't raise taxes.'"),
        ("The plan is a disaster.", "He called it a 'brilliant success of ours'.", "'brilliant success of ours'"),
        (
            "Le maire dit que « la ville est pauvre ».",
            "Il dit « les riches paieront » hier.",
            "« les riches paieront »",
        ),
        ("»Die Stadt ist arm«, sagte er.", "Er sagte: »Die Reichen zahlen«.", "»Die Reichen zahlen«"),
        ("市長は「市は貧しい」と述べた。", "市長は「金持ちは払え」と述べた。", "「金持ちは払え」"),
        ("市長は「市は貧しい」と述べた。", "市長は『金持ちは払え』と述べた。", "『金持ちは払え』"),
    ],
)
def test_quotations_in_other_quote_marks_are_checked(article, summary, quoted):
    found = [u for s in check_support(article, summary).sentences for u in s.unsupported if u.kind == "quotation"]
    assert [u.text for u in found] == [quoted]
    assert all(not s.unsupported for s in check_support(summary, summary).sentences)


@pytest.mark.parametrize(
    "summary",
    [
        "The players' union and the owners' club agreed.",
        "They played rock 'n' roll for the players' union.",
        "In the '90s, the players' union was weak.",
        "The class of '98 met the players' families.",
        "Get 'em out of the players' hotel.",
        "The team 's win was the players ' own and the fans' joy.",
        "The O'Neills' house and d'Arcy's were sold.",
        "He said 'Ndrangheta men watched, and the players' union agreed.",
        "He plays for the '49ers, and the players' pay rose.",
        "He lived in the '90s house of his parents'.",
        "The 'bling' of the 'non-meat meatball' was on show.",
        "Het was 's avonds in de jongens' kamer.",
    ],
)
def test_possessives_and_contractions_are_no_quotations(summary):
    assert [u for s in check_support(MEETING, summary).sentences for u in s.unsupported if u.kind == "quotation"] == []


@pytest.mark.parametrize(
    ("article", "summary"),
    [
        ("The firm will spend £5-10m on its plant.", "It will spend £5m to £10m on its plant."),
        ("The fee could rise from $40 to $50 million.", "The fee could rise from $40m to $50m."),
        ("Banks reported losses of £2, £3 and £4 million.", "Banks reported losses of £2m, £3m and £4m."),
        ("The bank lost $5m in Sri Lanka last year.", "The bank lost US$5m in Sri Lanka last year."),
        ("us troops left iraq on monday . READ : more from the BBC", "US troops left Iraq on Monday ."),
    ],
)
def test_other_spellings_of_the_articles_facts_are_supported(article, summary):
    assert [u for s in check_support(article, summary).sentences for u in s.unsupported] == []


@pytest.mark.parametrize(
    "summary",
    ["{} was in Berlin with Francois Hollande and Petro Poroshenko.", "Angela Merkel will be in Paris with {}."],
)
def test_a_sentence_of_many_names_and_an_auxiliary_is_no_headline(summary):
    article = "Angela Merkel met Francois Hollande and Petro Poroshenko in Berlin. They will be in Paris next week."
    found = check_support(article, summary.format("Vladimir Putin")).sentences[0].unsupported
    assert [u.text for u in found] == ["Vladimir Putin"]


def test_numbers_of_a_list_and_rules_are_no_sentences():
    listed = "1. The bridge of Lyon opened in May.\n---\n2. The bridge of Lyon opened in May.\n3) It opened."
    article = "The bridge of Lyon opened in May. It opened."
    assert [s.text.lstrip("0123456789.) ") for s in check_support(article, listed).sentences] == [
        "The bridge of Lyon opened in May.",
        "The bridge of Lyon opened in May.",
        "It opened.",
    ]


@pytest.mark.parametrize("summary", ["120.", "The blast killed:\n120."])
def test_a_number_alone_is_a_statement(summary):
    article = "A blast killed 12 people in Hamburg on Monday."
    assert not check_support(article, summary).sentences[-1].supported


@pytest.mark.parametrize(
    ("opening", "summary"),
    [
        ("A man told us to leave, he said.", "The US closed the harbour on Monday."),
        ("A deal may follow.", "The council of Hamburg met in May and closed the harbour."),
    ],
)
def test_a_sentence_that_opens_with_an_article_has_no_more_names(opening, summary):
    article = f"{opening} The council of Hamburg met and the mayor closed the harbour on Monday."
    assert [u.text for s in check_support(article, summary).sentences for u in s.unsupported][-1] in ("US", "May")


@pytest.mark.parametrize(
    "summary",
    [
        "The mayor said 'we have no plans for new taxes' on Monday.",
        "The mayor said 'I quit today' and left.",
        "市长说 '我们绝对不会提高任何税收'。",
    ],
)
def test_invented_quotations_in_single_quotes_are_flagged(summary):
    article = "The mayor spoke on Monday and left. 市长星期一讲话。"
    found = [u.kind for s in check_support(article, summary).sentences for u in s.unsupported]
    assert "quotation" in found


def test_numbers_that_have_nothing_to_do_with_each_other_share_no_scale():
    article = "The blast killed 12 and two thousand were hurt in Hamburg."
    (sentence,) = check_support(article, "The blast killed 12,000 in Hamburg.").sentences
    assert [u.text for u in sentence.unsupported] == ["12,000"]


RULING = (
    '"A student does not shed the privacy of a lifetime of messages at the gate," Judge Miriam Katz wrote. "The school '
    'was looking for one video. It read four months of texts."\n'
    "Weir, who retired last year, has denied it. “We are not surprised, and nor is our client, Mr Weir.\n"
    "“He wants the full court to hear the case again,” his lawyer said. He will ask for it on Friday.\n"
    'The lawyer added: "He will ask for it on Friday."'
)


def unmarked(summary, article=RULING):
    found = [u for s in check_support(article, summary).sentences for u in s.unsupported]
    return [u.text for u in found if u.kind == "quotation"]


@pytest.mark.parametrize(
    "summary",
    [
        "A student does not shed the privacy of a lifetime of messages at the gate.",
        "The school was looking for one video.",
        "It read four months of texts.",
        "We are not surprised, and nor is our client.",  # the speaker goes on in the next paragraph
        "He wants the full court to hear the case again.",
    ],
)
def test_words_of_a_quotation_told_as_a_fact_are_flagged_whole(summary):
    assert unmarked(summary) == [summary]


@pytest.mark.parametrize(
    "summary",
    [
        "A student does not shed the privacy of messages, Judge Miriam Katz wrote.",
        "“The school was looking for one video.”",
        "'The school was looking for one video,' wrote Katz.",
        "They read four months of texts.",
        "He will ask for it on Friday.",
        "It read four months.",
        "read four months of texts.",
        "Weir, who retired last year, has denied it.",
    ],
)
def test_a_quotation_with_its_marks_or_a_speaker_and_the_articles_own_words_are_not(summary):
    assert unmarked(summary) == []


def test_an_extractive_summary_of_a_long_quotation_is_the_articles_own():
    quoted = "“It was late and we were cold. Nobody came to help us all night. We waited for the bus,” she said."
    pieces = [quoted[s.start : s.end] for s in sentences(quoted)]
    assert unmarked(" ".join(pieces), quoted) == []
    inside = '"We waited for the bus to come.\nThe driver was asleep at home.\nIt was late," she said.'
    assert unmarked("The driver was asleep at home.", inside) == []


def test_a_quotation_in_a_wrapped_text_is_one():
    wrapped = "\n\n".join(fill(paragraph, 60) for paragraph in RULING.split("\n"))
    assert unmarked("A student does not shed the privacy of a lifetime of messages.", wrapped)


def test_a_quotation_told_as_a_fact_gives_way_to_the_sentence_with_its_speaker():
    checked = check_support(RULING, "A student does not shed the privacy of a lifetime of messages.").sentences
    (kept,), replaced = repair(read_source(RULING), checked, lambda sentence: bool(sentence.unsupported))
    assert replaced == 1 and kept.text.endswith("Judge Miriam Katz wrote.") and kept.supported


@pytest.mark.parametrize("mark", ["\uff9e", "\uff9f", "\u0301", "\u3099"])
def test_a_letter_that_folds_to_a_mark_is_survived(mark):
    text = f"the mayor opened the new tram line on sunday {mark} *:\uff65{mark} thousands of people came to the party."
    assert check_support(text, text).sentences
    assert check_support(text, f"The mayor opened it {mark} on Monday.").sentences


def test_what_stands_for_a_sentence_is_not_what_another_was_cut_from():
    whole = "He had driven over two ridges to fetch insulin for his wife, and Bo Kern wanted to be first in line."
    told = "He had driven over two ridges to fetch insulin for his wife."
    checked = check_support(f"{whole} The store opened late.", f"{told} Bo Kern wanted to be first.").sentences
    kept, replaced = repair(read_source(whole), checked, lambda each: each is checked[1])
    assert [each.text for each in kept] == [told] and replaced == 1
    kept, _ = repair(read_source(whole), checked[1:], lambda each: True)
    assert [each.text for each in kept] == [whole]
    brief = "The mayor resigned."
    checked = check_support(f"{brief} {whole}", f"{brief} Bo Kern wanted to be the second.").sentences
    kept, _ = repair(read_source(f"{brief} {whole}"), checked, lambda each: each is checked[1])
    assert [each.text for each in kept] == [brief, whole]
