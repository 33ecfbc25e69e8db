"""What is trained on: rows of articles and summaries, as the service would show them to the model."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from summarizer.cli.common import json_lines
from summarizer.errors import UnsupportedContent
from summarizer.grounding import check_support
from summarizer.reading import read_article
from summarizer.text.sentences import sentences
from summarizer.writing.selection import select_sentences
from summarizer.writing.style import Style

STYLES = {
    "headline": Style.of(format="headline"),
    "short": Style.of("short"),
    "medium": Style.of("medium"),
    "close": Style.of("medium"),
}
# Every new shape costs a kernel compilation (6 s an example without padding to these lengths, 0.6 s with it).
PAD_TO = 64
MOST_TOKENS = 1024


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


@dataclass
class Examples:
    """The examples, and how many targets gave none: what they state is not in their input, or they are too long."""

    made: list[Example] = field(default_factory=list)
    unsupported: int = 0
    too_long: int = 0


def make_examples(rows, tokenizer, tasks: list[tuple[str, float]], count: int) -> Examples:
    """The examples. A target that states what the input does not would teach inventing, and makes none.

    A task with a share takes the summaries of that share of the rows.
    """
    found = Examples()
    end = [tokenizer.eos_token_id]
    for i, row in enumerate(rows):
        for task, share in tasks:
            target = row.get(task)
            if not target or int((i + 1) * share) == int(i * share):
                continue
            text = read_input(row["text"], count, target)
            if any(s.unsupported for s in check_support(text, target).sentences):
                found.unsupported += 1
                continue
            prompt = prompt_ids(tokenizer, task, text)
            answer = tokenizer(target, add_special_tokens=False)["input_ids"] + end
            if len(prompt) + len(answer) > MOST_TOKENS:
                found.too_long += 1
                continue
            found.made.append(Example(prompt + answer, len(prompt), task))
    return found
