"""Headlines without a model: the article's own, or the sentence that serves best as one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from summarizer.text.furniture import above, bare, is_image, story_sentences
from summarizer.text.sentences import is_finished, sentences
from summarizer.types import Span
from summarizer.writing.selection import content_words, rank_sentences, words
from summarizer.writing.style import Style

_LEAD = 5
_FEWEST_WORDS, _SHARED_WORDS = 4, 3
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
    """The first line above the story that says in as few words as are wanted some of what the story says."""
    story = story_sentences(text, spans)
    told = _stems(" ".join(text[spans[i].start : spans[i].end] for i in story))
    for line in above(text, spans, story):
        (headline,), finish = wanted.shape(line)
        whole = len(words(headline)) >= len(words(line)) - 1  # but for a label ("Subject:")
        if finish == "stop" and whole and not (is_finished(line) or is_image(line) or _NO_HEADLINE.search(line)):
            stems = _stems(headline)
            fewest = max(min(_SHARED_WORDS, len(stems) - 1), len(stems) / 3)
            if len(words(headline)) >= _FEWEST_WORDS and len(told & stems) >= fewest:
                return headline
    return None


def _stems(text: str) -> set[str]:
    """The words that tell something, in the singular."""
    return {word.removesuffix("s") for word in content_words(text)}
