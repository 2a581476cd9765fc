"""How far a tuner without a screen is: one line on a terminal, a line a configuration elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from ovbench_tui.console.messages import print_message
from ovbench_tui.console.printable import printable
from ovbench_tui.console.status_line import StatusLine
from ovbench_tui.tuning.space import Point
from ovbench_tui.tuning.trial_result import Ending, Trial
from ovbench_tui.tuning.tuner import Phase, TuningState
from ovbench_tui.tuning.why import point_name

_REDRAW_S = 0.5


class TuneProgress:
    """Shows boards on a stream; trouble with the stream stops nothing."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._line = StatusLine(stream)
        self._next_s = 0.0
        self._reported: set[Point] = set()

    def show(self, board: TuningState) -> None:
        """Show what is measured now, or in a log what has been."""
        if not self._line.is_terminal:
            for trial in board.trials:
                # Not by number: what several machines find comes in another order.
                if trial.point not in self._reported:
                    self._reported.add(trial.point)
                    self._line.add(describe_trial(trial, board))
        elif self._clock() >= self._next_s:
            self._next_s = self._clock() + _REDRAW_S
            self._line.rewrite(printable(describe_board(board)))

    def say(self, sentence: str) -> None:
        """Tell something else, on a line of its own."""
        self.clear()
        print_message(sentence)

    def clear(self) -> None:
        """Take the line off the terminal."""
        self._line.clear()


def describe_board(board: TuningState) -> str:
    """Say in one line what is measured and what is best so far."""
    parts = [f"{board.elapsed_s:.0f} s", f"{len(board.trials)} tried"]
    if board.current is not None:
        doing = "again: " if board.phase is Phase.FINALS else ""
        fps = board.current_figures.fps.mid
        now = f" {fps:.1f} FPS" if fps == fps else ""
        parts.append(f"{doing}{point_name(board.current, board.trials)}{now}")
    elif board.where:
        parts.append(f"{board.phase.value} {board.where}")
    winner = board.winner
    if winner is not None:
        name = point_name(winner.point, board.trials)
        parts.append(f"best {winner.figures.fps.mid:.1f} FPS with {name}")
    return "  ".join(parts)


def describe_trial(trial: Trial, board: TuningState) -> str:
    """Say in one line what came of a configuration."""
    name = point_name(trial.point, board.trials)
    if not trial.has_run:
        return f"{name}: {trial.reason or trial.ending.value}"
    figures = trial.figures
    early = f", {trial.ending.value}" if trial.ending is Ending.WORSE else ""
    return (
        f"{name}: {figures.fps.mid:.1f} FPS, median {figures.p50_ms.mid:.3g} ms,"
        f" p99 {figures.p99_ms.mid:.3g} ms{early}"
    )
