"""Trains a LoRA adapter for a pulled decoder-only model, with the prompts and the selection of the service.

    summarizer models train --articles articles.jsonl --summaries summaries.jsonl --out my-adapter

Rows of the articles have ``id`` and ``text``; rows of the summaries ``id`` and one or more of ``headline``, ``short``,
``medium`` and ``close`` (both may stand in one file). ``close`` and ``medium`` train the three-sentence summary,
``short`` the one-sentence one. Needs ``pip install -e '.[train]'``.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from summarizer.cli.app import exit_code
from summarizer.cli.common import json_lines
from summarizer.engines.cards import find_card
from summarizer.engines.store import locate
from summarizer.errors import InputError, SummarizerError, UnsupportedContent
from summarizer.grounding import check_support
from summarizer.reading import read_article
from summarizer.selection import select_sentences
from summarizer.sentences import sentences
from summarizer.settings import load_settings
from summarizer.style import Style

STYLES = {
    "headline": Style.of(format="headline"),
    "short": Style.of("short"),
    "medium": Style.of("medium"),
    "close": Style.of("medium"),
}
IGNORED = -100
# Every new shape costs a kernel compilation (6 s an example without padding to these lengths, 0.6 s with it).
PAD_TO = 64
VALIDATION_EXAMPLES = 64
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class Example:
    """Token ids; the loss is on those after ``prompt_tokens``."""

    ids: list[int]
    prompt_tokens: int
    task: str

    @property
    def padded(self) -> int:
        return -(-len(self.ids) // PAD_TO) * PAD_TO


def read_rows(paths: list[Path]) -> list[dict[str, str]]:
    """The rows of all files, joined by ``id``; ``text`` is the article. Rows without one are left out.

    Raises:
        InputError: A file cannot be read, or a line of it is no row.
    """
    rows: dict[str, dict[str, str]] = {}
    for path in paths:
        for place, row in json_lines(str(path)):
            wrong = [name for name in ("text", "article", *STYLES) if not isinstance(row.get(name) or "", str)]
            if row.get("id") is None or wrong:
                raise UnsupportedContent(f"{place}: {wrong[0]} is no text." if wrong else f"{place}: there is no id.")
            rows.setdefault(str(row["id"]), {}).update(row)
    found = [row | {"text": row.get("text") or row.get("article") or ""} for row in rows.values()]
    return [row for row in found if row["text"].strip()]


def read_input(article: str, count: int, target: str = "") -> str:
    """What the service would give the model: repeats out, the ``count`` most salient sentences.

    The sentences that ``target`` rests on join them: a target that says what the input does not teaches inventing.
    """
    text = read_article(article).text.text
    spans = sentences(text)
    chosen = set(select_sentences(text, spans, count))
    starts = {source.start for sentence in check_support(text, target).sentences for source in sentence.sources}
    chosen |= {i for i, span in enumerate(spans) if span.start in starts}
    return " ".join(text[spans[i].start : spans[i].end] for i in sorted(chosen))


def prompt_ids(tokenizer, task: str, text: str) -> list[int]:
    """The conversation in which the model is next to write what ``task`` asks for."""
    messages = [{"role": "system", "content": STYLES[task].system}, {"role": "user", "content": text}]
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return tokenizer(prompt, add_special_tokens=False)["input_ids"]


def read_task(text: str) -> tuple[str, float]:
    """``close`` → ``("close", 1.0)``, ``short:0.4`` → ``("short", 0.4)``."""
    name, _, share = text.partition(":")
    if name not in STYLES:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(sorted(STYLES))}")
    return name, float(share or 1)


def make_examples(rows, tokenizer, tasks: list[tuple[str, float]], count: int) -> tuple[list[Example], int]:
    """The examples, and how many were left out: a target that states what the input does not would teach inventing.

    A task with a share takes the summaries of that share of the rows.
    """
    examples, left_out = [], 0
    end = [tokenizer.eos_token_id]
    for i, row in enumerate(rows):
        for task, share in tasks:
            target = row.get(task)
            if not target or int((i + 1) * share) == int(i * share):
                continue
            text = read_input(row["text"], count, target)
            if any(s.unsupported for s in check_support(text, target).sentences):
                left_out += 1
                continue
            prompt = prompt_ids(tokenizer, task, text)
            answer = tokenizer(target, add_special_tokens=False)["input_ids"] + end
            if len(prompt) + len(answer) <= 1024:
                examples.append(Example(prompt + answer, len(prompt), task))
    return examples, left_out


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


def load_model(name: str, rank: int, start: Path | None):
    """The pulled model with an adapter to train, new or from a file, and its tokenizer."""
    pulled = locate(find_card(name), load_settings().models_dir)
    tokenizer = AutoTokenizer.from_pretrained(pulled.directory, local_files_only=True)
    end = json.loads((pulled.directory / "generation_config.json").read_text())["eos_token_id"]
    tokenizer.eos_token_id = end[0] if isinstance(end, list) else end
    model = AutoModelForCausalLM.from_pretrained(pulled.directory, dtype=torch.float32, local_files_only=True)
    lora = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules=LINEAR)
    model = get_peft_model(model, lora)
    if start is not None:
        start_from(model, start)
    return model, tokenizer


def parser_of(description: str | None, model: str, sentences: int) -> argparse.ArgumentParser:
    """A command line that takes the training data, with these defaults."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, nargs="+", required=True)
    parser.add_argument("--summaries", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default=model)
    parser.add_argument("--sentences", type=int, default=sentences, help="Sentences that the model reads.")
    parser.add_argument("--limit", type=int, default=None, help="Only so many articles, for a try.")
    return parser


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
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--start", type=Path, default=None, help="An adapter.safetensors to go on from.")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    rows = read_rows(options.articles + options.summaries)
    options.out.mkdir(parents=True, exist_ok=True)
    model, tokenizer = load_model(options.model, options.rank, options.start)
    rng.shuffle(rows)
    rows = rows[: options.limit]
    held_out = len(rows) // 10
    validation, _ = make_examples(rows[:held_out], tokenizer, options.tasks, options.sentences)
    validation = rng.sample(validation, min(len(validation), VALIDATION_EXAMPLES))
    training, left_out = make_examples(rows[held_out:], tokenizer, options.tasks, options.sentences)
    print(f"{len(training)} examples, {len(validation)} for validation, {left_out} unsupported left out", flush=True)
    if not training:
        kinds = ", ".join(task for task, _ in options.tasks)
        raise UnsupportedContent(f"There is nothing to train on: {len(rows)} articles, none with a usable {kinds}.")
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


def short_name(name: str) -> str:
    """The name of a weight in the adapter's file."""
    return name.removeprefix("base_model.model.").replace(".default.weight", "")


def start_from(model, file: Path) -> None:
    """Sets the weights of an adapter that was trained before."""
    from safetensors.torch import load_file

    weights = load_file(file)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(weights[short_name(name)])


def save(model, out: Path) -> None:
    """The adapter as fp16 safetensors: ``<layer>.lora_A``, ``<layer>.lora_B`` and the scale in the metadata."""
    from safetensors.torch import save_file

    tensors = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            tensors[short_name(name)] = parameter.detach().to(torch.float16).contiguous()
    config = model.peft_config["default"]
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / "adapter.safetensors", metadata={"scale": str(config.lora_alpha / config.r)})


if __name__ == "__main__":
    try:
        main()
    except SummarizerError as failure:
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(exit_code(failure))
    except OSError as failure:  # a folder that cannot be written, an adapter that is not there
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(exit_code(InputError("")))
