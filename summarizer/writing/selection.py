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

from summarizer.text.furniture import bare, heading, story_sentences, tells_nothing
from summarizer.text.sentences import is_finished
from summarizer.types import Span

VERSION = "15"
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
_TO_READER = re.compile(r"\?$|\byou(?:r|rs|rself|rselves)?\b", re.IGNORECASE)
_ORDERS = re.compile(
    r"(?:please |kindly |now |also |instead,? )?(?:add|answer|append|apply|avoid|calculate|change|check|click|compose|"
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
_REDUNDANCY, _HEADING_WEIGHT = 0.7, 1.25
# What it says hangs on the sentence before it ("He said", "But that"), which may not be chosen; "this week" does not.
_LEANS = re.compile(
    r"[\"“‘']?(?:(?:but|and|when|after|as|while|if|so|then|since|because|before|in|at|on|for|with|until|although|though)\s)?"
    r"(?!(?-i:IT)\b)(?:he|she|it|they|his|her|its|their|him|them|these|those|this|that|"
    r"the (?:same|next|previous|following) (?:day|night|morning|afternoon|evening|week|month|year))\b"
    r"(?! (?:week|weekend|month|year|season|spring|summer|fall|autumn|winter|morning|afternoon|evening|night)\b)",
    re.IGNORECASE,
)
# "The black dog was filmed": of one that the text told of before; not "The owner of a dog".
POINTS_BACK = re.compile(r"[\"“‘']?The (?!(?:[\w’'-]+ ){1,2}of an? )[a-z\d]")
# A "he" is told of before it in its own sentence by somebody: "a man", a name, "who".
_SOMEBODY = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
_ANTECEDENT = re.compile(
    r"\b(?:an?|each|every|who|whose|one|[a-z]+ (?:man|woman|boy|girl))\b|\W[A-Z]|"
    r"^[A-Z][a-z'’]+ (?:[A-Z]|(?:is|was|has|had|said|says|plays)\b)"
)
# Not the I of "World War I" and "Phase I": after a word in small letters, or one that opens a clause.
_FIRST_PERSON = re.compile(
    r"(?:^\W*(?:(?:But|And|So|When|As|If|Then|While|Because|Since|Yet|Or|After|Before|Today|Yesterday|Now|What|Where|How|"
    r"Perhaps|Maybe),? )?|(?<![\w'’-])[a-z][\w'’-]*[,;:]? |[–—-] ?)I(?:['’](?:m|ve|d|ll)\b|(?= [a-z]))|"
    r"\b(?:me|[Mm]y|[Mm]yself)\b"
)
# Of 24 texts read, 12 summaries had a sentence that leans on one left out; with these none, and ROUGE is the same.
# The first one chosen tells alone what a text is about. Of 641 texts it is another one of 14, read: 10 better, 2 worse
# (at 0.65 18, and its ROUGE-1 falls by 0.2).
_POINTING_WEIGHT = 0.75
_LEANING_WEIGHT, _FIRST_PERSON_WEIGHT, _ASIDE_WEIGHT = 0.4, 0.3, 0.2
# What an editor takes of a text (bonus words, Edmundson 1969): findings, decisions and numbers, rather than quotations
# and short sentences. Of 124 texts of all kinds, in which a large language model had marked what tells the main point,
# the most salient sentence does so in 60 % (54 % without this), and 20 % of the first three would embarrass (25 %).
_FINDINGS = re.compile(
    r"\b(?:found|finds|show(?:s|ed|n)?|suggest(?:s|ed)?|indicates?|reveal(?:s|ed)?|concluded|warn(?:s|ed)|estimates?|"
    r"announce[sd]?|launch(?:es|ed)?|unveil(?:s|ed)?|publish(?:es|ed)|approved|agreed|voted|resolved|decided|confirmed|"
    r"ordered|ruled|signed)\b",
    re.IGNORECASE,
)
_NUMBER, _QUOTE = re.compile(r"\d"), re.compile(r"[“\"]")
_FINDING_WEIGHT, _NUMBER_WEIGHT, _QUOTE_WEIGHT = 1.45, 1.35, 0.8
# The text of a picture: "Guarded: Four men watch the rhino.", "Ada Lind (left) wins the race", "Ada Lind, left, wins".
_CAPTION = re.compile(
    r"(?![^:]*\b(?:said|says|added|adds|asked|continued|explained|told|tweeted|writes|wrote) ?:)"
    r"[A-Z](?:[\w'’-]*[a-z])?(?: [\w'’-]+){0,3} ?: (?=[A-Z])|"
    r".*(?:\((?:above|below|file photo|left|pictured|right|stock image)\)|"
    r"(?<![\w'’-])[A-Z\d][\w'’-]*, (?:left|pictured|right)[,;:.)])"
)
_BEFORE_CAPTION = re.compile(r"scroll down for (?:more|videos?)[\s.…]*$", re.IGNORECASE)
_CAPTION_WEIGHT = 0.4
# A longer one is captions without stops, or quotations, that run into each other (60 words; 3 % of 7,917 sentences).
_MOST_CHARACTERS, _LONG_WEIGHT = 360, 0.4
_TURN = re.compile(
    r"(?:(?:But(?! for\b)|However,|Meanwhile,) (?=\w)|And (?=[a-z])|Also(?:, (?=\w)| (?=(?:in|on)\b))|"
    r"Yet (?=(?:an?|he|in|it|many|one|she|some|that|the|there|these|they|this|those|we)\b|[A-Z]))"
)
_MOST_LETTERS = 12  # a word, on average
_ENOUGH_WORDS = 15  # with fewer a sentence tells little


def select_sentences(text: str, spans: Sequence[Span], count: int, *, lines: bool = False) -> list[int]:
    """The indices of at most ``count`` of the sentences ``spans`` of ``text``, in ascending order.

    ``lines``: as good as sentences are lines that have no end, such as headings.
    """
    if len(spans) <= count:
        return list(range(len(spans)))
    if not lines:
        return sorted(rank_sentences(text, spans, count))
    told = [i for i, span in enumerate(spans) if not tells_nothing(text[span.start : span.end])]
    return sorted(told[i] for i in _ranked(text, [spans[i] for i in told], count)) or [0]


def as_read(sentence: str, *, follows: bool = True) -> str:
    """A sentence as a small model is given it: bare, and with an end, so that it joins no two.

    Where it does not follow the one that it follows in its text, its "But" says nothing.
    """
    told = bare(sentence)
    if not follows and (turn := _TURN.match(told)):
        told = told[turn.end() :]
        told = told[0].upper() + told[1:] if told.split()[0].islower() and told[0].isascii() else told
    return told if is_finished(told) or not told[-1:].isalnum() else f"{told}."


def rank_sentences(text: str, spans: Sequence[Span], count: int) -> list[int]:
    """The indices of at most ``count`` of the sentences, the most salient first.

    What is none of the story is taken only where there is too little of it.
    """
    story = story_sentences(text, spans)
    others = sorted(set(range(len(spans))) - set(story))
    ranked: list[int] = []
    about = heading(text, spans, story)
    for places in (story, others):
        ranked += [places[i] for i in _ranked(text, [spans[i] for i in places], count - len(ranked), about)]
    return ranked


def _ranked(text: str, spans: Sequence[Span], count: int, about: str = "") -> list[int]:
    bags = _bags(text, spans)
    frequency = Counter(word for bag in bags for word in bag)
    vectors = _vectors(bags, frequency)
    middle = _unit(_sum(vectors))
    # What the headline says a text is about (Edmundson 1969): it finds the news below an anecdote.
    named = _unit({w: math.log(1 + len(bags) / frequency[w]) for w in set(content_words(about)) if w in frequency})
    salience = [(_dot(v, middle) + _HEADING_WEIGHT * _dot(v, named)) / math.sqrt(1 + i) for i, v in enumerate(vectors)]
    told = [text[s.start : s.end] for s in spans]
    leans = [is_leaning(each) for each in told]
    points = [POINTS_BACK.match(bare(each)) is not None for each in told]
    captions = [_is_caption(text, span) for span in spans]
    for i, weight in enumerate(_weights(told, bags, captions)):
        salience[i] *= weight * _merit(told[i])
    chosen: list[int] = []
    nearest = [0.0] * len(vectors)

    def gain(i: int) -> float:
        alone = i > 0 and i - 1 not in chosen
        hangs = _LEANING_WEIGHT if leans[i] else _POINTING_WEIGHT if points[i] and not chosen else 1.0
        return salience[i] * (1 - _REDUNDANCY * nearest[i]) * (hangs if alone else 1.0)

    while len(chosen) < min(count, len(spans)):
        best = max((i for i in range(len(vectors)) if i not in chosen), key=gain)
        chosen.append(best)
        nearest = [max(near, _dot(v, vectors[best])) for near, v in zip(nearest, vectors, strict=True)]
    return chosen


def word_weights(text: str, spans: Sequence[Span]) -> dict[str, float]:
    """How much the sentences ``spans`` of a text are about each of its content words."""
    bags = _bags(text, spans)
    return _sum(_vectors(bags, Counter(word for bag in bags for word in bag)))


def _bags(text: str, spans: Sequence[Span]) -> list[Counter[str]]:
    return [Counter(content_words(text[s.start : s.end])) for s in spans]


def _vectors(bags: Sequence[Counter[str]], frequency: Mapping[str, int]) -> list[dict[str, float]]:
    return [
        _unit({w: (1 + math.log(n)) * math.log(1 + len(bags) / frequency[w]) for w, n in bag.items()}) for bag in bags
    ]


def _sum(vectors: Sequence[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for vector in vectors:
        for word, weight in vector.items():
            total[word] += weight
    return total


def _weights(told: Sequence[str], bags: Sequence[Counter[str]], captions: Sequence[bool]) -> list[float]:
    """What counts against a sentence itself, as a factor.

    It is short, speaks to its reader or of its writer, or is a caption. In a text that is mostly so (a recipe, a guide,
    a letter, minutes) the last three count nothing.
    """
    asides, own = (_minority([is_so(each) for each in told]) for is_so in (_addresses_reader, _tells_of_writer))
    captions = _minority(captions)
    return [
        (_ASIDE_WEIGHT if aside or sum(bag.values()) < _MIN_WORDS else 1.0)
        * (_FIRST_PERSON_WEIGHT if mine else 1.0)
        * (_CAPTION_WEIGHT if i and caption else 1.0)  # the first one's label is a place or a date
        for i, (aside, mine, caption, bag) in enumerate(zip(asides, own, captions, bags, strict=True))
    ]


def _merit(sentence: str) -> float:
    """What counts for a sentence by its form, as a factor."""
    plain, size = _unquoted(sentence), len(sentence.split())
    if not sentence.isascii() and len(sentence) > _MOST_LETTERS * size:  # words are not parted by spaces
        size = _ENOUGH_WORDS
    return (
        min(1.0, size / _ENOUGH_WORDS) ** 2
        * (_FINDING_WEIGHT if _FINDINGS.search(plain) else 1.0)
        * (_NUMBER_WEIGHT if _NUMBER.search(plain) else 1.0)
        * (_QUOTE_WEIGHT if _QUOTE.search(sentence) else 1.0)
        * (_LONG_WEIGHT if len(sentence) > _MOST_CHARACTERS else 1.0)
    )


def is_leaning(sentence: str) -> bool:
    """Whether a sentence needs the one before: it opens with a word for it, or nobody in it is its "he"."""
    if _LEANS.match(sentence) is not None:
        return True
    told = _unquoted(sentence)
    somebody = _SOMEBODY.search(told)
    return somebody is not None and not _ANTECEDENT.search(told[: somebody.start()])


def _minority(flags: Sequence[bool]) -> Sequence[bool]:
    """The flags, or none where most are set."""
    return flags if 2 * sum(flags) <= len(flags) else [False] * len(flags)


def closeness(summary: str, texts: Sequence[str]) -> float:
    """How near a summary is to what it should tell, 0 to 1: its mean F1 with ``texts``.

    Over content words and pairs of them, as ROUGE-1 and ROUGE-2 count.
    """
    mine = _grams(summary)
    return fmean(_f1(mine, _grams(text)) for text in texts)


def _grams(text: str) -> Counter[str | tuple[str, str]]:
    told = content_words(text)
    return Counter([*told, *pairwise(told)])


def _f1(one: Counter[str | tuple[str, str]], other: Counter[str | tuple[str, str]]) -> float:
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _addresses_reader(sentence: str) -> bool:
    """Whether the sentence, its quotations aside, asks, orders or speaks to someone."""
    told = _unquoted(sentence).strip()
    orders = len(told.split()) <= _MAX_ORDER_WORDS and _ORDERS.match(told) is not None
    return orders or _TO_READER.search(told) is not None


def _tells_of_writer(sentence: str) -> bool:
    """Whether the sentence, its quotations aside, is told in the first person."""
    return sentence[:1] not in "\"'“‘" and _FIRST_PERSON.search(_unquoted(sentence)) is not None


def _is_caption(text: str, span: Span) -> bool:
    """Whether the sentence is the text of a picture; labels of abstracts are none."""
    sentence = bare(text[span.start : span.end])[:_MAX_ORDER_CHARACTERS]
    return bool(_CAPTION.match(sentence) or _BEFORE_CAPTION.search(text, max(0, span.start - 30), span.start))


def _unquoted(sentence: str) -> str:
    """The sentence without its quotations; nothing of one too long to be read for them."""
    return _QUOTED.sub("", sentence) if len(sentence) <= _MAX_ORDER_CHARACTERS else ""


def content_words(text: str) -> list[str]:
    """The words of a text that tell something, folded."""
    return [word for word in words(text) if word not in _STOP]


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return _WORD.findall(text.casefold())


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    norm = math.sqrt(sum(x * x for x in vector.values())) or 1.0
    return {word: x / norm for word, x in vector.items()}


def _dot(a: dict[str, float], b: dict[str, float]) -> float:
    if len(a) > len(b):
        a, b = b, a
    return sum(x * b[word] for word, x in a.items() if word in b)
