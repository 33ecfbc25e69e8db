"""When the event of an article took place, as far as its lead says so: what tells look-alike events apart.

The same place shakes again, the same company reports the next quarter, and most words stay the same. Two leads that
name a common day are nearly always about one event; days more than two weeks apart, or other quarters, nearly never
(measured on ECB+ and the Wikinews events, docs/adr/0002-stories.md). English dates only; without any, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

_MONTHS = tuple("january february march april may june july august september october november december".split())
_WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_MONTH = (
    "(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?)"
)
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b\.?(?:,?\s+((?:19|20)\d\d)\b)?"
    rf"|\b{_MONTH}\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?\b(?:\s*,?\s*((?:19|20)\d\d)\b)?"
    r"|\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b",
    re.IGNORECASE,
)
_QUARTER = re.compile(
    r"\b(?:(first|second|third|fourth|1st|2nd|3rd|4th)[\s-](?:fiscal[\s-])?quarter|Q([1-4]))\b", re.IGNORECASE
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_YEARS = frozenset(str(year) for year in range(1900, 2100))
_DAYS = frozenset(str(day) for day in range(1, 32))
_QUARTERS = frozenset({"q1", "q2", "q3", "q4"})
_LEAD = 700  # characters
_SAME_DAYS, _OTHER_DAYS = 2.5, 15.0
_NEAR, _FAR, _OTHER_QUARTER = 1.2, 0.4, 0.15


@dataclass(frozen=True, slots=True)
class Occasion:
    """The days (year, or 0 where none is given; day of the year) and the first quarter that a lead names, or 0."""

    days: tuple[tuple[int, float], ...] = ()
    quarter: int = 0


def occasion(text: str) -> Occasion:
    """What the lead of ``text`` says about the time."""
    lead = text[:_LEAD]
    quarter = _QUARTER.search(lead)
    number = 0
    if quarter:
        number = int(quarter[2]) if quarter[2] else _ORDINALS[quarter[1].lower()]
    return Occasion(tuple(sorted({day for match in _DATE.finditer(lead) for day in _day(match)})), number)


def agreement(a: Occasion, b: Occasion) -> float:
    """The factor by which the similarity of two articles changes: above 1 for a common day, below for a conflict."""
    factor = 1.0
    if a.quarter and b.quarter and a.quarter != b.quarter:
        factor = _OTHER_QUARTER
    if a.days and b.days:
        gap = min(_gap(first, second) for first, second in product(a.days, b.days))
        factor *= _NEAR if gap <= _SAME_DAYS else _FAR if gap > _OTHER_DAYS else 1.0
    return factor


def other_time(a: Iterable[str], b: Iterable[str], around: Iterable[str]) -> bool:
    """Whether two wordings of one place in a text name other times: weekday, month, year, day or quarter.

    Args:
        a: The words of one text that stand where those of ``b`` stand in the other one, lower case.
        b: Likewise.
        around: The words before and after, which both have.
    """
    first, second = set(a), set(b)
    context = set(around) | (first & second)
    dated = not context.isdisjoint(_MONTHS)
    kinds = [_WEEKDAYS, frozenset(_MONTHS), _YEARS]
    kinds += [_DAYS] if dated else []
    kinds += [frozenset(_ORDINALS)] if "quarter" in context else []
    for kind in (*kinds, _QUARTERS):
        one, two = first & kind, second & kind
        if one and two and one.isdisjoint(two):
            return True
    return False


def _day(match: re.Match[str]) -> list[tuple[int, float]]:
    if match[7]:
        year, month, day = int(match[7]), int(match[8]) - 1, int(match[9])
    else:
        name = (match[2] or match[4])[:3].lower()
        month = next(number for number, full in enumerate(_MONTHS) if full.startswith(name))
        year, day = int(match[3] or match[6] or 0), int(match[1] or match[5])
    return [(year, round(month * 30.4 + day, 1))] if 1 <= day <= 31 and 0 <= month <= 11 else []


def _gap(a: tuple[int, float], b: tuple[int, float]) -> float:
    """Days between, at most half a year where a year is not given."""
    if a[0] and b[0]:
        return abs((a[0] - b[0]) * 365 + a[1] - b[1])
    apart = abs(a[1] - b[1])
    return min(apart, 365 - apart)
