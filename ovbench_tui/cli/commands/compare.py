"""`ovbench-tui compare A B`: how two runs differ, and whether that is more than chance."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ovbench_tui.console.messages import print_result
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.options.parser import NarrowFormatter, OneLineParser

if TYPE_CHECKING:
    from ovbench_tui.compare.sources import ComparedRun

_FIGURES = {"fps": "fps", "p50": "p50_ms", "p99": "p99_ms"}
_REGRESSION = 1
_LONGEST_ID = 18

_EPILOG = (
    "A and B are each the number of a run in the history, a --json document (PATH#N for its run"
    " N, otherwise the last), or benchmark_app's benchmark_report.json or .csv, which have no"
    " series, so that there is no interval. The exit code is 0, 1 for a regression beyond"
    " --fail-above that is not chance, 2 for bad input or when --fail-above cannot be judged or its"
    " report not be written."
)


def main(arguments: Sequence[str]) -> int:
    """Print the comparison; returns 1 for a real regression beyond --fail-above, else 0."""
    given = _parser().parse_args(list(arguments))
    fail_above = _percent(given.fail_above, "--fail-above") if given.fail_above else None
    confidence = _confidence(given.confidence)
    # Only now: -h answers without numpy.
    from ovbench_tui.compare.report import judge, report_json, report_text

    a, b = (_side(text, name) for text, name in ((given.a, "A"), (given.b, "B")))
    judgement = judge(
        a,
        b,
        _FIGURES[given.figure],
        confidence=confidence,
        fail_above=fail_above,
        run_to_run=_run_to_run(given.a, given.b),
    )
    is_written = print_result(report_json(judgement) if given.json else report_text(judgement))
    if fail_above is not None and math.isnan(judgement.deciding.low):
        raise BadInputError(
            f"--fail-above cannot be judged without an interval: {judgement.deciding.reason}."
        )
    if judgement.has_failed:
        return _REGRESSION
    if is_written:
        return 0
    # Who asks for a regression must not take this for one.
    return OvbenchError.exit_code if fail_above is None else BadInputError.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="ovbench-tui compare",
        usage="%(prog)s A B [OPTIONS]",
        description="Compares run B with run A: what changed, by how much, and whether that is"
        " more than what two runs of the same differ by.",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=NarrowFormatter,
    )
    add = parser.add_argument
    add("a", metavar="A", help="the baseline")
    add("b", metavar="B", help="what is compared with it")
    add(
        "--fail-above",
        metavar="PERCENT",
        help="exit with 1 where B is worse by more than that, as in 5%%, and the interval leaves"
        " out 0",
    )
    add(
        "--figure",
        choices=_FIGURES,
        default="fps",
        metavar="NAME",
        help=f"what decides: {', '.join(_FIGURES)} (default fps)",
    )
    add(
        "--confidence",
        default="95",
        metavar="PERCENT",
        help="of the interval, from 50 to 99.9 (default 95)",
    )
    add("--json", action="store_true", help="print one JSON document instead of the table")
    return parser


def _percent(text: str, option: str) -> float:
    """Read ``5``, ``5%`` or ``5 %`` as a fraction."""
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 <= value < 10_000:
        raise BadInputError(f"{option} {text!r}: give a percentage of 0 or more, as in 5%.")
    return value / 100


def _confidence(text: str) -> float:
    confidence = _percent(text, "--confidence")
    if not 0.5 <= confidence <= 0.999:
        raise BadInputError(f"--confidence {text!r}: give a percentage from 50 to 99.9.")
    return confidence


def _history_id(text: str) -> int | None:
    """The number of a run in the history; a file that is called like one is reached as ./1."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID else None


def _side(text: str, name: str) -> ComparedRun:
    from ovbench_tui.compare.sources import read_report

    run_id = _history_id(text)
    try:
        if run_id is None:
            return read_report(text)
        from ovbench_tui.compare.from_history import read_run

        return read_run(run_id)
    except OvbenchError as error:
        # Whatever is wrong with a side: 1 would mean a regression.
        raise BadInputError(f"{name}: {error}") from None


def _run_to_run(a: str, b: str) -> Mapping[str, float]:
    """What runs like A are known to differ by, from the history; empty = not known."""
    run_id = _history_id(a)
    if run_id is None:
        return {}
    from ovbench_tui.compare.from_history import known_spreads

    return known_spreads(run_id, _history_id(b))
