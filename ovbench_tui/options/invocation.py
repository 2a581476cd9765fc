"""What a command line asks for: the configuration, the reports, and how to show it all."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig
from ovbench_tui.config.load.scenario import with_scenario
from ovbench_tui.config.load_config import load_settings
from ovbench_tui.config.model_file import names_pipeline
from ovbench_tui.config.option import check_options, options_of
from ovbench_tui.config.option_values import HINT_ALIASES
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.groups import values_of
from ovbench_tui.options.parser import parse_options
from ovbench_tui.options.program import ProgramOptions
from ovbench_tui.settings.schema import UserSettings


@dataclass(frozen=True, slots=True)
class Invocation(ProgramOptions):
    """One start of the program: what to measure, what to write, and how to show it."""

    config: BenchmarkConfig = field(default_factory=BenchmarkConfig)
    reports: ReportOptions = field(default_factory=ReportOptions)

    def __post_init__(self) -> None:
        """Refuse values the screen cannot be run with, with one sentence."""
        check_options(self, options_of(ProgramOptions))


def read_invocation(
    argv: Sequence[str],
    settings: UserSettings | None = None,
    *before: argparse.ArgumentParser,
) -> Invocation:
    """Understand a command line; -h and --version print and leave.

    Args:
        settings: of the user, for what the command line leaves open; None = there are none.
        before: see `parse_options`.

    Raises:
        BadInputError: one sentence for the user.
    """
    given = parse_options(argv, *before)
    user = settings or UserSettings()
    reports = _reports(given, argv)
    invocation = read_program(given, user)
    return replace(
        invocation,
        config=_config(given, reports, user),
        reports=reports,
        has_screen=invocation.has_screen and not reports.json_stdout and invocation.repeat == 1,
    )


def read_program(given: argparse.Namespace, settings: UserSettings | None) -> Invocation:
    """How a parsed command line wants it shown; nothing is said of what is measured.

    Args:
        given: may lack options of the program.
        settings: of the user, for what the command line leaves open; None = there are none.

    Raises:
        BadInputError: one sentence for the user.
    """
    user = settings or UserSettings()
    program: dict[str, Any] = {
        "refresh_hz": user.refresh_hz,
        "ui_budget_percent": user.ui_budget_percent,
        "keeps_history": user.keeps_history,
        "ascii": user.ascii,
    } | values_of(ProgramOptions, given)
    return Invocation(**program)


def config_of(given: argparse.Namespace) -> BenchmarkConfig:
    """Return the configuration that options ask for, as `parse_options` returns them.

    Raises:
        BadInputError: one sentence for the user.
    """
    return _config(given, _reports(given, ()), UserSettings())


def typed_pairs(argv: Sequence[str], model: str = "") -> tuple[tuple[str, str], ...]:
    """Pair every option with its value as typed, for a report's list of parameters.

    A word that belongs to no option is listed under its own text, with no value; of several
    values of one option all are kept, with blanks between.

    Args:
        model: the word that is the model by its place, not the value of what stands before.
    """
    left = model
    pairs: list[tuple[str, str]] = []
    for word in argv:
        if left and word == left:
            pairs.append((word, ""))
            left = ""
            continue
        is_option = word[:1] == "-" and not word[1:2].isdigit()
        if is_option:
            name, _, value = word.partition("=")
            pairs.append((name, value))
        elif pairs and pairs[-1][0].startswith("-"):
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value} {word}" if value else word)
        else:
            pairs.append((word, ""))
    return tuple(pairs)


def _reports(given: argparse.Namespace, argv: Sequence[str]) -> ReportOptions:
    return ReportOptions(
        **values_of(ReportOptions, given),
        perf_counts=bool(given.perf_counts),
        command_line=typed_pairs(argv, given.model_argument or ""),
    )


def _config(
    given: argparse.Namespace, reports: ReportOptions, user: UserSettings
) -> BenchmarkConfig:
    """Put together what the command line, -load_config and the user's settings say.

    What an option's default depends on other options is said here, by benchmark_app's rules.
    """
    names = {field: row.name for field, row in OPTIONS.items() if row.names}
    by_option = with_scenario(values_of(BenchmarkConfig, given), names)
    device = by_option.get("device", user.device or "CPU")
    by_file: dict[str, Any] = {}
    if given.load_config:
        by_file = load_settings(Path(given.load_config), device)
    # Only a hint on the command line makes the API synchronous, as in benchmark_app.
    is_pipeline = names_pipeline(_model(given))  # it runs one inference at a time, of all requests
    is_sync = by_option.get("hint") == "latency" and not is_pipeline
    api = by_option.get("api") or ("sync" if is_sync else "async")
    default_hint = "latency" if api == "sync" or is_pipeline else user.hint or "throughput"
    values = {"device": device, "hint": default_hint} | by_file | by_option
    values |= {
        "model": _model(given),
        "api": api,
        "hint": HINT_ALIASES.get(values["hint"], values["hint"]),
        "perf_counts": _collects_layer_times(given, reports, by_file),
    }
    if "nireq" in by_option:
        values["hint_nireq"] = by_option.get("hint_nireq", by_option["nireq"])
    if api == "sync":
        values["nireq"] = min(values.get("nireq", 0), 1)
    return BenchmarkConfig(**values)


def _model(given: argparse.Namespace) -> str:
    if given.model_argument and given.model:
        raise BadInputError("The model is given twice: give it as MODEL or with -m, not both.")
    model: str = given.model_argument or given.model or ""
    if given.sources and not model:
        raise BadInputError(
            f"-i took {given.sources[-1][-1]!r} as an input file, and no MODEL is left:"
            " put MODEL first, or give it with -m."
        )
    return model


def _collects_layer_times(
    given: argparse.Namespace, reports: ReportOptions, by_file: Mapping[str, Any]
) -> bool:
    """By benchmark_app's rule: -pc decides where it is given; else what needs them does."""
    if given.perf_counts is not None:
        return bool(given.perf_counts)
    return bool(by_file.get("perf_counts")) or reports.needs_profile
