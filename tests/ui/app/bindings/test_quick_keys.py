"""Keys and clicks that come faster than a dialog closes."""

from __future__ import annotations

import pytest
from textual.events import Click, Key

from tests.ui.fakes import FakeSession, running, screen_text, settle


@pytest.mark.parametrize("opening", ["question_mark", "m", "d", "L", "x", "ctrl+p"])
async def test_the_end_of_a_dialog_twice(opening: str) -> None:
    async with running(FakeSession()) as pilot:
        app = pilot.app
        await pilot.press(opening)
        await settle(pilot)
        dialog = app.screen
        assert dialog is not app.monitor
        for key in ("enter", "enter", "escape", "escape", "escape"):
            app.post_message(Key(key, None))
        click = Click(dialog, 0, 0, 0, 0, 1, False, False, False, 0, 0)
        dialog.post_message(click)
        dialog.post_message(click)
        await settle(pilot)
        assert app.screen is app.monitor
        assert app.is_running
        assert "mobilenet-v2" in screen_text(app)


async def test_keys_that_move_in_an_empty_palette() -> None:
    async with running(FakeSession()) as pilot:
        await pilot.press("ctrl+p", *"~~~~~~")
        await settle(pilot)
        await pilot.press("pageup", "pagedown", "up", "down", "home", "end")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor


@pytest.mark.parametrize(
    ("opening", "size"),
    [("ctrl+p", (20, 4)), ("ctrl+p", (6, 40)), ("m", (6, 40)), ("d", (6, 40)), ("d", (1, 1))],
)
async def test_pages_of_a_list_that_has_no_place(opening: str, size: tuple[int, int]) -> None:
    async with running(FakeSession(), size=size) as pilot:
        await pilot.press(opening)
        await settle(pilot)
        await pilot.press("tab" if opening == "m" else "left")
        await pilot.press("pagedown", "pageup", "end", "pageup", "home", "pagedown", "up", "down")
        await settle(pilot)
        assert pilot.app.crash == ""
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor
