"""The overhead check with a real engine: a silent terminal, exact counts, the ratio at the end."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.session import Session
from ovbench_tui.stats.self_check import FEWEST_PAIRS, PAIRS, Phase
from ovbench_tui.ui.app.app import OvbenchApp
from ovbench_tui.ui.app.overhead_check.self_check_run import why_not
from tests.e2e.terminal import PATIENCE_S, Terminal

Start = Callable[..., Terminal]

_TRIES = 3
MEASURED = r"count +[1-9]"
RESULT = r"Watching (leaves|costs) [\d.]+ "


def test_the_terminal_is_silent_in_a_blind_phase_and_keys_still_work(start: Start) -> None:
    terminal = start("mobilenet-v2")
    terminal.wait_for_match(MEASURED)
    assert not is_silent_for(terminal, 1.2)  # the control: drawing is never so quiet
    terminal.type("b")
    for pair in range(1, PAIRS):
        text = f"Overhead check: not drawing for 2 s (pair {pair} of 6; any key stops)"
        terminal.wait_for_text(text)
        # On a busy machine the phase may be over before it was looked at.
        if is_silent_for(terminal, 1.2) and text in terminal.text:
            break
    else:
        pytest.fail("it was drawn in every phase that should have been blind")
    terminal.wait_for_text(
        f"Overhead check: not drawing for 2 s (pair {pair + 1} of 6; any key stops)"
    )
    terminal.type("+")
    terminal.wait_for_match(r"run 2: .*nireq")
    assert not is_silent_for(terminal, 1.2)
    terminal.type("bq")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()


def is_silent_for(terminal: Terminal, seconds: float) -> bool:
    """Whether no byte comes for so long, once what is on its way has come."""
    while terminal._read(0.1):
        if terminal._read(0) and "not drawing" not in terminal.text:
            break
    return not terminal._read(seconds)


def test_it_begins_by_itself_and_its_ratio_is_in_the_summary(
    start: Start, relu_model: Path
) -> None:
    terminal = start(str(relu_model), "--blind", "0.5")
    terminal.wait_for_text("Overhead check: ")
    terminal.wait_for_match(RESULT)
    terminal.wait_for_match(r"watching \d\.\d{3} · UI")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    # What else goes on may end it, with what it has.
    assert re.search(
        r"^Watching: +\d\.\d{3} of the FPS without drawing"
        rf" \(quartiles \d\.\d+\.\.\d\.\d+, [{FEWEST_PAIRS}-{PAIRS}] pairs of 0\.5 s\)$",
        ended.main_screen,
        re.MULTILINE,
    )


def test_time_is_up_in_the_middle_of_a_check(start: Start) -> None:
    terminal = start("mobilenet-v2", "--blind", "30", "-t", "3")
    terminal.wait_for_text("Overhead check: drawing for 30 s (pair 1 of 6")
    ended = terminal.ended()
    assert ended.code == 0
    assert "Throughput:" in ended.main_screen
    assert "The overhead check has no result (0 of 2 pairs it needs)" in ended.main_screen


async def test_nothing_is_lost_while_blind(relu_model: Path) -> None:
    """At the harness's limit: tens of thousands of inferences a second."""
    config = BenchmarkConfig(model=str(relu_model), nireq=8)
    session = Session(config)
    blind_columns: list[int] = []

    class Watched:
        """The session, and the history column in which each blind phase ends."""

        def __getattr__(self, name: str) -> object:
            return getattr(session, name)

        def snapshot(self, columns: int) -> Snapshot:
            was_blind = app._check is not None and app._check.check.phase is Phase.BLIND
            snapshot = session.snapshot(columns)
            if was_blind:
                history = snapshot.history
                blind_columns.append(history.first_column + len(history.fps) - 1)
            return snapshot

    async def paused(pilot: Pilot[None]) -> Snapshot:
        session.toggle_pause()
        while (snapshot := session.snapshot(500)).state is not WorkerState.PAUSED:
            await pilot.pause(0.05)
        return snapshot

    def uncounted(snapshot: Snapshot) -> int:
        assert snapshot.run is not None
        stats = snapshot.run.stats
        return session.progress().count - stats.count - stats.warmup_count

    session.start()
    app = OvbenchApp(config, Watched)
    app._blind_s = 1.5  # for its key; as an argument it would begin by itself
    async with app.run_test(size=(120, 40)) as pilot:
        while app.snapshot.run is None or app.snapshot.run.stats.count < 1000:
            await pilot.pause(0.05)
        before = uncounted(await paused(pilot))
        session.toggle_pause()
        for _ in range(_TRIES):
            blind_columns.clear()
            while why_not(app.snapshot):
                await pilot.pause(0.05)
            await pilot.press("b")
            while app._check is not None:
                await pilot.pause(0.05)
            if app.observer_effect is not None:
                break  # else something else went on meanwhile, which ends a check
        snapshot = await paused(pilot)
    run = snapshot.run
    assert run is not None
    assert len(blind_columns) == PAIRS
    assert run.stats.dropped == 0
    # What was in flight when it was paused is not counted.
    assert uncounted(snapshot) - before <= run.effective.nireq
    assert run.stats.count > 10_000
    history = snapshot.history
    for column in blind_columns:
        # The columns that were over before the last frame of the phase was drawn.
        for before in (column - 1, column - 2):
            place = before - history.first_column
            assert history.fps[place] > 0
            assert not math.isnan(history.p99_ms[place])
    assert app.observer_effect is not None
    assert 0.5 < app.observer_effect.ratio < 2.0
    assert session.close(PATIENCE_S)
