"""The options that say what B is: where a comparison names one configuration and a difference."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from ovbench_tui.config.benchmark import LIMITS, OPTIONS, BenchmarkConfig
from ovbench_tui.config.option import options_of
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.parser import parse_options, typed_options
from ovbench_tui.options.program import ProgramOptions
from ovbench_tui.options.subcommand import split_options

if TYPE_CHECKING:
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.schema import UserSettings

_OF_BOTH = ("duration_s", "iterations", *LIMITS)


def add_b(parser: argparse.ArgumentParser, example: str) -> None:
    """Add them to a parser.

    Args:
        example: of options that may differ, as in ``-nstreams 2``.
    """
    add = parser.add_argument
    add(
        *("--b", "--against"),
        dest="b",
        metavar="TEXT",
        help=f'what differs in B, in quotes, as in --b "{example}" or --b other.xml; "" compares'
        " A with itself",
    )
    add(
        "--b-openvino",
        metavar="VERSION",
        help="B is A with this version of OpenVINO, as in 2025.4.1, which is installed once into a"
        " virtual environment in the cache; A and B are then both plain Python programs",
    )
    add("--b-python", metavar="PATH", help="likewise with the OpenVINO of this Python interpreter")


def split_sides(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str],
    settings: UserSettings | None,
    example: str,
) -> tuple[argparse.Namespace, Invocation]:
    """Understand a command line that describes A, and with the options of `add_b` what B is.

    Args:
        parser: has these options.
        settings: of the user, for what the command line leaves open; None = there are none.
        example: as in `add_b`.

    Returns:
        The options of the command itself, and A with all that describes a run.

    Raises:
        BadInputError: one sentence for the user.
    """
    given, invocation = split_options(parser, _join_b(arguments), settings)
    if not invocation.config.model:
        raise BadInputError("No MODEL is given: name the one that is A.")
    _check_b(given, example)
    return given, invocation


def _check_b(given: argparse.Namespace, example: str) -> None:
    """Refuse it where nothing, or more than one thing, says what B is."""
    ways = (given.b, given.b_openvino, given.b_python)
    if all(way is None for way in ways):
        raise BadInputError(
            f'Nothing says what B is: give --b, as in --b "{example}", --b-openvino or --b-python.'
        )
    if sum(way is not None for way in ways) > 1:
        raise BadInputError("Only one of --b, --b-openvino and --b-python says what B is.")


def _join_b(arguments: Sequence[str]) -> list[str]:
    """Put --b and its value into one word: argparse takes a value like -nireq for an option."""
    words = list(arguments)
    joined: list[str] = []
    while words:
        word = words.pop(0)
        if word in ("--b", "--against") and words:
            word = f"{word}={words.pop(0)}"
        joined.append(word)
    return joined


def config_b(base: BenchmarkConfig, text: str) -> BenchmarkConfig:
    """Return `base` changed by what is typed: options of the command line, or a model, or both.

    Raises:
        BadInputError: one sentence for the user.
    """
    from ovbench_tui.export import own_command
    from ovbench_tui.options.invocation import config_of

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise BadInputError(f"B {text!r} is not a list of options: {error}.") from error
    said = typed_options(words)
    if "load_config" in said:
        raise BadInputError("B takes no -load_config: give the options that differ.")
    of_both = {**options_of(ProgramOptions), **options_of(ReportOptions)}
    for name, row in (of_both | {name: OPTIONS[name] for name in _OF_BOTH}).items():
        if name in said:
            raise BadInputError(f"B takes no {row.name}: it is for both, or for a run alone.")
    model = said.pop("model_argument", None) or said.pop("model", None)
    if model is not None and model != base.model:
        base = base.for_model(model)
    # A command line says all that options can say; what they cannot is kept from the base.
    plain = replace(base, device_properties=())
    before = parse_options(shlex.split(own_command(plain))[1:])
    after = argparse.Namespace(**{**vars(before), **said})
    old, new = config_of(before), config_of(after)
    changed = {
        field.name: getattr(new, field.name)
        for field in fields(new)
        if getattr(new, field.name) != getattr(old, field.name)
    }
    if not base.hint_nireq and "hint_nireq" not in said:
        changed.pop("hint_nireq", None)  # A was compiled for any number, so B is
    return replace(base, **changed)
