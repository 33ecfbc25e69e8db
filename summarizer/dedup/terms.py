"""What an article is about, as weighted terms: its words and its pairs of neighboring words.

Measured (docs/adr/0002-stories.md): word pairs tell look-alike events apart better than single words, a second
mention counts for little, and names and numbers count for half as much again. Embeddings added nothing to it.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt

VERSION = "1"

# Scripts written without spaces give one token a character; the pairs of neighbors then do the work of words.
# Hiragana is left out of both: it writes particles and endings.
_TOKEN = re.compile(
    "[\u30a0-\u30ff\u3400-\u9fff\u0e00-\u0eff]|[^\\W_\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]+(?:[.,]\\d+)*"
)
_MAX_CHARACTERS = 10_000
_NAME_WEIGHT = 1.5
_REPEAT_WEIGHT = 0.5
_MIXED_WEIGHT = sqrt(_NAME_WEIGHT)  # of a pair of a name and another word
_SUFFIXES = ("'s", "’s", "ing", "ed", "es", "s")
_STOP = frozenset(
    """a about above across after afterwards again against all almost alone along already also although always am among
    amongst an and another any anyhow anyone anything anyway anywhere are around as at back be became because become
    becomes been before beforehand behind being below beside besides between beyond both but by call can cannot could
    de did do does done down due during each eg either else elsewhere enough etc even ever every everyone everything
    everywhere except few find for former formerly from further get give go had has have he hence her here hers herself
    him himself his how however i ie if in inc indeed into is it its itself keep last latter least less ltd made many
    may me meanwhile might mine more moreover most mostly much must my myself name namely neither never nevertheless
    next no nobody none nor not nothing now nowhere of off often on once one only onto or other others otherwise our
    ours ourselves out over own part per perhaps please put rather re s said same say says see seem seemed seems several
    she should show side since so some somehow someone something sometime sometimes somewhere still such t take than
    that the their them themselves then thence there therefore they this those though through throughout thus to
    together too toward towards two un under until up upon us very via was we well were what whatever when whenever
    where whereas wherever whether which while who whoever whole whom whose why will with within without would yet you
    your yours yourself""".split()
)


def event_terms(text: str) -> dict[str, float]:
    """The terms of a text with their weight in it, before any weight for how rare they are elsewhere.

    Args:
        text: Title and body; what stands after 10,000 characters is left out.

    Returns:
        Weight by term; a term of two words holds a space.
    """
    words = [known for word in _TOKEN.findall(text[:_MAX_CHARACTERS]) if (known := _known(word)) is not None]
    names = [term for term, _ in words]
    emphasis: dict[str, float] = {}
    for term, weight in words:
        if emphasis.get(term, 0.0) < weight:
            emphasis[term] = weight
    pairs = [f"{first} {second}" for first, second in pairwise(names)]
    for pair, (_, first), (_, second) in zip(pairs, words, words[1:], strict=False):
        weight = first if first == second else _MIXED_WEIGHT
        if emphasis.get(pair, 0.0) < weight:
            emphasis[pair] = weight
    count = Counter(names)
    count.update(pairs)
    return {term: emphasis[term] * (1.0 + _REPEAT_WEIGHT * log(n)) for term, n in count.items()}


@lru_cache(maxsize=1 << 16)
def _known(word: str) -> tuple[str, float] | None:
    """Term and weight of a word; nothing for one that tells no article from another."""
    lower, digit = word.lower(), word[0].isdigit()
    if lower in _STOP or (len(word) == 1 and word.isascii() and not digit):
        return None
    return _stem(lower), _NAME_WEIGHT if digit or word[0].isupper() else 1.0


def _stem(word: str) -> str:
    """English endings off, roughly: 'elections' and 'election' must meet."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word
