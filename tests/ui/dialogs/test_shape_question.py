"""The question for the shapes of a model: with many inputs, after a refusal, and once more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input, Static

from ovbench_tui.engine.api.events import ShapeNeeded
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.api.snapshot import Notice
from ovbench_tui.ui.app.app import OvbenchApp
from tests.ui.fakes import FakeSession, redraw, running, screen_text, settle


def many_inputs(count: int) -> tuple[PortInfo, ...]:
    return tuple(
        PortInfo(index, f"past_key_values.{index}.key", ("?", "8"), "f32") for index in range(count)
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_many_inputs_leave_the_line_to_type_in_on_the_screen(size: tuple[int, int]) -> None:
    session = FakeSession()
    async with running(session, size=size) as pilot:
        app = pilot.app
        assert isinstance(app, OvbenchApp)
        config = session.view.requested
        shapes = tuple((port.name, (1, 8)) for port in many_inputs(49))
        session.set(shape_needed=ShapeNeeded(config, "why", many_inputs(49), shapes, config))
        await redraw(pilot)
        await settle(pilot)
        line = app.screen.query_one(Input)
        assert app.focused is line
        assert app.screen.region.contains_region(line.region)
        listed = app.screen.query_one(".ports")
        assert listed.region.height >= 4
        assert listed.max_scroll_y > 0
        await pilot.press("down", "pagedown")
        assert listed.scroll_y > 1
        assert app.focused is line, "what is typed still goes there"


async def test_refused_shapes_are_asked_for_again_and_again_on_request() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        app = pilot.app
        assert isinstance(app, OvbenchApp)
        config = replace(session.view.requested, data_shape=(("x", (1, 3)),))
        asked = ShapeNeeded(
            config, "why", many_inputs(1), config.data_shape, None, "x takes [?,8]."
        )
        session.set(shape_needed=asked, run=None)
        await redraw(pilot)
        await settle(pilot)
        assert app.screen.query_one(Input).value == "x[1,3]"
        assert str(app.screen.query_one(".problem", Static).content) == "x takes [?,8]."
        await pilot.press("escape")
        await redraw(pilot)
        await settle(pilot)
        assert "press enter in the Model tab" in screen_text(app)
        await pilot.press("4")
        await redraw(pilot)
        await settle(pilot)
        assert "waits for the shapes of its inputs" in screen_text(app)
        await pilot.press("enter")
        await redraw(pilot)
        await settle(pilot)
        assert app.screen.query_one(Input).value == "x[1,3]"
        await pilot.press("escape")
        assert "Data shape" in {command.title for command in app.get_system_commands(app.screen)}


@pytest.mark.parametrize("refusal", ["x takes [?,8].", ""])
async def test_the_same_shapes_once_more_leave_the_question_open(refusal: str) -> None:
    """The engine would not try them again, and nobody would be told why nothing runs."""
    session = FakeSession()
    async with running(session) as pilot:
        app = pilot.app
        assert isinstance(app, OvbenchApp)
        config = replace(session.view.requested, data_shape=(("x", (1, 3)),))
        asked = ShapeNeeded(config, "why", many_inputs(2), config.data_shape, None, refusal)
        session.set(shape_needed=asked, run=None)
        await redraw(pilot)
        await settle(pilot)
        before = len(session.requested)
        assert ("needs a shape for more inputs" in screen_text(app)) is not bool(refusal)
        await pilot.press("enter")
        await settle(pilot)
        line = app.screen.query_one(Input)
        problem = str(app.screen.query_one(".problem", Static).content)
        assert problem == (
            refusal or "These shapes were tried: the inputs listed here need one, too."
        )
        assert len(session.requested) == before
        line.value = "x[1,8]"
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested[-1].data_shape == (("x", (1, 8)),)


async def test_shapes_of_the_command_line_that_were_refused_can_be_typed_anew() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        app = pilot.app
        assert isinstance(app, OvbenchApp)
        session.view = replace(
            session.view,
            requested=replace(session.view.requested, data_shape=(("x", (1, 3)),)),
            notices=(Notice(1, True, "The shapes do not fit."),),
        )
        session.set(run=None)
        await pilot.press("4")
        await redraw(pilot)
        await settle(pilot)
        text = screen_text(app)
        assert "The shapes do not fit. For other shapes press enter in the Model tab" in text
        assert "Choose another model" not in text
        assert "Type the shapes" in text
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested[-1].data_shape == (), "the engine asks for them then"


async def test_what_runs_is_being_prepared_until_it_runs() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        session.set(run=None, background="compiling mobilenet-v2 for CPU")
        for tab in ("2", "3", "4", "8"):
            await pilot.press(tab)
            await redraw(pilot)
            app = pilot.app
            assert isinstance(app, OvbenchApp)
            text = screen_text(app)
            assert "is being prepared: compiling mobilenet-v2" in text, tab
            assert "press m" not in text, tab
