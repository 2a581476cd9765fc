"""What a command line of `ovbench-tui mix` asks for: the models, each with its own options."""

from __future__ import annotations

import argparse
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovbench_tui.config.option import options_of
from ovbench_tui.errors import BadInputError
from ovbench_tui.mix.plan import SLICE_S
from ovbench_tui.options.conflicts import of_one_run, refuse
from ovbench_tui.options.groups import add_option
from ovbench_tui.options.parser import typed_options
from ovbench_tui.options.program import MOST_MEMBERS, ProgramOptions
from ovbench_tui.options.subcommand import subcommand_parser
from ovbench_tui.tuning.invocation import add_max_time

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.mix.member import Member
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.schema import UserSettings

DEFAULT_DURATION_S = 30.0
MAX_TIME_S = 300.0

_LEAST_SLICE_S, _MOST_SLICE_S = 0.2, 30.0
_OF_PROGRAM = (
    *("has_screen", "keeps_history", "margin", "isolated"),
    *("refresh_hz", "ui_budget_percent", "ascii"),
)
_DESCRIPTION = (
    "Runs several models at once, each with its own settings, requests and statistics, and says"
    " what they cost each other: in short turns each runs alone and all run together. A MODEL is a"
    ' file or a built-in model; in quotes its own options follow, as in "rec.xml -nireq 4 -d CPU",'
    " with --arrivals, --p99-under and the like among them (see ovbench-tui --help-all)."
)
_EPILOG = (
    f"Without a screen -t SECONDS is for all turns together (default {DEFAULT_DURATION_S:g}), a"
    " table goes to standard output and progress to standard error; Ctrl-C ends it and prints what"
    " is known so far. A model's limits are judged by what it does while all run. The exit code is"
    " 0, 2 for bad input, 3 when a model failed, 4 when one missed a limit, 5 when a limit is"
    " undecided, 130 when interrupted."
)


@dataclass(frozen=True, slots=True)
class MixInvocation:
    """One start of a mix.

    Attributes:
        duration_s: seconds of turns without a screen; None = as long as is usual.
        slice_s: of a turn.
        program: how it is shown.
        csv: a file for the figures; '' = none.
        suggests: a better split of the processors is searched for, without a screen.
        max_time_s: for that.
    """

    members: tuple[Member, ...]
    duration_s: float | None
    slice_s: float
    program: Invocation
    json_stdout: bool
    csv: str
    suggests: bool = False
    max_time_s: float = MAX_TIME_S


def read_mix_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> MixInvocation:
    """Understand a command line; -h prints and leaves.

    Args:
        settings: of the user, for what the command line leaves open; None = there are none.

    Raises:
        BadInputError: one sentence for the user.
    """
    given = _parser().parse_intermixed_args(list(arguments))
    # Only now: -h answers without what these import.
    from ovbench_tui.mix.member import named
    from ovbench_tui.options.invocation import read_program

    if not 2 <= len(given.models) <= MOST_MEMBERS:
        raise BadInputError(
            f"mix takes 2 to {MOST_MEMBERS} models, and {len(given.models)} are given: name each,"
            ' with options of its own in quotes, as in mix det.xml "rec.xml -nireq 4".'
        )
    if not _LEAST_SLICE_S <= given.slice_s <= _MOST_SLICE_S:
        raise BadInputError(
            f"--slice {given.slice_s:g}: give {_LEAST_SLICE_S:g} to {_MOST_SLICE_S:g} seconds."
        )
    if given.duration_s is not None and not 0 < given.duration_s < math.inf:
        raise BadInputError(f"-t {given.duration_s:g}: give a number of seconds above 0.")
    if given.suggests:
        refuse(
            "--suggest",
            (given.duration_s is not None, "-t", "--max-time is for all of the search"),
            (given.csv, "--csv", "--json prints everything that it has measured"),
        )
    members = named([read_member(text, settings) for text in given.models])
    program = read_program(given, settings)
    return MixInvocation(
        members=_with_rates(members, given.rates or ()),
        duration_s=given.duration_s,
        slice_s=given.slice_s,
        program=replace(
            program,
            has_screen=program.has_screen and not (given.json_stdout or given.suggests),
        ),
        json_stdout=given.json_stdout,
        csv=given.csv or "",
        suggests=given.suggests,
        max_time_s=given.max_time_s,
    )


def copies_of(invocation: Invocation) -> MixInvocation:
    """The mix of --processes: copies of one model, each in a process of its own.

    Raises:
        BadInputError: something was asked for in vain; one sentence.
    """
    from ovbench_tui.mix.member import named

    config = invocation.config
    refuse(
        "--processes",
        (not config.model, "start without a model", "name the one that is to be copied"),
        (config.iterations is not None, "-niter", "it goes on for -t seconds"),
        (invocation.repeat > 1, "--repeat", "its rounds show the spread"),
        *of_one_run(replace(invocation, processes=1), "--json prints everything it has found"),
    )
    alone = replace(config, duration_s=None)
    return MixInvocation(
        members=named([alone] * invocation.processes),
        duration_s=config.duration_s,
        slice_s=SLICE_S,
        program=replace(invocation, isolated=True),
        json_stdout=invocation.reports.json_stdout,
        csv="",
    )


def read_member(text: str, settings: UserSettings | None = None) -> BenchmarkConfig:
    """Understand a model with its options, as one word of the command line has it.

    Raises:
        BadInputError: one sentence for the user.
    """
    from ovbench_tui.options.invocation import read_invocation

    words = _words_of(text)
    _refuse(text, typed_options(words))
    config = read_invocation(words, settings).config
    if not config.model:
        raise BadInputError(f"{text!r} names no model: begin with its file, then its options.")
    return config


def _words_of(text: str) -> list[str]:
    """The words of a member; a file's name may have blanks."""
    try:
        if " " in text and Path(text).expanduser().exists():
            return [text]
        return shlex.split(text)
    except (ValueError, OSError, RuntimeError) as error:
        raise BadInputError(f"{text!r} is not a model with options: {error}.") from error


def _refuse(text: str, said: Mapping[str, Any]) -> None:
    """Refuse what is for the whole mix, or for one run alone."""
    from ovbench_tui.config.benchmark import OPTIONS
    from ovbench_tui.config.report_options import ReportOptions

    for_all = {**options_of(ProgramOptions), **options_of(ReportOptions)}
    for_all |= {name: OPTIONS[name] for name in ("duration_s", "iterations", "percentiles")}
    for name, row in for_all.items():
        if name in said and name != "load_config":
            takes = "give it outside of the quotes"
            is_shared = name in _OF_PROGRAM or name == "duration_s"
            why = f"it is for all models: {takes}" if is_shared else "it is for a run alone"
            raise BadInputError(f"{text!r} has {row.name}, and {why}.")
    if said.get("perf_counts"):
        raise BadInputError(f"{text!r} has -pc, and collecting layer times slows a model down.")


def _with_rates(members: Sequence[Member], rates: Sequence[str]) -> tuple[Member, ...]:
    """Let requests arrive where --rate says so."""
    found = {member.name: member for member in members}
    for text in rates:
        name, sign, rate = text.rpartition("=")
        if not sign or name not in found:
            known = ", ".join(found)
            raise BadInputError(
                f"--rate {text!r}: give NAME=REQUESTS a second, where NAME is one of {known}."
            )
        member = found[name]
        if member.config.arrivals:
            raise BadInputError(
                f"--rate {text!r}: {name} has --arrivals {member.config.arrivals} already."
            )
        config = replace(member.config, arrivals=f"constant:{rate}")
        found[name] = replace(member, config=config)
    return tuple(found.values())


def _parser() -> argparse.ArgumentParser:
    usage = '"MODEL [OPTIONS]" "MODEL [OPTIONS]" ... [-t SECONDS] [--rate NAME=R]'
    parser = subcommand_parser("mix", usage, _DESCRIPTION, _EPILOG)
    add = parser.add_argument
    add("models", nargs="*", metavar="MODEL", help="a model, in quotes with options of its own")
    add("-t", "--time", dest="duration_s", type=float, metavar="SECONDS", help="of all turns")
    add(
        "--rate",
        dest="rates",
        action="append",
        metavar="NAME=R",
        help="requests of this model arrive by themselves, R a second, as with --arrivals"
        " constant:R. NAME is its file's name without the ending, NAME-2 of the second alike",
    )
    add(
        "--slice",
        dest="slice_s",
        type=float,
        default=SLICE_S,
        metavar="SECONDS",
        help=f"of a turn (default {SLICE_S:g}); slow models take as long as ten inferences do",
    )
    add(
        "--suggest",
        dest="suggests",
        action="store_true",
        help="search for streams, threads and requests of each model that serve all of them better"
        " than now: limits first, then FPS. Implies --no-tui",
    )
    add_max_time(parser, MAX_TIME_S, "that search")
    add("--json", dest="json_stdout", action="store_true", help="print one JSON document instead")
    add("--csv", metavar="FILE", help="write the figures, a model a line")
    rows = options_of(ProgramOptions)
    for name in _OF_PROGRAM:
        add_option(parser, name, rows[name])
    return parser
