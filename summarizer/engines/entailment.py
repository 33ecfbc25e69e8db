"""Entailment models of the hub: they write nothing, and judge whether a text supports a claim.

A sequence classifier trained on natural-language inference (premise, hypothesis): the probability of its label
"entailment" (Williams et al. 2018, MultiNLI), or of a two-label checker's second label (Tang et al. 2024, MiniCheck).
"""

from __future__ import annotations

from typing import Any

from summarizer.engines.base import Generation, Request
from summarizer.engines.store import Pulled
from summarizer.engines.transformers import LOCAL, TransformersEngine
from summarizer.errors import InferenceFailed, ModelUnhealthy


class EntailmentEngine(TransformersEngine):
    """A classifier in local files (safetensors). It answers claims only.

    Raises:
        ModelUnhealthy: The files cannot be loaded, or none of its labels means that the premise entails the hypothesis.
    """

    def __init__(self, pulled: Pulled, *, device: str = "auto", dtype: str = "auto", threads: int = 0) -> None:
        super().__init__(pulled, device=device, dtype=dtype, threads=threads)
        config = self._model.config
        self._label = _entailment_label(pulled.card.name, config.id2label)
        # Some tables of positions begin at 2, after the padding token.
        positions = getattr(config, "max_position_embeddings", 514) - 2
        self.context_tokens = min(pulled.card.context_tokens or positions, positions)

    def _load_model(self, pulled: Pulled) -> Any:
        import transformers

        return transformers.AutoModelForSequenceClassification.from_pretrained(
            pulled.directory, dtype=self._dtype, use_safetensors=True, **LOCAL
        )

    def prompt_tokens(self, system: str) -> int:
        """The special tokens of a pair."""
        del system
        return int(self._tokenizer.num_special_tokens_to_add(pair=True))

    def admit(self, ticket: int, request: Request) -> None:
        """Takes a claim for the next batch."""
        if not request.claim:
            raise InferenceFailed(f"{self.info.name} judges claims, and writes nothing.")
        super().admit(ticket, request)

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


def _entailment_label(name: str, labels: dict[int, str]) -> int:
    """The label that means entailment, by its name; of two without a name, the second; of one, it."""
    named = [i for i, label in labels.items() if label.casefold() in ("entailment", "entail", "supported")]
    if named:
        return int(named[0])
    if len(labels) <= 2 and all(label.upper().startswith("LABEL_") for label in labels.values()):
        return len(labels) - 1
    raise ModelUnhealthy(f"{name} has no label for entailment.", hint="Take a model trained on MNLI, or judge=none.")
