"""The Runs tab: rows, marks, comparison, pinning and going back, at every size."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.format import DASH
from ovbench_tui.console.text import width_of
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.stats.run_stats import Comparison, Stability
from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.ui.tabs.runs.run_rows import (
    COLUMNS,
    best_marks,
    comparison_cell,
    front_of,
    left_out,
    rows_of,
)
from ovbench_tui.ui.tabs.runs.runs_view import RunsView
from tests.ui.fakes import (
    CONFIG,
    NAN,
    SIZES,
    STATS,
    FakeSession,
    effective,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
)
from tests.ui.pictures import assert_picture

TRIED: tuple[tuple[str, dict[str, object], float, float, float], ...] = (
    ("", {}, 300.0, 6.0, 9.0),
    ("hint latency", {"hint": "latency"}, 220.0, 4.0, 5.0),
    ("nireq 8", {"nireq": 8}, 310.0, 25.0, 40.0),
    ("streams 2, threads 2", {"streams": "2", "threads": 2}, 250.0, 8.0, 14.0),
    ("layer times", {"perf_counts": True}, 999.0, 1.0, 2.0),
    ("face-detection-0200", {"model": "face-detection-0200"}, 40.0, 50.0, 80.0),
    ("mobilenet-v2, hint latency", {"hint": "latency", "nireq": 1}, 180.0, 4.2, 4.9),
)


def _runs() -> tuple[RunView, ...]:
    made = []
    for number, (change, requested, fps, p50_ms, p99_ms) in enumerate(TRIED, 1):
        config = replace(CONFIG, **requested)
        run = replace(
            FakeSession._run(number, config),
            change=change,
            effective=effective(config),
            stats=replace(STATS, fps_mean=fps, p50_ms=p50_ms, p99_ms=p99_ms),
        )
        made.append(run)
    unsteady = Stability(
        Verdict.UNSTABLE, 0.12, 0.5, fps=Steady.UNSTEADY, p99=Steady.UNSTEADY, windows=29
    )
    made[3] = replace(made[3], stability=unsteady)
    return tuple(made)


def _comparison(run_id: int, ratio: float, half: float) -> tuple[int, Comparison]:
    return run_id, Comparison("fps", ratio, ratio - half, ratio + half, 0.95, 240)


def session_of_runs() -> FakeSession:
    """Seven runs, the last of which goes on."""
    session = FakeSession()
    *past, now = _runs()
    session.set(past_runs=tuple(past), run=now, requested=now.config)
    session.comparisons = (
        _comparison(2, 0.733, 0.012),
        _comparison(3, 1.031, 0.012),
        _comparison(4, 0.99, 0.04),
        (5, Comparison("fps", NAN, NAN, NAN, 0.95, 3)),
        _comparison(7, 0.6, 0.01),
    )
    return session


async def _open(pilot: Pilot[None]) -> RunsView:
    await pilot.press("2")
    await settle(pilot)
    view = pilot.app.screen.query_one(RunsView)
    assert view.has_focus
    return view


def _line(view: RunsView, start: str) -> str:
    return next(line for line in text_of(view) if line.lstrip().startswith(start))


async def test_runs_that_were_collected_unlike_get_no_verdict() -> None:
    session = session_of_runs()
    *past, now = _runs()
    past[2] = replace(
        past[2], effective=replace(past[2].effective, collected_by="feeder", feeder_spins=True)
    )
    session.set(past_runs=tuple(past), run=now, requested=now.config)
    async with running(session, size=(200, 60)) as pilot:
        view = await _open(pilot)
        unlike, alike = _line(view, "3 "), _line(view, "2 ")
    assert "not comparable" in unlike
    assert "spin" in unlike
    assert "+3.1 %" not in unlike
    assert "-26.7 %" in alike
    assert "callback" in alike


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int]) -> None:
    async with running(session_of_runs(), size=size) as pilot:
        view = await _open(pilot)
        await pilot.press("down")
        assert_picture(f"runs_{size[0]}x{size[1]}", "\n".join(text_of(view)))


async def test_a_run_has_the_unit_that_it_has_on_the_live_tab() -> None:
    session = FakeSession()
    session.set_run(stats=replace(STATS, p50_ms=0.812, p99_ms=25.25))
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        assert "812    µs" in screen_text(pilot.app)
        view = await _open(pilot)
        assert re.search(r" 812 +µs +25250 +µs ", _line(view, "▸1 ").replace(",", ""))


def test_runs_without_a_place_in_the_scatter_are_counted_with_the_reason() -> None:
    *runs, now = _runs()
    short = replace(runs[1], stats=replace(runs[1].stats, elapsed_s=0.4))
    blank = replace(runs[2], stats=replace(runs[2].stats, p99_ms=NAN))
    assert left_out(runs[:4], now.config.model) == ""
    assert left_out((*runs, short, short, blank, now), now.config.model) == (
        "not shown: 1 of another model, 1 with layers timed, 2 under 1 s, 1 without a p99"
    )


async def test_picture_of_the_scatter_alone() -> None:
    async with running(session_of_runs(), size=(80, 24)) as pilot:
        view = await _open(pilot)
        await pilot.press("g")
        assert_picture("runs_scatter_80x24", "\n".join(text_of(view)))
        await pilot.click(view, offset=(5, 5))
        await pilot.press("g")
        assert "vs baseline" in "\n".join(text_of(view))


@pytest.mark.parametrize("size", [(44, 12), (60, 15), *SIZES])
async def test_every_size_opens_by_a_click_and_shows_a_run(size: tuple[int, int]) -> None:
    async with running(session_of_runs(), size=size) as pilot:
        if size[1] >= 18:
            bar = pilot.app.monitor.tab_bar
            await pilot.click(bar, offset=(text_of(bar)[0].index("2"), 0))
        else:
            await pilot.press("2")
        await settle(pilot)
        view = pilot.app.screen.query_one(RunsView)
        text = "\n".join(text_of(view))
        assert "▸7" in text
        assert " 180 " in text
        assert {width_of(line) for line in text_of(view)} == {size[0]}


async def test_rows_tell_change_difference_and_marks() -> None:
    async with running(session_of_runs(), size=(120, 40)) as pilot:
        view = await _open(pilot)
        assert "baseline" in _line(view, "1 ")
        assert "-26.7 % ± 1.2" in _line(view, "2 ")
        assert " p50 " in _line(view, "2 ")
        assert "+3.1 % ± 1.2" in _line(view, "3 ")
        assert " FPS " in _line(view, "3 ")
        assert "undecided ±" in _line(view, "4 ")
        assert "unsteady" in _line(view, "4 ")
        assert "undecided" in _line(view, "5 ")
        assert "another model" in _line(view, "6 ")


async def test_the_trials_of_a_search_are_one_row_that_opens_and_closes() -> None:
    session = session_of_runs()
    *past, now = _runs()
    past[1:4] = [replace(run, search="tune 3f9a2c41") for run in past[1:4]]
    session.set(past_runs=tuple(past), run=now, requested=now.config)
    async with running(session, size=(200, 60)) as pilot:
        view = await _open(pilot)
        assert [row.key for row in view.table.seen] == [7, 6, 5, "tune 3f9a2c41", 1]
        line = next(line for line in text_of(view) if "▸ tune" in line)
        assert "tune (3 trials), best 310 FPS" in line
        await pilot.press("end", "up")
        await settle(pilot)
        assert "best of tune (3 trials): " in "\n".join(text_of(view))
        await pilot.press("enter")
        await settle(pilot)
        assert [row.key for row in view.table.seen] == [7, 6, 5, "tune 3f9a2c41", 4, 3, 2, 1]
        assert session.requested == []
        await pilot.press("s")  # whatever they are sorted by, the trials stay below their search
        await settle(pilot)
        keys = [row.key for row in view.table.seen]
        place = keys.index("tune 3f9a2c41")
        assert set(keys[place + 1 : place + 4]) == {2, 3, 4}
        await pilot.press("enter")
        await settle(pilot)
        assert len(view.table.seen) == 5
        await pilot.press("right", "down")
        await settle(pilot)
        assert view.table.row is not None
        wanted = next(run for run in _runs() if run.run_id == view.table.row.key)
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == [wanted.config]


async def test_nothing_has_run_yet() -> None:
    async with running(FakeSession(BenchmarkConfig()), size=(80, 24)) as pilot:
        await pilot.press("escape")  # the model picker
        await settle(pilot)
        view = await _open(pilot)
        assert "choose a model" in "\n".join(text_of(view))
        await pilot.press("enter", "p", "v", "g", "g", "down")
        assert pilot.app.is_running


async def test_enter_goes_back_to_a_configuration_but_ends_as_asked_now() -> None:
    session = session_of_runs()
    session.set(requested=replace(session.view.requested, duration_s=30.0))
    async with running(session, size=(120, 40)) as pilot:
        view = await _open(pilot)
        await pilot.press("end", "enter")  # the newest is first, so the first run is last
        await settle(pilot)
        assert session.requested == [replace(CONFIG, duration_s=30.0)]
        assert "Back to the configuration of run 1." in screen_text(pilot.app)
        await redraw(pilot)
        view.table.select(8)
        await pilot.press("enter")
        await settle(pilot)
        assert len(session.requested) == 1


async def test_a_second_click_goes_back_too() -> None:
    session = session_of_runs()
    async with running(session, size=(80, 24)) as pilot:
        view = await _open(pilot)
        y = next(y for y, line in enumerate(text_of(view)) if line.lstrip().startswith("3 "))
        await pilot.click(view, offset=(4, y))
        assert session.requested == []
        await pilot.click(view, offset=(4, y))
        await settle(pilot)
        assert [config.nireq for config in session.requested] == [8]


async def test_pinning_and_the_figure_change_what_is_compared() -> None:
    session = session_of_runs()
    async with running(session, size=(120, 40)) as pilot:
        view = await _open(pilot)
        assert session.compared[-1] == (1, "fps")
        view.table.select(3)
        await pilot.press("p")
        assert session.compared[-1] == (3, "fps")
        assert "against run 3 (pinned)" in text_of(view)[0]
        assert "baseline" in _line(view, "3 ")
        await pilot.press("v")
        assert session.compared[-1] == (3, "p50_ms")
        await pilot.press("v", "v", "p")
        assert session.compared[-1] == (1, "fps")
        assert "against run 1 (the first)" in text_of(view)[0]


async def test_sorting_by_key_and_by_title() -> None:
    async with running(session_of_runs(), size=(120, 40)) as pilot:
        view = await _open(pilot)
        assert [row.key for row in view.table.seen] == [7, 6, 5, 4, 3, 2, 1]
        title = text_of(view)[1]
        await pilot.click(view, offset=(title.index("FPS"), 1))
        assert [row.key for row in view.table.seen][:2] == [5, 3]
        await pilot.press("S")
        assert next(row.key for row in view.table.seen) == 6
        await pilot.press("s")
        assert view.table.sort_by[0] == "p50"


async def test_figures_of_the_current_run_are_taken_once_a_second() -> None:
    session = session_of_runs()
    async with running(session, size=(120, 40)) as pilot:
        view = await _open(pilot)
        requested = len(session.compared)
        run = session.view.run
        assert run is not None
        for elapsed_s in (61.1, 61.5, 61.9):
            session.set_run(stats=replace(run.stats, elapsed_s=elapsed_s, fps_mean=333.3))
            await redraw(pilot)
        assert len(session.compared) == requested
        assert "333 " not in _line(view, "▸7")
        session.set_run(stats=replace(run.stats, elapsed_s=62.0, fps_mean=333.3))
        await redraw(pilot)
        assert len(session.compared) == requested + 1
        assert "333 " in _line(view, "▸7")


async def test_what_is_not_compared_yet_is_asked_for_with_every_frame() -> None:
    session = session_of_runs()
    known, session.comparisons = session.comparisons, ()
    async with running(session, size=(120, 40)) as pilot:
        view = await _open(pilot)
        assert "…" in _line(view, "3 ")
        session.comparisons = known
        await redraw(pilot)
        assert "+3.1 %" in _line(view, "3 ")


async def test_the_help_tells_the_keys_of_the_tab_and_of_its_table() -> None:
    async with running(session_of_runs(), size=(120, 40)) as pilot:
        await _open(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        text = screen_text(pilot.app)
        for piece in ("Run this row's configuration again", "Sort by the next column", "Page down"):
            assert piece in text


def test_the_front_is_what_no_other_run_beats_in_both() -> None:
    runs = [run for run in _runs() if run.config.model == CONFIG.model]
    assert front_of([run for run in runs if not run.config.perf_counts]) == (7, 2, 1, 3)


def test_marks_leave_out_timed_layers_and_compare_within_a_model() -> None:
    assert best_marks(_runs()) == {3: "FPS", 2: "p50"}
    one = _runs()[0]
    assert best_marks([one]) == {}
    slow = replace(one, run_id=2, stats=replace(one.stats, fps_mean=1.0, p50_ms=99.0))
    assert best_marks([one, slow]) == {1: "both"}


@pytest.mark.parametrize(
    "changes",
    [
        {"stability": Stability(Verdict.UNSTABLE, 0.3, fps=Steady.UNSTEADY)},
        {"stability": Stability(Verdict.SETTLING, windows=2)},
        {"stability": Stability(Verdict.TOO_SHORT)},
        {"stats": replace(STATS, elapsed_s=2.9, fps_mean=1e6)},
        {"stats": replace(STATS, count=1, elapsed_s=0.5, fps_mean=1e6)},
    ],
)
def test_what_is_short_or_not_steady_is_never_the_best(changes: dict[str, object]) -> None:
    first, second, third = _runs()[:3]
    doubtful = replace(second, **changes)
    assert 2 not in best_marks([first, doubtful, third])
    assert best_marks([first, doubtful]) == {}  # one alone is no best


def test_figures_of_one_inference_are_dashes() -> None:
    run = _runs()[0]
    lone = replace(run, stats=replace(run.stats, count=1, elapsed_s=0.1))
    few = replace(run, stats=replace(run.stats, count=300))
    cells = [
        {column.title: cell for column, cell in zip(COLUMNS, row.cells, strict=True)}
        for row in rows_of([lone, few], 0, {}, 0)
    ]
    assert [cells[0][title].text for title in ("FPS", "p50", "p99")] == [DASH] * 3
    assert cells[1]["p99"].style == "label"
    assert cells[1]["p50"].style == "value"


@pytest.mark.parametrize(
    ("figure", "ratio", "low", "high", "text", "style"),
    [
        ("fps", 1.031, 1.019, 1.043, "+3.1 % ± 1.2", "good"),
        ("fps", 0.9, 0.85, 0.95, "-10.0 % ± 5.0", "bad"),
        ("p99_ms", 0.9, 0.85, 0.95, "-10.0 % ± 5.0", "good"),
        ("p50_ms", 3.5, 3.0, 4.0, "+250 % ± 50.0", "bad"),
        ("fps", 1.01, 0.99, 1.04, "undecided ±2.5 %", "label"),
        ("fps", 1.001, 0.99, 1.01, "equal within ±3 %", "label"),
        ("fps", 1.01, 1.005, 1.02, "equal within ±3 %", "label"),
        ("fps", 1.01, NAN, NAN, "undecided", "label"),
    ],
)
def test_a_comparison_in_words(
    figure: str, ratio: float, low: float, high: float, text: str, style: str
) -> None:
    cell = comparison_cell(Comparison(figure, ratio, low, high, 0.95, 100))
    assert (cell.text, cell.style) == (text, style)
