"""Words with their places, in the forms in which a summary and an article are compared.

Benchmarks and scrapers hand over the same prose in several shapes: as written, lower-cased, or tokenized (``team 's``,
``$ 5``, ``40 - 13``). Everything here maps those shapes to one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\w\s]|_")
_QUOTES = str.maketrans("“”„«»‘’‚`´–—−‐‑", "\"\"\"\"\"'''''-----")
STOP = frozenset(
    """
    a an the of to in on at by for from with as is are was were be been being am has have had having do does did doing
    will would can could may might shall should must ca wo and or but nor so if than then that this these those it its
    he she they them his her hers their theirs him himself herself themselves itself i me my mine we us our ours you
    your yours who whom whose which what when where why how not no also about into onto over after before during between
    against under out up down off more most other another some any such only own same too very there here while since
    because through until upon both each few all just even still yet s t re ve ll d m nt n't 's
    """.split()
)
NEGATIONS = frozenset("not no never none nobody nothing neither nor cannot without n't nt".split())


@dataclass(frozen=True, slots=True)
class Word:
    """A token: ``low`` is its folded form, ``stem`` the form without inflection, ``[start, end)`` its place."""

    text: str
    low: str
    stem: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether the token is a word or a number rather than punctuation."""
        return self.text[0].isalnum()

    @property
    def is_content(self) -> bool:
        """Whether the token carries content: a word or number that is no function word."""
        return self.is_word and self.low not in STOP

    @property
    def is_capital(self) -> bool:
        """Whether the token begins with a capital letter."""
        return self.text[0].isupper()


def words(text: str) -> list[Word]:
    """The tokens of ``text`` in order. A possessive or negative clitic (``'s``, ``n't``) is cut off the word."""
    found: list[Word] = []
    for match in _TOKEN.finditer(text):
        raw, start = match.group(), match.start()
        low = fold(raw)
        cut = _clitic(low)
        if cut and len(low) == len(raw):
            found.append(_word(raw[:-cut], low[:-cut], start, match.end() - cut))
            found.append(_word(raw[-cut:], low[-cut:], match.end() - cut, match.end()))
        else:
            found.append(_word(raw, low, start, match.end()))
    return found


def fold(text: str) -> str:
    """Case, accents, quote marks and dashes folded: the form in which words are compared; never empty."""
    if text.isascii():
        return text.casefold().replace("`", "'")
    folded = unicodedata.normalize("NFKD", text.translate(_QUOTES)).casefold()
    return "".join(c for c in folded if not unicodedata.combining(c)) or text  # "ﾟ", a letter, is a mark once folded


def flat(tokens: Iterable[Word]) -> str:
    """The letters and digits alone, folded: the form in which quotations are compared, however they are spaced."""
    return "".join(c for token in tokens for c in token.low if c.isalnum())


def _clitic(low: str) -> int:
    if "'" not in low:
        return 0
    if low.endswith("n't") and len(low) > 3:
        return 3
    head, _, tail = low.rpartition("'")
    return len(tail) + 1 if head and tail in ("s", "re", "ve", "ll", "d", "m") else 0


def _word(text: str, low: str, start: int, end: int) -> Word:
    if "." in low and low[0].isalpha():  # U.S. and US are one word
        low = low.replace(".", "")
    return Word(text, low, stem(low), start, end)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A light stem: plural, tense, agent and adverb endings are cut; an irregular verb gives its plain form."""
    word = IRREGULAR.get(word, word)
    if len(word) <= 3 or not word.isalpha():
        return word
    for suffix, replacement, least in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= least:
            word = word[: len(word) - len(suffix)] + replacement
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


_SUFFIXES = (
    ("izations", "iz", 3), ("ization", "iz", 3), ("isations", "iz", 3), ("isation", "iz", 3),
    ("ising", "iz", 3), ("ised", "iz", 3), ("ises", "iz", 3), ("ise", "iz", 3), ("izing", "iz", 3), ("ized", "iz", 3),
    ("izes", "iz", 3), ("ize", "iz", 3), ("iness", "y", 3), ("ations", "at", 3), ("ation", "at", 3), ("ating", "at", 3),
    ("ated", "at", 3), ("ates", "at", 3), ("ate", "at", 3), ("ements", "", 4), ("ement", "", 4), ("ments", "", 4),
    ("ment", "", 4), ("nesses", "", 3), ("ness", "", 3), ("ically", "ic", 3), ("ously", "ous", 3), ("ingly", "", 3),
    ("edly", "", 3), ("ily", "y", 3), ("ly", "", 3), ("ions", "", 4), ("ion", "", 4), ("ors", "", 4), ("or", "", 4),
    ("ers", "", 3), ("er", "", 4), ("ies", "y", 2), ("ied", "y", 2), ("ying", "y", 2), ("ings", "", 3), ("ing", "", 3),
    ("sses", "ss", 1), ("ches", "ch", 2), ("shes", "sh", 2), ("xes", "x", 1), ("ed", "", 3), ("es", "e", 2),
    ("ss", "ss", 1), ("us", "us", 1), ("is", "is", 1), ("s", "", 3),
)  # fmt: skip
IRREGULAR = {
    form: forms[0]
    for forms in (
        line.split()
        for line in """
        say said|see saw seen|go went gone goes|get got gotten|make made|take took taken|give gave given|come came
        find found|tell told|leave left|lose lost|win won|meet met|hold held|lead led|buy bought|bring brought
        think thought|catch caught|teach taught|fight fought|seek sought|sell sold|send sent|spend spent|build built
        shoot shot|feel felt|keep kept|sleep slept|die died dying dead death deaths|begin began begun|drive drove driven
        write wrote written|speak spoke spoken|break broke broken|choose chose chosen|steal stole stolen
        fall fell fallen|fly flew flown|grow grew grown|know knew known|throw threw thrown|draw drew drawn
        rise rose risen|ride rode ridden|hide hid hidden|bite bit bitten|eat ate eaten|beat beaten|become became
        run ran|sing sang sung|drink drank drunk|swim swam swum|strike struck|stick stuck|hang hung|stand stood
        understand understood|pay paid|lie lay lain|wear wore worn|tear tore torn|swear swore sworn|wake woke woken
        child children|man men|woman women|person people|life lives|wife wives|foot feet|tooth teeth|mouse mice
        deal dealt|mean meant|hear heard|bear bore born|sit sat|set setting|put putting|hit hitting|cut cutting
        defeat defeated|marry married marriage|arrive arrived arrival|kill killed killer killing|sue sued suing
        lend lent|shake shook shaken|forget forgot forgotten|forgive forgave forgiven|wind wound|feed fed|flee fled
        """.replace("\n", "|").split("|")
        if line.strip()
    )
    for form in forms
}
