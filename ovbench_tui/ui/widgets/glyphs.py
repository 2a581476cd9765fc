"""Large digits, three rows high."""

from __future__ import annotations

HEIGHT = 3
_GLYPHS = {
    "0": ("╭─╮", "│ │", "╰─╯"),
    "1": ("╶╮ ", " │ ", "╶┴╴"),
    "2": ("╶─╮", "╭─╯", "╰─╴"),
    "3": ("╶─╮", " ─┤", "╶─╯"),
    "4": ("╷ ╷", "╰─┤", "  ╵"),
    "5": ("╭─╴", "╰─╮", "╶─╯"),
    "6": ("╭─╴", "├─╮", "╰─╯"),
    "7": ("╶─╮", "  │", "  ╵"),
    "8": ("╭─╮", "├─┤", "╰─╯"),
    "9": ("╭─╮", "╰─┤", "╶─╯"),
    " ": ("   ", "   ", "   "),
    ".": (" ", " ", "."),
    "M": ("╭┬╮", "│││", "╵ ╵"),
}
_UNKNOWN = ("   ", "╶─╴", "   ")


def large(text: str) -> tuple[str, str, str]:
    """Return the three rows of a number written large; anything else becomes a dash."""
    glyphs = [_GLYPHS.get(character, _UNKNOWN) for character in text]
    return (
        "".join([glyph[0] for glyph in glyphs]),
        "".join([glyph[1] for glyph in glyphs]),
        "".join([glyph[2] for glyph in glyphs]),
    )
