"""What a reader of a page would not see is taken out of it, and nothing else."""

import pytest

from summarizer.article.extract import extract
from summarizer.article.hidden import remove_hidden
from summarizer.article.page import all_text, parse

FIRST = "The ferry between Kessel and the island stopped on Monday."
SECOND = "The harbour office said that 1,200 people had to wait."
THIRD = "Talks go on this week, said Anna Petersen of the union."


def read(body):
    page = parse(f"<!doctype html><html><head><title>Ferry stops</title></head><body>{body}</body></html>")
    remove_hidden(page)
    return all_text(page)


HIDING = """
display:none|display: none ! important|DISPLAY:NONE!important|display:/**/none|display:none/*x*/|display :none
d\\69splay:none|display:none !important;display:block|content-visibility:hidden
visibility:hidden|visibility:collapse
opacity:0|opacity:0%|opacity:.0001|opacity:0.04|filter:opacity(0)|filter:blur(1px) opacity(0%)
font-size:0|font-size:1px|font-size:.01em|font-size:0.1px|font-size:1%|font:0/0 a|font:0px/1 a|font:bold 0 a
color:transparent|color:rgba(0,0,0,0)|color:#0000|color:#ffffff00|color:rgb(0 0 0 / 0%)
color:#ffffff;background:#fff|color:rgb(255,255,255);background:white|color:white;background-color:#ffff
color:#fffffe;background-color:#FFF|color:black;background:no-repeat rgb(0%, 0%, 0%)
color:red;color:white;background:white
height:0;overflow:hidden|height:0px;overflow-y:hidden|max-height:0;overflow:clip|width:1px;overflow:hidden
clip:rect(0 0 0 0)|clip:rect(1px,1px,1px,1px)|clip-path:inset(100%)|clip-path:inset(0 0 100% 0)|clip-path:circle(0)
left:-9999px|text-indent:-5000px|inset:-9999px|position:absolute;bottom:-9999px|margin-left:-9999em
transform:scale(0)|transform:rotate(3deg) scale(0, 1)|scale:0|transform:translateX(-9999px)
transform:translate(0,9999px)|translate:-9999px
background:url(a;b:c/*);display:none
""".replace("\n", "|").strip("|")


@pytest.mark.parametrize("style", HIDING.split("|"))
def test_an_inline_style_that_hides(style):
    assert read(f"<p>{FIRST}<p style='{style}'>{SECOND}</p><p>{THIRD}") == f"{FIRST}\n{THIRD}"


SHOWING = """
display:none;display:block|display:no/**/ne|/*display:none*/|/*display:none|;;:;color|background:url(display:none;)
visibility:visible|visibility:inherit|opacity:1|opacity:.5|opacity:inherit|filter:opacity(50%)
font-size:1em|font-size:90%|font-size:.9rem|font-size:smaller|font:100 12px/1 Arial|font:italic 1em a|font:inherit
color:inherit;background-color:inherit|color:inherit;background:inherit|color:initial;background:initial
color:currentcolor;background:currentcolor|color:var(--a);background:var(--a)|color:unset;background-color:unset
color:white|color:#fff;background:#000|color:#fff;background:#fff url(x)|color:#fff;background:rgba(255,255,255,.1)
color:transparent;background:linear-gradient(red,blue);-webkit-background-clip:text
overflow:hidden;height:1em|overflow:hidden;max-height:1.5em|overflow:hidden;width:1%|overflow:hidden;height:1%
max-width:0;overflow:hidden;text-overflow:ellipsis|overflow:hidden;height:400px|height:0
clip:rect(auto,auto,auto,auto)|clip:rect(0,100px,100px,0)|clip:rect(0px 500px 500px 0px)|clip-path:inset(50% 0 0 0)
clip-path:inset(0)|clip-path:inset()|left:-3px;top:0|transform:scale(0.9)|transform:translate3d(-1200px,0,0)|scale:1
""".replace("\n", "|").strip("|")


@pytest.mark.parametrize("style", SHOWING.split("|"))
def test_an_inline_style_that_shows(style):
    assert read(f"<p>{FIRST}<p style='{style}'>{SECOND}</p><p>{THIRD}") == f"{FIRST}\n{SECOND}\n{THIRD}"


@pytest.mark.parametrize(
    "hidden",
    ["<p hidden>", "<p class='a sr-only'>", "<dialog>", "<template>", "<noscript>", "<p hidden><b hidden>", "<iframe>"],
)
def test_elements_that_are_not_shown(hidden):
    name = hidden.split()[0].strip("<>")
    assert read(f"<p>{FIRST}</p>{hidden}{SECOND}</{name}><p>{THIRD}</p>") == f"{FIRST}\n{THIRD}"


@pytest.mark.parametrize(
    "says", ["hidden", "style='opacity:0;transform:translateY(20px)'", "style='visibility:hidden'"]
)
def test_paragraphs_that_a_script_shows_one_by_one_stay(says):
    assert read("".join(f"<div {says}><p>{part}</p></div>" for part in (FIRST, SECOND, THIRD))).count("\n") == 2


@pytest.mark.parametrize("says", ["hidden", "style='visibility:hidden'", "style='overflow:hidden;height:2em'"])
def test_what_stays_is_in_the_article(says):
    whole = "".join(f"<section {says}><p>{part}</p></section>" for part in (FIRST, SECOND, THIRD))
    found = extract(f"<title>Ferry stops</title><body><nav hidden>Home</nav><article><h1>Ferries</h1>{whole}</article>")
    assert found.text.split("\n\n")[-3:] == [FIRST, SECOND, THIRD]


def test_what_is_never_shown_among_what_fades_in_is_removed():
    fading = "<p style='opacity:0'>{}</p>"
    body = fading.format(FIRST) + f"<p style='opacity:0;display:none'>{SECOND}</p>" + fading.format(THIRD)
    assert read(body) == f"{FIRST}\n{THIRD}"


def test_an_element_with_most_of_the_text_stays_whatever_it_says():
    assert read(f"<div style='display:none'><p>{FIRST}<p>{SECOND}</div>") == f"{FIRST}\n{SECOND}"
    assert read("<div style='font-size:0'>" + f"<p>{FIRST}</p>" * 3 + "</div>") == "\n".join([FIRST] * 3)


def test_the_body_stays_where_a_title_is_longer():
    page = parse(f"<title>{FIRST}</title><body hidden>a")
    remove_hidden(page)
    assert all_text(page) == "a"


@pytest.mark.parametrize(
    ("outer", "inner"), [("font-size:0px", "font-size:13px"), ("visibility:hidden", "visibility:visible")]
)
def test_what_is_seen_again_inside_stays_alone(outer, inner):
    body = f"<table style='{outer}'><tr><td>Unseen<div style='{inner}'>{SECOND}</div>unseen<b>unseen</b></table>"
    assert read(f"<p>{FIRST}</p>{body}<p>{THIRD}</p>") == f"{FIRST}\n{SECOND}\n{THIRD}"


@pytest.mark.parametrize("inner", ["font-size:2em", "font-size:200%", "font-size:inherit"])
def test_sizes_relative_to_nothing_are_nothing(inner):
    assert (
        read(f"<p>{FIRST}<p style='font-size:0'><b style='{inner}'>{SECOND}</b></p><p>{THIRD}") == f"{FIRST}\n{THIRD}"
    )


def test_the_text_between_hidden_elements_stays_in_its_place():
    assert (
        read("a<br hidden>b<i>c</i>d<i hidden>-</i>e<script>-</script>f<i>g</i><b hidden>-<b hidden>-</b></b>h")
        == "abcdefgh"
    )


def test_a_hundred_thousand_hidden_elements_side_by_side():
    assert read("<p>" + "<br hidden>x" * 100_000) == "x" * 100_000
    assert read("<p>" + "<br style='display:none'>x" * 100_000) == "x" * 100_000
    assert read("<p>" + "<script></script>x" * 100_000) == "x" * 100_000


def test_styles_of_a_megabyte_are_read():
    for part in ("/*", "url(", "\\", "!", "display:", ";", "translate("):
        assert read(f"<p style='{part * (1_000_000 // len(part))}'>{FIRST}") == FIRST
