"""Encoder-decoder models on a CPU: our transformers engine beside our openvino engine and CTranslate2.

    pip install ctranslate2
    python benchmarks/encoder_decoder.py [--articles 8] [--beams 4]

The model has the shape of distilbart-cnn-12-6 and random weights: speed does not depend on them, and none need be
fetched. Each system reads the same random tokens and writes exactly as many as it is asked for. What is not
installed is left out. Each system has a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

READ, WRITTEN, VOCABULARY = 512, 64, 50_264
SYSTEMS = ("transformers bfloat16", "transformers float32", "ctranslate2 float32", "ctranslate2 bfloat16",
           "ctranslate2 int8", "openvino bfloat16", "openvino float32")  # fmt: skip
Write = Callable[[list[list[int]], int], list[int]]


def build(folder: Path) -> None:
    """The random model, as transformers saves it."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    torch.manual_seed(0)
    config = BartConfig(
        vocab_size=VOCABULARY, d_model=1024, encoder_layers=12, decoder_layers=6, encoder_attention_heads=16,
        decoder_attention_heads=16, encoder_ffn_dim=4096, decoder_ffn_dim=4096, max_position_embeddings=1024,
        bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None,
    )  # fmt: skip
    BartForConditionalGeneration(config).save_pretrained(folder)


def with_transformers(folder: Path, dtype: str) -> Write:
    """What ``engines/transformers.py`` does: inference mode, one padded batch, threads of the CPU quota."""
    import torch
    from transformers import BartForConditionalGeneration

    from summarizer.engines.cpu import cpu_quota

    torch.set_num_threads(cpu_quota())
    model = BartForConditionalGeneration.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    return _generating(model, torch.inference_mode)


def with_openvino(folder: Path, dtype: str) -> Write:
    """What ``engines/openvino_seq2seq.py`` loads; converted at the first use."""
    import torch

    from summarizer.engines.cards import find_card
    from summarizer.engines.cpu import cpu_quota
    from summarizer.engines.openvino_seq2seq import compiled
    from summarizer.engines.store import locate

    torch.set_num_threads(cpu_quota())
    model = compiled(locate(find_card(str(folder)), folder), getattr(torch, dtype), cpu_quota())
    return _generating(model, torch.inference_mode)


def _generating(model, context) -> Write:
    import torch

    def write(rows: list[list[int]], beams: int) -> list[int]:
        ids = torch.tensor(rows)
        with context():
            output = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), num_beams=beams, do_sample=False,
                max_new_tokens=WRITTEN, min_new_tokens=WRITTEN, early_stopping=False,
            )  # fmt: skip
        return [len(row) - 1 for row in output]

    return write


def with_ctranslate2(folder: Path, dtype: str) -> Write:
    """Converted by its own script; tokens are named by their number."""
    import ctranslate2
    from ctranslate2.converters.transformers import TransformersConverter

    class Converter(TransformersConverter):
        def load_tokenizer(self, tokenizer_class, model_name_or_path, **kwargs):
            return Numbers()

        def load_model(self, model_class, model_name_or_path, **kwargs):
            model = super().load_model(model_class, model_name_or_path, **kwargs)
            model.config.normalize_before, model.config.normalize_embedding = False, True  # gone from transformers 5
            return model

    converted = folder / f"ct2-{dtype}"
    if not converted.exists():
        Converter(str(folder)).convert(str(converted), quantization=dtype)
    from summarizer.engines.cpu import cpu_quota

    model = ctranslate2.Translator(str(converted), compute_type=dtype, intra_threads=cpu_quota(), inter_threads=1)

    def write(rows: list[list[int]], beams: int) -> list[int]:
        results = model.translate_batch(
            [[str(i) for i in row] for row in rows], beam_size=beams, max_decoding_length=WRITTEN,
            min_decoding_length=WRITTEN, max_batch_size=0,
        )  # fmt: skip
        return [len(result.hypotheses[0]) for result in results]

    return write


class Numbers:
    """As much of a tokenizer as CTranslate2's converter asks for."""

    bos_token, eos_token, unk_token, pad_token = "0", "2", "3", "1"

    def get_vocab(self) -> dict[str, int]:
        return {str(i): i for i in range(VOCABULARY)}

    def convert_ids_to_tokens(self, index):
        return str(index)


def measure(system: str, folder: Path, articles: int, beams: int) -> dict[str, float]:
    """Seconds an article, alone (median) and in one batch."""
    import numpy

    name, dtype = system.split()
    load = {"transformers": with_transformers, "openvino": with_openvino, "ctranslate2": with_ctranslate2}[name]
    write = load(folder, dtype)
    rows = numpy.random.default_rng(0).integers(4, VOCABULARY, (articles, READ)).tolist()
    write(rows[:1], beams)
    alone = []
    for row in rows[:4]:
        started = time.perf_counter()
        assert write([row], beams)[0] >= WRITTEN - 1
        alone.append(time.perf_counter() - started)
    write(rows, beams)
    started = time.perf_counter()
    write(rows, beams)
    return {"alone_s": statistics.median(alone), "batch_s": (time.perf_counter() - started) / articles}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=8, help="Articles in a batch.")
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--only", nargs="*", default=SYSTEMS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.folder, options.articles, options.beams)))
        return
    first = None
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        print(f"{'system':24}{'alone s':>9}{'x':>6}{'in a batch s':>14}{'x':>6}   (an article; {options.beams} beams)")
        for system in options.only:
            command = [sys.executable, __file__, "--one", system, "--folder", folder]
            command += ["--articles", str(options.articles), "--beams", str(options.beams)]
            done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
            if done.returncode:
                print(
                    f"{system:24}  left out: {(done.stderr.strip().splitlines() or ['failed'])[-1][:120]}", flush=True
                )
                continue
            found = json.loads(done.stdout.strip().splitlines()[-1])
            first = first or found
            alone, batch = (first[key] / found[key] for key in ("alone_s", "batch_s"))
            line = f"{system:24}{found['alone_s']:9.2f}{alone:6.2f}{found['batch_s']:14.2f}{batch:6.2f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
