"""The report of a user's own program as a page, before it is HTML or Markdown."""

from __future__ import annotations

from ovbench_tui.application.report import (
    AppReport,
    figure_rows,
    time_rows,
    time_title,
    verdict_sentences,
    warnings_of,
)
from ovbench_tui.sharing.blocks import Block, Chart, Heading, Page, Paragraph, Table
from ovbench_tui.sharing.svg import Line, time_chart


def program_page(report: AppReport, program: str) -> Page:
    """Put together what the text of the report says, with a chart.

    Args:
        program: the version that writes the page.
    """
    title = " ".join(report.words)
    blocks: list[Block] = [Heading(title, 1), Heading("Verdict")]
    blocks += [Paragraph(sentence) for sentence in verdict_sentences(report.verdict)]
    analysis = report.analysis
    if analysis is not None:
        rate = [float(second.inferences) for second in analysis.seconds]
        svg = time_chart(
            "Throughput", "inferences/s", 1.0, [Line("FPS", "fps", rate, is_filled=True)]
        )
        blocks += [Chart(svg, "inferences/s")] if svg else []
        blocks += [
            Heading("Figures"),
            Table(("", "value"), tuple(figure_rows(report))),
            Heading(time_title(analysis)),
            Table(("", "share"), tuple(time_rows(analysis)), 1),
        ]
    blocks += [Paragraph(sentence) for sentence in warnings_of(report)]
    blocks.append(Paragraph(f"Written by ovbench-tui {program}."))
    return Page(title, tuple(blocks))
