"""A prepared GGUF as OpenVINO's own files, made once; at ``models pull`` they take its place.

They load in 2.0 s where the GGUF takes 4.3, at a peak of 1.0 GB instead of 1.25, and from a read-only folder. Where the
CPU does not multiply bfloat16, OpenVINO would hold the weights in 32 bits: there they are made again in 8, as a folder
beside, and multiplied in 32 as before. The engine then takes 0.87 GB instead of 1.64, in the same time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from summarizer.engines.gguf import GGUF_FILE
from summarizer.engines.store import MANIFEST, Pulled, forget, made, verify
from summarizer.errors import ModelCorrupt, ModelUnhealthy

_log = logging.getLogger(__name__)

_FOLDER = "openvino"
_FOLDER_INT8 = "openvino-int8"
_LAYOUT = 3  # of the converted files: to be raised where they change
_LAYOUT_INT8 = 1
# So many weights of a row share a scale, as in Q8_0. By a row each, the next token's distribution is three times as far
# from that of 32 bits (0.0013 nats, mean of 1,890 tokens); by 32 it is 0.0004, which is also what bfloat16 has.
_GROUP = 32
_SMALLEST = 64  # rows and columns: what is smaller is no weight matrix


def without_telemetry() -> None:
    """To be called before openvino is imported, which starts its telemetry where that package is installed."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def converted(pulled: Pulled) -> AbstractContextManager[Path]:
    """The folder with ``openvino_model.xml``.

    Raises:
        ModelCorrupt: The GGUF is not what was pulled, or they took its place and are no longer what was made.
        ModelUnhealthy: It cannot be converted.
    """
    without_telemetry()
    import openvino_genai

    def make(folder: Path) -> None:
        if GGUF_FILE not in pulled.files:
            message = f"The files of {pulled.card.name} for OpenVINO differ from what is made now; nothing was loaded."
            raise ModelCorrupt(message, hint=f"Run `summarizer models pull {pulled.card.name}`.")
        _log.warning("converting %s for OpenVINO, which is done once and takes ten seconds …", pulled.card.name)
        verify(pulled)
        try:
            gguf = Path(shutil.copy(pulled.directory / GGUF_FILE, folder))
            openvino_genai.LLMPipeline(str(gguf), "CPU", enable_save_ov_model=True)  # saves it beside the GGUF
            _write_exact_frequencies(folder, pulled.directory / "config.json")
        except (RuntimeError, OSError) as error:
            message = f"{pulled.card.name} cannot be converted for OpenVINO."
            raise ModelUnhealthy(message, hint="Pull the model again, or use engine transformers.") from error
        for unread in (gguf, *folder.glob("openvino_*tokenizer.*")):  # ours is that of chat.py
            unread.unlink()

    return made(pulled, _FOLDER, _source(pulled, f"{_LAYOUT}"), make)


def converted_int8(pulled: Pulled) -> AbstractContextManager[Path]:
    """As :func:`converted`, with 8-bit weights; made of what it gives, at each start where the folder is read-only.

    Raises:
        ModelCorrupt: As there.
        ModelUnhealthy: They cannot be made.
    """
    without_telemetry()

    def make(folder: Path) -> None:
        with converted(pulled) as exact:
            _log.warning("making the 8-bit weights of %s for OpenVINO …", pulled.card.name)
            try:
                _write_int8(exact, folder)
            except (RuntimeError, OSError) as error:
                message = f"The 8-bit weights of {pulled.card.name} cannot be made."
                raise ModelUnhealthy(message, hint="Make room on the disk, or set dtype to float32.") from error

    return made(pulled, _FOLDER_INT8, _source(pulled, f"{_LAYOUT}-{_LAYOUT_INT8}"), make)


def _source(pulled: Pulled, layout: str) -> str:
    """Of which weights, and in which layout; later versions of OpenVINO read what earlier ones wrote."""
    return hashlib.sha256(f"{pulled.revision} {layout}".encode()).hexdigest()


def is_convertible(pulled: Pulled) -> bool:
    """Whether there is a prepared GGUF, or what was made of it."""
    return GGUF_FILE in pulled.files or (pulled.directory / _FOLDER / MANIFEST).is_file()


def take_its_place(pulled: Pulled, *, int8: bool = False) -> None:
    """Converts a GGUF, and removes it; with ``int8`` makes the 8-bit weights as well."""
    with converted(pulled) as folder:
        if folder.parent == pulled.directory:  # where it cannot be kept, each start makes it
            forget(pulled, GGUF_FILE)
    if int8:
        with converted_int8(pulled):
            pass


def _write_exact_frequencies(folder: Path, config_file: Path) -> None:
    """The frequencies of rotary positions in 32 bits again, as the GGUF has them; they were saved in 16.

    With 16, float32 wrote other texts for 2 of 60 articles; with this, the same for all.
    """
    import numpy as np
    import openvino
    from openvino import opset13 as ops

    config = json.loads(config_file.read_text(encoding="utf-8"))
    width = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    exact = config["rope_theta"] ** (-np.arange(0, width, 2, dtype=np.float32) / width).reshape(1, -1, 1)
    model = openvino.Core().read_model(folder / "openvino_model.xml")
    for node in model.get_ops():
        if node.get_type_name() == "Constant" and tuple(node.get_output_shape(0)) == exact.shape:
            (widened,) = (reader.get_node() for reader in node.output(0).get_target_inputs())
            widened.output(0).replace(ops.constant(exact, openvino.Type.f32).output(0))
    openvino.save_model(model, folder / "exact.xml", compress_to_fp16=False)
    del model  # which reads the file that is now replaced
    for kind in ("xml", "bin"):
        (folder / f"exact.{kind}").replace(folder / f"openvino_model.{kind}")


def _write_int8(exact: Path, folder: Path) -> None:
    """Each weight matrix as whole numbers, with a scale for each group of a row by which its largest is 127.

    That is Q8_0 of llama.cpp. OpenVINO keeps them so, and multiplies them out as it reads them.
    """
    import numpy as np
    import openvino
    from openvino import opset13 as ops

    model = openvino.Core().read_model(exact / "openvino_model.xml")
    for node in model.get_ops():
        shape = tuple(node.get_output_shape(0)) if node.get_type_name() == "Constant" else ()
        if len(shape) != 2 or min(shape) < _SMALLEST or shape[1] % _GROUP:
            continue
        groups = node.get_data().astype(np.float32).reshape(shape[0], -1, _GROUP)
        scales = (np.abs(groups).max(-1, keepdims=True) / 127).astype(np.float16)
        whole = np.rint(groups / np.where(scales == 0, 1, scales.astype(np.float32)))
        numbers = ops.convert(ops.constant(np.clip(whole, -127, 127).astype(np.int8)), "f16")
        weights = ops.reshape(ops.multiply(numbers, ops.constant(scales)), np.array(shape), special_zero=False)
        for reader in list(node.output(0).get_target_inputs()):
            reader.replace_source_output(weights.output(0))
    model.validate_nodes_and_infer_types()
    openvino.save_model(model, folder / "openvino_model.xml", compress_to_fp16=False)
