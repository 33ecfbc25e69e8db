"""Headlines without a model: the article's own, or the sentence that serves best as one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from summarizer.furniture import bare, story_sentences
from summarizer.selection import content_words, rank_sentences
from summarizer.sentences import is_finished, sentences
from summarizer.style import MIN_HEADLINE_WORDS, Style
from summarizer.types import Span

_LEAD = 5
_MOST_ABOVE = 10
_SHARED_WORDS = 3
_NO_HEADLINE = re.compile(  # bylines, bread crumbs, times, the fields of a page's front matter
    r"^(?:by|from|published|updated|posted|photo|image|picture|video|credit)\b|://|\s[|·•»›>▪]\s|\b\d{1,2}[:h]\d\d\b|"
    r"^\w+:\s*[\"\[]",
    re.IGNORECASE,
)


def stand_in(text: str, sources: Sequence[Span], wanted: Style) -> str:
    """The article's own headline, or the sentence that serves best as one: short enough, or ended at a clause that is.

    Those that the failed headline rests on come first, then the most salient ones.
    """
    spans = sentences(text)
    if own := own_headline(text, spans, wanted):
        return own
    count = min(len(story_sentences(text, spans)) or _LEAD, _LEAD)
    story = [spans[i] for i in rank_sentences(text, spans, count)]
    near = (bare(text[s.start : s.end]) for s in (*(s for s in sources if s in story), *story))
    shaped = [wanted.shape(each) for each in near]
    return next((parts[0] for parts, finish in shaped if finish == "stop"), shaped[0][0][0])


def own_headline(text: str, spans: Sequence[Span], wanted: Style) -> str | None:
    """The first line above the story that says in as few words as are wanted what its salient sentences say."""
    story = story_sentences(text, spans)
    above = [text[s.start : s.end] for s in spans[: min([*story[:1], _MOST_ABOVE])]]
    told = set(content_words(" ".join(text[spans[i].start : spans[i].end] for i in story)))
    for line in above:
        (headline,), finish = wanted.shape(line)
        if finish == "stop" and _is_headline(line, told) and _words(headline) == _words(line):
            return headline
    return None


def _is_headline(line: str, told: set[str]) -> bool:
    """Whether a line without an end says in few words some of what is ``told``."""
    words = set(content_words(line))
    return (
        not is_finished(line)
        and not _NO_HEADLINE.search(line)
        and len(_words(line)) >= MIN_HEADLINE_WORDS
        and len(told & words) >= max(_SHARED_WORDS, len(words) / 3)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
