"""BART, PEGASUS and T5 on a CPU: OpenVINO does the arithmetic, transformers' own ``generate`` the decoding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.modeling_outputs import BaseModelOutput, Seq2SeqLMOutput

from summarizer.engines.openvino import KEPT_KERNELS
from summarizer.engines.openvino_convert import converted, pick_dtype
from summarizer.engines.store import Pulled
from summarizer.engines.transformers import LOCAL, TransformersEngine


class _Compiled(transformers.PreTrainedModel, transformers.GenerationMixin):  # type: ignore[misc]
    """As much of a model as ``generate`` asks for. No weights lie in torch."""

    main_input_name = "input_ids"
    device = torch.device("cpu")

    def __init__(self, config: Any, folder: Path, properties: dict[str, Any]) -> None:
        super().__init__(config)
        import openvino  # here, after openvino_convert has kept its telemetry from starting

        core = openvino.Core()
        self._encode, self._decode = (
            core.compile_model(folder / f"{name}.xml", "CPU", properties).create_infer_request()
            for name in ("encoder", "decoder")
        )
        self._rows: Any = None

    def get_encoder(self, modality: str | None = None) -> Any:
        del modality
        return self

    def prepare_inputs_for_generation(self, input_ids: Any, **kwargs: Any) -> dict[str, Any]:
        del kwargs
        return {"decoder_input_ids": input_ids[:, -1:]}

    def forward(
        self, input_ids: Any = None, attention_mask: Any = None, decoder_input_ids: Any = None, **_: Any
    ) -> Any:
        """The encoder where there are ``input_ids``, which begins a text; else the next step of the decoder."""
        if decoder_input_ids is None:
            self._encode.infer([input_ids.numpy(), attention_mask.numpy()])
            self._decode.reset_state()
            self._rows, self._mask = None, attention_mask.numpy()
            for index in range(len(self._encode.model_outputs)):
                self._decode.set_input_tensor(3 + index, self._encode.get_output_tensor(index))
            return BaseModelOutput(last_hidden_state=torch.zeros(len(input_ids), 1, 1))  # for its first axis
        rows = torch.arange(len(decoder_input_ids)) if self._rows is None else self._rows.long()
        self._decode.infer({0: decoder_input_ids.contiguous().numpy(), 1: rows.numpy(), 2: self._mask})
        return Seq2SeqLMOutput(logits=torch.from_numpy(self._decode.get_output_tensor(0).data))

    def _reorder_cache(self, cache: Any, beam_idx: Any) -> Any:
        """``generate`` tells which row each beam continues; its own cache stays empty."""
        self._rows = beam_idx
        return cache


def compiled(pulled: Pulled, dtype: torch.dtype, threads: int) -> Any:
    """The model, converted where it has not been; ``generate`` is all it is for."""
    precision = "bf16" if dtype == torch.bfloat16 else "f32"
    properties = {
        "INFERENCE_PRECISION_HINT": precision,
        "KV_CACHE_PRECISION": precision,  # 8 bits by default
        "INFERENCE_NUM_THREADS": threads,
        "CPU_RUNTIME_CACHE_CAPACITY": KEPT_KERNELS,
    }
    config = transformers.AutoConfig.from_pretrained(pulled.directory, **LOCAL)
    with converted(pulled, dtype) as folder:
        model = _Compiled(config, folder, properties)
    settings = transformers.GenerationConfig.from_pretrained
    try:
        model.generation_config = settings(pulled.directory, local_files_only=True)
    except OSError:  # older models keep them in config.json
        model.generation_config = settings(
            pulled.directory, "config.json", local_files_only=True, _from_model_config=True
        )
    return model


class OpenVinoSeq2SeqEngine(TransformersEngine):
    """BART, PEGASUS or T5: all of the transformers engine but the arithmetic.

    Raises:
        ModelUnhealthy: The files cannot be loaded or converted.
    """

    name = "openvino"

    def _pick_dtype(self, dtype: str) -> Any:
        return pick_dtype(dtype)

    def _load_model(self, pulled: Pulled) -> Any:
        return compiled(pulled, self._dtype, self._threads)
