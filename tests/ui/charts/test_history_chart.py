"""The chart, drawn by a real app and read back from its strips."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.engine.api.snapshot import History, Marker
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.chart_series import usual_maximum
from ovbench_tui.ui.charts.history_chart import HistoryChart
from ovbench_tui.ui.widgets.spark_rows import BLOCKS, GroupMeans, spark
from tests.ui.fakes import NAN, FakeSession, history, redraw, running, text_of


def _plot(chart: HistoryChart) -> list[str]:
    """The rows between title and time axis, without the labels."""
    return [row[GUTTER:] for row in text_of(chart)[2:-1]]


def _dotted(text: str) -> int:
    return sum("\u2800" < character <= "\u28ff" for character in text)


def _shown(values: tuple[float, ...], first: int = 0, **changes: object) -> History:
    shown = replace(history(len(values), first=first), fps=values)
    return replace(shown, **changes)


async def test_a_steady_line_is_one_row_at_its_height() -> None:
    session = FakeSession()
    session.set(history=_shown((100.0,) * 40))
    async with running(session) as pilot:
        await redraw(pilot)
        rows = _plot(pilot.app.monitor.fps_chart)
        assert [_dotted(row) for row in rows] == [20] + [0] * (len(rows) - 1)


async def test_the_scale_starts_at_zero_and_is_labelled() -> None:
    session = FakeSession()
    session.set(history=_shown((1000.0, 1001.0) * 20))
    async with running(session) as pilot:
        await redraw(pilot)
        labels = [row[: GUTTER - 1].strip() for row in text_of(pilot.app.monitor.fps_chart)[2:-1]]
        assert [label for label in labels if label] == ["1500", "1000", "500", "0"]


async def test_the_latency_scale_has_its_unit() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        chart = pilot.app.monitor.latency_chart
        assert text_of(chart)[0].startswith(" Latency, ms   ━ p50  ━ p99")
        session.set(history=replace(history(), p50_ms=(0.02,) * 40, p99_ms=(0.04,) * 40))
        await redraw(pilot)
        # Nothing new came, so nothing was drawn: columns never change.
        assert "ms" in text_of(chart)[0]
        # Half a cell waits for its other half.
        session.set(history=replace(history(41), p50_ms=(0.02,) * 41, p99_ms=(0.04,) * 41))
        await redraw(pilot)
        assert text_of(chart)[0].startswith(" Latency, ms")
        session.set(history=replace(history(42), p50_ms=(0.02,) * 42, p99_ms=(0.04,) * 42))
        await redraw(pilot)
        assert text_of(chart)[0].startswith(" Latency, µs")


async def test_nan_is_a_gap() -> None:
    session = FakeSession()
    session.set(history=_shown((100.0,) * 10 + (NAN,) * 10 + (100.0,) * 20))
    async with running(session) as pilot:
        await redraw(pilot)
        row = _plot(pilot.app.monitor.fps_chart)[0].rstrip()
        # 40 columns are 20 cells; the gap is five of them.
        cells = row[-20:]
        assert _dotted(cells) == 15
        assert _dotted(cells[5:10]) == 0


async def test_the_line_moves_by_whole_cells_and_keeps_its_shape() -> None:
    session = FakeSession()
    values = tuple(float(50 + n % 7) for n in range(80))
    session.set(history=_shown(values[:60]))
    async with running(session) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.fps_chart
        before = _plot(chart)
        session.set(history=_shown(values[:62]))
        await redraw(pilot)
        after = _plot(chart)
        assert [row[1:-2] for row in before] == [row[:-3] for row in after]
        assert before != after


async def test_incremental_drawing_equals_drawing_at_once() -> None:
    values = tuple(float(50 + (n * 37) % 41) for n in range(300))
    stepwise, at_once = FakeSession(), FakeSession()
    async with running(stepwise) as pilot:
        for end in range(120, 301):
            first = max(0, end - 150)
            stepwise.set(history=_shown(values[first:end], first=first))
            pilot.app.frame()
        drawn = text_of(pilot.app.monitor.fps_chart)
    at_once.set(history=_shown(values[150:], first=150))
    async with running(at_once) as pilot:
        await redraw(pilot)
        assert text_of(pilot.app.monitor.fps_chart) == drawn


async def test_markers_stand_over_their_column_and_scroll_along() -> None:
    session = FakeSession()
    session.set(history=history(60, (Marker(40, "nireq 8"),)))
    async with running(session) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.fps_chart
        markers = text_of(chart)[1]
        assert "▼ nireq 8" in markers
        place = markers.index("▼")
        assert all(
            row[place - GUTTER] in "┊⠁⠉⠈" or _dotted(row[place - GUTTER]) for row in _plot(chart)
        )
        session.set(history=history(64, (Marker(40, "nireq 8"),)))
        await redraw(pilot)
        assert text_of(chart)[1].index("▼") == place - 2


async def test_close_markers_are_shortened_and_markup_is_text() -> None:
    session = FakeSession()
    markers = (Marker(20, "[red]a long description"), Marker(40, "b"), Marker(42, "c"))
    session.set(history=history(60, markers))
    async with running(session) as pilot:
        await redraw(pilot)
        row = text_of(pilot.app.monitor.fps_chart)[1]
        assert "▼ [red]a… ▼▼ c" in row


@pytest.mark.parametrize("column", [-100, 59, 1000])
async def test_markers_outside_or_at_the_edge(column: int) -> None:
    session = FakeSession()
    session.set(history=history(60, (Marker(column, "a description"),)))
    async with running(session) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.fps_chart
        assert all(len(row) == chart.size.width for row in text_of(chart))
        assert ("▼" in text_of(chart)[1]) == (column == 59)


async def test_the_time_axis_counts_back_from_now() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        axis = text_of(pilot.app.monitor.fps_chart)[-1]
        assert axis.split() == ["-70s", "-60s", "-50s", "-40s", "-30s", "-20s", "-10s", "now"]
        assert axis.index("-10s") - axis.index("-20s") == 10


async def test_before_any_figure_the_chart_is_an_empty_frame() -> None:
    session = FakeSession()
    session.set(history=History(0.5, 0, (), (), (), ()))
    async with running(session) as pilot:
        await redraw(pilot)
        assert sum(_dotted(row) for row in _plot(pilot.app.monitor.fps_chart)) == 0


def test_spark_is_zero_based() -> None:
    assert spark([0.0, 50.0, 100.0, NAN], 100.0) == f"{BLOCKS[0]}{BLOCKS[3]}{BLOCKS[7]} "
    assert spark([1.0, 2.0], 0.0) == "  "


def test_group_means_are_aligned_by_column_number() -> None:
    means = GroupMeans(4)
    assert means.newest((1.0, 3.0, NAN, NAN, 5.0), 4, 3)[1:] == [2.0, 5.0]
    # The group in progress takes in what came; the finished one is as it was.
    assert means.newest((3.0, NAN, NAN, 5.0, 7.0), 5, 3)[1:] == [2.0, 6.0]
    missing, *_ = GroupMeans(4).newest((1.0,), 0, 2)
    assert missing != missing


def test_usual_maximum_leaves_out_what_is_rare_and_far() -> None:
    assert usual_maximum([4.0] * 99 + [1800.0]) == 8.0
    assert usual_maximum([4.0] * 99 + [12.0]) == 12.0
    assert usual_maximum([4.0] * 80 + [1800.0] * 20) == 1800.0
    assert usual_maximum([1.0, 100.0]) == 100.0
    assert usual_maximum([]) == 0.0


async def test_a_rare_stall_is_marked_instead_of_flattening_the_rest() -> None:
    session = FakeSession()
    p99 = (4.0,) * 30 + (1800.0,) + (4.0,) * 9
    session.set(history=replace(history(40), p99_ms=p99))
    async with running(session) as pilot:
        chart = pilot.app.monitor.latency_chart
        assert text_of(chart)[0].startswith(" Latency, ms")
        assert "▲ up to 1.800 s" in text_of(chart)[0]
        assert _plot(chart)[0].count("▲") == 1
        session.set(history=history(41, first=200))
        await redraw(pilot)
        assert "▲" not in "".join(text_of(chart))
