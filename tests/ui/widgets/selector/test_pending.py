"""Settings that do not run yet: said so in the panel, and no green word beside them."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.widgets.live import LiveWidget
from tests.ui.fakes import FakeSession, running


def _row_with(widget: LiveWidget, text: str) -> list[tuple[str, str]]:
    """The parts of the row that has this text."""
    return next(list(row) for row in widget._rows if any(text in part for part, _ in row))


def _state(pilot: Pilot[None]) -> list[tuple[str, str]]:
    monitor = pilot.app.monitor
    return [monitor.header._rows[0][-1], (monitor.status._rows[0][0][0].strip(), "")]


async def test_a_setting_that_does_not_run_yet_stands_behind_the_one_that_does() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        assert _state(pilot)[0] == ("● running", "good")
        session.is_slow = True
        await pilot.press("down", "minus", "right")
        pilot.app.frame()
        selector = pilot.app.monitor.selector
        assert _row_with(selector, "4 ⇒ 3")[1][1] == "accent"
        assert _row_with(selector, "2 ⇒ 1")[1][1] == "cursor-pending"
        (header, style), (status, _) = _state(pilot)
        assert (header, style) == ("◌ changing", "accent")
        assert status == "◌ changing"
        session.is_slow = False
        session.configure(session.requested[-1])
        pilot.app.frame()
        assert "⇒" not in "".join(part for row in selector._rows for part, _ in row)
        assert _state(pilot)[0] == ("● running", "good")


async def test_the_header_names_what_runs_until_another_model_does() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        session.is_slow = True
        pilot.app.set_value("model", "alexnet")
        pilot.app.frame()
        header = "".join(part for part, _ in pilot.app.monitor.header._rows[0])
        assert "mobilenet-v2 ⇒ alexnet" in header
        row = "".join(part for part, _ in _row_with(pilot.app.monitor.selector, "alexnet"))
        assert "⇒ alexnet" in row, "What is requested is never cut off."


@pytest.mark.parametrize("action", ["pause", "limit"])
async def test_a_state_of_its_own_and_a_mere_limit_stay_as_they_are(action: str) -> None:
    session = FakeSession()
    async with running(session) as pilot:
        session.is_slow = True
        if action == "pause":
            await pilot.press("space", "plus")
            expected = ("‖ paused", "warn")
        else:
            pilot.app.set_value("p99_under_ms", "20")
            expected = ("● running", "good")
        pilot.app.frame()
        assert _state(pilot)[0] == expected


async def test_ascii_arrows_do_not_read_as_comparisons() -> None:
    session = FakeSession()
    async with running(session, preferences=Preferences(is_ascii=True)) as pilot:
        session.is_slow = True
        await pilot.press("minus")
        pilot.app.frame()
        selector = pilot.app.monitor.selector
        drawn = "\n".join(selector.render_line(y).text for y in range(selector.size.height))
        assert "4 => 3" in drawn
        assert drawn.isascii()
