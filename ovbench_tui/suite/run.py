"""Goes through the entries of a suite, one after the other, whatever becomes of each."""

from __future__ import annotations

from collections.abc import Callable

from ovbench_tui.suite.baseline import Baseline
from ovbench_tui.suite.plan import SuiteEntry, SuitePlan
from ovbench_tui.suite.verdict import EntryResult, Measured, Status, judge_entry

Measure = Callable[[SuiteEntry], Measured]


class SuiteRun:
    """A suite that is run.

    Args:
        measure: runs an entry; it raises nothing but KeyboardInterrupt.
        baseline: None = nothing is compared.
    """

    def __init__(self, plan: SuitePlan, baseline: Baseline | None, measure: Measure) -> None:
        self._plan = plan
        self._baseline = baseline
        self._measure = measure
        self._results: list[EntryResult] = []

    def run(self) -> None:
        """Measure and judge every entry.

        Raises:
            KeyboardInterrupt: `results` has what was complete by then.
        """
        for entry in self._plan.entries:
            measured = self._measure(entry)
            if self._baseline is None or measured.document is None or measured.error:
                self._results.append(judge_entry(entry, measured, None))
                continue
            baseline, why_none = self._baseline.of(entry.name, measured.document)
            self._results.append(judge_entry(entry, measured, baseline, why_none))

    @property
    def results(self) -> list[EntryResult]:
        """One for each entry of the plan, in its order."""
        left = self._plan.entries[len(self._results) :]
        return self._results + [EntryResult(entry, Status.NOT_RUN) for entry in left]
