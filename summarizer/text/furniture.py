"""What stands around a story in its text and is none of it: datelines, bylines, captions, titles, notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from summarizer.text.sentences import has_words, is_finished
from summarizer.types import Span

_DASH = r"\s(?:--?|[–—])\s+"
_PLACE = r"[A-Z][\w.'’-]+(?:[ /][A-Z][\w.'’-]+){0,3}(?:, [A-Z][\w.]*(?: [A-Z][\w.]*)?)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"
_AGENCY = (
    r"(?:\((?:CNN|AP|AFP|UPI|PA|ANI|PTI|IANS|dpa|DPA|Reuters|REUTERS|Bloomberg|Xinhua|Associated Press|BUSINESS WIRE|"
    r"GLOBE NEWSWIRE)\)|/PRNewswire/)"
)
_OTHER = r"\([A-Z][\w .&-]{1,30}\)"  # agencies, after a day
_DATELINE = re.compile(  # "LONDON, March 12 (Reuters) - ", "(CNN) -- ", "SIOUX FALLS, S.D. – ", "Dekalb, Ill. — "
    rf"(?:{_PLACE}(?:,? and {_PLACE})?(?:,|\s(?:--?|[–—]))\s{_DAY}\s?(?:{_AGENCY}|{_OTHER})?\s?(?:--?|[–—])\s?"
    rf"|(?:{_PLACE}\s?(?:--)?)?{_AGENCY}\s*(?:--?|[–—])?\s*(?:{_DAY}\s?(?:--?|[–—])\s?)?"
    rf"|[A-Z][A-Z.'’-]+(?:[ /][A-Z][A-Z.'’-]+){{0,3}}(?:, [A-Z][\w.]*(?: [A-Z][\w.]*)?)?(?: \([A-Z][\w. ]+\))?{_DASH}"
    rf"|[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){{0,2}}, (?:[A-Z]{{2}}|[A-Z][a-z]{{1,4}}\.){_DASH})(?=[\"“‘']?[A-Z0-9])"
)
_MARKS = re.compile(  # "* ", "- ", "1.2 ", "[00:01:09] "
    r"(?:[-*•‣▪▸#>]+\s+|\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+(?=[A-Z])(?!(?:M|B|Tr)illion\b)|\[\d{1,2}:\d\d(?::\d\d)?\]\s*)+"
)
_LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\((?:https?://|/|#)[^()\s]*\)")
_IMAGE = re.compile(r"!?\[[^\[\]]*\]\([^()]*\)")
_FIELD = re.compile(r"(?<![^\s|])[A-Z][\w-]{1,15}(?: [\w-]{1,15})?:(?=\s[^\s'\"‘“])")
_FIELDS_SEEN, _FEWEST_FIELDS = 300, 2
_LABEL = re.compile(  # of a structured abstract: "Findings In this trial", "Conclusions: "
    r"(?:Aims?|Background|Conclusions?(?: and Relevance)?|Findings?|Importance|Interpretation|Interventions?|Meaning|"
    r"Methods|Objectives?|Purpose|Results)"
    r"(?::\s+(?=[A-Z])|\s+(?=(?:A|Among|An|Between|From|In|Most|Of|Our|Some|The|There|These|This|To|We)\s))"
)
_BYLINE = re.compile(
    r"(?:By:?|(?:Written|Interview|Words|Reported|Story) by|Words:|Posted(?: by|:| on)|Published:?|"
    r"(?:Last )?[Uu]pdated:?)\s+[A-Z\d]"
)
_CREDIT = re.compile(  # "(Photo: Ada Lind)", "Image: Ada Lind.", "H. NAKADA/UNIVERSITY OF ALBA"
    r"(?i:[(\[](?:(?:AP |File )?Photo|Image|Picture|Photograph|Credit|Courtesy|Getty)[^()\[\]]*[)\]]$)|"
    r"\b(?:Photo|Image|Picture|Photograph|Credit)s?: [A-Z][\w.'’-]*(?:[ /][A-Z][\w.'’-]*){0,4}$|"
    r"(?<![^\s.])[A-Z][A-Z .'’-]{2,40}/[A-Z][A-Z .'’-]{2,40}$"
)
_OF_THE_HOUSE = re.compile(
    r"\baffiliate (?:links?|commission)\b|\badvertiser disclosure\b|\bforward-looking statements?\b|"
    r"\ball rights reserved\b|\bearlier version of this (?:article|story)\b|\b(?:pausing|ending) our live\b|"
    r"\bscroll down for\b|\bwe (?:and our partners )?use cookies\b|\buse of cookies\b|"
    r"\bviews of (?:the|their|its) (?:author|writer)s?\b|\bappears in print\b|\bsign up\b.*\bnewsletters?\b|"
    r"\bnewsletter was forwarded\b|\bget the latest\b.*\binbox\b|\bsubscribe (?:here|now)\b|\bbrought to you by\b|"
    r"\bedited (?:and condensed )?for (?:clarity|length)\b|\b(?:this article is about|redirects here|from wikipedia)\b",
    re.IGNORECASE,
)
# What a page says of itself amid its lines; of 477 BBC articles 122 have one of the first two.
_OF_THE_PAGE = re.compile(
    r"(?:these are external links and will open in a new window|"
    r"(?:audio|media|video) playback is (?:not supported|unsupported) on (?:this|your) device|"
    r"(?:this|the) (?:audio|media|video) can ?not be played|"
    r"(?:\d{1,2} \w+ \d{4} )?last updated (?:at|on) .{4,30})[.!]?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’]*")
_SMALL_WORDS = frozenset("a an the and but or nor for of in on at to by with from as vs via".split())
_NAME = re.compile(r"\b[A-Z][\w'’-]+")
_PERSON = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? )?((?:[A-Z][\w.'’-]+ ){1,4})(?:is|was|has been|covers|writes|reports)\b"
)
_FEWEST_TITLE_WORDS = 4
_FEWEST_WORDS = 4
# Bylines stand among the first lines, below headlines and standfirsts, which are short.
_TOP_LINES, _MOST_HEADING_WORDS = 10, 30
_MOST_NOTE_WORDS = 60


def bare(sentence: str) -> str:
    """The sentence without Markdown, and without a dateline, marks of a list or a label that it opens with."""
    told = _LINK.sub(r"\1", sentence.replace("**", ""))
    for opening in (_MARKS, _DATELINE, _LABEL):
        told = told[end.end() :] if (end := opening.match(told)) else told
    return told if has_words(told) else sentence


def heading(text: str, spans: Sequence[Span], story: Sequence[int]) -> str:
    """What stands above the story: its headline and standfirst, with whatever else is there."""
    lines = above(text, spans, story)
    return " ".join(line for line in lines if len(line.split()) >= _FEWEST_WORDS and not _BYLINE.match(line))


def above(text: str, spans: Sequence[Span], story: Sequence[int]) -> list[str]:
    """The first sentences, or lines without an end, before the ``story``."""
    return [text[s.start : s.end] for s in spans[: min([*story[:1], _TOP_LINES])]]


def story_sentences(text: str, spans: Sequence[Span]) -> list[int]:
    """Which of the sentences ``spans`` of ``text`` tell its story, as indices in order; perhaps none.

    Headings, bylines, captions and rows of tables have no end, and lines that a mail quotes are another's. Where there
    is a byline, all above it is heading, with an end or without.
    """
    found: list[int] = []
    author: set[str] = set()
    at_top, shouted = True, 2 * sum(map(str.isupper, text)) > sum(map(str.isalpha, text))
    for n, line in enumerate(_lines(text, spans)):
        told = [text[spans[i].start : spans[i].end] for i in line]
        whole = text[spans[line[0]].start : spans[line[-1]].end]
        size = len(whole.split())
        at_top = at_top and n < _TOP_LINES and size <= _MOST_HEADING_WORDS
        if at_top and _BYLINE.match(whole) and not is_finished(whole):
            found.clear()
            author |= set(_NAME.findall(whole))
        elif not _is_furniture(whole, told, size, shouted) and not _tells_of(author, whole, size):
            found += (i for i, each in zip(line, told, strict=True) if _is_whole(each) and not tells_nothing(each))
    return found


def _lines(text: str, spans: Sequence[Span]) -> list[list[int]]:
    """The sentences of each line."""
    lines: list[list[int]] = []
    for i, span in enumerate(spans):
        if not i or "\n" in text[spans[i - 1].end : span.start]:
            lines.append([])
        lines[-1].append(i)
    return lines


def _is_furniture(line: str, told: Sequence[str], size: int, shouted: bool) -> bool:
    """Whether a line is none of the story; in a text all in capitals (``shouted``) titles cannot be told."""
    return (
        line.startswith(">")
        or (size <= _MOST_NOTE_WORDS and tells_nothing(line))
        or (size <= _MOST_NOTE_WORDS and _OF_THE_HOUSE.search(line) is not None)
        or (not shouted and size <= _MOST_NOTE_WORDS and _CREDIT.search(line) is not None)
        or (not shouted and len(told) <= 2 and all(map(_is_title, told)))
    )


def _tells_of(author: set[str], line: str, size: int) -> bool:
    """Whether a line says who its author is: "Ms. Lind is a former mayor"."""
    known = _PERSON.match(line) if author and size <= _MOST_NOTE_WORDS else None
    return known is not None and not author.isdisjoint(known[1].split())


def tells_nothing(line: str) -> bool:
    """Whether a line is all picture, or link, in Markdown, or all fields or captions ("Price: 40 euros Pages: 90").

    So is one in which the page speaks of itself.
    """
    if _IMAGE.fullmatch(line) is not None or _OF_THE_PAGE.fullmatch(line) is not None:
        return True
    return len(_FIELD.findall(line[:_FIELDS_SEEN])) >= _FEWEST_FIELDS


def _is_title(sentence: str) -> bool:
    """Whether all words are capitalized that are not small in titles."""
    words = [word for word in _WORD.findall(sentence) if word not in _SMALL_WORDS]
    return len(words) >= _FEWEST_TITLE_WORDS and all(word[0].isupper() for word in words)


def _is_whole(sentence: str) -> bool:
    return is_finished(sentence) and len(sentence.split()) >= _FEWEST_WORDS
