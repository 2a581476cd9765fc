"""ASCII in the place of every other character, cell for cell: for poor fonts and old consoles.

Everything is drawn as always and translated last, so no widget knows of it.
"""

# ruff: noqa: RUF001 - look-alikes are what this is about
from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_BRAILLE = range(0x2800, 0x2900)
_PLAIN_TERMINALS = frozenset({"", "linux", "dumb", "unknown", "ansi", "vt100", "vt102", "vt220"})
_GROUPS = (
    ("-", "─━╌╍═╴╶╸╺┄┅┈┉▔−–—‐‑⎯"),
    ("|", "│┃║╎╏╷╵╹╻┆┇┊┋▏▎▕▐"),
    (".", "┌╭╔┏┐╮╗┓·∙⋅•▪▫"),
    ("'", "└╰╚┗┘╯╝┛’‘‚′°"),
    ("+", "├┤┬┴┼┝┠┣┥┨┫┯┳┷┻┿╂╋╠╣╦╩╬╞╡╪╫◆◇†✚"),
    ("_", "▁␣"),
    (":", "▂░⋮"),
    ("-", "▃"),
    ("=", "▄▀▍▌▋≡"),
    ("+", "▅"),
    ("*", "▆●◉★☆✱×⏺"),
    ("#", "█▇▉▊▓■"),
    ("%", "▒◐◑◒◓"),
    ("o", "○◌◎◦□▢⏹"),
    ("^", "▲△▴▵↑⇧"),
    ("v", "▼▽▾▿↓⇩✓✔"),
    ("<", "◀◁◂◃◄←⇐‹«⌫⏎↵≤"),
    (">", "▶▷▸▹►→⇒⏵›»⇥≥"),
    ("=", "‖⏸"),
    ("x", "✗✘✕"),
    ("~", "…±≈↔↕∼"),
    ("!", "⚠≠"),
    ('"', "“”„″"),
    ("u", "µμ"),
    ("/", "÷⁄"),
)
_TRANSLATED = {ord(letter): plain for plain, letters in _GROUPS for letter in letters}
_TRANSLATED[0x1F50E] = "> "  # the palette's magnifying glass, two cells wide


class AsciiTable(dict[int, str]):
    """For `str.translate`: each character's ASCII form of the same width, found once."""

    def __missing__(self, code: int) -> str:
        """Find a character that has not been met before."""
        self[code] = found = _ascii_of(code)
        return found


def _ascii_of(code: int) -> str:
    letter = chr(code)
    if code < 128:
        return letter
    if code in _BRAILLE:
        return _dots(code - _BRAILLE.start)
    if code in _TRANSLATED:
        return _TRANSLATED[code]
    width = cell_len(letter)
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain if len(plain) == width else "?" * width


def _dots(bits: int) -> str:
    """Show by place and number what the eight dots of a braille cell show.

    Bits 0, 1, 2 and 6 are the left column from the top, 3, 4, 5 and 7 the right one.
    """
    rows = [bits & mask for mask in (0x09, 0x12, 0x24, 0xC0)]
    count = bits.bit_count()
    filled = [n for n, row in enumerate(rows) if row]
    if not filled:
        return " "
    if count >= 7:
        return "#"
    if len(filled) == 1:
        return "'--."[filled[0]] if filled[0] else "'"
    if filled[-1] <= 1:
        return "'" if count < 3 else '"'
    if filled[0] >= 2:
        return "." if count < 3 else ":"
    in_one_column = not bits & 0x47 or not bits & 0xB8
    return "|" if in_one_column else "%" if count >= 5 else "+"


def plain_arrows(text: str) -> str:
    """Arrows in ASCII, where a text has room to grow: one sign for one reads ``2 = 1``."""
    return text.replace("→", "->").replace("⇒", "=>")


class AsciiFilter(LineFilter):
    """Translates what Textual's own widgets draw, borders and scroll bars included."""

    def __init__(self, table: AsciiTable) -> None:
        super().__init__()
        self._table = table

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Translate the text of a line; styles stay."""
        table = self._table
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(table), segment.style, segment.control)
            for segment in segments
        ]


def why_ascii(environ: Mapping[str, str] | None = None) -> str:
    """Say why the terminal is to be trusted with ASCII only, as ``TERM=linux``; '' = it is not.

    Python turns the locale C into C.UTF-8 by setting LC_CTYPE, which says nothing about the
    terminal; where no locale is set at all, as in containers, it is taken to know UTF-8.
    """
    environ = os.environ if environ is None else environ
    if sys.platform == "win32" or "WebDriver" in environ.get("TEXTUAL_DRIVER", ""):
        return ""
    term = environ.get("TERM", "")
    if term.partition("-")[0] in _PLAIN_TERMINALS:
        return f"TERM={term}" if term else "TERM is not set"
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = environ.get(name, "")
        was_coerced = name == "LC_CTYPE" and value == "C.UTF-8"
        if not value or (was_coerced and environ.get("LANG") in ("C", "POSIX")):
            continue
        codeset = value.partition(".")[2].partition("@")[0].lower().replace("-", "")
        return "" if codeset == "utf8" else f"{name}={value}"
    return ""
