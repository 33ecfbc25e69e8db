"""Adapter files: fp16 safetensors of ``<layer>.lora_A`` and ``<layer>.lora_B``, with the scale in the metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from summarizer.errors import InputError, UnsupportedContent

NAME = "adapter.safetensors"


@dataclass(frozen=True)
class Adapter:
    """The weights that are added to a model: ``scale`` · B A for each layer, A of ``rank`` rows."""

    file: Path
    weights: dict[str, torch.Tensor]
    scale: float
    rank: int

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(tensor.shape) for name, tensor in self.weights.items()}

    def require(self, shapes: Mapping[str, tuple[int, ...]], of: str, scale: float | None = None) -> None:
        """Checks that it has these weights and no others, and where one is given this scale.

        Raises:
            UnsupportedContent: It was made for something else than ``of``.
        """
        if self.shapes != shapes or scale not in (None, self.scale):
            raise UnsupportedContent(f"{self.file}: this adapter does not fit {of}.")


def read_adapter(file: Path) -> Adapter:
    """An adapter that was trained before.

    Raises:
        InputError: The file cannot be read.
        UnsupportedContent: It is no adapter.
    """
    try:
        file.open("rb").close()  # safetensors would not say what is wrong
        with safe_open(file, "pt") as opened:
            weights = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a dict
            scale = float((opened.metadata() or {})["scale"])
        (rank,) = {len(tensor) for name, tensor in weights.items() if name.endswith(".lora_A")}
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or 'cannot be read'}.") from error
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        hint = f"`summarizer models train` writes one, {NAME}."
        raise UnsupportedContent(f"{file}: this is no adapter.", hint=hint) from error
    return Adapter(file, weights, scale, rank)


def write_adapter(file: Path, weights: Mapping[str, torch.Tensor], scale: float) -> None:
    """Writes the weights as fp16."""
    file.parent.mkdir(parents=True, exist_ok=True)
    halves = {name: tensor.detach().half().contiguous() for name, tensor in weights.items()}
    save_file(halves, file, metadata={"scale": str(scale)})
