"""The charts of the Live tab: which are seen, zoom, scales, the frozen view and its cursor."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from ovbench_tui.engine.api.snapshot import History, Marker
from ovbench_tui.stats.timeseries.views import LatencyBars
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.chart_panel import ChartPanel
from ovbench_tui.ui.charts.reading import reading
from ovbench_tui.ui.tabs.live.live_view import SPANS, LiveView
from tests.ui.fakes import (
    BARS,
    NAN,
    SIZES,
    STATS,
    FakeSession,
    history,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
)
from tests.ui.pictures import assert_picture


def _shown(pilot: Pilot[None]) -> list[str]:
    panels = [
        panel
        for panel in pilot.app.monitor.panels.all
        if panel.is_shown and panel.id != "machine-strip"
    ]
    return [str(panel.id) for panel in sorted(panels, key=lambda panel: panel.region.y)]


async def _press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


def _title(panel: ChartPanel) -> str:
    return text_of(panel)[0].strip()


def _past(columns: int = 200, column_s: float = 0.5, **changes: object) -> History:
    """FPS rise by one each column; 2 ms and 4 ms."""
    past = replace(history(columns), fps=tuple(100.0 + n for n in range(columns)))
    return replace(past, column_s=column_s, **changes)


FPS, LATENCY, HISTOGRAM, HEAT = "fps-chart", "latency-chart", "histogram", "heat-map"


# --- which charts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "choices"),
    [
        ((80, 24), [[FPS], [LATENCY], [HISTOGRAM], [HEAT]]),
        (
            (120, 40),
            [[FPS, LATENCY], [HISTOGRAM, HEAT], [FPS], [LATENCY], [HISTOGRAM], [HEAT]],
        ),
        (
            (200, 60),
            [
                [FPS, LATENCY, HISTOGRAM, HEAT],
                [FPS, LATENCY],
                [HISTOGRAM, HEAT],
                [FPS],
                [LATENCY],
                [HISTOGRAM],
                [HEAT],
            ],
        ),
    ],
)
async def test_a_key_changes_the_charts(size: tuple[int, int], choices: list[list[str]]) -> None:
    async with running(FakeSession(), size=size) as pilot:
        for choice in [*choices, choices[0]]:
            assert _shown(pilot) == choice
            titles = "Latency histogram" in screen_text(pilot.app)
            assert titles == (HISTOGRAM in choice and size != (80, 24))
            await _press(pilot, "v")
        for choice in [choices[1], choices[0], choices[-1]]:
            assert _shown(pilot) == choice
            await _press(pilot, "V")


async def test_a_click_on_a_title_changes_the_charts() -> None:
    async with running(FakeSession(), size=(120, 40)) as pilot:
        await pilot.click(pilot.app.monitor.latency_chart, offset=(3, 0))
        await settle(pilot)
        assert _shown(pilot) == [HISTOGRAM, HEAT]
        await pilot.click(pilot.app.monitor.panels.histogram, offset=(3, 0))
        await settle(pilot)
        assert _shown(pilot) == [FPS]


async def test_charts_that_come_back_show_what_came_meanwhile() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        await _press(pilot, "v")
        session.set(history=replace(history(60), fps=(700.0,) * 60))
        await redraw(pilot)
        await _press(pilot, "V")
        assert "500┤" in "\n".join(text_of(pilot.app.monitor.fps_chart))


async def test_what_is_not_seen_is_not_asked_for() -> None:
    session = FakeSession()
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        assert (session.bars_requested, session.windows) == ([], [])
        await _press(pilot, "v")
        columns = pilot.app.monitor.panels.histogram.plot_columns
        assert set(session.bars_requested) == {(columns, True)}


@pytest.mark.parametrize("size", [(44, 12), (60, 16), (76, 20), (100, 24)])
async def test_small_terminals_take_every_key(size: tuple[int, int]) -> None:
    session = FakeSession()
    session.past = _past()
    async with running(session, size=size) as pilot:
        keys = ("v", "z", "comma", "pageup", "y", "V", "Z", "full_stop", "pagedown", "escape")
        for key in (*keys, *["v"] * 4, *keys):
            await pilot.press(key)
            await redraw(pilot)
        assert all(len(line) == size[0] for line in screen_text(pilot.app).split("\n"))


async def test_keys_of_the_charts_do_nothing_in_another_tab() -> None:
    async with running(FakeSession(), size=(120, 40)) as pilot:
        await _press(pilot, "2", "z", "comma", "1")
        panels = pilot.app.monitor.panels
        assert not panels.view.is_frozen
        assert panels.view.span.name == "1 min"


async def test_going_from_tab_to_tab_shows_each_again() -> None:
    async with running(FakeSession(), size=(120, 40)) as pilot:
        for _ in range(2):
            await _press(pilot, "2")
            assert _shown(pilot) == []
            await _press(pilot, "1")
            assert _shown(pilot) == [FPS, LATENCY]
            assert "Configuration" in screen_text(pilot.app)


# --- zoom ---------------------------------------------------------------------------------


async def test_zoom_asks_for_each_span_and_goes_round() -> None:
    session = FakeSession()
    async with running(session, size=(120, 40)) as pilot:
        chart = pilot.app.monitor.fps_chart
        cells = chart.plot_columns
        assert _title(chart) == "FPS"
        for name, seconds in (("5 min", 300.0), ("30 min", 1800.0)):
            await _press(pilot, "z")
            window = session.windows[-1]
            assert window.column_s * 2 * cells == pytest.approx(seconds)
            assert window.columns >= 2 * cells
            assert window.end_s is None
            assert _title(chart) == f"FPS · {name}"
        await _press(pilot, "z")
        assert math.isinf(session.windows[-1].column_s)
        assert _title(chart) == "FPS · whole session"
        await _press(pilot, "z")
        assert _title(chart) == "FPS · 15 s"
        assert session.windows[-1].column_s * 2 * cells == pytest.approx(15.0)
        await _press(pilot, "ctrl+down", "ctrl+down")
        requested = len(session.windows)
        await redraw(pilot)
        assert _title(chart) == "FPS"
        assert len(session.windows) == requested
        await _press(pilot, "Z")
        assert _title(chart) == "FPS · 30 s"
        await _press(pilot, "ctrl+up")
        assert _title(chart) == "FPS · 15 s"


async def test_a_merged_column_is_a_stroke_from_its_lowest_to_its_highest() -> None:
    session = FakeSession()
    fps = (195.0, *[100.0] * 39)
    flat = replace(history(40), column_s=2.0, fps=fps)
    low, high = list(fps), list(fps)
    low[20], high[30] = 5.0, 195.0
    async with running(session, size=(120, 40)) as pilot:
        chart = pilot.app.monitor.fps_chart
        session.past = flat
        await _press(pilot, "z")
        plain = [row[GUTTER:] for row in text_of(chart)[2:-1]]
        session.past = replace(flat, column_s=3.0, low_fps=tuple(low), high_fps=tuple(high))
        await _press(pilot, "z")
        stroked = [row[GUTTER:] for row in text_of(chart)[2:-1]]
        columns = chart.plot_columns
        for before, after in zip(plain, stroked, strict=True):
            changed = {x for x in range(columns) if before[x] != after[x]}
            assert changed <= {columns - 20 + 10, columns - 20 + 15}
        # What is filled anyway is in the colour of the line.
        line = next(y for y, row in enumerate(plain) if row[columns - 2] == "⣀")
        for y in range(line + 1, len(plain) - 1):
            low, other = (_style_at(chart, y + 2, GUTTER + columns - x) for x in (10, 9))
            assert low != other
        high = [y for y, row in enumerate(stroked) if row[columns - 5] not in " ┈"]
        assert high[0] < line
        assert "▲" not in "\n".join(text_of(chart))


def _style_at(panel: ChartPanel, y: int, x: int) -> object:
    strip = panel.render_line(y).crop(x, x + 1)
    return next(iter(strip)).style


async def test_a_newest_column_that_grows_is_drawn_again() -> None:
    session = FakeSession()
    async with running(session, size=(120, 40)) as pilot:
        await _press(pilot, "z")
        chart = pilot.app.monitor.fps_chart
        for high in (110.0, 190.0, 195.0):
            session.past = replace(
                history(40),
                column_s=2.0,
                low_fps=(100.0,) * 40,
                high_fps=(100.0,) * 39 + (high,),
                is_open=True,
            )
            await redraw(pilot)
        assert text_of(chart)[3][-2] != " "


# --- scales -------------------------------------------------------------------------------


async def test_the_latency_scale_is_logarithmic_or_linear() -> None:
    session = FakeSession()
    session.set(history=replace(history(), p50_ms=(2.0,) * 40, p99_ms=(90.0,) * 40))
    async with running(session, size=(120, 44)) as pilot:
        chart = pilot.app.monitor.latency_chart
        await _press(pilot, "y")
        assert _title(chart).startswith("Latency · log")
        labels = [row[: GUTTER - 1].strip() for row in text_of(chart)[2:-1]]
        assert [label for label in labels if label] == ["50 ms", "20 ms", "10 ms", "5 ms", "2 ms"]
        plot = [row[GUTTER:] for row in text_of(chart)[2:-1]]
        assert any("\u2800" < char <= "\u28ff" for char in plot[0])
        assert any("\u2800" < char <= "\u28ff" for char in plot[-1])
        await _press(pilot, "y")
        assert "log" not in _title(chart)
        assert text_of(chart)[-2][: GUTTER - 1].strip() == "0"


async def test_where_the_latency_chart_is_not_seen_the_histograms_scale_changes() -> None:
    session = FakeSession()
    async with running(session, size=(120, 40)) as pilot:
        await _press(pilot, "v")
        histogram = pilot.app.monitor.panels.histogram
        assert "· log" in _title(histogram)
        await _press(pilot, "y")
        assert session.bars_requested[-1][1] is False
        assert "· linear" in _title(histogram)


# --- the histogram ------------------------------------------------------------------------


async def test_the_histogram_has_bars_percentiles_and_a_scale() -> None:
    async with running(FakeSession(), size=(120, 40)) as pilot:
        await _press(pilot, "v")
        rows = text_of(pilot.app.monitor.panels.histogram)
        assert "% of 1,000" in rows[0]
        for mark in ("p50", "p90", "p99"):
            assert mark in rows[1]
        columns = pilot.app.monitor.panels.histogram.plot_columns
        plot = [row[GUTTER : GUTTER + columns] for row in rows[2:-1]]
        # The fullest of ten bars is the third; no bar that holds anything is nothing.
        assert set("".join(row[columns // 5 + 2 : columns * 3 // 10 - 2] for row in plot[-8:])) == {
            "█"
        }
        assert all(char in " ┈┊" for row in plot[:-2] for char in row[columns * 7 // 10 :])
        assert all(char in "▁▂▃▄▅▆▇█" for char in plot[-1])
        assert rows[-1].split() == ["ms", "1", "2", "5", "10"]


async def test_the_histogram_tells_what_lies_outside() -> None:
    session = FakeSession()
    session.bars = replace(BARS, above=3, below=1)
    async with running(session, size=(120, 40)) as pilot:
        await _press(pilot, "v")
        title = _title(pilot.app.monitor.panels.histogram)
        assert "3 above (to 1.23 s), 1 below" in title


async def test_the_histogram_follows_the_run_once_a_second() -> None:
    session = FakeSession()
    async with running(session, size=(120, 40)) as pilot:
        await _press(pilot, "v")
        await redraw(pilot)
        requested = len(session.bars_requested)
        session.set_run(stats=replace(STATS, elapsed_s=61.4, count=12400))
        await redraw(pilot)
        assert len(session.bars_requested) == requested
        session.set_run(stats=replace(STATS, elapsed_s=62.1, count=12600))
        await redraw(pilot)
        assert len(session.bars_requested) == requested + 1
        session.set_run(run_id=2)
        await redraw(pilot)
        assert len(session.bars_requested) == requested + 2


@pytest.mark.parametrize("bars", [None, replace(BARS, low_ms=2.0, high_ms=2.02)])
async def test_a_histogram_of_nothing_or_of_one_value(bars: LatencyBars | None) -> None:
    session = FakeSession()
    session.bars = bars
    async with running(session, size=(120, 40)) as pilot:
        await _press(pilot, "v")
        text = "\n".join(text_of(pilot.app.monitor.panels.histogram))
        assert ("No latency has been measured yet." in text) == (bars is None)
        if bars:
            assert "2.01" in text_of(pilot.app.monitor.panels.histogram)[-1]


# --- the heat map -------------------------------------------------------------------------


async def test_the_heat_map_is_shaded_row_by_row() -> None:
    session = FakeSession()
    async with running(session, size=(120, 40)) as pilot:
        await _press(pilot, "v")
        heat_map = pilot.app.monitor.panels.heat_map
        rows = text_of(heat_map)
        assert "up to 100 inferences" in rows[0]
        assert rows[-2][: GUTTER - 1].strip() == "1 ms"
        assert rows[-3][: GUTTER - 1].strip() == "2 ms"
        assert rows[-2].count("█") == 20
        assert rows[-2].endswith("█ ")
        styles = [
            next(s.style for s in heat_map.render_line(y) if "█" in s.text)
            for y in range(len(rows) - 5, len(rows) - 1)
        ]
        assert len(set(styles)) == 4


async def test_without_colours_the_heat_map_has_plain_shades(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(FakeSession(), size=(120, 40)) as pilot:
        await _press(pilot, "v")
        rows = text_of(pilot.app.monitor.panels.heat_map)
        plots = [set(row[GUTTER:]) - set(" ┈") for row in rows[-5:-1]]
        assert plots == [{"░"}, {"▒"}, {"▓"}, {"█"}]


async def test_the_heat_map_stands_on_the_same_columns_as_the_charts() -> None:
    session = FakeSession()
    session.set(history=history(41, (Marker(30, "nireq 8"),), first=7))
    async with running(session, size=(200, 60)) as pilot:
        await redraw(pilot)
        panels = pilot.app.monitor.panels
        marks = [text_of(panel)[1].index("▼") for panel in (panels.fps_chart, panels.heat_map)]
        assert marks[0] == marks[1]
        assert text_of(panels.fps_chart)[-1] == text_of(panels.heat_map)[-1]


# --- frozen view and cursor ---------------------------------------------------------------


async def test_the_cursor_freezes_the_view_and_reads_values() -> None:
    session = FakeSession()
    session.past = _past(200, markers=(Marker(196, "nireq 4", "nireq 2 → 4"),))
    session.set(history=_past(200))
    async with running(session, size=(120, 40)) as pilot:
        chart = pilot.app.monitor.fps_chart
        await _press(pilot, "comma")
        assert session.windows[-1].end_s == 100.0
        assert _title(chart).startswith("At -0.5 s: FPS 298, p50 2.00 ms, p99 4.00 ms")
        await redraw(pilot)
        text = screen_text(pilot.app)
        assert "The charts are frozen; measuring goes on." in text
        await _press(pilot, "comma")
        assert _title(chart).startswith("At -1.5 s: FPS 296")
        assert _title(chart).endswith("nireq 2 → 4")
        await _press(pilot, "ctrl+left")
        assert _title(chart) == "At -11.5 s: FPS 276, p50 2.00 ms, p99 4.00 ms"
        await _press(pilot, "full_stop")
        assert _title(chart).startswith("At -10.5 s: FPS 278")
        assert "▲" in text_of(chart)[-1]
        assert "▲" in text_of(pilot.app.monitor.latency_chart)[-1]
        assert text_of(chart)[-1].rstrip().endswith("frozen")
        # The arrows read, too, and change no setting, whichever row has the cursor.
        await _press(pilot, "left", "down", "h", "right")
        assert _title(chart).startswith("At -11.5 s: FPS 276")
        assert session.requested == []
        await _press(pilot, "up", "right")
        # What is measured meanwhile is in the figures, and not in the charts.
        before = text_of(chart)
        session.set(history=_past(220))
        session.set_run(stats=replace(STATS, fps_now=77.0))
        await redraw(pilot)
        assert text_of(chart) == before
        assert "77.0" in "\n".join(text_of(pilot.app.monitor.stats))
        await _press(pilot, "escape")
        assert _title(chart) == "FPS"
        assert text_of(chart)[-1].rstrip().endswith("now")
        await _press(pilot, "right")
        assert [config.nireq for config in session.requested] == [5]
        await redraw(pilot)
        assert "charts are frozen" not in screen_text(pilot.app)


async def test_a_click_reads_the_cell_under_it() -> None:
    session = FakeSession()
    session.past = _past(200)
    session.set(history=_past(200))
    async with running(session, size=(120, 40)) as pilot:
        chart = pilot.app.monitor.latency_chart
        x = GUTTER + chart.plot_columns - 1 - 12
        await pilot.click(chart, offset=(x, 5))
        await settle(pilot)
        assert _title(pilot.app.monitor.fps_chart).startswith("At -12.5 s: FPS 274")
        assert text_of(chart)[-1][x] == "▲"
        assert text_of(chart)[4][x] == "│"
        await pilot.click(chart, offset=(2, 5))  # beside the plot
        await settle(pilot)
        assert text_of(chart)[-1][x] == "▲"


async def test_the_wheel_scrolls_back_and_to_the_present_again() -> None:
    session = FakeSession()
    session.past = _past(2000)
    session.set(history=_past(2000))
    async with running(session, size=(120, 40)) as pilot:
        chart = pilot.app.monitor.fps_chart
        await pilot._post_mouse_events([_scroll_up()], chart, offset=(20, 5))
        await settle(pilot)
        end_s = session.windows[-1].end_s
        assert end_s is not None
        assert 1000 - end_s == pytest.approx(chart.plot_columns / 8)
        assert pilot.app.monitor.panels.view.cursor_s is None
        axis = text_of(chart)[-1]
        assert "frozen" not in axis
        assert "-20s" in axis
        for _ in range(2):
            await pilot._post_mouse_events([_scroll_down()], chart, offset=(20, 5))
            await settle(pilot)
        assert not pilot.app.monitor.panels.view.is_frozen


def _scroll_up() -> type:
    from textual.events import MouseScrollUp

    return MouseScrollUp


def _scroll_down() -> type:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_paging_scrolls_by_half_the_view() -> None:
    session = FakeSession()
    session.past = _past(2000)
    session.set(history=_past(2000))
    async with running(session, size=(120, 40)) as pilot:
        half_s = pilot.app.monitor.fps_chart.plot_columns / 2
        await _press(pilot, "pageup", "pageup")
        assert session.windows[-1].end_s == pytest.approx(1000 - 2 * half_s)
        await _press(pilot, "pagedown")
        assert session.windows[-1].end_s == pytest.approx(1000 - half_s)


def _live_view(span: str = "1 min") -> LiveView:
    view = LiveView()
    while view.span.name != span:
        view.zoom(1)
    view.set_cells(60, 1.0)
    return view


def test_the_cursor_takes_the_view_along() -> None:
    view = _live_view()
    view.move_cursor(-1, 500.0)
    assert view.cursor_s == 499.5
    for _ in range(61):
        view.move_cursor(-1, 500.0)
    assert view.cursor_s == 438.5
    assert view.end_s - 60 < view.cursor_s < view.end_s < 500.0
    for _ in range(100):
        view.move_cursor(1, 999.0)
    assert view.cursor_s == 499.5
    assert view.end_s == 500.0


def test_there_is_nothing_before_the_start() -> None:
    view = _live_view()
    view.move_cursor(-1, 80.0)
    for _ in range(30):
        view.move_cursor(-10, 80.0)
    assert view.cursor_s == 0.5
    assert view.end_s >= 60.0
    for _ in range(9):
        view.scroll(1.0, 80.0)
    assert view.end_s == 60.0


def test_the_whole_session_does_not_scroll() -> None:
    view = _live_view("whole session")
    view.move_cursor(-1, 500.0)
    view.scroll(0.5, 500.0)
    assert view.end_s == 500.0


def test_zooming_keeps_what_is_read_in_sight() -> None:
    view = _live_view("30 min")
    view.set_cells(60, 30.0)
    view.pick(40, 3000.0)
    cursor_s = view.cursor_s
    assert cursor_s == 3000 - 40 * 30 - 15
    view.zoom(-1)
    assert view.span.name == "5 min"
    assert view.cursor_s == cursor_s
    assert view.end_s - 300 < cursor_s < view.end_s


def test_nothing_is_frozen_before_there_is_anything() -> None:
    view = LiveView()
    view.move_cursor(-1, 0.0)
    view.scroll(1.0, 0.0)
    view.pick(3, 0.0)
    assert not view.is_frozen


async def test_the_charts_begin_short_and_become_longer_until_a_length_is_chosen() -> None:
    session = FakeSession()
    session.set(history=history(4))
    async with running(session, size=(120, 40)) as pilot:
        chart, view = pilot.app.monitor.fps_chart, pilot.app.monitor.panels.view
        seen = []
        for columns in (4, 30, 31, 60, 61, 119, 500):
            session.set(history=history(columns))
            await redraw(pilot)
            seen.append(view.span.seconds)
            assert _title(chart) == "FPS"
        assert seen == [15, 15, 30, 30, 60, 60, 60]
        assert session.windows[0].column_s * 2 * chart.plot_columns == pytest.approx(15.0)
        await _press(pilot, "Z", "Z")
        session.set(history=history(700))
        await redraw(pilot)
        assert _title(chart) == "FPS · 15 s"


async def test_fine_columns_are_asked_for_once_a_second() -> None:
    session = FakeSession()
    session.set(history=history(4))
    async with running(session, size=(120, 40)) as pilot:
        for columns, asked in ((4, 0), (5, 1), (5, 0), (6, 0), (7, 1)):
            before = len(session.windows)
            session.set(history=history(columns))
            await redraw(pilot)
            assert len(session.windows) - before == asked


def test_spans_are_in_order() -> None:
    seconds = [span.seconds for span in SPANS]
    assert seconds == sorted(seconds)


def test_a_reading_tells_peaks_gaps_and_events() -> None:
    past = replace(
        history(6),
        fps=(100.0, 120.0, NAN, NAN, 90.0, NAN),
        low_fps=(80.0, 115.0, NAN, NAN, 90.0, NAN),
        high_fps=(130.0, 125.0, NAN, NAN, 90.0, NAN),
        p99_ms=(4.0, 9.0, NAN, NAN, 5.0, NAN),
        p50_ms=(2.0, 3.0, NAN, NAN, 2.0, NAN),
        markers=(Marker(3, "paused"), Marker(5, "nireq 4", "nireq [b]2 → 4\x1b")),
    )
    assert reading(past, 0, 10.0) == (
        "At -9.5 s: FPS 110 (80.0 to 130), p50 2.50 ms, p99 9.00 ms; paused"
    )
    assert reading(past, 1, 10.0) == "At -8.5 s: nothing ran; paused; nireq [b]2 → 4·"
    assert reading(past, 2, 10.0).startswith("At -7.5 s: FPS 90.0, p50 2.00 ms, p99 5.00 ms")
    assert reading(past, 2, 4002.5).startswith("At -1:06:40:")
    assert reading(past, 77, 10.0).startswith("At 0.0 s: nothing ran")
    assert reading(past, -3, 10.0).endswith("nothing ran")


# --- pictures -----------------------------------------------------------------------------


def _wavy(columns: int = 400) -> History:
    fps = tuple(280 + 40 * math.sin(n / 9) for n in range(columns))
    return History(
        column_s=0.5,
        first_column=0,
        fps=fps,
        p50_ms=tuple(2000 / value for value in fps),
        p99_ms=tuple(3000 / value + (n % 37 == 0) * 6 for n, value in enumerate(fps)),
        markers=(Marker(columns - 60, "nireq 4", "nireq 2 → 4"),),
    )


@pytest.mark.parametrize("size", SIZES)
async def test_pictures_of_the_charts(size: tuple[int, int]) -> None:
    session = FakeSession()
    session.set(history=_wavy())
    session.past = _wavy()
    width = f"{size[0]}x{size[1]}"
    async with running(session, size=size) as pilot:
        await redraw(pilot)
        assert_picture(f"live_{width}", screen_text(pilot.app))
        if size == (200, 60):
            return
        await _press(pilot, *(["v"] if size == (120, 40) else ["v", "v"]))
        await redraw(pilot)
        assert_picture(f"live_histogram_{width}", screen_text(pilot.app))
        await _press(pilot, "V", *["comma"] * 30)
        await redraw(pilot)
        assert_picture(f"live_cursor_{width}", screen_text(pilot.app))
