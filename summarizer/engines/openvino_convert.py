"""An encoder-decoder of transformers as two OpenVINO models, made once and kept beside the weights.

The encoder also computes what each layer of the decoder looks up in the article (keys and values of cross-attention).
The decoder writes one token; keys and values of what it wrote stay inside it and follow the beams. To cross-attention
the beams of an article are positions of one query: they share its keys and values, of which transformers makes a copy
for each beam.
"""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.cache_utils import DynamicCache, DynamicLayer, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from summarizer.engines.cpu import arithmetic
from summarizer.engines.openvino_gguf import without_telemetry
from summarizer.engines.store import Pulled, made
from summarizer.engines.transformers import LOCAL
from summarizer.errors import ModelUnhealthy

without_telemetry()
import openvino  # noqa: E402
from openvino import opset13 as ops  # noqa: E402
from openvino._offline_transformations import apply_make_stateful_transformation  # noqa: E402

_log = logging.getLogger(__name__)

_LAYOUT = 1  # of the converted files: to be raised where they change
_FAR_BELOW = -1e9
_I64 = openvino.Type.i64


class _Layer(DynamicLayer):  # type: ignore[misc]
    """Keys and values of one layer; transformers' own begins with an empty tensor, which cannot be converted."""

    def __init__(self, keys: Any = None, values: Any = None) -> None:
        super().__init__()
        self.keys, self.values, self.is_initialized = keys, values, keys is not None

    def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        if self.is_initialized:
            key_states = torch.cat([self.keys, key_states], dim=-2)
            value_states = torch.cat([self.values, value_states], dim=-2)
        self.keys, self.values, self.is_initialized = key_states, value_states, True
        return key_states, value_states


def _cache(tensors: Iterable[Any] = ()) -> Any:
    """A cache of keys, values, keys, values … of the layers."""
    cache, flat = DynamicCache(), list(tensors)
    cache.layer_class_to_replicate = _Layer
    cache.layers = [_Layer(keys, values) for keys, values in zip(flat[::2], flat[1::2], strict=True)]
    return cache


def _flat(cache: Any) -> list[Any]:
    return [tensor for layer in cache.layers for tensor in (layer.keys, layer.values)]


def _bias(mask: Any) -> Any:
    """What is added to the scores of attention, (batch, 1, 1, length): transformers takes four axes as they are."""
    return (1.0 - mask[:, None, None, :].float()) * _FAR_BELOW


class _Encoder(torch.nn.Module):
    """(batch, length) tokens and mask → keys and values of cross-attention, (batch, heads, length, width)."""

    def __init__(self, model: Any, dtype: torch.dtype) -> None:
        super().__init__()
        self._model, self._dtype = model, dtype

    def forward(self, input_ids: Any, attention_mask: Any) -> tuple[Any, ...]:
        bias = _bias(attention_mask)
        read = self._model.get_encoder()(input_ids=input_ids, attention_mask=bias)[0]
        cache = EncoderDecoderCache(_cache(), _cache())
        # One step of the decoder fills the cache. The rest of what it computes leads to no result and is not converted.
        start = {"input_ids": input_ids[:, :1], "attention_mask": bias[:, :, :, :1]}
        article = {"encoder_hidden_states": read, "encoder_attention_mask": bias}
        self._model.get_decoder()(**start, **article, cache=cache, use_cache=True)
        return tuple(tensor.to(self._dtype) for tensor in _flat(cache.cross_attention_cache))


class _Decoder(torch.nn.Module):
    """(rows, 1) tokens, the row that each continues, the article's mask, own and cross keys and values → scores."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: Any, rows: Any, attention_mask: Any, *past: Any) -> tuple[Any, ...]:
        own = [tensor.index_select(0, rows) for tensor in past[: len(past) // 2]]
        article = [tensor.float() for tensor in past[len(past) // 2 :]]
        cache = EncoderDecoderCache(_cache(own), _cache(article))
        cache.is_updated = dict.fromkeys(range(len(own) // 2), True)
        scores = self._model(
            decoder_input_ids=input_ids,
            # As long as what was written: OpenVINO 2026.4 reads beyond the end of a mask that it should repeat.
            decoder_attention_mask=torch.zeros(1, 1, 1, own[0].shape[2] + 1),
            encoder_outputs=BaseModelOutput(last_hidden_state=article[0]),  # only its first axis is looked at
            attention_mask=_bias(attention_mask),
            cache=cache,
            use_cache=True,
        ).logits
        return (scores, *_flat(cache.self_attention_cache))


def _fold(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """(articles × beams, 1, width) → (articles, beams, width) before cross-attention; nothing before the other kind."""
    article = kwargs.get("key_value_states")
    if article is None:
        return None
    hidden, *rest = args or (kwargs.pop("hidden_states"),)
    return (hidden.reshape(article.shape[0], -1, hidden.shape[-1]), *rest), kwargs


def _unfold(_: Any, args: tuple[Any, ...], output: tuple[Any, ...]) -> tuple[Any, ...]:
    del args
    return (output[0].reshape(-1, 1, output[0].shape[-1]), *output[1:])


def _is_attention(module: torch.nn.Module) -> bool:
    return type(module).__name__.endswith("Attention")


def _keep_inside(decoder: Any, own: int) -> None:
    """The keys and values after the third input become state, which begins with no tokens."""
    inputs, results = decoder.get_parameters(), decoder.get_results()
    first, zero = ops.constant([0], _I64), ops.constant(0, _I64)
    rows = ops.gather(ops.shape_of(inputs[0], _I64), first, zero)
    heads, width = (inputs[3].get_partial_shape()[axis].get_length() for axis in (1, 3))
    apply_make_stateful_transformation(decoder, list(zip(inputs[3 : 3 + own], results[1:], strict=True)))
    shape = ops.concat([rows, ops.constant([heads, 0, width], _I64)], 0)
    empty = ops.broadcast(ops.constant(0.0, openvino.Type.f32), shape)
    for node in decoder.get_ops():
        if node.get_type_name() == "ReadValue":
            node.set_arguments([empty])
    decoder.validate_nodes_and_infer_types()


@torch.no_grad()
def _convert(pulled: Pulled, dtype: torch.dtype, folder: Path) -> None:
    """Writes the two models, with 16-bit weights where the arithmetic has 16 bits."""
    # Attention spelled out: of the fused one OpenVINO transposed and scaled the article's keys at each step (batch of 8
    # with four beams, one core: 126 ms a step, with this 110).
    options = {"dtype": torch.float32, "attn_implementation": "eager", "use_safetensors": True, **LOCAL}
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(pulled.directory, **options).eval()
    articles, beams, length, written = 2, 3, 7, 5  # all different, so that no axis is taken for another
    ids, rows = torch.ones(articles, length, dtype=torch.long), articles * beams
    encoder = _Encoder(model, dtype)
    article = encoder(ids, ids)
    _, heads, _, width = article[0].shape
    first = openvino.convert_model(encoder, example_input=(ids, ids))
    for module in model.get_decoder().modules():
        if _is_attention(module) and not any(map(_is_attention, module.children())):  # T5 has a layer of that name
            module.register_forward_pre_hook(_fold, with_kwargs=True)
            module.register_forward_hook(_unfold)
    own = [torch.zeros(rows, heads, written, width) for _ in article]
    example = (torch.ones(rows, 1, dtype=torch.long), torch.arange(rows), ids, *own, *article)
    second = openvino.convert_model(_Decoder(model), example_input=example)
    shapes: list[list[int]] = [[-1, 1], [-1], [-1, -1]] + [[-1, heads, -1, width]] * (2 * len(own))
    second.reshape(dict(enumerate(map(openvino.PartialShape, shapes))))
    _keep_inside(second, len(own))
    for name, part in (("encoder", first), ("decoder", second)):
        openvino.save_model(part, folder / f"{name}.xml", compress_to_fp16=dtype == torch.bfloat16)


def pick_dtype(dtype: str) -> torch.dtype:
    """bfloat16 where it is asked for, or nothing is and the CPU multiplies it; else float32."""
    wanted = arithmetic() if dtype == "auto" else dtype
    return torch.bfloat16 if wanted == "bfloat16" else torch.float32


def converted(pulled: Pulled, dtype: torch.dtype) -> AbstractContextManager[Path]:
    """The folder with ``encoder.xml`` and ``decoder.xml``, kept beside the weights.

    Raises:
        ModelUnhealthy: The model cannot be converted.
    """
    versions = [openvino.__version__, transformers.__version__, torch.__version__, _LAYOUT]
    source = hashlib.sha256(json.dumps([pulled.files, *versions]).encode()).hexdigest()

    def make(folder: Path) -> None:
        _log.warning("converting %s for OpenVINO, which is done once and takes a minute …", pulled.card.name)
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of tracing: that lengths it reads are taken for constants
                _convert(pulled, dtype, folder)
        except Exception as error:  # a later transformers may do anything that cannot be traced
            raise ModelUnhealthy(
                f"{pulled.card.name} cannot be converted for OpenVINO ({type(error).__name__}).",
                hint="Use engine transformers.",
            ) from error

    return made(pulled, f"openvino-{str(dtype).removeprefix('torch.')}", source, make)
