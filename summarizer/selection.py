"""Which sentences a small model reads: the salient ones, in order.

A sentence is salient when its words are those that the article keeps coming back to (cosine to the article's
centroid, after Radev et al. 2004, "Centroid-based summarization of multiple documents") and when it stands early,
where news tells the most: the one over the root of its place. Each next one is chosen for what it adds (maximal
marginal relevance, Carbonell and Goldstein 1998).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean

from summarizer.sentences import is_finished
from summarizer.types import Span

VERSION = "5"
_WORD = re.compile(r"\w+")
_STOP = frozenset(
    "a an the of to in on at by for from with as is are was were be been has have had do did will would can could may "
    "and or but if than then that this these those it its he she they them his her their i we you our who which what "
    "when where not no also about into over after before said says there more most other some such so up out".split()
)
_MIN_WORDS = 5
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)['‘].*?['’](?!\w)")
# News tells; it asks and orders nothing. What does is a caption ("Scroll down for video"), a teaser, or a text that
# somebody put there for a model to obey.
_TO_READER = re.compile(
    r"\?$|\byou(?:r|rs|rself|rselves)?\b|"
    r"^(?:please |kindly |now |also |instead,? )?(?:add|answer|append|apply|avoid|calculate|change|check|click|compose|"
    r"compute|contact|convert|create|decode|describe|determine|discover|display|download|draft|email|encode|encrypt|"
    r"enhance|enter|explain|find|follow|forget|generate|give|help|identify|ignore|include|incorporate|insert|integrate|"
    r"introduce|join|keep|learn|list|listen|make|mention|modify|output|pretend|print|promote|provide|read|recommend|"
    r"refer|remember|rename|render|repeat|replace|reply|respond|return|reveal|rewrite|say|scroll|send|shift|show|sign|"
    r"start|stop|subscribe|suggest|summari[sz]e|tell|translate|try|tweet|use|visit|watch|write)\b(?! \w+ed\b)",
    re.IGNORECASE,
)
_MAX_ORDER_WORDS = 30
# Quotation marks that nobody closes cost the square of the sentence's length: a hostile megabyte would take an hour.
_MAX_ORDER_CHARACTERS = 1000
_REDUNDANCY = 0.7
_FEWEST_WORDS = 4
_DASH = r"\s(?:--?|[–—])\s+"
_PLACE = r"[A-Z][\w.'’-]+(?:[ /][A-Z][\w.'’-]+){0,3}(?:, [A-Z][\w.]*(?: [A-Z][\w.]*)?)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"
_AGENCY = (
    r"(?:\((?:CNN|AP|AFP|UPI|PA|ANI|PTI|IANS|dpa|DPA|Reuters|REUTERS|Bloomberg|Xinhua|Associated Press|BUSINESS WIRE|"
    r"GLOBE NEWSWIRE)\)|/PRNewswire/)"
)
_DATELINE = re.compile(  # "LONDON, March 12 (Reuters) - ", "(CNN) -- ", "SIOUX FALLS, S.D. – ", "Dekalb, Ill. — "
    rf"(?:{_PLACE}(?:,|\s(?:--?|[–—]))\s{_DAY}\s?{_AGENCY}?\s?(?:--?|[–—])\s?"
    rf"|(?:{_PLACE}\s?(?:--)?)?{_AGENCY}\s*(?:--?|[–—])?\s*(?:{_DAY}\s?(?:--?|[–—])\s?)?"
    rf"|[A-Z][A-Z.'’-]+(?:[ /][A-Z][A-Z.'’-]+){{0,3}}(?:, [A-Z][\w.]*(?: [A-Z][\w.]*)?)?(?: \([A-Z][\w. ]+\))?{_DASH}"
    rf"|[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){{0,2}}, (?:[A-Z]{{2}}|[A-Z][a-z]{{1,4}}\.){_DASH})(?=[\"“‘']?[A-Z0-9])"
)


def select_sentences(text: str, spans: Sequence[Span], count: int, *, lines: bool = False) -> list[int]:
    """The indices of at most ``count`` of the sentences ``spans`` of ``text``, in ascending order.

    ``lines``: as good as sentences are lines that have no end, such as headings.
    """
    if len(spans) <= count:
        return list(range(len(spans)))
    return sorted(_ranked(text, spans, count) if lines else rank_sentences(text, spans, count))


def as_read(sentence: str) -> str:
    """A sentence as a small model is given it: without its dateline, and with an end, so that it joins no two."""
    told = sentence[end.end() :] if (end := _DATELINE.match(sentence)) else sentence
    return told if is_finished(told) or not told[-1:].isalnum() else f"{told}."


def rank_sentences(text: str, spans: Sequence[Span], count: int) -> list[int]:
    """The indices of at most ``count`` of the sentences, the most salient first.

    Headings, bylines, captions and rows of tables have no end, and lines that a mail quotes are another's: they are
    taken only where there are too few others.
    """
    told = [text[s.start : s.end] for s in spans]
    whole = [i for i, each in enumerate(told) if _is_whole(each)]
    others = sorted(set(range(len(spans))) - set(whole))
    ranked: list[int] = []
    for places in (whole, others):
        ranked += [places[i] for i in _ranked(text, [spans[i] for i in places], count - len(ranked))]
    return ranked


def _is_whole(sentence: str) -> bool:
    return is_finished(sentence) and len(sentence.split()) >= _FEWEST_WORDS and not sentence.startswith(">")


def _ranked(text: str, spans: Sequence[Span], count: int) -> list[int]:
    bags = [Counter(content_words(text[s.start : s.end])) for s in spans]
    frequency = Counter(word for bag in bags for word in bag)
    vectors = [
        _unit({w: (1 + math.log(n)) * math.log(1 + len(bags) / frequency[w]) for w, n in bag.items()}) for bag in bags
    ]
    centroid: dict[str, float] = defaultdict(float)
    for vector in vectors:
        for word, weight in vector.items():
            centroid[word] += weight
    middle = _unit(centroid)
    salience = [_dot(v, middle) / math.sqrt(1 + i) for i, v in enumerate(vectors)]
    asides = [_addresses_reader(text[s.start : s.end]) for s in spans]
    if 2 * sum(asides) > len(asides):  # a recipe, a guide: it is all like that
        asides = [False] * len(asides)
    for index, bag in enumerate(bags):
        if asides[index] or sum(bag.values()) < _MIN_WORDS:  # bylines, "Read more"
            salience[index] *= 0.2
    chosen: list[int] = []
    nearest = [0.0] * len(vectors)
    while len(chosen) < min(count, len(spans)):
        best = max(
            (i for i in range(len(vectors)) if i not in chosen),
            key=lambda i: salience[i] * (1 - _REDUNDANCY * nearest[i]),
        )
        chosen.append(best)
        nearest = [max(near, _dot(v, vectors[best])) for near, v in zip(nearest, vectors, strict=True)]
    return chosen


def closeness(summary: str, texts: Sequence[str]) -> float:
    """How near a summary is to what it should tell, 0 to 1: its mean F1 with ``texts``.

    Over content words and pairs of them, as ROUGE-1 and ROUGE-2 count.
    """
    mine = _grams(summary)
    return fmean(_f1(mine, _grams(text)) for text in texts)


def _grams(text: str) -> Counter[str | tuple[str, str]]:
    words = content_words(text)
    return Counter([*words, *pairwise(words)])


def _f1(one: Counter[str | tuple[str, str]], other: Counter[str | tuple[str, str]]) -> float:
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _addresses_reader(sentence: str) -> bool:
    """Whether the sentence, its quotations aside, asks, orders or speaks to someone."""
    if len(sentence) > _MAX_ORDER_CHARACTERS:
        return False
    told = _QUOTED.sub("", sentence).strip()
    return len(told.split()) <= _MAX_ORDER_WORDS and _TO_READER.search(told) is not None


def content_words(text: str) -> list[str]:
    """The words of a text that tell something, folded."""
    return [word for word in _WORD.findall(text.casefold()) if word not in _STOP]


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    norm = math.sqrt(sum(x * x for x in vector.values())) or 1.0
    return {word: x / norm for word, x in vector.items()}


def _dot(a: dict[str, float], b: dict[str, float]) -> float:
    if len(a) > len(b):
        a, b = b, a
    return sum(x * b[word] for word, x in a.items() if word in b)
