"""Who used the CPU, under the charts: the same cells, the same cursor, little drawn."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from ovbench_tui.engine.api.machine import MachineColumns
from ovbench_tui.system.largest_process import OtherProcess
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.machine_strip import MachineStrip
from tests.ui.fakes import (
    FakeSession,
    history,
    machine_columns,
    redraw,
    running,
    settle,
    text_of,
)

_NAN = math.nan


def _strip(pilot: Pilot[None]) -> MachineStrip:
    strip: MachineStrip = pilot.app.monitor.panels.machine
    return strip


def _title(pilot: Pilot[None]) -> str:
    return text_of(_strip(pilot))[0].strip()


async def test_the_title_has_the_newest_shares_and_who_takes_them() -> None:
    async with running(FakeSession()) as pilot:
        await redraw(pilot)
        assert _title(pilot) == "CPU  ours 51 %  others 49 % (python3, pid 812)"
        _, ours, others = text_of(_strip(pilot))
        assert ours[:GUTTER] == "  ours "
        assert others[:GUTTER] == "others "
        assert set(ours[GUTTER:].strip()) == {"▅"}
        assert set(others[GUTTER:].strip()) == {"▄"}


async def test_it_asks_for_the_cells_of_the_charts() -> None:
    session = FakeSession()
    session.set(history=history(41, first=160))  # the newest is number 200, in cell 100
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        cells = pilot.app.monitor.latency_chart.plot_columns
        assert session.cells_requested[-1] == (100 - cells + 1, cells, 1.0)
        ours = text_of(_strip(pilot))[1]
        assert len(ours[GUTTER:].rstrip()) == cells
        await pilot.press("z")
        await settle(pilot)
        first, wanted, cell_s = session.cells_requested[-1]
        assert (wanted, cell_s) == (cells, 2 * session.view.history.column_s)
        assert first == 100 - cells + 1


async def test_half_a_cell_waits_as_it_does_on_the_charts() -> None:
    session = FakeSession()
    session.set(history=history(42, first=158))  # the newest is number 199
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        cells = pilot.app.monitor.latency_chart.plot_columns
        lasts = []
        for first in (159, 160, 161):
            session.set(history=history(42, first=first))
            await redraw(pilot)
            lasts.append(session.cells_requested[-1][0] + cells - 1)
        assert lasts == [99, 100, 100]


async def test_the_cursor_reads_the_cell_that_it_reads_on_the_charts() -> None:
    session = FakeSession()
    session.past = history(200)
    session.set(history=session.past)
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.latency_chart
        cells = chart.plot_columns
        columns = machine_columns(cells)
        place = cells - 5
        session.machine_columns = replace(
            columns,
            own_share=(*columns.own_share[:place], 0.07, *columns.own_share[place + 1 :]),
            largest=(*columns.largest[:place], None, *columns.largest[place + 1 :]),
        )
        await pilot.click(chart, offset=(GUTTER + place, 5))
        await settle(pilot)
        assert _title(pilot) == "CPU  ours 7 %  others 49 %"
        assert text_of(_strip(pilot))[1][GUTTER + place] == "▁"
        # A click on the strip reads, too, and all charts with it.
        await pilot.click(_strip(pilot), offset=(GUTTER + place - 3, 1))
        await settle(pilot)
        assert _title(pilot) == "CPU  ours 51 %  others 49 % (python3, pid 812)"
        assert text_of(chart)[-1][GUTTER + place - 3] == "▲"


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"others_share": (0.05,) * 3}, "CPU  ours 51 %  others 5 %"),
        (
            {"largest": (OtherProcess("cc1plus", 9, 0.03),) * 3},
            "CPU  ours 51 %  others 49 % (cc1plus, pid 9, alone 3 %)",
        ),
        (
            {"frequency_ghz": (3.1, 3.0, 2.913), "throttles": (0.0, 1.2, 0.9)},
            "CPU  ours 51 %  others 49 % (python3, pid 812)  2.91 GHz  throttled 2x",
        ),
        (  # the newest second is not over yet
            {"own_share": (0.5, 0.4, _NAN), "others_share": (0.1, 0.05, _NAN)},
            "CPU  ours 40 %  others 5 %",
        ),
        ({"own_share": (_NAN,) * 3, "others_share": (_NAN,) * 3}, "CPU  not known"),
    ],
)
async def test_what_is_known_is_in_the_title(changes: dict[str, object], title: str) -> None:
    session = FakeSession()
    session.machine_columns = replace(machine_columns(3), **changes)
    async with running(session) as pilot:
        await redraw(pilot)
        assert _title(pilot) == title


async def test_a_gap_in_what_is_known_is_a_gap() -> None:
    session = FakeSession()
    session.machine_columns = MachineColumns(
        (0.0, _NAN, 1.0), (0.0, _NAN, 0.5), (_NAN,) * 3, (_NAN,) * 3, (None,) * 3
    )
    async with running(session) as pilot:
        await redraw(pilot)
        assert text_of(_strip(pilot))[1].rstrip() == "  ours ▁ █"


async def test_nothing_is_drawn_while_nothing_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeSession()
    session.set(history=history(40))
    session.machine_columns = machine_columns(70)
    async with running(session) as pilot:
        await redraw(pilot)
        paints: list[int] = []
        monkeypatch.setattr(_strip(pilot), "paint", lambda: paints.append(1))
        await redraw(pilot)
        await redraw(pilot)
        assert paints == []
        session.set(history=history(42))
        await redraw(pilot)
        assert paints == []
        session.machine_columns = replace(session.machine_columns, own_share=(0.2,) * 70)
        session.set(history=history(44))
        await redraw(pilot)
        assert paints == [1]


async def test_it_moves_with_the_charts_once_a_second() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await redraw(pilot)
        before = len(session.cells_requested)
        for columns in (40, 41, 42, 42, 43, 44):
            session.set(history=history(columns))
            await redraw(pilot)
        firsts = [first for first, _, _ in session.cells_requested[before:]]
        assert [first - firsts[0] for first in firsts] == [0, 1, 2]


async def test_where_it_is_not_seen_it_is_not_asked_for() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        await redraw(pilot)
        assert session.cells_requested == []
