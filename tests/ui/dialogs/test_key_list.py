"""The first page of the help: few keys on top, all others below."""

from __future__ import annotations

import pytest
from textual.binding import Binding
from textual.widgets import Static

from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.dialogs.key_list import KeyList, set_apart
from tests.ui.fakes import FakeSession, running, screen_text, settle

_MOST = 12


def test_essentials_come_in_their_order_and_only_once() -> None:
    groups = [
        ("A", [Binding("q", "quit", "Quit", id="quit"), Binding("up", "up", "Up")]),
        ("B", [Binding("f", "more", "More", id="more-requests")]),
    ]
    essential, rest = set_apart(groups)
    assert [binding.id for binding in essential] == ["more-requests", "quit"]
    assert [(name, [one.description for one in own]) for name, own in rest] == [("A", ["Up"])]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_few_essential_keys_stand_in_two_columns_above_all_others(
    size: tuple[int, int],
) -> None:
    keys = (("export", ("X",)),)
    async with running(FakeSession(), size=size, preferences=Preferences(keymap=keys)) as pilot:
        await pilot.press("question_mark")
        await settle(pilot)
        lines = screen_text(pilot.app).split("\n")
        top = next(n for n, line in enumerate(lines) if "Essentials" in line)
        below = next(n for n, line in enumerate(lines) if "Row above" in line)
        assert top < below
        first = lines[top + 1]
        assert "One infer request more" in first
        assert "Show the next charts" in first or "Find the best" in first, "Beside it the second."
        columns = list(pilot.app.screen.query_one(KeyList).query(".top .column").results(Static))
        shown = "\n".join(str(column.render()) for column in columns).split("\n")
        entries = [line for line in shown if line[2:10].strip()]
        assert 8 <= len(entries) - 1 <= _MOST  # without the heading
        assert any(line.startswith("  X ") for line in entries), "The key the user has chosen."
