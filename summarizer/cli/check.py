"""`summarizer check`: what an article supports of a summary, whoever wrote it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from summarizer.cli.articles import read_article
from summarizer.cli.common import progress_bar, read_file, settings_from
from summarizer.errors import EmptyInput, InvalidRequest
from summarizer.text.sentences import has_words

if TYPE_CHECKING:
    from summarizer.types import SupportReport, UnsupportedKind, UnsupportedSpan

_UNSUPPORTED = 1
_WIDTH = 100  # characters of a source that are shown
_SAID: dict[UnsupportedKind, str] = {
    "number": "Not so in the article",  # where it may stand, of something else
    "name": "Not in the article",
    "quotation": "Not in the article",
    "contact": "Not in the article",
    "negation": "The article says otherwise",
    "role": "The article says it of somebody else",
}


def check(
    article: Annotated[str, typer.Argument(help="A text file, a page (HTML) or a web address; - is standard input.")],
    summary: Annotated[str, typer.Argument(help="A text file with a summary of it; - reads standard input.")],
    judge: Annotated[
        str | None, typer.Option(help="Who gives a second opinion: none, smollm2-135m-judge or an entailment model.")
    ] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Check a summary against its article: which sentences it supports, by what, and what it does not state.

    Exits with 1 where a sentence is not supported.
    """
    if article == summary == "-":
        raise InvalidRequest("The article and the summary cannot both come from standard input.")
    settings = settings_from(judge=judge)
    given, short = read_article(article, settings), read_file(summary, settings.max_characters)
    text = given.text
    for name, words, what in ((article, text, "article"), (summary, short, "summary")):
        if not has_words(words):
            raise EmptyInput(f"{name}: the {what} has no words.")

    async def run() -> SupportReport:
        from summarizer.writing.judging import open_judge

        opened = open_judge(settings)
        try:
            report = await opened.check_submitted(text, short)
        except Exception:
            await asyncio.to_thread(opened.close)
            raise
        await asyncio.to_thread(opened.close)  # not where it is interrupted: a judge may still be loading
        return report

    with progress_bar() as bar:
        bar.add_task("Checking", total=None)
        report = asyncio.run(run())
    if json_lines:
        typer.echo(json.dumps(asdict(report) | ({"text": text} if given.extracted else {})))
    else:
        _print(report, text)
    if not all(sentence.supported for sentence in report.sentences):
        raise typer.Exit(_UNSUPPORTED)


def objection(span: UnsupportedSpan) -> str:
    """What the article has against these words of a summary, as one line."""
    return f"{_SAID[span.kind]}: {span.kind} “{span.text}”"


def _print(report: SupportReport, text: str) -> None:
    for sentence in report.sentences:
        sign, color = ("✓", "green") if sentence.supported else ("✗", "red")
        typer.echo(f"{typer.style(sign, fg=color, bold=True)} {sentence.score:.2f}  {' '.join(sentence.text.split())}")
        for span in sentence.unsupported:
            typer.secho(f"        {objection(span)}", fg="red")
        for source in sentence.sources:
            quoted = " ".join(text[source.start : source.end].split())
            shown = quoted if len(quoted) <= _WIDTH else f"{quoted[: _WIDTH - 1]}…"
            typer.secho(f"        {source.start:,}: {shown}", dim=True)
    typer.secho(f"  The whole summary: {report.score:.2f}", dim=True)
