"""The command line."""

from summarizer.cli.app import exit_code, main

__all__ = ["exit_code", "main"]
