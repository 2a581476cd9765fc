"""The dialog that asks for the batch: when it comes, what it offers, what becomes of the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import BATCH_UNKNOWN, EffectiveConfig
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.errors import BadInputError
from ovbench_tui.ui.app.commands import commands_now
from ovbench_tui.ui.dialogs.batch_question import first_batch, with_answer
from ovbench_tui.ui.dialogs.picker import PickerScreen
from tests.ui.fakes import SIZES, FakeSession, redraw, running, screen_text, settle, until

CONFIG = BenchmarkConfig(model="fixed.xml")


def unknown(run: RunView, *ports: PortInfo) -> RunView:
    """The run, of a model with these inputs, whose batch nothing tells."""
    ports = ports or (PortInfo(0, "x", ("4", "10"), "f32"),)
    shapes = tuple((port.label, tuple(int(size) for size in port.shape)) for port in ports)
    return replace(
        run,
        model=ModelInfo("fixed.xml", "fixed.xml", "IR", ports, ()),
        effective=replace(run.effective, batch_rule=BATCH_UNKNOWN, data_shape=shapes),
    )


class UnknowingSession(FakeSession):
    """Its models tell no batch unless a layout does."""

    def __init__(self, config: BenchmarkConfig = CONFIG) -> None:
        super().__init__(config)
        self._forget()

    def configure(self, config: BenchmarkConfig, search: str = "") -> None:
        super().configure(config, search)
        self._forget()

    def _forget(self) -> None:
        run = self.view.run
        if run is not None and not run.config.layout:
            self.view = replace(self.view, run=unknown(run))


def is_asking(pilot: Pilot[None]) -> bool:
    return isinstance(pilot.app.screen, PickerScreen) and "How many frames" in screen_text(
        pilot.app
    )


@pytest.mark.parametrize("size", SIZES)
async def test_an_unknown_batch_is_asked_for(size: tuple[int, int]) -> None:
    session = UnknowingSession()
    async with running(session, size=size) as pilot:
        await settle(pilot)
        text = screen_text(pilot.app)
        assert "x [4,10]" in text
        assert "each inference is one frame" in text
        assert "the first dimension of x" in text
        assert "esc means 1" in text
        assert session.requested == []  # the run goes on meanwhile


@pytest.mark.parametrize(
    ("keys", "layout", "single_frame"),
    [
        (("escape",), (), True),
        (("enter",), (), True),
        (("down", "enter"), (("", "N..."),), False),
        (("4", "enter"), (("", "N..."),), False),
        (("c", "n", "enter"), (("", "CN"),), False),
    ],
)
async def test_an_answer_is_configured_and_asked_for_no_more(
    keys: tuple[str, ...], layout: tuple[tuple[str, str], ...], single_frame: bool
) -> None:
    session = UnknowingSession()
    async with running(session) as pilot:
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)
        assert session.requested == [replace(CONFIG, layout=layout, single_frame=single_frame)]
        await pilot.press("+")  # another run of the same model
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor
        assert session.requested[-1].single_frame == single_frame
        assert session.requested[-1].layout == layout


async def test_another_model_is_asked_for_again() -> None:
    session = UnknowingSession()
    async with running(session) as pilot:
        await settle(pilot)
        await pilot.press("escape")
        pilot.app.set_value("model", "other.xml")
        await settle(pilot)
        assert session.requested[-1] == BenchmarkConfig(model="other.xml")
        assert is_asking(pilot)


async def test_a_wrong_layout_is_told_and_stays() -> None:
    session = UnknowingSession()
    async with running(session, size=(80, 24)) as pilot:
        await settle(pilot)
        for typed, words in (
            ("[NCHW]", "has 4 dimensions"),
            ("y[NC]", "no input 'y'"),
            ("[C...]", "leaves the batch unknown"),
            ("5", "not a valid layout"),
        ):
            pilot.app.screen.query_one(Input).value = typed
            await settle(pilot)
            await pilot.press("enter")
            await settle(pilot)
            assert words in " ".join(screen_text(pilot.app).split())
        assert session.requested == []


async def test_it_waits_for_another_dialog_another_tab_and_a_self_check() -> None:
    session = FakeSession(CONFIG)
    async with running(session) as pilot:
        await pilot.press("m")
        await settle(pilot)
        session.set(run=unknown(session.view.run))
        await redraw(pilot)
        assert not is_asking(pilot)
        await pilot.press("escape", "2")
        await redraw(pilot)
        assert not is_asking(pilot)
        pilot.app._check_requested = True  # by --blind, and not yet begun
        await pilot.press("1")
        await redraw(pilot)
        assert not is_asking(pilot)
        pilot.app._check_requested = False
        pilot.app.action_self_check()
        await redraw(pilot)
        assert pilot.app._check is not None
        assert not is_asking(pilot)
        pilot.app.stop_check("the test ends it")
        await redraw(pilot)
        assert is_asking(pilot)


async def test_a_known_batch_is_not_asked_for() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await redraw(pilot)
        assert pilot.app.screen is pilot.app.monitor


async def test_an_answer_that_comes_too_late_is_dropped() -> None:
    session = UnknowingSession()
    async with running(session) as pilot:
        await settle(pilot)
        requested = pilot.app.screen
        session.set(requested=BenchmarkConfig(model="other.xml"), run=None)
        await redraw(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert pilot.app.screen is not requested
        assert session.requested == []


def view(*ports: PortInfo, layout: tuple[tuple[str, str], ...] = ()) -> RunView:
    run = FakeSession(replace(CONFIG, layout=layout)).view.run
    assert run is not None
    return unknown(run, *ports)


IDS = PortInfo(0, "ids", ("1", "128"), "i64")
MASK = PortInfo(1, "a,b[c", ("8", "128"), "i64")
IMAGE = PortInfo(0, "image", ("3", "8", "8"), "f32", "CHW")


def test_the_first_dimension_is_that_of_the_first_input_that_has_one() -> None:
    run = view(IDS, MASK)
    assert first_batch(run) == (MASK, 8)
    # Its name could not be typed, so it is called by its place.
    assert with_answer(CONFIG, run, "8").layout == (("#1", "N..."),)
    assert first_batch(view(IDS)) is None
    assert first_batch(view(IMAGE)) is None


def test_an_answer_keeps_what_was_told_of_other_inputs() -> None:
    config = replace(CONFIG, layout=(("ids", "?C"), ("#1", "?C")))
    answered = with_answer(config, view(IDS, MASK), "#1[NC]")
    assert answered.layout == (("ids", "?C"), ("#1", "NC"))
    assert not answered.single_frame


def test_a_layout_without_n_for_every_input_tells_the_batch() -> None:
    run = view(IDS, MASK)
    assert with_answer(CONFIG, run, "[?C]").layout == (("", "?C"),)
    with pytest.raises(BadInputError, match="leaves the batch unknown"):
        with_answer(CONFIG, run, "ids[?C]")


def test_the_unknown_is_recognised_with_what_became_of_b() -> None:
    assert EffectiveConfig(batch_rule=f"{BATCH_UNKNOWN}; -b 2 is ignored").is_batch_unknown
    assert not EffectiveConfig(batch_rule="as every input begins with 1").is_batch_unknown


async def test_after_escape_it_can_be_told_from_the_palette() -> None:
    session = UnknowingSession()
    async with running(session) as pilot:
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert session.requested[-1].single_frame
        await pilot.press("ctrl+p")
        await settle(pilot)
        await pilot.press(*"set the b", "enter")
        await until(pilot, lambda: is_asking(pilot))
        await pilot.press("4", "enter")
        await settle(pilot)
        assert session.requested[-1] == replace(CONFIG, layout=(("", "N..."),))
        # Now a layout tells it, so there is nothing left to be told.
        names = [command.title for command in commands_now(pilot.app)]
        assert "Set the batch" not in names
        assert "Export" in names
