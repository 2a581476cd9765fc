"""A page as Markdown, to paste into an issue or a review."""

from __future__ import annotations

import re

from ovbench_tui.sharing.blocks import Block, Chart, Code, Heading, Page, Paragraph, Table

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def to_markdown(page: Page) -> str:
    """Write a page as Markdown with tables (GitHub's dialect)."""
    return "\n\n".join(filter(None, (_block(block) for block in page.blocks))) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {_escaped(text)}"
        case Paragraph(text):
            return _escaped(text)
        case Code(text):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
            return f"{fence}sh\n{text}\n{fence}"
        case Chart(name=name, sparkline=sparkline, scale=scale):
            return f"`{sparkline}` {name} over time, {scale}" if sparkline.strip() else ""
        case Table():
            return "" if block.is_long else _table(block)


def _table(table: Table) -> str:
    rule = [("---:" if index >= table.numbers_from else "---") for index in range(len(table.head))]
    lines = [table.head, tuple(rule), *table.rows]
    return "\n".join(
        "| " + " | ".join(cell if line == tuple(rule) else _escaped(cell) for cell in line) + " |"
        for line in lines
    )


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
