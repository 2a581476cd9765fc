"""`ovbench-tui compare A B`: how two runs differ, and whether that is more than chance."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import UNDECIDED_EXIT_CODE, BadInputError, OvbenchError
from ovbench_tui.options.margin_option import add_margin, read_margin, read_percent
from ovbench_tui.options.parser import NarrowFormatter, OneLineParser
from ovbench_tui.options.repeat_option import add_repeat, check_repeat
from ovbench_tui.stats.comparison.compare_text import FIGURES_BY_WORD

if TYPE_CHECKING:
    from ovbench_tui.compare.sources import ComparedRun

_REGRESSION = _NOT_EQUAL = 1
_IDS = re.compile(r"\d{1,18}(-\d{1,18})?(,\d{1,18}(-\d{1,18})?)*", re.ASCII)
_MOST_RUNS = 1000

_EPILOG = (
    "A and B are each the number of a run in the history (or several, as in 12,13,14 or 12-16, of"
    " one configuration), a --json document (PATH#N for its run N, otherwise the last, or all of"
    " --repeat), or benchmark_app's benchmark_report.json or .csv, which have no series, so that"
    " there is no interval. The exit code is 0, 1 for a regression that is surely beyond"
    " --fail-above or where B is not shown to be --equivalent, 2 for bad input, where --fail-above"
    " has no interval to be judged by or its report cannot be written, 3 when a run of --repeat"
    " failed, 5 where the interval does not decide --fail-above, 130 when interrupted."
)


def main(arguments: Sequence[str]) -> int:
    """Print the comparison.

    Returns:
        1 for a regression surely beyond --fail-above, or where B is not shown to be --equivalent;
        5 where the interval does not decide --fail-above; else 0.
    """
    given = _parser().parse_args(list(arguments))
    fail_above = read_percent(given.fail_above, "--fail-above") if given.fail_above else None
    equivalent = read_margin(given.equivalent, "--equivalent") if given.equivalent else None
    margin = read_margin(given.margin) if equivalent is None else equivalent
    if fail_above is not None and equivalent is not None:
        raise BadInputError("--equivalent and --fail-above are two questions: give one of them.")
    confidence = _confidence(given.confidence)
    repeats = check_repeat(given.repeat)
    # Only now: -h answers without numpy.
    from ovbench_tui.compare.report import judge, report_json, report_text
    from ovbench_tui.stats.limits import LimitVerdict

    a, b = (_side(text, name) for text, name in ((given.a, "A"), (given.b, "B")))
    run_to_run = _run_to_run(given.a, given.b)
    if repeats > 1:
        from ovbench_tui.cli.repeats.measure_again import measured_again

        a, b = measured_again(a, b, repeats)
    judgement = judge(
        a,
        b,
        FIGURES_BY_WORD[given.figure],
        confidence=confidence,
        fail_above=fail_above,
        equivalent=equivalent,
        margin=margin,
        run_to_run=run_to_run,
    )
    is_written = print_result(report_json(judgement) if given.json else report_text(judgement))
    deciding = judgement.deciding
    if fail_above is not None and math.isnan(deciding.low):
        raise BadInputError(
            f"--fail-above cannot be judged without an interval: {deciding.reason}."
        )
    if equivalent is not None:
        return 0 if judgement.is_equivalent and is_written else _NOT_EQUAL
    if judgement.limit is LimitVerdict.FAILED:
        return _REGRESSION
    if judgement.limit is LimitVerdict.UNDECIDED:
        advice = (
            " Measure longer, as with -t 60, or several times, with --repeat 5."
            if math.isfinite(deciding.high)
            else ""
        )
        print_message(
            f"--fail-above {given.fail_above}: undecided, because {judgement.limit_reason}.{advice}"
        )
        return UNDECIDED_EXIT_CODE
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
        help="exit with 1 where B is worse by more than that, as in 5%%, over the whole interval;"
        " with 5 where the interval reaches to both sides of it",
    )
    add_margin(parser)
    add(
        "--equivalent",
        metavar="PERCENT",
        help="exit with 0 only where B is shown to equal A within that margin, as in 2%%: the whole"
        " interval lies in it; else with 1. Takes the place of --margin",
    )
    add_repeat(
        parser,
        "measure both configurations again, N times each, in a fresh process each time and in"
        " random order, and compare these runs",
    )
    add(
        "--figure",
        choices=FIGURES_BY_WORD,
        default="fps",
        metavar="NAME",
        help=f"what decides: {', '.join(FIGURES_BY_WORD)} (default fps)",
    )
    add(
        "--confidence",
        default="95",
        metavar="PERCENT",
        help="of the interval, from 50 to 99.9 (default 95)",
    )
    add("--json", action="store_true", help="print one JSON document instead of the table")
    return parser


def _confidence(text: str) -> float:
    confidence = read_percent(text, "--confidence")
    if not 0.5 <= confidence <= 0.999:
        raise BadInputError(f"--confidence {text!r}: give a percentage from 50 to 99.9.")
    return confidence


def _history_ids(text: str) -> tuple[int, ...]:
    """Numbers of runs in the history; empty = a path. A file named like one is reached as ./1."""
    if not _IDS.fullmatch(text):
        return ()
    ids: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if last and not int(first) <= int(last) < int(first) + _MOST_RUNS:
            raise BadInputError(f"{part!r} is not a range of at most {_MOST_RUNS} runs, as in 3-7.")
        ids += range(int(first), int(last or first) + 1)
    return tuple(dict.fromkeys(ids))


def _side(text: str, name: str) -> ComparedRun:
    from ovbench_tui.compare.sources import read_report

    try:
        run_ids = _history_ids(text)
        if not run_ids:
            return read_report(text)
        from ovbench_tui.compare.from_history import read_runs

        return read_runs(run_ids)
    except OvbenchError as error:
        # Whatever is wrong with a side: 1 would mean a regression.
        raise BadInputError(f"{name}: {error}") from None


def _run_to_run(a: str, b: str) -> Mapping[str, float]:
    """What runs like A are known to differ by, from the history; empty = not known."""
    run_ids, others = _history_ids(a), _history_ids(b)
    if len(run_ids) != 1 or len(others) > 1:
        return {}
    from ovbench_tui.compare.from_history import known_spreads

    return known_spreads(run_ids[0], others[0] if others else None)
