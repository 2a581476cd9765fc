"""Layer times and shape groups on standard output: -pc, -pcsort and -pcseq.

The words are benchmark_app's; names are written in full, where it cuts them to 16 letters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ovbench_tui.config.shapes import format_shape
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.effective import ShapeGroup
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.reports.counters import Layers, LayerShare, arrange, total_ms
from ovbench_tui.reports.counters_report import status_text
from ovbench_tui.reports.summary import format_ms


def format_counters(requests: Sequence[Layers]) -> str:
    """List the time of every layer of every infer request (-pc)."""
    return _format(requests, "no_sort", "Performance counts for", show_share=False)


def format_sorted_counters(requests: Sequence[Layers], order: str) -> str:
    """List them in the order of a -pcsort, each with its share of the request's time."""
    return _format(requests, order, "Performance counts sorted for", show_share=True)


def format_groups(view: RunView) -> str:
    """List the latencies of each shape of a rotation (-pcseq); '' where nothing rotates."""
    groups = view.stats.groups
    if len(groups) < 2:
        return ""
    lines = ["Latency for each data shape group:"]
    for number, (shapes, stats) in enumerate(
        zip(view.effective.shape_groups, groups, strict=True), start=1
    ):
        lines.append(f"{number}.{printable(group_name(shapes))}")
        rows = [
            ("Median", stats.p50_ms),
            *((f"{percent:g} percentile", ms) for percent, ms in stats.percentiles_ms),
            ("Average", stats.mean_ms),
            ("Min", stats.min_ms),
            ("Max", stats.max_ms),
            *([] if math.isnan(stats.first_ms) else [("First", stats.first_ms)]),
        ]
        lines += [f"    {name + ':':<16}{format_ms(ms)}" for name, ms in rows]
    return "\n".join(lines)


def group_name(group: ShapeGroup) -> str:
    """Name a group as benchmark_app does: each input after a blank, with its shape."""
    if group.name:
        return f" {group.name}"
    return "".join(f" {name}: {format_shape(shape)}" for name, shape in group.shapes)


def _format(requests: Sequence[Layers], order: str, title: str, *, show_share: bool) -> str:
    lines: list[str] = []
    for number, layers in enumerate(requests):
        real_ms, cpu_ms = total_ms(layers)
        lines.append(f"{title} {number}-th infer request")
        lines += _table(arrange(layers, order), show_share=show_share)
        lines.append(f"Total time:     {real_ms:.3f} milliseconds")
        lines.append(f"Total CPU time: {cpu_ms:.3f} milliseconds")
        lines.append("")
    return "\n".join(lines)


def _table(shares: Sequence[LayerShare], *, show_share: bool) -> list[str]:
    rows = [
        [
            printable(share.layer.name),
            status_text(share.layer),
            f"layerType: {printable(share.layer.node_type)}",
            f"execType: {printable(share.layer.exec_type)}",
            f"realTime (ms): {share.layer.real_ms:.3f}",
            f"cpuTime (ms): {share.layer.cpu_ms:.3f}",
            *([f"proportion: {share.share * 100:.2f}%"] if show_share else []),
        ]
        for share in shares
    ]
    return aligned(rows, left=range(7))  # all of them
