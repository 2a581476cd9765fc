"""The Live tab while requests arrive by themselves."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ovbench_tui.console.numbers import DASH
from ovbench_tui.ui.app.overhead_check.self_check_run import why_not
from tests.ui.fakes import CONFIG, STATS, FakeSession, redraw, running, settle, text_of
from tests.unit.load_figures import load_stats


def _arriving(session: FakeSession, arrivals: str = "poisson:100") -> FakeSession:
    run = session.view.run
    assert run is not None
    config = replace(CONFIG, arrivals=arrivals)
    session.set(
        requested=config,
        run=replace(run, config=config, stats=replace(STATS, load=load_stats())),
    )
    return session


def _rows(lines: list[str]) -> list[list[str]]:
    return [line.split() for line in lines]


@pytest.mark.parametrize("size", [(120, 44), (200, 60)])
async def test_waiting_and_service_stand_beside_the_whole_latency(size: tuple[int, int]) -> None:
    async with running(_arriving(FakeSession()), size=size) as pilot:
        await redraw(pilot)
        rows = _rows(text_of(pilot.app.monitor.stats))
        waiting, service = rows.index(["Waiting"]), rows.index(["Service"])
        assert [row[0] for row in rows[waiting + 1 : waiting + 4]] == ["p50", "p90", "p99"]
        assert [row[-2] for row in rows[waiting + 1 : waiting + 4]] == ["2.25", "8.50", "21.0"]
        assert [row[-2] for row in rows[service + 1 : service + 4]] == ["5.25", "6.50", "9.75"]
        shown = {row[0]: row[-1] for row in rows if len(row) == 2}
        assert shown["offered/s"] == "111"
        assert shown["served/s"] == "100"
        assert shown["dropped/s"] == "11.1"
        assert shown["queue"] == "4"
        assert ["longest", "queue", "17"] in rows
        assert shown["dropped"] == "1,109"
        if size == (200, 60):
            assert [row[2:] for row in rows if row[:2] == ["sleep", "error"]] == [["12.3", "µs"]]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_where_not_all_figures_have_room_those_in_between_go(size: tuple[int, int]) -> None:
    async with running(_arriving(FakeSession()), size=size) as pilot:
        await redraw(pilot)
        lines = text_of(pilot.app.monitor.stats)
        text = "\n".join(lines)
        for label in ("Waiting", "Service", "offered/s", "dropped/s", "longest qu", "dropped "):
            assert label in text, label
        labels = [line.split()[0] for line in lines]
        begin = labels.index("Service")
        assert labels[begin + 1 : begin + 3] == ["p50", "p99"]
        if size[1] == 40:
            assert "peak" not in text
            for label in ("count", "elapsed", "sleep error"):
                assert label in text, label


async def test_where_the_feeder_never_slept_there_is_no_error() -> None:
    session = _arriving(FakeSession())
    session.set_run(stats=replace(STATS, load=load_stats(late_mean_ms=math.nan)))
    async with running(session, size=(200, 60)) as pilot:
        await redraw(pilot)
        rows = _rows(text_of(pilot.app.monitor.stats))
        assert next(row[2] for row in rows if row[:2] == ["sleep", "error"]) == DASH


def test_what_arrives_by_itself_is_as_fast_unseen() -> None:
    assert "needs a run without arrivals" in why_not(_arriving(FakeSession()).view)


async def test_the_figures_change_with_the_kind_of_run() -> None:
    session = FakeSession()
    async with running(session, size=(120, 44)) as pilot:
        stats = pilot.app.monitor.stats
        assert ["Waiting"] not in _rows(text_of(stats))
        run = session.view.run
        _arriving(session)
        await redraw(pilot)
        assert ["Waiting"] in _rows(text_of(stats))
        session.set(requested=CONFIG, run=run)
        await redraw(pilot)
        assert ["Waiting"] not in _rows(text_of(stats))


async def test_the_rate_is_a_row_that_steps_and_takes_any_pattern() -> None:
    session = _arriving(FakeSession())
    session.is_slow = True
    async with running(session, size=(120, 44)) as pilot:
        await redraw(pilot)
        selector = pilot.app.monitor.selector
        shown = "\n".join(text_of(selector))
        assert "Arrivals   poisson:100 → 100/s" in shown
        assert "Rate cap" not in shown
        while selector.row != "arrivals":
            await pilot.press("down")
        await pilot.press("right")
        await settle(pilot)
        assert session.requested[-1].arrivals == "poisson:200"
        await pilot.press("left", "left")
        await settle(pilot)
        assert session.requested[-1].arrivals == "poisson:50"
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("ctrl+u", *"none", "enter")
        await settle(pilot)
        assert session.requested[-1].arrivals == ""
        await redraw(pilot)
        assert "Rate cap" in "\n".join(text_of(selector))


async def test_a_scenario_says_live_whether_it_is_valid() -> None:
    session = FakeSession()
    config = replace(CONFIG, scenario="single-stream", api="sync", nireq=1, hint="latency")
    run = session.view.run
    assert run is not None
    run = replace(run, config=config, stats=replace(STATS, elapsed_s=12.0, count=24))
    session.set(requested=config, run=run)
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        (line,) = text_of(pilot.app.monitor.message)
        assert "single-stream: not valid by LoadGen's rules" in line
        assert "duration 12 of 600 s; 24 of 100 queries" in line
        session.set_run(stats=replace(STATS, elapsed_s=600.5, count=20_000))
        await redraw(pilot)
        assert "Scenario: single-stream: valid by LoadGen's rules." in "".join(
            pilot.app.run_notes()
        )
