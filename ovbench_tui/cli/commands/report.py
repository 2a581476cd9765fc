"""``ovbench-tui report RUN...``: a page of runs to share, as HTML or Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ovbench_tui import __version__
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.files.safe_write import check_target, write_text
from ovbench_tui.options.parser import NarrowFormatter, OneLineParser

_EPILOG = (
    "RUN is the number of a run in the history, or a --json document (PATH#N for its run N,"
    " otherwise the last). The page has charts, figures and what they mean, the configuration"
    " as requested and in effect, the machine, and the command that measures it again; with"
    " several runs each is compared with the first. RUN may also be what `ovbench-tui app --record`"
    " has written: then the program's report is printed, or with --html or --md is made a page."
)


def main(arguments: Sequence[str]) -> int:
    """Write the page; returns the exit code."""
    given = _parser().parse_args(list(arguments))
    if given.md and given.html:
        raise BadInputError("--html and --md are two forms of the page: give one of them.")
    # Only now: -h answers without numpy.
    from ovbench_tui.application.recording import is_recording
    from ovbench_tui.sharing.formats import FORMATS, file_name
    from ovbench_tui.sharing.page import make_page
    from ovbench_tui.sharing.shared_run import shared_run

    if any(is_recording(Path(word)) for word in given.runs):
        return _report_program(given)
    ending = "md" if given.md else "html"
    path = None if given.output in (None, "-") else Path(given.output)
    if path is not None:
        check_target(path, "--output")
    runs = [shared_run(word) for word in given.runs]
    text = FORMATS[ending](make_page(runs, __version__))
    if given.output == "-" or (given.md and path is None):
        return _print(text)
    if path is None:
        path = Path(file_name(runs, f".{ending}"))
        check_target(path, "The page's file")
    return _write(path, text)


def _report_program(given: argparse.Namespace) -> int:
    """Report a program that `app --record` has recorded: as text, or as a page."""
    from ovbench_tui.application.recording import read_recording
    from ovbench_tui.application.report import report_text
    from ovbench_tui.sharing.formats import FORMATS
    from ovbench_tui.sharing.program_page import program_page

    if len(given.runs) > 1:
        raise BadInputError("A recorded program is reported alone: give one file.")
    path = None if given.output in (None, "-") else Path(given.output)
    if path is not None:
        check_target(path, "--output")
    report = read_recording(Path(given.runs[0]))
    if given.html or given.md:
        text = FORMATS["html" if given.html else "md"](program_page(report, __version__))
    else:
        text = report_text(report)
    return _print(text) if path is None else _write(path, f"{text.rstrip()}\n")


def _print(text: str) -> int:
    return 0 if print_result(text.rstrip("\n")) else OvbenchError.exit_code


def _write(path: Path, text: str) -> int:
    try:
        write_text(path, text)
    except OSError as error:
        raise OvbenchError(f"{path} cannot be written: {error.strerror or error}.") from error
    print_message(f"Written to {path.absolute()}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="ovbench-tui report",
        usage="%(prog)s RUN... [OPTIONS]",
        description="Writes a page of runs to share: one file that needs nothing else.",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=NarrowFormatter,
    )
    add = parser.add_argument
    add("runs", nargs="+", metavar="RUN", help="a number of `ovbench-tui history`, or a file")
    add("--html", action="store_true", help="an HTML page with charts (default for runs)")
    add("--md", action="store_true", help="Markdown, for an issue; printed without --output")
    add("-o", "--output", metavar="PATH", help="the file to write; - prints the page")
    return parser
