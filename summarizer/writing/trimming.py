"""A headline out of a sentence, by leaving out what is no part of its main clause.

After Dorr, Zajic and Schwartz 2003, "Hedge Trimmer: A Parse-and-Trim Approach to Headline Generation", but without a
parser: clauses are told by their commas, dashes and opening words, and one of its own has a finite verb.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from summarizer.grounding.verbs import is_past
from summarizer.text.furniture import bare

_FEWEST_WORDS = 5
_LONGEST = 1000  # characters of a sentence that is read
_BREAK = re.compile(r"\s*[,;:]\s+|\s+[–—-]{1,2}\s+")
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_OPENING = re.compile(r"(?:and|but|so|yet|or|still|however|meanwhile|also|now|then|instead|plus)\b,?\s+", re.IGNORECASE)
# Without it the rest says something else.
_CONDITION = re.compile(r"(?:if|unless|without|until|even|only|not|whether)\b", re.IGNORECASE)
_BEFORE = re.compile(  # a clause or phrase that may stand before the main clause, and be left out
    r"(?:after|although|amid|as|at|because|before|by|despite|during|following|for|from|in|on|once|over|since|though|to|"
    r"under|upon|when|while|with|earlier|last|later|late)\b|\w+ing\b",
    re.IGNORECASE,
)
_AFTER = re.compile(  # what may be left out after it
    r"\s(?=(?:(?:after|before)(?! and\b)|although|amid|as|because|calling|despite|during|following|saying|since|"
    r"though|when|where|which|while|who|whose)\s)",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\s(?:(?:on|late|early|last) )?(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"(?: (?:night|morning|afternoon|evening))?|yesterday|today|"
    r"(?:earlier )?(?:last|this) (?:week|month|year|weekend))$",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|shortly|soon|moments?|long|just|only)$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\s(?:in|at|on|near|outside) (?:(?:the )?[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*)*(?: \w+)?|the (?:\w+ )?(?:centre|"
    r"center|city|coast|country|county|district|middle|north|outskirts|province|region|south|east|state|suburb|town|village|"
    r"west) of\b[^,]*)$"
)
# What names nothing at its head hangs on the sentence before.
LEANS = re.compile(
    r"(?:which|that|this|these|those|it|he|she|they|his|her|its|their|you|your|we|our|i|my|here|there)\b", re.IGNORECASE
)
_NO_END = re.compile(
    r"\b(?:a|after|an|and|as|at|because|before|but|by|for|from|in|is|are|was|were|not|no|never|of|on|only|or|that|the|"
    r"their|to|until|unless|which|who|whose|with|has|had|have|been|be|will|would|could|may|might|can|if|also|all|most|"
    r"more|very)$",
    re.IGNORECASE,
)
# Present forms that are no nouns: others ("plans") cannot be told.
_FINITE = frozenset(
    "is was are were has have had will would can could may might must should does did do says makes gives knows keeps "
    "remains becomes believes thinks wants gets goes comes takes seems appears includes threatens loses brings tells "
    "allows requires continues begins insists".split()
)
_GOES_ON = _FINITE | frozenset("in of to for with from".split())
_APPOSITION = re.compile(r"(?:a|an|the|its|his|her|their|[A-Z][\w.'’-]*)\s")  # a noun or a name, and no clause
QUOTATION_MARKS = ('"', "“”", "«»")
_QUOTES = "\"'“‘`«"
_ARTICLES = frozenset("a an the".split())
_PLURAL = frozenset("are were have".split())
_RELATIVE = frozenset("who which that whose where when while because if".split())
_WORD = re.compile(r"[\w'’$£€%.-]+")
_BUT = re.compile(r"(?:but|yet)\b", re.IGNORECASE)  # what comes before it is not the point
_AND = re.compile(r"(?:^|\s)(?:and|or)\s")
_MOST_ITEM_WORDS = 4


def trimmed(sentence: str, most: int) -> str | None:
    """The main clause of ``sentence`` in at most ``most`` words; ``None`` where it cannot be told."""
    told = " ".join(_ASIDE.sub("", bare(sentence)).split()) if len(sentence) <= _LONGEST else ""
    told = told.rstrip(".;:, ").removesuffix(" pictured")
    told = told[opening.end() :] if (opening := _OPENING.match(told)) else told
    parts = [part for part in _BREAK.split(told) if part]
    if not parts or told[-1] in "?!" or told[0] in _QUOTES or _CONDITION.match(parts[0]):
        return None
    while len(parts) > 1 and _BEFORE.match(parts[0]):
        del parts[0]
    parts = _without_asides(parts)
    concedes = len(parts) > 1 and _BUT.match(parts[1])
    if LEANS.match(parts[0]) or _BEFORE.match(parts[0]) or concedes or _is_amid_list(parts):
        return None
    for shorter in _shorter(parts[0]):
        fits = _FEWEST_WORDS <= len(shorter.split()) <= most and not is_open(shorter, QUOTATION_MARKS)
        if fits and not _NO_END.search(shorter) and is_clause(shorter):
            return shorter[0].upper() + shorter[1:]
    return None


def _without_asides(parts: Sequence[str]) -> list[str]:
    """What stands around an aside, joined: "Brix, | 92, | has said", "held two men, | Ross and Barr, | in contempt".

    A verb goes on after it and, where a clause stands before it, a phrase as well.
    """
    goes_on = _GOES_ON if is_clause(parts[0]) else _FINITE
    names = parts[0].split()[-1][0].isupper()
    for i in range(2, min(len(parts), 4)):
        first = parts[i].split()[0].casefold()
        several = names and first in _PLURAL and any(map(_AND.search, parts[1:i]))
        is_aside = goes_on is _FINITE or _APPOSITION.match(parts[1])
        if is_aside and (first in goes_on or is_past(first)) and not several:
            return [f"{parts[0]} {parts[i]}", *parts[i + 1 :]]
    return list(parts)


def is_open(text: str, marks: Iterable[str]) -> bool:
    """Whether what one of these marks, or pairs of marks, opens has no end."""
    return any(text.count(m) % 2 if len(m) == 1 else text.count(m[0]) != text.count(m[1]) for m in marks)


def _is_amid_list(parts: Sequence[str]) -> bool:
    """Whether the first part ends amid a list ("features Ada Lind, | Bo Kern and Cy Dahl") or a score."""
    following = parts[1:3]
    return bool(following) and (
        following[0][0].isdigit()
        or (len(following[0].split()) <= _MOST_ITEM_WORDS and any(map(_AND.search, following)))
    )


def _shorter(clause: str) -> list[str]:
    """The clause, and what is left of it without what may stand at its end, the longest first."""
    ends = [match.start() for match in _AFTER.finditer(clause) if _may_end(clause, match)]
    found = [clause, *(clause[:end] for end in reversed(ends))]
    found = [each for whole in found for each in (whole, _WHEN.sub("", whole))]
    return [*found, *(_PLACE.sub("", each) for each in found)]


def _may_end(clause: str, after: re.Match[str]) -> bool:
    """Whether what comes after is of its own: not the end of "two days after the storm" or of "sees it as a toy"."""
    is_role = clause[after.end() :].startswith("as ") and not is_clause(clause[after.end() :])
    return not is_role and _SPAN.search(clause[: after.start()]) is None


def is_clause(text: str) -> bool:
    """Whether it has a finite verb besides those of its relative clauses, as far as forms tell."""
    words = [word.casefold() for word in _WORD.findall(text)]
    verbs = [False, *(w in _FINITE or (is_past(w) and before not in _ARTICLES) for before, w in pairwise(words))]
    groups = sum(verb and not before for before, verb in pairwise(verbs))
    return groups > sum(word in _RELATIVE for word in words[1:])
