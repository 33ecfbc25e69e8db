"""What a summary rests on: the source sentences of each sentence, and the facts that the article does not contain.

A first, rule-based check for English: it aligns by shared content words (weighted by rarity in the article), and
looks up each number, capitalised name and quotation. ``score`` is the weighted share of a sentence's content words
that its sources contain, halved for each unsupported span: an ordering, not yet a calibrated probability.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter

from summarizer.sentences import sentences
from summarizer.types import Span, SupportedSentence, SupportReport, UnsupportedSpan

VERSION = "1"
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"[A-Z][\w’'-]*(?:\.[A-Z]\.?)*(?:\s+[A-Z][\w’'-]*)*")
_QUOTATION = re.compile(r"[“\"]([^“”\"]{3,})[”\"]")
_STOP = frozenset(
    """
    a an the of to in on at by for from with as is are was were be been being has have had do does did will
    would can could may might shall should must and or but nor so if than then that this these those it its he
    she they them his her their him i we you our your us who whom which what when where why how not no also
    about into over after before during between against under out up down off more most other some such only
    own same too very said says there here while since because through
    """.split()
)
_MIN_SHARE = 0.6
_MAX_SOURCES = 3


def check_support(article: str, summary: str) -> SupportReport:
    """Aligns each sentence of ``summary`` with ``article`` and flags what the article does not contain.

    Returns:
        ``score`` of the weakest sentence (1.0 for an empty summary), and the sentences with offsets into ``article``.
    """
    spans = sentences(article)
    stems = [frozenset(_stems(article[s.start : s.end])) for s in spans]
    frequency = Counter(stem for sentence in stems for stem in sentence)
    flat = _flat(article)
    checked = tuple(_check(summary[s.start : s.end], spans, stems, frequency, flat) for s in sentences(summary))
    return SupportReport(min((sentence.score for sentence in checked), default=1.0), checked)


def repair(text: str, checked: tuple[SupportedSentence, ...]) -> tuple[list[SupportedSentence], int]:
    """Sentences that state unsupported facts give way to the source sentence nearest to them."""
    kept: list[SupportedSentence] = []
    replaced = 0
    taken: set[str] = {sentence.text for sentence in checked if not sentence.unsupported}
    for sentence in checked:
        if not sentence.unsupported:
            kept.append(sentence)
            continue
        replaced += 1
        own = next((text[s.start : s.end] for s in sentence.sources if text[s.start : s.end] not in taken), None)
        if own is not None:
            taken.add(own)
            kept.extend(check_support(text, own).sentences)
    return (kept, replaced) if kept else (list(checked), 0)


def _check(
    text: str, spans: list[Span], stems: list[frozenset[str]], frequency: Counter[str], flat: str
) -> SupportedSentence:
    unsupported = tuple(_unsupported(text, flat))
    weights = {stem: math.log1p(len(spans) / (1 + frequency[stem])) for stem in set(_stems(text))}
    total, left = sum(weights.values()), dict(weights)
    chosen: list[int] = []
    for _ in range(_MAX_SOURCES):  # greedy cover of the sentence's words
        gains = [sum(left.get(stem, 0.0) for stem in sentence) for sentence in stems]
        best = max(range(len(gains)), key=gains.__getitem__, default=None)
        if best is None or gains[best] < 0.1 * total or gains[best] <= 0:
            break
        chosen.append(best)
        for stem in stems[best]:
            left.pop(stem, None)
    share = 1.0 - sum(left.values()) / total if total else 1.0
    score = share * 0.5 ** len(unsupported)
    return SupportedSentence(
        text=text,
        supported=not unsupported and share >= _MIN_SHARE,
        score=round(score, 4),
        sources=tuple(spans[i] for i in sorted(chosen)),
        unsupported=unsupported,
    )


def _unsupported(text: str, flat: str) -> list[UnsupportedSpan]:
    found: list[UnsupportedSpan] = []
    found += [
        UnsupportedSpan(match.group(), "quotation", match.start(), match.end())
        for match in _QUOTATION.finditer(text)
        if _flat(match.group(1)).strip(" .,") not in flat
    ]
    found += [
        UnsupportedSpan(match.group(), "number", match.start(), match.end())
        for match in _NUMBER.finditer(text)
        if not re.search(rf"(?<![\d.,]){re.escape(match.group())}(?!\d|[.,]\d)", flat)
    ]
    for match in _NAME.finditer(text):
        for word in re.finditer(r"[^\s-]+", match.group()):
            start = match.start() + word.start()
            name = re.sub(r"[’']s?$", "", word.group()).rstrip(".")
            # The first word of a sentence is capitalised whatever it is: only its stem need occur.
            if len(name) < 2 or name.lower() in _STOP or start == 0 or text[:start].strip(" “\"'‘") == "":
                continue
            if not re.search(rf"(?<!\w){re.escape(_flat(name))}", flat):
                found.append(UnsupportedSpan(word.group(), "name", start, start + len(word.group())))
    return found


def _flat(text: str) -> str:
    """Lower case, straight quotes, single spaces: the form in which quotations and names are compared."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = text.translate(str.maketrans("“”‘’–—", "\"\"''--"))
    return " ".join(text.split())


def _stems(text: str) -> list[str]:
    words = (re.sub(r"[’']s$", "", word.casefold()) for word in _WORD.findall(text))
    return [_stem(word) for word in words if word not in _STOP]


def _stem(word: str) -> str:
    for suffix in ("ing", "ed", "es", "s"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word
