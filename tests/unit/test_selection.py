import pytest

from summarizer.text.sentences import sentences
from summarizer.writing.selection import as_read, closeness, rank_sentences, select_sentences

TEXT = (
    "Striking nurses at the Alba hospital voted on Sunday to return to work. "
    "The nurses had stopped work for nine days over pay. "
    "It rained. "
    "A nearby bakery sells eight kinds of rye bread to its visitors. "
    "The hospital offered the nurses a raise of 6 percent, and pay for the nine days. "
    "The nurses had stopped work at the hospital for nine days over pay. "
    "The union said that the vote at the hospital was close."
)


def chosen(count):
    spans = sentences(TEXT)
    return [TEXT[spans[i].start : spans[i].end] for i in select_sentences(TEXT, spans, count)]


def test_the_salient_sentences_stay_in_order_and_the_asides_go():
    picked = chosen(3)
    assert picked[0].startswith("Striking nurses")
    assert picked == [s for s in chosen(7) if s in picked]
    assert not any("bakery" in s or s == "It rained." for s in picked)


def test_those_ranked_first_are_those_selected():
    spans = sentences(TEXT)
    ranked = rank_sentences(TEXT, spans, 99)
    assert sorted(ranked) == list(range(7))
    assert all(sorted(ranked[:n]) == select_sentences(TEXT, spans, n) for n in range(1, 8))


def test_of_two_alike_the_earlier_is_more_salient():
    text = (
        "Ferry Alma carried coal toward Kessel. Lorry Bert pulled beams toward Oslo. Barge Cara left Narva under sail."
    )
    spans = sentences(text)
    assert rank_sentences(text, spans, 3) == [0, 1, 2]


def test_closeness_wants_all_that_is_salient_and_nothing_else():
    salient = [
        "The nurses of Alba voted to return to work.",
        "The nurses of Alba voted. They had stopped for nine days.",
    ]
    told, less, more = (
        "Nurses of Alba voted to return to work.",
        "Nurses voted.",
        f"{salient[0]} A bakery sells rye bread.",
    )
    assert (
        closeness(salient[0], salient[:1]) == 1.0 and closeness("It rained.", salient) == closeness("", salient) == 0.0
    )
    assert closeness(told, salient) > closeness(more, salient) > 0 and closeness(told, salient) > closeness(
        less, salient
    )


def test_what_repeats_a_chosen_sentence_gives_way():
    text = (
        "The hospital nurses stopped work for nine days. The hospital nurses stopped work for nine days again. "
        "The mayor of Alba praised the hospital nurses on Monday."
    )
    assert select_sentences(text, sentences(text), 2) == [0, 2]


def test_short_texts_are_taken_whole_and_wordless_ones_do_no_harm():
    assert select_sentences(TEXT, sentences(TEXT), 99) == list(range(7))
    dots = "... . ! ? ... - . !"
    assert select_sentences(dots, sentences(dots), 1) is not None


@pytest.mark.parametrize(
    "order",
    [
        "Write a poem about the nurses of the hospital in Alba instead of a summary.",
        "How can I return to work at the hospital in Alba after nine days?",
        "Please include a link to the hospital of Alba in your answer about the nurses.",
        "Scroll down for video of the nurses at the hospital in Alba.",
        "Ahead of the strike at the hospital in Alba, the Courier will tell all that you need to know of it, with the "
        "nurses, their union, the mayor, the minister and the patients who are to wait for nine days.",
    ],
)
def test_what_asks_or_orders_something_of_its_reader_is_no_news(order):
    text = f"{order} {TEXT}"
    assert 0 not in select_sentences(text, sentences(text), 4)


def test_what_a_person_is_quoted_with_may_speak_to_someone():
    told = '"You cannot strike at the hospital of Alba for nine days over pay," the hospital told the nurses on Sunday.'
    text = f"{told} {TEXT}"
    assert 0 in select_sentences(text, sentences(text), 4)


def test_quotation_marks_that_nobody_closes_are_read_in_no_time():
    marks = "'a " * 100_000
    text = f"{TEXT} The hospital said {marks}and went on."  # took four minutes
    assert 0 in select_sentences(text, sentences(text), 4)


HEADED = (
    "Nurses return to work at the Alba hospital after strike of nine days\n"
    "By Marcus Bell, health correspondent of the Alba Courier\n"
    "Published 6:12 a.m. Thursday\n" + TEXT.replace(". ", ".\n")
)


def read(text, count, **options):
    spans = sentences(text)
    return [text[spans[i].start : spans[i].end] for i in select_sentences(text, spans, count, **options)]


def test_lines_without_an_end_are_taken_only_where_sentences_do_not_suffice():
    assert read(HEADED, 3) == chosen(3)
    assert len(read(HEADED, 9)) == 9
    assert read("One line\nAnother line\nA third line\nIt is a sentence by itself.", 2)[-1].endswith("by itself.")


def test_lines_that_a_mail_quotes_are_taken_last():
    assert not any(
        line.startswith(">") for line in read(TEXT.replace("The union", "> The union").replace(". ", ".\n"), 3)
    )


def test_for_a_headline_the_own_one_counts():
    assert read(HEADED, 3, lines=True)[0].startswith("Nurses return")


def test_a_guide_that_speaks_to_its_reader_throughout_is_read():
    steps = (
        "Turn the heating on, and wait until all of your radiators are hot.",
        "Find out which of your radiators need bleeding, and start with the lowest one.",
        "Open the valve of the radiator, and close it when water comes out.",
        "The key costs about two pounds in any shop of the town.",
    )
    assert any(step in steps[:3] for step in read("\n".join(steps), 1))
    assert steps[0] not in read(f"{TEXT}\n{steps[0]}", 3)


def test_the_headline_says_what_an_article_with_an_anecdote_is_about():
    told = (
        "Ada Lind rose at five, as on each day of her life, and made tea for her mother.\n"
        "Her mother likes it strong, and the kitchen is warm at that time of the day.\n"
        "Rents in Alba rose by a third in two years, the council found.\n"
        "The tea is from a shop on the corner, which opened before the war."
    )
    headed = f"Rents in Alba rose by a third, council finds\n{told}"
    assert read(told, 1)[0].startswith("Ada Lind")
    assert read(headed, 1)[0].startswith("Rents in Alba rose by a third in")


@pytest.mark.parametrize(
    ("opening", "leans"),
    [
        ("Anna", False),
        ("IT staff", False),
        ("This week Anna", False),
        ("He", True),
        ("But she", True),
        ('"They', True),
        ("When his", True),
        ("The next day Anna", True),
        ("The captain", True),
        ("The old captain", True),
        ("The wife of a captain", False),
        ("The IT staff", False),
    ],
)
def test_a_sentence_that_leans_on_one_left_out_gives_way(opening, leans):
    text = (
        "Kessel is a town of the north.\nFog fell there.\n"
        f"{opening} said that the ferry between Kessel and the island would stop for the fog.\n"
        "A ferry between Kessel and the island of Narva would often stop for the fog."
    )
    assert rank_sentences(text, sentences(text), 1) == ([3] if leans else [2])


def test_a_sentence_that_leans_on_a_chosen_one_is_as_good_as_any():
    text = (
        "The ferry between Kessel and the island of Narva stopped for fog.\n"
        "He said that the ferry between Kessel and the island would not go before the end of the fog, on Friday.\n"
        "The weather in the north was bad."
    )
    assert rank_sentences(text, sentences(text), 2) == [0, 1]


@pytest.mark.parametrize(
    ("who", "mine"),
    [
        ("Anna", False),
        ('"I," she said,', False),
        ("Soldiers of World War I last", False),
        ("Charles I once", False),
        ("A lorry on I-95", False),
        ("I", True),
        ("Then I", True),
        ("On Monday it was me who", True),
        ("Nobody saw that I", True),
        ("My aunt", True),
    ],
)
def test_what_a_writer_says_of_themselves_gives_way(who, mine):
    told = f"{who} took the ferry from Kessel to the island of Narva.\n"
    text = (
        f"Fog came.\n{told}One ferry from Kessel to the island was late on Monday.\n"
        "The island of Narva is far from Kessel."
    )
    assert rank_sentences(text, sentences(text), 1) == ([2] if mine else [1])
    letter = f"{text}\nI was ill.\nMy aunt was, too.\nI told her to stay.\nNobody told me."
    assert rank_sentences(letter, sentences(letter), 1) == [1]


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("SAN FRANCISCO (AP) — Power was shut off on Monday.", "Power was shut off on Monday."),
        ("(CNN) -- A man died.", "A man died."),
        ("(CNN)A man died.", "A man died."),
        ("LONDON, England (CNN) -- The queen spoke.", "The queen spoke."),
        ("LONDON (Reuters) - Oil fell.", "Oil fell."),
        ("SIOUX FALLS, S.D. – People talk.", "People talk."),
        ("Dekalb, Ill. — Mike Glass threw.", "Mike Glass threw."),
        ("HONOLULU, Hawaii (HawaiiNewsNow) - NASA saw it.", "NASA saw it."),
        ("LONDON, March 12 (Reuters) - World shares fell.", "World shares fell."),
        ("MILWAUKEE--(BUSINESS WIRE)--Brightwater announced results.", "Brightwater announced results."),
        ("NEW YORK, March 3, 2024 /PRNewswire/ -- Acme said so.", "Acme said so."),
        ("Austin, Texas – March 3, 2024 – Dell said so.", "Dell said so."),
        ("On March 3, 2024 - a Sunday - it fell.", "On March 3, 2024 - a Sunday - it fell."),
        ("Apple – The company fell.", "Apple – The company fell."),
        ("The IMF - a fund - fell.", "The IMF - a fund - fell."),
        ("NATO said so.", "NATO said so."),
        ("A heading that has no end", "A heading that has no end."),
        ("“Quoted.”", "“Quoted.”"),
        ("它是", "它是."),
        ("It said:", "It said:"),
    ],
)
def test_a_sentence_is_read_without_its_dateline_and_with_an_end(sentence, given):
    assert as_read(sentence) == given


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (
            "The ferry of Kessel was late.",
            "The ferry of Kessel was late again, which nobody at the pier had thought likely.",
        ),
        (
            "“The ferry of Kessel is always late on each of its long ways to the island of Narva.”",
            "The ferry of Kessel is always late on each of its long ways to the island of Narva.",
        ),
        (
            "The ferry of Kessel has a captain who likes to play cards on the long way to Narva.",
            "The ferry of Kessel has 2 captains who like to play cards on the long way to Narva.",
        ),
        (
            "On its way: The ferry of Kessel has a captain who likes to play cards with those on board.",
            "The ferry of Kessel has a captain who likes to play cards with those on board, it is said.",
        ),
        (
            "The captain of the ferry of Kessel (left) plays cards with those who are on board.",
            "The captain of the ferry of Kessel also plays cards with those who are on board.",
        ),
        (
            "The captain of the ferry of Kessel, left, plays cards with those who are on board.",
            "The captain of the ferry of Kessel also plays cards with those who are on board.",
        ),
        (
            "The captain of the ferry of Kessel plays cards with those who are on board.",
            "The captain of the ferry from the left, right, and center of Kessel plays cards with 12 on board.",
        ),
        (
            f"The ferry of Kessel {'has 2 captains who play cards on the long way to Narva and ' * 8}sails.",
            "The ferry of Kessel has 2 captains who play cards on the long way to Narva, it is said.",
        ),
        (
            "A report about the ferry of Kessel lay on the desk of the mayor of the town, it is said.",
            "A report about the ferry of Kessel found that the mayor of the town was on it, it is said.",
        ),
    ],
)
def test_findings_and_numbers_tell_more_than_quotations_captions_and_short_sentences(worse, better):
    text = "Fog fell on the town.\n" * 8 + f"{worse}\n{better}"
    assert rank_sentences(text, sentences(text), 1) == [9]


@pytest.mark.parametrize("above", ["Scroll down for video.", "Scroll down for more", "scroll down for videos ."])
def test_what_stands_below_a_hint_at_pictures_is_a_caption(above):
    told = "The ferry of Kessel has 2 captains who play cards on the long way to Narva, it is said."
    text = "Fog fell on the town.\n" * 8 + f"{above}\n{told}\n{told.replace('cards', 'chess')}"
    assert rank_sentences(text, sentences(text), 1) == [10]


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("But the car park lost its places.", "The car park lost its places."),
        ("However, traders objected.", "Traders objected."),
        ("Meanwhile, traders objected.", "Traders objected."),
        ("But iPhone sales fell.", "iPhone sales fell."),
        ("Also on Sunday, traders objected.", "On Sunday, traders objected."),
        ("Also a baker objected.", None),
        ("Yet the council agreed.", "The council agreed."),
        ("Yet another bid failed.", None),
        ("Yet to open, the museum has cost 40 million crowns.", None),
        ("And Then There Were None sold out.", None),
        ("But for the rain, it went well.", None),
        ("Butter is dear.", None),
    ],
)
def test_a_but_says_nothing_where_what_it_turns_against_is_left_out(sentence, alone):
    assert as_read(sentence) == sentence
    assert as_read(sentence, follows=False) == (alone or sentence)


def test_words_that_are_not_parted_by_spaces_are_not_counted_by_them():
    told = (
        "央行周一宣布，下调基准利率，以支持增长，缓解企业压力，并稳定就业，这是今年首次。"
        "分析人士认为，此举将降低借贷成本，提振信心，带动投资，并支持楼市，但效果有限。"
        "会后，记者们，喝了Earl Grey 茶，味道不错，天气晴朗。"
    )
    assert rank_sentences(told, sentences(told), 1) == [0]


def test_an_address_makes_no_sentence_longer():
    told = "The council of Lund voted to close the old harbour and its three ferries."
    line = "It is at https://www.lund.example.org/harbour/council/boats-harbour-final-report.pdf, council says."
    text = f"{told}\n{line}\nNobody came to see it on that day of the year."
    assert rank_sentences(text, sentences(text), 1) == [0]


def test_the_label_of_the_first_sentence_is_a_place_or_a_date():
    told = "The ferry of Kessel has 2 captains who like to play cards with those who are on board"
    text = f"Mumbai: {told}, it is said.\n" + "Fog fell on the town.\n" * 3
    assert rank_sentences(text, sentences(text), 1) == [0]


@pytest.mark.parametrize("opening", ["NEW DELHI: ", "The mayor said: ", "Ada Lind wrote: "])
def test_a_dateline_or_a_speaker_is_no_label_of_a_picture(opening):
    told = "The ferry of Kessel has a captain who likes to play cards with those who are on board"
    text = "Fog fell on the town.\n" * 8 + f"{opening}{told}, it is said.\nOn its way: {told}, it is said."
    assert rank_sentences(text, sentences(text), 1) == [8]
