"""The spans of a summary sentence that the article does not support, each with its kind."""

from __future__ import annotations

import re
from bisect import bisect_right

from summarizer.grounding.alignment import Alignment
from summarizer.grounding.facts import UNCOUNTED, Number, is_age, may_be_age, numbers
from summarizer.grounding.names import calendar_words, canonical, initials, name_words, opens_with_name, root
from summarizer.grounding.relations import bonds, negation_differs, other_actor, other_owners, swapped_roles
from summarizer.grounding.source import Source
from summarizer.grounding.words import STOP, Word, flat, words
from summarizer.types import UnsupportedKind, UnsupportedSpan

# A straight single quote opens after a space, a colon or a bracket, and not in "'90s", "team 's" or "'em".
_QUOTATION = re.compile(
    r"[“”\"„]([^“”\"„]{3,}?)[”“\"]|``([^`']{3,}(?:'[^`']+)*?)''|‘([^‘’]{3,}(?:’\w[^‘’]*)*)’(?!\w)"
    r"|[«»]([^«»]{3,})[«»]|「([^「」]{2,})」|『([^『』]{2,})』"
    r"|(?<![^\s:(\[—–-])'(?!(?i:\d\d\w*|[stndm]|re|ve|ll|em|til|tis|twas|cause|cos|bout|round|ndrangheta)\b)"
    r"(?=\w)([^']{3,}(?:(?<=\w)'(?=\w)[^']+)*)(?<!\s)'(?!\w)"
)
_LEAST_IN_SINGLE_QUOTES = 3
_MARK = re.compile(r"[\"“”„«»‘]|``|''")
# Fewer words may well be the article's own too; with a verb of saying they have a speaker.
_LEAST_UNMARKED = 5
_SPEAKS = frozenset("say says said saying tell tells told add adds added write writes wrote according".split())
# An address, a link, an account or a telephone number: what a summary must never pass on from hidden text, or invent.
# Addresses and domains are looked for from where their characters begin: from each of them a long run took seconds.
_CONTACT = re.compile(
    r"(?:https?://|www\.)[^\s<>\"”]+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w{3,}"
    r"|(?<![\w-])(?<![\w-]\.)[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|info|biz|io|app|xyz|co\.uk|de|fr|ru|cn)\b"
    r"(?:/[^\s<>\"”]*)?|(?<![\w.,])(?:\+\d|\(\d{2,5}\)|\d{3})(?:[ ()./-]{0,2}\d){6,12}(?![\w,]|\.\d)",
    re.IGNORECASE,
)
# Below this share of common words the aligned sentence is about something else, and its negations say nothing.
_CLOSE = 0.7


def unsupported_spans(text: str, tokens: list[Word], alignment: Alignment, source: Source) -> list[UnsupportedSpan]:
    """What ``source`` does not say: quotations and numbers; in English also names, dates and false combinations."""
    found = [*quotations(text, source), *foreign_numbers(text, tokens, source)]
    if source.english:
        found += foreign_names(text, tokens, source)
        found += unmarked_quotation(text, tokens, source) or false_combinations(text, tokens, alignment, source)
    whole = contacts(text, source)  # their parts are said with them
    apart = [span for span in found if not _overlaps(span, whole)]
    return sorted([*apart, *whole], key=lambda span: (span.start, span.end))


def _overlaps(span: UnsupportedSpan, others: list[UnsupportedSpan]) -> bool:
    """Whether ``span`` has a part in common with one of ``others``, which are in order and apart from each other."""
    at = bisect_right(others, span.start, key=lambda other: other.end)
    return at < len(others) and others[at].start < span.end


def false_combinations(text: str, tokens: list[Word], alignment: Alignment, source: Source) -> list[UnsupportedSpan]:
    """Numbers that the article states of something else, negations that it does not have, roles that it swaps."""
    found = [
        _span(text, bond.number.start, bond.number.end, "number")
        for bond in bonds(tokens, source)
        if bond.is_sure and not bond.near
    ]
    denied = negation_differs(tokens, source, alignment.chosen)
    if denied is not None and alignment.share >= _CLOSE:
        found.append(_span(text, tokens[denied].start, tokens[denied].end, "negation"))
    swapped = swapped_roles(tokens, source, alignment.chosen)
    if swapped is not None:
        found.append(_span(text, tokens[swapped[0]].start, tokens[swapped[2]].end, "role"))
    elif (other := other_actor(tokens, source)) is not None:
        found.append(_span(text, tokens[other[0]].start, tokens[other[1]].end, "role"))
    owners = [
        _span(text, tokens[i].start, tokens[i].end, "role") for i in other_owners(tokens, source, alignment.chosen)
    ]
    return found + [owner for owner in owners if not any(_overlaps(owner, [span]) for span in found)]


def unmarked_quotation(text: str, tokens: list[Word], source: Source) -> list[UnsupportedSpan]:
    """A sentence that somebody says in the article, told as a fact: without marks, and without a speaker."""
    few = sum(token.is_word for token in tokens) < _LEAST_UNMARKED
    if few or tokens[0].text.islower() or _MARK.search(text) or _SPEAKS.intersection(token.low for token in tokens):
        return []  # a small letter: the rest of a sentence that was cut after a full stop ("E. coli")
    return [_span(text, tokens[0].start, tokens[-1].end, "quotation")] if source.only_quotes(tokens) else []


def quotations(text: str, source: Source) -> list[UnsupportedSpan]:
    """Quoted words that do not stand in the article in this order; three dots inside may skip words.

    One or two words in straight single quotes are mostly no quotation but kept at a distance ('bling').
    """
    found = []
    for match in _QUOTATION.finditer(text):
        inner = next(group for group in match.groups() if group is not None)
        if match.group()[0] == "'" and inner.isascii() and len(inner.split()) < _LEAST_IN_SINGLE_QUOTES:
            continue
        pieces = [words(piece) for piece in re.split(r"\.\.\.|…|\[[^\]]*\]", inner)]
        if any(flat(piece) not in source.flat for piece in pieces):
            found.append(_span(text, match.start(), match.end(), "quotation"))
    return found


def contacts(text: str, source: Source) -> list[UnsupportedSpan]:
    """Links, e-mail addresses, accounts and telephone numbers that the article does not show."""
    matches = (
        (match.start(), match.start() + len(match.group().rstrip(".,;:!?)'’"))) for match in _CONTACT.finditer(text)
    )
    return [_span(text, a, b, "contact") for a, b in matches if flat(words(text[a:b])) not in source.flat]


def foreign_numbers(text: str, tokens: list[Word], source: Source) -> list[UnsupportedSpan]:
    """Numbers whose value the article never states."""
    return [
        _span(text, number.start, number.end, "number")
        for number in numbers(tokens)
        if not has_number(number, tokens, source) and not _is_list_mark(number, tokens)
    ]


def _is_list_mark(number: Number, tokens: list[Word]) -> bool:
    return number.first == 0 and number.last + 1 < len(tokens) and tokens[number.last + 1].low in (".", ")")


def has_number(number: Number, tokens: list[Word], source: Source) -> bool:
    """Whether the article states this value, or each of its parts, or the number is no count ("the two")."""
    first = tokens[number.first].low
    if number.spelled and first in UNCOUNTED and number.first == number.last:
        return True
    if number.parts and number.parts <= source.by_value.keys():
        return True
    mentions = [
        (index, mention)
        for value in number.values
        for index, mention in source.by_value.get(value, ())
        if number.agrees(mention)
    ]
    if not is_age(number, tokens):
        return bool(mentions)
    return any(may_be_age(mention, source.tokens[index]) for index, mention in mentions)


def foreign_names(text: str, tokens: list[Word], source: Source) -> list[UnsupportedSpan]:
    """Names, months and days of the week that the article does not have in any form."""
    found = [
        _span(text, tokens[i].start, tokens[i].end, "number")
        for i, full in calendar_words(tokens)
        if full not in source.calendar
    ]
    long_forms = initials(tokens) & {low for low in source.lows if 2 <= len(low) <= 6}
    places = {*name_words(tokens), *([0] if opens_with_name(tokens) else [])}
    names = [tokens[i] for i in sorted(places)]
    found += [_span(text, name.start, name.end, "name") for name in names if not has_name(name, source, long_forms)]
    return found


def has_name(token: Word, source: Source, long_forms: set[str]) -> bool:
    """Whether the article has the name, its plural, people or country, its acronym or its long form."""
    low = token.low
    if low in source.lows or canonical(low) in source.lows or (low not in STOP and token.stem in source.all_stems):
        return True
    if low in source.units:  # "21 degrees Celsius" of "21C"
        return True
    if token.text.removesuffix("s").isupper() and (source.abbreviates(low) or source.abbreviates(low.rstrip("s"))):
        return True
    if any(low[0] in form for form in long_forms):
        return True
    return len(low) > 4 and root(low) in source.roots and len(root(low)) >= 4


def _span(text: str, start: int, end: int, kind: UnsupportedKind) -> UnsupportedSpan:
    return UnsupportedSpan(text[start:end], kind, start, end)
