"""A Llama with an adapter that reads a text once and judges several claims about it, in one row of tokens.

Every claim sees the text and itself, not the others, and has the positions that it would have alone: the answers are
those of one prompt a claim, at a third of the arithmetic. Written out, so that a layer can be compiled: on a CPU the
small operations of a layer of 576 numbers take more time than its products.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from lora import NAME, read_adapter, write_adapter
from safetensors.torch import load_file
from torch.nn import functional
from transformers import AutoTokenizer

from summarizer.engines.chat import JUDGE_SYSTEM, NO, YES

LINEAR = {
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}
MOST_TEXT, MOST_CLAIM = 260, 90  # tokens
PAD = 2


class Linear(torch.nn.Module):
    """Frozen weights (bf16) and an adapter (fp32), trained or merged."""

    def __init__(self, weight: torch.Tensor, a: torch.Tensor, b: torch.Tensor, scale: float, train: bool) -> None:
        super().__init__()
        self.scale, self.trained = scale, train
        if not train:
            weight = weight.float() + scale * b.float() @ a.float()
        self.weight = torch.nn.Parameter(weight.bfloat16(), requires_grad=False)
        if train:
            self.a, self.b = torch.nn.Parameter(a.float()), torch.nn.Parameter(b.float())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.linear(x, self.weight)
        if self.trained:
            y = y + functional.linear(functional.linear(x, self.a.bfloat16()), (self.scale * self.b).bfloat16())
        return y


class Layer(torch.nn.Module):
    """One decoder layer of Llama, with grouped keys and values."""

    def __init__(self, weights: dict, adapter: dict, scale: float, index: int, config: dict, train: bool) -> None:
        super().__init__()
        prefix = f"model.layers.{index}."
        for short, name in LINEAR.items():
            full = f"{prefix}{name}"
            pair = adapter[f"{full}.lora_A"], adapter[f"{full}.lora_B"]
            setattr(self, short, Linear(weights[f"{full}.weight"], *pair, scale, train))
        norms = (weights[f"{prefix}{name}.weight"] for name in ("input_layernorm", "post_attention_layernorm"))
        self.before, self.after = (torch.nn.Parameter(n.bfloat16(), requires_grad=False) for n in norms)
        self.heads, self.shared = config["num_attention_heads"], config["num_key_value_heads"]

    def forward(self, x, cosine, sine, mask):
        rows, length, width = x.shape
        h = normed(x, self.before)

        def split(y, heads):
            return y.view(rows, length, heads, -1).transpose(1, 2)

        q = turned(split(self.q(h), self.heads), cosine, sine)
        k = turned(split(self.k(h), self.shared), cosine, sine).repeat_interleave(self.heads // self.shared, 1)
        v = split(self.v(h), self.shared).repeat_interleave(self.heads // self.shared, 1)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.o(seen.transpose(1, 2).reshape(rows, length, width))
        h = normed(x, self.after)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h))


def normed(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Root-mean-square normalisation."""
    wide = x.float()
    return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-5)).bfloat16() * weight


def turned(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    """Rotary positions."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cosine - b * sine, b * cosine + a * sine), -1)


def shapes_of(weights: dict[str, torch.Tensor], layers: int, rank: int) -> dict[str, tuple[int, ...]]:
    """The shapes of an adapter for these weights."""
    found: dict[str, tuple[int, ...]] = {}
    for full in (f"model.layers.{i}.{name}" for i in range(layers) for name in LINEAR.values()):
        rows, columns = weights[f"{full}.weight"].shape
        found |= {f"{full}.lora_A": (rank, columns), f"{full}.lora_B": (rows, rank)}
    return found


class PackedModel(torch.nn.Module):
    """The model in ``directory`` with the adapter in ``file``, which is trained from layer ``first`` on.

    Raises:
        InputError: The file is no adapter, or one of another model.
    """

    def __init__(self, directory: Path, file: Path, first: int) -> None:
        super().__init__()
        config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
        weights, adapter = load_file(directory / "model.safetensors"), read_adapter(file)
        adapter.require(shapes_of(weights, config["num_hidden_layers"], adapter.rank), "this model")
        self.adapter, self.scale, self.first = adapter.weights, adapter.scale, first
        self.layers = torch.nn.ModuleList(
            Layer(weights, self.adapter, self.scale, i, config, i >= first) for i in range(config["num_hidden_layers"])
        )
        embedding, norm = weights["model.embed_tokens.weight"], weights["model.norm.weight"]
        self.embedding = torch.nn.Parameter(embedding.bfloat16(), requires_grad=False)
        self.norm = torch.nn.Parameter(norm.bfloat16(), requires_grad=False)
        half = config["head_dim"] // 2
        self.inverse = config["rope_theta"] ** (-torch.arange(half) / half)

    def compile(self) -> None:
        """Compiles the layers, which halves the time of a step; once for each length, of which there are some."""
        torch._dynamo.config.recompile_limit = 64
        self.layers = torch.nn.ModuleList(torch.compile(layer) for layer in self.layers)

    def hidden(self, ids, positions, mask):
        """The last hidden states."""
        angle = positions.float()[:, :, None] * self.inverse
        cosine, sine = angle.cos().bfloat16()[:, None], angle.sin().bfloat16()[:, None]
        x = functional.embedding(ids, self.embedding)
        with torch.no_grad():
            for layer in self.layers[: self.first]:
                x = layer(x, cosine, sine, mask)
        for layer in self.layers[self.first :]:
            x = layer(x, cosine, sine, mask)
        return normed(x, self.norm)

    def adapter_now(self) -> dict[str, torch.Tensor]:
        """The adapter as it is now."""
        trained = {n.replace("_orig_mod.", ""): p for n, p in self.named_parameters() if p.requires_grad}
        found = dict(self.adapter)
        for name, parameter in trained.items():
            _, index, short, side = name.split(".")
            found[f"model.layers.{index}.{LINEAR[short]}.lora_{side.upper()}"] = parameter.detach()
        return found

    def save(self, folder: Path) -> None:
        """Writes the adapter as it is now."""
        write_adapter(folder / NAME, self.adapter_now(), self.scale)


def descend(
    model: PackedModel,
    losses: Iterator[Callable[[], torch.Tensor]],
    total: int,
    learning_rate: float,
    report_every: int,
    report: Callable[[], None],
) -> None:
    """Trains the adapter for ``total`` steps (AdamW, cosine), each on the gradient of the next of ``losses``."""
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=0.01)
    started, mean = time.monotonic(), 0.0
    for step, loss_of in zip(range(1, total + 1), losses, strict=False):
        rate = min(step / 20, max(0.03, 0.5 * (1 + math.cos(math.pi * step / total))))
        for each in optimizer.param_groups:
            each["lr"] = learning_rate * rate
        loss = loss_of()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        mean = loss.item() if step == 1 else 0.97 * mean + 0.03 * loss.item()
        if step % 20 == 0:
            left = (time.monotonic() - started) / step * (total - step)
            print(f"step {step}/{total}  loss {mean:.3f}  {left / 60:.1f} min left", flush=True)
        if step % report_every == 0 or step == total:
            report()


@dataclass(frozen=True)
class Row:
    """Tokens, their positions, which claim each belongs to (0: the text), and where the answers begin."""

    ids: list[int]
    positions: list[int]
    claim_of: list[int]
    ends: list[int]


class Packer:
    """Makes rows of texts and claims, with the prompt of the service (a test compares the two)."""

    def __init__(self, directory: Path) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
        self._before = self.encode(f"<|im_start|>system\n{JUDGE_SYSTEM}<|im_end|>\n<|im_start|>user\n")
        self._between, self._after = self.encode("\n\nSentence:"), self.encode("<|im_end|>\n<|im_start|>assistant\n")
        self.yes, self.no = self.encode(YES)[0], self.encode(NO)[0]

    def encode(self, text: str) -> list[int]:
        """Token ids, without special tokens."""
        return self._tokenizer(text, add_special_tokens=False)["input_ids"]

    def row(self, text: str, claims: list[str]) -> Row:
        """One text with its claims."""
        ids = self._before + self.encode(text)[:MOST_TEXT]
        start = len(ids)
        row = Row(ids, list(range(start)), [0] * start, [])
        for number, claim in enumerate(claims, 1):
            added = self._between + self.encode(f" {claim}")[:MOST_CLAIM] + self._after
            row.ids.extend(added)
            row.positions.extend(range(start, start + len(added)))
            row.claim_of.extend([number] * len(added))
            row.ends.append(len(row.ids) - 1)
        return row


def batch_of(rows: list[Row], multiple: int = 128):
    """ids, positions, mask, and the row and column of each answer. Lengths are rounded up: new ones cost seconds."""
    length = -(-max(len(row.ids) for row in rows) // multiple) * multiple
    ids, positions = torch.full((len(rows), length), PAD), torch.zeros((len(rows), length), dtype=torch.long)
    claim = torch.full((len(rows), length), -1)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        positions[i, : len(row.ids)] = torch.tensor(row.positions)
        claim[i, : len(row.ids)] = torch.tensor(row.claim_of)
    earlier = torch.ones(length, length, dtype=torch.bool).tril()
    mask = earlier & ((claim[:, None, :] == 0) | (claim[:, None, :] == claim[:, :, None]))
    mask |= torch.eye(length, dtype=torch.bool)
    at = torch.tensor([(i, end) for i, row in enumerate(rows) for end in row.ends])
    return ids, positions, mask[:, None], at[:, 0], at[:, 1]
