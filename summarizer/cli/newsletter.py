"""`summarizer newsletter`: a day's articles, one entry a story."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from summarizer.article.address import is_address
from summarizer.cli.articles import Given, Read, article_in, articles_in, has_lines, read_rest
from summarizer.cli.common import (
    check_target,
    end,
    named,
    progress_bar,
    reading,
    settings_from,
    tell,
    write_file,
)
from summarizer.errors import EmptyInput, SummarizerError
from summarizer.types import Length

if TYPE_CHECKING:
    from summarizer.article.feed import Feed
    from summarizer.settings import Settings

_HEAD = 65_536  # bytes: what tells a feed from other files
_FEEDS = (".rss", ".atom", ".xml")


def newsletter(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Addresses of feeds and pages, feed files, text files, pages (HTML), or .jsonl files of "
            "{text, title, url}; - reads such lines, or a feed."
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="The newsletter's title.")] = "News",
    days: Annotated[
        float | None, typer.Option(min=0, max=36_500, help="Leave out what has a date and is older.")
    ] = None,
    length: Annotated[Length, typer.Option(help="Of each summary.")] = "medium",
    entries: Annotated[int | None, typer.Option(min=1, help="At most so many stories.")] = None,
    model: Annotated[str | None, typer.Option(help="Model card, Hugging Face id or local path.")] = None,
    engine: Annotated[str | None, typer.Option(help="auto, transformers, openvino, openai or lead.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write it as HTML for mail here as well.")] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line and story.")] = False,
) -> None:
    """Summarize a day's articles as a newsletter in Markdown: one entry a story, the most reported first."""
    from summarizer.blocking import Summarizer
    from summarizer.newsletter import build_newsletter, to_html, to_markdown

    check_target(html_file)
    settings = settings_from(model=model, engine=engine)
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    inputs = files or ["-"]
    read = _read(inputs, settings, since)
    given = read.given
    if not given:
        tell(read.failed)
        end(read.failed)
        hint = "Give files, addresses, or lines of JSON." if since is None else "None is so new: try more --days."
        raise EmptyInput("There are no articles.", hint=hint)
    for name, error in read.failed:
        _warn(name, error)
    failed = list(read.failed)
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
        _warn(names[id(article)], error)
        failed.append((names[id(article)], error))
    if not made.entries:
        raise made.failed[0][1]
    try:
        if html_file is not None:
            write_file(html_file, to_html(made, title))
    finally:  # a file that cannot be written costs nothing else
        if json_lines:
            for entry in made.entries:
                typer.echo(json.dumps(entry.to_dict()))
        else:
            typer.echo(to_markdown(made, title), nl=False)
    typer.secho(f"{len(given):,} article(s), {len(made.entries):,} entries", dim=True, err=True)
    end([each for each in failed if each[0] in inputs])  # an item of a feed, or a line, is one of many


def _read(names: list[str], settings: Settings, since: datetime | None) -> Read:
    """What the command line names."""
    from summarizer.article.feed import is_feed, parse_feed, with_items
    from summarizer.newsletter import collect

    given: list[Given] = []
    failed: list[tuple[str, SummarizerError]] = []
    sources: list[str | Feed] = []
    for name in names:
        if is_address(name):
            sources.append(name)
            continue
        try:
            with reading(name) as stream:
                head = stream.read(_HEAD)  # what comes through a pipe cannot be read again
                if name.lower().endswith(_FEEDS) or ((name == "-" or not has_lines(name)) and is_feed(head)):
                    sources.append(with_items(parse_feed(read_rest(stream, settings, head))))  # here it has a name
                elif has_lines(name):
                    lines = articles_in(stream, name, settings.max_characters, head)
                    given += [each for each in lines.given if not (since and each.published and each.published < since)]
                    failed += lines.failed
                else:
                    given.append(Given(name, article_in(read_rest(stream, settings, head), name, settings)))
        except SummarizerError as fault:
            failed.append((name, fault))
    if not sources:
        return Read(given, failed)

    with progress_bar() as bar:
        task = bar.add_task("Reading", total=None)
        found = collect(
            sources,
            settings.fetch,
            since=since,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    given += [Given(each.url or each.title or "an item of a feed", each) for each in found.articles]
    return Read(given, [*failed, *found.failed])


def _warn(name: str, error: SummarizerError) -> None:
    typer.secho(named(name, error), fg="yellow", err=True)
