"""`summarizer newsletter`: a day's articles, one entry a story."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from summarizer.cli.common import progress_bar, read_articles, settings_from
from summarizer.errors import EmptyInput
from summarizer.types import Length


def newsletter(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Text files, or .jsonl files of {text, title, url}; - reads such lines."),
    ] = None,
    title: Annotated[str, typer.Option(help="The newsletter's title.")] = "News",
    length: Annotated[Length, typer.Option(help="Of each summary.")] = "medium",
    entries: Annotated[int | None, typer.Option(min=1, help="At most so many stories.")] = None,
    model: Annotated[str | None, typer.Option(help="Model card, Hugging Face id or path.")] = None,
    engine: Annotated[str | None, typer.Option(help="auto, transformers, openvino, openai or lead.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line and story.")] = False,
) -> None:
    """Summarize a day's articles as a newsletter in Markdown: one entry a story, the most reported first."""
    from summarizer.blocking import Summarizer
    from summarizer.newsletter import build_newsletter, to_markdown

    settings = settings_from(model, engine)
    given = read_articles(files, settings.max_characters)
    if not given:
        raise EmptyInput("There are no articles.", hint="Give files, or lines of JSON.")
    with Summarizer(settings) as summarizer, progress_bar() as bar:
        task = bar.add_task("Summarizing", total=None)
        made = build_newsletter(
            [each.article for each in given],
            summarizer,
            length=length,
            entries=entries,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    names = {id(each.article): each.name for each in given}
    for article, error in made.failed:
        typer.secho(f"{names[id(article)]}: {error.message}", fg="yellow", err=True)
    if not made.entries:
        raise made.failed[0][1]
    if as_json:
        for entry in made.entries:
            typer.echo(json.dumps(entry.to_dict()))
    else:
        typer.echo(to_markdown(made, title), nl=False)
    typer.secho(f"{len(given):,} article(s), {len(made.entries):,} entries", dim=True, err=True)
