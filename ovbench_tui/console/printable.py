"""Text from files and drivers made safe to show on a terminal."""

from __future__ import annotations


def printable(text: str, limit: int = 300) -> str:
    """Replace what a terminal would obey (escapes, line ends) and shorten to `limit` characters."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
