"""A GGUF file of a Llama-type model, prepared once: safetensors and GGUF (both fp16), config and tokenizer.

transformers reads GGUF itself, but took 16.6 s here for what loads from the prepared files in 0.5 s. OpenVINO reads
the GGUF, as F16: it rounds the zero points of the 4-bit file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from summarizer.errors import ModelCorrupt

_LAYER = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
GGUF_FILE = "model.f16.gguf"
_MOSTLY_F16 = 1
_OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def prepare(gguf: Path, out: Path, adapter: Path | None = None) -> None:
    """Writes the weights in both forms, ``config.json``, ``generation_config.json`` and the tokenizer into ``out``.

    Args:
        gguf: The file.
        out: A folder, made where it is missing.
        adapter: LoRA weights (safetensors, as ``models/adapters/train.py`` writes them) to add to the model's.

    Raises:
        ModelCorrupt: Not a GGUF file, or not of the Llama architecture.
    """
    import numpy as np
    from gguf import GGUFReader, dequantize
    from safetensors.numpy import save_file

    try:
        reader = GGUFReader(gguf)
    except ValueError as error:
        raise ModelCorrupt("The model file is not GGUF.") from error
    if _field(reader, "general.architecture") != "llama":
        raise ModelCorrupt("Only GGUF files of the Llama architecture can be prepared.")
    heads = int(_field(reader, "llama.attention.head_count"))
    kv_heads = int(_field(reader, "llama.attention.head_count_kv"))
    tensors = {}
    for tensor in reader.tensors:
        weights = dequantize(tensor.data, tensor.tensor_type)
        part = tensor.name.split(".")[-2]
        if part in ("attn_q", "attn_k"):
            weights = _unpermute(weights, heads if part == "attn_q" else kv_heads)
        tensors[_name(tensor.name)] = weights
    if adapter is not None:
        _add_lora(tensors, adapter)
    tensors = {name: np.ascontiguousarray(weights.astype(np.float16)) for name, weights in tensors.items()}
    tied = "lm_head.weight" not in tensors
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    _write_f16(reader, out / GGUF_FILE, tensors, {"attn_q": heads, "attn_k": kv_heads})
    eos = int(_field(reader, "tokenizer.ggml.eos_token_id"))
    ids = {"bos_token_id": int(_field(reader, "tokenizer.ggml.bos_token_id")), "eos_token_id": eos}
    width = int(_field(reader, "llama.embedding_length"))
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": width,
        "intermediate_size": int(_field(reader, "llama.feed_forward_length")),
        "num_hidden_layers": int(_field(reader, "llama.block_count")),
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": width // heads,
        "max_position_embeddings": int(_field(reader, "llama.context_length")),
        "rms_norm_eps": round(float(_field(reader, "llama.attention.layer_norm_rms_epsilon")), 9),
        "rope_theta": float(_field(reader, "llama.rope.freq_base")),
        "vocab_size": tensors["model.embed_tokens.weight"].shape[0],
        "tie_word_embeddings": tied,
        "hidden_act": "silu",
        "pad_token_id": eos,
        "dtype": "float16",
        **ids,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    (out / "generation_config.json").write_text(json.dumps({"pad_token_id": eos, **ids}, indent=2), encoding="utf-8")
    _prepare_tokenizer(gguf, out)


def _add_lora(tensors: dict[str, Any], adapter: Path) -> None:
    """W + scale · B A for each layer of the adapter (Hu et al. 2021), in fp32."""
    import numpy as np
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(adapter, "np") as file:
            scale = float((file.metadata() or {})["scale"])
            for name in file.keys():  # noqa: SIM118 - not a dict
                layer, _, half = name.rpartition(".lora_")
                if half == "A":
                    a, b = (file.get_tensor(f"{layer}.lora_{x}").astype(np.float32) for x in "AB")
                    tensors[f"{layer}.weight"] = tensors[f"{layer}.weight"] + scale * (b @ a)
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise ModelCorrupt(f"The adapter {adapter.parent.name} does not fit the model.") from error


def _write_f16(reader: Any, out: Path, tensors: dict[str, Any], heads: dict[str, int]) -> None:
    """The same file with ``tensors`` as F16 (the norms, which are vectors, as F32)."""
    import numpy as np
    from gguf import GGUFValueType, GGUFWriter

    writer = GGUFWriter(out, _field(reader, "general.architecture"))
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        kind = field.types[0]
        element = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=element)
    writer.add_file_type(_MOSTLY_F16)
    for tensor in reader.tensors:
        weights = tensors[_name(tensor.name)]
        part = tensor.name.split(".")[-2]
        if part in heads:
            weights = _permute(weights, heads[part])
        writer.add_tensor(tensor.name, weights.astype(np.float32 if weights.ndim == 1 else np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _prepare_tokenizer(gguf: Path, out: Path) -> None:
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    tokenizer = transformers.AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, local_files_only=True)
    tokenizer.save_pretrained(out)


def _field(reader: Any, name: str) -> Any:
    field = reader.get_field(name)
    if field is None:
        raise ModelCorrupt(f"The GGUF file lacks {name}.")
    return field.contents()


def _name(name: str) -> str:
    parts = name.split(".")
    try:
        if parts[0] == "blk":
            return f"model.layers.{parts[1]}.{_LAYER[parts[2]]}.{parts[3]}"
        return f"{_OUTER[parts[0]]}.{parts[1]}"
    except (KeyError, IndexError) as error:
        raise ModelCorrupt(f"The GGUF file holds {name}, which a plain Llama model does not have.") from error


def _unpermute(weights: Any, heads: int) -> Any:
    """GGUF interleaves the two halves of each head's rotary rows; Hugging Face keeps them apart."""
    rows, columns = weights.shape
    return weights.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _permute(weights: Any, heads: int) -> Any:
    """The inverse of :func:`_unpermute`."""
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
