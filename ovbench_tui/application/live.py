"""A program that runs, as a screen shows it: a frozen picture of it at a time."""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns
from typing import Protocol

from ovbench_tui.application.alone import AloneMeasurement, AloneResult, measurable, why_not
from ovbench_tui.application.analysis import Analysis
from ovbench_tui.application.live_columns import LiveColumns
from ovbench_tui.application.output import OutputLine, ProgramOutput
from ovbench_tui.application.program import ProgramRun, RunningProgram
from ovbench_tui.application.seconds import Second
from ovbench_tui.application.trace import ModelNote
from ovbench_tui.application.verdict import Verdict, judge
from ovbench_tui.engine.api.snapshot import History
from ovbench_tui.errors import OvbenchError

_NEWEST = 20_000
"""Records that the figures and the verdicts of a running program are worked out from."""

_READ_EVERY_S = 0.1
_JUDGE_EVERY_S = 1.0
_SHARE = 0.015
"""Of a core, that judging may take: with more records it comes less often."""

_OUTPUT_LINES = 200
_ENDS = ("SIGINT", "SIGTERM", "SIGKILL")
"""What is sent to a program that is to end, one each time."""


@dataclass(frozen=True, slots=True)
class AppSnapshot:
    """All that a frame needs.

    Attributes:
        words: of the command line, behind ``python``.
        elapsed_s: since it was started, until it ended.
        exit_code: None = it still runs.
        ending: it was asked to end.
        history: FPS and latency over time; `seconds` as in `Analysis`, all that are over.
        analysis: of the newest calls; None where no inference was completed.
        judged_s: seconds that `analysis` and `verdict` are about.
        output: the newest lines.
        alone: what the model reaches alone; None = not known. `alone_s`: for so long that has
            been going on; 0 = it does not.
        dropped: records that were lost.
        reads_keyboard: see `Trace`.
    """

    words: tuple[str, ...]
    elapsed_s: float
    exit_code: int | None
    ending: bool
    history: History
    seconds: tuple[Second, ...]
    analysis: Analysis | None
    verdict: Verdict
    judged_s: float
    output: tuple[OutputLine, ...]
    alone: AloneResult | None = None
    alone_s: float = 0.0
    dropped: int = 0
    reads_keyboard: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the program has ended."""
        return self.exit_code is not None


class LiveProgramLike(Protocol):
    """A program as the screen knows it; no call blocks."""

    def snapshot(self, columns: int) -> AppSnapshot:
        """Take over what was recorded since the last call; the history has so many columns."""
        ...

    def end(self) -> None:
        """Ask the program to end, as Ctrl-C would; with more emphasis each time."""
        ...

    def measure_alone(self) -> None:
        """Begin to measure what its model reaches alone.

        Raises:
            OvbenchError: there is nothing to measure, or the program still runs.
        """
        ...

    def log_text(self) -> str:
        """What it has printed, as far as that is kept."""
        ...


class LiveProgram:
    """See `LiveProgramLike`.

    Args:
        make_measurement: begins to measure a model alone.
        known_alone: what a model is known to reach alone, asked once for each; None = nothing is.
    """

    def __init__(
        self,
        words: Sequence[str],
        program: RunningProgram,
        output: ProgramOutput,
        make_measurement: Callable[..., AloneMeasurement] = AloneMeasurement,
        known_alone: Callable[[ModelNote], AloneResult | None] = lambda _: None,
    ) -> None:
        self._words = tuple(words)
        self._program = program
        self._output = output
        self._make_measurement = make_measurement
        self._known_alone = known_alone
        self._asked_for = ""
        self._columns = LiveColumns(program.reader, program.begin_ns)
        self._run: ProgramRun | None = None
        self._analysis: Analysis | None = None
        self._verdict = Verdict((), "The program has not completed an inference yet.")
        self._judged_s = 0.0
        self._judge_at_s = 0.0
        self._ends_sent = 0
        self._measurement: AloneMeasurement | None = None
        self.alone: AloneResult | None = None

    def snapshot(self, columns: int) -> AppSnapshot:
        """See `LiveProgramLike`.

        Raises:
            OvbenchError: once, where the model alone could not be measured.
        """
        if self._run is None or self._run.exit_code is None:
            self._look()
        assert self._run is not None  # noqa: S101 - `_look` has set it
        self._look_at_measurement()
        run = self._run
        end_ns = run.end_ns if run.exit_code is not None else perf_counter_ns()
        return AppSnapshot(
            words=self._words,
            elapsed_s=(end_ns - run.begin_ns) / 1e9,
            exit_code=run.exit_code,
            ending=self._ends_sent > 0,
            history=self._columns.history(columns),
            seconds=tuple(self._columns.seconds),
            analysis=self._analysis,
            verdict=self._verdict,
            judged_s=self._judged_s,
            output=self._output.lines(_OUTPUT_LINES),
            alone=self.alone,
            alone_s=self._measurement.elapsed_s if self._measurement is not None else 0.0,
            dropped=run.trace.dropped,
            reads_keyboard=run.trace.reads_keyboard,
        )

    def _look(self) -> None:
        has_ended = self._program.wait(0)
        new = self._program.look()
        now_s = perf_counter()
        if has_ended or self._run is None or now_s >= self._judge_at_s:
            self._judge(now_s)
        now_ns = perf_counter_ns()
        # The last second is not a whole one.
        self._columns.take(new, now_ns + 1_000_000_000 if has_ended else now_ns)

    def _judge(self, now_s: float) -> None:
        """Work out the figures of the newest calls, at the end of all."""
        run = self._run = self._program.run(_NEWEST)
        self._analysis = analysis = run.analysis
        if analysis is not None or run.exit_code is not None:
            self._verdict = judge(analysis, run.around(analysis))
        self._judged_s = analysis.running_s if analysis is not None else 0.0
        note = measurable(analysis)
        if note is not None and note.file != self._asked_for:
            self._asked_for, self.alone = note.file, self._known_alone(note)
        cost_s = perf_counter() - now_s
        self._judge_at_s = now_s + max(_JUDGE_EVERY_S, cost_s / _SHARE)

    def _look_at_measurement(self) -> None:
        if self._measurement is None:
            return
        try:
            measured = self._measurement.poll()
        except OvbenchError:
            self._measurement = None
            raise
        if measured is not None:
            self.alone, self._measurement = measured, None

    def end(self) -> None:
        """See `LiveProgramLike`."""
        names = _ENDS if sys.platform != "win32" else ("SIGTERM",)
        self._program.send_signal(getattr(signal, names[min(self._ends_sent, len(names) - 1)]))
        self._ends_sent += 1

    def measure_alone(self) -> None:
        """See `LiveProgramLike`."""
        if self._measurement is not None:
            return
        if self._run is None or self._run.exit_code is None:
            raise OvbenchError("The model can be measured alone once the program has ended.")
        reason = why_not(self._analysis)
        if reason:
            raise OvbenchError(reason)
        note = measurable(self._analysis)
        self._measurement = self._make_measurement(note)

    def log_text(self) -> str:
        """See `LiveProgramLike`."""
        return self._output.text

    def send_signal(self, number: int) -> None:
        """Pass a signal on to the program."""
        self._program.send_signal(number)

    def close(self, patience_s: float = math.inf) -> ProgramRun:
        """Wait for the program's end; returns all of it.

        Args:
            patience_s: after so long it is asked to end, with more emphasis each time.
        """
        end_at_s = perf_counter() + patience_s
        while not self._program.wait(_READ_EVERY_S):
            self._program.look()
            if perf_counter() > end_at_s:
                self.end()
                end_at_s = perf_counter() + patience_s
        if self._measurement is not None:
            self._measurement.cancel()
        self._output.finish(timeout_s=1.0)
        return self._program.run()
