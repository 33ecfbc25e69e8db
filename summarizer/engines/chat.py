"""Prompts and tokens of a decoder-only model from its prepared files, without torch or transformers.

The only home of tokenizers and Jinja. transformers renders the same templates and reads the same ``tokenizer.json``
(a test compares the two), but its import alone takes seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from summarizer.errors import ModelUnhealthy

JUDGE_SYSTEM = "Does the text support the sentence in every detail? Answer Yes or No."
YES, NO = "Yes", "No"


def question(text: str, claim: str) -> str:
    """What a model that judges is asked, after ``JUDGE_SYSTEM``; ``models/adapters/packed.py`` trains with the same."""
    return f"{text}\n\nSentence: {claim}"


def neutralize(text: str, markers: Iterable[str]) -> str:
    """The article is data: a special token in it must not end the user's turn."""
    for marker in markers:
        if marker in text:
            text = text.replace(marker, f"{marker[0]} {marker[1:]}")
    return text


class Chat:
    """The tokenizer and chat template in ``directory``.

    Attributes:
        end_ids: The tokens that end the model's answer.

    Raises:
        ModelUnhealthy: The files cannot be read.
    """

    def __init__(self, directory: Path) -> None:
        from jinja2.sandbox import ImmutableSandboxedEnvironment
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_file(str(directory / "tokenizer.json"))
            template = (directory / "chat_template.jinja").read_text(encoding="utf-8")
            generation = json.loads((directory / "generation_config.json").read_text(encoding="utf-8"))
            tokens = json.loads((directory / "tokenizer_config.json").read_text(encoding="utf-8"))
        except Exception as error:  # tokenizers raises plain Exception
            raise ModelUnhealthy("The model's tokenizer cannot be read.", hint="Pull the model again.") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._template = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(template)
        self._names = {name: value for name, value in tokens.items() if name.endswith("_token")}
        self._markers = [token.content for token in self._tokenizer.get_added_tokens_decoder().values()]
        end = generation["eos_token_id"]
        self.end_ids = frozenset(end if isinstance(end, list) else [end])

    def prompt(self, system: str, text: str) -> list[int]:
        """The token ids of a conversation in which the model is next to speak."""
        messages = [{"role": "system", "content": system}] if system else []
        messages.append({"role": "user", "content": neutralize(text, self._markers)})
        rendered = self._template.render(
            messages=messages, add_generation_prompt=True, enable_thinking=False, **self._names
        )
        ids: list[int] = self._tokenizer.encode(rendered, add_special_tokens=False).ids
        return ids

    def encode(self, text: str) -> list[int]:
        """The token ids of a text alone."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens."""
        return [len(e.ids) for e in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ``ids``, without special tokens."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return text
