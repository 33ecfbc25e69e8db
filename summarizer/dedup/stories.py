"""Stories: articles that several outlets carry about one event, copies of one text among them.

Two levels in one result. *Copies* share their text (:mod:`summarizer.dedup.copies`); articles on *the same event*
share its terms (:mod:`summarizer.dedup.terms`), and average linkage keeps a story from swallowing the day. The method
and the one threshold were chosen by measurement: docs/adr/0002-stories.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from summarizer.dedup import copies, terms
from summarizer.dedup.linkage import average_linkage
from summarizer.dedup.occasions import agreement, occasion
from summarizer.types import Article, Progress, Span

if TYPE_CHECKING:
    from summarizer.dedup.copies import Overlap, SharedText
    from summarizer.dedup.vectors import Vectors

VERSION = f"1.{copies.VERSION}.{terms.VERSION}"  # changes where a grouping can change: a kept index is built anew
THRESHOLD = 0.155  # docs/adr/0002-stories.md has the curve
_FLOOR = 0.05  # pairs less alike count as not alike at all
_COPY = 2.0  # more than any likeness of terms: a text is not torn from its copies by one that is like few of them
OTHER_OCCASION = 0.15  # what is left of the similarity of one form filled in for two days or quarters
_MOST_LINKS = 64

DecisionKind = Literal["new", "continues", "copy", "outside"]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class StoryLink:
    """Why two articles are in one story, ``a < b`` by position.

    Of copies, ``similarity`` is the share of the shorter one's shingles that the longer one has, and ``shared`` holds
    the longest common passages (offsets into each article's ``text``). Of two reports on the same event, it is the
    cosine of their terms, and ``terms`` holds those that count most.
    """

    a: int
    b: int
    kind: Literal["copy", "event"]
    similarity: float
    shared: tuple[SharedText, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One event. Articles are named by their position in what was given to :func:`group_stories`.

    ``copies`` are the groups of members that carry one text; ``links`` hold every pair of copies (of a text with very
    many, the strongest), and the event links that tie the rest of the story together.
    """

    members: tuple[int, ...]
    representative: int
    reason: str
    copies: tuple[tuple[int, ...], ...] = ()
    links: tuple[StoryLink, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The story as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class StoryDecision:
    """What a :class:`summarizer.StoryIndex` says of an article.

    ``of`` is the id of the article that it copies, or of the one in its story that it is most like; ``shared`` holds
    the passages that it has in common with the one it copies (``a`` in the new article), ``terms`` those with the one
    it is like. ``kind`` is *outside* for an article that is older than the window; it is not kept.
    """

    id: str
    kind: DecisionKind
    story: int
    of: str | None = None
    similarity: float = 0.0
    shared: tuple[SharedText, ...] = ()
    terms: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The decision as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> StoryDecision:
        """The inverse of :meth:`to_dict`."""
        shared = tuple(copies.SharedText(Span(**each["a"]), Span(**each["b"])) for each in values["shared"])
        return cls(**(values | {"shared": shared, "terms": tuple(values["terms"])}))


@dataclass(frozen=True, slots=True)
class _Copied:
    overlap: Overlap
    shared: tuple[SharedText, ...]


def group_stories(articles: Sequence[Article | str], *, on_progress: Progress | None = None) -> list[Story]:
    """Groups articles by the event they report.

    Args:
        articles: In any order; a string is an article without a title. Repeats are welcome.
        on_progress: Called with the number of articles done, and of all.

    Returns:
        Every article in exactly one story; stories in the order of their first members.
    """
    from summarizer.dedup.vectors import similarities, vectors

    given = [Article.of(article) for article in articles]
    sets, weighted, occasions = [], [], []
    for done, article in enumerate(given, start=1):
        sets.append(copies.shingles(article.text))
        whole = whole_text(article)
        weighted.append(terms.event_terms(whole))
        occasions.append(occasion(whole))
        if on_progress is not None:
            on_progress(done, len(given))
    found = vectors(weighted)
    similarity = {
        (a, b): min(1.0, value * agreement(occasions[a], occasions[b])) for a, b, value in similarities(found, _FLOOR)
    }
    copied: dict[Pair, _Copied] = {}
    for (a, b), overlap in copies.copy_pairs(sets).items():
        comparison = copies.compare(given[a].text, given[b].text)
        if comparison.other_occasion:
            similarity[a, b] = similarity.get((a, b), 0.0) * OTHER_OCCASION
        else:
            copied[a, b] = _Copied(overlap, comparison.shared)
            similarity[a, b] = _COPY
    groups = average_linkage(len(given), similarity, THRESHOLD)
    story_of = {member: number for number, group in enumerate(groups) for member in group}
    inner: list[dict[Pair, float]] = [{} for _ in groups]
    for (a, b), value in similarity.items():
        if story_of[a] == story_of[b]:
            inner[story_of[a]][a, b] = value
    return [_story(group, inner[number], copied, found, given) for number, group in enumerate(groups)]


def whole_text(article: Article) -> str:
    """Title and body; the title once, where the body repeats it."""
    title = (article.title or "").strip()
    return article.text if article.text.lstrip().startswith(title) else f"{title}\n{article.text}"


def _story(
    group: list[int],
    similarity: dict[Pair, float],
    copied: dict[Pair, _Copied],
    found: Vectors,
    articles: list[Article],
) -> Story:
    if len(group) == 1:
        return Story((group[0],), group[0], "the only article")
    pairs = [pair for pair in similarity if pair in copied]
    links = [_copy_link(pair, copied[pair]) for pair in _few(pairs, copied)]
    links += [_event_link(pair, similarity[pair], found) for pair in _ties(group, similarity, copied)]
    center, mean = _center(group, similarity, articles)
    reason = f"most like the other {len(group) - 1} (mean similarity {mean:.2f})"
    if len(group) == 2:
        reason = "the longer of the two"
    return Story(
        tuple(group), center, reason, _copy_groups(group, pairs, copied), tuple(sorted(links, key=lambda k: (k.a, k.b)))
    )


def _center(group: list[int], similarity: dict[Pair, float], articles: list[Article]) -> tuple[int, float]:
    total = dict.fromkeys(group, 0.0)
    for (a, b), value in similarity.items():
        total[a] += value
        total[b] += value
    best = min(group, key=lambda member: (-round(total[member], 6), -len(articles[member].text), member))
    return best, total[best] / (len(group) - 1)


def _few(pairs: list[Pair], copied: dict[Pair, _Copied]) -> list[Pair]:
    """The pairs, but of an article with very many copies only the strongest: evidence, not a quadratic list."""
    taken: dict[int, int] = {}
    kept = []
    for pair in sorted(pairs, key=lambda p: (-copied[p].overlap.jaccard, p)):
        if min(taken.get(member, 0) for member in pair) < _MOST_LINKS:
            kept.append(pair)
            for member in pair:
                taken[member] = taken.get(member, 0) + 1
    return kept


def _ties(group: list[int], similarity: dict[Pair, float], copied: dict[Pair, _Copied]) -> list[Pair]:
    """The pairs that tie together what copies leave apart: the strongest spanning tree (Kruskal)."""
    root = {member: member for member in group}

    def find(member: int) -> int:
        while root[member] != member:
            root[member] = root[root[member]]
            member = root[member]
        return member

    tree = []
    for pair in sorted(similarity, key=lambda p: (p not in copied, -similarity[p], p)):
        a, b = find(pair[0]), find(pair[1])
        if a != b:
            root[b] = a
            if pair not in copied:
                tree.append(pair)
    return tree


def _copy_groups(group: list[int], pairs: list[Pair], copied: dict[Pair, _Copied]) -> tuple[tuple[int, ...], ...]:
    """Members with one text: those equal to the letter, and average linkage of the rest, as copies form chains."""
    first = {member: member for member in group}
    for a, b in sorted(pair for pair in pairs if copied[pair].overlap.jaccard == 1.0):
        first[b] = min(first[b], first[a])
    place = {member: position for position, member in enumerate(sorted(set(first.values())))}
    near = {(place[first[a]], place[first[b]]) for a, b in pairs if first[a] != first[b]}
    joined = average_linkage(len(place), {(min(pair), max(pair)): 1.0 for pair in near}, 0.5)
    number = {position: n for n, part in enumerate(joined) for position in part}
    found: dict[int, list[int]] = {}
    for member in group:
        found.setdefault(number[place[first[member]]], []).append(member)
    return tuple(tuple(members) for members in found.values() if len(members) > 1)


def _copy_link(pair: Pair, found: _Copied) -> StoryLink:
    return StoryLink(*pair, "copy", round(found.overlap.containment, 4), shared=found.shared)


def _event_link(pair: Pair, value: float, found: Vectors) -> StoryLink:
    return StoryLink(*pair, "event", round(value, 4), terms=found.shared(*pair))
