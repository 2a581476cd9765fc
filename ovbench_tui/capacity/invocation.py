"""What a command line of `ovbench-tui load` asks for: the model, the limit, the arrivals."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.config.load.pattern import POISSON, TRACE, ArrivalPattern, parse_arrivals
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.conflicts import of_one_run, refuse
from ovbench_tui.options.subcommand import options_alone, split_options, subcommand_parser
from ovbench_tui.tuning.invocation import add_max_time
from ovbench_tui.tuning.search_invocation import (
    COMMAND_LINE_ONLY,
    SearchInvocation,
    add_results,
)

if TYPE_CHECKING:
    from ovbench_tui.capacity.start import CapacityPlan
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.schema import UserSettings

_MAX_TIME_S = 900.0
_LIMIT_OPTION = "--p99-under"
_ARRIVALS_OPTION = "--arrivals"
_DESCRIPTION = (
    "Finds the capacity of a model: the highest rate of arrivals at which the 99th percentile of"
    " the latency, waiting included, stays under a limit. Every option for the model, its inputs"
    " and the device is taken as well (see ovbench-tui --help-all)."
)
_EPILOG = (
    "On a terminal the app shows the search as it goes on; with --no-tui the table goes to standard"
    " output and progress to standard error, and Ctrl-C ends it and prints what is known so far."
    " The exit code is 0, 2 for bad input, 3 when nothing could be measured, 4 when the limit holds"
    " at no rate, 5 when too little was measured to find the capacity, 130 when interrupted."
)


def read_capacity_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> SearchInvocation[CapacityPlan]:
    """Understand a command line; -h prints and leaves.

    Raises:
        BadInputError: one sentence for the user.
    """
    given, invocation = split_options(_parser(), arguments, settings)
    base = invocation.config
    _refuse(invocation)
    if not base.model:
        raise BadInputError("No MODEL is given: name the one whose capacity is to be found.")
    return SearchInvocation(
        invocation, _plan(given, base), _options_text(given), given.json_stdout, given.csv or ""
    )


def read_capacity_plan(words: Sequence[str], base: BenchmarkConfig) -> CapacityPlan:
    """Understand the options of the search alone, for a model that is known.

    Without a limit among them it is the one that the run is given.

    Raises:
        BadInputError: one sentence for the user.
    """
    return _plan(options_alone(_parser(), words, COMMAND_LINE_ONLY), base)


def _plan(given: argparse.Namespace, base: BenchmarkConfig) -> CapacityPlan:
    from ovbench_tui.capacity.start import CapacityPlan

    limit_ms = base.p99_under_ms if given.p99_under_ms is None else given.p99_under_ms
    if not limit_ms:
        raise BadInputError(
            f"No limit is given: say which latency is to hold, as in {_LIMIT_OPTION} 20 (ms)."
        )
    if not 0 < limit_ms < float("inf"):
        raise BadInputError(f"{_LIMIT_OPTION} {limit_ms:g} is not a valid limit: give ms above 0.")
    return CapacityPlan(_pattern(given.arrivals), limit_ms, given.max_time_s)


def _pattern(text: str) -> ArrivalPattern:
    """Read a pattern without its rate, as in ``bursts,period=2s``."""
    kind, *settings = text.strip().split(",")
    if kind.lower().endswith(".csv") or ":" in kind:
        raise BadInputError(
            f"{_ARRIVALS_OPTION} {text!r} has a rate of its own, and load looks for the rate: write"
            " poisson, constant or bursts,period=2s,factor=5."
        )
    try:
        pattern = parse_arrivals(",".join([f"{kind}:1", *settings]))
    except BadInputError as error:
        raise BadInputError(f"{_ARRIVALS_OPTION} {error}") from None
    if pattern.kind == TRACE:
        raise AssertionError("a pattern with a rate is no trace")
    return pattern


def _options_text(given: argparse.Namespace) -> str:
    """Write the options of the search as they would be typed."""
    words: list[str] = []
    if given.p99_under_ms is not None:
        words.append(f"{_LIMIT_OPTION}={given.p99_under_ms:g}")
    if given.arrivals != POISSON:
        words.append(f"{_ARRIVALS_OPTION}={given.arrivals}")
    if given.max_time_s != _MAX_TIME_S:
        words.append(f"--max-time={given.max_time_s:g}s")
    return shlex.join(words)


def _parser() -> argparse.ArgumentParser:
    parser = subcommand_parser("load", "MODEL [OPTIONS]", _DESCRIPTION, _EPILOG)
    group = parser.add_argument_group("Search")
    add = group.add_argument
    add(
        _LIMIT_OPTION,
        dest="p99_under_ms",
        type=float,
        metavar="MS",
        help="the limit of the 99th percentile, from the arrival to the answer",
    )
    add(
        _ARRIVALS_OPTION,
        default=POISSON,
        metavar="KIND",
        help="how requests arrive, without a rate: poisson (default), constant, or"
        " bursts,period=2s,factor=5; seed=N behind it takes other random gaps",
    )
    add_max_time(group, _MAX_TIME_S)
    add_results(parser.add_argument_group("Results"), "rates")
    return parser


def _refuse(invocation: Invocation) -> None:
    config = invocation.config
    of_tokens = "there are no arrivals for a model that generates tokens"
    refuse(
        "load",
        (
            config.duration_s is not None or config.iterations is not None,
            "-t and no -niter",
            "each round ends by itself, and --max-time limits all of them",
        ),
        (config.api != "async", "-api sync", "-nireq 1 serves one arrival after the other"),
        (config.max_fps, "-max_irate", "the rate is varied"),
        (config.percentiles, "-latency_percentile", "it goes by the p99"),
        (config.fps_above, "--fps-above", "it looks for the highest rate"),
        (config.ttft_p90_under_ms, "--ttft-p90-under", of_tokens),
        (config.tpot_p90_under_ms, "--tpot-p90-under", of_tokens),
        (invocation.repeat > 1, "--repeat", "it measures each rate several times by itself"),
        *of_one_run(invocation, "--json prints everything that was measured"),
    )
