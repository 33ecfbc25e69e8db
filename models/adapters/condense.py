"""Trains an adapter to condense: to tell the news in the article's words, with a third of them left out.

    python models/adapters/condense.py --start models/adapters/news/adapter.safetensors --out DIR \\
        --articles articles_*.jsonl wikinews_events.jsonl --summaries summaries_*.jsonl

The summaries are put together from condensed sentences (``condensed.py``). So small a model joins sentences wrongly
where it is free to; one that only learns which words of a sentence can go errs less, and still too often
(``news/README.md``).
Only the layers from ``--first`` on are trained. A step of eight takes 3 s on 2 cores with AMX.
Works in a clone, with ``pip install -e '.[train]'``; the base model must be pulled.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import defaultdict
from pathlib import Path

import torch
from claims import read_articles
from condensed import Summary, choose, read_condensed, summaries
from material import STYLES
from packed import PackedModel, batch_of, branches, descend
from program import run
from torch.nn import functional

from summarizer.cli.common import json_lines
from summarizer.engines.cards import find_card
from summarizer.engines.chat import Chat
from summarizer.engines.store import locate
from summarizer.errors import UnsupportedContent
from summarizer.settings import load_settings

BATCH = 8
PAD_TO = 128
MOST_TOKENS = 640
VALIDATION = 96
REPORT_EVERY = 200

Pair = tuple[list[int], list[int]]  # the prompt's tokens and the answer's


def padded(pair: Pair) -> int:
    """The length of the rows of its batch."""
    return -(-sum(map(len, pair)) // PAD_TO) * PAD_TO


def batches_of(pairs: list[Pair], rng: random.Random) -> list[list[Pair]]:
    """Batches of one padded length each, in random order."""
    by_length: dict[int, list[Pair]] = defaultdict(list)
    for pair in rng.sample(pairs, len(pairs)):
        by_length[padded(pair)].append(pair)
    found = [each[i : i + BATCH] for each in by_length.values() for i in range(0, len(each), BATCH)]
    return rng.sample(found, len(found))


def loss_of(model: PackedModel, batch: list[Pair]) -> torch.Tensor:
    """The mean cross-entropy of the answers' tokens."""
    ids, positions, mask, row_of, columns = batch_of([branches(prompt, [answer]) for prompt, answer in batch])
    hidden, _ = model.hidden(ids, positions, mask)
    logits = functional.linear(hidden[row_of, columns], model.embedding).float()
    return functional.cross_entropy(logits, torch.tensor([token for _, answer in batch for token in answer]))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=Path, required=True, help="An adapter.safetensors to go on from.")
    parser.add_argument("--articles", type=Path, nargs="+", required=True)
    parser.add_argument("--summaries", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--first", type=int, default=10, help="The first layer that is trained.")
    parser.add_argument("--least-new", type=float, default=0.0, help="Share of new word pairs that a target must have.")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    directory = locate(find_card(options.model), load_settings().models_dir).directory
    chat = Chat(directory)
    articles = read_articles(options.articles)
    known = {row.get("id"): row for path in options.summaries for _, row in json_lines(str(path))}
    kept = {doc: cuts for doc, cuts in read_condensed().items() if doc in articles}
    docs = rng.sample(sorted(kept), len(kept))

    def pair_of(each: Summary) -> Pair:
        return chat.prompt(STYLES[each.task].system, each.text), [*chat.encode(each.target), min(chat.end_ids)]

    found = [choose(summaries(articles[doc], kept[doc], known.get(doc, {})), options.least_new, rng) for doc in docs]
    pairs = [[pair for each in some if sum(map(len, pair := pair_of(each))) <= MOST_TOKENS] for some in found]
    held_out = len(docs) // 10
    validation = [pair for some in pairs[:held_out] for pair in some][:VALIDATION]
    training = [pair for some in pairs[held_out:] for pair in some]
    per_epoch = len(batches_of(training, rng))
    if not training or not validation:
        raise UnsupportedContent(f"There is too little to train on: condensed are {len(docs)} of the articles.")
    print(f"{len(training)} summaries, {per_epoch} steps an epoch; {len(validation)} for validation", flush=True)
    model = PackedModel(directory, options.start, options.first)
    model.compile()

    def steps():
        while True:
            for batch in batches_of(training, rng):
                yield lambda batch=batch: loss_of(model, batch)

    def report() -> None:
        with torch.no_grad():
            losses = [loss_of(model, batch).item() for batch in batches_of(validation, random.Random(0))]
        print(f"validation loss {sum(losses) / len(losses):.3f}", flush=True)
        model.save(options.out)

    report()
    total = math.ceil(options.epochs * per_epoch)
    descend(model, steps(), total, options.learning_rate, REPORT_EVERY, report)


if __name__ == "__main__":
    run(main)
