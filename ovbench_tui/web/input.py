"""What a page sends: read strictly, since not only a browser may have written it."""

from __future__ import annotations

import json
from dataclasses import dataclass

MAX_COLUMNS, MAX_LINES = 1000, 400
"""More than any screen shows; a frame of that size takes some ten megabytes."""

DEFAULT_COLUMNS, DEFAULT_LINES = 80, 24
_MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class PageSize:
    """The size of the page's terminal, in cells."""

    columns: int
    lines: int


@dataclass(frozen=True, slots=True)
class PageInput:
    """One message of the page.

    Attributes:
        kind: stdin, resize, ping, blur or focus.
        text: of stdin what was typed, of ping what comes back.
        size: of resize.
    """

    kind: str
    text: str = ""
    size: PageSize = PageSize(DEFAULT_COLUMNS, DEFAULT_LINES)


def read_size(columns: object, lines: object) -> PageSize:
    """Read a size in cells; what is too large or small is brought into the bounds."""
    return PageSize(
        _bounded(columns, DEFAULT_COLUMNS, MAX_COLUMNS), _bounded(lines, DEFAULT_LINES, MAX_LINES)
    )


def read_message(data: str) -> PageInput | None:
    """Read a message as textual-serve's script writes it; None where it is none of these."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return None
    match message:
        case ["stdin", str(text)]:
            return PageInput("stdin", text)
        case ["resize", {"width": int(columns), "height": int(lines)}]:
            return PageInput("resize", size=read_size(columns, lines))
        case ["ping", str(text)]:
            return PageInput("ping", text)
        case ["blur" | "focus" as kind, *_]:
            return PageInput(kind)
    return None


def _bounded(value: object, default: int, most: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:_MAX_DIGITS])
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # NaN
        return default
    return int(min(max(value, 1), most))
