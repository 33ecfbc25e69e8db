"""Entailment models of the hub: they write nothing, and judge whether a text supports a claim.

A sequence classifier trained on natural-language inference (premise, hypothesis): the probability of its label
"entailment" (Williams et al. 2018, MultiNLI), or of a two-label checker's second label (Tang et al. 2024, MiniCheck).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from summarizer.engines.base import Engine, Generation, Progress, Request
from summarizer.engines.cpu import cpu_quota
from summarizer.engines.store import Pulled
from summarizer.engines.transformers import LOCAL, pick_dtype
from summarizer.errors import InferenceFailed, ModelUnhealthy
from summarizer.types import ModelInfo

_log = logging.getLogger(__name__)


class EntailmentEngine(Engine):
    """A classifier in local files (safetensors). It answers claims only.

    Raises:
        ModelUnhealthy: The files cannot be loaded, or none of its labels means that the premise entails the hypothesis.
    """

    def __init__(self, pulled: Pulled, *, device: str = "auto", dtype: str = "auto", threads: int = 0) -> None:
        import torch
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        name = pulled.card.name
        self._torch = torch
        self._device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        if self._device == "cpu":
            torch.set_num_threads(threads or cpu_quota())
        chosen = pick_dtype(dtype, self._device)
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(pulled.directory, **LOCAL)
            model = transformers.AutoModelForSequenceClassification.from_pretrained(
                pulled.directory, dtype=chosen, use_safetensors=True, **LOCAL
            )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelUnhealthy(f"The files of {name} cannot be loaded.", hint="Pull the model again.") from error
        self._model: Any = model.to(self._device).eval()
        self._label = _entailment_label(name, model.config.id2label)
        # Some tables of positions begin at 2, after the padding token.
        positions = getattr(model.config, "max_position_embeddings", 514) - 2
        self.context_tokens = min(pulled.card.context_tokens or positions, positions)
        self.max_batch_tokens = 16_384 if self._device == "cpu" else 131_072
        self.info = ModelInfo(name, pulled.revision, "transformers", str(chosen).removeprefix("torch."))
        self._admitted: list[tuple[int, Request]] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens."""
        encoded = self._tokenizer(list(texts), add_special_tokens=False, verbose=False) if texts else {"input_ids": []}
        return [len(ids) for ids in encoded["input_ids"]]

    def prompt_tokens(self, system: str) -> int:
        """The special tokens of a pair."""
        del system
        return int(self._tokenizer.num_special_tokens_to_add(pair=True))

    def admit(self, ticket: int, request: Request) -> None:
        """Takes a claim for the next batch."""
        if not request.claim:
            raise InferenceFailed(f"{self.info.name} judges claims, and writes nothing.")
        self._admitted.append((ticket, request))

    def step(self) -> list[Progress]:
        """Judges everything admitted as one batch."""
        admitted, self._admitted = self._admitted, []
        if not admitted:
            return []
        try:
            judged = self._judge([request for _, request in admitted])
        except Exception as error:  # noqa: BLE001 - every waiter is answered, whatever the model did
            _log.error("inference failed: %s", type(error).__name__)  # the message may quote the text
            return [Progress(ticket, error=InferenceFailed.while_writing()) for ticket, _ in admitted]
        return [Progress(ticket, generation=g) for (ticket, _), g in zip(admitted, judged, strict=True)]

    def _judge(self, requests: list[Request]) -> list[Generation]:
        encoded = self._tokenizer(
            [request.text for request in requests],
            [request.claim for request in requests],
            return_tensors="pt",
            padding=True,
            truncation="longest_first",
            max_length=self.context_tokens,
            verbose=False,
        ).to(self._device)
        with self._torch.inference_mode():
            logits = self._model(**encoded).logits.float()
        chances = logits.sigmoid()[:, 0] if logits.shape[1] == 1 else logits.softmax(-1)[:, self._label]
        lengths = encoded["attention_mask"].sum(dim=1).tolist()
        return [Generation("", int(n), 0, "stop", float(c)) for n, c in zip(lengths, chances.tolist(), strict=True)]

    def close(self) -> None:
        """Frees the model."""
        self._model = None


def _entailment_label(name: str, labels: dict[int, str]) -> int:
    """The label that means entailment, by its name; of two without a name, the second; of one, it."""
    named = [i for i, label in labels.items() if label.casefold() in ("entailment", "entail", "supported")]
    if named:
        return int(named[0])
    if len(labels) <= 2 and all(label.upper().startswith("LABEL_") for label in labels.values()):
        return len(labels) - 1
    raise ModelUnhealthy(f"{name} has no label for entailment.", hint="Take a model trained on MNLI, or judge=none.")
