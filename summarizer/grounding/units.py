"""The unit of a number in the forms that news writes it in: ``km`` of "148 kilometres" and of "a 148-km road"."""

from __future__ import annotations

import re

from summarizer.grounding.words import Word

MONEY = {"$": "$", "£": "£", "€": "€", "¥": "¥", "dollar": "$", "pound": "£", "euro": "€", "yen": "¥"}
CURRENCIES = frozenset(MONEY.values())
# Units that news writes in capitals and in words.
_UNIT_FORMS = """
    w watt|kw kilowatt|mw megawatt|gw gigawatt|tw terawatt|wh watthour|kwh kilowatthour|mwh megawatthour
    gwh gigawatthour|twh terawatthour|kb kilobyte|mb megabyte|gb gigabyte|tb terabyte|pb petabyte
    hz hertz|khz kilohertz|mhz megahertz|ghz gigahertz
    """
# The others in all their forms, without a last "s". What is short for two things (m, in, lb) is none of them, nor are
# hours, which are times of day too ("21:00 hours").
_MEASURE_FORMS = """
    km kilometre kilometer|metre meter|cm centimetre centimeter|mm millimetre millimeter
    mile|yard|foot feet ft|inch inche|hectare|acre
    tonne ton|kg kilo kilogram kilogramme|gram gramme|ounce oz|litre liter|gallon|barrel
    minute min|day|week|month|year yr|decade
    """
_YEAR = re.compile(r"(?:19|20)\d\d")  # "In 2020 months before the vote"


def _by_form(table: str) -> dict[str, str]:
    return {form: forms.split()[0] for forms in table.replace("\n", "|").split("|") for form in forms.split()}


UNITS = _by_form(_UNIT_FORMS)
_MEASURES = _by_form(_MEASURE_FORMS)


def unit_at(tokens: list[Word], first: int, last: int) -> str:
    """The unit of the number from token ``first`` to ``last``, which stands before it or after it, or nothing."""
    if first and tokens[first - 1].text in MONEY:
        return MONEY[tokens[first - 1].text]
    end = last + 1 if _is_hyphen(tokens, last + 1) else last
    following = low_at(tokens, end + 1)
    if following in ("%", "percent", "pct", "percentage") or (
        following == "per" and low_at(tokens, end + 2) in ("cent", "cents")
    ):
        return "%"
    if half := half_of_day(tokens, last):
        return half
    singular = following.rstrip("s")
    hours = [token.low for token in tokens[end + 2 : end + 4] if token.low != "-"][:1] in (["hour"], ["hours"])
    unit = MONEY.get(singular) or UNITS.get(f"{singular}hour" if hours else singular, "")
    return unit or ("" if _YEAR.fullmatch(tokens[last].text) else _MEASURES.get(singular, ""))


def _is_hyphen(tokens: list[Word], i: int) -> bool:
    """Whether token ``i`` joins its neighbors, as in "an 18-month ban", where "12 - days later" has a dash."""
    touching = i + 1 < len(tokens) and tokens[i - 1].end == tokens[i].start and tokens[i].end == tokens[i + 1].start
    return touching and tokens[i].low == "-"


def half_of_day(tokens: list[Word], last: int) -> str:
    """``am`` or ``pm`` where that follows the token ``last`` in any spelling, else nothing."""
    following = [token.low for token in tokens[last + 1 : last + 4] if token.low != "."]
    if following[:1] in (["am"], ["pm"]):
        return following[0]
    return f"{following[0]}m" if following[:2] in (["a", "m"], ["p", "m"]) else ""


def low_at(tokens: list[Word], i: int) -> str:
    """The folded form of token ``i``, nothing where there is none."""
    return tokens[i].low if i < len(tokens) else ""
