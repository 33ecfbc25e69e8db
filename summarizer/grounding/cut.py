"""A summary sentence beside the one that it was cut from: what it put in, what it left out, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise

from summarizer.grounding.source import Source
from summarizer.grounding.words import Word

_LONGEST = 300  # words of a sentence that is compared with its source word for word


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the two differ: what was ``put`` in and ``left_out``, and the ``place`` of the next word in the sentence.

    ``after`` is what stands in the source before what was left out, if anything does.
    """

    put: Sequence[Word]
    left_out: Sequence[Word]
    place: int
    after: Word | None


class Cut:
    """The ``tokens`` of a sentence beside those of the ``whole`` one that it rests on first.

    That is empty where it rests on nothing, or where one of the two is too long to be compared. ``read`` are all words
    that it rests on, ``known`` the stems of all words of the article.
    """

    def __init__(self, tokens: Sequence[Word], source: Source, chosen: Sequence[int]) -> None:
        self.tokens = tokens
        self.known = source.all_stems
        self.read = [token for i in chosen for token in source.tokens[i]]
        theirs = source.tokens[chosen[0]] if chosen else ()
        self.whole = theirs if max(len(tokens), len(theirs)) <= _LONGEST else ()

    @cached_property
    def words(self) -> list[Word]:
        """The words of the sentence, without other marks."""
        return [token for token in self.tokens if token.is_word]

    @cached_property
    def lows(self) -> frozenset[str]:
        """What the sentence has, folded."""
        return frozenset(token.low for token in self.tokens)

    @cached_property
    def gaps(self) -> list[Gap]:
        """Where the two differ, in order; the last one is behind the last word that they share."""
        mine, theirs = ([token.stem for token in told] for told in (self.tokens, self.whole))
        found: list[Gap] = []
        mine_end = their_end = 0
        for at, end, size in SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks():
            after = self.whole[their_end - 1] if their_end else None
            found.append(Gap(self.tokens[mine_end:at], self.whole[their_end:end], at, after))
            mine_end, their_end = at + size, end + size
        return found

    @cached_property
    def opens_at(self) -> int:
        """The place in the whole one of the words that the sentence opens with; 0 where that is not sure."""
        places = [i for i, token in enumerate(self.whole) if token.is_word]
        first = [token.stem for token in self.words[:2]]
        starts = [one for one, other in pairwise(places) if [self.whole[one].stem, self.whole[other].stem] == first]
        return starts[0] if len(starts) == 1 else 0
