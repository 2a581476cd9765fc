"""``ovbench-tui sweep MODEL``: throughput and latency over the number of infer requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.cli.search.written_search import Writers, run_search
from ovbench_tui.settings.file import read_settings
from ovbench_tui.sweep.invocation import read_sweep_invocation

if TYPE_CHECKING:
    from ovbench_tui.tuning.tuner import Tuner


def main(arguments: Sequence[str]) -> int:
    """Sweep; returns the exit code."""
    user = read_settings()
    invocation = read_sweep_invocation(arguments, user.settings)

    def make() -> Tuner:
        from ovbench_tui.sweep.start import make_sweep

        return make_sweep(invocation.base, invocation.plan)

    return run_search(invocation, user, "sweep", make, _writers)


def _writers() -> Writers:
    from ovbench_tui.sweep.report import format_sweep, sweep_csv, sweep_document

    return Writers(format_sweep, sweep_csv, sweep_document, "the points are")
