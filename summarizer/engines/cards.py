"""Model cards: what a model is, where its files come from, and how it is prompted (``models/*.toml``)."""

from __future__ import annotations

import logging
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from summarizer.engines.base import Decoding
from summarizer.errors import ModelNotFound, SettingsError

_log = logging.getLogger(__name__)
_PACKAGED = Path(__file__).parents[1] / "_models"
_CLONED = Path(__file__).parents[2] / "models"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_no_others = with_config(ConfigDict(extra="forbid"))


Architecture = Literal["seq2seq", "causal", "entailment"]


@_no_others
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


@_no_others
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


@_no_others
@dataclass(frozen=True, slots=True)
class _Decoding(Decoding):
    """What ``decoding`` may hold."""


_CARD, _DECODING = TypeAdapter(Card), TypeAdapter(_Decoding)


def list_cards() -> list[Card]:
    """The cards that come with the package, the default first; without those that cannot be used."""
    cards = [card for card in _read_all().values() if isinstance(card, Card)]
    return sorted(cards, key=lambda c: (c.judges, not c.adapter, c.source.kind != "wheel", c.architecture, c.name))


def faulty_cards() -> dict[Path, SettingsError]:
    """What is wrong with the cards that cannot be used."""
    return {path: fault for path, fault in _read_all().items() if isinstance(fault, SettingsError)}


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
        SettingsError: Its card cannot be used.
    """
    for card in list_cards():
        if name and name.casefold() in (card.name.casefold(), card.source.repository.casefold()):
            return card
    faulty = faulty_cards()
    for path, fault in faulty.items():
        if name.casefold() == path.stem.casefold():
            raise fault
    for fault in faulty.values():
        _log.warning("%s", fault)  # it may be the card of this id
    path = Path(name).expanduser()
    if name and path.is_dir():
        return Card(path.resolve().name, _architecture(path), Source("path", repository=str(path.resolve())))
    if _HUB_ID.fullmatch(name):
        return Card(name, "causal", Source("hub", repository=name), note="No card: architecture read from its config.")
    raise ModelNotFound(
        f"There is no model {name!r}.", hint="See `summarizer models list`, or give org/name or a path."
    )


def _read_all() -> dict[Path, Card | SettingsError]:
    """Each card by its file, or what is wrong with it."""
    found: dict[Path, Card | SettingsError] = {}
    for path in sorted(cards_directory().glob("*.toml")):
        try:
            found[path] = _read(path)
        except (OSError, ValueError) as error:
            found[path] = SettingsError(f"{path}: {_fault(error)}.")
    return found


def _read(path: Path) -> Card:
    card = _CARD.validate_python({"name": path.stem} | tomllib.loads(path.read_text(encoding="utf-8")))
    _DECODING.validate_python(card.decoding)
    return card


def _fault(error: Exception) -> str:
    """What is wrong with a card, in one line."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return (error.strerror if isinstance(error, OSError) else str(error)) or "cannot be read"


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
