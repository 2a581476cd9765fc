"""A page as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from html import escape
from importlib import resources

from ovbench_tui.sharing.blocks import Block, Chart, Code, Heading, Page, Paragraph, Table


def to_html(page: Page) -> str:
    """Write a page as an HTML document in UTF-8."""
    style = (resources.files(__package__) / "page.css").read_text("utf-8")
    body = "\n".join(_block(block) for block in page.blocks)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Nothing is loaded, whatever a model or a machine is called.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">\n"
        f"<title>{escape(page.title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Code(text):
            return f"<pre>{escape(text)}</pre>"
        case Chart(svg=svg):
            return svg
        case Table():
            return _table(block)


def _table(table: Table) -> str:
    def cell(tag: str, index: int, text: str) -> str:
        style = ' class="number"' if index >= table.numbers_from else ""
        return f"<{tag}{style}>{escape(text)}</{tag}>"

    def row(tag: str, cells: tuple[str, ...]) -> str:
        return "<tr>" + "".join(cell(tag, *one) for one in enumerate(cells)) + "</tr>"

    # A head of "" and "value" says nothing that the rows do not.
    has_head = any(name not in ("", "value") for name in table.head)
    head = f"<thead>{row('th', table.head)}</thead>" if has_head else ""
    rows = "".join(row("td", cells) for cells in table.rows)
    drawn = f"<table>{head}<tbody>{rows}</tbody></table>"
    if not table.is_long:
        return drawn
    summary = f"{len(table.rows)} properties of the compiled model"
    return f"<details><summary>{escape(summary)}</summary>{drawn}</details>"
