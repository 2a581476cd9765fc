"""What a command line of `ovbench-tui startup` asks for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.conflicts import of_check, of_limits, of_one_run, refuse
from ovbench_tui.options.repeat_option import add_repeat, check_repeat
from ovbench_tui.options.subcommand import split_options, subcommand_parser
from ovbench_tui.tuning.search_invocation import add_results

if TYPE_CHECKING:
    from ovbench_tui.settings.schema import UserSettings

_REPEATS = 10
_DESCRIPTION = (
    "Starts a model in fresh processes and says how long each part takes: the process, importing"
    " OpenVINO, making its Core, reading and compiling the model, the first inference and the"
    " second. Cold starts take turns with cached ones, which load the compiled model from the"
    " folder of -cdir, or else from a temporary one. Every option for the model, its inputs and"
    " the device is taken as well (see ovbench-tui --help-all)."
)
_EPILOG = (
    "The table goes to standard output, progress to standard error. Ctrl-C ends it and prints what"
    " is known so far. The exit code is 0, 2 for bad input, 3 when a start failed, 130 when"
    " interrupted."
)


@dataclass(frozen=True, slots=True)
class StartupInvocation:
    """One start of the command.

    Attributes:
        config: of the model; its `cache_dir` is the cache of the cached starts; '' = a temporary
            one.
        repeat: starts of each kind.
        csv: a file for the starts; '' = none.
    """

    config: BenchmarkConfig
    repeat: int
    json_stdout: bool
    csv: str


def read_startup_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> StartupInvocation:
    """Understand a command line; -h prints and leaves.

    Raises:
        BadInputError: one sentence for the user.
    """
    given, invocation = split_options(_parser(), arguments, settings)
    config = invocation.config
    if not config.model:
        raise BadInputError("No MODEL is given: name the one that is to be started.")
    refuse(
        "startup",
        (config.duration_s is not None, "-t", "a start ends with the second inference"),
        (config.iterations is not None, "-niter", "a start ends with the second inference"),
        (config.percentiles, "-latency_percentile", "it is about the time until an inference"),
        *of_limits(config, "it is about the time until an inference"),
        *of_check(config, "it is about the time until an inference"),
        *of_one_run(invocation, "--json prints everything that was measured"),
    )
    # As many requests as a run has are no part of a start: one is enough for an inference.
    config = replace(config, nireq=config.nireq or 1, max_fps=0.0, first_inference=True)
    repeat = _REPEATS if given.repeat is None else check_repeat(given.repeat)
    return StartupInvocation(config, repeat, given.json_stdout, given.csv or "")


def _parser() -> argparse.ArgumentParser:
    parser = subcommand_parser(
        "startup", "MODEL [OPTIONS] [-cdir DIR] [--repeat N]", _DESCRIPTION, _EPILOG
    )
    add_repeat(parser, f"starts of each kind (default {_REPEATS})")
    add_results(parser, "starts")
    return parser
