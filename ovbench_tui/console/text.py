"""Foreign text made safe for one line of the screen: model names, paths, error messages."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


_LEAST_CUT_IN_MIDDLE = 8
"""Cells; in fewer of them neither half of a name can be recognised."""


def clean(text: str) -> str:
    """Replace whatever could move the cursor, hide or reorder text, or fail to encode."""
    return _UNSAFE.sub("\N{MIDDLE DOT}", text)


def width_of(text: str) -> int:
    """Cells that `text` takes; wide characters take two."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int) -> str:
    """Pad or shorten cleaned text to exactly `width` cells; a cut end is shown as an ellipsis."""
    if width <= 0:
        return ""
    used = width_of(text)
    if used <= width:
        return text + " " * (width - used)
    return set_cell_size(text, width - 1) + "…"


def fit_middle(text: str, width: int) -> str:
    """As `fit`, with the ellipsis in the middle: names often differ only at their end."""
    used = width_of(text)
    if used <= width or width < _LEAST_CUT_IN_MIDDLE:
        return fit(text, width)
    behind = (width - 1) * 2 // 3
    tail = ""
    for letter in reversed(text):
        if width_of(letter + tail) > behind:
            break
        tail = letter + tail
    return set_cell_size(text, width - 1 - width_of(tail)) + "…" + tail


def wrap(text: str, width: int) -> list[str]:
    """Break a sentence into lines of at most `width` cells, at spaces where there are some."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width_of(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while width_of(line) > width:
            head = set_cell_size(line, width)
            cut = len(head.rstrip(" ")) or 1
            lines.append(line[:cut])
            line = line[cut:]
    lines.append(line)
    return lines
