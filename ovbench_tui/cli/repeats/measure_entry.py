"""Measures an entry of a suite: every run in a fresh process, with a rest before it."""

from __future__ import annotations

import time
from typing import Any

from ovbench_tui.cli.repeats.fresh_process import MEASURED, failed_how, run_fresh
from ovbench_tui.cli.repeats.repeat import limits_of, together
from ovbench_tui.console.messages import print_message
from ovbench_tui.suite.plan import SuiteEntry
from ovbench_tui.suite.verdict import Measured


class EntryMeasuring:
    """Measures one entry after the other.

    Args:
        rest_s: between two runs, so that each finds the machine as cool as the one before.
        count: of all entries, for the messages.
    """

    def __init__(self, rest_s: float, count: int) -> None:
        self._rest_s = rest_s
        self._count = count
        self._begun = 0
        self._has_run = False

    def measure(self, entry: SuiteEntry) -> Measured:
        """Run it as often as it says; a run that fails ends it.

        Raises:
            KeyboardInterrupt: it was interrupted.
        """
        self._begun += 1
        documents: list[dict[str, Any]] = []
        seconds = 0.0
        for number in range(1, entry.repeat + 1):
            if self._has_run:
                time.sleep(self._rest_s)
            self._has_run = True
            of_runs = f", run {number} of {entry.repeat}" if entry.repeat > 1 else ""
            print_message(f"{entry.name} ({self._begun} of {self._count}{of_runs}) ...")
            begin = time.perf_counter()
            code, document = run_fresh([*entry.words, "--json"])
            seconds += time.perf_counter() - begin
            if code not in MEASURED or document is None:
                outcome = document["outcome"] if document else {}
                error = outcome.get("error") or f"It {failed_how(code)}."
                return Measured(document, seconds, str(error))
            documents.append(document)
        if entry.repeat == 1:
            return Measured(documents[0], seconds)
        return Measured(together(documents, entry.words, limits_of(documents)), seconds)
