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

_FEWEST_WORDS, _FEWEST_AROUND = 5, 4  # the latter around an aside: "Ada Lind, who wrote two books, has died"
_MOST_WHOLE = 22  # a longer clause may go without what else somebody did
_LONGEST = 1000  # characters of a sentence that is read
_BREAK = re.compile(r"\s*[,;:]\s+|\s+[–—-]{1,2}\s+")
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]|(?<=[a-z]), \d{1,3},(?= (?:has|had|is|was|\w+ed)\b)")
_OPENING = re.compile(r"(?:and|but|so|yet|or|still|however|meanwhile|also|now|then|instead|plus)\b,?\s+", re.IGNORECASE)
# Without it the rest says something else.
_CONDITION = re.compile(r"(?:if|unless|without|until|even|only|not|whether)\b", re.IGNORECASE)
_BEFORE = re.compile(  # a clause or phrase that may stand before the main clause, and be left out
    r"(?:very )?"
    r"(?:after|although|amid|as|at|because|before|by|despite|during|following|for|from|in|of|on|once|over|since|though|to|"
    r"under|upon|when|while|with|being|having|earlier|early|last|later|late|every time|just (?:as|so)|"
    r"the (?:first|last|next) time)\b|(?:today|tonight|yesterday)(?: \w+)?$",
    re.IGNORECASE,
)
_DOING = re.compile(r"\w+ing\b(?!['’])(?: (\w+))?", re.IGNORECASE)
_AGE = re.compile(r"\d{1,3}")
_AFTER = re.compile(  # what may be left out after it
    r"\s(?=(?:(?:after|before)(?! and\b)|according to|ahead of|although|amid|as|because|by \w+ing|calling|citing|"
    r"claiming|despite|during|finding that|following|in (?:a bid|an attempt|an effort|order|response) to|saying|"
    r"since|so (?:he|it|she|that|they)|that (?:could|had|has|have|is|was|were|will|would)|though|to \w+ what|when|"
    r"where|which|while|who|whose)\s)",
    re.IGNORECASE,
)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:night|morning|afternoon|evening))?"
_WHEN = re.compile(
    rf"\s(?:(?:(?:on|late|early|last) )?{_DAY}|yesterday|today|tonight|"
    r"(?:earlier )?(?:last|this) (?:night|week|month|year|weekend))$",
    re.IGNORECASE,
)
_WHEN_AMID = re.compile(
    rf"\s(?:late |early )?on {_DAY}(?=\s(?:about|after|against|for|from|in|killed|over|that|to|with)\s)"
)
_SPAN = re.compile(
    r"(?<!\bthis )(?<!\blast )\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|shortly|soon|moments?|"
    r"long|just|only)$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\s(?:in|at|on|near|outside) (?:(?:the )?[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*)*(?: \w+(?: of [A-Z][\w'’-]*)?)?|"
    r"the (?:\w+ )?(?:centre|center|city|coast|country|county|district|middle|north|outskirts|province|region|south|"
    r"east|state|suburb|town|village|west) of\b[^,]*)$"
)
_PLACE_NAME = re.compile(r"(?:[A-Z][\w.]*)(?: [A-Z][\w.]*){0,2}")
# What names nothing at its head hangs on the sentence before.
LEANS = re.compile(
    r"(?!(?-i:WHO)\b)(?:which|that|this|these|those|it|he|she|they|his|her|its|their|you|your|we|our|i|my|here|there|"
    r"how|what|where|who|whom|whose|why)\b",
    re.IGNORECASE,
)
_NO_END = re.compile(
    r"\b(?:a|after|an|and|as|at|because|before|but|by|for|from|in|is|are|was|were|not|no|never|of|on|only|or|that|the|"
    r"their|to|until|unless|which|who|whose|with|has|had|have|been|be|will|would|could|may|might|can|if|also|all|most|"
    r"more|very|he|she|they|we|i|than|into|between|among|its|his|our|your|my|both|such)$",
    re.IGNORECASE,
)
# Present forms that are no nouns: others ("plans") cannot be told.
_FINITE = frozenset(
    "is was are were has have had will would can could may might must should does did do says makes gives knows keeps "
    "remains becomes believes thinks wants gets goes comes takes seems appears includes threatens loses brings tells "
    "allows requires continues begins insists say believe think want seem appear include remain become know".split()
)
_GOES_ON = _FINITE | frozenset("in of to for with from".split())
# A noun or a name, and no clause.
_APPOSITION = re.compile(r"(?:including|a|an|the|its|his|her|their|[A-Z][\w.'’-]*)\s")
QUOTATION_MARKS = ('"', "“”", "«»")
_QUOTES = "\"'“‘`«"
_ARTICLES = frozenset("a an the".split())
_PLURAL = frozenset("are were have".split())
_ADVERBS = frozenset("already also always just never not now once still".split())
_SUBORDINATE, _NEAR = frozenset("after although before since though until".split()), 5
_OWNERS = frozenset("her his its our their my".split())
_BE = frozenset("is was are were be been being has have had got".split())
_JOINED = frozenset("aged based dubbed entitled".split())
_OF = frozenset("accused composed convicted made suspected".split())
_WHO = frozenset("who which whose".split())
_RELATIVE = frozenset("that where when while because if".split())
_OPENS_NOUN = frozenset(
    "a an the this these those his her its their our my he she it they we i you there some many all no in on at for by "
    "with to of from".split()
)
_WORD = re.compile(r"[\w'’$£€%.-]+")
# Who says so, before what is said or behind it.
_SAYS = re.compile(
    r"\b(?:added|adds|announced|claimed|confirmed|reported|revealed|said|says|suggested|told|tweeted|warned|wrote)\b"
)
_BUT, _MAY = re.compile(r"(?:but|yet)\b\s*", re.IGNORECASE), re.compile(r"\b(?:may|might)\b")
_STOP = re.compile(r"(?:(?<!\.[A-Za-z])\.|[;:, ])+$")
_AND = re.compile(r"(?:^|\s)(?:and|or)\s")
_AS_LARGE = re.compile(r"\bas \w+$")
_AND_DOES = re.compile(r"\sand (\w+)\b")
_MOST_ITEM_WORDS, _SHORT = 4, 8
_MOST_PARTS = 5  # of an aside, and what stands before and behind it


def trimmed(sentence: str, most: int) -> str | None:
    """The main clause of ``sentence`` in at most ``most`` words; ``None`` where it cannot be told."""
    parts = _main_parts(sentence)
    if not parts:
        return None
    first, parts = parts[0], _without_asides(parts)
    fewest = _FEWEST_WORDS if parts[0] == first or _SAYS.search(parts[0]) else _FEWEST_AROUND
    if len(parts) > 1 and _MAY.search(first) and (but := _BUT.match(parts[1])):  # "It may rain, but the ferry sails"
        parts = _without_asides([parts[1][but.end() :] or parts[1], *parts[2:]])
        if _is_finite(parts[0].split()[0]) or _CONDITION.match(parts[0]):
            return None
    announces = len(parts) > 1 and _SAYS.search(parts[0].split()[-1])
    if announces or LEANS.match(parts[0]) or _is_before(parts[0]) or _OPENING.match(parts[0]):
        return None
    for shorter in _shorter(parts[0], whole=not _is_amid_list(parts)):
        fits = fewest <= len(shorter.split()) <= most and not is_open(shorter, QUOTATION_MARKS)
        if fits and not _NO_END.search(shorter) and is_clause(shorter):
            return shorter[0].upper() + shorter[1:]
    return None


def without_stop(sentence: str) -> str:
    """A sentence without the mark at its end; the stop of "10 a.m." stays."""
    return _STOP.sub("", sentence)


def _main_parts(sentence: str) -> list[str]:
    """The parts of a sentence from its main clause on; none where it asks, is a quotation or holds on a condition."""
    told = " ".join(_ASIDE.sub("", bare(sentence)).split()) if len(sentence) <= _LONGEST else ""
    told = without_stop(told).removesuffix(" pictured")
    told = told[opening.end() :] if (opening := _OPENING.match(told)) else told
    parts = [part for part in _BREAK.split(told) if part]
    if not parts or told[-1] in "?!" or told[0] in _QUOTES or _CONDITION.match(parts[0]):
        return []
    count = len(parts)
    while len(parts) > 1 and (_is_before(parts[0]) or (len(parts) < count and _is_place(parts))):
        del parts[0]
    return parts


def _is_before(part: str) -> bool:
    """Whether a part may stand before the main clause: "Speaking in Leeds", and not "Boeing has sold it"."""
    doing = _DOING.match(part)
    return bool(_BEFORE.match(part)) or (doing is not None and not _is_finite(doing[1] or ""))


def _is_place(parts: Sequence[str]) -> bool:
    """Whether the first of what stood behind "In Leeds, " is "England", and not who did something."""
    is_list = parts[1][0].isupper() and _AND.search(parts[1])
    is_name = _PLACE_NAME.fullmatch(parts[0]) and not is_list
    return bool(is_name) and not is_clause(_without_asides(parts)[0])


def _is_finite(word: str) -> bool:
    low = word.casefold()
    return low in _FINITE or is_past(low)


def _without_asides(parts: Sequence[str]) -> list[str]:
    """What stands around an aside, joined: "Brix, | 92, | has said", "held two men, | Ross and Barr, | in contempt".

    A verb goes on after it. Where a clause stands before it, a phrase does, or the verb of what somebody said
    ("said the ferry, which was old, has sunk").
    """
    has_verb, names = is_clause(parts[0]), parts[0].split()[-1][0].isupper()
    for i in range(2, min(len(parts), _MOST_PARTS)):
        first = parts[i].split()[0].casefold()
        if has_verb:
            says = first in _FINITE and _SAYS.search(parts[0])
            is_aside = (says or _APPOSITION.match(parts[1])) and not _SAYS.match(parts[i])
            goes_on = is_aside and first in _GOES_ON
        else:
            goes_on = _is_finite(first)
        several = names and first in _PLURAL and any(map(_AND.search, parts[1:i]))
        if goes_on and not several:
            return [f"{parts[0]} {parts[i]}", *parts[i + 1 :]]
    return list(parts)


def is_open(text: str, marks: Iterable[str]) -> bool:
    """Whether what one of these marks, or pairs of marks, opens has no end."""
    return any(text.count(m) % 2 if len(m) == 1 else text.count(m[0]) != text.count(m[1]) for m in marks)


def _is_amid_list(parts: Sequence[str]) -> bool:
    """Whether the first part ends amid a list ("features Ada Lind, | Bo Kern and Cy Dahl") or a score."""
    following = parts[1:3]
    if len(following) > 1 and _AGE.fullmatch(following[0]) and _is_before(following[1]):
        return False
    items = [part for part in following if not _DOING.match(part)]
    return bool(following) and (
        following[0][0].isdigit() or (len(following[0].split()) <= _MOST_ITEM_WORDS and any(map(_AND.search, items)))
    )


def _shorter(clause: str, *, whole: bool) -> list[str]:
    """The clause, if it is ``whole``, and what is left of it without what may stand at its end, the longest first."""
    ends = [match.start() for match in _AFTER.finditer(clause) if _may_end(clause, match)]
    if len(clause.split()) > _MOST_WHOLE:
        ends += [match.start() for match in _AND_DOES.finditer(clause) if _does_another(clause, match)]
    found = {clause[:end] for end in ends} | ({clause} if whole else set())
    found |= {_WHEN_AMID.sub("", each) for each in found}
    found |= {_WHEN.sub("", each) for each in found}
    found |= {_PLACE.sub("", each) for each in found}
    return sorted(found, key=len, reverse=True)


def _may_end(clause: str, after: re.Match[str]) -> bool:
    """Whether what comes after is of its own: not the end of "two days after the storm" or of "sees it as a toy"."""
    rest = clause[after.end() :]
    before = clause[: after.start()]
    is_role = rest.startswith("as ") and (_AS_LARGE.search(before) or not is_clause(_AFTER.split(rest)[0]))
    return not is_role and _SPAN.search(before) is None


def _does_another(clause: str, also: re.Match[str]) -> bool:
    """Whether who did what is told before "and" is told to have done what comes after it: "has left and rejected"."""
    before = clause[: also.start()]
    last = _WORD.findall(before.casefold())[-1:]
    return _is_finite(also[1]) and is_clause(before) and not any(map(is_past, last))


def is_clause(text: str) -> bool:
    """Whether it has a finite verb besides those of its relative and other clauses, as far as forms tell."""
    found = [word for word in _WORD.findall(text) if word.casefold() not in _ADVERBS and not word.endswith("ly")]
    words = [word.casefold() for word in found]
    is_title = 2 * sum(word[0].isupper() for word in found) > max(len(found), _SHORT)
    # In other texts what is capitalized is a name: "Qaboos bin Said".
    verbs = [_is_verb(words, i) and (is_title or not found[i][0].isupper()) for i in range(len(words))]
    groups = sum(verb and not before for before, verb in pairwise(verbs))
    return groups > sum(_is_of_another(words, verbs, i) for i in range(1, len(words)))


def _is_of_another(words: Sequence[str], verbs: Sequence[bool], i: int) -> bool:
    """Whether word ``i`` opens a clause with a verb of its own; one whose form tells nothing is not among ``verbs``."""
    if words[i] in _WHO:
        return any(verbs[i : i + _NEAR + 2])
    if words[i] == "that" and i + 1 < len(words):  # not "statues that dot the island"
        after = words[i + 1]
        return any(verbs[i : i + 2]) or after in _OPENS_NOUN or after.endswith("ing") or not after.isalpha()
    if words[i : i + 2] == ["because", "of"]:
        return False
    if words[i] == "as":  # "as far as the eye can see"
        return words[i + 1 : i + 2] in (["far"], ["long"], ["soon"]) and any(verbs[i : i + _NEAR + 2])
    return words[i] in _RELATIVE or (words[i] in _SUBORDINATE and any(verbs[i : i + _NEAR]))


def _is_verb(words: Sequence[str], i: int) -> bool:
    """Whether word ``i`` is one, by its form and the words beside it, and no participle.

    These are: "the accused man", "her four-year-old adopted son", "a man accused of murder", "a car driven by Kern".
    """
    if i == 0 or words[i] in _FINITE:
        return i > 0
    before, after = words[i - 1], words[i + 1] if i + 1 < len(words) else ""
    qualifies = before in _ARTICLES or ("-" in before and words[max(0, i - 2)] in _OWNERS)
    joins = before not in _BE and (words[i] in _JOINED or after == "by" or (after == "of" and words[i] in _OF))
    return is_past(words[i]) and not qualifies and not joins
