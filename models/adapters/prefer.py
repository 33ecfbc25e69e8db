"""Trains an adapter further on its model's own summaries: the better ones are to be the more likely ones.

    python models/adapters/prefer.py --candidates candidates.jsonl --start adapter.safetensors --out my-adapter

A contrastive ranking loss over the candidates of one article (after Liu et al. 2022, "BRIO: Bringing Order to
Abstractive Summarization"): of each two, the mean log-probability a token of the better one is to be higher. The
cross-entropy of the best keeps the model a model of language.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from lora import read_adapter
from material import MOST_TOKENS, PAD_TO, STYLES, prompt_ids
from program import run
from train import load_model, load_tokenizer, save

from summarizer.cli.common import json_lines
from summarizer.engines.cards import find_card
from summarizer.engines.store import locate
from summarizer.errors import UnsupportedContent
from summarizer.settings import load_settings

# Of the candidates, so many are compared: the best, the greedy one, and those at equal distances between.
COMPARED = 4
LEAST_GAIN = 0.02
SHARPNESS = 4.0


@dataclass(frozen=True)
class Ranking:
    """A prompt and the answers to it, best first, in token ids."""

    prompt: list[int]
    answers: list[list[int]]
    worths: list[float]

    @property
    def padded(self) -> int:
        total = len(self.prompt) + sum(map(len, self.answers))
        return -(-total // (2 * PAD_TO)) * 2 * PAD_TO


def choose(candidates: list[tuple[str, float]], greedy: str) -> list[tuple[str, float]]:
    """Those that are compared, best first."""
    step = (len(candidates) - 1) / max(1, COMPARED - 1)
    wanted = {round(i * step) for i in range(COMPARED)}
    wanted |= {i for i, (text, _) in enumerate(candidates) if text == greedy}
    return [candidates[i] for i in sorted(wanted)]


@dataclass
class Rankings:
    """The rankings, and how many rows gave none: no candidate is better than the others, or they are too long."""

    made: list[Ranking] = field(default_factory=list)
    alike: int = 0
    too_long: int = 0


def read_rankings(path: Path, tokenizer, rng: random.Random) -> Rankings:
    """The rankings of the file, in random order.

    Raises:
        InputError: The file cannot be read, or a line of it is none of ``candidates.py``.
        UnsupportedContent: No ranking is left.
    """
    found = Rankings()
    for place, row in json_lines(str(path)):
        try:
            candidates = [(str(text), float(worth)) for text, worth in row["candidates"]]
            task, text, greedy = row["task"], row["input"], row["greedy"]
            STYLES[task]
        except (KeyError, TypeError, ValueError) as error:
            raise UnsupportedContent(f"{place}: this is no line of candidates.py.") from error
        chosen = choose(candidates, greedy) if candidates else []
        if not chosen or chosen[0][1] <= 0 or chosen[0][1] - chosen[-1][1] < LEAST_GAIN:
            found.alike += 1
            continue
        answers = [tokenizer(t, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id] for t, _ in chosen]
        prompt = prompt_ids(tokenizer, task, text)
        ranking = Ranking(prompt, answers, [worth for _, worth in chosen])
        if ranking.padded > MOST_TOKENS:
            found.too_long += 1
            continue
        found.made.append(ranking)
    if not found.made:
        raise UnsupportedContent(
            f"{path}: there is nothing to rank: {found.alike} inputs without a better candidate, {found.too_long} "
            f"of over {MOST_TOKENS:,} tokens."
        )
    rng.shuffle(found.made)
    return found


def mean_log_probabilities(model, ranking: Ranking, pad: int) -> torch.Tensor:
    """The mean log-probability a token of each answer.

    The prompt is read once: all answers stand behind it in one row, each hidden from the others by the mask and
    counted from the prompt's end.
    """
    length, start = ranking.padded, len(ranking.prompt)
    ids = torch.full((1, length), pad)
    positions = torch.zeros((1, length), dtype=torch.long)
    group = torch.full((length,), -1)
    ids[0, :start] = torch.tensor(ranking.prompt)
    positions[0, :start] = torch.arange(start)
    group[:start] = 0
    before, labels, owners = [], [], []
    at = start
    for number, answer in enumerate(ranking.answers, 1):
        end = at + len(answer)
        ids[0, at:end] = torch.tensor(answer)
        positions[0, at:end] = torch.arange(start, start + len(answer))
        group[at:end] = number
        before += [start - 1, *range(at, end - 1)]
        labels += answer
        owners += [number - 1] * len(answer)
        at = end
    seen = (group[None, :] == 0) | (group[None, :] == group[:, None])
    seen &= torch.tril(torch.ones(length, length, dtype=torch.bool))
    seen |= torch.eye(length, dtype=torch.bool)
    mask = torch.zeros((length, length), dtype=torch.bfloat16).masked_fill(~seen, -torch.inf)[None, None]
    extra = -len(before) % PAD_TO
    base = model.get_base_model()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = base.model(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False)
        logits = base.lm_head(hidden.last_hidden_state[0, before + [0] * extra])
    losses = torch.nn.functional.cross_entropy(logits.float()[: len(labels)], torch.tensor(labels), reduction="none")
    sums = torch.zeros(len(ranking.answers)).index_add(0, torch.tensor(owners), -losses)
    return sums / torch.tensor([float(len(a)) for a in ranking.answers])


def loss_of(scores: torch.Tensor, worths: list[float], anchor: float) -> tuple[torch.Tensor, float]:
    """The loss, and the share of the pairs that stand in the right order."""
    worth = torch.tensor(worths)
    better, worse = ((worth[:, None] - worth[None, :]) >= LEAST_GAIN).nonzero(as_tuple=True)
    gaps = scores[better] - scores[worse]
    return torch.nn.functional.softplus(-SHARPNESS * gaps).mean() - anchor * scores[0], float((gaps > 0).float().mean())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="The adapter.safetensors that wrote the candidates.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="smollm2-135m-instruct", help="The model that the adapter is for.")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--anchor", type=float, default=0.3, help="Weight of the best candidate's cross-entropy.")
    parser.add_argument("--minutes", type=float, default=None, help="At most so long; the schedule is set to it.")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    start = read_adapter(options.start)
    directory = locate(find_card(options.model), load_settings().models_dir).directory
    tokenizer = load_tokenizer(directory)
    found = read_rankings(options.candidates, tokenizer, rng)
    rankings = found.made
    total = max(1, math.ceil(options.epochs * len(rankings) / options.batch))
    left_out = f"{found.alike} without a better candidate, {found.too_long} of over {MOST_TOKENS:,} tokens"
    print(f"{len(rankings)} rankings, {total} steps; left out: {left_out}", flush=True)
    model = load_model(directory, start.rank, start)
    model.eval()  # without dropout: what is ranked is what is decoded
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=options.learning_rate)
    started, loss_mean, right_mean = time.monotonic(), 0.0, 0.0
    for step in range(total):
        elapsed = time.monotonic() - started
        done = step / total if options.minutes is None else max(step / total, elapsed / 60 / options.minutes)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * min((step + 1) / 10, 0.5 * (1 + math.cos(math.pi * done)))
        for i in range(options.batch):
            ranking = rankings[(step * options.batch + i) % len(rankings)]
            scores = mean_log_probabilities(model, ranking, tokenizer.eos_token_id)
            loss, right = loss_of(scores, ranking.worths, options.anchor)
            (loss / options.batch).backward()
            keep = 0.98 if step else i / (i + 1)
            loss_mean = keep * loss_mean + (1 - keep) * loss.item()
            right_mean = keep * right_mean + (1 - keep) * right
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 5 == 4:
            left = elapsed / (step + 1) * (total - step) / 60
            print(
                f"step {step + 1}/{total}  loss {loss_mean:.3f}  in order {right_mean:.2f}  {left:.1f} min left",
                flush=True,
            )
        if step % 50 == 49:
            save(model, options.out)
    save(model, options.out)


if __name__ == "__main__":
    run(main)
