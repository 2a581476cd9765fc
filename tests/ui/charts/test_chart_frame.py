"""The row of time below the charts."""

from __future__ import annotations

import pytest

from ovbench_tui.ui.charts.chart_frame import GUTTER, Edge, time_axis


@pytest.mark.parametrize(
    ("cell_s", "labels"),
    [
        (0.125, ["-8s", "-6s", "-4s", "-2s", "now"]),
        (1.0, ["-70s", "-60s", "-50s", "-40s", "-30s", "-20s", "-10s", "now"]),
        (4.2, ["-5m", "-4m", "-3m", "-2m", "-1m", "now"]),
        (25.5, ["-30m", "-25m", "-20m", "-15m", "-10m", "-5m", "now"]),
        (1210.0, ["-24h", "-20h", "-16h", "-12h", "-8h", "-4h", "now"]),
    ],
)
def test_labels_suit_the_length(cell_s: float, labels: list[str]) -> None:
    line = time_axis(72, cell_s, Edge())
    assert line.split() == labels
    assert len(line) == GUTTER + 72


def test_a_scrolled_chart_counts_back_from_the_moment_it_was_frozen_at() -> None:
    line = time_axis(40, 1.0, Edge("", 15.0))
    assert line.split() == ["-50s", "-40s", "-30s", "-20s"]
    assert line.index("-20s") == GUTTER + 40 - 1 - 5


def test_the_cursor_is_pointed_at() -> None:
    frozen = Edge("frozen")
    assert time_axis(40, 1.0, frozen, 12)[GUTTER + 12] == "▲"
    assert time_axis(40, 1.0, frozen, 12).endswith("frozen")
    assert time_axis(40, 1.0, frozen, 38).split()[-1] == "▲"
    assert "▲" not in time_axis(40, 1.0, frozen, 40)
