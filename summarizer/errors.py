"""The error tree.

SummarizerError
├── InputError                  the request or the article is at fault
│   ├── EmptyInput
│   ├── InputTooLong
│   ├── InvalidRequest          an unknown field, a wrong type, options that contradict each other
│   ├── UnsupportedContent      binary data, or a text that is not UTF-8
│   ├── ExtractionFailed        a page without an article
│   ├── FetchFailed             an address that gave no page
│   │   ├── FetchBlocked        it lies in a private network, or is none of the web
│   │   └── FetchTimedOut
│   ├── UnsupportedSummary      strict grounding: no supported summary could be written
│   └── SummaryNotFound
├── CapacityError               try again later
│   ├── Overloaded
│   ├── DeadlineExceeded
│   └── ShuttingDown
├── BackendError                the model is at fault
│   ├── ModelNotFound
│   ├── ModelCorrupt            a file whose hash differs; nothing of it was loaded
│   ├── ModelUnhealthy          loaded, but the self-test gave no sound answer
│   └── InferenceFailed
└── SettingsError

``code`` is stable and part of the HTTP interface. No message ever holds a word of an article.
"""

from __future__ import annotations

from typing import ClassVar


class SummarizerError(Exception):
    """The base of every error that this package raises on purpose.

    Args:
        message: What is wrong, in one sentence.
        hint: What the reader can do about it.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InputError(SummarizerError):
    """The request or the article is at fault."""

    code = "invalid_input"


class EmptyInput(InputError):
    """The article has no words, or the feed no items."""

    code = "empty_input"


class InputTooLong(InputError):
    """The article is over the configured limit."""

    code = "input_too_long"


class InvalidRequest(InputError):
    """An unknown field, a wrong type, or options that contradict each other."""

    code = "invalid_request"


class UnsupportedContent(InputError):
    """Binary data, or a text that is not UTF-8."""

    code = "unsupported_content"


class ExtractionFailed(InputError):
    """The page holds no article that could be found."""

    code = "extraction_failed"


class FetchFailed(InputError):
    """The address gave no page."""

    code = "fetch_failed"


class FetchBlocked(FetchFailed):
    """The address is none that may be fetched: it lies in a private network, or is none of the web."""

    code = "fetch_blocked"


class FetchTimedOut(FetchFailed):
    """The page did not come in time."""

    code = "fetch_timed_out"
    retryable = True


class UnsupportedSummary(InputError):
    """Strict grounding was asked for, and no supported summary could be written."""

    code = "unsupported_summary"


class SummaryNotFound(InputError):
    """No cached summary has this id."""

    code = "summary_not_found"


class CapacityError(SummarizerError):
    """The service cannot take this now.

    Args:
        message: What is wrong.
        hint: What the reader can do about it.
        retry_after_s: An estimate of when a place will be free.
    """

    code = "capacity"
    retryable = True

    def __init__(self, message: str, *, hint: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class Overloaded(CapacityError):
    """The queue is full."""

    code = "overloaded"


class DeadlineExceeded(CapacityError):
    """The summary was not ready in time."""

    code = "deadline_exceeded"


class ShuttingDown(CapacityError):
    """The service is finishing what it has taken and takes nothing new."""

    code = "shutting_down"


class BackendError(SummarizerError):
    """The model is at fault."""

    code = "backend_error"


class ModelNotFound(BackendError):
    """No such model, or it has not been pulled."""

    code = "model_not_found"


class ModelCorrupt(BackendError):
    """A model file differs from its recorded hash; nothing of it was loaded."""

    code = "model_corrupt"


class ModelUnhealthy(BackendError):
    """The model loaded, but its self-test gave no sound answer."""

    code = "model_unhealthy"


class InferenceFailed(BackendError):
    """The model failed while writing."""

    code = "inference_failed"

    @classmethod
    def while_writing(cls) -> InferenceFailed:
        """What an engine answers with whatever went wrong: the cause may quote the text."""
        return cls("The model failed while writing.", hint="Try again, or a shorter article.")

    @classmethod
    def while_reading(cls) -> InferenceFailed:
        """The same of a text that it would not take."""
        return cls("The model could not take the text.")


class SettingsError(SummarizerError):
    """The settings contradict each other or cannot be read."""

    code = "invalid_settings"
