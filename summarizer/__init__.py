"""Self-hosted summarization: removes repeats, shows its sources, flags what the article does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from summarizer.blocking import Summarizer
    from summarizer.dedup.in_article import find_duplicates
    from summarizer.dedup.stories import group_stories
    from summarizer.errors import SummarizerError
    from summarizer.grounding import check_support
    from summarizer.pipeline import AsyncSummarizer
    from summarizer.settings import Settings
    from summarizer.story_index import StoryIndex
    from summarizer.types import Article, Summary

__version__ = "0.1.0"

# The public door is lazy: ``import summarizer`` must cost nothing (no torch, no transformers, no pydantic).
_HOMES = {
    "Article": "summarizer.types",
    "AsyncSummarizer": "summarizer.pipeline",
    "Settings": "summarizer.settings",
    "StoryIndex": "summarizer.story_index",
    "Summarizer": "summarizer.blocking",
    "SummarizerError": "summarizer.errors",
    "Summary": "summarizer.types",
    "check_support": "summarizer.grounding",
    "find_duplicates": "summarizer.dedup.in_article",
    "group_stories": "summarizer.dedup.stories",
}

__all__ = [
    "Article",
    "AsyncSummarizer",
    "Settings",
    "StoryIndex",
    "Summarizer",
    "SummarizerError",
    "Summary",
    "check_support",
    "find_duplicates",
    "group_stories",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
