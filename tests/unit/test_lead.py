from summarizer.engines.lead import lead, story_lead

STORY = "The harbour opened a new pier on Monday. It cost nine million crowns. It took four years to build."
ARTICLE = f"Alba Harbour Opens New Pier\n\nBy Ada Lind\n\nALBA, March 3 - {STORY} Ferries will use it from May."


def test_the_baseline_is_what_stands_first():
    assert lead(ARTICLE).startswith("Alba Harbour Opens New Pier By Ada Lind")


def test_the_lead_of_a_story_is_without_what_stands_above_it():
    assert story_lead(ARTICLE) == STORY


def test_short_sentences_and_other_scripts_are_told():
    assert story_lead("Kessel ferry sinks off Alba. Ten people died. Nobody knows why. The captain fled to Lund.") == (
        "Kessel ferry sinks off Alba. Ten people died. Nobody knows why."
    )
    assert story_lead(f"By Ada Lind\n{STORY}\nRead more\n{STORY}") == STORY
    chinese = "国务院总理周四在北京会见了来访的代表团。双方讨论了贸易问题。"
    assert story_lead(f"{chinese} They met in the capital on Monday.").startswith(chinese[:10])


def test_a_text_of_headings_alone_has_a_lead():
    assert story_lead("Alba Harbour Opens New Pier\n\nMore Ferries") == "Alba Harbour Opens New Pier More Ferries"
