"""Unicode normal forms at a linear cost."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

# Longer runs of combining marks are left as they are (UAX #15, stream-safe text): sorting one costs the square of its
# length, and no language writes it.
_MOST_MARKS = 30


def normalize(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """``text`` in the normal form, but for runs of more than 30 combining marks."""
    if text.isascii():
        return text
    parts = _long_run().split(text)
    return "".join(part if i % 2 else unicodedata.normalize(form, part) for i, part in enumerate(parts))


@cache
def _long_run() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
    return re.compile(f"([{marks}]{{{_MOST_MARKS + 1},}})")
