"""Opening a tab in a test, and looking at its body alone: other tabs come and go beside it."""

from __future__ import annotations

from textual.pilot import Pilot

from ovbench_tui.ui.tabs.registry import TABS
from ovbench_tui.ui.widgets.lines.footer_line import FooterLine
from ovbench_tui.ui.widgets.live import LiveWidget
from tests.ui.fakes import settle, text_of


def number_of(name: str) -> str:
    """The key of a tab."""
    return str([tab.name for tab in TABS].index(name) + 1)


async def open_tab(pilot: Pilot[None], name: str) -> LiveWidget:
    """Open a tab by its key."""
    await pilot.press(number_of(name))
    await settle(pilot)
    assert pilot.app.monitor.tab == name
    return pilot.app.monitor.query_one(f"#{name}", LiveWidget)


async def click_tab(pilot: Pilot[None], name: str, title: str) -> LiveWidget:
    """Open a tab by a click on its title."""
    bar = pilot.app.monitor.tab_bar
    x = text_of(bar)[0].index(f" {title}")
    await pilot.click(bar, offset=(x + 2, 0))
    await settle(pilot)
    assert pilot.app.monitor.tab == name
    return pilot.app.monitor.query_one(f"#{name}", LiveWidget)


def body(view: LiveWidget) -> str:
    """The drawn text of a tab."""
    return "\n".join(text_of(view))


async def click_text(pilot: Pilot[None], view: LiveWidget, text: str) -> None:
    """Click on the first place where this text is drawn."""
    for y, line in enumerate(text_of(view)):
        if text in line:
            await pilot.click(view, offset=(line.index(text) + 1, y))
            await settle(pilot)
            return
    raise AssertionError(f"{text!r} is not drawn:\n{body(view)}")


async def click_key(pilot: Pilot[None], text: str) -> None:
    """Click on a key of the footer by what it does."""
    footer = pilot.app.screen.query_one(FooterLine)
    await pilot.click(footer, offset=(text_of(footer)[0].index(text), 0))
    await settle(pilot)
