"""Words that open a line in capitals only to be seen ("A CARER who stole", "POLICE are"), in the case of the text.

Newspapers set the beginning of a story so; told in a summary, it shouts. Nothing is guessed: a word changes only where
the text has it elsewhere in another case and nowhere else in capitals, or where it is too long for a short form.
"""

from __future__ import annotations

import re
from collections import Counter

_LEAD_IN = re.compile(r"^[\"“‘']?([A-Z]+(?:['’]s)?(?: [A-Z]+(?:['’]s)?){0,5})(?= [\"“‘']?([A-Za-z]))", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+")
_CAPITALS = re.compile(r"[A-Z]+")
# Always words; and short forms that look like words.
_WORDS = frozenset(
    "a all an and as at but by for from five four he her his how if in it its many more most no of on one our she six "
    "some that the their there these they this those three to two we what when where while why with you".split()
)
_SHORT_FORMS = frozenset("ai aids eu ice it mp pm tv uk un us who".split())
_ARTICLE = re.compile(r"\b(?:AN|THE) $")  # before "IT" it is no pronoun
_FEWEST_LETTERS = 5  # of a word that stands alone: "NATO said", "ICE said"
_SHORT = 3
_NO_SHORT_FORM = 7  # letters; "UNESCO" and "NASDAQ" have six


def without_capitals(text: str) -> str:
    """``text``, as long as it was; words in capitals that open its lines are in the case that they have elsewhere."""
    found = [run for run in _LEAD_IN.finditer(text) if _is_lead_in(run)]
    if not found:
        return text
    known = Counter(_WORD.findall(text))
    for word in (word for run in found for word in _CAPITALS.findall(run[1])):
        known[word] -= 1
    parts, end = [], 0
    for run in found:
        told = _CAPITALS.sub(lambda word: _told(word, known), run[1])
        parts += [text[end : run.start(1)], told[0].upper(), told[1:]]
        end = run.end(1)
    return "".join([*parts, text[end:]])


def _is_lead_in(run: re.Match[str]) -> bool:
    """Whether a run of capitals goes on in small letters, or is one word ("WEXCOMBE Council")."""
    return len(run[1]) > 1 and (run[2].islower() or " " not in run[1])


def _told(match: re.Match[str], known: Counter[str]) -> str:
    """A word of a run in the case in which it is known."""
    word, alone = match[0], " " not in match.string
    small, name = word.lower(), word.capitalize()
    if len(word) == 1 and word != "A":
        return word
    is_short = small in _SHORT_FORMS and (alone or _ARTICLE.search(match.string[: match.start()]))
    if small in _WORDS and not is_short:
        return small
    if small in _SHORT_FORMS or known[word] > 0 or (alone and len(word) < _FEWEST_LETTERS):
        return word
    counts = {form: known[form] + known[_other_number(form)] for form in (small, name)}
    best = max(counts, key=lambda form: counts[form])
    if counts[best] > 0:
        return best
    return name if alone and len(word) >= _NO_SHORT_FORM else word


def _other_number(form: str) -> str:
    if len(form) <= _SHORT:  # "is" is no plural
        return ""
    return form.removesuffix("s") if form.endswith("s") else f"{form}s"
