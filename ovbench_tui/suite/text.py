"""A suite as a table, with a sentence for each entry that did not pass."""

from __future__ import annotations

from ovbench_tui.console.columns import aligned
from ovbench_tui.console.numbers import in_a_table
from ovbench_tui.console.printable import printable
from ovbench_tui.stats.comparison.compare_text import change_text, interval_text, name_of
from ovbench_tui.suite.document import SuiteResult, figures_of, unit_of
from ovbench_tui.suite.verdict import EntryResult, Status

_DASH = "-"
_WORDS = {
    Status.FAILED: "failed",
    Status.REGRESSION: "regression",
    Status.MISSED: "limit missed",
    Status.UNDECIDED: "undecided",
    Status.PASSED: "passed",
    Status.NOT_RUN: "not run",
}
_HEAD = ("Run", "rate", "", "p50 ms", "p99 ms", "change", "95 % interval", "Result")


def suite_text(suite: SuiteResult) -> str:
    """Draw the table; the change is that of the figure that decides, which is named with it."""
    rows = [_HEAD, *(_row(result) for result in suite.results)]
    sentences = [
        f"{result.entry.name}: {printable(result.reason, 400)}"
        for result in suite.results
        if result.reason
    ]
    counts = dict.fromkeys(Status, 0)
    for result in suite.results:
        counts[result.status] += 1
    total = ", ".join(f"{count} {_WORDS[status]}" for status, count in counts.items() if count)
    return "\n".join((*aligned(rows, left=(0, 2, 7)), "", *sentences, f"{suite.name}: {total}."))


def _row(result: EntryResult) -> tuple[str, ...]:
    figures = figures_of(result)
    word = _WORDS[result.status]
    if not figures:
        return (result.entry.name, *[_DASH, "", *[_DASH] * 4], word)
    numbers = [in_a_table(figures[name].value) for name in ("fps", "p50_ms", "p99_ms")]
    change = interval = _DASH
    if result.judgement is not None:
        deciding = result.judgement.deciding
        change = f"{name_of(deciding)} {change_text(deciding.ratio)}"
        interval = interval_text(deciding)
    return (result.entry.name, numbers[0], unit_of(result), *numbers[1:], change, interval, word)
