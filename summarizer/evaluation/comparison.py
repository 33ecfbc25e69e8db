"""Systems side by side on the same examples, lead-3 always among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from summarizer.engines.lead import lead
from summarizer.evaluation.bootstrap import DRAWS, SEED, SystemResult, summarize_system
from summarizer.evaluation.measures import LEAD, Example, Measured, Meter
from summarizer.types import ModelInfo


@dataclass(frozen=True, slots=True)
class Outputs:
    """A system's summaries by the id of their example. It need not have one of each."""

    system: str
    summaries: Mapping[str, str]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """How our summaries were made; ``failures`` are messages by the id of the example."""

    data: str
    length: str
    grounding: str
    model: ModelInfo
    finish_reasons: Mapping[str, int]
    failures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The systems in order (ours as given, lead-3, the others by ROUGE-2), and each summary with its measures."""

    examples: tuple[Example, ...]
    systems: tuple[SystemResult, ...]
    measured: Mapping[tuple[str, str], Measured] = field(repr=False)
    """By (id of the example, system)."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; of the articles only the ids, so of lead-3, their own words, only the measures."""
        rows = [(id, system, each) for (id, system), each in self.measured.items()]
        return {
            "articles": len(self.examples),
            "bootstrap": {"draws": DRAWS, "seed": SEED, "level": 0.95},
            "systems": [_rounded(asdict(system)) for system in self.systems],
            "lead_3": [_row(id, each, with_text=False) for id, system, each in rows if system == LEAD],
            "summaries": [
                {"system": system, "summary": each.summary} | _row(id, each, with_text=True)
                for id, system, each in rows
                if system != LEAD
            ],
        }


def compare(
    examples: Sequence[Example],
    ours: Outputs,
    others: Sequence[Outputs],
    on_progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Measures all summaries of the examples.

    Args:
        examples: Articles with references, each id once.
        ours: Stands first; at least one summary of the examples.
        others: Systems that have at least one summary of the examples; the rest of theirs is left out.
        on_progress: Called with summaries done and summaries in all.

    Raises:
        SettingsError: rouge-score is not installed.
    """
    meter, done = Meter(), 0
    leads = Outputs(LEAD, {example.id: lead(example.article) for example in examples})
    given = [leads, ours, *others]
    work = [
        (
            outputs.system,
            [(example, outputs.summaries[example.id]) for example in examples if example.id in outputs.summaries],
        )
        for outputs in given
    ]
    total = sum(len(pairs) for _, pairs in work)
    measured: dict[tuple[str, str], Measured] = {}
    for system, pairs in work:
        for example, summary in pairs:
            measured[example.id, system] = meter.measure(example, system, summary)
            done += 1
            if on_progress is not None:
                on_progress(done, total)
    by_lead = {example.id: measured[example.id, LEAD] for example in examples}
    results = []
    for outputs, (system, pairs) in zip(given, work, strict=True):
        own = [measured[example.id, system] for example, _ in pairs]
        if own:
            results.append(summarize_system(own, {} if system == LEAD else by_lead, outputs.seconds))
    order = {ours.system: 0, LEAD: 1}
    results.sort(key=lambda result: (order.get(result.system, 2), -result.scores.rouge_2))
    return Comparison(tuple(examples), tuple(results), measured)


def _row(id: str, measured: Measured, *, with_text: bool) -> dict[str, Any]:
    """The measures of a summary and of its sentences, ``with_text`` with what these and their spans say."""
    sentences = asdict(measured.support)["sentences"]
    if not with_text:
        sentences = [_without_text(sentence) for sentence in sentences]
    return {"id": id, "scores": _rounded(asdict(measured.scores)), "sentences": sentences}


def _without_text(sentence: dict[str, Any]) -> dict[str, Any]:
    spans = [{key: value for key, value in span.items() if key != "text"} for span in sentence["unsupported"]]
    return {key: value for key, value in sentence.items() if key != "text"} | {"unsupported": spans}


def _rounded(values: Any) -> Any:
    """The numbers with four digits after the point."""
    if isinstance(values, float):
        return round(values, 4)
    if isinstance(values, dict):
        return {key: _rounded(value) for key, value in values.items()}
    return values
