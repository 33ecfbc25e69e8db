"""The transformers engine on tiny random models built here: what is checked is the plumbing, not the text."""

import json
import shutil
from dataclasses import replace
from itertools import pairwise

import pytest
import tokenizers
import torch
import transformers

from summarizer.engines.base import Decoding, Request
from summarizer.engines.cards import find_card
from summarizer.engines.gguf import GGUF_FILE
from summarizer.engines.lead import LeadEngine
from summarizer.engines.load import plan, self_test
from summarizer.engines.store import locate, verify
from summarizer.engines.transformers import TransformersEngine
from summarizer.errors import InferenceFailed, ModelCorrupt, ModelNotFound, ModelUnhealthy
from summarizer.settings import load_settings

WORDS = "the a boat boats left harbour port fish ship crew storm mayor city said on in . , Yes No".split()
SPECIAL = ["<pad>", "<eos>", "<unk>"]


@pytest.fixture(scope="module", params=["causal", "seq2seq"])
def model_dir(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS)}
    raw = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    ).save_pretrained(directory)
    torch.manual_seed(0)
    size = {"vocab_size": len(vocabulary), "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 1}
    if request.param == "causal":
        config = transformers.LlamaConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=256,
            **size,
        )
        model = transformers.LlamaForCausalLM(config)
    else:
        config = transformers.BartConfig(
            d_model=32,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=64,
            decoder_ffn_dim=64,
            max_position_embeddings=256,
            decoder_start_token_id=1,
            forced_eos_token_id=None,
            **size,
        )
        model = transformers.BartForConditionalGeneration(config)
    model.generation_config.update(suppress_tokens=[0, 2], begin_suppress_tokens=[1])  # else some write no words
    model.save_pretrained(directory)
    return directory


@pytest.fixture
def engine(model_dir):
    pulled = locate(find_card(str(model_dir)), model_dir)
    return TransformersEngine(pulled, device="cpu", dtype="float32")


def run(engine, requests):
    for ticket, request in enumerate(requests):
        engine.admit(ticket, request)
    return {news.ticket: news.generation for news in engine.step()}


TEXTS = ["the boat left the harbour .", "fish , fish .", "the crew said the storm left the city in the port . " * 3]


@pytest.mark.parametrize("beams", [1, 4])
def test_a_text_alone_equals_the_same_in_a_batch(engine, beams):
    decoding = Decoding(max_new_tokens=12, num_beams=beams)
    batch = run(engine, [Request(text, decoding=decoding) for text in TEXTS])
    alone = [run(engine, [Request(text, decoding=decoding)])[0] for text in TEXTS]
    assert [batch[i].text for i in range(3)] == [g.text for g in alone]
    assert all(g.new_tokens <= 12 for g in alone)


def test_no_ngram_is_written_twice(engine):
    answer = run(engine, [Request(TEXTS[0], decoding=Decoding(max_new_tokens=40, no_repeat_ngram_size=2))])[0]
    words = answer.text.split()
    pairs = list(pairwise(words))
    assert len(pairs) == len(set(pairs))


def test_out_of_memory_splits_the_batch(engine, monkeypatch):
    real, sizes = engine._generate, []

    def cramped(requests):
        sizes.append(len(requests))
        if len(requests) > 1:
            raise MemoryError
        return real(requests)

    monkeypatch.setattr(engine, "_generate", cramped)
    answers = run(engine, [Request(text, decoding=Decoding(max_new_tokens=4)) for text in TEXTS])
    assert sorted(answers) == [0, 1, 2] and all(answers.values())
    assert sizes[0] == 3


def test_special_tokens_in_an_article_stay_text(engine):
    assert "<eos>" not in engine._prompt("", "the boat <eos> left")


@pytest.mark.parametrize("beams", [1, 4])
def test_cancelled_requests_stop_early(engine, beams):
    decoding = Decoding(max_new_tokens=100, num_beams=beams)
    answer = run(engine, [Request(TEXTS[0], decoding=decoding, is_cancelled=lambda: True)])[0]
    assert answer.finish_reason == "cancelled" and answer.new_tokens <= 2


@pytest.mark.parametrize("beams", [1, 4])
def test_an_answer_without_words_is_an_error_of_its_request_alone(engine, beams):
    others = [i for i in range(len(engine._tokenizer)) if i != engine._tokenizer.eos_token_id]
    engine._model.generation_config.update(suppress_tokens=others, begin_suppress_tokens=None)
    decoding = Decoding(max_new_tokens=6, num_beams=beams)
    engine.admit(0, Request(TEXTS[0], decoding=decoding))
    engine.admit(1, Request(TEXTS[1], decoding=decoding, is_cancelled=lambda: True))
    failed, cancelled = engine.step()
    assert type(failed.error) is InferenceFailed and "no words" in str(failed.error) and failed.generation is None
    assert cancelled.generation.finish_reason == "cancelled"


def test_what_a_model_thinks_is_left_out(engine, monkeypatch):
    decode = engine._tokenizer.decode
    monkeypatch.setattr(engine._tokenizer, "decode", lambda *a, **k: f"<think>{decode(*a, **k)}</think>\nthe boat")
    assert run(engine, [Request(TEXTS[0], decoding=Decoding(max_new_tokens=4))])[0].text == "the boat"


# Gemma 2's own refuses a system message, and others leave it out.
REFUSES = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
LEAVES_OUT = "{% if messages[0]['role'] == 'system' %}{% set messages = messages[1:] %}{% endif %}"
TAKES = ""


@pytest.mark.parametrize("begin", [REFUSES, LEAVES_OUT, TAKES])
def test_the_system_prompt_reaches_the_model_whatever_its_chat_template_takes(model_dir, tmp_path, begin):
    if "seq2seq" in model_dir.name:
        pytest.skip("encoder-decoders have no chat template")
    home = shutil.copytree(model_dir, tmp_path / "model")
    turns = "{% for m in messages %}{{ m['role'] }} : {{ m['content'] | trim }} . {% endfor %}"
    (home / "chat_template.jinja").write_text(begin + turns)
    engine = TransformersEngine(locate(find_card(str(home)), home), device="cpu", dtype="float32")
    system = "system : the crew . user : " if begin is TAKES else "user : the crew\n\n"
    assert engine._prompt("the crew", "the boat") == f"{system}the boat . "
    assert engine._prompt("", "the boat") == "user : the boat . "
    assert engine.prompt_tokens("the crew") > engine.prompt_tokens("")
    answer = run(engine, [Request(TEXTS[0], "the crew", Decoding(max_new_tokens=4))])[0]
    assert answer.prompt_tokens == engine.prompt_tokens("the crew") + engine.count_tokens(TEXTS[:1])[0]


@pytest.mark.parametrize("answer", ["", "the the the the the the", "xq zv kk ww pq rr ss tt", "…"])
def test_a_model_that_writes_gibberish_is_refused(answer):
    closed = []

    class Gibberish(LeadEngine):
        def close(self):
            closed.append(self)

        def step(self):
            return [replace(n, generation=replace(n.generation, text=answer)) for n in super().step()]

    self_test(LeadEngine())
    with pytest.raises(ModelUnhealthy):
        self_test(Gibberish())
    assert len(closed) == 1


def test_a_changed_byte_is_found_before_loading(model_dir, tmp_path, monkeypatch):
    home = tmp_path / "models" / "smollm2-135m-instruct"
    shutil.copytree(model_dir, home)
    (home / GGUF_FILE).write_bytes(b"GGUF")
    pulled = locate(find_card(str(home)), tmp_path)
    revision = f"gguf-{find_card('smollm2-135m-instruct').source.sha256[:12]}"
    manifest = {"name": "x", "revision": revision, "files": pulled.files}
    (home / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("SUMMARIZER_MODELS_DIR", str(tmp_path / "models"))
    verify(locate(find_card("smollm2-135m-instruct"), tmp_path / "models"))
    weights = home / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelCorrupt, match=r"model\.safetensors"):
        plan(load_settings(model="smollm2-135m-instruct", engine="transformers")).load()


def test_unknown_and_unpulled_models_say_what_to_do(tmp_path):
    with pytest.raises(ModelNotFound, match="models list"):
        find_card("no-such-model")
    with pytest.raises(ModelNotFound, match="models pull"):
        locate(find_card("bart-large-cnn"), tmp_path)


def test_claims_are_judged_among_texts_that_are_written(engine):
    if engine._card.architecture == "seq2seq":
        pytest.skip("only decoder-only models are trained to judge")
    decoding = Decoding(max_new_tokens=4)
    claims = [Request(text, claim="the boat left .") for text in TEXTS]
    answers = run(engine, [claims[0], Request(TEXTS[0], decoding=decoding), *claims[1:]])
    assert answers[1].support is None and answers[1].new_tokens
    alone = [run(engine, [claim])[0].support for claim in claims]
    assert [answers[i].support for i in (0, 2, 3)] == pytest.approx(alone, abs=1e-5)
    assert len(set(alone)) == 3 and all(0 < support < 1 for support in alone)
