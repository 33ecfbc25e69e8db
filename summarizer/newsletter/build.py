"""Articles into stories, and of each story one summary."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from summarizer.blocking import Summarizer
from summarizer.dedup.stories import group_stories
from summarizer.errors import SummarizerError
from summarizer.types import Article, Length, Summary

_ADDRESS = re.compile(r"https?://([^\s<>\\/?#]+)[^\s<>\\]*")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a story was told: a title or a host, and an http(s) address if there is one."""

    label: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A story: the article that stands for it, its summary, and the other articles that tell it."""

    headline: str
    summary: Summary
    article: Article
    others: tuple[Article, ...]

    @property
    def unsupported(self) -> list[str]:
        """What the summary says and the article does not."""
        return [span.text for each in self.summary.sentences for span in each.unsupported]

    @property
    def sources(self) -> list[Source]:
        """The articles that can be named."""
        return [source for each in (self.article, *self.others) if (source := _source(each)).label]

    def to_dict(self) -> dict[str, Any]:
        """The entry as plain JSON values; of the articles, title and address."""
        return {
            "headline": self.headline,
            "summary": self.summary.to_dict(),
            "article": _named(self.article),
            "others": [_named(other) for other in self.others],
        }


@dataclass(frozen=True, slots=True)
class Newsletter:
    """The entries, and the articles that could not be summarized, each with its error."""

    entries: tuple[Entry, ...]
    failed: tuple[tuple[Article, SummarizerError], ...]


def build_newsletter(
    articles: Sequence[Article],
    summarizer: Summarizer,
    *,
    length: Length = "medium",
    entries: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Newsletter:
    """Groups ``articles`` into stories and summarizes one article of each.

    Args:
        articles: The day's articles; the order is kept among stories with as many articles.
        summarizer: What summarizes.
        length: Of each summary.
        entries: At most so many stories.
        on_progress: Called with stories done and stories in all.

    An article without a title, or with a blank one, gets a headline of the model's. Stories whose article fails (it is
    empty, say) are in ``failed``; the others are not lost.
    """
    stories = sorted(group_stories(articles), key=lambda story: -len(story.members))[:entries]
    leads = [articles[story.representative] for story in stories]
    written = summarizer.summarize_many(leads, length=length, on_result=on_progress)
    untitled = [i for i, lead in enumerate(leads) if not _title(lead) and isinstance(written[i], Summary)]
    made = summarizer.summarize_many([leads[i] for i in untitled], format="headline")
    headlines = {i: each.summary for i, each in zip(untitled, made, strict=True) if isinstance(each, Summary)}
    found: list[Entry] = []
    failed: list[tuple[Article, SummarizerError]] = []
    for i, (story, lead, summary) in enumerate(zip(stories, leads, written, strict=True)):
        if isinstance(summary, SummarizerError):
            failed.append((lead, summary))
            continue
        others = tuple(articles[member] for member in story.members if member != story.representative)
        headline = _title(lead) or headlines.get(i) or summary.sentences[0].text
        found.append(Entry(headline, summary, lead, others))
    return Newsletter(tuple(found), tuple(failed))


def _named(article: Article) -> dict[str, Any]:
    return {"title": article.title, "url": article.url}


def _title(article: Article) -> str:
    """The title; empty where there is none to see."""
    title = (article.title or "").strip()
    return title if any(c.isprintable() and not c.isspace() for c in title) else ""


def _source(article: Article) -> Source:
    url = (article.url or "").strip()
    address = _ADDRESS.fullmatch(url)
    return Source(_title(article) or (address[1] if address else ""), url if address else None)
