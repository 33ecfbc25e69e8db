"""What all commands share."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import typer

from summarizer.errors import (
    BackendError,
    CapacityError,
    InputError,
    InputTooLong,
    InvalidRequest,
    SettingsError,
    SummarizerError,
    UnsupportedContent,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from summarizer.settings import Settings

Failed = Sequence[tuple[str, SummarizerError]]  # by the name on the command line, or of what stands there


_EXIT_CODES: tuple[tuple[type[SummarizerError], int], ...] = (
    (InvalidRequest, 2),
    (InputError, 3),
    (BackendError, 4),
    (CapacityError, 5),
    (SettingsError, 2),
)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ESCAPED, _REST = 12, 1_000_000  # bytes of a line of JSON: of each character of its text, and of all else
CRASHED = 70  # EX_SOFTWARE of sysexits.h; 1 is an answer of `check`


def settings_from(**flags: object) -> Settings:
    """:func:`~summarizer.settings.load_settings`, imported where a command runs: it is slow to load."""
    from summarizer.settings import load_settings

    return load_settings(**flags)


def exit_code(error: SummarizerError) -> int:
    """The exit code of an error."""
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), CRASHED)


def named(name: str, error: SummarizerError) -> str:
    """What an error says, after what it is of; that of a file begins with its name, or its line's."""
    text = str(error)
    return text if not name or text.startswith(f"{name}:") else f"{name}: {text}"


def tell(failed: Failed) -> None:
    """Says on stderr what has failed."""
    for name, error in failed:
        typer.echo(f"error: {named(name, error)}", err=True)


def end(failed: Failed) -> None:
    """Where something has failed, and :func:`tell` has said so, that is the exit code."""
    if failed:
        raise typer.Exit(exit_code(failed[0][1]))


def read_file(name: str, limit: int) -> str:
    """The text of a file, or of standard input for ``-``."""
    with reading(name) as stream:
        return as_text(stream.read(4 * limit + 1), name, limit)


@contextmanager
def reading(name: str) -> Iterator[BinaryIO]:
    """A file, or standard input for ``-``: either may have no end.

    Raises:
        InputError: It cannot be read.
    """
    if name == "-" and sys.stdin is None:  # as a shell's <&- leaves it
        raise InputError("-: there is no standard input.")
    if name == "-" and sys.stdin.closed:
        raise InputError("-: standard input can be read only once.")
    if not name:  # to Path this is the folder at hand
        raise InputError("'' is no file.")
    if name == "-" and sys.stdin.isatty():
        typer.echo("Reading standard input; end with Ctrl-D.", err=True)
    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as stream:
            yield stream
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or 'cannot be read'}.") from error


def as_text(data: bytes, name: str, limit: int) -> str:
    """The text of what has been read.

    Raises:
        InputError: It is none, or too long.
    """
    if data.startswith(b"%PDF"):
        raise UnsupportedContent(
            f"{name}: this is a PDF, not text.", hint="Extract its text first, for example with pdftotext."
        )
    if len(data) > 4 * limit:
        raise InputTooLong(f"{name}: the article has over {limit:,} characters.")
    encoding = "UTF-16" if data.startswith(UTF_16) else "UTF-8"
    try:
        text = data.decode("utf-16" if encoding == "UTF-16" else "utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\x00" in data and encoding == "UTF-8":
            raise _binary(name) from None
        raise UnsupportedContent(
            f"{name}: this is not {encoding} (byte {error.start}).", hint="Convert it first, for example with iconv."
        ) from None
    if "\x00" in text:
        raise _binary(name)
    return text


def _binary(name: str) -> UnsupportedContent:
    return UnsupportedContent(f"{name}: this is binary data, not text.")


def json_lines(name: str, limit: int = 20_000_000) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a .jsonl file, or of standard input for ``-``, each with its place (``file:line``).

    ``limit`` is that of :func:`numbered`.

    Raises:
        InputError: It cannot be read, or a line of it is none.
    """
    with reading(name) as stream:
        for place, line in numbered(stream, name, limit):
            yield place, json_object(line, place)


def numbered(stream: BinaryIO, name: str, limit: int, start: bytes = b"") -> Iterator[tuple[str, bytes]]:
    """The lines of a file that are not blank, each with its place; ``start`` has been read of it already.

    Raises:
        InputTooLong: A line is longer than any with a text of ``limit`` characters; it may have no end.
    """
    most = _ESCAPED * limit + _REST
    lines = iter(partial(stream.readline, most + 1), b"")
    if start:
        lines = chain(BytesIO(start + stream.readline(most + 1)), lines)
    for number, line in enumerate(lines, start=1):
        place = f"{name}:{number}"
        if len(line) > most:
            raise InputTooLong(f"{place}: the article has over {limit:,} characters.")
        if line.strip():
            yield place, line


def json_object(line: bytes, place: str) -> dict[str, Any]:
    """What a line of JSON says.

    Raises:
        UnsupportedContent: It is no JSON, or no object.
    """
    try:
        values = json.loads(line)
    except ValueError as error:
        raise UnsupportedContent(f"{place}: this is not a line of JSON ({error}).") from None
    except RecursionError:
        raise UnsupportedContent(f"{place}: this JSON is nested too deeply.") from None
    if not isinstance(values, dict):
        raise UnsupportedContent(f"{place}: this is no JSON object.")
    return values


def check_target(path: Path | None) -> None:
    """Whether a file can be written there, as far as that shows before the work of which it is the result.

    Raises:
        InputError: It cannot.
    """
    if path is None:
        return
    try:
        if not path.resolve().parent.is_dir():
            raise InputError(f"{path}: there is no such folder.")
        if path.is_dir():
            raise InputError(f"{path}: this is a folder.")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise InputError(f"{path}: this cannot be written.")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be written'}.") from error


def write_file(path: Path, text: str) -> None:
    """Writes a text.

    Raises:
        InputError: That is not possible.
    """
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be written'}.") from error


def progress_bar() -> Progress:
    """A progress bar on stderr, gone when done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_interactive,  # else it ends with an empty line in a log
    )
