"""The screen of `ovbench-tui app`, over a program that is made up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from ovbench_tui.application.alone import AloneResult
from ovbench_tui.application.analysis import analyse
from ovbench_tui.application.live import AppSnapshot
from ovbench_tui.application.output import OutputLine
from ovbench_tui.application.recorder.layout import Kind
from ovbench_tui.application.seconds import Second
from ovbench_tui.application.surroundings import Surroundings
from ovbench_tui.application.time_split import TimeSplit
from ovbench_tui.application.trace import KEYBOARD_SENTENCE
from ovbench_tui.application.verdict import judge
from ovbench_tui.errors import RunFailedError
from ovbench_tui.ui.application.app import ProgramApp
from ovbench_tui.ui.application.arrangement import arrange
from ovbench_tui.ui.application.split_chart import blocks_of, letters_of
from tests.ui.fakes import SIZES, Clock, history, screen_text, settle, until
from tests.ui.pictures import assert_picture
from tests.unit.application.recorded import MS, Recorded

_SPLIT = TimeSplit(0.5, 0.25, 0.0, 0.0, 0.25, 0.0)
_ALONE = AloneResult("/m/net.xml", "CPU", 190.0, 20.0, 4, "4", ("f32 [1,3]",), 5.0)


class _Program:
    """A synchronous loop of 100 inferences a second."""

    def __init__(self) -> None:
        recorded = Recorded()
        for number in range(200):
            begin = number * 10
            recorded.add(Kind.INFER, begin, begin + 9, copy_ms=1, latency_ms=7, gap_cpu_ms=1)
        analysis = analyse(recorded.trace, 0, 2000 * MS)
        self.state = AppSnapshot(
            words=("detect.py", "--fast"),
            elapsed_s=2.0,
            exit_code=None,
            ending=False,
            history=history(),
            seconds=(Second(100, 0.7, 0.7, 0.0, _SPLIT),) * 2,
            analysis=analysis,
            verdict=judge(analysis, Surroundings(4, 0.0, 0.5, 0.0)),
            judged_s=2.0,
            output=(OutputLine("frame 1", False), OutputLine("careful", True)),
        )
        self.ends = 0
        self.error = ""

    def set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def snapshot(self, columns: int) -> AppSnapshot:
        assert columns > 0
        return self.state

    def end(self) -> None:
        self.ends += 1

    def measure_alone(self) -> None:
        if self.error:
            raise RunFailedError(self.error)
        self.set(alone_s=1.5)

    def log_text(self) -> str:
        return "frame 1\ncareful"


@asynccontextmanager
async def running(
    program: _Program, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Pilot[None]]:
    """The app, whose own clock never ticks; a test draws by `redraw`."""
    app = ProgramApp(lambda: program, refresh_hz=0.001, clock=Clock())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.program_snapshot is not None)
        yield pilot


async def redraw(pilot: Pilot[None]) -> str:
    """Draw the next frame; returns what is then seen."""
    pilot.app.frame()  # type: ignore[attr-defined]
    await settle(pilot)
    return screen_text(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
async def test_all_that_matters_is_seen_at_every_size(size: tuple[int, int]) -> None:
    async with running(_Program(), size) as pilot:
        text = await redraw(pilot)
    assert "detect.py --fast" in text
    assert "● running" in text
    assert "0.7 of 4 optimal" in text
    assert "Device 70% busy" in text
    assert "waiting for results" in text
    assert "50.0%" in text
    assert "Verdict so far, of the last 2 s" in text
    assert "x: Inferences run one after the other" in text
    assert "careful" in text
    if size[0] >= 120:
        assert "compiled 0 times" in text
    assert_picture(f"program_{size[0]}x{size[1]}", text)


@pytest.mark.parametrize("size", [*SIZES, (44, 12), (72, 20), (110, 30), (160, 40), (300, 100)])
def test_no_two_panes_overlap_and_nothing_leaves_the_screen(size: tuple[int, int]) -> None:
    places = list(arrange(size).values())  # type: ignore[arg-type]
    cells = {cell for region in places for cell in _cells(region)}
    assert len(cells) == sum(region.area for region in places)
    assert all(0 <= x < size[0] and 0 <= y < size[1] for x, y in cells)


def _cells(region: Any) -> list[tuple[int, int]]:
    return [(x, y) for x in region.column_range for y in region.line_range]


async def test_space_freezes_what_is_shown_and_not_the_program() -> None:
    program = _Program()
    async with running(program) as pilot:
        await pilot.press("space")
        program.set(elapsed_s=77.0, output=(OutputLine("later", False),))
        text = await redraw(pilot)
        assert "later" not in text
        assert "the program goes on" in text
        await pilot.press("space")
        assert "later" in await redraw(pilot)


async def test_q_asks_the_program_to_end_and_leaves_when_it_has() -> None:
    program = _Program()
    async with running(program) as pilot:
        await pilot.press("q")
        assert "Ctrl+C was sent to the program" in await redraw(pilot)
        await pilot.press("ctrl+c")
        assert program.ends == 2
        assert pilot.app.is_running
        program.set(exit_code=130)
        pilot.app.frame()  # type: ignore[attr-defined]
        await pilot.pause()
        assert not pilot.app.is_running


def _shares(text: str) -> list[str]:
    """Of the time that goes into each kind of work, as the table shows them."""
    return re.findall(r"█ [a-z][^%]*? ([\d.]+%)", text)


async def test_a_program_that_has_ended_stays_to_be_looked_at() -> None:
    program = _Program()
    async with running(program) as pilot:
        assert _shares(await redraw(pilot)) == ["50.0%", "25.0%", "0.0%", "0.0%", "25.0%", "0.0%"]
        program.set(exit_code=3)
        text = await redraw(pilot)
        assert "ended, exit code 3" in text
        # Of all its time, not of the last second: 7 of 10 ms are the device's, 1 each copying,
        # the call itself and the code behind it.
        assert _shares(text) == ["70.1%", "10.0%", "10.0%", "0.0%", "10.0%", "0.0%"]
        figures = [
            found[1]
            for found in re.finditer(r"^ (?:FPS|p\d\d) .*? ([\d.]+) +(?:FPS|ms)", text, re.M)
        ]
        assert figures == ["100", "7.00", "7.00"]
        assert "h measures the model alone, q prints the report" in text
        # What the history knows may be measured anew.
        program.set(alone=replace(_ALONE, source="run 7 of the history, 2026-11-20"))
        text = " ".join((await redraw(pilot)).split())
        assert "net.xml alone reaches 190" in text
        assert "h measures the model alone, q prints the report" in text
        program.set(alone=None)
        await pilot.press("h")
        assert "measuring the model alone 1.5 s" in await redraw(pilot)
        program.set(alone_s=0.0, alone=_ALONE)
        text = " ".join((await redraw(pilot)).split())
        assert "net.xml alone reaches 190" in text
        await pilot.press("q")
        assert program.ends == 0
        assert not pilot.app.is_running


async def test_on_a_small_screen_the_cure_of_what_gains_most_is_whole() -> None:
    async with running(_Program(), (80, 24)) as pilot:
        text = " ".join((await redraw(pilot)).split())
    assert "Use an AsyncInferQueue, or several requests with start_async." in text


async def test_what_cannot_be_measured_alone_is_said() -> None:
    program = _Program()
    program.error = "No file is known."
    async with running(program) as pilot:
        await pilot.press("h")
        assert "No file is known." in await redraw(pilot)


async def test_a_program_that_reads_the_keyboard_is_sent_to_no_tui() -> None:
    program = _Program()
    async with running(program) as pilot:
        program.set(reads_keyboard=True)
        assert KEYBOARD_SENTENCE in await redraw(pilot)


async def test_the_log_has_the_output_and_the_help_has_the_keys() -> None:
    async with running(_Program(), (120, 40)) as pilot:
        await pilot.press("L")
        await settle(pilot)
        assert "careful" in screen_text(pilot.app)  # type: ignore[arg-type]
        await pilot.press("escape", "question_mark")
        await settle(pilot)
        assert "What the same model reaches alone" in screen_text(pilot.app)  # type: ignore[arg-type]


def test_a_second_is_a_column_of_blocks_from_below() -> None:
    assert blocks_of(_SPLIT, 4) == [
        ("█", "waiting"),
        ("█", "waiting"),
        ("█", "inputs"),
        ("█", "program"),
    ]
    split = TimeSplit(0.3, 0.7, 0, 0, 0, 0)
    assert blocks_of(split, 2) == [("▅", "waiting/inputs"), ("█", "inputs")]
    assert blocks_of(TimeSplit(0, 0, 0, 0, 0, 0), 2) == [(" ", "base")] * 2


def test_without_colours_a_second_is_a_column_of_letters() -> None:
    assert [letter for letter, _ in letters_of(_SPLIT, 8)] == list("wwwwiipp")
