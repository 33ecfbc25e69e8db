"""Trains an adapter to judge: does the text support the sentence in every detail?

    python models/adapters/judge.py --adapter models/adapters/judge/adapter.safetensors --out DIR \\
        --articles articles_*.jsonl wikinews.jsonl wikinews_events.jsonl --people faithfulness/

The adapter goes on from where it is, its upper layers only. Each step judges the claims of a few texts (`claims.py`):
the cross-entropy of Yes or No, and each supported claim above each unsupported one of its text.
Works in a clone, with ``pip install -e '.[train]'``; the base model must be pulled.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from claims import Group, drafted, judged, made, read_articles, written
from packed import PackedModel, Packer, batch_of, descend
from program import run
from torch.nn import functional

from summarizer.engines.cards import find_card
from summarizer.engines.store import locate
from summarizer.errors import UnsupportedContent
from summarizer.settings import load_settings

GROUPS = 8  # texts a step
MOST_MADE = 800
RANKING = 0.5
FIRST_LAYER = 10
FULL = 16  # claims; a step with fewer counts for less
REPORT_EVERY = 150


def judging_loss(model: PackedModel, packer: Packer, groups: list[Group], rng: random.Random):
    """The loss, and the log-odds of Yes with their labels and texts."""
    claims = [rng.sample(group.claims, len(group.claims)) for group in groups]
    rows = [packer.row(group.text, [text for text, _, _ in each]) for group, each in zip(groups, claims, strict=True)]
    ids, positions, mask, row_of, columns = batch_of(rows)
    hidden = model.hidden(ids, positions, mask)
    answers = hidden[row_of, columns]
    right = torch.tensor([label for each in claims for _, label, _ in each])
    logits = functional.linear(answers, model.embedding).float()
    loss = functional.cross_entropy(logits, torch.where(right, packer.yes, packer.no))
    odds = logits[:, packer.yes] - logits[:, packer.no]
    pairs = (row_of[:, None] == row_of[None, :]) & right[:, None] & ~right[None, :]
    loss = loss * min(1.0, len(right) / FULL)
    if pairs.any():
        loss = loss + RANKING * functional.softplus(odds[None, :] - odds[:, None])[pairs].mean()
    return loss, odds, right, row_of


def steps(groups: list[Group], rng: random.Random):
    """Batches of texts of like length, forever."""
    while True:
        order = rng.sample(groups, len(groups))
        for first in range(0, len(order), 16 * GROUPS):
            near = sorted(
                order[first : first + 16 * GROUPS], key=lambda g: len(g.text) + sum(len(c[0]) for c in g.claims)
            )
            batches = [near[i : i + GROUPS] for i in range(0, len(near) - GROUPS + 1, GROUPS)]
            yield from rng.sample(batches, len(batches))


@torch.no_grad()
def report(model: PackedModel, packer: Packer, groups: list[Group]) -> str:
    """How often a supported claim of a text is held for likelier than an unsupported one."""
    won = total = 0
    for first in range(0, len(groups) - GROUPS + 1, GROUPS):
        _, odds, right, row_of = judging_loss(model, packer, groups[first : first + GROUPS], random.Random(0))
        pairs = (row_of[:, None] == row_of[None, :]) & right[:, None] & ~right[None, :]
        won += int((odds[:, None] > odds[None, :])[pairs].sum())
        total += int(pairs.sum())
    return f"held-out pairs in order: {won / max(1, total):.3f}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", type=Path, required=True, help="An adapter.safetensors to go on from.")
    parser.add_argument("--articles", type=Path, nargs="+", required=True)
    parser.add_argument("--people", type=Path, required=True, help="The folder of summaries that people judged.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--learning-rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    directory = locate(find_card(options.model), load_settings().models_dir).directory
    articles = read_articles(options.articles)
    given = written(articles)
    held_out = [group for group in given if group.held_out]
    kinds = {
        "written": [group for group in given if not group.held_out],
        "drafted": drafted(articles),
        "made": rng.sample(ruled := made(articles, rng), min(MOST_MADE, len(ruled))),
        "judged": judged(options.people) * 2,
    }
    training = [group for groups in kinds.values() for group in groups]
    if len(training) < GROUPS:
        raise UnsupportedContent(f"There is too little to train on: {len(training)} texts with claims.")
    print({kind: len(groups) for kind, groups in kinds.items()}, f"{len(held_out)} held out", flush=True)
    model, packer = PackedModel(directory, options.adapter, FIRST_LAYER), Packer(directory)
    model.compile()

    def losses():
        for groups in steps(training, rng):
            yield lambda groups=groups: judging_loss(model, packer, groups, rng)[0]

    def save() -> None:
        print(report(model, packer, held_out), flush=True)
        model.save(options.out)

    descend(model, losses(), options.steps, options.learning_rate, REPORT_EVERY, save)


if __name__ == "__main__":
    run(main)
