"""Encoder-decoders through OpenVINO, on tiny random models built here: the output is that of transformers."""

import pytest
import tokenizers
import torch
import transformers

from summarizer.engines.base import Decoding, Request
from summarizer.engines.cards import find_card
from summarizer.engines.load import plan, prepare
from summarizer.engines.openvino import can_run
from summarizer.engines.store import locate, verify
from summarizer.engines.transformers import TransformersEngine
from summarizer.errors import ModelUnhealthy, SettingsError
from summarizer.settings import load_settings

openvino = pytest.importorskip("openvino")
pytest.importorskip("openvino_genai")

WORDS = "the a boat boats left harbour port fish ship crew storm mayor city said on in . ,".split()
SPECIAL = ["<pad>", "<eos>", "<unk>"]
WORDLESS = [0, 1, 2, len(WORDS) + 1, len(WORDS) + 2]  # the special tokens and the punctuation
TEXTS = ["the boat left the harbour .", "fish , fish .", "the crew said the storm left the city in the port . " * 3]
SIZE = {"vocab_size": len(WORDS) + 3, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 1, "d_model": 32}
LAYERS = {"encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
LAYERS |= {"encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "max_position_embeddings": 256, "init_std": 0.4}
LAYERS |= {"forced_eos_token_id": None, "decoder_start_token_id": 1}
T5 = {"d_kv": 8, "num_heads": 4, "num_layers": 2, "d_ff": 64, "decoder_start_token_id": 0}
MODELS = {
    "bart": lambda: transformers.BartForConditionalGeneration(transformers.BartConfig(**SIZE, **LAYERS)),
    "pegasus": lambda: transformers.PegasusForConditionalGeneration(transformers.PegasusConfig(**SIZE, **LAYERS)),
    "t5": lambda: transformers.T5ForConditionalGeneration(transformers.T5Config(**SIZE, **T5, initializer_factor=2.0)),
}


def build(directory, kind, **generation):
    vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS)}
    raw = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    tokenizer.save_pretrained(directory)
    torch.manual_seed(0)
    model = MODELS[kind]()
    model.generation_config.update(begin_suppress_tokens=WORDLESS, **generation)  # no words would be an error
    model.save_pretrained(directory)
    return locate(find_card(str(directory)), directory)


def load(pulled, dtype="float32"):
    from summarizer.engines.openvino_seq2seq import OpenVinoSeq2SeqEngine

    return OpenVinoSeq2SeqEngine(pulled, device="cpu", dtype=dtype)


@pytest.fixture(scope="module", params=MODELS)
def pulled(request, tmp_path_factory):
    return build(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def engine(pulled):
    return load(pulled)


def run(engine, decoding, texts=TEXTS, **options):
    for ticket, text in enumerate(texts):
        engine.admit(ticket, Request(text, decoding=decoding, **options))
    news = {progress.ticket: progress for progress in engine.step()}
    assert all(progress.error is None for progress in news.values())
    return [news[ticket].generation for ticket in range(len(texts))]


DECODINGS = [
    Decoding(24),
    Decoding(24, num_beams=4),
    Decoding(24, num_beams=3, length_penalty=2.0, no_repeat_ngram_size=3),
    Decoding(24, num_beams=2, repetition_penalty=1.3),
]


@pytest.mark.parametrize("decoding", DECODINGS, ids=["greedy", "beams", "long, no repeats", "penalty"])
def test_the_output_is_that_of_transformers_alone_and_in_a_batch(engine, pulled, decoding):
    expected = run(TransformersEngine(pulled, device="cpu", dtype="float32"), decoding)
    assert run(engine, decoding) == expected
    assert [run(engine, decoding, [text])[0] for text in TEXTS] == expected
    assert run(engine, decoding) == expected  # nothing is left of the text before
    assert len({generation.text for generation in expected}) > 1


def test_the_models_own_generation_settings_are_kept(tmp_path):
    settings = {
        "min_length": 12,
        "num_beams": 2,
        "early_stopping": True,
        "forced_bos_token_id": 5,
        "forced_eos_token_id": 1,
    }
    pulled = build(tmp_path, "bart", **settings)
    for decoding in DECODINGS[:2]:
        expected = run(TransformersEngine(pulled, device="cpu", dtype="float32"), decoding)
        assert run(load(pulled), decoding) == expected
        assert all(generation.text.startswith(WORDS[2]) for generation in expected)


def test_bfloat16_is_reported_and_no_weights_lie_in_torch(tmp_path):
    engine = load(build(tmp_path, "bart"), "bfloat16")
    assert (engine.info.engine, engine.info.dtype) == ("openvino", "bfloat16")
    assert all(generation.new_tokens for generation in run(engine, DECODINGS[1]))
    assert list(engine._model.parameters()) == []


def test_cancelled_requests_stop_early(engine):
    answers = run(engine, Decoding(100, num_beams=2), is_cancelled=lambda: True)
    assert all(answer.finish_reason == "cancelled" and answer.new_tokens <= 2 for answer in answers)


def test_a_conversion_is_kept_and_a_changed_one_is_made_again(tmp_path, caplog):
    pulled = build(tmp_path, "t5")
    settings = load_settings(model=str(tmp_path), device="cpu", dtype="float32")
    prepare(pulled, settings)
    assert "converting" in caplog.text
    caplog.clear()
    load(pulled)
    assert not caplog.records
    verify(pulled)  # the weights' own manifest does not mind it
    weights = tmp_path / "openvino-float32" / "decoder.bin"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\xff")
    load(pulled)
    assert "converting" in caplog.text
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["openvino-float32"]


def test_what_cannot_be_converted_falls_back_under_auto_alone(tmp_path, monkeypatch, caplog):
    pulled = build(tmp_path, "bart")

    def refuse(*_, **__):
        raise RuntimeError("no such operation")

    monkeypatch.setattr(openvino, "convert_model", refuse)
    with pytest.raises(ModelUnhealthy, match=r"cannot be converted for OpenVINO \(RuntimeError\)"):
        plan(load_settings(model=str(tmp_path), engine="openvino")).load()
    found = plan(load_settings(model=str(tmp_path), device="cpu"))
    if found.engine == "openvino":  # no CUDA here
        prepare(pulled, load_settings(model=str(tmp_path), device="cpu"))
        assert "The engine transformers will run it." in caplog.text
        with pytest.raises(
            ModelUnhealthy, match="no sound answer"
        ):  # transformers has loaded it: its weights are random
            found.load()
        assert "Going on with the engine transformers." in caplog.text


@pytest.mark.parametrize("engine", ["auto", "openvino", "transformers"])
def test_8_bit_weights_are_refused_where_there_are_none(tmp_path, engine):
    settings = load_settings(model=str(tmp_path), engine=engine, device="cpu", dtype="int8")
    pulled = build(tmp_path, "bart")
    with pytest.raises(SettingsError, match="no 8-bit weights"):
        plan(settings)
    if engine != "transformers":
        with pytest.raises(SettingsError, match="no 8-bit weights"):
            prepare(pulled, settings)


def test_other_encoder_decoders_are_left_to_transformers(tmp_path):
    pulled = build(tmp_path, "bart")
    assert can_run(pulled)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"model_type": "bart"', '"model_type": "led"'))
    assert not can_run(pulled)
    assert plan(load_settings(model=str(tmp_path))).engine == "transformers"
    with pytest.raises(SettingsError, match="BART"):
        plan(load_settings(model=str(tmp_path), engine="openvino"))
