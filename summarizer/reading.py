"""From a submitted text to what the model reads, and from the model's result back to the submitted text."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from summarizer.canonical import Canonical, canonicalize
from summarizer.dedup import in_article
from summarizer.language import looks_english
from summarizer.types import DuplicatesReport, Removed, Summary, Timings


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article without its repeats."""

    text: Canonical
    removed: tuple[Removed, ...]
    language: str | None
    seconds: float


def read_article(text: str) -> ReadArticle:
    """Takes the repeats out of ``text``; a language other than English is reported as unknown."""
    started = time.perf_counter()
    found = in_article.find_duplicates(text)
    text_read = canonicalize(text, found.kept)
    words = text_read.text[:20_000].casefold().split()
    return ReadArticle(text_read, found.removed, "en" if looks_english(words) else None, time.perf_counter() - started)


def to_source(result: Summary, read: ReadArticle) -> Summary:
    """The result in offsets of the submitted text."""
    sentences = tuple(
        replace(s, sources=tuple(read.text.to_source(span) for span in s.sources)) for s in result.sentences
    )
    selected = tuple(read.text.to_source(span) for span in result.coverage.selected)
    coverage = replace(result.coverage, selected=selected)
    removed = sum(r.end - r.start for r in read.removed)
    duplicates = DuplicatesReport(removed, read.removed)
    return replace(result, sentences=sentences, duplicates=duplicates, coverage=coverage)


def for_caller(
    result: Summary, read: ReadArticle, text: str, title: str | None, url: str | None, timings: Timings
) -> Summary:
    """The result as this caller gets it: its own title, address, offsets and times."""
    article = replace(result.article, title=title, url=url, characters=len(text), words=len(text.split()))
    return replace(to_source(result, read), article=article, timings=timings)
