"""Whether a text is English, by its commonest words."""

from __future__ import annotations

from collections.abc import Collection

_COMMON = frozenset("the of and to in a is that for it was on as with be by at this from are have has not".split())
_LEAST_SHARE = 0.12
_BEGINNING = 20_000  # characters


def looks_english(words: Collection[str]) -> bool:
    """Whether enough of ``words`` (case-folded), but for numbers, are English function words; true of none at all.

    Of a text without spaces, such as a Japanese one with "for PC" in it, most of the letters stand in other words.
    """
    told = [word for word in words if any(map(str.isalpha, word))]
    plain = sum(len(word) for word in told if word.isascii())
    return sum(word in _COMMON for word in told) >= _LEAST_SHARE * len(told) and 2 * plain >= sum(map(len, told))


def begins_in_english(text: str) -> bool:
    """Whether the first pages of a text look English."""
    return looks_english(text[:_BEGINNING].casefold().split())
