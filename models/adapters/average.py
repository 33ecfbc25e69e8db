"""Averages adapters that were trained from the same start, weight by weight.

    python models/adapters/average.py one.safetensors@1 other.safetensors@2 --out mean.safetensors

After Wortsman et al. 2022, "Model soups": what each has learned in its own direction is kept in part, and what is
noise goes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file


def average(files: list[tuple[Path, float]]) -> dict[str, np.ndarray]:
    """The weighted mean of each tensor, as fp16."""
    total = sum(share for _, share in files)
    loaded = [(load_file(path), share / total) for path, share in files]
    return {
        name: sum(share * tensors[name].astype(np.float32) for tensors, share in loaded).astype(np.float16)
        for name in loaded[0][0]
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
    with safe_open(options.files[0][0], "np") as first:
        metadata = first.metadata()
    save_file(average(options.files), options.out, metadata=metadata)


if __name__ == "__main__":
    main()
