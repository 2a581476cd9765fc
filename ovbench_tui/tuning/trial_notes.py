"""What is to be known of how a measurement ended, in the same words wherever trials are listed."""

from __future__ import annotations

from ovbench_tui.stats.steadiness import Verdict
from ovbench_tui.stats.steadiness_text import short_text
from ovbench_tui.tuning.trial_result import Ending, Trial

_NOTES = {
    Ending.WORSE: "stopped early",
    # No word on the steadiness of the run, which is judged by its windows, as everywhere.
    Ending.NOISY: "interval still wide",
    Ending.STOPPED: "stopped",
    Ending.FAILED: "failed",
    Ending.SAME: "the same as another",
}


def ending_notes(trial: Trial) -> list[str]:
    """How it ended where that is not as meant, and what its run was judged to be, if unsteady."""
    notes = [_NOTES[trial.ending]] if trial.ending in _NOTES else []
    run = trial.run
    if (
        trial.has_run
        and run is not None
        and run.stability.verdict in (Verdict.UNSTABLE, Verdict.DRIFTING)
    ):
        notes.append(short_text(run.stability))
    return notes
