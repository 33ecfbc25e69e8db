"""An article prepared once, so that any number of summaries can be checked against it in milliseconds."""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from summarizer.grounding.facts import MONTHS, WEEKDAYS, Number, numbers, shares
from summarizer.grounding.names import abbreviates, can_name, canonical, first_letters, initials, root
from summarizer.grounding.quotes import quoted_spans
from summarizer.grounding.words import Word, flat, words
from summarizer.text.language import looks_english
from summarizer.text.sentences import sentences, unwrap
from summarizer.types import Span

# Places of one word or value that are looked at: a table of numbers, or a word on each line, must not cost seconds.
MANY = 200
_CLOSE = 8
_FIRST = 50
_MARKS = frozenset('"“”')
_NOWHERE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Source:
    """What the checks look up of a ``text``: tokens by sentence, words in several forms, numbers by value, n-grams."""

    text: str
    spans: tuple[Span, ...]
    tokens: tuple[tuple[Word, ...], ...]
    stems: tuple[frozenset[str], ...]
    rarity: dict[str, float]
    lows: frozenset[str]
    roots: frozenset[str]
    all_stems: frozenset[str]
    acronyms: frozenset[str]
    calendar: frozenset[str]
    by_value: dict[float, tuple[tuple[int, Number], ...]]
    sequence: tuple[str, ...]
    places: dict[str, tuple[int, ...]]
    sentence_of: tuple[int, ...]
    flat: str
    quotations: tuple[Span, ...]
    english: bool

    @cached_property
    def homes(self) -> dict[str, frozenset[int]]:
        """The sentences of each content word."""
        homes: dict[str, set[int]] = {}
        for index, stems in enumerate(self.stems):
            for stem in stems:
                homes.setdefault(stem, set()).add(index)
        return {stem: frozenset(found) for stem, found in homes.items()}

    @cached_property
    def units(self) -> frozenset[str]:
        """The units of the article's numbers: ``celsius`` of "21C"."""
        return frozenset(number.unit for mentions in self.by_value.values() for _, number in mentions)

    @cached_property
    def _grams(self) -> dict[int, frozenset[tuple[str, ...]]]:
        rows = (self.sequence, tuple(token.low for sentence in self.tokens for token in sentence if token.is_word))
        return {n: frozenset(r[i : i + n] for r in rows for i in range(len(r) - n + 1)) for n in (1, 2, 3, 4)}

    @cached_property
    def _lines(self) -> str:
        return "\n".join(_line(sentence) for sentence in self.tokens)

    def has_run(self, tokens: Sequence[Word]) -> bool:
        """Whether one sentence has these very words, inflected as they are, in a row."""
        return _line(tokens) in self._lines

    @cached_property
    def _whole(self) -> frozenset[str]:
        return frozenset(_row(sentence) for sentence in self.tokens)

    @cached_property
    def _quoted(self) -> str:
        return self._rows(quoted=True)

    @cached_property
    def _told(self) -> str:
        return self._rows(quoted=False)

    def _rows(self, quoted: bool) -> str:
        """The words inside of quotations, or those outside, with a bar where they are not in a row."""
        starts = [span.start for span in self.quotations]
        found = []
        for span, sentence in zip(self.spans, self.tokens, strict=True):
            for token in sentence:
                at = bisect_right(starts, span.start + token.start) - 1
                inside = at >= 0 and span.start + token.start < self.quotations[at].end
                if token.is_word or token.text in _MARKS:
                    found.append(token.low if token.is_word and inside == quoted else "|")
        return f" {' '.join(found)} "

    def only_quotes(self, tokens: Sequence[Word]) -> bool:
        """Whether these words are a part of what the article quotes, in a row, and nowhere of what it says itself.

        A whole sentence, as the article was split, is no part: what is made of those is the article's own.
        """
        row = _row(tokens)
        return row in self._quoted and row not in self._told and row not in self._whole

    @cached_property
    def _letters(self) -> str:
        return " ".join(first_letters(sentence) for sentence in self.tokens)

    def abbreviates(self, low: str) -> bool:
        """Whether ``low`` is an acronym of words that the article has in a row, capital or not."""
        return low in self.acronyms or abbreviates(low, self._letters, self._grams[2])

    def grams(self, n: int) -> frozenset[tuple[str, ...]]:
        """The n-grams of the article's stems and of its words as they are, for n from 1 to 4."""
        return self._grams[n]

    def together(self, one: str, other: str, apart: int) -> bool:
        """Whether a sentence has both words, or two sentences at most ``apart`` from each other."""
        mine, theirs = self.homes.get(one, _NOWHERE), self.homes.get(other, _NOWHERE)
        if not apart:
            return not mine.isdisjoint(theirs)
        few, more = sorted((mine, theirs), key=len)
        return any(not more.isdisjoint(range(i - apart, i + apart + 1)) for i in few)

    def close(self, one: str, other: str) -> bool:
        """Whether both words stand at most eight words from each other at one of their first fifty places."""
        mine, theirs = self.places.get(one, ())[:_FIRST], self.places.get(other, ())[:_FIRST]
        i = j = 0
        while i < len(mine) and j < len(theirs):
            if abs(mine[i] - theirs[j]) <= _CLOSE:
                return True
            if mine[i] < theirs[j]:
                i += 1
            else:
                j += 1
        return False

    def best_rarity(self) -> float:
        """The weight of a word that the article does not have."""
        return math.log1p(len(self.spans))


def read_source(article: str) -> Source:
    """Splits, tokenizes and indexes ``article``."""
    spans = sentences(article)
    tokens = [tuple(words(article[s.start : s.end])) for s in spans]
    every = [token for sentence in tokens for token in sentence]
    stems = [frozenset(token.stem for token in sentence if token.is_content) for sentence in tokens]
    frequency = Counter(stem for sentence in stems for stem in sentence)
    named = _may_name(tokens)
    lows = {token.low for token in named}
    lows |= {canonical(low) for low in lows}
    by_value: dict[float, list[tuple[int, Number]]] = {}
    for index, sentence in enumerate(tokens):
        told = list(sentence)
        for number in (*numbers(told), *shares(told)):
            for value in number.values | number.parts:
                by_value.setdefault(value, []).append((index, number))
    sequence = [(token.stem, i) for i, sentence in enumerate(tokens) for token in sentence if token.is_word]
    places: dict[str, list[int]] = {}
    for place, (stem, _) in enumerate(sequence):
        places.setdefault(stem, []).append(place)
    return Source(
        text=article,
        spans=tuple(spans),
        tokens=tuple(tokens),
        stems=tuple(stems),
        rarity={stem: math.log1p(len(spans) / (1 + count)) for stem, count in frequency.items()},
        lows=frozenset(lows),
        roots=frozenset(root(low) for low in lows if len(low) > 4),
        all_stems=frozenset(stem for stem, _ in sequence),
        acronyms=frozenset(initials(every)),
        calendar=frozenset(MONTHS.get(low) or WEEKDAYS.get(low) or "" for low in lows),
        by_value={value: tuple(mentions) for value, mentions in by_value.items()},
        sequence=tuple(stem for stem, _ in sequence),
        places={stem: tuple(at) for stem, at in places.items()},
        sentence_of=tuple(i for _, i in sequence),
        flat=flat(every),
        quotations=tuple(quoted_spans(unwrap(article))),
        english=_is_english(every),
    )


class Reading:
    """A ``text`` that is read when it is first asked for, off the event loop, and kept.

    What was read takes 60 to 130 bytes a character, so those who wait for the model should not hold it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._source: Source | None = None

    async def source(self) -> Source:
        """What was read."""
        if self._source is None:
            self._source = await asyncio.to_thread(read_source, self.text)
        return self._source


def _may_name(sentences: Sequence[Sequence[Word]]) -> list[Word]:
    """The words that can be names or months: in a sentence without capitals (lower-cased, or a slip) all of them."""
    found = []
    for sentence in sentences:
        cased = any(token.is_capital for token in sentence)
        found += [token for token in sentence if token.is_word and (not cased or can_name(token))]
    return found


def _line(tokens: Sequence[Word]) -> str:
    """The folded words with a space around each; of other marks only those between them, as they change the sense."""
    words = [i for i, token in enumerate(tokens) if token.is_word]
    kept = tokens[words[0] : words[-1] + 1] if words else ()
    return f" {' '.join(token.low for token in kept)} "


def _row(tokens: Sequence[Word]) -> str:
    """The folded words alone with a space around each."""
    return f" {' '.join(token.low for token in tokens if token.is_word)} "


def _is_english(tokens: list[Word]) -> bool:
    plain = [token.low for token in tokens[:4000] if token.is_word]
    return looks_english(plain) or len(plain) < 20
