"""Who somebody is, put back where it was cut: "[Alba coach] Ada Lind said", "[Ada] Lind was convicted".

A small model cuts sentences, and cuts the first name or the role that stands before a name as lightly as anything
else; whoever has not read the article then does not know who is meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile

from summarizer.grounding import Source, support_by
from summarizer.grounding.facts import MONTHS, WEEKDAYS
from summarizer.grounding.names import begins, can_name, is_function_word, is_title_case
from summarizer.grounding.verbs import DETERMINERS, is_past
from summarizer.grounding.words import Word, words
from summarizer.types import SupportedSentence

_MOST_WORDS = 4  # of what is put back, its article not counted
_LONGEST = 300  # words of a sentence that is read
_ACRONYM = re.compile("[A-Z]{2,}")
_ARTICLES = frozenset("a an the".split())
# After these a clause begins, and with it what a name is called that the sentence opens with now. After others the name
# is no subject: a caption runs into the sentence.
_CLAUSE = frozenset("that when as while because if since although though but and whether where".split())
# What is no part of what somebody is called.
_NO_ROLE = frozenset(
    """
    say says tell tells think thinks believe believes insist insists claim claims hope hopes want wants admit admits
    today tomorrow yesterday tonight day night morning afternoon evening week weekend month season year time moment
    meanwhile however earlier later instead perhaps maybe besides although though despite within now
    """.split()
)


def named(source: Source, told: Sequence[SupportedSentence], most_words: int | None) -> tuple[SupportedSentence, ...]:
    """The sentences ``told`` of what was read, with what was cut from before a name at its first mention.

    Of 378 summaries 21 have such a sentence; with it 17 are better and none is worse. So is an acronym put back behind
    its long form where a later sentence has it: "the Alba Ferry Trust [(AFT)]".
    Nothing is put back that it would not support, nor more than ``most_words`` of all sentences allow.
    """
    found: list[SupportedSentence] = []
    known: set[str] = set()
    size = sum(len(each.text.split()) for each in told)
    acronyms = [{t.text for t in words(each.text) if _ACRONYM.fullmatch(t.text)} for each in told]
    for n, each in enumerate(told):
        later = set().union(*acronyms[n + 1 :]).difference(*acronyms[: n + 1])
        fuller = _with_acronyms(source, each, _fuller(source, each, known), later)
        own = support_by(source, fuller).sentences if fuller != each.text else ()
        more = len(fuller.split()) - len(each.text.split())
        fits = most_words is None or size + more <= most_words
        if len(own) == 1 and fits and own[0].supported and not own[0].unsupported:
            found.append(own[0])
            size += more
        else:
            found.append(each)
        known |= {token.low for token in words(found[-1].text) if token.is_capital}
    return tuple(found)


def _fuller(source: Source, sentence: SupportedSentence, known: Collection[str]) -> str:
    """The sentence with the names that were cut out of it, and what was cut from before those not ``known`` yet."""
    told, mine = sentence.text, words(sentence.text)
    read = [i for i in map(source.spans.index, sentence.sources) if len(source.tokens[i]) <= _LONGEST]
    if not read or len(mine) > _LONGEST or is_title_case(mine):
        return told
    lows = [token.low for token in mine]
    sentences = [[token.low for token in source.tokens[i]] for i in read]
    blocks = [SequenceMatcher(None, lows, each, autojunk=False).get_matching_blocks() for each in sentences]
    best = max(range(len(read)), key=lambda i: sum(block.size for block in blocks[i]))
    theirs, start_of = source.tokens[read[best]], source.spans[read[best]].start
    for at, start, end in reversed(list(_cuts(mine, theirs, blocks[best], known))):
        put = " ".join(source.text[start_of + theirs[start].start : start_of + theirs[end].start].split()) + " "
        put = put if at else put[0].upper() + put[1:]
        told = told[: mine[at].start] + put + told[mine[at].start :]
    return told


def _with_acronyms(source: Source, sentence: SupportedSentence, told: str, acronyms: Collection[str]) -> str:
    """The text ``told`` of a sentence with those of the ``acronyms`` that its sources have behind words of it."""
    for acronym in sorted(acronyms):
        for span in sentence.sources:
            behind, _, rest = source.text[span.start : span.end].partition(f" ({acronym})")
            long_form = rf"(?<!\w){re.escape(' '.join(behind.split()[-2:]))}(?![\w'’])"
            is_named = len(behind.split()) > 1 and behind.split()[-1][0].casefold() in acronym.casefold()
            if rest and is_named and f"({acronym})" not in told:
                told = re.sub(long_form, rf"\g<0> ({acronym})", told, count=1)
    return told


def _cuts(
    mine: Sequence[Word], theirs: Sequence[Word], blocks: Sequence[tuple[int, int, int]], known: Collection[str]
) -> Iterator[tuple[int, int, int]]:
    """The places of names and what they are called, and from where to where in its source what was cut there stands."""
    mine_end = their_end = before = 0
    told = {token.stem for token in mine if token.is_content and not token.is_capital}  # "Ada Lind, a drummer, died"
    for at, end, size in blocks:
        if not size or at != mine_end or end == their_end or not (_is_apart(mine, at) and _is_apart(theirs, end)):
            pass
        elif before > 1 and _is_name(theirs, their_end, end):  # not "A judge [Ada Lind] said" of "Judge Ada Lind said"
            yield at, their_end, end
        elif _is_new_name(mine, at, known) and size > _name_length(mine, at):  # what follows it is the same, too
            start = _start(theirs, their_end, end)
            whole = start == their_end or (not at and _opens_clause(theirs, start))
            if start < end and whole and told.isdisjoint(t.stem for t in theirs[start:end] if not t.is_capital):
                yield at, start, end
        mine_end, their_end, before = at + size, end + size, size


def _is_name(tokens: Sequence[Word], start: int, end: int) -> bool:
    """Whether all of it is names, before a word that is none: "the judge [Ada Lind] said", "the [Alba] ferry"."""
    names = all(t.is_capital and t.is_content and can_name(t) and not _is_time(t.low) for t in tokens[start:end])
    return names and tokens[end].text.islower() and not begins(tokens, start) and end - start <= _MOST_WORDS


def _is_new_name(tokens: Sequence[Word], at: int, known: Collection[str]) -> bool:
    """Whether a name begins at this place of which nothing is ``known``, and nothing was told before."""
    if not (tokens[at].is_capital and tokens[at].is_content and can_name(tokens[at])) or _is_time(tokens[at].low):
        return False
    name = {token.low for token in takewhile(lambda token: token.is_capital, tokens[at:])}
    return name.isdisjoint(known) and name.isdisjoint(token.low for token in tokens[:at] if token.is_capital)


def _name_length(tokens: Sequence[Word], at: int) -> int:
    return sum(1 for _ in takewhile(lambda token: token.is_capital, tokens[at:]))


def _start(tokens: Sequence[Word], first: int, end: int) -> int:
    """Where what a name is called begins that stands right before ``end``; ``end`` where nothing does, or too much."""
    start = end
    while start > first and _is_part(tokens, start - 1, end):
        start -= 1
    while start < end and (not tokens[start].text[0].isalpha() or tokens[start].low == "'s"):
        start += 1
    apart = sum(tokens[i].end < tokens[i + 1].start for i in range(start, end))
    if not 0 < apart <= _MOST_WORDS:
        return end
    return start - 1 if start > first and tokens[start - 1].low in _ARTICLES else start


def _is_part(tokens: Sequence[Word], i: int, end: int) -> bool:
    """Whether a token can belong to the role or to the first names before the one at ``end``."""
    token, before = tokens[i], tokens[i - 1] if i else None
    if token.text in ("-", "–") or token.low == "'s":
        return i + 1 < end and (token.low == "'s" or tokens[i + 1].start == token.end)
    if not token.is_word or is_function_word(token) or token.low in _NO_ROLE or _is_time(token.low):
        return False
    if token.is_capital or tokens[i + 1].start == token.end:
        return True
    if is_past(token.low) or token.low.endswith("ing"):
        return before is None or before.low in DETERMINERS or before.end == token.start
    return not token.low.endswith("ly")


def _opens_clause(tokens: Sequence[Word], i: int) -> bool:
    before = tokens[i - 1]
    return before.low in _CLAUSE or not (before.is_word or before.end == tokens[i].start)


def _is_apart(tokens: Sequence[Word], i: int) -> bool:
    return not i or tokens[i - 1].end < tokens[i].start


def _is_time(low: str) -> bool:
    return low in MONTHS or low in WEEKDAYS
