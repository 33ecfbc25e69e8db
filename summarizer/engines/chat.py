"""What a model is asked and what counts as its answer; prompts and tokens without torch or transformers.

The only home of tokenizers and Jinja. transformers renders the same templates and reads the same ``tokenizer.json``
(a test compares the two), but its import alone takes seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from summarizer.engines.base import Generation, Update
from summarizer.errors import InferenceFailed, ModelUnhealthy
from summarizer.text.sentences import has_words

JUDGE_SYSTEM = "Does the text support the sentence in every detail? Answer Yes or No."
YES, NO = "Yes", "No"
_THOUGHT, _THOUGHT_ENDS = "<think>", "</think>"


def question(text: str, claim: str) -> str:
    """What a model that judges is asked, after ``JUDGE_SYSTEM``; ``models/adapters/packed.py`` trains with the same."""
    return f"{text}\n\nSentence: {claim}"


def neutralize(text: str, markers: Iterable[str]) -> str:
    """The article is data: a special token in it must not end the user's turn."""
    for marker in markers:
        if marker in text:
            text = text.replace(marker, f"{marker[0]} {marker[1:]}")
    return text


def conversation(system: str, text: str, *, takes_system: bool) -> list[dict[str, str]]:
    """The messages for a chat template; what it does not take as a system message begins the user's turn."""
    if system and not takes_system:
        system, text = "", f"{system}\n\n{text}"
    messages = [{"role": "system", "content": system}] if system else []
    return [*messages, {"role": "user", "content": text}]


def takes_system(render: Callable[[list[dict[str, str]]], str]) -> bool:
    """Whether a chat template shows a system message; Gemma 2's refuses any, and others leave it out.

    Args:
        render: Fills the messages into the template.
    """
    from jinja2 import TemplateError

    try:
        return JUDGE_SYSTEM in render(conversation(JUDGE_SYSTEM, "text", takes_system=True))
    except TemplateError:
        return False


def spoken(text: str) -> str:
    """An answer without what a reasoning model thought first; of the beginning of one, what is sure to be spoken.

    Some chat templates open the thought themselves, so that the answer holds only its end, on a line of its own.
    """
    begun = text.lstrip()
    if _THOUGHT.startswith(begun):
        return ""
    thought, ends, answer = begun.partition(_THOUGHT_ENDS)
    if thought.startswith(_THOUGHT) or (ends and _THOUGHT not in thought and answer[:1] in ("", "\n")):
        return answer
    return text


def finished(ticket: int, text: str, generation: Generation) -> Update:
    """The end of a request, with the last ``text`` of it. No words are no summary, to be shown or cached as one."""
    if generation.support is None and generation.finish_reason != "cancelled" and not has_words(generation.text):
        hint = "Use another model: one that thinks before it answers may need all its tokens for that."
        return Update(ticket, error=InferenceFailed("The model wrote no words.", hint=hint))
    return Update(ticket, text, generation)


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
        self._takes_system = takes_system(self._render)

    def prompt(self, system: str, text: str) -> list[int]:
        """The token ids of a conversation in which the model is next to speak."""
        text = neutralize(text, self._markers)
        rendered = self._render(conversation(system, text, takes_system=self._takes_system))
        return self.encode(rendered)

    def _render(self, messages: list[dict[str, str]]) -> str:
        return self._template.render(
            messages=messages, add_generation_prompt=True, enable_thinking=False, **self._names
        )

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
