"""The screen of a mix: models at known rates, keys that act on the one under the cursor."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.mix.member import named
from ovbench_tui.mix.session import MixSession
from ovbench_tui.mix.splits import Configs, splits_of
from ovbench_tui.mix.suggestion import SuggestionSearch
from ovbench_tui.mix.view import MixLike
from ovbench_tui.ui.app import mix_app
from ovbench_tui.ui.app.mix_app import MixApp
from tests.ui.fakes import SIZES, Clock, screen_text, settle, until
from tests.unit.mix.rigged import World

RATES = ((200.0, 100.0), (50.0, 40.0))
"""FPS alone and together of each."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


@asynccontextmanager
async def running(
    world: World, size: tuple[int, int] = (120, 40), duration_s: float | None = None
) -> AsyncIterator[Pilot[None]]:
    """The app, whose own clock never ticks; a test draws by `redraw`."""
    members = named(
        [BenchmarkConfig(model="det.xml"), BenchmarkConfig(model="rec.xml", fps_above=45.0)]
    )
    rates = iter(RATES)

    def open_mix() -> MixSession:
        mix = MixSession(
            members,
            in_turns=duration_s is not None,
            clock=world.clock,
            seed=3,
            open_session=lambda config: world.session(config, *next(rates)),
        )
        mix.start()
        return mix

    app = MixApp(members, open_mix, duration_s=duration_s, refresh_hz=0.001, clock=Clock())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.view is not None)
        yield pilot


async def redraw(pilot: Pilot[None], world: World, seconds: float = 0.0) -> str:
    """Let time pass, and draw; returns what is then seen."""
    app = pilot.app
    assert isinstance(app, MixApp)
    assert app._mix is not None
    until_s = world.now_s + seconds
    while world.now_s < until_s:
        world.go_on()
        app._mix.advance()
    app.frame()
    await settle(pilot)
    return screen_text(app)


def row_of(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.split()[:1] == [name])


def _kept(text: str, name: str) -> int:
    """Percent of its FPS alone that a model keeps, as its row has it."""
    found = re.search(r"(\d+)%", row_of(text, name))
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("size", SIZES)
async def test_a_row_and_a_chart_for_each_model(size: tuple[int, int], world: World) -> None:
    async with running(world, size) as pilot:
        text = await redraw(pilot, world, 3.0)
        assert "all run together" in text
        for name, latency in (("det", "10.0"), ("rec", "25.0")):
            row = row_of(text, name)
            assert "running" in row or size[0] < 120
            assert latency in row
        assert "missed" in row_of(text, "rec")
        assert "det · FPS" in text or size[1] < 40
        assert "rec · FPS" in text or size[1] < 40
        assert "Configuration" in text or size[1] < 40
        assert "others" in text
        await pilot.press("v")
        text = await redraw(pilot, world)
        assert "det · latency" in text or size[1] < 40


async def test_a_key_measures_each_alone_and_all_together(world: World) -> None:
    async with running(world) as pilot:
        await redraw(pilot, world, 1.0)
        await pilot.press("s")
        text = await redraw(pilot, world, 20.0)
        assert "round" in text
        assert "work in the same time 1." in text
        assert _kept(text, "det") == pytest.approx(50, abs=2)
        assert _kept(text, "rec") == pytest.approx(80, abs=3)
        assert "det: together it keeps " in text
        # Turns pause all but one again and again, which is nothing to mark.
        assert "goes on" not in text
        await pilot.press("down", "s")
        text = await redraw(pilot, world, 1.0)
        assert "all run together" in text
        assert _kept(text, "det") == pytest.approx(50, abs=2)
        assert "rec: together it keeps " in text


async def test_keys_act_on_the_model_under_the_cursor(world: World) -> None:
    async with running(world) as pilot:
        app = pilot.app
        assert isinstance(app, MixApp)
        await redraw(pilot, world, 1.0)
        await pilot.press("down", "plus")
        await redraw(pilot, world, 1.0)
        assert app.view is not None
        nireq = [one.snapshot.requested.nireq for one in app.view.members]
        assert nireq == [0, 5]
        await pilot.press("right")  # the setting under the settings' cursor is nireq
        await redraw(pilot, world, 1.0)
        assert app.view.members[1].snapshot.requested.nireq == 6
        await pilot.press("enter", "up", "right")  # of the settings, the hint
        await redraw(pilot, world, 1.0)
        hints = [one.snapshot.requested.hint for one in app.view.members]
        assert hints[0] == "throughput" != hints[1]
        await pilot.press("escape", "u", "u")
        text = await redraw(pilot, world, 1.0)
        requested = app.view.members[1].snapshot.requested
        assert (requested.hint, requested.nireq) == ("throughput", 5)
        assert "undone" in text
        await pilot.press("m")
        assert app.view.members[1].snapshot.requested.model == "rec.xml"
        await pilot.press("space")
        assert "paused" in await redraw(pilot, world, 0.5)
        await pilot.press("question_mark")
        await settle(pilot)
        assert "Measure each alone and all together" in screen_text(app).replace("\n", " ")


async def test_a_key_searches_for_a_better_split(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin_search(
        mix: MixLike, now: Configs, *, max_time_s: float, margin: float
    ) -> SuggestionSearch:
        return SuggestionSearch(
            mix,
            now,
            splits_of(now, 2)[1:4],
            max_time_s=max_time_s,
            margin=margin,
            slice_s=0.4,
            clock=world.clock,
        )

    monkeypatch.setattr(mix_app, "begin_search", begin_search)
    world.speed = lambda config: 1.5 if config.streams == "1" and config.threads == 2 else 1.0
    async with running(world) as pilot:
        app = pilot.app
        assert isinstance(app, MixApp)
        await redraw(pilot, world, 1.0)
        await pilot.press("S")
        text = await redraw(pilot, world, 0.5)
        assert "of 4 splits tried" in text
        assert app.search is not None
        while not app.search.is_over:
            world.go_on()
            app._follow_plan()
        text = await redraw(pilot, world, 2.0)
        assert "This split keeps every limit, which what there is does not: 1." in text
        assert app.search.ratio.ratio == pytest.approx(1.5, rel=0.05)
        assert "all run together" in text
        assert app.view is not None
        requested = [one.snapshot.requested for one in app.view.members]
        assert [(one.streams, one.threads, one.nireq) for one in requested] == [("1", 2, 1)] * 2
        # A key that changes something ends it, and what there was runs again.
        await pilot.press("S")
        await redraw(pilot, world, 0.5)
        await pilot.press("plus")
        text = await redraw(pilot, world, 2.0)
        assert "The search is stopped." in text
        assert [one.snapshot.requested for one in app.view.members] == requested


async def test_a_model_that_fails_is_reported_and_the_other_goes_on(world: World) -> None:
    async with running(world) as pilot:
        await redraw(pilot, world, 1.0)
        world.hosts[0].fail("The model broke.")
        text = await redraw(pilot, world, 2.0)
        assert "1 failed" in text
        assert "failed" in row_of(text, "det")
        assert "det: The model broke." in text
        assert "50.0" in row_of(text, "rec")  # it is alone now


async def test_with_a_duration_it_takes_turns_and_ends_by_itself(world: World) -> None:
    async with running(world, duration_s=5.0) as pilot:
        app = pilot.app
        assert isinstance(app, MixApp)
        for _ in range(2000):
            if app._exit:
                break
            world.go_on()
            app.frame()
        assert app.view is not None
        assert app.view.rounds == 2
        assert app.view.measured_s == pytest.approx(6.0, rel=0.05)
