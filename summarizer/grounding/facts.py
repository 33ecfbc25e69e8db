"""Numbers of a text in all the ways that news writes them, as values that can be compared.

``1.5 million``, ``1,500,000`` and ``1.5m`` are one value; so are ``fifth`` and ``5th``, ``two`` and ``2``,
``10.30pm``, ``10:30 p.m.`` and ``22:30``. A mention can have several readings (``5m`` is metres or millions):
two mentions agree where any reading of one equals any reading of the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from summarizer.grounding.units import CURRENCIES, MONEY, SHARE, half_of_day, low_at, same_unit, unit_at
from summarizer.grounding.words import Word

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
CARDINALS = {w: float(i) for i, w in enumerate([*_SMALL.split(), "seventeen", "eighteen", "nineteen"])}
CARDINALS |= {w: float(i * 10) for i, w in enumerate(_TENS.split(), 2)} | {"dozen": 12.0}
ORDINALS = {w: float(i) for i, w in enumerate(_ORDINALS.split())}
ORDINALS |= {f"{w}th": CARDINALS[w] for w in "fourteen fifteen sixteen seventeen eighteen nineteen".split()}
ORDINALS |= {f"{w[:-1]}ieth": v for w, v in CARDINALS.items() if w.endswith("ty")}
ORDINALS |= {"twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0, "hundredth": 100.0, "thousandth": 1000.0}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_GROUPS = {**SCALES, "dozen": 12.0}
_PARTS = {"half": 2.0, "quarter": 4.0}
# What these are in percent, and the words that they stand behind as parts; a half stands behind most words.
_A, _OPEN = frozenset({"a", "one"}), frozenset[str]()
_SHARES = {
    "half": (frozenset({50.0}), _OPEN),
    "quarter": (frozenset({25.0}), _A),
    "quarters": (frozenset({75.0}), frozenset({"three"})),
    "third": (frozenset({33.0, 33.3}), _A),
    "thirds": (frozenset({66.0, 66.7, 67.0}), frozenset({"two"})),
}
_NO_SHARE = frozenset("a first second third other the this last next final".split())  # "the second half of the match"
_ALL = frozenset("the all its their his her our these those".split())  # "half the members"
_SCALED = re.compile(r"million|billion|trillion|thousand")
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, "trn": 1e12}
_OLDEST = 115  # years
_MOST_GROUPS = 4  # of digits: "12 400 000"
_BETWEEN = frozenset({"-", "to"})  # numbers of one range
_ALSO_BETWEEN = frozenset({"and", "or", ","})  # amounts of one list
# Said of things that an article counts only by naming them; as pronoun and by-word these carry no number.
UNCOUNTED = frozenset({"one", "two", "first", "second", "twice", "double", "zero"})
MONTHS = {
    form: month
    for month in "january february march april may june july august september october november december".split()
    for form in (month, month[:3], "sept" if month == "september" else month)
}
WEEKDAYS = {day: day for day in "monday tuesday wednesday thursday friday saturday sunday".split()}
WEEKDAYS |= {"mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday"}
WEEKDAYS |= {"thur": "thursday", "thurs": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: its possible ``values``, ``unit``, tokens and place.

    ``unit``: ``%``, a currency, am, pm, a unit such as mw or km, or empty. ``parts``: what "12 400" is where its space
    stands between two numbers.
    """

    values: frozenset[float]
    unit: str
    first: int
    last: int
    start: int
    end: int
    spelled: bool
    parts: frozenset[float] = frozenset()

    def agrees(self, other: Number) -> bool:
        """Whether the ``other`` can be or have this number: a value, and no unit against another (7 pm is not 7 am)."""
        return same_unit(self.unit, other.unit) and not self.values.isdisjoint(other.values | other.parts)


def is_age(number: Number, tokens: Sequence[Word]) -> bool:
    """Whether a number stands behind a name as its age: "Lind, 43,"."""
    before, after = tokens[max(0, number.first - 2) : number.first], tokens[number.last + 1 : number.last + 2]
    ends = [token.low for token in (*before[1:], *after)] == [",", ","]
    return ends and before[0].is_capital and not number.unit and max(number.values) <= _OLDEST


def may_be_age(number: Number, tokens: Sequence[Word]) -> bool:
    """Whether a number of the article may be somebody's age: it counts nothing, unless it is years of life."""
    after = [token.low for token in tokens[number.last + 1 : number.last + 5] if token.is_word]
    if after[:1] and after[0] in ("year", "years", "yr", "yrs"):
        return not {"old", "age"}.isdisjoint(after)
    following = tokens[number.last + 1 : number.last + 2]
    return not (following and following[0].is_content and not following[0].is_capital)


def numbers(tokens: list[Word]) -> list[Number]:
    """The numbers among ``tokens``, in order."""
    found: list[Number] = []
    i = 0
    while i < len(tokens):
        spelled = not tokens[i].text[0].isdecimal()
        taken = _spelled(tokens, i) if spelled else _digits(tokens, i)
        if taken is None:
            i += 1
            continue
        values, last = taken
        unit = unit_at(tokens, i, last)
        groups = _groups(tokens, i)
        parts = frozenset(float(token.text) for token in groups[1:] and groups)
        found.append(Number(frozenset(values), unit, i, last, tokens[i].start, tokens[last].end, spelled, parts))
        i = last + 1
    return _with_shared_scales(tokens, found)


def shares(tokens: list[Word]) -> list[Number]:
    """What ``tokens`` of an article tell as a half, a quarter or a third of something, in percent."""
    found: list[Number] = []
    for i, token in enumerate(tokens):
        values, behind = _SHARES.get(token.low, (frozenset(), frozenset()))
        following = low_at(tokens, i + 1)
        is_part = following == "of" or (token.low == "half" and following in _ALL)
        if not values or not is_part or (token.low in _PARTS and _spelled(tokens, i)):  # "a quarter of a million"
            continue
        before = next((other.low for other in reversed(tokens[max(0, i - 2) : i]) if other.low != "-"), "")
        if before in behind if behind else before not in _NO_SHARE:
            found.append(Number(values, SHARE, i, i, token.start, token.end, spelled=True))
    return found


def _with_shared_scales(tokens: list[Word], found: list[Number]) -> list[Number]:
    """The first of "£5-10m" or "$40 to $50 million" may be in millions as the last is."""
    scale = 0.0
    for i in range(len(found) - 1, -1, -1):
        number = found[i]
        own = next(filter(None, (_scale(token.low) for token in tokens[number.first : number.last + 1])), 0.0)
        following = tokens[number.last + 1 : found[i + 1].first] if i + 1 < len(found) else []
        between = _BETWEEN | _ALSO_BETWEEN if number.unit in CURRENCIES else _BETWEEN
        if own or not all(t.low in between or t.text in MONEY for t in following):
            scale = own
        elif scale and number.first == number.last:
            found[i] = replace(number, values=number.values | {round(value * scale, 6) for value in number.values})
    return found


def _scale(low: str) -> float:
    return SCALES.get(low) or _SHORT_SCALES.get(low, 0.0)


def _digits(tokens: list[Word], i: int) -> tuple[set[float], int]:
    raw = tokens[i].text
    values = _readings(raw)
    last = i
    if _is_spaced(tokens, i):  # "40, 000", "122. 5": spaced by a bad tokenizer, or two numbers of a list
        last = i + 2
        values |= _readings(f"{raw}{tokens[i + 1].text}{tokens[last].text}") | _readings(tokens[last].text)
    elif groups := _groups(tokens, i)[1:]:
        last = i + len(groups)
        values = {float("".join(token.text for token in tokens[i : last + 1]))}
    i = last
    following = low_at(tokens, i + 1)
    touching = i + 1 < len(tokens) and tokens[i + 1].start == tokens[i].end
    if following in SCALES or (following == "-" and low_at(tokens, i + 2) in SCALES):
        last = i + 1 if following in SCALES else i + 2
        values = {round(v * SCALES[tokens[last].low], 6) for v in values}
        if low_at(tokens, last + 1) in SCALES:  # "two hundred million" in digits
            last += 1
            values = {round(v * SCALES[tokens[last].low], 6) for v in values}
    elif following in _SHORT_SCALES and (touching or following in ("m", "bn", "mn")):
        last = i + 1
        scaled = {round(v * _SHORT_SCALES[following], 6) for v in values}
        doubtful = following in ("m", "b", "k") and unit_at(tokens, i, last) not in CURRENCIES  # "5m": metres?
        values = scaled | values if doubtful else scaled
    elif touching and (scaled_by := _SCALED.match(following)):  # £35million
        last = i + 1
        values = {round(v * SCALES[scaled_by.group()], 6) for v in values}
    elif half := half_of_day(tokens, i):
        values |= {v + 1200.0 for v in values if half == "pm" and v < 1200}
        values |= {v * 100 for v in values if v < 24} | {(v + 12) * 100 for v in values if half == "pm" and v < 12}
    elif touching and following in ("st", "nd", "rd", "th", "s"):
        last = i + 1
    return values, last


def _is_spaced(tokens: list[Word], i: int) -> bool:
    texts = [token.text for token in tokens[i : i + 3]]
    if len(texts) < 3 or not (texts[0].isdecimal() and texts[2].isdecimal()) or len(texts[0]) > 3:
        return False
    return (texts[1] == "," and len(texts[2]) == 3) or (texts[1] == "." and len(texts[2]) <= 2)


def _groups(tokens: list[Word], i: int) -> list[Word]:
    """Token ``i`` and, after one to three digits, the groups of three that stand one space apart: "12 400"."""
    found = tokens[i : i + 1]
    if not found[0].text.isdecimal() or len(found[0].text) > 3:
        return found
    for token in tokens[i + 1 : i + 1 + _MOST_GROUPS]:
        if not token.text.isdecimal() or len(token.text) != 3 or token.start != found[-1].end + 1:
            break
        found.append(token)
    return found


def _readings(raw: str) -> set[float]:
    """What digits can mean: 1,500 with separators, 10.30 also as a time of day, which counts as 1030."""
    parts = re.split(r"[.,:]", raw)
    if len(parts) == 1:
        return {float(raw)}
    values: set[float] = set()
    grouped = all(len(part) == 3 for part in parts[1:]) and len(parts[0]) <= 3
    if grouped and "." not in raw and ":" not in raw:
        values.add(float("".join(parts)))
    elif re.fullmatch(r"[\d,]+\.\d+", raw):
        values.add(float(raw.replace(",", "")))
        if len(parts) == 2 and len(parts[1]) == 3:
            values.add(float("".join(parts)))
    elif re.fullmatch(r"\d+,\d+", raw):
        values.add(float(raw.replace(",", ".")))
    if len(parts) == 2 and len(parts[0]) <= 2 and len(parts[1]) == 2 and "," not in raw:
        values.add(float(parts[0]) * 100 + float(parts[1]))
    return values or {float("".join(parts))}


def _spelled(tokens: list[Word], i: int) -> tuple[set[float], int] | None:
    """A number in words: units, tens and scales, with hyphens and "and" between them."""
    low = tokens[i].low
    if low == "a" and low_at(tokens, i + 1) in _GROUPS:
        return {_GROUPS[tokens[i + 1].low]}, i + 1
    if low in _PARTS:  # half a million, a quarter of a million
        j = i + 1
        while low_at(tokens, j) in ("of", "a", "-"):
            j += 1
        return ({_GROUPS[tokens[j].low] / _PARTS[low]}, j) if low_at(tokens, j) in _GROUPS else None
    if low not in CARDINALS and low not in ORDINALS:
        return None
    total, current, last, j = 0.0, 0.0, i, i
    while j < len(tokens):
        word = tokens[j].low
        value = ORDINALS.get(word, CARDINALS.get(word))
        if value is not None and (j == i or _joins(current, value)):  # not "ten-second", "one-third"
            current += value
            last = j
            if word in ORDINALS:
                break
        elif word == "hundred" and current:
            current, last = current * 100, j
        elif word in SCALES and current:
            total, current, last = total + current * SCALES[word], 0.0, j
        elif word not in ("-", "and") or (word == "and" and not (total or current >= 100)):
            break
        j += 1
    return {total + current}, last


def _joins(current: float, value: float) -> bool:
    """Whether a word adds to the number so far ("twenty" + "five") rather than beginning another ("three", "two")."""
    return (current % 100 == 0 and value < 100) or (current % 100 >= 20 and current % 10 == 0 and 0 < value < 10)
