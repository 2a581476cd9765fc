"""The chart, drawn by a real app and read back from its strips."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovbench_tui.engine.api.snapshot import History, Marker
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.charts.axis import HeldMaximum
from ovbench_tui.ui.charts.braille import below_mask, line_mask
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.chart_panel import Phrase, fitting
from ovbench_tui.ui.charts.chart_series import measured, usual_maximum
from ovbench_tui.ui.charts.history_chart import HistoryChart
from ovbench_tui.ui.widgets.spark_rows import BLOCKS, GroupMeans, spark, spark_line
from tests.ui.fakes import NAN, FakeSession, history, redraw, running, text_of

_SIZE = (120, 44)
"""Of a terminal in which the plots have twelve rows."""


def _plot(chart: HistoryChart) -> list[str]:
    """The rows between title and time axis, without the labels."""
    return [row[GUTTER:] for row in text_of(chart)[2:-1]]


def _dotted(text: str) -> int:
    return sum("\u2800" < character <= "\u28ff" for character in text)


def _labels(chart: HistoryChart) -> list[str]:
    """The labels from the top."""
    labels = [row[: GUTTER - 1].strip() for row in text_of(chart)[2:-1]]
    return [label for label in labels if label]


def _latencies(end: int, p50_ms: float, p99_ms: float) -> History:
    """Columns from number 200 up to number `end`."""
    count = end - 200
    steady = history(count, first=200)
    return replace(steady, p50_ms=(p50_ms,) * count, p99_ms=(p99_ms,) * count)


def _shown(values: tuple[float, ...], first: int = 0, **changes: object) -> History:
    shown = replace(history(len(values), first=first), fps=values)
    return replace(shown, **changes)


async def test_a_steady_line_stands_on_its_fill_in_the_row_of_its_label() -> None:
    session = FakeSession()
    session.set(history=_shown((100.0,) * 40))
    async with running(session) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.fps_chart
        labels = [row[: GUTTER - 1].strip() for row in text_of(chart)[2:-1]]
        line = labels.index("100")
        rows = _plot(chart)
        assert [_dotted(row) for row in rows] == [0] * line + [20] * (len(rows) - line)
        # The lowest dots of the label's row, and every dot of the rows below.
        assert set(rows[line].strip()) == {"┈", "⣀"}
        assert all(set(row.strip()) <= {"┈", "⣿"} for row in rows[line + 1 :])


@given(st.lists(st.floats(1.0, 1000.0), min_size=30, max_size=30))
@settings(max_examples=20, deadline=None)
def test_the_fill_reaches_up_to_the_line_everywhere(values: list[float]) -> None:
    for line in (line_mask(*pair) for pair in pairwise(round(value / 20) for value in values)):
        below = below_mask(line)
        assert not below & line
        # Dots without a gap, from the lowest up.
        assert below | line == (1 << (below | line).bit_length()) - 1
    assert below_mask(0) == 0


async def test_the_scale_starts_at_zero_and_is_labelled() -> None:
    session = FakeSession()
    session.set(history=_shown((1000.0, 1001.0) * 20))
    async with running(session, size=_SIZE) as pilot:
        await redraw(pilot)
        labels = [row[: GUTTER - 1].strip() for row in text_of(pilot.app.monitor.fps_chart)[2:-1]]
        assert [label for label in labels if label] == ["1000", "800", "600", "400", "200", "0"]


async def test_the_latency_scale_has_its_unit() -> None:
    session = FakeSession()
    async with running(session, size=_SIZE) as pilot:
        chart = pilot.app.monitor.latency_chart
        assert text_of(chart)[0].startswith(" Latency   ━ p50  ━ p99")
        assert _labels(chart) == ["5 ms", "4 ms", "3 ms", "2 ms", "1 ms", "0"]
        session.set(history=_latencies(240, 0.02, 0.04))
        await redraw(pilot)
        # Nothing new came, so nothing was drawn: columns never change.
        assert "1 ms" in _labels(chart)
        # Half a cell waits for its other half.
        session.set(history=_latencies(241, 0.02, 0.04))
        await redraw(pilot)
        assert "1 ms" in _labels(chart)
        session.set(history=_latencies(242, 0.02, 0.04))
        await redraw(pilot)
        assert _labels(chart) == ["50 µs", "40 µs", "30 µs", "20 µs", "10 µs", "0"]
        session.set(history=_latencies(244, 200.0, 590.0))
        await redraw(pilot)
        assert _labels(chart) == ["0.6 s", "0.4 s", "0.2 s", "0"]


async def test_what_is_measured_sets_the_scale_and_a_warm_up_beyond_it_is_marked() -> None:
    session = FakeSession()
    fps = (900.0,) * 4 + (40.0, 42.0) * 18
    session.set(history=_shown(fps, warm_ups=((0, 3),)))
    async with running(session, size=_SIZE) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.fps_chart
        assert _labels(chart)[0] == "50"
        assert _plot(chart)[0].strip("┈ ").startswith("▲▲")
        assert text_of(chart)[0].rstrip().endswith("▲ up to 900")


def test_a_warm_up_does_not_set_the_scale_of_a_sparkline() -> None:
    held = HeldMaximum()
    assert spark_line([900.0, 40.0, NAN, 20.0], held, {0}) == "█▇ ▄"
    assert spark_line([900.0, 450.0], HeldMaximum(), {0, 1}) == "▇▄"


def test_a_warm_up_sets_the_scale_while_there_is_nothing_else() -> None:
    shown = _shown((NAN, 900.0, 800.0, NAN, 40.0), first=10, warm_ups=((10, 12),))
    assert measured(shown.fps, shown, 0) == [40.0]
    assert measured(shown.fps, shown, 2) == [40.0]
    assert measured(shown.fps, shown, 3) == [40.0]
    only = _shown((NAN, 900.0, 800.0), first=10, warm_ups=((10, 12),))
    assert measured(only.fps, only, 0) == [900.0, 800.0]


async def test_nan_is_a_gap() -> None:
    session = FakeSession()
    session.set(history=_shown((100.0,) * 10 + (NAN,) * 10 + (100.0,) * 20))
    async with running(session) as pilot:
        await redraw(pilot)
        row = next(row for row in _plot(pilot.app.monitor.fps_chart) if _dotted(row)).rstrip()
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
    async with running(stepwise, size=_SIZE) as pilot:
        for end in range(120, 301):
            first = max(0, end - 150)
            stepwise.set(history=_shown(values[first:end], first=first))
            pilot.app.frame()
        drawn = text_of(pilot.app.monitor.fps_chart)
    at_once.set(history=_shown(values[150:], first=150))
    async with running(at_once, size=_SIZE) as pilot:
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
        assert "8 ms" in _labels(chart)
        assert "▲ up to 1.80 s" in text_of(chart)[0]
        assert _plot(chart)[0].count("▲") == 1
        session.set(history=history(41, first=200))
        await redraw(pilot)
        assert "▲" not in "".join(text_of(chart))


async def test_in_ascii_the_two_lines_have_letters_of_their_own() -> None:
    async with running(FakeSession(), preferences=Preferences(is_ascii=True)) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.latency_chart
        assert text_of(chart)[0].startswith(" Latency   - p50  * p99")
        rows = dict(zip(_labels(chart), range(99), strict=False))
        assert rows["4 ms"] < rows["2 ms"]
        by_label = {row[: GUTTER - 1].strip(): row[GUTTER:] for row in text_of(chart)[2:-1]}
        assert by_label["4 ms"].count("*") == 20
        assert "*" not in by_label["2 ms"]
        filled = [row[GUTTER:] for row in text_of(pilot.app.monitor.fps_chart)[2:-1]]
        assert filled[-1].count(":") == 20
        assert "".join(filled).isascii()


@pytest.mark.parametrize(
    ("width", "title"),
    [
        (60, " Latency · log · 5 min   ━ p50  ━ p99  ╌ an old run  "),
        (50, " Latency · log · 5 min   ━ p50  ━ p99  "),
        (30, " Latency━ p50  ━ p99  "),
        (20, " Latency"),
        (5, " Latency"),
    ],
)
def test_a_title_drops_what_matters_least(width: int, title: str) -> None:
    phrases = (
        Phrase(((" Latency", "title"),)),
        Phrase(((" · log", "title"), (" · 5 min", "title")), rank=2),
        Phrase((("   ", "label"),), rank=2),
        Phrase((("━ ", "first"), ("p50  ", "label"), ("━ ", "second"), ("p99  ", "label")), rank=1),
        Phrase((("╌ ", "overlay"), ("an old run  ", "label")), rank=4),
    )
    assert "".join(text for text, _ in fitting(phrases, width)) == title
