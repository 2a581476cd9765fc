"""``ovbench-tui app script.py [ARGS]``: where the time of the user's own program goes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ovbench_tui.cli.terminal_guard import has_terminal
from ovbench_tui.config.model_file import ENDINGS
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.files.safe_write import check_target, replacing
from ovbench_tui.options.parser import NarrowFormatter, OneLineParser

if TYPE_CHECKING:
    from ovbench_tui.application.alone import AloneResult
    from ovbench_tui.application.program import ProgramRun
    from ovbench_tui.application.report import AppReport

_MODULE = "-m"
_TRACE, _RECORD = "--trace", "--record"
_EPILOG = (
    "The program runs unchanged, with this Python, and its exit code is passed on. What it does"
    " with OpenVINO's Python API is recorded, and the verdict says what holds it back and what"
    " cures it. Options of this command stand before the program, its own behind it."
)


def main(arguments: Sequence[str]) -> int:
    """Run the program and print the verdict; returns the program's exit code."""
    own, words = _split(arguments)
    given = build_parser().parse_args(own)
    _check(words)
    for option, name in ((_TRACE, given.trace), (_RECORD, given.record)):
        if name:
            check_target(Path(name), option)
    # Only now: -h answers without numpy.
    if not (given.no_tui or given.json) and has_terminal():
        from ovbench_tui.cli.program_screen import show_program

        run, alone = show_program(words)
    else:
        from ovbench_tui.application.program import run_program

        # A document is the only thing on standard output.
        run = run_program(words, stdout=sys.stderr if given.json else None)
        alone = _measure_alone(run) if given.alone else _known_alone(run)
    return _finish(given, words, run, alone)


def _finish(
    given: argparse.Namespace,
    words: Sequence[str],
    run: ProgramRun,
    alone: AloneResult | None,
) -> int:
    """Write and print what was found; returns the exit code."""
    from ovbench_tui.application.report import make_report, report_document, report_text

    report = make_report(words, run, alone)
    is_written = not given.trace or _write_timeline(Path(given.trace), report)
    is_written = (not given.record or _write_recording(Path(given.record), report)) and is_written
    text = report_document(report) if given.json else report_text(report)
    is_done = print_result(text) and is_written
    code = run.exit_code or 0
    return code if is_done else code or OvbenchError.exit_code


def _measure_alone(run: ProgramRun) -> AloneResult | None:
    """Measure the model of a program alone; None where that cannot be done, which is reported."""
    from ovbench_tui.application.alone import AloneMeasurement, measurable, why_not

    analysis = run.analysis
    note = measurable(analysis)
    reason = why_not(analysis)
    if reason or note is None:
        print_message(reason)
        return None
    try:
        return AloneMeasurement(note).wait()
    except OvbenchError as error:
        print_message(str(error))
        return None


def _known_alone(run: ProgramRun) -> AloneResult | None:
    """What the model is known to reach alone; None where nothing is known."""
    from ovbench_tui.application.alone import measurable
    from ovbench_tui.cli.known_alone import known_alone

    note = measurable(run.analysis)
    return known_alone(note) if note is not None else None


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the command's own options."""
    parser = OneLineParser(
        prog="ovbench-tui app",
        usage="%(prog)s [OPTIONS] SCRIPT.py [ARGS]\n"
        "       %(prog)s [OPTIONS] -m PACKAGE.MODULE [ARGS]",
        description="Runs your own program and says where its time goes, and why it is slower"
        " than the benchmark of its model: live on a terminal, and in a report at its end.",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=NarrowFormatter,
    )
    add = parser.add_argument
    add(
        "--json",
        action="store_true",
        help="print a JSON document; what the program prints goes to standard error",
    )
    add(
        _TRACE,
        metavar="FILE",
        help="write a timeline of calls and inferences, for ui.perfetto.dev or chrome://tracing",
    )
    add(
        _RECORD,
        metavar="FILE",
        help="keep what was recorded: `ovbench-tui report FILE` makes the report again",
    )
    add(
        "--alone",
        action="store_true",
        help="then measure what the model reaches alone; on the screen h does that",
    )
    add("--no-tui", action="store_true", help="no screen: for a program that reads the keyboard")
    return parser


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own options, and the program with its."""
    for place, word in enumerate(arguments):
        is_value = place > 0 and arguments[place - 1] in (_TRACE, _RECORD)
        if not is_value and (word == _MODULE or not word.startswith("-")):
            return list(arguments[:place]), list(arguments[place:])
    return list(arguments), []


def _write_timeline(path: Path, report: AppReport) -> bool:
    """Write --trace; False when that could not be done, which is reported."""
    from ovbench_tui.application.timeline_file import timeline_json

    text = timeline_json(report.run.trace, report.run.begin_ns, " ".join(report.words))
    return _written(_TRACE, path, lambda file: file.write(text.encode("utf-8", "replace")))


def _write_recording(path: Path, report: AppReport) -> bool:
    """Write --record; False as above."""
    from ovbench_tui.application.recording import write_recording

    return _written(_RECORD, path, lambda file: write_recording(file, report))


def _written(option: str, path: Path, write: Callable[[BinaryIO], object]) -> bool:
    try:
        with replacing(path) as file:
            write(file)
    except OSError as error:
        print_message(f"{option}: {path} cannot be written: {error.strerror or error}.")
        return False
    return True


def _check(words: Sequence[str]) -> None:
    """Refuse at once what Python would.

    Raises:
        BadInputError: no program is given, there is no such file, or it is none.
    """
    if not words or words == [_MODULE]:
        raise BadInputError(
            "app needs a program: a Python script, or -m and the name of a module, as in"
            " `ovbench-tui app script.py`."
        )
    if words[0] == _MODULE:
        return
    name, path = printable(words[0]), Path(words[0])
    if not path.exists():
        raise BadInputError(f"{name} does not exist: give app the path of a Python script.")
    if path.is_dir() and not (path / "__main__.py").exists():
        raise BadInputError(
            f"{name} is a directory without __main__.py: give app the path of a Python script."
        )
    if path.suffix.lower() in ENDINGS:
        raise BadInputError(
            f"{name} is a model, which `ovbench-tui {name}` measures: app runs your own program,"
            " a Python script."
        )
