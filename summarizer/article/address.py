"""What is an address of the web, and no file."""

from __future__ import annotations


def is_address(name: str) -> bool:
    """Whether this names something of the web, by its beginning: no more is known before it is fetched."""
    return name.lower().startswith(("http://", "https://"))
