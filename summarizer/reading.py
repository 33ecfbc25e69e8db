"""From a submitted text to what the model reads, and from the model's result back to the submitted text."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, replace
from typing import Any, Literal

from summarizer.dedup import in_article
from summarizer.text.canonical import Canonical, canonicalize
from summarizer.text.language import begins_in_english
from summarizer.types import Article, ArticleReport, DuplicatesReport, Removed, Summary, Timings

_log = logging.getLogger(__name__)
_FOREIGN = "The article does not look English: names are not checked, and the model may not read it."


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article without its repeats; ``characters`` and ``words`` are those of the text as submitted."""

    text: Canonical
    removed: tuple[Removed, ...]
    language: str | None
    seconds: float
    characters: int
    words: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader of a summary should know of the article."""
        return (_FOREIGN,) if self.language is None else ()

    def report(self) -> ArticleReport:
        """The ``article`` part of a result, of the text that is read."""
        text = self.text.text
        digest = hashlib.sha256(text.encode()).hexdigest()
        return ArticleReport(digest, None, None, self.language, len(text), len(text.split()))


def read_article(text: str) -> ReadArticle:
    """Takes the repeats out of ``text``; a language other than English is reported as unknown."""
    started = time.perf_counter()
    found = in_article.find_duplicates(text)
    text_read = canonicalize(text, found.kept)
    language = "en" if begins_in_english(text_read.text) else None
    took = time.perf_counter() - started
    return ReadArticle(text_read, found.removed, language, took, len(text), len(text.split()))


def _to_source(result: Summary, read: ReadArticle) -> Summary:
    """The result in offsets of the submitted text, and with its size."""
    sentences = tuple(
        replace(s, sources=tuple(read.text.to_source(span) for span in s.sources)) for s in result.sentences
    )
    selected = tuple(read.text.to_source(span) for span in result.coverage.selected)
    coverage = replace(result.coverage, selected=selected)
    removed = sum(r.end - r.start for r in read.removed)
    duplicates = DuplicatesReport(removed, read.removed)
    article = replace(result.article, characters=read.characters, words=read.words)
    return replace(result, sentences=sentences, duplicates=duplicates, coverage=coverage, article=article)


def for_caller(result: Summary, read: ReadArticle, given: Article, timings: Timings) -> Summary:
    """The result as this caller gets it: what was given says title, address and warnings; its own offsets and times."""
    own = _to_source(result, read)
    text = given.text if given.extracted else None
    article = replace(own.article, title=given.title, url=given.url, text=text)
    return replace(own, article=article, warnings=(*given.warnings, *own.warnings), timings=timings)


def to_row(result: Summary, read: ReadArticle) -> dict[str, Any]:
    """What the cache keeps of a summary: in canonical offsets for whoever asks next, and as its first caller got it."""
    return {"canonical": result.to_dict(), "result": _to_source(result, read).to_dict()}


def from_row(row: dict[str, Any] | None, form: Literal["canonical", "result"]) -> Summary | None:
    """The summary in a cache row; a row that cannot be read counts as not there."""
    if row is None:
        return None
    try:
        return replace(Summary.from_dict(row[form]), cached=True)
    except (KeyError, TypeError, ValueError):
        _log.warning("a cached summary cannot be read: it counts as not there")
        return None
