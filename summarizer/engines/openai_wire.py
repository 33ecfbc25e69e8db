"""What goes to an OpenAI-compatible server and what comes back: its headers, its statuses, its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from summarizer.errors import (
    InferenceFailed,
    ModelNotFound,
    ModelUnhealthy,
    Overloaded,
    SettingsError,
    SummarizerError,
)

if TYPE_CHECKING:
    import httpx

_MAX_LINE_BYTES = 2**20
# What the chat templates of the common models begin and end a turn with; servers read it in an article, too.
_MARKERS = re.compile(r"<(?=\|[\w ]{1,40}\|>|/?s>|bos>|eos>|(?:start|end)_of_turn>)|\[(?=/?INST\])")


class TryAgain(Exception):
    """A failure that may pass. ``error`` is what it is if it does not; ``after_s`` what the server asked for."""

    def __init__(self, error: SummarizerError, after_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error, self.after_s = error, after_s


def authorization(api_key: SecretStr | None) -> dict[str, str]:
    """The header that lets us in, if there is a key; what stands around a key (a line break, often) is no part of it.

    Raises:
        SettingsError: The key cannot be sent.
    """
    key = api_key.get_secret_value().strip() if api_key else ""
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(
            "SUMMARIZER_OPENAI__API_KEY holds characters that no header can carry.", hint="Copy the key again."
        )
    return {"Authorization": f"Bearer {key}"} if key else {}


def harmless(text: str) -> str:
    """The article is data: no marker of a turn, and no half of a surrogate pair, which JSON cannot carry in UTF-8."""
    return _MARKERS.sub(lambda found: f"{found[0]} ", text).encode("utf-8", "replace").decode("utf-8")


async def parts(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The JSON values of a body: one, or one for each ``data:`` line of an event stream.

    Lines end at line feeds alone: ``aiter_lines`` also breaks at U+2028 and the like, which JSON may hold.
    """
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        yield json.loads(await response.aread())
        return
    rest = b""
    async for received in response.aiter_bytes():
        *lines, rest = (rest + received).split(b"\n")
        if len(rest) > _MAX_LINE_BYTES:
            raise InferenceFailed("The model's server sent an endless line.")
        for line in lines:
            if line.startswith(b"data:") and (data := line[5:].strip()) != b"[DONE]":
                part = json.loads(data)
                if part.get("error"):
                    raise TryAgain(InferenceFailed("The model's server failed while writing.", hint="Try again."))
                yield part


def refusal(response: httpx.Response) -> Exception:
    """The error for a status that is not 200. Never the body: servers quote the request in it."""
    status = response.status_code
    if status == 429:
        asked = response.headers.get("retry-after", "")
        after_s = float(asked) if re.fullmatch(r"\d{1,6}(\.\d+)?", asked) else 0.0
        busy = Overloaded("The model's server is busy (429).", hint="Try again later.", retry_after_s=after_s or None)
        return TryAgain(busy, after_s)
    if status >= 500:
        return TryAgain(InferenceFailed(f"The model's server failed ({status}).", hint="See its log."))
    if status == 404:
        return ModelNotFound(
            "The model's server does not have this model, or no /chat/completions at this address (404).",
            hint="Check SUMMARIZER_OPENAI__BASE_URL and SUMMARIZER_OPENAI__MODEL.",
        )
    if status in (401, 403):
        return ModelUnhealthy(
            f"The model's server does not let us in ({status}).", hint="Check SUMMARIZER_OPENAI__API_KEY."
        )
    hint = "See its log: SUMMARIZER_OPENAI__MODEL may be unknown, or SUMMARIZER_OPENAI__CONTEXT_TOKENS too high."
    return InferenceFailed(f"The model's server refused the request ({status}).", hint=hint)


def out_of_reach(error: Exception) -> ModelUnhealthy:
    """The error where no connection comes about, or one breaks."""
    failure = ModelUnhealthy(
        f"The model's server cannot be reached ({type(error).__name__}).",
        hint="Check that it runs at SUMMARIZER_OPENAI__BASE_URL.",
    )
    failure.__cause__ = error
    return failure


def unsendable() -> ModelUnhealthy:
    """The error where the HTTP client refuses what it is to send. Its own message quotes that: the key, for one."""
    return ModelUnhealthy(
        "The request to the model's server cannot be sent.",
        hint="Check SUMMARIZER_OPENAI__API_KEY and SUMMARIZER_OPENAI__BASE_URL.",
    )
