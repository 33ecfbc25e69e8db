"""The unit of a number in the forms that news writes it in: ``km`` of "148 kilometres" and of "a 148-km road"."""

from __future__ import annotations

import re

from summarizer.grounding.words import Word

MONEY = {"$": "$", "£": "£", "€": "€", "¥": "¥", "dollar": "$", "pound": "pound", "euro": "€", "yen": "¥"}
CURRENCIES = frozenset(MONEY.values())
SHARE = "part of all"  # of what is told as "a quarter of", which can be nothing but a percentage
# "Pounds" are money or a weight, the sign and "lb" are one of them.
_ONE = ({"pound", "£"}, {"pound", "lb"}, {SHARE, "%"})
# Units that news writes in capitals and in words.
_UNIT_FORMS = """
    w watt|kw kilowatt|mw megawatt|gw gigawatt|tw terawatt|wh watthour|kwh kilowatthour|mwh megawatthour
    gwh gigawatthour|twh terawatthour|kb kilobyte|mb megabyte|gb gigabyte|tb terabyte|pb petabyte
    hz hertz|khz kilohertz|mhz megahertz|ghz gigahertz
    """
# The others in all their forms, without a last "s". What is short for two things (m, in) is none of them. A speed is
# told by its length alone, as in "gusts of 60 miles".
_MEASURE_FORMS = """
    km kilometre kilometer kph kmh kmph|metre meter|cm centimetre centimeter|mm millimetre millimeter
    mile mph|yard|foot feet ft|inch inche|hectare|acre
    tonne ton|kg kilo kilogram kilogramme|g gram gramme|mg milligram milligramme|lb|ounce oz|litre liter|gallon|barrel
    second sec|minute min|hour hr|day|week|month|year yr|decade
    """
# Behind the number; a letter alone touches it or its sign: "vitamin 5 C" is none.
_DEGREES = re.compile(
    r"(?: ?[°º˚] ?| degrees? | (?=celsius|centigrade|fahrenheit|[℃℉])|)(celsius|centigrade|fahrenheit|[cf℃℉])(?!\w)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"0\d|\d{4}|\d+:\d+|\d\d?\.\d\d")  # "21:00 hours", "0600 hours"
_YEAR = re.compile(r"(?:19|20)\d\d")  # "In 2020 months before the vote"


def _by_form(table: str) -> dict[str, str]:
    return {form: forms.split()[0] for forms in table.replace("\n", "|").split("|") for form in forms.split()}


UNITS = _by_form(_UNIT_FORMS)
_MEASURES = _by_form(_MEASURE_FORMS)


def same_unit(one: str, other: str) -> bool:
    """Whether two units can be one. No unit can be any."""
    return one == other or {one, other} in _ONE or ("" in (one, other) and SHARE not in (one, other))


def unit_at(tokens: list[Word], first: int, last: int) -> str:
    """The unit of the number from token ``first`` to ``last``, which stands before it or after it, or nothing."""
    if first and tokens[first - 1].text in MONEY:
        return MONEY[tokens[first - 1].text]
    end = last + 1 if _is_hyphen(tokens, last + 1) else last
    following = low_at(tokens, end + 1)
    if following in ("%", "pc", "percent", "pct", "percentage") or (
        following == "per" and low_at(tokens, end + 2) in ("cent", "cents")
    ):
        return "%"
    if half := half_of_day(tokens, last):
        return half
    singular = following.rstrip("s")
    hours = [token.low for token in tokens[end + 2 : end + 4] if token.low != "-"][:1] in (["hour"], ["hours"])
    unit = MONEY.get(singular) or UNITS.get(f"{singular}hour" if hours else singular, "")
    return unit or _degrees(tokens, last) or _measure(tokens, last, end)


def _measure(tokens: list[Word], last: int, end: int) -> str:
    """What the token after ``end`` measures; nothing where it is a time of day, an ordinal, an office or a 5G phone."""
    number, word = tokens[last], tokens[end + 1] if end + 1 < len(tokens) else None
    unit = _MEASURES.get(word.low.rstrip("s"), "") if word else ""
    if not word or _YEAR.fullmatch(number.text) or (unit == "hour" and _CLOCK.fullmatch(number.text)):
        return ""
    if word.low == "second" and end == last:  # "after 25 second chances"; "a 25-second clip" is one of seconds
        return ""
    return "" if word.text in ("SEC", "G", "Gs") or (word.low == "g" and word.start > number.end) else unit


def _degrees(tokens: list[Word], last: int) -> str:
    """``celsius`` or ``fahrenheit`` of "21C", "21 °C" and "21 degrees Celsius"; nothing of "vitamin 5 C"."""
    after, end = "", tokens[last].end
    for token in tokens[last + 1 : last + 3]:
        after += f"{' ' * (token.start > end)}{token.text}"
        end = token.end
    scale = _DEGREES.match(after)
    return "" if scale is None else "celsius" if scale.group(1).casefold()[0] in "c℃" else "fahrenheit"


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
