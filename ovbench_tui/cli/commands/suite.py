"""``ovbench-tui suite FILE``: measure what a file names, and compare it with a baseline."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ovbench_tui.cli.interrupts import code_of, raise_on_end_signals
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.options.subcommand import subcommand_parser
from ovbench_tui.settings.file import read_settings

if TYPE_CHECKING:
    from ovbench_tui.suite.document import SuiteResult

_OUTPUTS = {
    "--save": "its JSON document, which can be the baseline of a later one",
    "--junit": "JUnit XML, in which each run is a test",
    "--github-benchmark": "the rates for github-action-benchmark's customBiggerIsBetter",
    "--github-latency": "p50 and p99 for its customSmallerIsBetter",
    "--bencher": "Bencher Metric Format",
}
_EPILOG = (
    "Every run is a fresh process. Progress goes to standard error; a run that fails does not stop"
    " the others. The exit code is 0, 1 for a regression that is surely beyond fail_above, 2 for"
    " bad input or a file that could not be written, 3 when a run failed, 4 when one missed a"
    " limit, 5 where something is undecided, 130 when interrupted; of several 3 comes first, then"
    " 1, 4 and 5."
)


def main(arguments: Sequence[str]) -> int:
    """Run the suite; returns the exit code."""
    given = _parser().parse_args(list(arguments))
    if given.wants_schema:
        from ovbench_tui.suite.document import schema_text

        return 0 if print_result(schema_text()) else OvbenchError.exit_code
    if given.file is None:
        raise BadInputError("Name a suite's file, as in `ovbench-tui suite bench.toml`.")
    # Only now: -h answers without what these import.
    from ovbench_tui.cli.repeats.measure_entry import EntryMeasuring
    from ovbench_tui.cli.result_file import check_results
    from ovbench_tui.suite.baseline import open_baseline
    from ovbench_tui.suite.document import SuiteResult, suite_json
    from ovbench_tui.suite.plan import read_plan
    from ovbench_tui.suite.run import SuiteRun
    from ovbench_tui.suite.text import suite_text
    from ovbench_tui.suite.verdict import ending_of

    user = read_settings()
    if user.reason:
        print_message(user.reason)
    plan = read_plan(given.file, user.settings)
    baseline = open_baseline(given.baseline) if given.baseline else None
    outputs = {option: path for option in _OUTPUTS if (path := vars(given)[option])}
    check_results(outputs.items())
    raise_on_end_signals()
    run = SuiteRun(plan, baseline, EntryMeasuring(plan.rest_s, len(plan.entries)).measure)
    code = 0
    try:
        run.run()
    except KeyboardInterrupt as interrupt:
        code = code_of(interrupt)
    suite = SuiteResult(plan.name, run.results, ending_of(run.results, code), given.baseline or "")
    code = suite.ending.exit_code
    is_written = _write(outputs, suite)
    is_written &= print_result(suite_json(suite) if given.json else suite_text(suite))
    return code if is_written else code or BadInputError.exit_code


def _write(outputs: Mapping[str, str], suite: SuiteResult) -> bool:
    """Write the files that are wanted; False where one could not be, which is said."""
    from ovbench_tui.cli.result_file import write_result
    from ovbench_tui.suite import exchange
    from ovbench_tui.suite.document import suite_json

    texts = {
        "--save": suite_json,
        "--junit": exchange.junit_xml,
        "--github-benchmark": exchange.github_rates_json,
        "--github-latency": exchange.github_latencies_json,
        "--bencher": exchange.bencher_json,
    }
    written = [
        write_result(option, path, texts[option](suite), "the results are")
        for option, path in outputs.items()
    ]
    return all(written)


def _parser() -> argparse.ArgumentParser:
    parser = subcommand_parser(
        "suite",
        "FILE [OPTIONS]",
        "Measures all that a TOML file names, one after the other, judges the limits that are set"
        " and compares each with a baseline.",
        _EPILOG,
    )
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE", help="the suite; see ovbench-tui help suite")
    add(
        "--baseline",
        metavar="FROM",
        help="what to compare with: a document of --save, git:REF:PATH for one in a commit, or"
        " history for the last runs of the same configuration on this machine",
    )
    for option, text in _OUTPUTS.items():
        add(option, dest=option, metavar="FILE", help=f"write {text}")
    add("--json", action="store_true", help="print one JSON document instead of the table")
    add("--json-schema", action="store_true", dest="wants_schema", help="print its schema and exit")
    return parser
