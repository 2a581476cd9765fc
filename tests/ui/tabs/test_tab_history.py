"""The History tab: list, run again, overlay, comparison and deletion, and a slow or broken disk."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ovbench_tui.compare.repository import ComparingRepository
from ovbench_tui.console.format import DASH
from ovbench_tui.console.text import width_of
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.engine.api.snapshot import Marker
from ovbench_tui.errors import OvbenchError
from ovbench_tui.history.errors import HistoryError, NoSuchRunError
from ovbench_tui.history.location import history_path
from ovbench_tui.history.reader import HistoryEntry, HistoryRun
from ovbench_tui.history.repository import HistoryList
from ovbench_tui.reports.machine import Machine
from ovbench_tui.stats.run_stats import Comparison, RunSeries
from ovbench_tui.ui.charts.overlay import past_run
from ovbench_tui.ui.tabs.history.history_view import HistoryView
from ovbench_tui.ui.tabs.history.past_rows import COLUMNS, rows_of
from ovbench_tui.ui.tabs.registry import TABS
from tests.ui.fakes import (
    CONFIG,
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
    until,
)
from tests.ui.pictures import assert_picture
from tests.ui.tab_pilot import body, click_tab
from tests.unit.kept_runs import finished_run, write_runs

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
MACHINE = Machine("Some processor", 4, 4, "Linux", "3.11", "2026.4.1", ())
THIS, OTHER = "this-machine", "other-machine"


def _entry(run_id: int, **changes: object) -> HistoryEntry:
    entry = HistoryEntry(
        id=run_id,
        started_at=BEGAN + timedelta(minutes=run_id),
        ending="changed",
        isolated=False,
        model_name="mobilenet-v2",
        model_path="mobilenet-v2",
        model_hash="",
        machine_id=THIS,
        cpu="Some processor",
        cpus=4,
        os="Linux",
        openvino="2026.4.1-21000-abc",
        ovbench_tui="0.3",
        device="CPU",
        hint="throughput",
        nireq=4,
        streams="2",
        fps_mean=250.0 + run_id,
        p50_ms=1.5,
        p99_ms=3.0,
        count=1000 * run_id,
        elapsed_s=61.0,
        verdict="stable",
    )
    return replace(entry, **changes)


RUNS = (
    _entry(44, hint="latency", nireq=1, verdict="unstable", ending="failed"),
    _entry(43, model_name="yolo.xml", model_path="/models/gone/yolo.xml", fps_mean=12.5),
    _entry(42, fps_mean=281.4, machine_id=OTHER, cpu="Another processor", cpus=64),
    _entry(7, device="AUTO:GPU,CPU", streams="", fps_mean=NAN, p50_ms=NAN, p99_ms=NAN),
)
SERIES = RunSeries(
    step_s=0.5,
    counts=(25,) * 20,
    frames=(25,) * 20,
    mean_ms=(3.0,) * 20,
    p50_ms=(3.0,) * 20,
    p99_ms=(6.0,) * 20,
)


class FakeHistory:
    """Keeps what it is given; every answer waits while `gate` is closed."""

    def __init__(self, *entries: HistoryEntry) -> None:
        self.entries = entries
        self.series = SERIES
        self.reason: OvbenchError | None = None
        self.sentences: tuple[str, ...] = ()
        self.reads = 0
        self.limits: list[int] = []
        self.deleted: list[int] = []
        self.compared: list[tuple[int, RunSeries]] = []
        self.threads: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()

    def _wait(self) -> None:
        self.threads.add(threading.get_ident())
        assert self.gate.wait(60)
        if self.reason is not None:
            raise self.reason

    def newest(self, limit: int) -> HistoryList:
        self._wait()
        self.limits.append(limit)
        self.reads += 1
        return HistoryList(self.entries, THIS, self.sentences)

    def load(self, run_id: int) -> HistoryRun:
        self._wait()
        entry = next((entry for entry in self.entries if entry.id == run_id), None)
        if entry is None:
            raise NoSuchRunError(f"The history has no run {run_id}.")
        config = replace(CONFIG, model=entry.model_path, hint=entry.hint, nireq=entry.nireq)
        stats = replace(STATS, fps_mean=entry.fps_mean, p50_ms=entry.p50_ms, p99_ms=entry.p99_ms)
        view = replace(FakeSession._run(run_id, config), stats=stats)
        return HistoryRun(entry, RunResult(view, (), None, self.series), MACHINE)

    def delete(self, run_id: int) -> None:
        self._wait()
        self.deleted.append(run_id)
        self.entries = tuple(entry for entry in self.entries if entry.id != run_id)

    def compare(self, run_id: int, series: RunSeries) -> tuple[Comparison, ...]:
        self._wait()
        self.compared.append((run_id, series))
        return (
            Comparison("fps", 0.95, 0.93, 0.97, 0.95, 240),
            Comparison("p50_ms", 1.0, 0.94, 1.06, 0.95, 240, seconds=60.0),
            Comparison("p99_ms", NAN, NAN, NAN, 0.95, 0, reason="it is too short"),
        )


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pictures show local times."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@asynccontextmanager
async def listed(
    kept: FakeHistory | None,
    size: tuple[int, int] = (120, 40),
    session: FakeSession | None = None,
    *,
    waits: bool = True,
) -> AsyncIterator[tuple[Pilot[None], HistoryView]]:
    """The app with the tab open and its list read."""
    async with running(session or FakeSession(), size=size, history=kept) as pilot:
        await pilot.press("H")
        await settle(pilot)
        view = pilot.app.screen.query_one(HistoryView)
        assert view.has_focus
        if kept is not None and waits:
            await until(pilot, lambda: kept.reads == 1 and not view._is_reading)
        yield pilot, view


def _title(pilot: Pilot[None], chart: str = "fps_chart") -> str:
    return text_of(getattr(pilot.app.monitor, chart))[0]


def _message(pilot: Pilot[None]) -> str:
    return pilot.app.monitor.message.text


async def _do(pilot: Pilot[None], view: HistoryView, *keys: str) -> None:
    await pilot.press(*keys)
    await until(pilot, lambda: not view._doing)


# --- the list -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int]) -> None:
    session = FakeSession()
    session.run_series = SERIES
    name = f"{size[0]}x{size[1]}"
    async with listed(FakeHistory(*RUNS), size, session) as (pilot, view):
        await pilot.press("down", "down")
        assert_picture(f"history_{name}", body(view))
        await _do(pilot, view, "c")
        assert_picture(f"history_compared_{name}", body(view))
        await _do(pilot, view, "o")
        await pilot.press("1")
        await redraw(pilot)
        assert_picture(f"history_overlay_{name}", screen_text(pilot.app))


@pytest.mark.parametrize("size", [(44, 12), (60, 15), *SIZES])
async def test_every_size_shows_a_run_and_no_line_is_too_wide(size: tuple[int, int]) -> None:
    async with listed(FakeHistory(*RUNS), size) as (_, view):
        assert "281 " in body(view)
        assert {width_of(line) for line in text_of(view)} == {size[0]}


async def test_a_click_opens_it_and_every_title_is_seen_at_80_columns() -> None:
    kept = FakeHistory(*RUNS)
    async with running(FakeSession(), size=(80, 24), history=kept) as pilot:
        bar = text_of(pilot.app.monitor.tab_bar)[0]
        for tab in TABS:
            assert tab.title in bar
        view = await click_tab(pilot, "history", "9")
        await until(pilot, lambda: "yolo" in body(view))


async def test_the_newest_come_first_and_the_list_is_bounded_sorted_and_filtered() -> None:
    kept = FakeHistory(*RUNS)
    async with listed(kept) as (pilot, view):
        assert kept.limits == [1000]
        assert [row.key for row in view.table.seen] == [44, 43, 42, 7]
        view.table.sort("FPS")
        assert [row.key for row in view.table.seen] == [44, 42, 43, 7]
        await pilot.press("slash", *"gone")
        assert [row.key for row in view.table.seen] == [43]
        await pilot.press("escape")
        assert len(view.table.seen) == 4


async def test_the_list_is_read_again_when_the_tab_is_opened_and_when_a_run_has_ended() -> None:
    session, kept = FakeSession(), FakeHistory(*RUNS)
    async with listed(kept, session=session) as (pilot, view):
        kept.entries = (_entry(45), *RUNS)
        await pilot.press("1", "H")
        await until(pilot, lambda: kept.reads == 2)
        assert view.table.seen[0].key == 45
        run = session.view.run
        assert run is not None
        kept.entries = (_entry(46), *kept.entries)
        session.set(past_runs=(run,))
        await redraw(pilot)
        await until(pilot, lambda: kept.reads == 3)
        assert view.table.seen[0].key == 46
        await pilot.press("u")
        await until(pilot, lambda: kept.reads == 4)


async def test_a_frame_alone_draws_nothing() -> None:
    async with listed(FakeHistory(*RUNS)) as (pilot, view):
        await redraw(pilot)
        view.paint = None  # type: ignore[assignment, method-assign]
        await redraw(pilot)
        await redraw(pilot)


async def test_what_the_history_says_goes_to_no_thread_of_the_screen() -> None:
    kept = FakeHistory(*RUNS)
    async with listed(kept) as (pilot, view):
        await _do(pilot, view, "o")
        assert kept.threads
        assert threading.get_ident() not in kept.threads


# --- nothing, slow, broken ------------------------------------------------------------------


async def test_without_a_history_it_says_so_and_its_keys_do_nothing() -> None:
    async with listed(None) as (pilot, view):
        assert "started with --no-history" in body(view)
        await pilot.press("enter", "o", "c", "d", "u")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor


async def test_an_empty_history_says_what_to_do() -> None:
    async with listed(FakeHistory()) as (pilot, view):
        assert "The history has no runs yet" in body(view)
        await pilot.press("enter", "o", "c", "d")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor


async def test_a_slow_disk_freezes_nothing() -> None:
    session, kept = FakeSession(), FakeHistory(*RUNS)
    kept.gate.clear()
    async with listed(kept, session=session, waits=False) as (pilot, view):
        assert "Reading the history" in body(view)
        await pilot.press("space", "u")
        await settle(pilot)
        assert session.pauses == 1
        kept.gate.set()
        await until(pilot, lambda: kept.reads == 2)
        kept.gate.clear()
        await pilot.press("enter", "o")
        await settle(pilot)
        assert "reading …" in body(view)
        assert _message(pilot) == "One moment: reading."
        kept.gate.set()
        await until(pilot, lambda: not view._doing)


async def test_what_cannot_be_read_is_one_sentence() -> None:
    kept = FakeHistory(*RUNS)
    kept.reason = HistoryError("The history is damaged.")
    async with listed(kept, waits=False) as (pilot, view):
        await until(pilot, lambda: "The history is damaged." in body(view))
        kept.reason = None
        await pilot.press("u")
        await until(pilot, lambda: "281 " in body(view))
        kept.reason = HistoryError("The history is locked.")
        await _do(pilot, view, "o")
        assert _message(pilot) == "The history is locked."
        assert "281 " in body(view)


async def test_what_the_reader_tells_is_passed_on() -> None:
    kept = FakeHistory(*RUNS)
    kept.sentences = ("One row is damaged and left out of the list.",)
    async with listed(kept) as (pilot, _):
        assert _message(pilot) == kept.sentences[0]


async def test_an_error_of_ours_is_not_swallowed() -> None:
    kept = FakeHistory(*RUNS)
    kept.reason = ValueError("ours")  # type: ignore[assignment]
    with pytest.raises(ValueError, match="ours"):
        async with listed(kept, waits=False) as (pilot, _):
            await until(pilot, lambda: not pilot.app.is_running)


async def test_leaving_waits_for_no_disk_and_what_comes_late_hurts_nobody() -> None:
    kept = FakeHistory(*RUNS)
    kept.gate.clear()
    raised: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", raised.append)
        async with listed(kept, waits=False) as (pilot, _):
            await pilot.press("q")
        tasks = [thread for thread in threading.enumerate() if thread.name == "ovbench-background"]
        assert tasks
        kept.gate.set()
        for thread in tasks:
            thread.join(60)
            assert not thread.is_alive()
    assert raised == []


# --- run again ----------------------------------------------------------------------------


async def test_enter_runs_a_configuration_again_and_keeps_when_a_run_ends() -> None:
    session = FakeSession(replace(CONFIG, duration_s=60.0))
    async with listed(FakeHistory(*RUNS), session=session) as (pilot, view):
        await _do(pilot, view, "enter")
        assert session.requested == [replace(CONFIG, hint="latency", nireq=1, duration_s=60.0)]
        await _do(pilot, view, "enter")
        assert len(session.requested) == 1
        assert _message(pilot) == "The configuration of run 44 of the history is what runs."


async def test_a_model_that_is_gone_is_one_sentence() -> None:
    session = FakeSession()
    async with listed(FakeHistory(*RUNS), session=session) as (pilot, view):
        await _do(pilot, view, "down", "enter")
        assert session.requested == []
        assert _message(pilot).startswith("Run 43 cannot be run again: ")
        assert "/models/gone/yolo.xml" in _message(pilot)


async def test_a_second_click_runs_a_row() -> None:
    session = FakeSession()
    async with listed(FakeHistory(*RUNS), session=session) as (pilot, view):
        y = next(y for y, line in enumerate(text_of(view)) if "281 " in line)
        for _ in range(2):
            await pilot.click(view, offset=(20, y))
        await until(pilot, lambda: bool(session.requested))
        assert session.requested[0].nireq == 4


# --- overlay ------------------------------------------------------------------------------


async def test_an_old_run_is_laid_over_and_taken_off_again() -> None:
    session = FakeSession()
    async with listed(FakeHistory(*RUNS), session=session) as (pilot, view):
        await _do(pilot, view, "down", "down", "o")
        await redraw(pilot)
        assert "run 42 on the charts" in body(view)
        await pilot.press("1")
        await redraw(pilot)
        assert "history 42: 281 FPS" in _title(pilot)
        assert "history 42: p50 1.50 ms, p99 3.00 ms" in _title(pilot, "latency_chart")
        await pilot.press("o")
        await settle(pilot)
        assert "history 42" not in screen_text(pilot.app)
        await pilot.press("o")
        await settle(pilot)
        assert "history 42" in _title(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert "history 42" not in screen_text(pilot.app)
        await pilot.press("H")
        await settle(pilot)
        await _do(pilot, view, "o")
        await redraw(pilot)
        assert "run 42 on the charts" in body(view)
        await _do(pilot, view, "o")
        await redraw(pilot)
        assert "on the charts" not in body(view)


async def test_escape_first_goes_back_to_the_present() -> None:
    async with listed(FakeHistory(*RUNS)) as (pilot, view):
        await _do(pilot, view, "o")
        await pilot.press("1")
        await redraw(pilot)
        await pilot.press("comma", "escape")
        await settle(pilot)
        assert not pilot.app.monitor.panels.view.is_frozen
        assert "history 44" in _title(pilot)


async def test_without_an_old_run_the_key_says_where_they_are() -> None:
    async with running(FakeSession()) as pilot:
        await pilot.press("o")
        await settle(pilot)
        assert "one of the tab History" in _message(pilot)


def _drawn(pilot: Pilot[None]) -> str:
    """The codes of the FPS chart's plot: o is the old run, u the fill."""
    chart = pilot.app.monitor.fps_chart
    return "\n".join(codes for _, codes in chart._texts.values())


async def _laid_over(
    pilot: Pilot[None], session: FakeSession, elapsed_s: float, series: RunSeries
) -> None:
    """An old run of 50 FPS or as it says, under 100 FPS, `elapsed_s` after the run has begun."""
    session.set_run(stats=replace(STATS, elapsed_s=elapsed_s))
    await redraw(pilot)
    fps = series.frames[0] / series.step_s if series.frames else 50.0
    stats = replace(STATS, fps_mean=fps)
    pilot.app.monitor.panels.lay_over(past_run(42, series, stats))
    await redraw(pilot)


async def test_an_old_run_lies_under_the_current_one_from_its_start() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await _laid_over(pilot, session, 8.0, SERIES)
        row = next(line for line in _drawn(pilot).split("\n") if "o" in line)
        # Twenty seconds are seen: dashes, then eight seconds of a whole line; all in the fill.
        assert row[-20:] == "ou" * 6 + "oooooooo"


async def test_a_run_that_is_longer_goes_on_over_dashes() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await _laid_over(pilot, session, 18.0, SERIES)
        row = next(line for line in _drawn(pilot).split("\n") if "o" in line)
        assert row[-18:] == "o" * 10 + "ou" * 4


async def test_the_old_run_moves_when_another_begins() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await _laid_over(pilot, session, 18.0, SERIES)
        assert "o" * 10 in _drawn(pilot)
        session.set_run(run_id=2, stats=replace(STATS, elapsed_s=1.0))
        session.set(history=history(42))
        await redraw(pilot)
        row = next(line for line in _drawn(pilot).split("\n") if "o" in line)
        assert row[-21:] == "ou" * 10 + "o"


async def test_the_scale_makes_room_for_a_faster_old_run() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        fast = replace(SERIES, frames=(400,) * 20)
        await _laid_over(pilot, session, 8.0, fast)
        assert "800" in "\n".join(text_of(pilot.app.monitor.fps_chart))
        assert "o" in _drawn(pilot)


async def test_an_old_run_without_a_series_is_a_dashed_line() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await _laid_over(pilot, session, 8.0, RunSeries())
        row = next(line for line in _drawn(pilot).split("\n") if "o" in line)
        assert row[-8:] in ("ouououou", "uouououo")


async def test_the_lines_stay_on_top_and_marks_stay_seen() -> None:
    session = FakeSession()
    session.set(history=history(40, (Marker(20, "nireq 8"),)))
    async with running(session) as pilot:
        same = replace(SERIES, frames=(50,) * 20)
        await _laid_over(pilot, session, 8.0, same)
        rows = [row[-20:] for row in _drawn(pilot).split("\n")]
        line = next(y for y, row in enumerate(rows) if "0" in row)
        assert set(rows[line]) == {"0"}
        assert set("".join(rows[line + 1 :])) == {"u", "m"}


async def test_a_frame_without_a_new_column_draws_no_cell_again() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await _laid_over(pilot, session, 8.0, SERIES)
        chart = pilot.app.monitor.fps_chart
        chart._cell = None  # type: ignore[assignment, method-assign]
        await redraw(pilot)


@pytest.mark.parametrize("key", ["z", "Z", "y"])
async def test_it_is_drawn_at_every_zoom_and_scale(key: str) -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await _laid_over(pilot, session, 8.0, SERIES)
        for _ in range(6):
            await pilot.press(key)
            await redraw(pilot)
            assert "history 42" in _title(pilot)
            assert "p" in _drawn(pilot) or "o" in _drawn(pilot)


# --- comparison ---------------------------------------------------------------------------


async def test_a_comparison_says_what_differs_and_how_sure_that_is() -> None:
    session, kept = FakeSession(), FakeHistory(*RUNS)
    session.run_series = SERIES
    async with listed(kept, session=session) as (pilot, view):
        await _do(pilot, view, "down", "down", "c")
        assert kept.compared == [(42, SERIES)]
        text = body(view)
        assert "A = run 42 of the history, B = run 1 of this session, 61 s so far" in text
        assert "B is 5.0 % slower (95 % interval 3.0 to 7.0 %)." in text
        assert "Undecided: noise ±6.0 %, about 4 min more of each needed (B's p50" in text
        assert "Nothing can be said about p99: it is too short." in text
        assert "What differs: nireq auto, another build of 2026.4.1, another machine." in text
        await pilot.press("escape")
        assert "A = run 42" not in body(view)


async def test_without_a_figure_there_is_nothing_to_compare() -> None:
    kept = FakeHistory(*RUNS)
    async with listed(kept) as (pilot, view):
        await _do(pilot, view, "c")
        assert kept.compared == []
        assert _message(pilot) == "There is nothing to compare yet: nothing has been measured."


# --- deletion -----------------------------------------------------------------------------


async def test_a_run_is_deleted_only_after_a_yes() -> None:
    kept = FakeHistory(*RUNS)
    async with listed(kept) as (pilot, view):
        for keys in (("d", "escape"), ("d", "enter"), ("delete", "escape")):
            await pilot.press(keys[0])
            await settle(pilot)
            assert "Delete run 44, mobilenet-v2 of 2026-03-01" in screen_text(pilot.app)
            await pilot.press(keys[1])
            await settle(pilot)
        assert kept.deleted == []
        await pilot.press("d")
        await settle(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: kept.reads >= 2 and not view._is_reading)
        assert kept.deleted == [44]
        assert [row.key for row in view.table.seen] == [43, 42, 7]
        assert _message(pilot) == "Run 44 of the history is deleted."


SWEPT = "sweep 3f9a2c41"
SEARCHED = (
    _entry(50),
    _entry(49, search=SWEPT, config_key="a", nireq=4, fps_mean=400.0),
    _entry(48, search=SWEPT, config_key="b", nireq=2, fps_mean=900.0),
    _entry(47, search="tune 00c0ffee", fps_mean=NAN),
    _entry(46, search=SWEPT, config_key="c", nireq=1, fps_mean=300.0),
)


async def test_the_runs_of_a_search_are_one_row_that_opens() -> None:
    kept = FakeHistory(*SEARCHED, *RUNS)
    async with listed(kept) as (pilot, view):
        assert [row.key for row in view.table.seen][:3] == [50, SWEPT, "tune 00c0ffee"]
        assert "9 runs" in text_of(view)[0]
        await pilot.press("down")
        await settle(pilot)
        line = next(line for line in text_of(view) if "▸ sweep (3 points), mob" in line)
        assert "900" in line
        assert "best of sweep (3 points): mobilenet-v2" in body(view)
        assert "enter Open" in text_of(pilot.app.monitor.footer)[0]
        await pilot.press("enter")
        await settle(pilot)
        assert [row.key for row in view.table.seen][:6] == [50, SWEPT, 49, 48, 46, "tune 00c0ffee"]
        assert "▾ sweep (3 points)" in body(view)
        await pilot.press("down", "left")
        await settle(pilot)
        assert [row.key for row in view.table.seen][:3] == [50, SWEPT, "tune 00c0ffee"]
        assert view.table.row is not None
        assert view.table.row.key == SWEPT
        assert pilot.app._requested == CONFIG


async def test_a_search_is_deleted_as_a_whole_after_a_yes() -> None:
    kept = FakeHistory(*SEARCHED, *RUNS)
    async with listed(kept) as (pilot, view):
        await pilot.press("down", "d")
        await settle(pilot)
        assert "Delete sweep (3 points), mobilenet-v2 of 2026-03-01" in screen_text(pilot.app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: kept.reads >= 2 and not view._is_reading)
        assert sorted(kept.deleted) == [46, 48, 49]
        assert SWEPT not in [row.key for row in view.table.seen]


async def test_a_run_that_another_instance_deleted_is_told() -> None:
    kept = FakeHistory(*RUNS)
    async with listed(kept) as (pilot, view):
        kept.entries = RUNS[1:]
        await _do(pilot, view, "o")
        assert _message(pilot) == "The history has no run 44."
        await until(pilot, lambda: view.table.seen[0].key == 43)


# --- hostile text, many rows ----------------------------------------------------------------


async def test_text_from_the_database_cannot_hurt() -> None:
    bad = _entry(
        9,
        model_name="[bold]\x1b[31mx\u202e",
        model_path="/a\nb",
        device="\x07" * 5000,
        verdict="[/]",
        streams="9" * 5000,
        fps_mean=math.inf,
        elapsed_s=math.inf,
    )
    async with listed(FakeHistory(bad), (200, 60)) as (pilot, view):
        assert "[bold]·[31mx·" in body(view)
        await pilot.press("d")
        await settle(pilot)
        assert "Delete run 9, [bold]" in screen_text(pilot.app)


def test_a_thousand_rows_are_made_and_nothing_is_lost() -> None:
    many = HistoryList(tuple(_entry(n) for n in range(1000, 0, -1)), THIS)
    assert [row.key for row in rows_of(many)] == list(range(1000, 0, -1))


# --- the real database ----------------------------------------------------------------------


async def test_the_real_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(tmp_path / "history.db"))
    runs = [
        finished_run("mobilenet-v2", model_format="built-in"),
        finished_run(str(tmp_path / "gone.xml"), began=BEGAN + timedelta(days=1)),
    ]
    write_runs(history_path(), *runs)
    session = FakeSession()
    session.run_series = SERIES
    async with running(session, history=ComparingRepository()) as pilot:
        await pilot.press("H")
        view = pilot.app.screen.query_one(HistoryView)
        await until(pilot, lambda: len(view.table.seen) == 2)
        assert [row.key for row in view.table.seen] == [2, 1]
        await _do(pilot, view, "enter")
        assert "Run 2 cannot be run again" in _message(pilot)
        await _do(pilot, view, "down", "enter")
        assert session.requested[-1].model == "mobilenet-v2"
        await _do(pilot, view, "o")
        await redraw(pilot)
        assert "run 1 on the charts" in body(view)
        await _do(pilot, view, "c")
        assert "A = run 1 of the history" in body(view)
        await pilot.press("d")
        await settle(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: [row.key for row in view.table.seen] == [2])
    assert [entry.id for entry in ComparingRepository().newest(10).entries] == [2]


def test_the_shelf_compares_as_the_command_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(tmp_path / "history.db"))
    steady = RunSeries(
        step_s=0.25,
        counts=(100, 101) * 60,
        frames=(100, 101) * 60,
        mean_ms=(7.0, 7.1) * 60,
        p50_ms=(6.9, 7.0) * 60,
        p99_ms=(8.5, 8.6) * 60,
    )
    run = finished_run("mobilenet-v2", model_format="built-in")
    write_runs(history_path(), replace(run, result=replace(run.result, series=steady)))
    slower = replace(steady, frames=(80, 81) * 60)
    fps, p50, p99 = ComparingRepository().compare(1, slower)
    assert fps.is_real
    assert fps.ratio == pytest.approx(80.5 / 100.5)
    assert not p50.is_real
    assert p99.figure == "p99_ms"
    with pytest.raises(NoSuchRunError):
        ComparingRepository().compare(2, slower)


def test_a_run_of_one_inference_shows_no_figures() -> None:
    lone, few, many = (
        {column.title: cell for column, cell in zip(COLUMNS, row.cells, strict=True)}
        for row in rows_of(
            HistoryList(
                tuple(_entry(9 - n, count=count) for n, count in enumerate((1, 300, 9000))), THIS
            )
        )
    )
    assert [lone[title].text for title in ("FPS", "p50", "p99")] == [DASH] * 3
    assert [few[title].style for title in ("FPS", "p50", "p99")] == ["value", "value", "label"]
    assert [many[title].style for title in ("FPS", "p50", "p99")] == ["value"] * 3
