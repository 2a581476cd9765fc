"""What a command line of `ovbench-tui fleet` asks for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.errors import BadInputError
from ovbench_tui.options.cluster import add_cluster_options, read_address, refuse_what_stays_here
from ovbench_tui.options.conflicts import of_check, of_limits, of_one_run, refuse
from ovbench_tui.options.subcommand import split_options, subcommand_parser

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.options.cluster_address import Address
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.schema import UserSettings

_DESCRIPTION = (
    "Runs the same model on every machine of a Dask cluster, and shows all of them on one"
    " screen. Every option for the model and the device is taken as well, as in -d, -hint,"
    " -nireq, -data_shape or -t (see ovbench-tui --help-all)."
)
_EPILOG = (
    "A Dask cluster executes whatever code its clients send, and its clients read what it"
    " answers: connect only to a cluster of your own, in a network that you trust, or with TLS."
    " Each machine runs 'dask worker tcp://HOST:8786', and one of them, or another, 'dask"
    " scheduler'; all need ovbench-tui[fleet] of the same version. Without a terminal, or with"
    " --no-tui or --json, it measures for -t seconds (default 60) and prints a table. The exit"
    " code is 0, 2 for bad input, 3 when no machine could measure, 130 when interrupted."
)


@dataclass(frozen=True, slots=True)
class FleetInvocation:
    """One start of a fleet."""

    config: BenchmarkConfig
    address: Address
    has_screen: bool
    json_stdout: bool
    keeps_history: bool
    refresh_hz: float
    ui_budget_percent: float


def read_fleet_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> FleetInvocation:
    """Understand a command line; -h prints and leaves.

    Args:
        settings: of the user, for what the command line leaves open; None = there are none.

    Raises:
        BadInputError: one sentence for the user.
    """
    given, invocation = split_options(build_parser(), arguments, settings)
    _refuse(invocation)
    if not invocation.config.model:
        raise BadInputError("No MODEL is given: name the one that the machines are to run.")
    address = read_address(given)
    if not 0.5 <= given.refresh_hz <= 10:
        raise BadInputError(f"--refresh {given.refresh_hz:g}: give 0.5 to 10 frames a second.")
    return FleetInvocation(
        config=invocation.config,
        address=address,
        has_screen=invocation.has_screen,
        json_stdout=invocation.reports.json_stdout,
        keeps_history=invocation.keeps_history,
        refresh_hz=given.refresh_hz,
        ui_budget_percent=invocation.ui_budget_percent,
    )


def build_parser() -> argparse.ArgumentParser:
    """The options that only a fleet has, or has otherwise."""
    usage = "MODEL (--scheduler ADDRESS | --local N) [OPTIONS]"
    parser = subcommand_parser("fleet", usage, _DESCRIPTION, _EPILOG)
    add_cluster_options(parser)
    add = parser.add_argument_group("Screen").add_argument
    add(
        "--refresh",
        dest="refresh_hz",
        type=float,
        default=1.0,
        metavar="HZ",
        help="frames a second, 0.5 to 10 (default 1, as often as the machines report)",
    )
    return parser


def _refuse(invocation: Invocation) -> None:
    """Refuse what would be asked for in vain, however it was written."""
    refuse_what_stays_here(invocation, "fleet")
    instead = "--json prints all figures, and the history keeps every run"
    why = "it is for one machine"
    repeat = (invocation.repeat > 1, "--repeat", why)
    config = invocation.config
    limits = (*of_limits(config, why), *of_check(config, why))
    refuse("fleet", repeat, *limits, *of_one_run(invocation, instead))
