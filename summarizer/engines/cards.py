"""Model cards: what a model is, where its files come from, and how it is prompted (``models/*.toml``)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from summarizer.errors import ModelNotFound

_PACKAGED = Path(__file__).parents[1] / "_models"
_CLONED = Path(__file__).parents[2] / "models"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


Architecture = Literal["seq2seq", "causal", "entailment"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where files come from: a ``hub`` repository, a ``wheel`` (a file inside it), or a local ``path``."""

    kind: Literal["hub", "wheel", "path"]
    repository: str = ""
    project: str = ""
    version: str = ""
    member: str = ""
    download_bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One model. ``revision`` is ``None`` where none is known for certain ("unpinned").

    ``selection``: how many sentences of a chunk it reads well; ``None`` is all of them.
    ``adapter``: the folder under ``models/adapters`` whose weights are added when it is prepared.
    ``judges``: it says whether a text supports a sentence, and is no writer.
    """

    name: str
    architecture: Architecture
    source: Source
    revision: str | None = None
    licence: str = "unknown"
    context_tokens: int | None = None
    prefix: str = ""
    selection: int | None = None
    adapter: str = ""
    judges: bool = False
    decoding: dict[str, Any] = field(default_factory=dict)
    note: str = ""


def list_cards() -> list[Card]:
    """The cards that come with the package, the default first."""
    cards = [_read(path) for path in sorted(cards_directory().glob("*.toml"))]
    return sorted(cards, key=lambda c: (c.judges, not c.adapter, c.source.kind != "wheel", c.architecture, c.name))


def adapter_file(card: Card) -> Path | None:
    """The weights that are added to the card's model, if any."""
    return cards_directory() / "adapters" / card.adapter / "adapter.safetensors" if card.adapter else None


def cards_directory() -> Path:
    """Where the cards and adapters lie: in the installed package, or in the clone."""
    return _PACKAGED if _PACKAGED.is_dir() else _CLONED


def find_card(name: str) -> Card:
    """The card of this name or Hugging Face id; an id or a local directory without one gets a plain card.

    Raises:
        ModelNotFound: Neither a card, nor an id, nor a directory.
    """
    for card in list_cards():
        if name and name.casefold() in (card.name.casefold(), card.source.repository.casefold()):
            return card
    path = Path(name).expanduser()
    if name and path.is_dir():
        return Card(path.resolve().name, _architecture(path), Source("path", repository=str(path.resolve())))
    if _HUB_ID.fullmatch(name):
        return Card(name, "causal", Source("hub", repository=name), note="No card: architecture read from its config.")
    raise ModelNotFound(
        f"There is no model {name!r}.", hint="See `summarizer models list`, or give org/name or a path."
    )


def _read(path: Path) -> Card:
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    return Card(name=path.stem, source=Source(**values.pop("source")), **values)


def _architecture(directory: Path) -> Architecture:
    return (
        architecture_of((directory / "config.json").read_text(encoding="utf-8"))
        if (directory / "config.json").is_file()
        else "causal"
    )


def architecture_of(config: str) -> Architecture:
    """Encoder-decoder, classifier or decoder-only, from the text of a ``config.json``."""
    if re.search(r'"\w+ForSequenceClassification"', config):
        return "entailment"
    return "seq2seq" if re.search(r'"is_encoder_decoder"\s*:\s*true', config) else "causal"
