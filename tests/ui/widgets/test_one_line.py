"""A line of parts, where there is less room than it needs."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from ovbench_tui.ui.widgets.lines.one_line import OneLine
from tests.ui.fakes import text_of

_LEFT = ((" app  ", "title"), ("/a/long/folder/of/detect.py", "value"), ("   ● running", "good"))


class _OneLineApp(App[None]):
    def compose(self) -> ComposeResult:
        self.line = OneLine()
        self.line.styles.height = 1
        yield self.line


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (60, " app  /a/long/folder/of/detect.py   ● running            1 %"),
        (46, " app  /a/long/folder/of/detect.py   ● running "),
        (34, " app  /a/lo…/detect.py   ● running"),
        (20, " app  /…   ● running"),
    ],
)
async def test_the_longest_part_gives_way(width: int, text: str) -> None:
    app = _OneLineApp()
    async with app.run_test(size=(width, 2)) as pilot:
        app.line.show(_LEFT, ("1 %", "label"))
        await pilot.pause()
        assert text_of(app.line)[0] == text
