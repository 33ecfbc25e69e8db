"""The command line. Results go to stdout, everything else to stderr.

Exit codes: 0 ok, 1 not supported (check), 2 usage, 3 input, 4 model, 5 busy, 70 a fault of the program,
130 interrupted, 141 nobody reads the output any more.
"""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from summarizer import __version__
from summarizer.cli.articles import read_article
from summarizer.cli.check import check, objection
from summarizer.cli.common import CRASHED, end, exit_code, progress_bar, settings_from, tell
from summarizer.cli.dedup import dedup, stories
from summarizer.cli.evaluate import evaluate
from summarizer.cli.newsletter import newsletter
from summarizer.cli.stores import cache_app, models_app
from summarizer.errors import InputError, SummarizerError
from summarizer.types import Format, Grounding, Length

if TYPE_CHECKING:
    from summarizer.types import Summary

_INTERRUPTED, _NOBODY_READS = 130, 141  # 128 + SIGINT, 128 + SIGPIPE, as a shell says of other programs
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # an error in writing, where it names no file

_DRAFT_WIDTH = 60  # characters of the draft that the progress line shows


class _Commands(TyperGroup):
    """The commands, and how they end where typer has another mind."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        with _written():  # the help
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        try:
            with _written():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            os._exit(_INTERRUPTED)  # else the interpreter waits for the thread that loads or runs the model


@contextmanager
def _written() -> Iterator[None]:
    """Where the output cannot be written any more: to typer and rich a reader that has gone is exit code 1."""
    try:
        yield
    except (OSError, SystemExit) as error:
        cause = error.__context__ if isinstance(error, SystemExit) else error  # rich exits by itself
        if not isinstance(cause, OSError) or cause.errno not in (errno.EPIPE, *_FULL) or cause.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the flush at the end fails as well
        if cause.errno == errno.EPIPE:
            raise typer.Exit(_NOBODY_READS) from error
        raise InputError(f"The output cannot be written: {cause.strerror}.") from error


app = typer.Typer(
    name="summarizer",
    cls=_Commands,
    no_args_is_help=True,
    help="Summarize articles with a local transformer model.\n\n"
    "Exit codes: 0 ok, 1 not supported (check), 2 usage, 3 input, 4 model, 5 busy, 70 a fault of the program.",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(models_app, name="models")
app.add_typer(cache_app, name="cache")
app.command()(check)
app.command()(dedup)
app.command()(stories)
app.command()(newsletter)
app.command()(evaluate)


def main() -> None:
    """The entry point: every expected failure is one line on stderr and an exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Half an emoji in a title, or a sign that the terminal lacks, must not cost the work of the model. Python
        # itself sees to stderr.
        sys.stdout.reconfigure(errors="replace")
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    logging.getLogger("huggingface_hub").propagate = False  # it prints what it logs by itself, too
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it warns of is in our errors
    try:
        app()
    except SummarizerError as error:
        _fail(error)
    except Exception:  # noqa: BLE001 - the interpreter would exit with 1
        traceback.print_exc()
        sys.exit(CRASHED)


def _fail(error: SummarizerError) -> NoReturn:
    typer.echo(f"error: {error}", err=True)
    sys.exit(exit_code(error))


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"summarizer {__version__}")
        raise typer.Exit


@app.command()
def summarize(
    files: Annotated[
        list[str] | None, typer.Argument(help="Text files, pages (HTML) or web addresses; - or none: standard input.")
    ] = None,
    length: Annotated[Length, typer.Option(help="1, 3 or up to 6 sentences.")] = "medium",
    sentences: Annotated[int | None, typer.Option(help="At most this many sentences.")] = None,
    words: Annotated[int | None, typer.Option(help="At most this many words.")] = None,
    format: Annotated[Format, typer.Option(help="How the summary is laid out.")] = "paragraph",
    grounding: Annotated[Grounding, typer.Option(help="What becomes of unsupported sentences.")] = "repair",
    model: Annotated[str | None, typer.Option(help="Model card, Hugging Face id or local path.")] = None,
    engine: Annotated[str | None, typer.Option(help="auto, transformers, openvino, openai or lead.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")] = False,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Summarize articles."""
    from rich.markup import escape

    from summarizer.blocking import Summarizer
    from summarizer.writing.style import Style

    Style.of(length, sentences, words, format, grounding)  # raises before anything is read
    names = files or ["-"]
    settings = settings_from(model=model, engine=engine, cache__enabled=False if no_cache else None)
    failed: list[tuple[str, SummarizerError]] = []
    # Not summarize_many, which returns when all are done: each is written once it and those before it are.
    under_way: list[Future[Summary]] = []
    with Summarizer(settings) as summarizer, progress_bar() as bar:
        task = bar.add_task("Reading", total=None)
        options: dict[str, Any] = {"length": length, "sentences": sentences, "words": words, "format": format}
        options |= {"grounding": grounding, "background": True}

        draft = ""

        def write(piece: str) -> None:
            nonlocal draft
            draft = (draft + piece).replace("\n", " ")[-_DRAFT_WIDTH:]
            bar.update(task, description=f"Writing … [dim]{escape(draft)}[/dim]")

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if len(names) == 1:
            options |= {"on_progress": show, "on_text": write}
        try:
            for name in names:
                if name == "-":
                    bar.stop()  # it would stand in what is typed
                try:
                    under_way.append(summarizer.submit(read_article(name, settings), **options))
                except SummarizerError as error:
                    under_way.append(Future())
                    under_way[-1].set_exception(error)
                bar.start()
            if len(names) > 1:
                bar.update(task, description="Summarizing", total=len(names))
            for name, work in zip(names, under_way, strict=True):
                failure = work.exception()
                bar.stop()
                if isinstance(failure, SummarizerError):
                    failed.append((name, failure))
                    tell(failed[-1:])
                elif json_lines:  # ASCII: nothing is lost, whatever the terminal takes
                    typer.echo(json.dumps(work.result().to_dict()))
                else:
                    _print(work.result(), name if len(names) > 1 else None)
                    if words is not None and work.result().summary.endswith("…"):  # JSON says so itself
                        said = f"{name}: the summary was cut to the words asked for."
                        typer.secho(said, fg="yellow", err=True)
                bar.start()
                if len(names) > 1:
                    bar.advance(task)
        finally:
            for work in under_way:
                work.cancel()  # whoever interrupts, or reads no more, waits for none of them
    end(failed)


def _print(result: Summary, name: str | None) -> None:
    if name is not None:
        typer.secho(f"== {name}", bold=True)
    typer.echo(result.summary)
    removed, article = result.duplicates, result.article
    share = removed.characters_removed / max(1, article.characters)
    lines = [
        f"Removed as duplicate: {removed.characters_removed:,} of {article.characters:,} characters ({share:.0%}) "
        f"in {len(removed.removed)} place(s)",
        f"Read: {result.coverage.tokens_read:,} of {result.coverage.tokens:,} tokens "
        f"in {result.coverage.chunks} chunk(s)",
        f"Model: {result.model.name}, {result.model.engine}, {result.model.dtype}; "
        f"{'from the cache, ' if result.cached else ''}{result.timings.total:.2f} s",
    ]
    unsupported = [span for sentence in result.sentences for span in sentence.unsupported]
    lines.extend(map(objection, unsupported))
    lines.extend(f"Note: {warning}" for warning in result.warnings)
    for line in lines:
        typer.secho(f"  {line}", dim=True)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    model: Annotated[str | None, typer.Option(help="Model card, Hugging Face id or local path.")] = None,
    engine: Annotated[str | None, typer.Option(help="auto, transformers, openvino, openai or lead.")] = None,
) -> None:
    """Serve HTTP."""
    from summarizer.server.app import serve as run

    run(settings_from(model=model, engine=engine, server__host=host, server__port=port))
