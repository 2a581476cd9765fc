"""The overhead check on the screen; its looks come when a test says so, and once in real time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import MouseDown
from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Progress, Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.stats.self_check import PAIRS, DisplayOverhead, Phase
from ovbench_tui.ui.app.app import OvbenchApp
from ovbench_tui.ui.dialogs.picker import PickerScreen
from tests.ui.fakes import (
    CONFIG,
    SIZES,
    STATS,
    Clock,
    FakeSession,
    make_app,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
    until,
)


class CountingSession(FakeSession):
    """An engine that completes `drawn_fps` while it is watched and `blind_fps` while not."""

    def __init__(self, config: BenchmarkConfig = CONFIG) -> None:
        super().__init__(config)
        self.done = 0.0
        self.last_s = 0.0
        self.drawn_fps = 1000.0
        self.blind_fps = 1000.0

    def run_for(self, seconds: float, phase: Phase) -> None:
        fps = self.drawn_fps if phase is Phase.DRAWN else self.blind_fps
        self.done += fps * seconds
        self.last_s += seconds

    def progress(self) -> Progress:
        return Progress(int(self.done), self.last_s)


async def look(pilot: Pilot[None], session: CountingSession, clock: Clock) -> None:
    """Let time pass until the check wants to look, and let it look."""
    run = pilot.app._check
    seconds = run.check.next_look_s - clock.now_s
    session.run_for(seconds, run.check.phase)
    clock.now_s += seconds
    run.look()
    await pilot.pause()


async def phases(
    pilot: Pilot[None], session: CountingSession, clock: Clock, number: int = 2 * PAIRS
) -> None:
    for _ in range(2 * number):
        await look(pilot, session, clock)


def message(pilot: Pilot[None]) -> str:
    return pilot.app.monitor.message.text


def status(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.monitor.status)[0]


async def test_a_blind_phase_takes_no_snapshot_and_has_no_timer() -> None:
    session, clock = CountingSession(), Clock()
    async with running(session, clock=clock, blind_s=2.0) as pilot:
        app = pilot.app
        await pilot.press("b")
        assert message(pilot) == "Overhead check: drawing for 2 s (pair 1 of 6; any key stops)"
        assert app._timer._task is not None
        await phases(pilot, session, clock, 1)
        assert message(pilot) == "Overhead check: not drawing for 2 s (pair 1 of 6; any key stops)"
        assert "not drawing" in screen_text(app)
        assert app._timer._task is None or app._timer._task.done()
        taken = len(session.columns)
        session.set_run(stats=replace(STATS, count=99_999))
        await look(pilot, session, clock)  # the phase has settled
        assert len(session.columns) == taken
        assert "99,999" not in screen_text(app)
        await look(pilot, session, clock)  # the phase is over
        assert len(session.columns) == taken + 1
        assert "99,999" in screen_text(app)
        assert "not drawing for 2 s (pair 2" in message(pilot)


async def test_in_real_time_nothing_is_drawn_while_blind() -> None:
    class Watched(CountingSession):
        def __init__(self) -> None:
            super().__init__()
            self.seen: dict[int, list[Phase]] = {}

        def snapshot(self, columns: int) -> Snapshot:
            if app._check is not None:
                check = app._check.check
                self.seen.setdefault(len(check._rates), []).append(check.phase)
            return super().snapshot(columns)

        def progress(self) -> Progress:
            return Progress(int(app.now_s() * 1000), app.now_s())

    session = Watched()
    app = OvbenchApp(CONFIG, lambda: session, refresh_hz=20.0, blind_s=0.5)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.observer_effect is not None)
        assert len(session.seen) == 2 * PAIRS
        for seen in session.seen.values():
            if seen[0] is Phase.BLIND:
                assert len(seen) == 1  # when it was over
            else:
                assert len(seen) >= 4
        assert app.observer_effect.ratio == pytest.approx(1.0, abs=0.02)
        drawn = len(session.columns)
        await until(pilot, lambda: len(session.columns) >= drawn + 2)  # it draws by itself again


@pytest.mark.parametrize("size", SIZES)
async def test_the_result_is_told_and_stays(size: tuple[int, int]) -> None:
    session, clock = CountingSession(), Clock()
    session.drawn_fps = 998.0
    async with running(session, size=size, clock=clock, blind_s=2.0) as pilot:
        await pilot.press("b")
        await phases(pilot, session, clock)
        expected = "Watching leaves 0.998 of the FPS (quartiles 0.998 to 0.998, 6 pairs of 2 s)."
        assert message(pilot) == expected
        assert expected in screen_text(pilot.app)
        assert "watching 0.998 · UI" in status(pilot)
        assert pilot.app._check is None
        assert pilot.app.observer_effect == DisplayOverhead(
            6, *[pytest.approx(0.998, abs=1e-3)] * 3, 2.0
        )
        assert pilot.app.observed_run_id == 1
        clock.now_s += 1000.0
        await redraw(pilot)
        assert message(pilot) == expected
        session.tell("Something else.")
        await redraw(pilot)
        assert message(pilot) == "Something else."
        assert "watching 0.998" in status(pilot)


async def test_a_dear_screen_is_a_warning_with_advice() -> None:
    session, clock = CountingSession(), Clock()
    session.drawn_fps = 950.0
    async with running(session, clock=clock, size=(80, 24), blind_s=2.0) as pilot:
        await pilot.press("b")
        await phases(pilot, session, clock)
        await settle(pilot)
        text = " ".join(screen_text(pilot.app).split())
        assert "Watching costs 5.0 % of the FPS (quartiles 0.950 to 0.950, 6 pairs of 2 s)" in text
        await pilot.press("L", "end")  # the line has room for its beginning only
        await settle(pilot)
        text = " ".join(screen_text(pilot.app).replace("│", " ").split())
        assert "raise nireq (+), draw less often (<) or isolate the engine (i)." in text
        await pilot.press("escape")
        await settle(pilot)
        line = pilot.app.monitor.status.render_line(0)
        styles = {segment.text: segment.style for segment in line}
        assert styles["watching 0.950 · "] == pilot.app.monitor.status._palette["warn"]
        session.set(isolated=True)
        await redraw(pilot)
        await pilot.press("b")
        await phases(pilot, session, clock)
        assert message(pilot).endswith("raise nireq (+) or draw less often (<).")


async def test_the_status_line_drops_it_where_there_is_no_room_and_with_the_run() -> None:
    session, clock = CountingSession(), Clock()
    async with running(session, clock=clock, size=(80, 24), blind_s=2.0) as pilot:
        await pilot.press("b")
        await phases(pilot, session, clock)
        session.set_run(change="streams 2, threads 2, f32")
        session.set(isolated=True)  # another reason to draw the line
        await redraw(pilot)
        assert "run 1: streams 2, threads 2, f32 · own process" in status(pilot)
        assert "watching" not in status(pilot)
        session.set_run(change="")
        session.set(isolated=False)
        await redraw(pilot)
        assert "watching 1.000" in status(pilot)
        await pilot.press("plus")
        await settle(pilot)
        assert "watching" not in status(pilot)
        assert pilot.app.observed_run_id == 1


@pytest.mark.parametrize("key", ["b", "escape"])
@pytest.mark.parametrize("number", [0, 1])
async def test_a_stop_key_does_nothing_but_stop(key: str, number: int) -> None:
    session, clock = CountingSession(), Clock()
    async with running(session, clock=clock, blind_s=2.0) as pilot:
        await pilot.press("b")
        await phases(pilot, session, clock, number)
        await pilot.press(key)
        assert pilot.app._check is None
        assert message(pilot) == (
            "The overhead check has no result (0 of 2 pairs it needs): a key or a click stopped it."
        )
        assert pilot.app._timer._task is not None
        await pilot.press("b")
        assert "pair 1 of 6" in message(pilot)


async def test_any_other_key_stops_it_and_does_what_it_does() -> None:
    session, clock = CountingSession(), Clock()
    async with running(session, clock=clock, blind_s=2.0) as pilot:
        for number, (key, happened) in enumerate(
            [
                ("plus", lambda: session.requested),
                ("space", lambda: session.pauses == 1),
                ("space", lambda: session.pauses == 2),
                ("r", lambda: session.resets),
                ("m", lambda: isinstance(pilot.app.screen, PickerScreen)),
            ]
        ):
            if number != 2:
                await pilot.press("b")
                assert pilot.app._check is not None
                await phases(pilot, session, clock, 5)
                assert pilot.app._check.check.phase is Phase.BLIND
            await pilot.press(key)
            await settle(pilot)
            assert happened()
            assert pilot.app._check is None
        # Two pairs were complete each time.
        assert pilot.app.observer_effect.pairs == 2


async def test_a_click_and_another_size_stop_it() -> None:
    session, clock = CountingSession(), Clock()
    async with running(session, clock=clock, blind_s=2.0) as pilot:
        await pilot.press("b")
        # As a driver sends it; Pilot's own clicks go past the app.
        at = {"x": 5, "y": 5, "delta_x": 0, "delta_y": 0}
        pilot.app.post_message(MouseDown(None, **at, button=1, shift=False, meta=False, ctrl=False))
        await settle(pilot)
        assert pilot.app._check is None
        assert "a click stopped it" in message(pilot)
        await pilot.press("b")
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert pilot.app._check is None
        assert "changed its size" in message(pilot)


async def test_quit_while_blind() -> None:
    session, clock = CountingSession(), Clock()
    app = make_app(session, clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: session.columns)
        await pilot.press("b")
        await phases(pilot, session, clock, 6)
        await pilot.press("q")
    assert app.return_code == 0
    assert app.observer_effect is not None
    assert app.observer_effect.pairs == 3


@pytest.mark.parametrize(("number", "pairs"), [(1, 0), (2, 0), (5, 2)])
async def test_the_end_of_the_run_is_noticed_after_a_blind_phase(number: int, pairs: int) -> None:
    session, clock = CountingSession(), Clock()
    app = make_app(session, clock=clock, blind_s=1.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: session.columns)
        app._on_clock()
        await phases(pilot, session, clock, number)
        assert app._check.check.phase is Phase.BLIND
        session.set(finished=True, measuring=False, state=WorkerState.FINISHED)
        await look(pilot, session, clock)
        await look(pilot, session, clock)
    assert app.return_code == 0
    assert app._check is None
    if pairs:
        assert app.observer_effect.pairs == pairs
        assert app.overhead_reason == ""
    else:
        assert app.observer_effect is None
        assert app.overhead_reason.endswith("the run came to its end.")


async def test_another_run_or_an_error_ends_it_and_the_error_stays() -> None:
    session, clock = CountingSession(), Clock()
    async with running(session, clock=clock, blind_s=2.0) as pilot:
        await pilot.press("b")
        session.set_run(run_id=2)
        await phases(pilot, session, clock, 1)
        assert pilot.app._check is None
        assert "no longer measured" in message(pilot)
        await pilot.press("b")
        await phases(pilot, session, clock, 1)
        session.set(state=WorkerState.FAILED, measuring=False, can_restart=True)
        session.tell("The engine's process was killed.", is_error=True)
        await phases(pilot, session, clock, 1)
        assert pilot.app._check is None
        assert message(pilot) == "The engine's process was killed. Press e to start another."


async def test_it_says_why_it_cannot_begin() -> None:
    session = CountingSession()
    async with running(session) as pilot:
        for changes, words in (
            ({"state": WorkerState.PAUSED, "measuring": False}, "this one is paused now"),
            ({"state": WorkerState.WARMING_UP}, "this one is warming up now"),
            (
                {"state": WorkerState.RUNNING, "background": "compiling yolo-v3-tf"},
                "compiling yolo-v3-tf now",
            ),
            ({"state": WorkerState.FAILED, "background": ""}, "nothing runs now"),
        ):
            session.set(**changes)
            await redraw(pilot)
            await pilot.press("b")
            assert pilot.app._check is None
            assert words in message(pilot)


async def test_without_a_model_there_is_nothing_to_check() -> None:
    session = CountingSession(BenchmarkConfig())
    async with running(session) as pilot:
        await pilot.press("escape", "b")
        assert "nothing runs now" in message(pilot)


async def test_the_check_asked_for_waits_for_a_measured_second() -> None:
    session, clock = CountingSession(), Clock()
    async with running(session, clock=clock, blind_s=3.0) as pilot:
        app = pilot.app
        for changes, elapsed_s in (
            ({"state": WorkerState.WARMING_UP, "measuring": False}, 0.0),
            ({"state": WorkerState.RUNNING, "measuring": True}, 0.9),
            ({"state": WorkerState.PAUSED, "measuring": False}, 5.0),
        ):
            session.set(**changes)
            session.set_run(stats=replace(STATS, elapsed_s=elapsed_s))
            app._on_clock()
            assert app._check is None
        assert app.overhead_reason == "The overhead check did not start: the run was already over."
        session.set(state=WorkerState.RUNNING, measuring=True)
        await pilot.press("m")
        app._on_clock()
        assert app._check is None
        await pilot.press("escape")
        await settle(pilot)
        app._on_clock()
        assert "for 3 s (pair 1 of 6" in message(pilot)
        await phases(pilot, session, clock)
        assert app.overhead_reason == ""
        app._on_clock()
        assert app._check is None  # once is enough


async def test_a_slow_model_gets_longer_phases() -> None:
    session = CountingSession()
    session.set_run(stats=replace(STATS, fps_now=4.0))
    async with running(session) as pilot:
        await redraw(pilot)
        pilot.app.budget.want(0.25)
        await pilot.press("b")
        assert "for 5 s" in message(pilot)


async def test_blind_phases_do_not_pass_for_cheap_frames() -> None:
    session, clock = CountingSession(), Clock()
    async with running(session, clock=clock) as pilot:
        app = pilot.app
        app.budget.want(0.25)
        cpu = Clock()
        app._cpu_clock = cpu
        for _ in range(3):
            clock.now_s += 0.25
            cpu.now_s += 0.005
            app._on_clock()
        assert app.budget.cost_percent == pytest.approx(2.0)
        await pilot.press("b")
        await phases(pilot, session, clock, 3)
        for _ in range(3):
            clock.now_s += 0.25
            cpu.now_s += 0.005
            app._on_clock()
        assert app.budget.cost_percent == pytest.approx(2.0)


async def test_it_is_in_the_palette_and_the_help() -> None:
    async with running(CountingSession()) as pilot:
        commands = {c.title: c for c in pilot.app.get_system_commands(pilot.app.screen)}
        commands["Self-check"].callback()
        assert "Overhead check: drawing" in message(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert "Overhead check: what drawing costs" in screen_text(pilot.app)
