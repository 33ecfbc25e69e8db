"""`summarizer evaluate`: how good the summaries of a model are, beside lead-3 and the outputs of other systems."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from summarizer.cli.common import check_target, end, json_lines, progress_bar, settings_from, tell, write_file
from summarizer.errors import EmptyInput, InputError, SummarizerError, UnsupportedContent
from summarizer.types import Grounding, Length

if TYPE_CHECKING:
    from summarizer.evaluation.comparison import Comparison, Outputs, Run
    from summarizer.evaluation.measures import Example
    from summarizer.settings import Settings
    from summarizer.types import ModelInfo

_COLUMNS = ("R-1", "R-2", "R-L", "R-Lsum", "support", "unsup. %", "new 2g %", "words", "compr.", "s each")


def evaluate(
    data: Annotated[str, typer.Argument(help="A .jsonl file of {id, article, references}; - reads standard input.")],
    model: Annotated[str | None, typer.Option(help="Model card, Hugging Face id or local path.")] = None,
    engine: Annotated[str | None, typer.Option(help="auto, transformers, openvino, openai or lead.")] = None,
    against: Annotated[
        list[str] | None, typer.Option(help="Other systems' outputs: a .jsonl file of {id, system, summary}.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first articles.")] = None,
    length: Annotated[Length, typer.Option(help="Of each summary.")] = "medium",
    grounding: Annotated[Grounding, typer.Option(help="What becomes of unsupported sentences.")] = "repair",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write measures and summaries here.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a report to look at here.")] = None,
) -> None:
    """Measure summaries against references and articles, beside lead-3 and other systems."""
    from summarizer.evaluation.comparison import Run
    from summarizer.evaluation.measures import Meter

    Meter()  # a missing rouge-score shows before the model's work, and so does a place that takes no file
    for path in (json_file, html_file):
        check_target(path)
    settings = settings_from(model=model, engine=engine, cache__enabled=False)
    examples = _examples(data, limit, settings.max_characters)
    others = [outputs for name in against or [] for outputs in _outputs(name, examples, settings.max_characters)]
    ours = _summarize(examples, settings, {"length": length, "grounding": grounding})
    comparison = _compare(examples, ours, others)
    failures = {id: str(error) for id, error in ours.failures.items()}
    name = "standard input" if data == "-" else Path(data).name
    run = Run(name, length, grounding, ours.model, ours.finish_reasons, failures)
    _print(comparison, run)
    _save(comparison, run, json_file, html_file)
    end(list(ours.failures.items()))


@dataclass(frozen=True, slots=True)
class _Ours:
    """What the model wrote, and which articles it failed on."""

    outputs: Outputs
    model: ModelInfo
    finish_reasons: dict[str, int]
    failures: dict[str, SummarizerError]


def _examples(name: str, limit: int | None, most: int) -> list[Example]:
    """The articles of the file with their references."""
    from summarizer.evaluation.measures import Example

    found: dict[str, Example] = {}
    for place, row in islice(json_lines(name, most), limit):
        id = _named(row.get("id"), place)
        article = row.get("article") or row.get("text")
        references = row.get("references") or row.get("summary") or row.get("reference")
        references = [references] if isinstance(references, str) else references
        if not isinstance(article, str):
            raise UnsupportedContent(f"{place}: there is no article.", hint='Name it "article" or "text".')
        if not isinstance(references, list) or not references or not all(isinstance(r, str) for r in references):
            hint = 'Give "references" (a list), "summary" or "reference".'
            raise UnsupportedContent(f"{place}: there is no reference summary.", hint=hint)
        if id in found:
            raise UnsupportedContent(f"{place}: the id {id!r} stands twice.")
        found[id] = Example(id, article, tuple(references), _named(row.get("doc"), id))
    if not found:
        raise EmptyInput(f"{name}: there is no article.")
    return list(found.values())


def _named(value: object, default: str = "") -> str:
    """An id or a name of a row, which may be a number, 0 among them."""
    return default if value is None or value == "" else str(value)


def _outputs(name: str, examples: list[Example], most: int) -> list[Outputs]:
    """The systems of the file with their summaries of the examples."""
    from summarizer.evaluation.comparison import Outputs

    ids, systems, strange = {example.id for example in examples}, dict[str, dict[str, str]](), 0
    for place, row in json_lines(name, most):
        id, system, summary = _named(row.get("id")), _named(row.get("system"), Path(name).stem), row.get("summary")
        if not id or not isinstance(summary, str):
            raise UnsupportedContent(f"{place}: each line has an id, a system and a summary.")
        if id in systems.get(system, ()):
            raise UnsupportedContent(f"{place}: a second summary of {id!r} by {system!r}.")
        if id in ids:
            systems.setdefault(system, {})[id] = summary
        else:
            strange += 1
    if not systems:
        raise InputError(f"{name}: no summary is of an article that is evaluated.", hint="The ids must be the same.")
    if strange:
        typer.secho(f"{name}: {strange:,} line(s) of other articles left out", dim=True, err=True)
    return [Outputs(system, summaries) for system, summaries in systems.items()]


def _summarize(examples: list[Example], settings: Settings, options: dict[str, Any]) -> _Ours:
    """Our summaries. The time of each is that of all over their number: they are made in shared batches."""
    from summarizer.blocking import Summarizer
    from summarizer.evaluation.comparison import Outputs

    with Summarizer(settings) as summarizer, progress_bar() as bar:
        task = bar.add_task("Loading the model", total=None)
        summarizer.start()
        bar.update(task, description="Summarizing", total=len(examples))
        started = time.perf_counter()
        results = summarizer.summarize_many(
            [example.article for example in examples],
            use_cache=False,
            on_result=lambda done, _: bar.update(task, completed=done),
            **options,
        )
        seconds = (time.perf_counter() - started) / len(examples)
    by_id = {example.id: result for example, result in zip(examples, results, strict=True)}
    failures = {id: result for id, result in by_id.items() if isinstance(result, SummarizerError)}
    tell(list(failures.items()))
    written = {id: result for id, result in by_id.items() if not isinstance(result, SummarizerError)}
    if not written:
        raise next(iter(failures.values()))
    model = next(iter(written.values())).model
    outputs = Outputs(model.name, {id: result.summary for id, result in written.items()}, seconds)
    reasons = Counter(str(result.finish_reason) for result in written.values())
    return _Ours(outputs, model, dict(reasons.most_common()), failures)


def _compare(examples: list[Example], ours: _Ours, others: list[Outputs]) -> Comparison:
    from summarizer.evaluation.comparison import compare
    from summarizer.evaluation.measures import LEAD

    taken, renamed = {LEAD, ours.outputs.system}, []
    for outputs in others:
        name = outputs.system
        while name in taken:
            name += " (given)"
        taken.add(name)
        renamed.append(replace(outputs, system=name))
    with progress_bar() as bar:
        task = bar.add_task("Measuring", total=None)
        return compare(
            examples, ours.outputs, renamed, lambda done, total: bar.update(task, completed=done, total=total)
        )


def _save(comparison: Comparison, run: Run, json_file: Path | None, html_file: Path | None) -> None:
    """Writes the files that were asked for; one that cannot be written takes no other with it."""
    from summarizer.evaluation.report import html_report

    texts: dict[Path, str] = {}
    if json_file is not None:
        texts[json_file] = json.dumps(asdict(run) | comparison.to_dict(), indent=1)
    if html_file is not None:
        texts[html_file] = html_report(comparison, run)
    faults: list[InputError] = []
    for path, text in texts.items():
        try:
            write_file(path, text + "\n")
        except InputError as fault:
            faults.append(fault)
    if faults:
        raise faults[0]


def _print(comparison: Comparison, run: Run) -> None:
    """The table."""
    width = max(len(system.system) for system in comparison.systems)
    typer.secho(
        f"{'system':{width}}{'n':>6}" + "".join(f"{name:>9}" for name in _COLUMNS) + "   R-2 to lead-3", bold=True
    )
    for system in comparison.systems:
        scores, to_lead = system.scores, system.to_lead.get("rouge_2")
        rouge = (scores.rouge_1, scores.rouge_2, scores.rouge_l, scores.rouge_lsum)
        cells = [*(f"{value:.1f}" for value in rouge), f"{scores.support:.2f}"]
        cells += [f"{100 * scores.unsupported:.1f}", f"{100 * scores.novel_bigrams:.1f}", f"{scores.words:.0f}"]
        cells += [f"{scores.compression:.1f}", "" if system.seconds is None else f"{system.seconds:.2f}"]
        interval = "" if to_lead is None else f"{to_lead.difference:+.1f} [{to_lead.low:+.1f}, {to_lead.high:+.1f}]"
        line = f"{system.system:{width}}{system.articles:>6}" + "".join(f"{cell:>9}" for cell in cells)
        typer.echo(f"{line}   {interval}".rstrip())
    reasons = ", ".join(f"{reason} {count}" for reason, count in run.finish_reasons.items())
    note = f"ROUGE: F1 in percent, stemmed, best of the references. {run.model.name} finished by: {reasons}."
    typer.secho(note, dim=True)
