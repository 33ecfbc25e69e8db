"""From settings to a loaded, self-tested engine. Planning reads only the manifest: no torch, no network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from summarizer.engines.base import Decoding, Engine, Request
from summarizer.engines.cards import find_card
from summarizer.engines.lead import LeadEngine
from summarizer.engines.store import Pulled, locate, verify
from summarizer.errors import ModelUnhealthy, SettingsError
from summarizer.settings import Settings

_SELF_TEST = (
    "The city council of Springfield approved a new library on Monday. The building will cost 4 million dollars and "
    "open in May. Mayor Anna Reyes said that the old library was too small. Two members voted against the plan, "
    "because the money had been set aside for roads. Work on the site begins in the autumn."
)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What will be loaded. ``fingerprint`` names all that can change the model's text."""

    name: str
    revision: str | None
    engine: str
    fingerprint: str
    decoding: Decoding
    load: Callable[[], Engine]


def plan(settings: Settings) -> LoadPlan:
    """Decides on engine and files.

    Raises:
        ModelNotFound: The model has not been pulled.
    """
    if settings.engine == "lead":
        return LoadPlan("lead", "1", "lead", "lead-1", Decoding(), LeadEngine)
    if settings.engine == "openvino":
        raise SettingsError("The openvino engine is not part of this version.", hint="Use engine transformers.")
    card = find_card(settings.model)
    pulled = locate(card, settings.models_dir)
    decoding = Decoding(**card.decoding)
    hashes = ",".join(f"{name}={digest}" for name, digest in sorted(pulled.files.items()))
    fingerprint = f"{card.name}|{pulled.revision}|{hashes}|{settings.dtype}|{settings.device}|{card.prefix}"

    def load() -> Engine:
        verify(pulled)
        return _load_transformers(pulled, settings)

    return LoadPlan(card.name, pulled.revision, "transformers", fingerprint, decoding, load)


def _load_transformers(pulled: Pulled, settings: Settings) -> Engine:
    from summarizer.engines.transformers import TransformersEngine  # torch: only when a model is loaded

    engine = TransformersEngine(pulled, device=settings.device, dtype=settings.dtype, threads=settings.threads)
    self_test(engine)
    return engine


def self_test(engine: Engine) -> None:
    """Encoder-decoders have come out of new transformers releases writing gibberish, without an error.

    Raises:
        ModelUnhealthy: The answer to a known article is empty or degenerate.
    """
    engine.admit(0, Request(_SELF_TEST, "Summarize the input text in one sentence.", Decoding(max_new_tokens=32)))
    answers = [news.generation.text for news in engine.step() if news.generation is not None]
    words = answers[0].casefold().split() if answers else []
    known = set(_SELF_TEST.casefold().replace(".", " ").replace(",", " ").split())
    shared = {word.strip(".,\"'") for word in words} & known
    if len(words) < 3 or len(set(words)) < 0.4 * len(words) or len(shared) < 2:
        raise ModelUnhealthy(
            f"{engine.info.name} gave no sound answer to a known article.", hint="Pull the model again, or use another."
        )
