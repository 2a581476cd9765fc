"""What is written past the compositor, read back as a terminal would show it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from ovbench_tui.console.text import width_of
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.app.textual_private import RowWriter
from tests.ui.fakes import STATS, FakeSession, history, redraw, running, screen_text

_PIECE = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[[\d;]*m|([^\x1b]+)")


def _grid(text: str) -> list[list[str]]:
    """A cell each; the second one of a wide character is empty."""
    rows = []
    for line in text.split("\n"):
        row: list[str] = []
        for letter in line:
            row += [letter, *[""] * (width_of(letter) - 1)]
        rows.append(row)
    return rows


def _write(grid: list[list[str]], written: str) -> None:
    x = y = 0
    for piece in _PIECE.finditer(written):
        if piece[1]:
            y, x = int(piece[1]) - 1, int(piece[2]) - 1
        for letter in piece[3] or "":
            for offset in range(width_of(letter)):
                grid[y][x + offset] = "" if offset else letter
            x += width_of(letter)


def _changes(pilot: Pilot[None]) -> str:
    monitor = pilot.app.monitor
    codes_of = RowWriter(monitor).codes_of
    return "".join(
        widget.take_written(codes_of, widget.region.offset)
        for widget in monitor._live
        if widget.is_shown
    )


@pytest.mark.parametrize("is_ascii", [False, True])
@pytest.mark.parametrize("size", [(44, 12), (80, 24), (120, 40), (200, 60)])
async def test_changes_make_of_the_last_screen_the_next_one(
    size: tuple[int, int], is_ascii: bool
) -> None:
    session = FakeSession()
    async with running(session, size, preferences=Preferences(is_ascii=is_ascii)) as pilot:
        monitor = pilot.app.monitor
        _changes(pilot)
        grid = _grid(screen_text(pilot.app))
        monitor._send_changed_rows = lambda: None  # type: ignore[method-assign]
        for number in range(12):
            fps = 10.0 ** (number % 5) * 1.7
            stats = replace(STATS, fps_now=fps, p99_ms=fps / 7, count=number**7)
            session.set_run(stats=stats)
            wavy = tuple(50.0 + n * 37 % (41 + number) for n in range(100 + number))
            past = replace(history(100 + number, first=200), fps=wavy)
            session.set(history=past)
            monitor.message.tell("模型 " * (number % 4 + 1), is_error=False, now_s=1e9)
            pilot.app.frame()
            written = _changes(pilot)
            assert written
            _write(grid, written)
            assert "\n".join(map("".join, grid)) == screen_text(pilot.app)
        pilot.app.frame()
        assert _changes(pilot) == ""


async def test_only_the_parts_that_changed_are_written() -> None:
    session = FakeSession()
    async with running(session, (120, 40)) as pilot:
        pilot.app.monitor._send_changed_rows = lambda: None  # type: ignore[method-assign]
        _changes(pilot)
        session.set_run(stats=replace(STATS, p99_ms=7.25))
        pilot.app.frame()
        texts = [piece[3] for piece in _PIECE.finditer(_changes(pilot)) if piece[3]]
        assert [text.strip() for text in texts] == ["7.25 ms"]


class Recorder:
    """A terminal's driver that keeps what is written."""

    is_inline = False

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text)

    def flush(self) -> None:
        """Everything is kept already."""


@pytest.mark.parametrize("is_synchronized", [False, True])
async def test_a_frame_is_one_write(
    monkeypatch: pytest.MonkeyPatch, *, is_synchronized: bool
) -> None:
    session = FakeSession()
    async with running(session, (120, 40)) as pilot:
        app, terminal = pilot.app, Recorder()
        for _ in range(3):  # after a change of size the first frames draw everything
            await redraw(pilot)
        with monkeypatch.context() as patch:
            patch.setattr(type(app), "is_headless", False)
            patch.setattr(app, "_driver", terminal)
            patch.setattr(app, "_sync_available", is_synchronized)
            session.set_run(stats=replace(STATS, fps_now=77.0, p99_ms=7.25))
            app.frame()
            app.frame()
        (text,) = terminal.texts
        begin, end = ("\x1b[?2026h", "\x1b[?2026l") if is_synchronized else ("", "")
        assert text.startswith(begin + "\x1b[")
        assert text.endswith("\x1b[1;1H" + end)
        assert "7.25 ms" in text
        assert text.count("\x1b[?2026") == 2 * is_synchronized


async def test_styles_are_of_the_present_theme() -> None:
    async with running(FakeSession(), (120, 40)) as pilot:
        header = pilot.app.monitor.header
        before = header.resolve("title")
        assert before.bold
        pilot.app.theme = "textual-light"
        await pilot.pause()
        after = header.resolve("title")
        assert after.bold
        assert after.bgcolor != before.bgcolor
        drawn = {segment.style for segment in header.render_line(0)}
        assert after in drawn
        assert before not in drawn
        with pytest.raises(KeyError):
            header.resolve("cursor")
