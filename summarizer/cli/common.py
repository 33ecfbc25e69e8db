"""What all commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from summarizer.settings import Settings


def settings_from(model: str | None = None, engine: str | None = None, cache: bool = True) -> Settings:
    """The settings, with the flags that were given."""
    from summarizer.settings import load_settings

    settings = load_settings(model=model, engine=engine)
    if not cache:
        settings = settings.model_copy(update={"cache": settings.cache.model_copy(update={"enabled": False})})
    return settings


def progress_bar() -> Progress:
    """A progress bar on stderr, gone when done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
