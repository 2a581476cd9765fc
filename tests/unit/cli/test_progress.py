"""The progress of a command: one clipped line on a terminal, a rare line elsewhere."""

from __future__ import annotations

import io
import os
from dataclasses import replace

import pytest

from ovbench_tui.cli.progress import ProgressLine
from ovbench_tui.cli.run_progress import describe_progress, fraction_done
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import History, Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from tests.unit.reported import RESULT

RUNNING = Snapshot(
    state=WorkerState.RUNNING,
    measuring=True,
    requested=RESULT.view.config,
    run=replace(RESULT.view, stats=replace(RESULT.view.stats, elapsed_s=5.0)),
    background="",
    background_s=0.0,
    history=History(1.0, 0, (), (), (), ()),
    notices=(),
    devices=(),
    openvino_version="",
    shape_needed=None,
    isolated=False,
    can_restart=False,
    finished=False,
)


class Stream(io.TextIOWrapper):
    """Text in memory, on something that may be a terminal."""

    def __init__(self, *, is_terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def text(self) -> str:
        return self.buffer.getvalue().decode(self.encoding)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def show(progress: ProgressLine, snapshot: Snapshot = RUNNING) -> None:
    progress.show(describe_progress(snapshot), fraction_done(snapshot))


def test_a_terminal_gets_one_line_with_a_bar() -> None:
    stream, clock = Stream(is_terminal=True), Clock()
    bar = ProgressLine(stream, clock=clock)
    show(bar)
    show(bar)
    assert stream.text == (
        "\r\x1b[K██████████░░░░░░░░░░  5/10 s  2817 iterations  281.50 FPS  median 6.93 ms"
    )
    clock.now_s = 0.5
    show(bar)
    bar.clear()
    bar.clear()
    assert stream.text.count("\r\x1b[K") == 3
    assert "\n" not in stream.text


def test_the_line_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stream, "fileno", lambda self: 2)
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: os.terminal_size((40, 24)))
    stream = Stream(is_terminal=True)
    show(ProgressLine(stream, clock=Clock()))
    assert len(stream.text.removeprefix("\r\x1b[K")) == 39


def test_a_terminal_without_blocks_gets_letters() -> None:
    stream = Stream(is_terminal=True, encoding="ascii")
    show(ProgressLine(stream, clock=Clock()))
    assert stream.text.startswith("\r\x1b[K##########----------  5/10 s")


def test_a_log_gets_a_line_now_and_then() -> None:
    stream, clock = Stream(is_terminal=False), Clock()
    bar = ProgressLine(stream, clock=clock)
    reported_s = []
    for second in range(200):
        clock.now_s = float(second)
        before = stream.text
        show(bar)
        if stream.text != before:
            reported_s.append(second)
    bar.clear()
    assert reported_s == [10, 30, 70, 130, 190]
    lines = stream.text.splitlines()
    assert set(lines) == {"ovbench-tui: 5/10 s  2817 iterations  281.50 FPS  median 6.93 ms"}


@pytest.mark.parametrize(
    ("config", "cells"),
    [
        (BenchmarkConfig(duration_s=10), 10),
        (BenchmarkConfig(iterations=2817 * 4), 5),
        (BenchmarkConfig(duration_s=10, iterations=2817 * 4), 5),
        (BenchmarkConfig(duration_s=1), 20),
    ],
)
def test_the_bar_shows_the_limit_that_comes_last(config: BenchmarkConfig, cells: int) -> None:
    assert RUNNING.run is not None
    stream = Stream(is_terminal=True)
    run = replace(RUNNING.run, config=config)
    show(ProgressLine(stream, clock=Clock()), replace(RUNNING, run=run))
    assert stream.text.count("█") == cells


def test_before_the_measurement_it_says_what_goes_on() -> None:
    waiting = replace(RUNNING, measuring=False, background="compiling m\x1b[2J")
    assert describe_progress(waiting).startswith("compiling m")
    stream = Stream(is_terminal=True)
    show(ProgressLine(stream, clock=Clock()), waiting)
    assert stream.text == "\r\x1b[Kcompiling m?[2J"
    assert describe_progress(replace(waiting, background="")) == "running"
    assert describe_progress(replace(RUNNING, run=None)) == "running"


def test_a_stream_that_goes_away_stops_nothing() -> None:
    class Gone(Stream):
        def flush(self) -> None:
            raise BrokenPipeError

        def close(self) -> None:
            """Leave it: closing flushes."""

    bar = ProgressLine(Gone(is_terminal=True), clock=Clock())
    show(bar)
    bar.clear()


def test_what_has_ended_goes_to_a_log_at_once_and_puts_the_next_line_off() -> None:
    clock = Clock()
    log, terminal = Stream(is_terminal=False), Stream(is_terminal=True)
    for stream in (log, terminal):
        clock.now_s = 0.0
        progress = ProgressLine(stream, clock=clock)
        clock.now_s = 9.0
        progress.log(["nireq 2: 100 FPS", "nireq 4: 90 FPS"])
        progress.log([])
        clock.now_s = 18.0
        progress.show("")
        progress.show("12 s  2 tried")
    assert log.text == "ovbench-tui: nireq 2: 100 FPS\novbench-tui: nireq 4: 90 FPS\n"
    assert terminal.text == "\r\x1b[K12 s  2 tried"


def test_before_a_second_inference_there_is_no_rate() -> None:
    assert RUNNING.run is not None
    for count in (0, 1):
        stats = replace(RUNNING.run.stats, count=count, dropped=0, fps_mean=0.0)
        snapshot = replace(RUNNING, run=replace(RUNNING.run, stats=stats))
        assert "FPS" not in describe_progress(snapshot)
