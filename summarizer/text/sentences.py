"""Sentences and paragraphs of a text, as spans of code points.

The boundaries come from sentencex (Wikimedia's rule-based segmenter for some 300 languages). Line breaks end a
sentence as well, since scraped headlines, list items and captions carry no full stop; but for those of a text that is
wrapped at a width, as mail and plain text files are.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from summarizer.text.language import looks_english
from summarizer.types import Span

_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
# sentencex is written in Rust: it takes no lone surrogates, and panics on "B\u00a0.".
_SURROGATE, _SPACE = re.compile("[\ud800-\udfff]"), re.compile(r"[^\S ]")
# A line longer than this is cut into windows before segmentation, so that one endless line costs linear time.
_WINDOW = 100_000

# A full stop in any script, and what may stand after it: closing marks, and a reference ("[1]").
_FINISHED = re.compile(r"[.!?…。！？।॥؟۔։](?:[\"'”’“»›」』)）\]]|\s|\[\d+\])*$")
# Texts are wrapped at 60 to 80 columns, some a little wider.
_NARROWEST, _WIDEST = 50, 100
_RAGGED = 8  # columns that a program that evens out its lines leaves free
_ALIKE = 10  # characters by which rows are known to be of one kind
_FEWEST_AMID = 3
# Shares: of line breaks amid a sentence, those where the next word has no room; of these, those before a small letter;
# of all breaks without room, those amid a sentence.
_LEAST_FULL, _LEAST_SMALL, _LEAST_AMID = 0.6, 0.5, 0.5
# Words parted at the end of a line, in a text that parts several, and one line in twenty: others break at the hyphens
# of compounds alone. Pasted twice, a text parts the same words at the same share of its lines.
_WORD, _COMPOUND = re.compile(r"[^\W\d_]+"), re.compile(r"(?<![^\W\d_])[^\W\d_]+-[^\W\d_]+")
_PARTED = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]\s*$")
_FEWEST_PARTED, _LEAST_PARTED, _SOFT_HYPHEN = 3, 0.05, "\u00ad"
_TENS = frozenset("twenty thirty forty fifty sixty seventy eighty ninety".split())
_LONG_ENOUGH = 4  # letters of a word that stands alone, and is no syllable
_ITEM = re.compile(r"\s*(?:[-*•‣#>|]|\d{1,2}[.)])\s")
_ROW = re.compile(r"\t|\s\|\s|\S {3,}\S")

# A caption without a full stop, and what was glued to it: "… in the woods | In many of the pictures …". Before its "In"
# stands a word in small letters, and after it two, or a number: a title has capitals ("wrote On the Road").
_GLUED = re.compile(
    r"(?<![^\s(])(?!"
    r"(?:a|about|an|and|anthem|app|as|asked|at|ballad|band|book|by|called|campaign|comedy|documentary|drama|"
    r"entitled|film|for|from|hit|in|magazine|memoir|motto|movie|musical|name|named|newspaper|novel|of|on|or|play|"
    r"podcast|programme|project|reads|sang|series|show|single|sitcom|slogan|song|that|the|thriller|title|titled|"
    r"to|website|with|word) |"
    # What counts by letters or numbers, or is called so: "class A drugs", "patient A was treated".
    r"(?:act|appendix|article|block|brand|case|category|chapter|child|class|company|country|division|double|drug|event|"
    r"exhibit|figure|firm|formula|game|gate|girl|grade|group|hepatitis|if|influenza|let|letter|level|line|matrix|model|"
    r"option|part|party|patient|person|phase|plan|platform|player|point|product|question|round|sample|schedule|section|"
    r"serie|side|site|stage|step|table|team|tier|triple|type|variant|vitamin|when|where|wing|zone) (?:A|One|Two)\b|"
    r"(?:because|but|if|is|said|says|so|was|what|when|where|which|who) (?:He|His|It)\b)"
    r"[a-z][a-z'’-]+\)? "
    r"(?=(?:A (?!(?:as|at|by|can|for|from|had|has|in|is|may|of|on|was|were|will|with)\b)|One (?=of )|"
    r"Two (?=(?:days|hours|men|months|of|other|people|weeks|women|years)\b)|"
    r"(?:After|Although|An|And|As|At|Because|Before|But|For|He|Her|His|However|If|In|It|Its|Many|Meanwhile|Not|Now|On|"
    r"She|Since|Some|The|Their|There|These|They|This|We|What|When|While) )"
    r"(?!(?:and|or|to) )(?:\d|[a-z][\w'’-]*,? [a-z\d])|An? [A-Z]{2,} )|"
    # What is said of a picture ends with where in it that is, or with how to see it.
    r"(?:(?<![\w'’-])[A-Z\d][\w'’-]* \((?:above|below|left|right)\)|"
    r"\((?:file photo|pictured|stock image|stock photo)\)) (?=[A-Z][\w'’-]*,? (?!(?:and|or)\b))|"
    r"(?<=[^\s] )(?=Scroll down for )|\bScroll down for (?:more|videos?) (?=[A-Z])|"
    # A full stop that a tokenizer set apart: the marks of "the town 's" seem to quote what stands between two of them.
    r"(?<!\S)(?!(?:capt|col|dept|gen|gov|mr|mrs|ms|prof|rep|rev|sen|univ) )[a-z\d][a-z\d'’-]{2,} [.!?] (?=[A-Z])"
)
_OF_GOD = re.compile(r"\b(?:Allah|Christ|God|Jesus|Lord)\b|\b(?:and|by|for|in|of|that|to) Hi[ms]\b")
_HE = re.compile(r"H(?:e|is) ")

# Boundaries that are none: "11 p.m. | Saturday", "ex-U. | K.", "Dist. | No. 4", "Alba Kft. | (AK) said".
_BEFORE, _AFTER = 16, 48  # characters looked at
_GOES_ON = (
    (
        re.compile(r"\b[ap]\.\s?m\.$", re.IGNORECASE),
        re.compile(
            r"(?:on\s)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|"
            r"(?:(?:A[SD]T|[CEHMP][SD]?T)(?!&)|GMT|UTC|BST|CET|CEST|AEST|IST|JST)\b"
        ),
    ),
    (re.compile(r"[-\u2010\u2011–][A-Z]\.$"), re.compile(r"[A-Z][a-z]{0,2}\.")),
    (
        re.compile(
            r"\b(?:Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|La|Md|Mass|Mich|Minn|Miss|Mo|Mont|Neb|Nev|"
            r"Okla|Ore|Pa|Tenn|Tex|Vt|Va|Wash|Wis|Wyo|Tbsp|\d-in)\.$"
        ),
        re.compile(r"[a-z]"),
    ),
    (re.compile(r"\b(?:Dist|Cllr|Cllrs|tsp|tbsp|incl|approx|Approx|Brig|Supt|Insp|Sgt|Cpl|Hon)\.$"), re.compile(r"\S")),
    (re.compile(r"\b(?:Bros|Co|Corp|Inc|Kft|Ltd|Nyrt|Plc|Zrt)\.$"), re.compile(r"\([^()]{1,40}\) [a-z]")),
    (re.compile(r"(?:^|\s)(?:Mr|Mrs|Ms)\.$|(?:^|[^\w\s]\s?|\b[a-z]+\s)Dr\.$"), re.compile(r"[A-Z]")),
    (re.compile(r"[?!]['’]$"), re.compile(r"[a-z]")),
)


def unwrap(text: str) -> str:
    """``text`` with the line breaks of a fixed width as spaces, or soft hyphens: as long, so that offsets hold.

    A break is one of these where the next line's first word had no room, in a text where that is so of most breaks amid
    a sentence, and where most of those go on in small letters: rows of results and of logs are alike in width as well.
    """
    lines = text.split("\n")
    breaks = [i for i, (line, after) in enumerate(pairwise(lines)) if line.strip() and after.strip()]
    if len(breaks) < _FEWEST_AMID:
        return text
    lengths = {i: len(lines[i].rstrip()) for i in breaks}
    needed = {i: lengths[i] + 1 + len(lines[i + 1].split(None, 1)[0]) + _RAGGED for i in breaks}
    amid = {i for i in breaks if not is_finished(lines[i].rstrip())}
    # How many breaks a width explains, those amid a sentence twice.
    counts = Counter(
        width
        for i in (*breaks, *amid)
        for width in range(lengths[i], min(needed[i], _WIDEST + 1))
        if width >= _NARROWEST
    )
    width = max(counts, key=lambda each: (counts[each], each), default=0)
    full = {i for i in breaks if lengths[i] <= width < needed[i]}
    split = full & amid
    small = sum(lines[i + 1].lstrip()[0].islower() for i in split)
    least = max(_FEWEST_AMID, _LEAST_FULL * len(amid), _LEAST_AMID * len(full))
    if len(split) < least or small < _LEAST_SMALL * len(split):
        return text
    kept = {i for i in full if _stands_alone(lines[i], lines[i + 1])}
    return _joined(lines, full - kept, text)[: len(text)]


def _joined(lines: list[str], wrapped: set[int], text: str) -> str:
    """The lines of ``text``, those in ``wrapped`` joined with the next by spaces.

    A word that is parted there is joined by soft hyphens, which the canonical text leaves out; a compound ("long-term")
    keeps its hyphen.
    """
    parted = {i: found for i in wrapped if (found := _parted(lines[i], lines[i + 1]))}
    if len(set(parted.values())) < _FEWEST_PARTED or len(parted) < _LEAST_PARTED * len(wrapped):
        parted = {}
    compounds = _compounds(list(parted.values()), text) if parted else set()
    pieces: list[str] = []
    for i, line in enumerate(lines):
        if (word := parted.get(i)) is not None:
            end = len(line.rstrip()) - (word not in compounds)
            pieces.append(line[:end].ljust(len(line) + 1, _SOFT_HYPHEN))
        else:
            pieces.append(line.replace("\r", " ") + " " if i in wrapped else line + "\n")
    return "".join(pieces)


def _parted(line: str, after: str) -> tuple[str, str] | None:
    """The two parts of a word that is parted between the lines, in small letters."""
    if not after[:1].islower() or not (end := _PARTED.search(line)) or not (start := _WORD.match(after)):
        return None
    return end[1].casefold(), start[0]


def _compounds(parted: list[tuple[str, str]], text: str) -> set[tuple[str, str]]:
    """Which of the words have a hyphen wherever they stand, as far as the rest of ``text`` and the words tell."""
    text = text.casefold()
    hyphened, alone = set(_COMPOUND.findall(text)), Counter(_WORD.findall(text))
    alone -= Counter(part for word in parted for part in word)
    return {
        (left, right)
        for left, right in parted
        if f"{left}-{right}" in hyphened
        or left in _TENS
        or (
            f"{left}{right}" not in alone
            and min(len(left), len(right)) >= _LONG_ENOUGH
            and {left, right} <= alone.keys()
        )
    }


def _stands_alone(line: str, after: str) -> bool:
    """Whether a line is a row of a table, or the next one an item of a list or the same again."""
    has_end = is_finished(line.rstrip()) or line.rstrip().endswith(":")
    if (_ITEM.match(after) and (has_end or _ITEM.match(line))) or (has_end and "://" in after.split(None, 1)[0]):
        return True
    return _ROW.search(line) is not None or line[:_ALIKE] == after[:_ALIKE]


def paragraphs(text: str) -> list[Span]:
    """The non-blank lines of ``text``, without the white space around them; wrapped lines are one."""
    return lines_in(unwrap(text))


def lines_in(text: str) -> list[Span]:
    """The same of an unwrapped text."""
    spans: list[Span] = []
    start = 0
    for match in _LINE_BREAK.finditer(text):
        _append_stripped(spans, text, start, match.start())
        start = match.end()
    _append_stripped(spans, text, start, len(text))
    return spans


def sentences(text: str) -> list[Span]:
    """The sentences of ``text`` in order, without the white space around them; every word is in exactly one."""
    return [span for paragraph in paragraphs(text) for span in sentences_in(text, paragraph)]


def sentences_in(text: str, within: Span) -> list[Span]:
    """The sentences of one paragraph."""
    spans: list[Span] = []
    for offset in range(within.start, within.end, _WINDOW):
        window = text[offset : min(offset + _WINDOW, within.end)]
        ends = _ends(_SPACE.sub(" ", _SURROGATE.sub("\ufffd", window)))  # each is one code point as before
        start = 0
        for end in ends:
            _append_stripped(spans, text, offset + start, offset + end)
            start = end
    return spans


def is_finished(sentence: str) -> bool:
    """Whether the sentence has an end."""
    return _FINISHED.search(sentence) is not None


def has_words(text: str) -> bool:
    """Whether there is more than punctuation."""
    return any(map(str.isalnum, text))


def _ends(window: str) -> list[int]:
    """Where the sentences of a window end."""
    from sentencex import get_sentence_boundaries

    found = [int(boundary["end_index"]) for boundary in get_sentence_boundaries("en", window)] or [len(window)]
    ends = {end for end in found[:-1] if not _goes_on(window, end)} | {found[-1]}
    return sorted(ends | _glued(window))


def _glued(window: str) -> set[int]:
    """Where English sentences begin that were glued to a caption; a text of God writes He in a sentence too."""
    found = {glued.end() for glued in _GLUED.finditer(window)}
    if not found or not looks_english(window.casefold().split()):
        return set()
    return {end for end in found if not _HE.match(window, end)} if _OF_GOD.search(window) else found


def _goes_on(window: str, end: int) -> bool:
    before, after = window[max(0, end - _BEFORE) : end].rstrip(), window[end : end + _AFTER].lstrip()
    return bool(after) and any(left.search(before) and right.match(after) for left, right in _GOES_ON)


def _append_stripped(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        lead = len(piece) - len(piece.lstrip())
        spans.append(Span(start + lead, start + lead + len(stripped)))
