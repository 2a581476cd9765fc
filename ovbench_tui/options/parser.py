"""Reads the command line as benchmark_app's is read, and says what it does not understand.

Light on purpose: ``-h`` answers before OpenVINO, numpy or Textual could even be imported.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ovbench_tui import __version__
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.messages import print_result
from ovbench_tui.console.printable import printable
from ovbench_tui.console.suggestion import closest
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.options.groups import add_options
from ovbench_tui.options.program import ProgramOptions
from ovbench_tui.options.short_help import short_help

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_HELP_INDENT = 30
_HELP_WIDTH = 100
_JOINED = re.compile(r"-[mdtbci]([\dA-Z/~.]|.*[./]).*", re.DOTALL)
"""A value right after a short name, as in -t10, -dCPU or -mmodel.xml."""

_OPTION = re.compile(r"--?[A-Za-z]")

_FOLDER = "DIR"
_PATHS = ("FILE", _FOLDER)
"""What stands for a file or folder in the help."""

_DEFAULTS_TO_HERE = "report_folder"
"""As for benchmark_app, '' is the current folder."""

_DESCRIPTION = (
    "Live benchmark monitor for OpenVINO models in the terminal. A benchmark_app command line"
    " works here, too; what differs from it on purpose is marked 'here:'."
)
_EPILOG = (
    "With no MODEL it opens the model picker with the built-in models. Values that switch an"
    " option (BOOL) are yes, true, t, y, 1 or no, false, f, n, 0. The exit code is 0, 2 for bad"
    " input, 3 for a run that failed, 130 when interrupted. `ovbench-tui help` lists the pages of"
    " the manual, `ovbench-tui help commands` the other commands."
)


def parse_options(argv: Sequence[str], *before: argparse.ArgumentParser) -> argparse.Namespace:
    """Read the command line; -h, --version and the like print and leave.

    What was not given is None, so that defaults can depend on other options.

    Args:
        before: parsers of a subcommand that have taken their own options out already; what is
            unknown may have been meant for them, and their help is named.

    Raises:
        BadInputError: one sentence for the user.
    """
    parser = build_parser()
    _refuse_unknown(argv, *before, parser)
    return parser.parse_args(argv)


def typed_options(argv: Sequence[str]) -> dict[str, Any]:
    """The options that a command line has other than by default, by their fields.

    Raises:
        BadInputError: one sentence for the user.
    """
    parser = build_parser()
    _refuse_unknown(argv, parser)
    typed, none = vars(parser.parse_args(argv)), vars(parser.parse_args(()))
    return {name: value for name, value in typed.items() if value != none[name]}


def build_parser() -> argparse.ArgumentParser:
    """Build the parser, with the help in groups."""
    parser = OneLineParser(
        prog="ovbench-tui",
        usage="%(prog)s [MODEL] [OPTIONS]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        allow_abbrev=False,
        add_help=False,
        formatter_class=NarrowFormatter,
    )
    add = parser.add_argument_group("Start").add_argument
    add(
        "model_argument",
        nargs="?",
        metavar="MODEL",
        help="IR, ONNX, TensorFlow, TFLite or Paddle file, SavedModel directory, compiled .blob,"
        " or the name of a built-in model",
    )
    add("-h", "--help", action=_ShortHelp, nargs=0, help="show the most needed options and exit")
    add("--help-all", action="help", help="show this and exit")
    add(
        "--version",
        action="version",
        version=f"ovbench-tui {__version__}",
        help="show the version and exit",
    )
    add_options(parser, BenchmarkConfig, ReportOptions, ProgramOptions)
    return parser


class _ShortHelp(argparse.Action):
    """Prints what fits on one screen, and leaves."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Do so; argparse passes what else it knows, too."""
        text = short_help(BenchmarkConfig, ReportOptions, ProgramOptions)
        parser.exit(0 if print_result(text) else OvbenchError.exit_code)


class OneLineParser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raise one sentence instead of printing the whole usage."""
        raise BadInputError(f"{message}; see {self.prog} --help.")

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: None = None
    ) -> argparse.Namespace:
        """Parse, and name what is not understood, with the option that was meant."""
        given, rest = self.parse_known_args(args, namespace)
        if rest:
            name = rest[0].partition("=")[0]
            if _OPTION.match(name):
                raise BadInputError(unknown_option(name, self._option_string_actions, self.prog))
            word = printable(rest[0])
            raise BadInputError(f"{word!r} is one argument too many; see {self.prog} --help.")
        return given

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, and refuse '' as a file: what was asked for would silently be left out."""
        given, rest = super().parse_known_args(args, namespace)
        for action in self._actions:
            is_path = action.metavar in _PATHS and bool(action.option_strings)
            if is_path and action.dest != _DEFAULTS_TO_HERE and getattr(given, action.dest) == "":
                kind = "folder" if action.metavar == _FOLDER else "file"
                raise BadInputError(f"{action.option_strings[0]} '': name a {kind}.")
        return given, rest

    def _get_option_tuples(self, option_string: str) -> list[Any]:
        """Leave -hint to the parser that has it: argparse would read -h with the value int."""
        return [
            found
            for found in super()._get_option_tuples(option_string)
            if found[0].nargs != 0 or found[1] != option_string[:2]
        ]

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Print the help or the version; argparse would not say that it could not be written."""
        if file is not sys.stdout:
            super()._print_message(message, file)
        elif not print_result(message.rstrip("\n")):
            self.exit(OvbenchError.exit_code)


class NarrowFormatter(argparse.HelpFormatter):
    """A help text that keeps to the terminal's width, with the value once behind all names."""

    def __init__(self, prog: str) -> None:
        columns = min(_HELP_WIDTH, shutil.get_terminal_size().columns - 2)
        super().__init__(prog, max_help_position=_HELP_INDENT, width=columns)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """Write the value once, behind all the names."""
        if not action.option_strings:
            return super()._format_action_invocation(action)
        names = ", ".join(action.option_strings)
        if action.nargs == 0:
            return names
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{names} {value}"


def _refuse_unknown(argv: Sequence[str], *parsers: argparse.ArgumentParser) -> None:
    """Name the option that was meant: argparse would read -model as -m with the value odel.

    Args:
        parsers: that know all options there are; the help of the first is named.
    """
    # There is no public list.
    known = [name for one in parsers for name in one._option_string_actions]  # noqa: SLF001
    for word in argv:
        if word == "--":
            return
        name = word.partition("=")[0]
        if not _OPTION.match(name) or name in known or _JOINED.fullmatch(word):
            continue
        if not name.startswith("--") and any(option.startswith(name) for option in known):
            continue  # argparse takes a beginning that is not ambiguous, as benchmark_app does
        raise BadInputError(unknown_option(name, known, parsers[0].prog))


def unknown_option(name: str, known: Iterable[str], prog: str) -> str:
    """Say that there is no such option, and which one was meant."""
    close = closest(name, known)
    meant = f": did you mean {close}? See" if close else "; see"
    return f"Option {printable(name)} is unknown{meant} {prog} --help."
