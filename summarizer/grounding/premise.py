"""What a model reads to judge a summary sentence: the few source sentences that decide it, in order."""

from __future__ import annotations

from summarizer.grounding.alignment import Alignment
from summarizer.grounding.source import Source
from summarizer.grounding.words import Word

# A longer premise takes longer to read, and a model of 135 M parameters judges no better by it.
_MAX_CHARACTERS = 800
_MAX_SENTENCES = 5


def premise(tokens: list[Word], alignment: Alignment, source: Source) -> str:
    """The sentences of the source that a summary sentence of ``tokens`` can be judged by.

    Those it rests on, the one before the first of them (which says who "he" is), those that share its rarest words, and
    the first.
    """
    mine = {token.stem for token in tokens if token.is_content}
    shared = [sum(source.rarity[stem] for stem in mine & stems) for stems in source.stems]
    before = [i - 1 for i in alignment.chosen[:1] if i]
    others = sorted((i for i, weight in enumerate(shared) if weight), key=lambda i: -shared[i])[:_MAX_SENTENCES]
    first = range(len(source.spans))[:1]
    kept: set[int] = set()
    left = _MAX_CHARACTERS
    for i in dict.fromkeys([*alignment.chosen, *before, *others, *first]):
        size = source.spans[i].end - source.spans[i].start
        if len(kept) < _MAX_SENTENCES and (size <= left or not kept):
            kept.add(i)
            left -= size
    return " ".join(source.text[source.spans[i].start : source.spans[i].end] for i in sorted(kept))
