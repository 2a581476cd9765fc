"""A monkey at the keyboard: keys and clicks on the real engine, the same each time.

The variable OVB_MONKEY_EVENTS makes it 10,000, which takes minutes.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.events import Key, MouseDown, MouseScrollDown, MouseScrollUp, MouseUp
from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.built_in_models import ZOO
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.session import Session
from ovbench_tui.ui.app.app import OvbenchApp
from tests.engine.conftest import tiny_models

__all__ = ["tiny_models"]

EVENTS = int(os.environ.get("OVB_MONKEY_EVENTS", "1500"))
PATIENCE_S = 120.0
BURST = 20
SIZE = (120, 40)
KEYS = (
    *"0123456789abcdefghijklmnoprstuvwxyzBEGLMNPRSVWZ/<>+-=[]?., :~_%",
    *("enter", "escape", "tab", "shift+tab", "space", "backspace", "delete"),
    *("up", "down", "left", "right", "pageup", "pagedown", "home", "end", "f1"),
    *("ctrl+y", "ctrl+p", "ctrl+u", "ctrl+a", "shift+up", "ctrl+down", "ctrl+z"),
)


@pytest.fixture
def session(tiny_models: Path) -> Iterator[Session]:
    # With a cap, or the engine would take the processor that the monkey needs.
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2, max_fps=200.0)
    session = Session(config)
    yield session
    assert session.close(120.0)


def post_key(app: OvbenchApp, key: str) -> None:
    character = key if len(key) == 1 else " " if key == "space" else None
    app.post_message(Key(key, character))


def post_mouse(app: OvbenchApp, chance: random.Random) -> None:
    x, y = chance.randrange(SIZE[0]), chance.randrange(SIZE[1])
    kinds = chance.choice([(MouseDown, MouseUp), (MouseScrollUp,), (MouseScrollDown,)])
    for kind in kinds:
        event = kind(None, x, y, 0, 0, 1, False, False, False, x, y)
        app.post_message(event)


async def press(pilot: Pilot[None], chance: random.Random, count: int) -> None:
    app = pilot.app
    assert isinstance(app, OvbenchApp)
    for number in range(count):
        if chance.random() < 0.2:
            post_mouse(app, chance)
        else:
            post_key(app, chance.choice(KEYS))
        if number % BURST == 0:
            await pilot.pause()
            # A dead app takes no keys, and would be waited for until the end of time.
            assert app.crash == "", f"after {number} events"
    await pilot.pause()


def _measures(app: OvbenchApp, config: BenchmarkConfig) -> bool:
    run = app.snapshot.run
    return run is not None and run.config == config and run.stats.count > 100


@pytest.mark.slow
async def test_a_monkey(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # what it saves, it saves here
    session_started = False

    def start() -> Session:
        nonlocal session_started
        session.start()
        session_started = True
        return session

    app = OvbenchApp(session.snapshot(0).requested, start)
    # Of the built-in models only the fastest: the others make it wait, and find no more.
    monkeypatch.setattr("ovbench_tui.ui.app.app.ZOO", ZOO[:1])
    # It may not leave: that would be the shortest way to pass.
    monkeypatch.setattr(app, "action_quit", lambda: app.tell("no leaving"))
    chance = random.Random(20261124)  # noqa: S311 - the same keys every time
    async with app.run_test(size=SIZE) as pilot:
        while not (session_started and app.snapshot.measuring):
            await pilot.pause(0.01)
            app.frame()
        await press(pilot, chance, EVENTS)
        until_s = time.monotonic() + PATIENCE_S
        while len(app.screen_stack) > 1:
            assert time.monotonic() < until_s, f"escape leaves {app.screen_stack}"
            assert app.crash == ""
            await pilot.press("escape")
        # What it began goes on by itself: a search, an A/B. Each ends with its own tab's key.
        for tab in ("tune", "ab"):
            await app.action_tab(tab)
            await pilot.press("escape")
        wanted = replace(session.runs[0].config, nireq=3)
        until_s = time.monotonic() + PATIENCE_S
        while not _measures(app, wanted):
            assert time.monotonic() < until_s, f"{app.snapshot.state}: {app.snapshot.notices[-3:]}"
            if app.snapshot.can_restart:
                session.restart()
            if app.snapshot.state is WorkerState.PAUSED:
                session.toggle_pause()
            if not app.snapshot.background:
                app.configure(wanted)
            app.frame()
            await pilot.pause(0.01)
    assert app.crash == ""
    assert not math.isnan(session.runs[-1].stats.p50_ms)
    # The run that it began with, and the one that it was brought to: how many there were in
    # between is a matter of the keys that chance has pressed.
    assert session.runs[0].config.nireq == 2
    assert session.runs[-1].config == wanted
