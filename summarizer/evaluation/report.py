"""The comparison as one HTML page that loads nothing: table, plots, and examples with sources and unsupported spans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from string import Template

from summarizer.evaluation.bootstrap import DRAWS, Interval, SystemResult
from summarizer.evaluation.comparison import Comparison, Run
from summarizer.evaluation.measures import LEAD, Example, Measured
from summarizer.evaluation.plots import forest, scatter
from summarizer.types import Span, SupportedSentence

_MAX_EXAMPLES = 60
_COLUMNS = (  # measure, heading, factor, digits
    ("rouge_1", "ROUGE-1", 1, 1),
    ("rouge_2", "ROUGE-2", 1, 1),
    ("rouge_l", "ROUGE-L", 1, 1),
    ("rouge_lsum", "ROUGE-Lsum", 1, 1),
    ("support", "support", 1, 2),
    ("unsupported", "unsupported %", 100, 1),
    ("novel_bigrams", "new 2-grams %", 100, 1),
    ("words", "words", 1, 0),
    ("compression", "compression", 1, 1),
    ("rouge_1_mean", "ROUGE-1 mean", 1, 1),
    ("rouge_2_mean", "ROUGE-2 mean", 1, 1),
    ("rouge_l_mean", "ROUGE-L mean", 1, 1),
    ("rouge_lsum_mean", "ROUGE-Lsum mean", 1, 1),
)


def html_report(comparison: Comparison, run: Run) -> str:
    """The page.

    Args:
        comparison: What was measured; our system is its first.
        run: How our summaries were made.
    """
    ours = comparison.systems[0].system
    shown = _chosen(comparison, ours)
    count = (
        f"All {len(shown)} articles."
        if len(shown) == len(comparison.examples)
        else (f"{len(shown)} of {len(comparison.examples)} articles: those where ours has an unsupported span first.")
    )
    template = Template(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(f"{ours} on {run.data}"),
        about=escape(_about(comparison, run)),
        notes=_notes(run),
        table=_table(comparison.systems, ours),
        draws=f"{DRAWS:,}",
        scatter=scatter(comparison.systems, ours),
        forest=forest(comparison.systems, ours),
        shown=escape(count),
        examples="\n".join(_example(each, comparison, ours) for each in shown),
    )


def _about(comparison: Comparison, run: Run) -> str:
    model = run.model
    reasons = ", ".join(f"{reason} {count}" for reason, count in run.finish_reasons.items())
    return (
        f"{len(comparison.examples):,} articles; model {model.name}, engine {model.engine}, {model.dtype}; "
        f"length {run.length}, grounding {run.grounding}; finished by: {reasons}."
    )


def _notes(run: Run) -> str:
    lines = [f"<li>{escape(id)}: {escape(message)}</li>" for id, message in run.failures.items()]
    return f'<p class="flag">Failed, and left out of ours:</p><ul>{"".join(lines)}</ul>' if lines else ""


def _table(systems: Sequence[SystemResult], ours: str) -> str:
    heads = "".join(f'<th scope="col">{escape(heading)}</th>' for _, heading, _, _ in _COLUMNS)
    rows = [f'<tr><th scope="col">system</th><th scope="col">articles</th><th scope="col">seconds</th>{heads}</tr>']
    for system in systems:
        seconds = "" if system.seconds is None else f"{system.seconds:.2f}"
        cells = [f"<td>{system.articles}</td><td>{seconds}</td>"]
        for name, _, factor, digits in _COLUMNS:
            value = f"{factor * getattr(system.scores, name):.{digits}f}"
            cells.append(f"<td>{value}{_difference(system.to_lead.get(name), factor, digits)}</td>")
        kind = ' class="ours"' if system.system == ours else ""
        rows.append(f'<tr{kind}><th scope="row">{escape(system.system)}</th>{"".join(cells)}</tr>')
    return "\n".join(rows)


def _difference(found: Interval | None, factor: int, digits: int) -> str:
    if found is None:
        return ""
    value, low, high = (f"{factor * each:+.{digits}f}" for each in (found.difference, found.low, found.high))
    return f"<small{' class=clear' if found.is_clear else ''}>{value} [{low}, {high}]</small>"


def _chosen(comparison: Comparison, ours: str) -> list[Example]:
    """At most so many examples that the page stays light; those where ours has an unsupported span come first."""
    if len(comparison.examples) <= _MAX_EXAMPLES:
        return list(comparison.examples)
    return sorted(comparison.examples, key=lambda each: not _is_flagged(comparison, each, ours))[:_MAX_EXAMPLES]


def _is_flagged(comparison: Comparison, example: Example, system: str) -> bool:
    measured = comparison.measured.get((example.id, system))
    return measured is not None and measured.scores.unsupported > 0


def _example(example: Example, comparison: Comparison, ours: str) -> str:
    of = {system.system: comparison.measured.get((example.id, system.system)) for system in comparison.systems}
    measured = [each for each in of.values() if each is not None]
    edges = _edges(example.article, (source for each in measured for source in _sources(each)))
    pieces = "".join(f"<span>{escape(example.article[a:b])}</span>" for a, b in pairwise(edges))
    near = [each for each in measured if each.system in (ours, LEAD)]
    far = [each for each in measured if each.system not in (ours, LEAD)]
    cards = [_card(each, edges, ours) for each in near]
    references = [
        f'<section class="card"><h3>reference {number}</h3><p class="text">{escape(reference)}</p></section>'
        for number, reference in enumerate(example.references, start=1)
    ]
    cards.append(references[0])
    for name, more in (("references", references[1:]), ("systems", [_card(each, edges, ours) for each in far])):
        if more:
            cards.append(f"<details><summary>{len(more)} more {name}</summary>{''.join(more)}</details>")
    own, flagged = of[ours], _is_flagged(comparison, example, ours)
    head = "failed" if own is None else f"ROUGE-2 {own.scores.rouge_2:.1f}, support {own.scores.support:.2f}"
    flag = ' <span class="flag">unsupported span</span>' if flagged else ""
    return (
        f'<details class="example" data-flagged="{str(flagged).lower()}"><summary>{escape(example.id)} '
        f"<small>{head}</small>{flag}</summary>\n"
        f'<div class="sides"><div>{"".join(cards)}</div>'
        f'<div class="article" tabindex="0">{pieces}</div></div></details>'
    )


def _card(measured: Measured, edges: Sequence[int], ours: str) -> str:
    scores, text, parts, position = measured.scores, measured.summary, [], 0
    for sentence in measured.support.sentences:
        start = text.index(sentence.text, position)
        parts += [escape(text[position:start]), _sentence(sentence, edges)]
        position = start + len(sentence.text)
    numbers = f"ROUGE-1 / 2 / L {scores.rouge_1:.1f} / {scores.rouge_2:.1f} / {scores.rouge_l:.1f}"
    kind = "card ours" if measured.system == ours else "card"
    return (
        f'<section class="{kind}"><h3>{escape(measured.system)} '
        f"<small>{numbers}, support {scores.support:.2f}, {scores.words:.0f} words</small></h3>"
        f'<p class="text">{"".join(parts)}{escape(text[position:])}</p></section>'
    )


def _sentence(sentence: SupportedSentence, edges: Sequence[int]) -> str:
    text, parts, position = sentence.text, [], 0
    for span in sorted(sentence.unsupported, key=lambda each: each.start):
        if span.start < position:
            continue
        tip = f"not in the article ({span.kind})"
        parts += [escape(text[position : span.start])]
        parts += [f'<mark title="{escape(tip)}">{escape(text[span.start : span.end])}</mark>']
        position = span.end
    inner = "".join(parts) + escape(text[position:])
    places = " ".join(
        str(i) for i, at in enumerate(edges[:-1]) if any(source.start <= at < source.end for source in sentence.sources)
    )
    kind = "sentence" if sentence.supported else "sentence weak"
    tip = f"score {sentence.score:.2f}" + ("" if sentence.sources else ", no source found in the article")
    attributes = f'class="{kind}" tabindex="0" role="button" aria-pressed="false" data-s="{places}" title="{tip}"'
    return f"<span {attributes}>{inner}</span>"


def _sources(measured: Measured) -> Iterable[Span]:
    return (source for sentence in measured.support.sentences for source in sentence.sources)


def _edges(article: str, sources: Iterable[Span]) -> list[int]:
    """Where sources begin and end: between two neighboring edges lies a piece that is shown or not as a whole."""
    return sorted({0, len(article), *(edge for source in sources for edge in (source.start, source.end))})
