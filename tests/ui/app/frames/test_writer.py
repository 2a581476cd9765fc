"""A terminal that does not keep up: what is drawn waits for it, what is measured does not."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.drivers._writer_thread import WriterThread

from ovbench_tui.ui.app.frames.writer import find_writer, is_line_behind
from tests.ui.fakes import STATS, FakeSession, redraw, running, screen_text


class BlockedFile(io.StringIO):
    """Takes nothing before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.is_requested = threading.Event()
        self.is_open = threading.Event()

    def write(self, text: str) -> int:
        self.is_requested.set()
        assert self.is_open.wait(60)
        return super().write(text)


@pytest.fixture
def blocked() -> Iterator[tuple[BlockedFile, WriterThread]]:
    file = BlockedFile()
    writer = WriterThread(file)
    writer.start()
    yield file, writer
    file.is_open.set()
    writer.stop()


def test_without_a_writer_nothing_waits() -> None:
    assert find_writer() is None
    assert not is_line_behind()


def test_it_is_behind_once_a_frame_waits(blocked: tuple[BlockedFile, WriterThread]) -> None:
    file, writer = blocked
    assert find_writer() is writer
    writer.write("being written")
    assert file.is_requested.wait(60)
    assert not is_line_behind()
    writer.write("the next frame")
    assert is_line_behind()
    file.is_open.set()
    writer.stop()
    assert not is_line_behind()
    assert file.getvalue() == "being writtenthe next frame"


async def test_nothing_is_drawn_while_it_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await redraw(pilot)
        before = screen_text(pilot.app)
        monkeypatch.setattr("ovbench_tui.ui.app.app.is_line_behind", lambda: True)
        session.set_run(stats=replace(STATS, fps_mean=7777.0))
        await redraw(pilot)
        assert screen_text(pilot.app) == before
        assert pilot.app.snapshot.run.stats.fps_mean == 7777.0  # taken all the same
        monkeypatch.undo()
        await redraw(pilot)
        assert screen_text(pilot.app) != before
