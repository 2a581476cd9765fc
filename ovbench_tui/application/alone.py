"""What a model of the user's program reaches alone: measured by ovbench-tui, with its defaults."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from time import perf_counter
from typing import IO

from ovbench_tui.application.analysis import Analysis
from ovbench_tui.application.trace import ModelNote
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import OvbenchError, RunFailedError
from ovbench_tui.system.own_program import own_program

MEASURED_S = 5
"""Seconds, beside reading, compiling and the warm-up."""

_LAST_LINE_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class AloneResult:
    """The model alone.

    Attributes:
        file: of the model; `device` that it ran on.
        rate: inferences per second; `median_ms`: of their latency.
        requests, streams: that ran at once.
        inputs: each as in ``f32 [1,3,224,224]``.
        seconds: that were measured.
        source: where it is known from; '' = it was measured just now.
    """

    file: str
    device: str
    rate: float
    median_ms: float
    requests: int
    streams: str
    inputs: tuple[str, ...]
    seconds: float
    source: str = ""

    @property
    def name(self) -> str:
        """Of the file."""
        return PurePath(self.file).name


def why_not(analysis: Analysis | None) -> str:
    """Why there is no model that could be measured alone, in a sentence; '' = there is one."""
    note = measurable(analysis)
    if analysis is None or note is None:
        return "There is no model to measure alone: the program completed no inference."
    if not note.file:
        return (
            "The model cannot be measured alone: the program did not read it from a file that is"
            " known here."
        )
    if not Path(note.file).exists():
        return f"The model cannot be measured alone: {note.file} does not exist any more."
    return ""


def measurable(analysis: Analysis | None) -> ModelNote | None:
    """The model that ran most; None where none did."""
    uses = [use for use in analysis.models if use.inferences] if analysis is not None else []
    return max(uses, key=lambda use: use.inferences).note if uses else None


def device_of(note: ModelNote) -> str:
    """The device that a model was compiled for."""
    return note.device or next(iter(note.devices), "CPU").strip("()")


def ports_text(ports: Iterable[tuple[str, Iterable[object]]]) -> tuple[str, ...]:
    """Types and shapes of ports, each as in ``f32 [1,3,224,224]``."""
    return tuple(f"{element_type} [{','.join(map(str, shape))}]" for element_type, shape in ports)


class AloneMeasurement:
    """ovbench-tui, measuring the model in a process of its own, with the throughput hint.

    Args:
        note: of the model, with a file.
        command: what runs ovbench-tui; None = this one.
    """

    def __init__(
        self,
        note: ModelNote,
        command: Sequence[str] | None = None,
        seconds: float = MEASURED_S,
    ) -> None:
        self.note = note
        self._begin_s = perf_counter()
        options = ["-d", device_of(note), "-hint", "throughput", "-t", f"{seconds:g}"]
        # Files, for nobody reads while it is only polled.
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with us
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [
                *(command or own_program()),
                note.file,
                *options,
                "--assume-shapes",
                "--no-history",
                "--json",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._errors,
        )
        self._result: AloneResult | None = None

    @property
    def elapsed_s(self) -> float:
        """Since it was begun."""
        return perf_counter() - self._begin_s

    def poll(self) -> AloneResult | None:
        """The result; None while it is measured.

        Raises:
            RunFailedError: it could not be measured.
        """
        if self._result is None and self._process.poll() is not None:
            self._result = self.wait()
        return self._result

    def wait(self) -> AloneResult:
        """Wait for the result; errors as of `poll`."""
        if self._process.wait():
            lines = _text(self._errors).strip().splitlines()
            last = printable(lines[-1])[-_LAST_LINE_CHARACTERS:] if lines else "no reason is given."
            raise RunFailedError(f"The model alone could not be measured: {last}")
        try:
            return _result(json.loads(_text(self._output)), self.note)
        except (ValueError, KeyError, TypeError, IndexError, ZeroDivisionError) as error:
            raise OvbenchError("The model alone could not be measured: no figures came.") from error

    def cancel(self) -> None:
        """Give it up."""
        self._process.kill()
        self._process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _result(document: dict[str, object], note: ModelNote) -> AloneResult:
    runs = document["runs"]
    if not isinstance(runs, list):
        raise TypeError("runs")
    run = runs[-1]
    figures, effective = run["figures"], run["effective"]
    return AloneResult(
        file=note.file,
        device=str(effective["device"]),
        rate=figures["count"] / figures["elapsed_s"],
        median_ms=float(figures["p50_ms"]),
        requests=int(effective["nireq"]),
        streams=str(effective["streams"]),
        inputs=ports_text((port["element_type"], port["shape"]) for port in run["model"]["inputs"]),
        seconds=float(figures["elapsed_s"]),
    )
