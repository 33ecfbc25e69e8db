"""Trains an adapter on its model's own mistakes: what an editor made of a summary is to be likelier than the summary.

    python models/adapters/correct.py --start adapter.safetensors --out DIR \\
        --articles articles_*.jsonl wikinews_events.jsonl

``benchmarks/data/corrections.jsonl`` has drafts of the training articles, each with the sentences that a reader (a
large language model) would not pass, and what they should have been: ``{"doc", "read", "draft", "corrected",
"kinds"}``, the two texts written as in ``condensed.jsonl``. Direct preference optimization (Rafailov et al. 2023) on
the pairs, with the cross-entropy of what is right, so that the model stays one of language. Works in a clone, with
``pip install -e '.[train]'``; the base model must be pulled.
"""

from __future__ import annotations

import argparse
import math
import random
from dataclasses import dataclass
from pathlib import Path

import torch
from claims import read_articles
from condensed import CORRECTIONS, read_drafts
from material import STYLES
from packed import PackedModel, batch_of, branches, descend
from program import run
from torch.nn import functional

from summarizer.engines.cards import find_card
from summarizer.engines.chat import Chat
from summarizer.engines.store import locate
from summarizer.errors import UnsupportedContent
from summarizer.settings import load_settings

BATCH = 8
REPORT_EVERY = 60
MOST_TOKENS = 640


@dataclass(frozen=True)
class Correction:
    """A prompt, the answer that is right, and the draft where it is another; in tokens."""

    prompt: list[int]
    answers: tuple[list[int], ...]

    @property
    def size(self) -> int:
        return len(self.prompt) + sum(map(len, self.answers))


def read_corrections(articles: dict[str, str], chat: Chat, file: Path) -> list[Correction]:
    """The corrections of the articles that are given."""
    found = []
    for _, text, draft, corrected in read_drafts(articles, file):
        if corrected:
            texts = dict.fromkeys([corrected, draft])
            answers = tuple([*chat.encode(each), min(chat.end_ids)] for each in texts)
            found.append(Correction(chat.prompt(STYLES["medium"].system, text), answers))
    return [each for each in found if each.size <= MOST_TOKENS]


def loss_of(model: PackedModel, batch: list[Correction], sharpness: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss, and by how many nats each right answer gained on its draft."""
    rows = [branches(each.prompt, each.answers) for each in batch]
    ids, positions, mask, row_of, columns = batch_of(rows)
    now, before = model.hidden(ids, positions, mask, compare=True)
    answers = [answer for each in batch for answer in each.answers]
    labels = torch.tensor([token for answer in answers for token in answer])
    owner = torch.tensor([i for i, answer in enumerate(answers) for _ in answer])
    right = _firsts(batch)
    corrected = [i for i, each in zip(right, batch, strict=True) if len(each.answers) > 1]
    pairs = torch.tensor(corrected, dtype=torch.long)

    def sums(hidden: torch.Tensor) -> torch.Tensor:
        logits = functional.linear(hidden[row_of, columns], model.embedding).float()
        chosen = -functional.cross_entropy(logits, labels, reduction="none")
        return torch.zeros(len(answers)).index_add(0, owner, chosen)

    new = sums(now)
    with torch.no_grad():
        old = sums(before)
    tokens = sum(len(answers[i]) for i in right)
    loss = -new[torch.tensor(right)].sum() / tokens
    gained = (new - old)[pairs] - (new - old)[pairs + 1]
    if len(pairs):
        loss = loss - functional.logsigmoid(sharpness * gained).sum() / len(batch)
    return loss, gained


def _firsts(batch: list[Correction]) -> list[int]:
    """The place of each right answer among all answers."""
    found, at = [], 0
    for each in batch:
        found.append(at)
        at += len(each.answers)
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=Path, required=True, help="The adapter that wrote the drafts.")
    parser.add_argument("--articles", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--corrections", type=Path, default=CORRECTIONS)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--sharpness", type=float, default=0.2, help="DPO's beta.")
    parser.add_argument("--first", type=int, default=10, help="The first layer that is trained.")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    directory = locate(find_card(options.model), load_settings().models_dir).directory
    found = read_corrections(read_articles(options.articles), Chat(directory), options.corrections)
    rng.shuffle(found)
    held_out, training = found[: len(found) // 12], found[len(found) // 12 :]
    pairs = [each for each in training if len(each.answers) > 1]
    right = [each for each in training if len(each.answers) == 1]
    if not pairs or not held_out:
        raise UnsupportedContent(f"There is too little to train on: {len(found)} of the drafts are of these articles.")
    print(f"{len(pairs)} corrections, {len(right)} right drafts, {len(held_out)} held out", flush=True)
    model = PackedModel(directory, options.start, options.first, compare=True)
    model.compile()

    def batches(some: list[Correction]) -> list[list[Correction]]:
        near = sorted(rng.sample(some, len(some)), key=lambda each: -(-each.size // 128))
        return rng.sample(got := [near[i : i + BATCH] for i in range(0, len(near), BATCH)], len(got))

    def steps():
        while True:  # each epoch has all corrections, and as many right drafts as a third of them
            for batch in batches(pairs + rng.sample(right, min(len(right), len(pairs) // 3))):
                yield lambda batch=batch: loss_of(model, batch, options.sharpness)[0]

    def report() -> None:
        with torch.no_grad():
            measured = [loss_of(model, batch, options.sharpness) for batch in batches(held_out)]
        gained = torch.cat([each for _, each in measured])
        mean = sum(loss.item() for loss, _ in measured) / len(measured)
        print(f"held out: loss {mean:.3f}, {(gained > 0).float().mean():.2f} of the corrections gained", flush=True)
        model.save(options.out)

    total = math.ceil(options.epochs * (len(pairs) + min(len(right), len(pairs) // 3)) / BATCH)
    descend(model, steps(), total, options.learning_rate, REPORT_EVERY, report)


if __name__ == "__main__":
    run(main)
