"""`summarizer dedup` and `summarizer stories`: what one article repeats, and which articles tell one story."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from summarizer.cli.articles import Given, read_article, read_articles
from summarizer.cli.common import end, progress_bar, settings_from, tell
from summarizer.errors import SummarizerError

if TYPE_CHECKING:
    from summarizer.dedup.stories import Story, StoryLink


def dedup(
    files: Annotated[
        list[str] | None, typer.Argument(help="Text files, pages (HTML) or web addresses; - or none: standard input.")
    ] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="The spans, one JSON object a line.")] = False,
) -> None:
    """Show what of an article repeats: removed text is struck out on a terminal, in [-brackets-] elsewhere."""
    from summarizer.dedup.in_article import find_duplicates

    settings = settings_from()
    failed: list[tuple[str, SummarizerError]] = []
    for name in files or ["-"]:
        try:
            article = read_article(name, settings)
        except SummarizerError as error:
            failed.append((name, error))
            tell(failed[-1:])
            continue
        text, found = article.text, find_duplicates(article.text)
        if json_lines:
            values: dict[str, Any] = {"file": name, "removed": [asdict(r) for r in found.removed]}
            typer.echo(json.dumps(values | ({"text": text} if article.extracted else {})))
            continue
        position, pieces = 0, []
        for removed in found.removed:
            part = text[removed.start : removed.end]
            struck = typer.style(part, strikethrough=True, dim=True) if sys.stdout.isatty() else f"[-{part}-]"
            pieces += [text[position : removed.start], struck]
            position = removed.end
        if len(files or ()) > 1:
            typer.secho(f"== {name}", bold=True)
        typer.echo("".join(pieces) + text[position:])
    end(failed)


def stories(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Text files, pages (HTML) or web addresses, or .jsonl files of {text, title, id, url, date}; - or "
            "none: such lines on standard input."
        ),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Keep the articles in this file, and say of each what it adds to it.")
    ] = None,
    singles: Annotated[bool, typer.Option("--all", help="Show stories of one article as well.")] = False,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Group articles by the event they report, and say which are copies of one text."""
    read = read_articles(files or ["-"], settings_from())
    tell(read.failed)
    if read.given or not read.failed:
        if index is None:
            _show_stories(read.given, singles, json_lines)
        else:
            _show_decisions(read.given, index, json_lines)
    end(read.failed)


def _show_stories(given: list[Given], singles: bool, json_lines: bool) -> None:
    from summarizer.dedup.stories import group_stories

    with progress_bar() as bar:
        task = bar.add_task("Reading", total=len(given))
        found = group_stories(
            [each.article for each in given], on_progress=lambda done, _: bar.update(task, completed=done)
        )
    for story in found:
        if json_lines:
            typer.echo(json.dumps(_named(story, given)))
        elif singles or len(story.members) > 1:
            _show(story, given)
    if not json_lines:
        typer.secho(f"{len(given):,} article(s), {len(found):,} stories", dim=True, err=True)


def _show_decisions(given: list[Given], path: Path, json_lines: bool) -> None:
    from summarizer.story_index import StoryIndex

    with (
        StoryIndex(path) as index,
        progress_bar() as bar,
        closing(index.add_many((each.article, each.id, each.published) for each in given)) as decisions,
    ):
        task = bar.add_task("Reading", total=len(given))
        for done, decision in enumerate(decisions, start=1):
            bar.update(task, completed=done)
            if json_lines:
                typer.echo(json.dumps(decision.to_dict()))
                continue
            why = f" {decision.of} ({decision.similarity:.0%})" if decision.of else ""
            story = f", story {decision.story}" if decision.story else ""
            typer.echo(f"{given[done - 1].name}: {decision.kind}{why}{story}")


def _show(story: Story, given: list[Given]) -> None:
    lead = given[story.representative]
    typer.secho(f"{_title(lead)} · {len(story.members)} article(s)", bold=True)
    for member in story.members:
        note = f"stands for the story: {story.reason}" if member == story.representative else _why(member, story, given)
        typer.echo(f"  {given[member].name}" + typer.style(f"  {note}", dim=True))


def _why(member: int, story: Story, given: list[Given]) -> str:
    """The strongest tie of a member to another one."""
    links = [link for link in story.links if member in (link.a, link.b)]
    link = max(links, key=lambda each: (each.kind == "copy", story.representative in (each.a, each.b), each.similarity))
    other = given[link.b if link.a == member else link.a].name
    if link.kind == "copy":
        return f"copy of {other} ({link.similarity:.0%})"
    return f"same event as {other} ({link.similarity:.0%}): {', '.join(link.terms[:5])}"


def _title(given: Given) -> str:
    text = (given.article.title or given.article.text).strip()
    first = text.splitlines()[0] if text else given.name
    return first if len(first) <= 80 else first[:79] + "…"


def _named(story: Story, given: list[Given]) -> dict[str, Any]:
    """The story as JSON values, with the articles' names in place of positions."""

    def link(each: StoryLink) -> dict[str, Any]:
        return {"a": given[each.a].name, "b": given[each.b].name}

    values = story.to_dict()
    values["members"] = [given[member].name for member in story.members]
    values["representative"] = given[story.representative].name
    values["copies"] = [[given[member].name for member in group] for group in story.copies]
    values["links"] = [old | link(each) for old, each in zip(values["links"], story.links, strict=True)]
    return values
