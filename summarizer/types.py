"""The nouns of the product, as frozen values.

Their JSON form is the one result shape: HTTP body, command line ``--json``, cache row and newsletter input
are all a :class:`Summary`. Offsets are Unicode code points into the text that the caller submitted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, astuple, dataclass, field, replace
from functools import cache
from typing import Any, Literal

RemovalKind = Literal["exact", "near", "boilerplate"]
UnsupportedKind = Literal["number", "name", "quotation", "negation", "role", "contact"]
FinishReason = Literal["stop", "length", "short_article", "extractive"]
Length = Literal["short", "medium", "long"]
Format = Literal["paragraph", "bullets", "headline"]
Grounding = Literal["report", "repair", "strict"]
Progress = Callable[[int, int], None]  # called with what is done, and of how much


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points, ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Removed:
    """A stretch of the article that was left out, and what it repeats.

    ``similarity`` is 1.0 for exact repeats (after normalisation) and the share of common words for near ones.
    ``duplicate_of`` is ``None`` only for page furniture that repeats nothing.
    """

    start: int
    end: int
    duplicate_of: Span | None
    kind: RemovalKind
    similarity: float = 1.0


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What :func:`summarizer.find_duplicates` returns: ``text`` without repeats, and the spans ``removed``.

    ``kept`` is the complement of ``removed``: ``text == "".join(source[k.start:k.end] for k in kept)``.
    """

    text: str
    removed: tuple[Removed, ...]
    kept: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class DuplicatesReport:
    """The ``duplicates`` part of a result."""

    characters_removed: int = 0
    removed: tuple[Removed, ...] = ()


@dataclass(frozen=True, slots=True)
class UnsupportedSpan:
    """A number, name or quotation of the summary that the article does not contain. Offsets: in the sentence."""

    text: str
    kind: UnsupportedKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SupportedSentence:
    """One summary sentence, the source sentences that it rests on, and what in it has no support.

    ``score`` in [0, 1] is the estimated probability that a careful reader would call the sentence supported.
    """

    text: str
    supported: bool
    score: float
    sources: tuple[Span, ...] = ()
    unsupported: tuple[UnsupportedSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class SupportReport:
    """What :func:`summarizer.check_support` returns; ``score`` is for the whole summary."""

    score: float
    sentences: tuple[SupportedSentence, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """A text to summarize, as submitted; or as taken out of a page (``extracted``).

    The result of an extracted article carries its text, since the offsets are into that; ``warnings`` say what of
    the page could not be read.
    """

    text: str
    title: str | None = None
    url: str | None = None
    extracted: bool = False
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: str | Article, title: str | None = None, url: str | None = None) -> Article:
        """A text or an article as an article, with a title and address that win over its own."""
        own = cls(given) if isinstance(given, str) else given
        if not (isinstance(own, cls) and isinstance(own.text, str)):
            raise TypeError(f"An article must be a text or an Article with one, not {type(given).__name__}.")
        return replace(own, title=own.title if title is None else title, url=own.url if url is None else url)


LazyArticle = Callable[[], Awaitable[str | Article]]  # an article that has to be had first


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """The ``article`` part of a result. ``text`` is set only where the caller did not submit text itself (HTML)."""

    hash: str
    title: str | None
    url: str | None
    language: str | None
    characters: int
    words: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the de-duplicated article the model read, in its own tokens.

    ``tokens`` is the whole de-duplicated article, ``tokens_read`` what was given to the model. A small model is given
    the salient sentences of each chunk: ``selected`` says which (empty where it was given everything).
    """

    tokens: int
    tokens_read: int
    chunks: int
    truncated: bool
    selected: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model wrote the summary, and how it was run."""

    name: str
    revision: str | None
    engine: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds spent in each stage, to 0.1 ms; ``queue`` is the wait for a place in a batch of what writes."""

    dedup: float = 0.0
    queue: float = 0.0
    inference: float = 0.0
    grounding: float = 0.0
    total: float = 0.0

    def __add__(self, other: Timings) -> Timings:
        return Timings(*(round(mine + theirs, 4) for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Summary:
    """The one result shape."""

    id: str
    summary: str
    sentences: tuple[SupportedSentence, ...]
    article: ArticleReport
    duplicates: DuplicatesReport
    coverage: Coverage
    model: ModelInfo
    finish_reason: FinishReason
    warnings: tuple[str, ...] = ()
    cached: bool = False
    timings: Timings = field(default_factory=Timings)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON values."""
        values = asdict(self)
        if values["article"]["text"] is None:
            del values["article"]["text"]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Summary:
        """The inverse of :meth:`to_dict`; raises ``ValueError`` on anything else (a corrupt cache row)."""
        summary: Summary = _adapter().validate_python(values)
        return summary


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter  # here, so that importing the types costs nothing

    return TypeAdapter(Summary)
