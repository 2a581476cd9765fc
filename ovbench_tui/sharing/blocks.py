"""The parts of a page, which each form writes in its own way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 is the page's own."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text.

    Attributes:
        head: '' in the first place where the first column names the rows.
        numbers_from: the first column of numbers, which stand to the right.
        is_long: folded away where that can be done, under the first words of `head`.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 1_000
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to copy."""

    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, as SVG with its caption, and what it shows as a row of blocks.

    Attributes:
        sparkline: '' = the figures say as much.
        scale: what the lowest block stands for, and the highest where that is not the largest
            value.
    """

    svg: str
    name: str = ""
    sparkline: str = ""
    scale: str = "from 0"


Block = Heading | Paragraph | Table | Code | Chart


@dataclass(frozen=True, slots=True)
class Page:
    """A page from top to bottom."""

    title: str
    blocks: tuple[Block, ...]
