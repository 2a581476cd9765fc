"""What a command line of `ovbench-tui sweep` asks for: the model, the grid, the files."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovbench_tui.errors import BadInputError
from ovbench_tui.options.subcommand import split_options, subcommand_parser
from ovbench_tui.tuning.invocation import GRID, add_bounds, read_space, read_time, refuse_in_vain

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.options.invocation import Invocation
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


@dataclass(frozen=True, slots=True)
class SweepInvocation:
    """One start of a sweep.

    Attributes:
        base: says everything that is not varied.
        program: all options that are not of the sweep alone, for a screen.
        options: those for the grid, as they would be typed.
        csv: a file for the points; '' = none.
    """

    base: BenchmarkConfig
    plan: SweepPlan
    isolated: bool
    json_stdout: bool
    keeps_history: bool
    program: Invocation
    options: str
    csv: str


def read_sweep_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> SweepInvocation:
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
    return SweepInvocation(
        base=base,
        plan=_plan(given, base),
        isolated=invocation.isolated,
        json_stdout=given.json_stdout,
        keeps_history=invocation.keeps_history,
        program=invocation,
        options=_options_text(given),
        csv=given.csv or "",
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
    for word in words:
        if word.partition("=")[0] in {"-h", "--help", "--json", "--csv"}:
            raise BadInputError(f"{word} means something on the command line only.")
    return _plan(_parser().parse_args(words), base)


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
    add = parser.add_argument_group("Results").add_argument
    add(
        "--max-time",
        dest="max_time_s",
        type=read_time,
        default=_MAX_TIME_S,
        metavar="TIME",
        help="for all of it, as in 90s, 5m or 1h (default 15m)",
    )
    add("--json", dest="json_stdout", action="store_true", help="print one JSON document instead")
    add("--csv", metavar="FILE", help="write the points, one a line")
    return parser
