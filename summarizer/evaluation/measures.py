"""The measures of one summary: ROUGE against the references, and support, novelty and length against the article."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

from summarizer.errors import SettingsError
from summarizer.grounding import support_of
from summarizer.grounding.words import words
from summarizer.text.sentences import sentences
from summarizer.types import SupportReport

LEAD = "lead-3"
_ROUGE = {"rouge_1": "rouge1", "rouge_2": "rouge2", "rouge_l": "rougeL", "rouge_lsum": "rougeLsum"}


@dataclass(frozen=True, slots=True)
class Example:
    """An article and its reference summaries.

    ``doc`` names the article where several examples have it (in several sets): they are drawn together.
    """

    id: str
    article: str
    references: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class Scores:
    """The measures of a summary, or their means over a system's summaries.

    ROUGE is F1 in percent, with stemming: against the reference that suits best, and (``_mean``) over all references.
    ``unsupported`` is 1 for a summary with a span that the article does not support, so its mean is their share.
    ``compression`` is the article's words over the summary's.
    """

    rouge_1: float
    rouge_2: float
    rouge_l: float
    rouge_lsum: float
    rouge_1_mean: float
    rouge_2_mean: float
    rouge_l_mean: float
    rouge_lsum_mean: float
    support: float
    unsupported: float
    novel_bigrams: float
    words: float
    compression: float


MEASURES = tuple(field.name for field in fields(Scores))


@dataclass(frozen=True, slots=True)
class Measured:
    """A summary, its measures, and where the article supports it."""

    example: Example
    system: str
    summary: str
    scores: Scores
    support: SupportReport


class Meter:
    """Measures summaries.

    Raises:
        SettingsError: rouge-score is not installed.
    """

    def __init__(self) -> None:
        self._rouge = _rouge_scorer()

    def measure(self, example: Example, system: str, summary: str) -> Measured:
        """The measures of one summary of an example."""
        against = [self._rouge(_a_sentence_a_line(each), _a_sentence_a_line(summary)) for each in example.references]
        support = support_of(example.article, summary)
        article_words, summary_words = _words(example.article), _words(summary)
        best = {name: max(found[key] for found in against) for name, key in _ROUGE.items()}
        mean = {f"{name}_mean": sum(found[key] for found in against) / len(against) for name, key in _ROUGE.items()}
        scores = Scores(
            **best,
            **mean,
            support=support.score if summary_words else 0.0,
            unsupported=float(any(sentence.unsupported for sentence in support.sentences)),
            novel_bigrams=_novel_bigrams(article_words, summary_words),
            words=float(len(summary_words)),
            compression=len(article_words) / max(1, len(summary_words)),
        )
        return Measured(example, system, summary, scores, support)


def _rouge_scorer() -> Callable[[str, str], dict[str, float]]:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise SettingsError(
            "rouge-score is not installed.", hint="It comes with the extra evaluate: pip install -e '.[evaluate]'."
        ) from None
    scorer: Any = RougeScorer(list(_ROUGE.values()), use_stemmer=True)

    def score(reference: str, summary: str) -> dict[str, float]:
        return {key: 100 * found.fmeasure for key, found in scorer.score(reference, summary).items()}

    return score


def _a_sentence_a_line(text: str) -> str:
    """ROUGE-Lsum takes each line as a sentence."""
    return "\n".join(text[span.start : span.end] for span in sentences(text))


def _words(text: str) -> list[str]:
    """Words and numbers in lower case, the same for prose as written, lower-cased and tokenized."""
    return [word.low for word in words(text) if word.is_word]


def _novel_bigrams(article: list[str], summary: list[str]) -> float:
    """The share of the summary's pairs of neighboring words that the article does not have."""
    known = set(pairwise(article))
    pairs = list(pairwise(summary))
    return sum(pair not in known for pair in pairs) / max(1, len(pairs))
