"""Trains a LoRA adapter for a pulled decoder-only model, with the prompts and the selection of the service.

    summarizer models train --articles articles.jsonl --summaries summaries.jsonl --out my-adapter

Rows of the articles have ``id`` and ``text``; rows of the summaries ``id`` and one or more of ``headline``, ``short``,
``medium`` and ``close`` (both may stand in one file). ``close`` and ``medium`` train the three-sentence summary,
``short`` the one-sentence one. Needs ``pip install -e '.[train]'``.
"""

from __future__ import annotations

import json
import math
import random
import time
from pathlib import Path

import torch
from lora import NAME, Adapter, read_adapter, write_adapter
from material import MOST_TOKENS, PAD_TO, Example, make_examples, parser_of, read_rows, read_task
from peft import LoraConfig, get_peft_model
from program import run
from transformers import AutoModelForCausalLM, AutoTokenizer

from summarizer.engines.cards import find_card
from summarizer.engines.store import locate
from summarizer.errors import UnsupportedContent
from summarizer.settings import load_settings

IGNORED = -100
VALIDATION_EXAMPLES = 64
SCALE = 2.0
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def make_batches(examples: list[Example], size: int, rng: random.Random) -> list[list[Example]]:
    """Batches of one padded length each, in random order."""
    shuffled = sorted(rng.sample(examples, len(examples)), key=lambda e: e.padded)
    batches: list[list[Example]] = []
    for example in shuffled:
        if batches and len(batches[-1]) < size and batches[-1][0].padded == example.padded:
            batches[-1].append(example)
        else:
            batches.append([example])
    rng.shuffle(batches)
    return batches


def loss_of(model, batch: list[Example], size: int, pad: int) -> torch.Tensor:
    """Mean cross-entropy of the answers' tokens; the output layer is run on those alone.

    All shapes are rounded up (``size`` rows, lengths and answers to multiples of 64): each new one costs seconds.
    """
    length = batch[0].padded
    ids = torch.full((size, length), pad)
    mask = torch.zeros((size, length), dtype=torch.long)
    mask[:, 0] = 1
    labels = torch.full((size, length), IGNORED)
    for i, example in enumerate(batch):
        n = len(example.ids)
        ids[i, :n] = torch.tensor(example.ids)
        mask[i, :n] = 1
        labels[i, example.prompt_tokens : n] = ids[i, example.prompt_tokens : n]
    labels = torch.nn.functional.pad(labels[:, 1:], (0, 1), value=IGNORED).flatten()
    wanted = (labels != IGNORED).nonzero().squeeze(1)
    wanted = torch.nn.functional.pad(wanted, (0, -len(wanted) % PAD_TO), value=length - 1)  # its label is ignored
    base = model.get_base_model()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = base.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state.flatten(0, 1)
        logits = base.lm_head(hidden[wanted])
    return torch.nn.functional.cross_entropy(logits.float(), labels[wanted])


def load_tokenizer(directory: Path):
    """The tokenizer of a pulled model, with the token that ends what the model writes."""
    tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
    end = json.loads((directory / "generation_config.json").read_text())["eos_token_id"]
    tokenizer.eos_token_id = end[0] if isinstance(end, list) else end
    return tokenizer


def load_model(directory: Path, rank: int, start: Adapter | None):
    """A pulled model with an adapter to train: a new one of this rank, or one that was trained before, as it is.

    Raises:
        UnsupportedContent: The adapter is of another model.
    """
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, local_files_only=True)
    scale = SCALE
    if start is not None:
        rank, scale = start.rank, start.scale
    model = get_peft_model(model, LoraConfig(r=rank, lora_alpha=scale * rank, lora_dropout=0.05, target_modules=LINEAR))
    if start is not None:
        trained = trained_weights(model)
        start.require({name: tuple(weight.shape) for name, weight in trained.items()}, "this model")
        with torch.no_grad():
            for name, weight in trained.items():
                weight.copy_(start.weights[name])
    return model


def trained_weights(model) -> dict[str, torch.Tensor]:
    """The weights of the adapter, by their names in its file."""
    named = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    return {name.removeprefix("base_model.model.").replace(".default.weight", ""): w for name, w in named.items()}


def save(model, out: Path) -> None:
    """Writes the adapter."""
    config = model.peft_config["default"]
    write_adapter(out / NAME, trained_weights(model), config.lora_alpha / config.r)


def main() -> None:
    """The command line."""
    parser = parser_of(__doc__, "smollm2-135m-instruct", 6)
    parser.add_argument(
        "--tasks",
        nargs="+",
        type=read_task,
        default=[("close", 1.0), ("short", 1.0), ("headline", 1.0)],
        help="Kinds of summary; short:0.4 takes those of 40 %% of the articles.",
    )
    adapter = parser.add_mutually_exclusive_group()
    adapter.add_argument("--rank", type=int, default=16, help="The rank of a new adapter.")
    adapter.add_argument("--start", type=Path, default=None, help="An adapter.safetensors to go on from, of any rank.")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    rows = read_rows(options.articles + options.summaries)
    options.out.mkdir(parents=True, exist_ok=True)
    start = None if options.start is None else read_adapter(options.start)
    directory = locate(find_card(options.model), load_settings().models_dir).directory
    tokenizer = load_tokenizer(directory)
    rng.shuffle(rows)
    rows = rows[: options.limit]
    held_out = len(rows) // 10
    validation = make_examples(rows[:held_out], tokenizer, options.tasks, options.sentences).made
    validation = rng.sample(validation, min(len(validation), VALIDATION_EXAMPLES))
    found = make_examples(rows[held_out:], tokenizer, options.tasks, options.sentences)
    training = found.made
    left_out = f"{found.unsupported} unsupported, {found.too_long} of over {MOST_TOKENS:,} tokens"
    print(f"{len(training)} examples, {len(validation)} for validation; left out: {left_out}", flush=True)
    if not training:
        kinds = ", ".join(task for task, _ in options.tasks)
        raise UnsupportedContent(f"There is nothing to train on: {len(rows)} articles, none with a usable {kinds}.")
    model = load_model(directory, options.rank, start)
    batches_per_epoch = len(make_batches(training, options.batch, random.Random(0)))
    total = max(1, math.ceil(options.epochs * batches_per_epoch))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=options.learning_rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / 20, 0.5 * (1 + math.cos(math.pi * s / total)) + 0.01)
    )
    step, started, mean = 0, time.monotonic(), 0.0
    while step < total:
        for batch in make_batches(training, options.batch, rng):
            model.train()
            loss = loss_of(model, batch, options.batch, tokenizer.eos_token_id)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
            step += 1
            mean = loss.item() if step == 1 else 0.95 * mean + 0.05 * loss.item()
            if step % 10 == 0:
                left = (time.monotonic() - started) / step * (total - step)
                print(f"step {step}/{total}  loss {mean:.3f}  {left / 60:.1f} min left", flush=True)
            if step >= total:
                break
        model.eval()
        save(model, options.out)
        with torch.no_grad():
            losses = [
                loss_of(model, b, options.batch, tokenizer.eos_token_id).item()
                for b in make_batches(validation, options.batch, rng)
            ]
        if losses:
            print(f"validation loss {sum(losses) / len(losses):.3f}", flush=True)


if __name__ == "__main__":
    run(main)
