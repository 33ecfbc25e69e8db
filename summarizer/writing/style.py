"""Length and format: what is asked of the model, and how its answer is brought into shape."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from summarizer.errors import InvalidRequest
from summarizer.text.sentences import has_words, is_finished, sentences
from summarizer.types import Format, Grounding, Length
from summarizer.writing.trimming import QUOTATION_MARKS, is_clause, is_open

VERSION = "9"
MAX_SENTENCES = 30
MIN_WORDS, MAX_WORDS = 5, 2000
WORDS_PER_SENTENCE = 15
SENTENCES: Mapping[Length, int] = {"short": 1, "medium": 3, "long": 6}
_WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
_TOKENS_PER_SENTENCE = 48
# So many characters count as a word at least, however few spaces there are: else a megabyte without one is a word.
# Where spaces are set, a sentence has fewer a word, even of long compounds, so that words are counted as ever. Chinese
# has 1 to 2, Thai some 5: there it is mostly the number of sentences that keeps a summary short, and this a bound.
_CHARACTERS_PER_WORD = 20
# Where a headline may end before its end: at a clause or phrase of its own.
_CLAUSE = re.compile(
    r"[,;:](?=\s)|\s[-–—]\s|\s(?=(?:after|amid|as|because|before|but|calling|despite|during|following|saying|since|"
    r"when|where|while)\s)"
)
# A sentence ends only before what tells of another event, and not where what is kept may hang on it.
_CONJUNCTION = re.compile(r",?\s(?=(?:after|following|despite|amid)\s)")
_HANGS = re.compile(
    r"\b(?:not|no|never|none|nor|neither|only|until|unless|if|may|might|can|could|should|would|must|without|even|just|"
    r"soon|shortly|long|year|years|day|days|week|weeks|month|months|hours|minutes)\b|n['’]t\b|[-–—,:;(\[]$",
    re.IGNORECASE,
)
_MARKS = (*QUOTATION_MARKS, "()", "[]")
_LEANING = re.compile(r"(?:\s(?:a|an|and|as|at|by|for|from|in|of|on|or|that|the|to|which|who|with))+$", re.IGNORECASE)
# "Police said Monday.": what was said stands in another sentence, or nowhere. "Ms.": a name was to follow.
_STUMP = re.compile(
    r"(?:[\w.'’-]+ ){0,3}(?!(?:was|were|is|are|been|be|being) )[\w.'’-]+ (?:said|says|added|reported|announced)"
    r"(?: (?:on )?[A-Z][a-z]+day)?\.|(?:Dr|Gen|Gov|Mrs?|Ms|Prof|Reps?|Rev|Sens?|St)\."
)
_LABEL = re.compile(r"^\W*(?:headline|title|subject|re|fwd?)\W*:\W*", re.IGNORECASE)
_LIST_MARK = re.compile(r"^\s*(?:[-*•‣]|\d{1,2}[.)])\s+")
_SETS_NO_SPACE = re.compile(r"[。！？」』）][”’]*$")  # after it, Chinese and Japanese
_OWN_MARK = re.compile(r"^\s*[-–*•‣]\s+")
MAX_HEADLINE_WORDS = 14
MIN_HEADLINE_WORDS = 6


@dataclass(frozen=True, slots=True)
class Style:
    """The effective length, format and grounding, after defaults."""

    max_sentences: int
    max_words: int | None
    format: Format
    grounding: Grounding = "repair"

    @classmethod
    def of(
        cls,
        length: Length = "medium",
        sentence_count: int | None = None,
        words: int | None = None,
        format: Format = "paragraph",
        grounding: Grounding = "repair",
    ) -> Style:
        """Raises ``InvalidRequest`` where the values make no sense."""
        if length not in SENTENCES:
            raise InvalidRequest("length must be short, medium or long.")
        if format not in get_args(Format):
            raise InvalidRequest("format must be paragraph, bullets or headline.")
        if grounding not in get_args(Grounding):
            raise InvalidRequest("grounding must be report, repair or strict.")
        for name, value in (("sentences", sentence_count), ("words", words)):
            if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
                raise InvalidRequest(f"{name} must be a whole number.")
        if sentence_count is not None and not 1 <= sentence_count <= MAX_SENTENCES:
            raise InvalidRequest(f"sentences must be from 1 to {MAX_SENTENCES}.")
        if words is not None and not MIN_WORDS <= words <= MAX_WORDS:
            raise InvalidRequest(f"words must be from {MIN_WORDS} to {MAX_WORDS}.")
        if format == "headline":
            return cls(1, words, format, grounding)
        count = sentence_count or (max(1, words // WORDS_PER_SENTENCE) if words else SENTENCES[length])
        return cls(min(count, MAX_SENTENCES), words, format, grounding)

    @property
    def system(self) -> str:
        """The system prompt. Its wording is the one that the default model was trained with (SmolLM2's own
        summarization data); other wordings measured 2 to 4 ROUGE-1 points less."""
        if self.format == "headline":
            return "Write a news headline of at most twelve words for the input text."
        count = _WORDS.get(self.max_sentences, str(self.max_sentences))
        plural = "sentence" if self.max_sentences == 1 else "sentences"
        return (
            f"Provide a concise, objective summary of the input text in up to {count} {plural}, focusing on key "
            "actions and intentions without using second or third person pronouns."
        )

    @property
    def max_headline_words(self) -> int:
        """How long a headline may be."""
        return min(self.max_words or MAX_HEADLINE_WORDS, MAX_HEADLINE_WORDS)

    @property
    def max_new_tokens(self) -> int:
        """A generous bound; the text is cut to sentences afterwards."""
        return 40 if self.format == "headline" else _TOKENS_PER_SENTENCE * self.max_sentences + 16

    def fit(self, parts: list[str]) -> tuple[list[str], bool]:
        """The first of ``parts`` that keep to the words asked for, or as much of the first; whether that was cut.

        The first ends at a clause where one is near enough. Where no number of words is asked for, they keep to what a
        model may write.
        """
        most = self.max_words or self.max_new_tokens
        kept = list(parts)
        while len(kept) > 1 and sum(map(_size, kept)) > most:
            kept.pop()
        if not kept or _size(kept[0]) <= most:
            return kept, False
        ended = _ended(kept[0], most, most // 2, _CONJUNCTION)
        if ended and (_HANGS.search(ended) or _LEANING.search(ended) or is_open(ended, _MARKS)):
            ended = None
        return ([f"{ended}."], False) if ended else ([_broken_off(kept[0], most)], True)

    def shape(self, text: str) -> tuple[list[str], Literal["stop", "length"]]:
        """The sentences of the model's ``text``: finished ones, none twice, no more than asked for.

        An unfinished last sentence is dropped unless it is the only one; then it is reported as ``length``.
        """
        lines = [_LIST_MARK.sub("", line) for line in text.splitlines()]
        flat = " ".join(line.strip() for line in lines if line.strip())
        if self.format == "headline":
            lines = [_LABEL.sub("", line).strip('"“”*# ') for line in lines]
            first = next(filter(has_words, lines), "")
            headline, cut = _shorten(first, self.max_headline_words)
            whole = not cut and (len(headline.split()) == len(first.split()) or is_clause(headline))
            return [headline], "stop" if whole else "length"
        found: list[str] = []
        seen: set[str] = set()
        for span in sentences(flat):
            sentence = flat[span.start : span.end]
            if sentence.casefold() not in seen and has_words(sentence):
                seen.add(sentence.casefold())
                found.append(sentence)
        finished = [sentence for sentence in found if is_finished(sentence)]
        finished = [sentence for sentence in finished if not _STUMP.fullmatch(sentence)] or finished
        kept, cut = self.fit((finished or found[:1])[: self.max_sentences])
        return kept, "stop" if finished and not cut else "length"

    def join(self, parts: list[str]) -> str:
        """The text of the summary."""
        if self.format == "bullets":
            return "\n".join(f"- {_OWN_MARK.sub('', part)}" for part in parts)  # the article's own may have one
        return "".join(part if _SETS_NO_SPACE.search(part) else f"{part} " for part in parts).removesuffix(" ")


def _shorten(text: str, most: int) -> tuple[str, bool]:
    """The headline in ``text``: its first sentence, ended at the last clause that fits; whether words were cut off."""
    spans = [span for span in sentences(text) if has_words(text[span.start : span.end])]
    first = text[spans[0].start : spans[0].end].rstrip(".,;: ") if spans else ""
    if _size(first) <= most:
        return first, False
    ended = _ended(first, most, MIN_HEADLINE_WORDS, _CLAUSE)
    return (ended, False) if ended else (_broken_off(first, most), True)


def _size(text: str) -> int:
    """The words of a text, of which those without an end count as several."""
    return max(len(text.split()), math.ceil(len(text) / _CHARACTERS_PER_WORD))


def _ended(sentence: str, most: int, least: int, ends: re.Pattern[str]) -> str | None:
    """The sentence up to the last of ``ends`` that leaves from ``least`` to ``most`` words, without its stop."""
    # No more, or an endless one takes quadratic time.
    flat = " ".join(sentence.split()[: most + 2])[: (most + 2) * _CHARACTERS_PER_WORD]
    found = [flat[: end.start()] for end in ends.finditer(flat)]
    return next((each.rstrip(".,;: ") for each in reversed(found) if least <= _size(each) <= most), None)


def _broken_off(sentence: str, most: int) -> str:
    """The first words of a sentence, as one that has no end."""
    whole = " ".join(sentence.split()[:most])
    first = whole[: most * _CHARACTERS_PER_WORD]
    if len(first) < len(whole) and (end := first.rfind(" ")) > len(first) / 2:
        first = first[:end]
    return _LEANING.sub("", first.rstrip(".,;: ")) + "…"
