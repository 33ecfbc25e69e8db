"""How the training scripts end: what was expected to fail is one line on stderr and an exit code, as elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable

from summarizer.cli.common import exit_code
from summarizer.errors import InputError, SummarizerError


def run(main: Callable[[], None]) -> None:
    """Runs a script's ``main``."""
    try:
        main()
    except SummarizerError as failure:
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(exit_code(failure))
    except OSError as failure:  # a folder that cannot be written
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(exit_code(InputError("")))
