"""Decoder-only models on a plain CPU, with in-flight batching (OpenVINO GenAI; extra ``summarizer[openvino]``).

With the other ``openvino_*.py`` the only home of openvino. What it reads is made of the F16 GGUF that ``models pull``
prepares: OpenVINO's own reader of the 4-bit file rounds its zero points, which costs three points of ROUGE-1.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from summarizer.engines.base import Engine, Generation, Request, Update
from summarizer.engines.chat import JUDGE_SYSTEM, NO, YES, Chat, finished, question
from summarizer.engines.cpu import arithmetic, cpu_quota, cpus_allowed, multiplies_bf16
from summarizer.engines.openvino_gguf import converted, converted_int8, is_convertible, without_telemetry
from summarizer.engines.store import Pulled
from summarizer.errors import InferenceFailed, ModelUnhealthy
from summarizer.types import ModelInfo

_log = logging.getLogger(__name__)

# New prompts are read in slices of this many tokens between the steps of those that are writing.
_SLICE_TOKENS = 128
_MAX_SEQUENCES = 64
_CACHE_BYTES = 192 * 2**20
_LEAST_TOKENS = 4096
_BLOCK_TOKENS = 32
# OpenVINO keeps a compiled kernel of each shape, 5,000 by default: memory that grows for as long as new lengths come.
KEPT_KERNELS = 64
# Prompt lookup: so many tokens that followed the last few where they stood before, in the article or the summary, are
# tried in one step. Of a summary that stays near its article, three in four are right. With many in flight the
# arithmetic of wrong ones costs more than the steps that right ones save.
_GUESSES_ALONE, _GUESSES = 8, 3
_FEW = 4
_LOOKUP_NGRAM = 3
# Encoder-decoders that are converted. Others may convert without an error and write nonsense: the encoder of LED, for
# one, works in windows that tracing would fix.
_CONVERTED = ("bart", "pegasus", "t5")
# A phrase of this many tokens that returns in the output is the start of a loop: the text ends before it.
_LOOP_TOKENS = 12
# With one, openvino-genai 2026.4 divides by zero while it loads a GGUF, which ends the process.
_FEWEST_THREADS = 2
_PRECISIONS = {"bfloat16": "bf16", "float16": "f16", "float32": "f32"}
INT8 = "int8"  # weights in 8 bits, arithmetic as without


def is_installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("openvino_genai") is not None


def weights_dtype(dtype: str) -> str:
    """For auto what the CPU multiplies; in 32 bits the weights alone would take 540 MB, so they have 8."""
    if dtype != "auto":
        return dtype
    return "bfloat16" if multiplies_bf16() else INT8


def can_run(pulled: Pulled) -> bool:
    """Whether there is a prepared GGUF, or an encoder-decoder of a kind that tests compare with transformers."""
    if is_convertible(pulled):
        return cpus_allowed() >= _FEWEST_THREADS
    try:
        config = json.loads((pulled.directory / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return pulled.card.architecture == "seq2seq" and config.get("model_type") in _CONVERTED


def _kv_blocks(file: Path) -> int:
    """Blocks of keys and values (16 bits a number) that fit the memory for them; at least a few articles' worth."""
    model = json.loads(file.read_text(encoding="utf-8"))
    heads = model["num_attention_heads"]
    width = model.get("head_dim") or model["hidden_size"] // heads
    token = 4 * model["num_hidden_layers"] * (model.get("num_key_value_heads") or heads) * width
    return int(max(_CACHE_BYTES // token, _LEAST_TOKENS) // _BLOCK_TOKENS)


@dataclass(slots=True)
class _Writing:
    handle: Any
    request: Request
    prompt_tokens: int
    ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    told: str = ""

    def loops(self, size: int, end: int) -> bool:
        """Whether the last ``size`` of the first ``end`` tokens stood there before."""
        tail = self.ids[end - size : end]
        return end >= 2 * size and any(self.ids[i : i + size] == tail for i in range(end - size))


class OpenVinoEngine(Engine):
    """A Llama-type model run by OpenVINO's continuous-batching pipeline; ``dtype`` as ``weights_dtype`` says it.

    Raises:
        ModelUnhealthy: The files cannot be loaded.
    """

    continuous = True
    # Each that is under way takes its share of the machine. Beside a text of 40 chunks a short article took 10 s (with
    # all of them under way 17, with four 7; alone 0.9), the text 25 (25; 30).
    most_of_one = 8

    def __init__(self, pulled: Pulled, *, dtype: str, threads: int = 0) -> None:
        without_telemetry()
        import numpy
        import openvino
        import openvino_genai

        card = pulled.card
        self._numpy, self._openvino, self._genai = numpy, openvino, openvino_genai
        self._chat = Chat(pulled.directory)
        self._yes, self._no = self._chat.encode(YES)[0], self._chat.encode(NO)[0]
        config = openvino_genai.SchedulerConfig()
        config.num_kv_blocks = blocks = _kv_blocks(pulled.directory / "config.json")
        config.max_num_batched_tokens = _SLICE_TOKENS
        config.max_num_seqs = _MAX_SEQUENCES
        config.dynamic_split_fuse = True
        config.enable_prefix_caching = True  # the system prompt is the same for every article
        properties = {
            "INFERENCE_PRECISION_HINT": _PRECISIONS[arithmetic() if dtype == INT8 else dtype],
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,  # would also round what is multiplied, which cost quality (ADR 4)
            "INFERENCE_NUM_THREADS": max(_FEWEST_THREADS, threads or cpu_quota()),
            "CPU_RUNTIME_CACHE_CAPACITY": KEPT_KERNELS,
            "prompt_lookup": True,
        }
        try:
            with (converted_int8 if dtype == INT8 else converted)(pulled) as folder:
                self._pipeline: Any = openvino_genai.ContinuousBatchingPipeline(str(folder), config, "CPU", properties)
        except (RuntimeError, OSError) as error:
            raise ModelUnhealthy(f"The files of {card.name} cannot be loaded.", hint="Pull the model again.") from error
        self.context_tokens = card.context_tokens or 2048
        # What is under way fits the memory for keys and values: where it does not, OpenVINO writes the prompts of some
        # again and again, and now and then fails. A tenth is left for guessed tokens and blocks that are not full.
        self.max_batch_tokens = int(0.9 * blocks * _BLOCK_TOKENS)
        self.info = ModelInfo(card.name, pulled.revision, "openvino", dtype)
        self._writing: dict[int, _Writing] = {}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens."""
        return self._chat.count(texts)

    def prompt_tokens(self, system: str) -> int:
        """Tokens of the chat template and the system prompt."""
        return len(self._chat.prompt(system, ""))

    def admit(self, ticket: int, request: Request) -> None:
        """Takes a request; it joins those under way at the next step."""
        config = self._genai.GenerationConfig()
        config.do_sample = False
        config.num_assistant_tokens = _GUESSES_ALONE if len(self._writing) < _FEW else _GUESSES
        if request.claim:
            ids = self._chat.prompt(JUDGE_SYSTEM, question(request.text, request.claim))
            config.max_new_tokens, config.logprobs = 1, 1
        else:
            ids = self._chat.prompt(request.system, request.text)
            config.max_new_tokens = request.decoding.max_new_tokens
        config.max_ngram_size = _LOOKUP_NGRAM
        config.stop_token_ids = set(self._chat.end_ids)
        config.set_eos_token_id(min(self._chat.end_ids))
        tensor = self._openvino.Tensor(self._numpy.array([ids], dtype=self._numpy.int64))
        try:
            handle = self._pipeline.add_request(ticket, tensor, config)
        except RuntimeError as error:
            raise _failure(error) from error
        self._writing[ticket] = _Writing(handle, request, len(ids))

    def step(self) -> list[Update]:
        """Writes one token or a few of each request, or reads a slice of a new prompt."""
        news: list[Update] = []
        for ticket, writing in list(self._writing.items()):
            if writing.request.is_cancelled():
                news.append(self._end(ticket, "cancelled"))
        try:
            if self._writing:
                self._pipeline.step()
        except RuntimeError as error:
            failed = [Update(ticket, error=_failure(error)) for ticket in self._writing]
            for ticket in list(self._writing):
                self._writing.pop(ticket).handle.cancel()
            return news + failed
        for ticket in list(self._writing):
            news += self._read(ticket)
        return news

    def _read(self, ticket: int) -> list[Update]:
        writing = self._writing[ticket]
        seen = len(writing.ids)
        if writing.handle.can_read():
            for output in writing.handle.read().values():
                writing.ids += output.generated_ids
                writing.log_probs += output.generated_log_probs
        elif not self._is_over(writing):
            return []
        if writing.request.claim:
            return [self._judged(ticket)]
        end = next((i for i in range(seen, len(writing.ids)) if writing.ids[i] in self._chat.end_ids), None)
        if end is not None:
            del writing.ids[end:]
        room = writing.request.decoding.max_new_tokens
        loop = next((i for i in range(seen + 1, len(writing.ids) + 1) if writing.loops(_LOOP_TOKENS, i)), None)
        if loop is not None:
            del writing.ids[min(loop - _LOOP_TOKENS, room) :]
            return [self._end(ticket, "length")]
        if end is not None and end <= room:
            return [self._end(ticket, "stop")]
        if self._is_over(writing) or len(writing.ids) >= room:
            del writing.ids[room:]
            return [self._end(ticket, "length")]
        return self._tell(ticket, writing)

    def _judged(self, ticket: int) -> Update:
        """The probability of Yes, from the answer that is likelier; one half where it is neither Yes nor No."""
        writing = self._writing.pop(ticket)
        chance = math.exp(writing.log_probs[0]) if writing.log_probs else 0.0
        support = {self._yes: chance, self._no: 1 - chance}.get(writing.ids[0] if writing.ids else -1, 0.5)
        return Update(ticket, generation=Generation("", writing.prompt_tokens, 1, "stop", support))

    def _is_over(self, writing: _Writing) -> bool:
        return bool(writing.handle.get_status() != self._genai.GenerationStatus.RUNNING)

    def _tell(self, ticket: int, writing: _Writing) -> list[Update]:
        text = self._chat.decode(writing.ids)
        if text.endswith("\N{REPLACEMENT CHARACTER}"):  # in the middle of a character
            return []
        new, writing.told = text[len(writing.told) :], text
        return [Update(ticket, text=new)] if new else []

    def _end(self, ticket: int, reason: Any) -> Update:
        writing = self._writing.pop(ticket)
        if not self._is_over(writing):
            writing.handle.cancel()  # its memory is freed at the next step
        text = self._chat.decode(writing.ids)
        generation = Generation(text.strip(), writing.prompt_tokens, len(writing.ids), reason)
        return finished(ticket, text[len(writing.told) :], generation)

    def close(self) -> None:
        """Frees the model."""
        while self._pipeline.has_non_finished_requests():
            self._pipeline.step()
        self._pipeline = None


def _failure(error: Exception) -> InferenceFailed:
    _log.error("inference failed: %s", type(error).__name__)  # the message may quote the text
    failure = InferenceFailed.while_writing()
    failure.__cause__ = error
    return failure
