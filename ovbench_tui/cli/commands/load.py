"""``ovbench-tui load MODEL``: the highest rate of arrivals at which a limit holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.capacity.invocation import read_capacity_invocation
from ovbench_tui.cli.search.written_search import Writers, run_search
from ovbench_tui.settings.file import read_settings

if TYPE_CHECKING:
    from ovbench_tui.tuning.tuner import Tuner


def main(arguments: Sequence[str]) -> int:
    """Find the capacity; returns the exit code."""
    user = read_settings()
    invocation = read_capacity_invocation(arguments, user.settings)

    def make() -> Tuner:
        from ovbench_tui.capacity.start import make_capacity_search

        return make_capacity_search(invocation.base, invocation.plan)

    return run_search(invocation, user, "capacity", make, _writers)


def _writers() -> Writers:
    from ovbench_tui.capacity.rates import capacity_of
    from ovbench_tui.capacity.report import (
        capacity_csv,
        capacity_document,
        describe_search,
        exit_code_of,
        format_capacity,
    )

    return Writers(
        format_capacity,
        capacity_csv,
        capacity_document,
        "the rates are",
        lambda board: exit_code_of(capacity_of(board)),
        describe_search,
    )
