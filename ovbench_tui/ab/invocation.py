"""What an A/B is asked to compare: a configuration, and in what the other one differs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovbench_tui.ab.b_option import add_b, config_b, split_sides
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.conflicts import of_check, of_limits, of_one_run, refuse
from ovbench_tui.options.repeat_option import add_repeat, check_repeat
from ovbench_tui.options.subcommand import subcommand_parser
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN

if TYPE_CHECKING:
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.schema import UserSettings

DEFAULT_DURATION_S = 30.0

_EXAMPLE = "-nstreams 2"
_LEAST_SLICE_S, _MOST_SLICE_S = 0.1, 30.0
_DESCRIPTION = (
    "Compares two configurations, or two models, on this machine now: A and B run in turn in short"
    " slices, so that whatever drifts hits both alike. Every option for the model, its inputs and"
    " the device describes A (see ovbench-tui --help-all); B differs from it in what --b says, and"
    " in nothing else."
)
_EPILOG = (
    f"-t SECONDS is for both together (default {DEFAULT_DURATION_S:g}). The table and a sentence"
    " go to standard output, progress to standard error. Ctrl-C ends it"
    " and prints what is known so far. The exit code is 0, 2 for bad input, 3 when one of the two"
    " could not be run, 130 when interrupted."
)


@dataclass(frozen=True, slots=True)
class AbInvocation:
    """One start of a comparison.

    Attributes:
        a, b: the two configurations, without an end.
        duration_s: seconds from the first slice on.
        slice_s: of a slice.
        keeps_history: False where --no-history, or the user's settings, forbid it.
        repeat: comparisons, each in a fresh process; 1 = in this one.
        margin: what counts as equal, as a fraction.
        b_openvino: version of OpenVINO that B runs with; '' = that of this program.
        b_python: Python interpreter that B runs in; '' = that of this program.
    """

    a: BenchmarkConfig
    b: BenchmarkConfig
    duration_s: float
    slice_s: float
    isolated: bool
    json_stdout: bool
    keeps_history: bool
    repeat: int = 1
    margin: float = EQUAL_MARGIN
    b_openvino: str = ""
    b_python: str = ""

    @property
    def is_of_interpreters(self) -> bool:
        """Whether B runs outside this program, and A likewise."""
        return bool(self.b_openvino or self.b_python)


def read_ab_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> AbInvocation:
    """Understand a command line; -h prints and leaves.

    Args:
        settings: of the user, for what the command line leaves open; None = there are none.

    Raises:
        BadInputError: one sentence for the user.
    """
    given, invocation = split_sides(_parser(), arguments, settings, _EXAMPLE)
    base = invocation.config
    if not _LEAST_SLICE_S <= given.slice_s <= _MOST_SLICE_S:
        raise BadInputError(
            f"--slice {given.slice_s:g}: give {_LEAST_SLICE_S:g} to {_MOST_SLICE_S:g} seconds."
        )
    _refuse(invocation)
    if given.b is None:
        refuse("ab with two versions of OpenVINO", *of_check(base, "both run as plain programs"))
    a = replace(base, duration_s=None)
    return AbInvocation(
        a=a,
        b=config_b(a, given.b) if given.b is not None else a,
        duration_s=DEFAULT_DURATION_S if base.duration_s is None else base.duration_s,
        slice_s=given.slice_s,
        isolated=invocation.isolated,
        json_stdout=given.json_stdout,
        keeps_history=invocation.keeps_history,
        repeat=check_repeat(given.repeat),
        margin=invocation.margin,
        b_openvino=given.b_openvino or "",
        b_python=given.b_python or "",
    )


def _parser() -> argparse.ArgumentParser:
    usage = 'MODEL [OPTIONS] --b "MODEL or OPTIONS" | --b-openvino VERSION | --b-python PATH'
    parser = subcommand_parser("ab", usage, _DESCRIPTION, _EPILOG)
    add_b(parser, _EXAMPLE)
    add = parser.add_argument
    add(
        "--slice",
        dest="slice_s",
        type=float,
        default=0.5,
        metavar="SECONDS",
        help="of a slice (default 0.5); slow models take as long as ten inferences do",
    )
    add_repeat(
        parser,
        "compare N times, each in a fresh process and for -t seconds, and report the spread of the"
        " ratios: some differences show only between processes",
    )
    add("--json", dest="json_stdout", action="store_true", help="print one JSON document instead")
    return parser


def _refuse(invocation: Invocation) -> None:
    """Refuse what would be asked for in vain."""
    config = invocation.config
    refuse(
        "ab",
        (config.iterations is not None, "-niter", "it goes on for -t seconds"),
        (config.percentiles, "-latency_percentile", "it goes by FPS and p50"),
        *of_limits(config, "it goes by the ratio of the two"),
        *of_one_run(invocation, "--json prints everything that it has found"),
    )
