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
    """An article without its repeats; ``characters`` and ``words`` are those of the text as submitted."""

    text: Canonical
    removed: tuple[Removed, ...]
    language: str | None
    seconds: float
    characters: int
    words: int


def read_article(text: str) -> ReadArticle:
    """Takes the repeats out of ``text``; a language other than English is reported as unknown."""
    started = time.perf_counter()
    found = in_article.find_duplicates(text)
    text_read = canonicalize(text, found.kept)
    words = text_read.text[:20_000].casefold().split()
    language = "en" if looks_english(words) else None
    took = time.perf_counter() - started
    return ReadArticle(text_read, found.removed, language, took, len(text), len(text.split()))


def to_source(result: Summary, read: ReadArticle) -> Summary:
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


def for_caller(result: Summary, read: ReadArticle, title: str | None, url: str | None, timings: Timings) -> Summary:
    """The result as this caller gets it: its own title, address, offsets and times."""
    own = to_source(result, read)
    return replace(own, article=replace(own.article, title=title, url=url), timings=timings)
