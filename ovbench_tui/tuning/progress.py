"""How far a search without a screen is: what is measured now, and what has been."""

from __future__ import annotations

from ovbench_tui.tuning.search.space import Point
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.trial_result import Ending, Trial
from ovbench_tui.tuning.why import point_name


class TrialLog:
    """Of the trials that come again with every look, a line for each that is new."""

    def __init__(self) -> None:
        self._reported: set[Point] = set()

    def of(self, board: TuningState) -> list[str]:
        """The lines that none before had."""
        # Not by number: what several machines find comes in another order.
        new = [trial for trial in board.trials if trial.point not in self._reported]
        self._reported.update(trial.point for trial in new)
        return [describe_trial(trial, board) for trial in new]


def describe_board(board: TuningState) -> str:
    """Say in one line what is measured and what is best so far."""
    parts = [f"{board.elapsed_s:.0f} s", f"{len(board.trials)} tried"]
    if board.current is not None:
        doing = "again: " if board.phase is Phase.FINALS else ""
        fps = board.current_figures.fps.mid
        now = f" {fps:.1f} {board.unit}" if fps == fps else ""
        parts.append(f"{doing}{point_name(board.current, board.trials)}{now}")
    elif board.where:
        parts.append(f"{board.phase.value} {board.where}")
    winner = board.winner
    if winner is not None:
        name = point_name(winner.point, board.trials)
        parts.append(f"best {winner.figures.fps.mid:.1f} {board.unit} with {name}")
    return "  ".join(parts)


def describe_trial(trial: Trial, board: TuningState) -> str:
    """Say in one line what came of a configuration."""
    name = point_name(trial.point, board.trials)
    if not trial.has_run:
        return f"{name}: {trial.reason or trial.ending.value}"
    figures = trial.figures
    early = f", {trial.ending.value}" if trial.ending is Ending.WORSE else ""
    begin = f"{name}: {figures.fps.mid:.1f} {figures.unit}"
    if figures.of_tokens:
        ttft_ms, tpot_ms = figures.ttft_p90_ms.mid, figures.tpot_p90_ms.mid
        return f"{begin}, TTFT p90 {ttft_ms:.3g} ms, TPOT p90 {tpot_ms:.3g} ms{early}"
    p50_ms, p99_ms = figures.p50_ms.mid, figures.p99_ms.mid
    return f"{begin}, median {p50_ms:.3g} ms, p99 {p99_ms:.3g} ms{early}"
