"""A day's articles as a newsletter: from feeds, pages and texts to Markdown or HTML, one entry a story."""

from summarizer.newsletter.build import Entry, Newsletter, Source, build_newsletter
from summarizer.newsletter.html import to_html
from summarizer.newsletter.markdown import to_markdown
from summarizer.newsletter.sources import Collected, collect, read_sources

__all__ = [
    "Collected",
    "Entry",
    "Newsletter",
    "Source",
    "build_newsletter",
    "collect",
    "read_sources",
    "to_html",
    "to_markdown",
]
