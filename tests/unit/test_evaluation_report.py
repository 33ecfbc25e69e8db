import re
from html.parser import HTMLParser

import pytest

from summarizer.evaluation.comparison import Outputs, Run, compare
from summarizer.evaluation.measures import Example
from summarizer.evaluation.plots import forest, scatter
from summarizer.evaluation.report import html_report
from summarizer.types import ModelInfo

FALK = (
    "Voters in Lund chose <b>Per Falk</b> & co. as mayor. Turnout was high. He promised a tram. He takes office in May."
)
EXAMPLES = [Example("falk</script>", FALK, ("Per Falk takes office <i>in May</i>.",), "falk")]
OURS = Outputs("ours", {"falk</script>": "- Eva Strand takes office in May.\n- Turnout was high."}, 0.25)
OTHER = Outputs("<img src=x>", {"falk</script>": "<script>alert(1)</script> Turnout was 71 percent."})
RUN = Run(
    "a & b.jsonl", "medium", "repair", ModelInfo("ours", None, "lead", "none"), {"stop": 1}, {"<x>": "It failed."}
)
VOID = {"meta", "link", "input", "line", "circle"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def comparison():
    return compare(EXAMPLES, OURS, [OTHER])


@pytest.fixture(scope="module")
def html(comparison):
    return html_report(comparison, RUN)


@pytest.fixture(scope="module")
def page(html):
    parsed = Page()
    parsed.feed(html)
    assert parsed.open == []
    return parsed


def test_text_is_escaped(page):
    tags = [tag for tag, _ in page.tags]
    assert tags.count("script") == 1 and not {"b", "i", "img"} & set(tags)
    text = "".join(page.text)
    assert FALK in text and "<script>alert(1)</script>" in text and "<img src=x>" in text


def test_nothing_is_loaded_from_elsewhere(html, page):
    for _, attributes in page.tags:
        assert not {"src", "srcset", "action", "data", "onclick"} & set(attributes)
        assert attributes.get("href", "data:,") == "data:,"
    assert not re.search(r"https?://|url\(|@import", html)


def test_unsupported_spans_are_marked_and_sentences_know_their_sources(page):
    marked = [attributes["title"] for tag, attributes in page.tags if tag == "mark" and "title" in attributes]
    assert "not in the article (name)" in marked and "not in the article (number)" in marked
    sentences = [attributes for _, attributes in page.tags if "data-s" in attributes]
    assert len(sentences) >= 6  # two of ours, three of lead-3, the other's
    assert any(each["data-s"] for each in sentences)
    examples = [attributes for tag, attributes in page.tags if attributes.get("class") == "example"]
    assert [each["data-flagged"] for each in examples] == ["true"]


def test_the_pieces_that_a_sentence_names_are_its_sources(html, comparison):
    article = html.split('class="article"', 1)[1].split("</div>", 1)[0]
    pieces = re.findall(r"<span>(.*?)</span>", article, re.S)
    named = re.search(r'data-s="([\d ]+)"[^>]*>Turnout was high', html).group(1)
    assert "Turnout was high." in "".join(pieces[int(i)] for i in named.split())


def test_line_breaks_of_a_summary_stay(html):
    assert re.search(r"in May\.</span>\n<span[^>]*>- Turnout|in May\.</span>\n- <span", html)


def test_failures_are_told(page):
    assert "<x>: It failed." in "".join(page.text)


@pytest.mark.parametrize("count", [1, 2, 40])
def test_plots_have_a_point_a_system(count):
    others = [Outputs(f"system {i}", {"falk</script>": "Turnout was high. " * (1 + i % 3)}) for i in range(count)]
    systems = compare(EXAMPLES, OURS, others).systems
    for made, points in ((scatter(systems, "ours"), count + 2), (forest(systems, "ours"), count + 1)):
        assert made.count("<circle") == points
        assert "nan" not in made and "inf" not in made
        for value in re.findall(r' (?:cx|x|x1|x2)="([^"]+)"', made):
            assert 0 <= float(value) <= 720


def test_plots_take_the_lead_alone():
    systems = compare(EXAMPLES, OURS, []).systems[1:]
    assert scatter(systems, "lead-3").count("<circle") == 1 and "<circle" not in forest(systems, "lead-3")
