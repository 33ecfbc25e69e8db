"""What a summary rests on: the source sentences of each sentence, and what the article does not support.

Numbers, quotations and contacts are checked in any language; names, dates, roles and negations in English only, and
the score is fitted on English news. See ``docs/grounding.md``.
"""

from summarizer.grounding.check import (
    VERSION,
    careless_cuts,
    check_support,
    examine,
    located,
    nearest_sources,
    repair,
    require_words,
    score_support,
    stated,
    support_by,
    support_of,
)
from summarizer.grounding.source import Reading, Source, read_source

__all__ = [
    "VERSION",
    "Reading",
    "Source",
    "careless_cuts",
    "check_support",
    "examine",
    "located",
    "nearest_sources",
    "read_source",
    "repair",
    "require_words",
    "score_support",
    "stated",
    "support_by",
    "support_of",
]
