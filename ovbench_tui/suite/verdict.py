"""What became of each entry of a suite, and the exit code that this makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ovbench_tui.compare.report import Judgement, judge
from ovbench_tui.compare.sources import ComparedRun, of_document
from ovbench_tui.errors import (
    MISSED_EXIT_CODE,
    UNDECIDED_EXIT_CODE,
    BadInputError,
    RunFailedError,
)
from ovbench_tui.reports.ending import Ending
from ovbench_tui.stats.comparison.compare_text import change_text, interval_text, name_of
from ovbench_tui.stats.limits import LimitVerdict
from ovbench_tui.suite.plan import SuiteEntry

REGRESSION_EXIT_CODE = 1
"""As of ``compare --fail-above``."""


class Status(Enum):
    """Of an entry, the gravest first; its value is the word in the documents."""

    FAILED = "failed"
    REGRESSION = "regression"
    MISSED = "limit_missed"
    UNDECIDED = "undecided"
    PASSED = "passed"
    NOT_RUN = "not_run"


_CODES = {
    Status.FAILED: RunFailedError.exit_code,
    Status.REGRESSION: REGRESSION_EXIT_CODE,
    Status.MISSED: MISSED_EXIT_CODE,
    Status.UNDECIDED: UNDECIDED_EXIT_CODE,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What measuring an entry gave.

    Attributes:
        document: of --json, with all its runs; None = it did not come so far.
        seconds: that it took, with starting and compiling.
        error: why it failed, in a sentence; '' = it did not.
    """

    document: Mapping[str, Any] | None
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class EntryResult:
    """An entry and what became of it.

    Attributes:
        reasons: sentences on why it did not pass, or on what was not compared.
        judgement: against the baseline; None = there is none.
    """

    entry: SuiteEntry
    status: Status
    measured: Measured = Measured(None)
    reasons: tuple[str, ...] = ()
    judgement: Judgement | None = None

    @property
    def reason(self) -> str:
        """All sentences; '' = there are none."""
        return " ".join(self.reasons)


def judge_entry(
    entry: SuiteEntry, measured: Measured, baseline: ComparedRun | None, no_baseline: str = ""
) -> EntryResult:
    """Say what became of an entry: whether it ran, keeps its limits, and is no slower than before.

    Args:
        baseline: None = there is none for it; `no_baseline` says why, '' = none is wanted.
    """
    if measured.error or measured.document is None:
        return EntryResult(entry, Status.FAILED, measured, (measured.error,))
    found = [Status.PASSED]
    reasons: list[str] = []
    outcome = measured.document["outcome"]
    if outcome["exit_code"] in (MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE):
        is_missed = outcome["exit_code"] == MISSED_EXIT_CODE
        found.append(Status.MISSED if is_missed else Status.UNDECIDED)
        reasons.append(str(outcome["error"]))
    judgement = None
    if baseline is not None:
        try:
            now = of_document(measured.document, entry.name)
        except BadInputError as error:
            return EntryResult(entry, Status.FAILED, measured, (str(error),))
        judgement = judge(baseline, now, entry.figure, fail_above=entry.fail_above)
        status, sentence = _compared(judgement)
        found.append(status)
        reasons += [sentence] if sentence else []
        if status is not Status.PASSED:
            reasons += [
                f"Not alike: {one.name} {one.a} / {one.b}." for one in judgement.differences
            ]
    elif no_baseline:
        reasons.append(no_baseline)
    worst = min(found, key=list(Status).index)
    return EntryResult(entry, worst, measured, tuple(reasons), judgement)


def _compared(judgement: Judgement) -> tuple[Status, str]:
    """Whether it is worse than is allowed, by the whole interval."""
    deciding = judgement.deciding
    allowed = f"{(judgement.fail_above or 0) * 100:g} %"
    if judgement.limit is LimitVerdict.FAILED:
        return Status.REGRESSION, (
            f"{name_of(deciding)} {change_text(deciding.ratio)} against the baseline"
            f" (95 % interval {interval_text(deciding)}), and {allowed} worse is allowed."
        )
    if judgement.limit is LimitVerdict.PASSED:
        return Status.PASSED, ""
    return Status.UNDECIDED, (
        f"Whether it is {allowed} worse than the baseline is undecided, because"
        f" {judgement.limit_reason}."
    )


def ending_of(results: Sequence[EntryResult], interrupted: int = 0) -> Ending:
    """The ending of the whole: that of the gravest of its entries.

    Args:
        interrupted: the exit code for what ended it early; 0 = nothing did.
    """
    if interrupted:
        return Ending(interrupted)
    for status, code in _CODES.items():
        if found := [f"{one.entry.name}: {one.reason}" for one in results if one.status is status]:
            return Ending(code, " ".join(found))
    return Ending()
