"""Keys as they are printed on the keyboard."""

from __future__ import annotations

from textual.keys import format_key

_NAMES = {"enter": "enter", "f1": "F1", "space": "space"}


def key_text(key: str) -> str:
    """Return a key as it is printed on the keyboard."""
    return _NAMES.get(key) or format_key(key)
