"""Stories as a stream: articles come one at a time, over a rolling window, in a SQLite file.

Where :func:`summarizer.group_stories` sees all articles at once, the index decides at once and for good: a new story,
one that goes on, or a copy. An article costs the same however full the window is: its rarest words and a sample of
its shingles name the candidates, and of each key only the latest articles are looked at.
"""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock

from summarizer.cache.stories import StoredArticle, StoryRows
from summarizer.dedup.copies import CONTAINMENT, SharedText, compare, overlap
from summarizer.dedup.signatures import Signature, Window, bucket, pack, signature, unpack
from summarizer.dedup.stories import OTHER_OCCASION, VERSION, StoryDecision, whole_text
from summarizer.dedup.terms import event_terms
from summarizer.types import Article

SCHEME = f"1/{VERSION}"
_POSTINGS = 48  # of each key, so many of the latest articles are candidates
_CANDIDATES, _COPY_CANDIDATES = 32, 8
_MIN_KEYS = 3  # one or two rare words in common are chance, and looking at every chance costs most of the time
_STORIES, _MEMBERS = 4, 8  # an article is compared with so many members of so many stories
# An article that is judged at once needs a lower bar than average linkage has, and more care with young stories: the
# mean likeness is taken as if half a member more were not like it at all (docs/adr/0002-stories.md).
_THRESHOLD, _DOUBT = 0.115, 0.5
_KEPT_SIGNATURES = 4096
_COMMIT_EVERY = 500


@dataclass(slots=True)
class _Known:
    """An article at hand; the length of its vector is measured again once the window has grown by a tenth."""

    story: int
    signature: Signature
    norm: float
    articles: int


class StoryIndex:
    """Thread-safe. One process at a time writes a file; ``path=None`` keeps the index in memory."""

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        window: timedelta = timedelta(days=14),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rows = StoryRows(None if path is None else Path(path))
        self._span_s, self._clock = window.total_seconds(), clock
        self._lock, self._closed = RLock(), False
        self._signatures: OrderedDict[int, _Known] = OrderedDict()
        self._counts, self._newest = Window(), float("-inf")
        if self._rows.get("scheme") not in (None, SCHEME):
            self._build_anew()
        else:
            self._rows.put("scheme", SCHEME)
            self._rows.commit()
            self._recount()

    def __enter__(self) -> StoryIndex:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __len__(self) -> int:
        with self._lock:
            return self._rows.count()

    def close(self) -> None:
        """Keeps what was taken in, and closes the file."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._rows.commit()
                self._rows.close()

    def stories(self) -> dict[int, tuple[str, ...]]:
        """The ids of the articles in the window by story, in the order of arrival."""
        with self._lock:
            found: dict[int, list[str]] = {}
            for story, id in self._rows.members():
                found.setdefault(story, []).append(id)
            return {story: tuple(ids) for story, ids in found.items()}

    def add(self, article: Article | str, *, id: str | None = None, published: datetime | None = None) -> StoryDecision:
        """Takes an article in, and says what it is.

        Args:
            article: A string is an article without a title.
            id: What it is known by; by default its address, or where it has none, a hash of title and text. The same
                one again is the same article: it changes nothing, and the first answer is given. For a copy to be
                called one, it has to have an id, or an address, of its own.
            published: Now where not given, or where it lies ahead; a time without a zone is UTC.
        """
        with self._lock:
            decision = self._add(Article.of(article), id, published)
            self._rows.commit()
            return decision

    def add_many(
        self, articles: Iterable[tuple[Article, str | None, datetime | None]]
    ) -> Generator[StoryDecision, None, None]:
        """Like :meth:`add` for many of (article, id, published), several times as fast: it commits seldom."""
        try:
            for number, (article, id, published) in enumerate(articles, start=1):
                with self._lock:
                    decision = self._add(article, id, published)
                    if number % _COMMIT_EVERY == 0:
                        self._rows.commit()
                yield decision
        finally:  # what has been told is kept, also where the caller goes or an article fails
            with self._lock:
                if not self._closed:
                    self._rows.commit()

    def _add(self, article: Article, id: str | None, published: datetime | None) -> StoryDecision:
        id = id or (article.url or "").encode("utf-8", "replace").decode() or _hash(article)
        known = self._rows.by_id(id)
        if known is not None:
            return StoryDecision.from_dict(json.loads(known.decision))
        try:
            with self._rows.all_or_nothing():
                return self._take_in(id, article, published)
        except BaseException:
            self._recount()
            raise

    def _take_in(self, id: str, article: Article, published: datetime | None) -> StoryDecision:
        now = self._clock()
        # A feed that dates an article years ahead must not empty the window.
        at = min(_seconds(published), now) if published is not None else now
        if at < self._newest - self._span_s:
            return StoryDecision(id, "outside", 0)
        if at > self._newest:
            self._newest = at
            self._forget(at - self._span_s)
        whole = whole_text(article)
        terms = event_terms(whole)
        found = signature(terms, whole, article.text)
        self._counts.add(found)  # before the comparison: a term that both have must not count as a lone one
        decision = self._decide(id, article, terms, found)
        if decision.kind == "new":
            number = int(self._rows.get("stories") or 0) + 1
            self._rows.put("stories", str(number))
            decision = replace(decision, story=number)
        row = StoredArticle(
            id, decision.story, at, _packed(article), pack(found), json.dumps(decision.to_dict(), ensure_ascii=True)
        )
        self._rows.insert(row, self._keys(found))
        return decision

    def _decide(self, id: str, article: Article, terms: dict[str, float], found: Signature) -> StoryDecision:
        words, shingles = self._shared_keys(found)
        copy, vetoed = self._best_copy(article, found, shingles)
        if copy is not None:
            row, similarity, shared = copy
            return StoryDecision(id, "copy", row.story, row.id, round(similarity, 4), shared=shared)
        like: dict[int, float] = {}
        stories: dict[int, float] = {}
        norm = self._counts.norm(found)
        for number, count in (words + shingles).most_common(_CANDIDATES):
            if count < _MIN_KEYS:
                break
            story = self._known(number).story
            like[number] = self._like(found, norm, number) * (OTHER_OCCASION if number in vetoed else 1.0)
            stories[story] = max(stories.get(story, 0.0), like[number])
        best, most = 0, 0.0
        for story in sorted(stories, key=lambda s: (-stories[s], s))[:_STORIES]:
            if stories[story] >= _THRESHOLD and (mean := self._mean(found, norm, story, like)) > most:
                best, most = story, mean
        if most < _THRESHOLD:
            return StoryDecision(id, "new", 0)
        closest = max((n for n in like if self._known(n).story == best), key=lambda n: like[n])
        evidence = _shared_terms(terms, self._known(closest).signature)
        return StoryDecision(
            id, "continues", best, self._rows.by_number(closest).id, round(like[closest], 4), terms=evidence
        )

    def _best_copy(
        self, article: Article, found: Signature, shared: Counter[int]
    ) -> tuple[tuple[StoredArticle, float, tuple[SharedText, ...]] | None, set[int]]:
        """The article that this one copies most closely, if any; and the look-alikes that it does not copy."""
        best: tuple[StoredArticle, float, tuple[SharedText, ...]] | None = None
        closest, vetoed = 0.0, set()
        for number, count in shared.most_common(_COPY_CANDIDATES):
            other = self._known(number).signature
            if count < 0.5 * CONTAINMENT * min(len(found.shingle_keys), len(other.shingle_keys)):
                continue
            measured = overlap(found.shingles, other.shingles)
            if not measured.copy or measured.jaccard <= closest:
                continue
            row = self._rows.by_number(number)
            comparison = compare(article.text, _unpacked(row.content).text)
            if comparison.other_occasion:
                vetoed.add(number)
            else:
                closest, best = measured.jaccard, (row, measured.containment, comparison.shared)
        return best, vetoed

    def _mean(self, found: Signature, norm: float, story: int, like: dict[int, float]) -> float:
        """How alike an article is to the last members of a story, on average."""
        total, members = 0.0, self._rows.numbers(story, _MEMBERS)
        for number in members:
            if number not in like:
                like[number] = self._like(found, norm, number)
            total += like[number]
        return total / (len(members) + _DOUBT)

    def _shared_keys(self, found: Signature) -> tuple[Counter[int], Counter[int]]:
        """How many keys each candidate shares: of words, and of shingles."""
        words: Counter[int] = Counter()
        shingles: Counter[int] = Counter()
        for key in self._counts.word_keys(found):
            words.update(self._rows.latest(key, _POSTINGS))
        for key in found.shingle_keys.tolist():
            shingles.update(self._rows.latest(key, _POSTINGS))
        return words, shingles

    def _keys(self, found: Signature) -> list[int]:
        return [*self._counts.word_keys(found), *found.shingle_keys.tolist()]

    def _like(self, found: Signature, norm: float, number: int) -> float:
        known = self._known(number)
        return self._counts.likeness(found, norm, known.signature, known.norm)

    def _known(self, number: int) -> _Known:
        kept = self._signatures.get(number)
        if kept is None:
            story, data = self._rows.signature(number)
            kept = self._signatures[number] = _Known(story, unpack(data), 0.0, 0)
            if len(self._signatures) > _KEPT_SIGNATURES:
                self._signatures.popitem(last=False)
        else:
            self._signatures.move_to_end(number)
        if self._counts.articles > 1.1 * kept.articles:
            kept.norm, kept.articles = self._counts.norm(kept.signature), self._counts.articles
        return kept

    def _forget(self, before: float) -> None:
        for row in self._rows.before(before):
            found = unpack(row.signature)
            self._counts.add(found, -1)
            self._rows.delete(row.number)
            self._signatures.pop(row.number, None)

    def _recount(self) -> None:
        """Reads from the file what is kept in memory."""
        self._signatures.clear()
        self._counts = Window()
        for row in self._rows.all():
            self._counts.add(unpack(row.signature))
        self._newest = self._rows.newest()

    def _build_anew(self) -> None:
        """Reads a file of another scheme: its articles are taken in again, in the order in which they came."""
        rows = list(self._rows.all())
        self._rows.clear()
        self._recount()
        self._rows.put("scheme", SCHEME)
        for row in rows:
            self._add(_unpacked(row.content), row.id, datetime.fromtimestamp(row.published, UTC))
        self._rows.commit()


def _seconds(time: datetime) -> float:
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()


def _hash(article: Article) -> str:
    return hashlib.sha256(whole_text(article).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _packed(article: Article) -> bytes:
    return zlib.compress(json.dumps([article.title, article.text, article.url]).encode(), 1)


def _unpacked(content: bytes) -> Article:
    title, text, url = json.loads(zlib.decompress(content))
    return Article(text, title, url)


def _shared_terms(terms: dict[str, float], other: Signature, most: int = 8) -> tuple[str, ...]:
    having = set(other.terms.tolist())
    shared = [term for term in terms if bucket(term) in having]
    return tuple(sorted(shared, key=lambda term: (-terms[term], term))[:most])
