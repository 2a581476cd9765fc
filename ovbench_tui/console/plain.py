"""Text for terminals and pipes that know ASCII only."""

from __future__ import annotations

_PLAIN = str.maketrans(
    {
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MIDDLE DOT}": "-",
        "\N{MICRO SIGN}": "u",
        "\N{PLUS-MINUS SIGN}": "+-",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{CHECK MARK}": "ok",
        "\N{BALLOT X}": "x",
        "\N{RIGHTWARDS ARROW}": "->",
        "\N{RIGHTWARDS DOUBLE ARROW}": "=>",
        "\N{FULL BLOCK}": "#",
    }
)


def plain(text: str, encoding: str = "ascii") -> str:
    """The text with what an encoding lacks written in another way, or as a question mark."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")
    return text
