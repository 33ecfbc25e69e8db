"""Names of a summary, looked up in an article: people, places, organizations and days of the calendar.

English capitals mark the names. Lower-cased text has none, and in a headline every word has one: there no name is
looked for. A surname stands for the full name, a plural or possessive for the plain form, an acronym for its long
form (and the other way round), and a nationality for its country.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from summarizer.grounding.facts import CARDINALS, MONTHS, ORDINALS, SCALES, WEEKDAYS
from summarizer.grounding.units import UNITS
from summarizer.grounding.verbs import is_past
from summarizer.grounding.words import STOP, Word, stem

TITLES = frozenset(
    """
    mr mrs ms miss dr sir lord lady dame prof professor president prime minister secretary chancellor senator governor
    rep reps representative sen sens gov cllr councillor congressman congressmen congresswoman congresswomen
    pres gen col sgt capt lt maj supt msp mep
    king queen prince princess duke duchess pope judge justice captain colonel general sergeant officer chief director
    i the god internet web tv dvd cd pm mp mps ceo reverend rev saint st co inc ltd plc corp party government state
    north south east west northern southern eastern western christmas easter new press news english
    """.split()
)
# Words that begin a clause and cannot be anybody's name, capital or not.
_OPENERS = frozenset(
    """
    although though besides among amid despite unlike like within whereas whether toward towards per via once throughout
    along across around beyond behind above below beneath beside near except given several neither
    """.split()
)
# The acronyms of two letters that may stand for words without capitals: any two letters begin some row of words.
_PAIRS = """
    ai artificial intelligence|vp vice president|gp general practitioner|vr virtual reality|ar augmented reality
    ev electric vehicle|pr public relations|hr human resources|ip intellectual property|it information technology
    da district attorney|ag attorney general|er emergency room|cv curriculum vitae|pc personal computer
    pc police constable|uk united kingdom|un united nations|eu european union
    """
_LONG_FORMS = {
    tuple(map(stem, pair.split()[1:])): pair.split()[0] for pair in _PAIRS.strip().replace("\n", "|").split("|")
}
_LINKS = frozenset({"of", "the", "and", "for", "in", "on", "per", "-", "&", "'s"})
_LONGEST_ACRONYM = 6
# What stands without an article before a past form and is no name: substances, matters, those who are many or unnamed;
# those of four letters or more whose end (`_NO_NAME`) does not say so.
_BARE = frozenset(
    """
    police staff crew people children someone anyone everyone whoever none half left great good without work
    research fire rain snow wind traffic water cash trade music football life death peace data food power help
    support demand growth health crime anger concern tomorrow tonight arson fraud love hope debt hunger smoke sand
    heat cold weather nature order court labour labor cattle livestock wildlife aircraft turnout gunfire bacteria
    cancer
    """.split()
)
_SAID = frozenset("says tells adds is are was were has have had will".split())
_ACRONYMS = frozenset("us who it".split())
_VERBS = frozenset({"may", "march"})
_BEFORE_MONTH = frozenset("in since until by next last from during".split())
_NO_NAME = tuple("s men ing ed tion sion ment ism ance ence ware age y".split())
_NUMBERS = {**CARDINALS, **ORDINALS, **SCALES}
# A country, a town or a creed, and its people; the parts of a name that go by another.
_SAME = """
    usa us america american united states|uk britain british briton britons brits kingdom|england english
    netherlands dutch holland|france french|spain spanish spaniard|germany german|ireland irish
    scotland scottish scots scot|wales welsh|poland polish pole|denmark danish dane|sweden swedish swede
    finland finnish finn|norway norwegian|switzerland swiss|greece greek|turkey turkish turk|china chinese
    portugal portuguese|philippines filipino filipinos philippine|peru peruvian|cyprus cypriot|iraq iraqi
    thailand thai|europe european eu|un nations|utd united|manchester man|afghanistan afghan|pakistan pakistani
    argentina argentine argentinian|yemen yemeni|israel israeli|kurdistan kurd kurdish|wolves wolverhampton
    spurs tottenham|india indian|iran iranian|syria syrian|cuba cuban|korea korean|japan japanese|asia asian
    belgium belgian|congo congolese|kosovo kosovar kosovan|lebanon lebanese|sudan sudanese|mali malian|chad chadian
    oman omani|ghana ghanaian|gaza gazan|taiwan taiwanese|panama panamanian|jordan jordanian|texas texan
    paraguay paraguayan|laos laotian lao|fiji fijian|myanmar burma burmese|catalonia catalan|monaco monegasque
    chechnya chechen|venice venetian|naples neapolitan|moscow muscovite|paris parisian|democrats democrat democratic
    islam islamic muslim|christianity christian|catholicism catholic|buddhism buddhist
    """
_CANON = {w: group.split()[0] for group in _SAME.replace("\n", "|").split("|") for w in group.split()}
_ENDING = re.compile(r"(?:ians?|eans?|ans?|ese|ish|ic|is?)$")
_PLAIN = re.compile(r"(?:ia|ea|[aeioy])$")


def canonical(low: str) -> str:
    """One form for a country and its people: ``swedish`` and ``swede`` are ``sweden``; other words stay."""
    return _CANON.get(low) or _CANON.get(low.removesuffix("s") if len(low) > 4 else low, low)


def root(low: str) -> str:
    """The common part of a country and its people: ``russ`` of both ``russia`` and ``russian``."""
    cut = _ENDING.sub("", low)
    return cut if cut != low else _PLAIN.sub("", low)


def is_title_case(tokens: list[Word]) -> bool:
    """Whether capitals say nothing here: a headline, or text all in capitals.

    A sentence with many names is neither: its verb has no capital.
    """
    content = [t for t in tokens[1:] if t.is_content and t.text[0].isalpha()]
    small = [t for t in content if not t.is_capital]
    if len(content) < 4 or len(small) > 0.25 * len(content):
        return False
    verb = any(t.low in _SAID and not t.is_capital for t in tokens[1:]) or any(is_past(t.low) for t in small)
    return not verb


def name_words(tokens: list[Word]) -> list[int]:
    """Places in ``tokens`` (one sentence) of the words that are written as names."""
    if is_title_case(tokens):
        return []
    shouted = not any(token.text.islower() for token in tokens)
    found = []
    for i, token in enumerate(tokens):
        if not token.is_capital or len(token.low) < 2 or token.low in TITLES:
            continue
        if is_function_word(token) or (shouted and token.low in STOP):
            continue
        if i + 1 < len(tokens) and tokens[i + 1].text == "$" and tokens[i + 1].start == token.end:  # US$5m
            continue
        if token.low in MONTHS or token.low in WEEKDAYS or token.low in _NUMBERS or _is_unit(tokens, i):
            continue
        if begins(tokens, i) and not _surely_name(tokens, i):
            continue
        found.append(i)
    return found


def _is_unit(tokens: list[Word], i: int) -> bool:
    """Whether token ``i`` is the unit of the number before it: "360 MW", "a 16-GB phone"."""
    before = [token for token in tokens[max(0, i - 2) : i] if token.text != "-"][-1:]
    return tokens[i].low in UNITS and any(t.text[0].isdecimal() or t.low in _NUMBERS for t in before)


def is_function_word(word: Word) -> bool:
    """Whether the word is no name, capital or not: "Who", "NOT". The capitals of "US", "WHO" and "IT" make one."""
    return word.low in STOP and not (word.low in _ACRONYMS and word.text.isupper())


def can_name(word: Word) -> bool:
    """Whether the word, where capitals mark names, can be one or a month: not "us" and "may", but "US" and "May"."""
    return word.is_capital if word.low in _VERBS else not is_function_word(word)


def opens_with_name(tokens: list[Word]) -> bool:
    """Whether the first word is a name by what follows: "Petersen said", "Berlin approved".

    A noun in the singular that stands without an article before a past form. Substances ("rain fell") do too.
    """
    if len(tokens) < 2 or is_title_case(tokens):
        return False
    low = tokens[0].low
    if not tokens[0].is_capital or len(low) < 4 or low in STOP | TITLES | _OPENERS | _BARE or low in _NUMBERS:
        return False
    return not low.endswith(_NO_NAME) and is_past(tokens[1].low)


def begins(tokens: Sequence[Word], i: int) -> bool:
    """Whether token ``i`` begins a sentence, a quotation or a clause after a colon, where any word has a capital."""
    before = tokens[i - 1].low if i else "."
    return before in {".", "!", "?", ":", ";", '"', "'", "(", "-", "[", "*", "•", "''"} and not (
        before == "-" and i >= 2 and tokens[i - 1].start == tokens[i - 2].end
    )


def _surely_name(tokens: list[Word], i: int) -> bool:
    """Whether a word that begins a sentence is a name too: before "'s", or before another name.

    That a participle ("Handing Smith a letter") or a conjunction stands before a name says nothing.
    """
    if tokens[i].text.isupper():
        return True
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    if following is None or following.low == "'s":
        return following is not None
    participle = len(tokens[i].low) > 4 and tokens[i].low.endswith(("ing", "ed"))
    opens = participle or tokens[i].low in _OPENERS
    return following.is_capital and not opens and following.low not in STOP | TITLES


def calendar_words(tokens: list[Word]) -> list[tuple[int, str]]:
    """Places of months and days of the week, each with its full name. Lower-case "may" and "march" are verbs."""
    found = []
    for i, token in enumerate(tokens):
        full = MONTHS.get(token.low) or WEEKDAYS.get(token.low)
        if full is None or (token.low in _VERBS and not token.is_capital):
            continue
        beside = (tokens[i - 1].text[0] if i else "", tokens[i + 1].text[0] if i + 1 < len(tokens) else "")
        doubtful = full != token.low or full in _VERBS  # "sun", "mar", "may"
        dated = any(c.isdecimal() for c in beside) or (full in _VERBS and i and tokens[i - 1].low in _BEFORE_MONTH)
        if doubtful and (begins(tokens, i) or not dated):
            continue
        found.append((i, full))
    return found


def initials(tokens: list[Word]) -> set[str]:
    """The acronyms that runs of two to six capitalized words can have, small words inside left out or counted."""
    found: set[str] = set()
    run: list[str] = []
    for token in [*tokens, None]:
        if token is not None and token.is_capital:
            run.append(token.low[0])
        elif token is not None and run and token.low in _LINKS:
            continue
        else:
            for size in range(2, min(_LONGEST_ACRONYM, len(run)) + 1):
                found.update("".join(run[at : at + size]) for at in range(len(run) - size + 1))
            run = []
    return found


def first_letters(tokens: Sequence[Word]) -> str:
    """The first letters of the words of a sentence, those of small words in capitals, with a space at every break."""
    return "".join(
        (token.low[0].upper() if token.is_word else "")
        if token.low in _LINKS
        else (token.low[0] if token.is_content and token.low[0].isalpha() else " ")
        for token in tokens
    )


def abbreviates(low: str, letters: str, pairs: Container[tuple[str, ...]]) -> bool:
    """Whether an acronym can stand for words in a row, capital or not.

    Args:
        low: The acronym, folded.
        letters: The :func:`first_letters` of the article. Small words between two others may count or not.
        pairs: The pairs of stems that the article has, for acronyms of two letters.
    """
    if not 2 < len(low) <= _LONGEST_ACRONYM or not low.isalpha():
        return any(acronym == low and words in pairs for words, acronym in _LONG_FORMS.items())
    between = "[A-Z]{0,2}"
    inner = "".join(f"{between}(?i:{letter})" for letter in low[1:-1])
    return re.search(f"{low[0]}{inner}{between}{low[-1]}", letters) is not None
