"""What can be asked of a worker; small and picklable, so a host may send them anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.config.benchmark import BenchmarkConfig


@dataclass(frozen=True, slots=True)
class Configure:
    """Run this configuration; of several waiting ones only the last is tried."""

    config: BenchmarkConfig


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop feeding; requests in flight are drained."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Feed again after a pause."""


@dataclass(frozen=True, slots=True)
class ResetClock:
    """Measure for the whole duration again, from now on."""


@dataclass(frozen=True, slots=True)
class StopRun:
    """End the run as failed and give its memory back; `reason` is a sentence for the user."""

    reason: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Drain, release everything and end the worker."""


@dataclass(frozen=True, slots=True)
class TakeProfile:
    """Drain, read the time of every layer of every infer request, and go on.

    Attributes:
        graph_path: also write the executable graph there (-exec_graph_path); '' = no.
    """

    graph_path: str = ""


@dataclass(frozen=True, slots=True)
class DescribeModel:
    """Count what the running model is made of; takes a tenth of a second of Python."""


@dataclass(frozen=True, slots=True)
class ReadText:
    """Decode what one request of a pipeline has given so far."""


@dataclass(frozen=True, slots=True)
class Alternate:
    """Let another configuration, B, run in turn with what runs, A, in short slices.

    Attributes:
        config: B; when either of them ends does not matter.
        slice_s: seconds of a slice; longer where a model is too slow for that.
    """

    config: BenchmarkConfig
    slice_s: float = 0.5


@dataclass(frozen=True, slots=True)
class EndAlternation:
    """Let one of the two go on alone: A, or B with `keep_b`."""

    keep_b: bool = False


Command = (
    Configure
    | Pause
    | Resume
    | ResetClock
    | TakeProfile
    | DescribeModel
    | ReadText
    | Alternate
    | EndAlternation
    | StopRun
    | Shutdown
)
