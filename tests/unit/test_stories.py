from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Article, group_stories
from summarizer.dedup.copies import compare, copy_pairs, overlap, shingles
from summarizer.dedup.linkage import average_linkage
from summarizer.dedup.occasions import agreement, occasion

FERRY = (
    "The ferry Aurora ran aground off Port Kelda early on Tuesday with 84 passengers on board. Coast guard boats took "
    "everyone to safety within two hours, a spokeswoman for the Kelda coast guard said. Divers will inspect the hull "
    "of the Aurora before tugs pull it free at high tide."
)
FERRY_TOLD_AGAIN = (
    "Coast guard crews rescued 84 passengers from the ferry Aurora, which struck rocks near Port Kelda on Tuesday. "
    "Nobody was hurt. Tugs are to pull the Aurora free once divers have seen the hull."
)
BAKERY = (
    "Halden Mills reported a profit of 12 million crowns for the third quarter, helped by sales of rye bread. Chief "
    "executive Ida Brandt told investors that two new bakeries would open in Halden before the summer."
)
OTHERS = [
    "Scientists at the Orvik observatory have measured the mass of a distant red star, using its small companion.",
    "Voters in Lund chose Per Falk as mayor on Sunday, with turnout the highest in twenty years.",
]


def partition(stories):
    return sorted(story.members for story in stories)


def test_reports_on_one_event_are_one_story_and_others_stay_apart():
    stories = group_stories([FERRY, BAKERY, FERRY_TOLD_AGAIN, *OTHERS])
    assert partition(stories) == [(0, 2), (1,), (3,), (4,)]
    (link,) = stories[0].links
    assert (link.a, link.b, link.kind) == (0, 2, "event")
    assert {"aurora", "kelda"} <= set(link.terms)
    assert stories[0].copies == ()


def test_a_reprint_with_another_headline_and_page_furniture_is_a_copy_with_its_spans():
    reprint = Article("Subscribe now\n" + FERRY + "\nMost read today", title="Ferry aground")
    stories = group_stories([FERRY, *OTHERS, reprint])
    assert stories[0].members == (0, 3)
    assert stories[0].copies == ((0, 3),)
    (link,) = stories[0].links
    assert link.kind == "copy" and link.similarity > 0.9
    (passage,) = link.shared
    assert FERRY[passage.a.start : passage.a.end] == reprint.text[passage.b.start : passage.b.end] == FERRY[:-1]


def test_the_representative_is_the_member_most_like_the_rest():
    stories = group_stories([FERRY_TOLD_AGAIN, FERRY, FERRY + " It was a calm night.", *OTHERS])
    assert stories[0].members == (0, 1, 2)
    assert stories[0].representative in (1, 2)
    assert "mean similarity" in stories[0].reason


@pytest.mark.parametrize(
    "texts", [[], [""], ["", ""], ["\ud800 \x00"], ["東京で大きな地震があった。" * 3, "مرحبا بالعالم"]]
)
def test_odd_input_is_grouped_without_error(texts):
    stories = group_stories(texts)
    assert sorted(member for story in stories for member in story.members) == list(range(len(texts)))


def test_unspaced_scripts_are_compared_by_pairs_of_characters():
    quake = "東京で七日夜に強い地震があり、十二人がけがをした。気象庁は津波の心配はないと発表した。"
    again = "七日夜、東京で強い地震。気象庁によると津波の心配はない。けが人は十二人。"
    assert partition(group_stories([quake, "大阪の市長選挙で新人が当選した。", again])) == [(0, 2), (1,)]


@given(st.lists(st.sampled_from([FERRY, FERRY_TOLD_AGAIN, BAKERY, *OTHERS, "", "One word."]), max_size=9))
@settings(max_examples=40, deadline=None)
def test_every_article_is_in_one_story_and_every_link_inside_it(texts):
    stories = group_stories(texts)
    assert sorted(member for story in stories for member in story.members) == list(range(len(texts)))
    for story in stories:
        assert story.representative in story.members
        assert all({link.a, link.b} <= set(story.members) for link in story.links)
        assert all(set(group) <= set(story.members) for group in story.copies)
        for link in story.links:
            for passage in link.shared:
                assert texts[link.a][passage.a.start : passage.a.end]
                assert texts[link.b][passage.b.start : passage.b.end]


# Weekdays, numbers, common words and turns of phrase are all that these have in common.
UNRELATED = [
    "Bus drivers in Torvik will stop work on Thursday after talks over shifts failed, their union said. About 900 "
    "drivers are expected to take part. The company said the demand would cost too much this year.",
    "A judge in Marlow sent a former art dealer to prison for six years on Thursday for selling forged prints. About "
    "60 buyers expect to get back half of their money this year, a lawyer said.",
    "The Selby Hawks beat the Norden Kings 3-1 on Thursday in front of about 8,000 people, the most this year. Coach "
    "Mia Lund said the team expected a harder game and could win the title on Friday.",
    "Beekeepers lost about a third of their hives last winter, a survey said on Friday. Its authors expect the price "
    "of honey to rise by 6 percent this year.",
    "A tunnel under the Arle river will cost 1.3 billion crowns, minister Tom Vik said on Friday. The first trains are "
    "expected to run in six years. Farmers fear for their wells, and about 300 people marched against the plan.",
]
FERRY_ONCE_MORE = (
    "Divers will look at the hull of the Aurora, a ferry that ran aground near Port Kelda on Tuesday. All 84 "
    "passengers were taken off by coast guard boats, and tugs stand by to pull it free at high tide."
)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_few_unrelated_articles_stay_apart(size):
    for texts in combinations(UNRELATED, size):
        assert len(group_stories(texts)) == size


@pytest.mark.parametrize("others", [[], UNRELATED[:1], UNRELATED])
def test_reports_on_one_event_are_one_story_however_few_the_articles(others):
    for reports in ([FERRY, FERRY_TOLD_AGAIN], [FERRY, FERRY_TOLD_AGAIN, FERRY_ONCE_MORE]):
        stories = group_stories([*reports, *others])
        assert stories[0].members == tuple(range(len(reports))) and len(stories) == 1 + len(others)


def test_progress_is_told():
    told = []
    group_stories([FERRY, BAKERY], on_progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


words = st.lists(st.sampled_from("alpha beta gamma delta epsilon zeta".split()), max_size=30).map(" ".join)


@given(words, words)
def test_overlap_is_symmetric_and_whole_for_equal_texts(a, b):
    assert overlap(shingles(a), shingles(b)) == overlap(shingles(b), shingles(a))
    if a:
        assert overlap(shingles(a), shingles(a)).jaccard == 1.0


@given(words, words)
def test_shared_passages_hold_the_same_words(a, b):
    for passage in compare(a, b).shared:
        assert a[passage.a.start : passage.a.end].split() == b[passage.b.start : passage.b.end].split()


def test_copies_are_found_through_the_sample():
    texts = [FERRY, BAKERY, FERRY.replace("Tuesday", "Tuesday morning"), BAKERY + " " + FERRY]
    assert set(copy_pairs([shingles(text) for text in texts])) == {(0, 2), (0, 3), (1, 3), (2, 3)}


similarity = st.dictionaries(
    st.sampled_from(list(combinations(range(7), 2))), st.floats(0.01, 1.0, allow_nan=False), max_size=21
)


@given(similarity, st.floats(0.05, 0.9))
def test_average_linkage_is_a_partition_whose_groups_are_not_alike_enough_to_join(graph, threshold):
    groups = average_linkage(7, graph, threshold)
    assert sorted(member for group in groups for member in group) == list(range(7))
    for first, second in combinations(groups, 2):
        total = sum(graph.get((min(a, b), max(a, b)), 0.0) for a in first for b in second)
        assert total / (len(first) * len(second)) < threshold + 1e-9


def test_one_article_between_two_stories_does_not_weld_them():
    graph = {(0, 1): 0.9, (2, 3): 0.9, (1, 4): 0.4, (2, 4): 0.41}
    assert average_linkage(5, graph, 0.2) == [[0, 1], [2, 3, 4]]


QUARTERS = [
    "Halden Mills reported a profit of 12 million crowns for the third quarter of 2013, helped by sales of rye bread. "
    "Chief executive Ida Brandt told investors that two bakeries would open in Halden before the summer.",
    "Third-quarter profit at Halden Mills rose to 12 million crowns as shoppers bought more rye bread, and the company "
    "will open two bakeries in Halden, chief executive Ida Brandt said.",
    "Halden Mills reported a profit of 9 million crowns for the fourth quarter of 2013, hurt by the price of flour. "
    "Chief executive Ida Brandt told investors that one bakery in Halden would close before the autumn.",
    "Halden Mills said fourth-quarter profit fell to 9 million crowns on dearer flour. The company will close a bakery "
    "in Halden, according to chief executive Ida Brandt.",
]
QUAKES = [
    "A magnitude 5.6 earthquake struck off the coast of Orvik on 3 March 2014, damaging 40 houses. No deaths were "
    "reported, the mayor said. The quake was felt as far as Lund.",
    "The 5.6-magnitude quake that shook Orvik on March 3 damaged 40 houses, the mayor said; there were no deaths.",
    "A magnitude 6.1 earthquake struck off the coast of Orvik on 18 July 2014, killing two people. The mayor said 300 "
    "houses were damaged. The quake was felt as far as Lund.",
    "Two people died when a 6.1-magnitude quake hit Orvik on July 18; 300 houses were damaged, according to the mayor.",
]
WEATHER = (
    "Weather for Lund, Monday {} March: sunny spells in the morning, with a light wind from the west. The high will be "
    "8 degrees. Tomorrow will be dry with some clouds and a stronger wind."
)


@pytest.mark.parametrize("alike", [QUARTERS, QUAKES])
def test_the_same_company_or_place_at_another_time_is_another_story(alike):
    assert partition(group_stories(alike + OTHERS)) == [(0, 1), (2, 3), (4,), (5,)]


def test_one_form_filled_in_for_two_days_is_no_copy():
    assert partition(group_stories([WEATHER.format(3), WEATHER.format(10), *OTHERS])) == [(0,), (1,), (2,), (3,)]
    assert partition(group_stories([WEATHER.format(3), WEATHER.format(3), *OTHERS])) == [(0, 1), (2,), (3,)]


@pytest.mark.parametrize(
    ("a", "b", "related"),
    [
        ("on 3 March 2014", "on March 4", 1),
        ("on 3 March 2014", "on 3 March 2015", -1),
        ("on 28 December", "Jan. 2", 0),
        ("on 2014-03-03", "on 3 March", 1),
        ("in Q3", "in the fourth quarter", -1),
        ("yesterday", "on 3 March", 0),
        ("on 99 March", "on 3 March", 0),
    ],
)
def test_days_and_quarters_agree_or_conflict(a, b, related):
    factor = agreement(occasion(a), occasion(b))
    assert (factor > 1) - (factor < 1) == related


def test_a_text_that_is_there_very_often_is_one_story_and_one_group_of_copies():
    (story,) = group_stories([FERRY] * 300)
    assert len(story.members) == 300 and story.copies == (story.members,)
    assert len(story.links) < 1000


def test_one_form_filled_in_for_many_places_is_no_copy():
    form = "The bridge at {} will be shut for {} days from next week while the city council lays new rails there."
    places = [("Lund", 12), ("Orvik", 30), ("Halden", 7)]
    assert copies_of([form.format(*place) for place in places]) == []
    assert copies_of([form.format("Lund", 12), form.format("Lund", 12) + " Drivers were told."]) == [(0, 1)]


def copies_of(texts):
    return [group for story in group_stories(texts) for group in story.copies]


def test_words_that_grow_when_folded_keep_their_places():
    text = "İstanbul İlçe Meclisi İtiraz etti ve İçişleri Bakanı İsmail İnce yeni hattı İzmir için açtı."
    shared = compare(f"Yeni. {text} Son.", f"{text} Bitti.").shared
    assert [f"Yeni. {text} Son."[s.a.start : s.a.end] for s in shared] == [text.rstrip(".")]
    assert [f"{text} Bitti."[s.b.start : s.b.end] for s in shared] == [text.rstrip(".")]
    assert len(group_stories([text, f"{text} Bitti.", text])) == 1
