"""The files of adapters, and what is trained further from them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from summarizer.errors import InputError, UnsupportedContent

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
ADAPTERS = Path(__file__).parents[2] / "models" / "adapters"


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(ADAPTERS))
    import average
    import lora
    import packed
    import train

    return {"average": average, "lora": lora, "packed": packed, "train": train}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A random model of the architecture of the default."""
    from transformers import LlamaConfig, LlamaForCausalLM

    found = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    sizes = {"vocab_size": 32, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2}
    config = LlamaConfig(num_attention_heads=2, num_key_value_heads=1, **sizes)
    LlamaForCausalLM(config).save_pretrained(found)
    values = json.loads((found / "config.json").read_text(encoding="utf-8"))
    (found / "config.json").write_text(json.dumps(values | {"rope_theta": 10000.0}), encoding="utf-8")
    return found


def adapter(scripts, directory, folder, rank, change=lambda weights: weights, scale=2.0):
    train, lora = scripts["train"], scripts["lora"]
    model = train.load_model(directory, rank, None)
    weights = {name: torch.full_like(each, 0.25) for name, each in train.trained_weights(model).items()}
    lora.write_adapter(folder / lora.NAME, change(weights), scale)
    return folder / lora.NAME


@pytest.mark.parametrize(("rank", "scale"), [(4, 2.0), (16, 2.0), (3, 0.5)])
def test_an_adapter_is_trained_further_as_it_is(scripts, directory, tmp_path, rank, scale):
    """Its rank and its scale are its own: with others it would say something else than where it was left."""
    train, lora = scripts["train"], scripts["lora"]
    start = lora.read_adapter(adapter(scripts, directory, tmp_path / "start", rank, scale=scale))
    assert (start.rank, start.scale) == (rank, scale)
    train.save(train.load_model(directory, 16, start), tmp_path / "saved")
    saved = lora.read_adapter(tmp_path / "saved" / lora.NAME)
    assert (saved.rank, saved.scale, saved.shapes) == (rank, scale, start.shapes)
    assert all(torch.equal(saved.weights[name], weight) for name, weight in start.weights.items())


def test_what_is_no_adapter_is_told(scripts, directory, tmp_path):
    from safetensors.torch import save_file

    read = scripts["lora"].read_adapter
    (tmp_path / "text").write_text("not that", encoding="utf-8")
    save_file({"a.lora_A": torch.ones(2, 4)}, tmp_path / "without a scale")
    save_file({"weight": torch.ones(2, 4)}, tmp_path / "a model", metadata={"scale": "2.0"})
    for file in ("text", "without a scale", "a model"):
        with pytest.raises(UnsupportedContent, match=f"{file}: this is no adapter"):
            read(tmp_path / file)
    for file, wrong in (("nothing", "No such file"), (".", "Is a directory")):
        with pytest.raises(InputError, match=wrong):
            read(tmp_path / file)


@pytest.mark.parametrize("of", ["train", "packed"])
@pytest.mark.parametrize(
    "change",
    [
        lambda weights: {name: weight for name, weight in weights.items() if "layers.1" not in name},
        lambda weights: weights | {"model.layers.2.mlp.up_proj.lora_A": torch.ones(4, 16)},
        lambda weights: {name: weight.repeat(1, 2) for name, weight in weights.items()},
    ],
    ids=["fewer layers", "more layers", "another width"],
)
def test_an_adapter_of_another_model_is_told(scripts, directory, tmp_path, change, of):
    def widened(weights):
        return {name: weight[:4] if name.endswith("lora_A") else weight for name, weight in change(weights).items()}

    file = adapter(scripts, directory, tmp_path, 4, widened)
    with pytest.raises(UnsupportedContent, match="does not fit this model"):
        if of == "train":
            scripts["train"].load_model(directory, 16, scripts["lora"].read_adapter(file))
        else:
            scripts["packed"].PackedModel(directory, file, 1)


def test_the_packed_model_takes_and_gives_an_adapter_of_any_rank(scripts, directory, tmp_path):
    lora = scripts["lora"]
    file = adapter(scripts, directory, tmp_path, 4)
    scripts["packed"].PackedModel(directory, file, 1).save(tmp_path / "saved")
    before, after = lora.read_adapter(file), lora.read_adapter(tmp_path / "saved" / lora.NAME)
    assert all(torch.equal(after.weights[name], weight) for name, weight in before.weights.items())


def test_the_mean_of_adapters_is_weighted(scripts, directory, tmp_path):
    average, read = scripts["average"].average, scripts["lora"].read_adapter
    one = read(adapter(scripts, directory, tmp_path / "one", 4))
    other = read(adapter(scripts, directory, tmp_path / "two", 4, lambda ws: {n: w * 4 for n, w in ws.items()}))
    means = average([(one, 1.0), (other, 2.0)])
    assert means.keys() == one.weights.keys() and all((weight == 0.75).all() for weight in means.values())
    wider = read(adapter(scripts, directory, tmp_path / "three", 8))
    louder = read(adapter(scripts, directory, tmp_path / "four", 4, scale=1.0))
    for stranger in (wider, louder):
        with pytest.raises(UnsupportedContent, match="does not fit"):
            average([(one, 1.0), (stranger, 1.0)])


def run(script, *arguments, folder):
    command = [sys.executable, str(ADAPTERS / f"{script}.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


@pytest.mark.parametrize(
    ("script", "given", "code"),
    [
        ("train", ["--articles", "rows.jsonl", "--out", "out", "--start", "text"], 3),
        ("train", ["--articles", "rows.jsonl", "--out", "out", "--start", "text", "--rank", "8"], 2),
        ("prefer", ["--candidates", "rows.jsonl", "--out", "out", "--start", "text"], 3),
        ("average", ["text", "text@2", "--out", "out"], 3),
    ],
)
def test_a_script_ends_with_one_line(tmp_path, script, given, code):
    (tmp_path / "text").write_text("not that", encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text('{"id": 1, "text": "Rain fell."}\n', encoding="utf-8")
    done = run(script, *given, folder=tmp_path)
    assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
    said = "error: text: this is no adapter" if code == 3 else "train.py: error: argument --rank: not allowed"
    assert done.stderr.splitlines()[-1].startswith(said)
