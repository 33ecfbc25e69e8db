"""Averages adapters that were trained from the same start, weight by weight.

    python models/adapters/average.py one.safetensors@1 other.safetensors@2 --out mean.safetensors

After Wortsman et al. 2022, "Model soups": what each has learned in its own direction is kept in part, and what is
noise goes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from lora import Adapter, read_adapter, write_adapter
from program import run


def average(adapters: list[tuple[Adapter, float]]) -> dict[str, torch.Tensor]:
    """The weighted mean of each tensor.

    Raises:
        UnsupportedContent: They are not of one model, rank and scale.
    """
    (first, _), total = adapters[0], sum(share for _, share in adapters)
    for each, _ in adapters[1:]:
        each.require(first.shapes, f"{first.file}", first.scale)
    return {
        name: torch.stack([share / total * each.weights[name].float() for each, share in adapters]).sum(0)
        for name in first.weights
    }


def read_share(text: str) -> tuple[Path, float]:
    """``file@2`` → the file and its weight."""
    path, _, share = text.partition("@")
    return Path(path), float(share or 1)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=read_share, help="FILE@WEIGHT; the weight is 1 where it is left out.")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    adapters = [(read_adapter(file), share) for file, share in options.files]
    write_adapter(options.out, average(adapters), adapters[0][0].scale)


if __name__ == "__main__":
    run(main)
