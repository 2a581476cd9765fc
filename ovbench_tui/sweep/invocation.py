"""What a command line of `ovbench-tui sweep` asks for: the model, the grid, the files."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.errors import BadInputError
from ovbench_tui.options.subcommand import options_alone, split_options, subcommand_parser
from ovbench_tui.tuning.invocation import (
    GRID,
    add_bounds,
    add_max_time,
    read_space,
    refuse_in_vain,
)
from ovbench_tui.tuning.search_invocation import (
    COMMAND_LINE_ONLY,
    SearchInvocation,
    add_results,
)

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.settings.schema import UserSettings
    from ovbench_tui.sweep.start import SweepPlan

_MAX_TIME_S = 900.0
_DESCRIPTION = (
    "Measures a model with every number of infer requests, each until its throughput is steady,"
    " and says where more of them stop to pay. Every option for the model, its inputs and the"
    " device is taken as well (see ovbench-tui --help-all)."
)
_EPILOG = (
    "LIST is numbers as in 1,2,4 or 1..16. What else than nireq is varied gives a curve of its"
    " own. On a terminal the app shows it as it grows; with --no-tui the table goes to standard"
    " output and progress to standard error, and Ctrl-C ends it and prints what is known so far."
    " The exit code is 0, 2 for bad input, 3 when nothing could be measured, 130 when interrupted."
)


def read_sweep_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> SearchInvocation[SweepPlan]:
    """Understand a command line; -h prints and leaves.

    Raises:
        BadInputError: one sentence for the user.
    """
    given, invocation = split_options(_parser(), arguments, settings)
    base = invocation.config
    refuse_in_vain(
        "sweep",
        invocation,
        ends="each point ends when it is steady, and --max-time limits all of them",
        repeats="each point is measured until it is steady",
        documents="--json prints everything that was measured",
    )
    if not base.model:
        raise BadInputError("No MODEL is given: name the one that is to be swept.")
    return SearchInvocation(
        invocation, _plan(given, base), _options_text(given), given.json_stdout, given.csv or ""
    )


def _options_text(given: argparse.Namespace) -> str:
    """Write the options for the grid as they would be typed."""
    known = {name: getattr(given, name.replace("-", "_")) for name in GRID}
    if given.max_time_s != _MAX_TIME_S:
        known["max-time"] = f"{given.max_time_s:g}s"
    return shlex.join(f"--{name}={value}" for name, value in known.items() if value is not None)


def read_sweep_plan(words: Sequence[str], base: BenchmarkConfig) -> SweepPlan:
    """Understand the options for the grid alone, for a model that is known.

    Raises:
        BadInputError: one sentence for the user.
    """
    return _plan(options_alone(_parser(), words, COMMAND_LINE_ONLY), base)


def _plan(given: argparse.Namespace, base: BenchmarkConfig) -> SweepPlan:
    from ovbench_tui.sweep.start import SweepPlan

    space = read_space(given, base, prefers_latency=False, cpus=None)
    # Only what was named is varied: the curve is over nireq.
    if given.hint is None:
        space = replace(space, hints=(base.hint,))
    if given.streams is None:
        space = replace(space, streams=(base.streams,))
    if given.max_batched_tokens is None:
        space = replace(space, batched_tokens=(base.batched_tokens,))
    space.check(base)
    return SweepPlan(space, given.max_time_s)


def _parser() -> argparse.ArgumentParser:
    parser = subcommand_parser("sweep", "MODEL [OPTIONS]", _DESCRIPTION, _EPILOG)
    add_bounds(parser)
    group = parser.add_argument_group("Results")
    add_max_time(group, _MAX_TIME_S)
    add_results(group, "points")
    return parser
