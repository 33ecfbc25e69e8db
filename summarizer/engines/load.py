"""From settings to a loaded, self-tested engine. Planning reads only the manifest: no torch, no network."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count, islice

from summarizer.engines import openvino_gguf
from summarizer.engines.base import Decoding, Engine, Request
from summarizer.engines.cards import find_card
from summarizer.engines.chat import Chat
from summarizer.engines.cpu import has_cuda
from summarizer.engines.gguf import GGUF_FILE
from summarizer.engines.lead import REVISION as LEAD_REVISION
from summarizer.engines.lead import LeadEngine
from summarizer.engines.openai import OpenAiEngine
from summarizer.engines.openvino import INT8, OpenVinoEngine, can_run, is_installed, weights_dtype
from summarizer.engines.process import ProcessEngine
from summarizer.engines.store import Pulled, locate, verify
from summarizer.errors import InferenceFailed, ModelUnhealthy, SettingsError
from summarizer.settings import Settings

_log = logging.getLogger(__name__)

_SELF_TEST = (
    "The city council of Springfield approved a new library on Monday. The building will cost 4 million dollars and "
    "open in May. Mayor Anna Reyes said that the old library was too small. Two members voted against the plan, "
    "because the money had been set aside for roads. Work on the site begins in the autumn."
)

_SELF_TEST_STEPS = 200


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What will be loaded. ``fingerprint`` names all that can change the model's text."""

    name: str
    revision: str | None
    engine: str
    fingerprint: str
    decoding: Decoding
    selection: int | None
    load: Callable[[], Engine]


def plan(settings: Settings) -> LoadPlan:
    """Decides on engine and files.

    Raises:
        ModelNotFound: The model has not been pulled.
        SettingsError: The engine is not installed, or cannot run this model.
    """
    if settings.engine == "lead":
        return LoadPlan("lead", LEAD_REVISION, "lead", f"lead-{LEAD_REVISION}", Decoding(), None, LeadEngine)
    if settings.engine == "openai":
        return _plan_openai(settings)
    card = find_card(settings.model)
    pulled = locate(card, settings.models_dir)
    if pulled.card.judges or pulled.card.architecture == "entailment":
        raise SettingsError(f"{card.name} writes nothing: it judges sentences.", hint="Give it as judge instead.")
    return _plan_pulled(pulled, settings)


def _plan_pulled(pulled: Pulled, settings: Settings) -> LoadPlan:
    card = pulled.card
    engine = _pick_engine(settings, pulled)
    dtype = _dtype(settings, engine, pulled)
    decoding = Decoding(**card.decoding)
    fingerprint = f"{_files_of(pulled)}|{engine}|{dtype}|{settings.device}|{card.prefix}"

    def load() -> Engine:
        # What OpenVINO loads is made of a GGUF, which is hashed then, and is hashed itself when it is loaded.
        verify(pulled, weights=engine != "openvino" or card.architecture == "seq2seq")
        try:
            loaded = (_load_openvino if engine == "openvino" else _load_transformers)(pulled, settings, dtype)
            self_test(loaded)
        except (ModelUnhealthy, InferenceFailed) as error:
            # Only an encoder-decoder has come this way by tracing, which a later transformers may not allow.
            if settings.engine != "auto" or engine != "openvino" or pulled.card.architecture != "seq2seq":
                raise
            _log.warning("%s Going on with the engine transformers.", error.message)
            loaded = _load_transformers(pulled, settings, dtype)
            self_test(loaded)
        return loaded

    return LoadPlan(card.name, pulled.revision, engine, fingerprint, decoding, card.selection, load)


def plan_judge(settings: Settings) -> LoadPlan | None:
    """The model that gives a second opinion, if one is asked for: an entailment model, or a card that judges.

    Raises:
        ModelNotFound: It has not been pulled.
        SettingsError: It does not judge.
    """
    if settings.judge == "none":
        return None
    pulled = locate(find_card(settings.judge), settings.models_dir)
    if pulled.card.judges:
        return _plan_pulled(pulled, settings)
    name = pulled.card.name
    if pulled.card.architecture != "entailment":
        raise SettingsError(f"{name} does not judge.", hint="Set judge to none, smollm2-135m-judge, or an NLI model.")

    def load() -> Engine:
        from summarizer.engines.entailment import EntailmentEngine  # torch: only when a model is loaded

        verify(pulled)
        return EntailmentEngine(pulled, device=settings.device, dtype=settings.dtype, threads=settings.threads)

    fingerprint = f"{_files_of(pulled)}|{_dtype(settings, 'transformers', pulled)}"
    return LoadPlan(name, pulled.revision, "transformers", fingerprint, Decoding(), None, load)


def _dtype(settings: Settings, engine: str, pulled: Pulled) -> str:
    """The type of the weights, as far as it is known before anything is loaded.

    Raises:
        SettingsError: The engine has no 8-bit weights of this model.
    """
    if engine == "openvino" and pulled.card.architecture != "seq2seq":
        return weights_dtype(settings.dtype)
    if settings.dtype == INT8:
        message = f"There are no 8-bit weights of {pulled.card.name} for the engine {engine}."
        raise SettingsError(message, hint="Set dtype to auto; int8 is for prepared GGUFs in the engine openvino.")
    return settings.dtype


def _files_of(pulled: Pulled) -> str:
    """A pulled model's name, revision and the hash of each of its files; a GGUF has the weights of another one."""
    hashes = ",".join(f"{name}={digest}" for name, digest in sorted(pulled.files.items()) if name != GGUF_FILE)
    return f"{pulled.card.name}|{pulled.revision}|{hashes}"


def _plan_openai(settings: Settings) -> LoadPlan:
    """A model at a server. The address stays out of the fingerprint: the same model elsewhere writes the same."""
    if settings.openai.base_url is None:
        raise SettingsError("The engine openai needs an address.", hint="Set SUMMARIZER_OPENAI__BASE_URL.")
    name = settings.openai.model or settings.model

    def load() -> Engine:
        loaded = OpenAiEngine(settings.openai, name)
        self_test(loaded, steps=None)  # however slow the server is, the engine answers: it has limits of its own
        return loaded

    fingerprint = f"{name}|openai|{settings.openai.context_tokens}"
    return LoadPlan(name, None, "openai", fingerprint, Decoding(), None, load)


def _pick_engine(settings: Settings, pulled: Pulled) -> str:
    """CUDA → transformers; on a CPU with the extra, what it can run → openvino; else transformers."""
    if settings.engine == "transformers":
        return "transformers"
    fits = can_run(pulled) and settings.device != "cuda"
    if settings.engine == "openvino":
        if not is_installed():
            raise SettingsError("The engine openvino is not installed.", hint="pip install -e '.[openvino]'")
        if not fits:
            raise SettingsError(
                f"The engine openvino cannot run {pulled.card.name}: it runs BART, PEGASUS and T5, and prepared GGUFs "
                "on two CPUs or more.",
                hint="Use engine transformers, pull the model again, or allow it a second CPU.",
            )
        return "openvino"
    return "openvino" if fits and is_installed() and not has_cuda() else "transformers"


def prepare(pulled: Pulled, settings: Settings) -> None:
    """Converts a model for OpenVINO, which the first load would else have to do.

    Raises:
        ModelUnhealthy: It cannot be converted, and no other engine runs it in its place.
        SettingsError: 8-bit weights are asked for, and there are none of this model.
    """
    if not can_run(pulled) or _pick_engine(settings, pulled) != "openvino":
        return
    dtype = _dtype(settings, "openvino", pulled)
    if pulled.card.architecture != "seq2seq":
        openvino_gguf.take_its_place(pulled, int8=dtype == INT8)
        return
    from summarizer.engines.openvino_convert import converted, pick_dtype  # torch, and openvino

    try:
        with converted(pulled, pick_dtype(dtype)):
            pass
    except ModelUnhealthy as error:
        if settings.engine == "openvino":
            raise
        _log.warning("%s The engine transformers will run it.", error.message)


def _load_openvino(pulled: Pulled, settings: Settings, dtype: str) -> Engine:
    if pulled.card.architecture == "seq2seq":
        from summarizer.engines.openvino_seq2seq import OpenVinoSeq2SeqEngine  # torch, and openvino

        return OpenVinoSeq2SeqEngine(pulled, device="cpu", dtype=dtype, threads=settings.threads)
    load = partial(OpenVinoEngine, pulled, dtype=dtype, threads=settings.threads)
    return ProcessEngine(load, Chat(pulled.directory))


def _load_transformers(pulled: Pulled, settings: Settings, dtype: str) -> Engine:
    from summarizer.engines.transformers import TransformersEngine  # torch: only when a model is loaded

    return TransformersEngine(pulled, device=settings.device, dtype=dtype, threads=settings.threads)


def self_test(engine: Engine, *, steps: int | None = _SELF_TEST_STEPS) -> None:
    """Encoder-decoders have come out of new transformers releases writing gibberish, without an error.

    An engine that fails is closed.

    Raises:
        ModelUnhealthy: The answer to a known article is degenerate.
        SummarizerError: The engine's own, where it could not answer, or had no words.
    """
    try:
        _test(engine, steps)
    except BaseException:
        engine.close()
        raise


def _test(engine: Engine, steps: int | None) -> None:
    engine.admit(0, Request(_SELF_TEST, "Summarize the input text in one sentence.", Decoding(max_new_tokens=32)))
    ends = (news for _ in islice(count(), steps) for news in engine.step() if news.generation or news.error)
    end = next(ends, None)
    if end is not None and end.error is not None:
        raise end.error
    words = end.generation.text.casefold().split() if end is not None and end.generation is not None else []
    known = set(_SELF_TEST.casefold().replace(".", " ").replace(",", " ").split())
    shared = {word.strip(".,\"'") for word in words} & known
    if len(words) < 3 or len(set(words)) < 0.4 * len(words) or len(shared) < 2:
        raise ModelUnhealthy(
            f"{engine.info.name} gave no sound answer to a known article.", hint="Pull the model again, or use another."
        )
