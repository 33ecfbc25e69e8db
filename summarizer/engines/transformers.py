"""The reference engine: encoder-decoder and decoder-only models of transformers, on CUDA or CPU.

The only home of torch and transformers; both are imported when a model is loaded, not before.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Literal

from summarizer.engines.base import Engine, Generation, Request, Update
from summarizer.engines.chat import (
    JUDGE_SYSTEM,
    NO,
    YES,
    conversation,
    finished,
    neutralize,
    question,
    spoken,
    takes_system,
)
from summarizer.engines.cpu import cpu_quota
from summarizer.engines.store import Pulled
from summarizer.errors import InferenceFailed, ModelUnhealthy
from summarizer.types import ModelInfo

_log = logging.getLogger(__name__)

LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


class TransformersEngine(Engine):
    """A model in local files (safetensors), run by ``generate`` in batches.

    Raises:
        ModelUnhealthy: The files cannot be loaded.
    """

    name = "transformers"

    def __init__(self, pulled: Pulled, *, device: str = "auto", dtype: str = "auto", threads: int = 0) -> None:
        import torch
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        card = pulled.card
        self._torch, self._card = torch, card
        self._device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        self._dtype = self._pick_dtype(dtype)
        self._threads = threads or cpu_quota()
        if self._device == "cpu":
            torch.set_num_threads(self._threads)
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(pulled.directory, **LOCAL)
            model = self._load_model(pulled)
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelUnhealthy(f"The files of {card.name} cannot be loaded.", hint="Pull the model again.") from error
        self._model: Any = model.to(self._device).eval()
        if card.architecture == "causal":
            self._tokenizer.padding_side = "left"
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._chats = card.architecture != "seq2seq" and self._tokenizer.chat_template is not None
        self._takes_system = self._chats and takes_system(self._render)
        self._markers = [str(token) for token in self._tokenizer.get_added_vocab()]
        positions = getattr(self._model.config, "max_position_embeddings", None)
        self.context_tokens = min(card.context_tokens or 10**9, positions or card.context_tokens or 512)
        self.max_batch_tokens = 16_384 if self._device == "cpu" else 131_072
        self.info = ModelInfo(card.name, pulled.revision, self.name, str(self._dtype).removeprefix("torch."))
        self._admitted: list[tuple[int, Request]] = []

    def _load_model(self, pulled: Pulled) -> Any:
        import transformers

        seq2seq = pulled.card.architecture == "seq2seq"
        auto = transformers.AutoModelForSeq2SeqLM if seq2seq else transformers.AutoModelForCausalLM
        return auto.from_pretrained(pulled.directory, dtype=self._dtype, use_safetensors=True, **LOCAL)

    def _pick_dtype(self, dtype: str) -> Any:
        torch = self._torch
        if dtype != "auto":
            return getattr(torch, dtype)
        if self._device == "cuda":
            return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        # AVX512-BF16 and AMX multiply bf16 natively; elsewhere it is emulated and slower than fp32.
        return torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens."""
        if not texts:
            return []
        encoded = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def prompt_tokens(self, system: str) -> int:
        """Tokens of the chat template, the system prompt and the prefix."""
        return len(self._tokenizer(self._prompt(system, ""), verbose=False)["input_ids"])

    def _prompt(self, system: str, text: str) -> str:
        text = neutralize(text, self._markers)
        if not self._chats:
            return f"{self._card.prefix}{text}"
        return self._render(conversation(system, text, takes_system=self._takes_system))

    def _render(self, messages: list[dict[str, str]]) -> str:
        prompt: str = self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return prompt

    def admit(self, ticket: int, request: Request) -> None:
        """Takes a request for the next batch."""
        self._admitted.append((ticket, request))

    def step(self) -> list[Update]:
        """Runs everything admitted as one batch."""
        admitted, self._admitted = self._admitted, []
        return self._run(admitted) if admitted else []

    def _run(self, batch: list[tuple[int, Request]]) -> list[Update]:
        torch = self._torch
        try:
            generations = self._answer([request for _, request in batch])
        except (torch.OutOfMemoryError, MemoryError) as error:
            if self._device == "cuda":
                torch.cuda.empty_cache()
            if len(batch) > 1:  # half the batch needs half the memory
                _log.warning("out of memory with %d requests in a batch: splitting it", len(batch))
                middle = len(batch) // 2
                return self._run(batch[:middle]) + self._run(batch[middle:])
            return self._failed(batch, error)
        except Exception as error:  # noqa: BLE001 - every waiter is answered, whatever the model did
            return self._failed(batch, error)
        return [finished(ticket, g.text, g) for (ticket, _), g in zip(batch, generations, strict=True)]

    def _failed(self, batch: list[tuple[int, Request]], error: BaseException) -> list[Update]:
        _log.error("inference failed: %s", type(error).__name__)  # the message may quote the text
        failure = InferenceFailed.while_writing()
        return [Update(ticket, error=failure) for ticket, _ in batch]

    def _answer(self, requests: list[Request]) -> list[Generation]:
        """Judges the claims and writes the rest."""
        claims, texts = [r for r in requests if r.claim], [r for r in requests if not r.claim]
        judged = iter(self._judge(claims) if claims else [])
        written = iter(self._generate(texts) if texts else [])
        return [next(judged if request.claim else written) for request in requests]

    def _judge(self, requests: list[Request]) -> list[Generation]:
        """The probability of Yes against No as the first word of the answer."""
        torch = self._torch
        prompts = [self._prompt(JUDGE_SYSTEM, question(r.text, r.claim)) for r in requests]
        encoded = self._tokenizer(
            prompts, return_tensors="pt", padding=True, add_special_tokens=False, verbose=False
        ).to(self._device)
        encoded.pop("token_type_ids", None)
        ids = [self._tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in (YES, NO)]
        with torch.inference_mode():
            logits = self._model(**encoded, logits_to_keep=1).logits[:, -1, ids].float()
        chances = logits.softmax(-1)[:, 0].tolist()
        lengths = encoded["attention_mask"].sum(dim=1).tolist()
        return [Generation("", int(n), 1, "stop", chance) for n, chance in zip(lengths, chances, strict=True)]

    def _generate(self, requests: list[Request]) -> list[Generation]:
        torch = self._torch
        decoding = requests[0].decoding
        encoded = self._tokenizer(
            [self._prompt(r.system, r.text) for r in requests],
            return_tensors="pt",
            padding=True,
            add_special_tokens=self._card.architecture == "seq2seq",
            verbose=False,
        ).to(self._device)
        encoded.pop("token_type_ids", None)
        lengths = encoded["attention_mask"].sum(dim=1).tolist()
        limit = max(r.decoding.max_new_tokens for r in requests)
        causal = self._card.architecture == "causal"
        start = encoded["input_ids"].shape[1] if causal else 1
        with torch.inference_mode():
            output = self._model.generate(
                **encoded,
                max_new_tokens=limit,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                num_beams=decoding.num_beams,
                length_penalty=decoding.length_penalty,
                repetition_penalty=decoding.repetition_penalty,
                pad_token_id=self._tokenizer.pad_token_id,
                logits_processor=self._no_repeats(decoding.no_repeat_ngram_size, start),
                stopping_criteria=self._stop(requests),
            )
        eos = self._model.generation_config.eos_token_id
        ends = set(eos if isinstance(eos, list) else [eos])
        generations = []
        for request, length, row in zip(requests, lengths, output[:, start:].tolist(), strict=True):
            end = next((i for i, token in enumerate(row) if token in ends), None)
            own = row[: min(len(row) if end is None else end, request.decoding.max_new_tokens)]
            text = spoken(self._tokenizer.decode(own, skip_special_tokens=True)).strip()
            stopped = end is not None and end <= request.decoding.max_new_tokens
            reason: Literal["stop", "length", "cancelled"] = "stop" if stopped else "length"
            if request.is_cancelled():
                reason = "cancelled"
            generations.append(Generation(text, int(length), len(own), reason))
        return generations

    def _no_repeats(self, size: int, start: int) -> Any:
        """No n-gram twice in the output. transformers' own option counts the prompt of a decoder-only model
        as output and would forbid every phrase of the article."""
        from transformers import LogitsProcessorList, NoRepeatNGramLogitsProcessor

        if not size:
            return LogitsProcessorList()
        inner = NoRepeatNGramLogitsProcessor(size)
        return LogitsProcessorList([lambda ids, scores: inner(ids[:, start:], scores)])

    def _stop(self, requests: list[Request]) -> Any:
        from transformers import StoppingCriteriaList

        torch = self._torch

        def cancelled(ids: Any, scores: Any, **_: Any) -> Any:
            del scores
            flags = torch.tensor([r.is_cancelled() for r in requests], device=ids.device)
            # Beam search asks about more rows than beams: its candidates, at least two a beam.
            return flags.repeat_interleave(len(ids) // len(requests))

        return StoppingCriteriaList([cancelled])

    def close(self) -> None:
        """Frees the model."""
        self._model = None
