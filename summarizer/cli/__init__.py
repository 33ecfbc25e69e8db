"""The command line."""

from summarizer.cli.app import main
from summarizer.cli.common import exit_code

__all__ = ["exit_code", "main"]
