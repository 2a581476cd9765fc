"""What a worker tells: frozen and picklable, in the order in which it happened.

A `StateChanged` carries the ring's total count at that moment and is emitted before the
next completion can be stored, so a reader that takes the ring's count first and the events
second always knows in which state each completion fell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import NamedDataShapes
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.feeders import FeederChosen
from ovbench_tui.engine.api.model_info import ModelFacts, ModelInfo, PortInfo
from ovbench_tui.engine.api.pipeline_use import PipelineUse, RequestText
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.stats.load.counts import NO_LOAD, LoadCounts


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The worker's state from ring position `ring_count` on; `measuring` = it counts.

    Attributes:
        load: what an open loop had counted by then.
    """

    state: WorkerState
    measuring: bool
    run_id: int
    ring_count: int
    time_s: float
    load: LoadCounts = NO_LOAD


@dataclass(frozen=True, slots=True)
class ProcessStopped:
    """The engine's process did not run for a while, as after Ctrl-Z.

    It comes after a `StateChanged` that ends the measured stretch where the process was last
    seen to run; what completes from there to the next `StateChanged` counts nowhere.

    Attributes:
        begin_s, end_s: of the gap, by `perf_counter`.
        lasted_s: seconds on the wall.
        was_measuring: the run lost measured time by it.
    """

    run_id: int
    begin_s: float
    end_s: float
    lasted_s: float
    was_measuring: bool


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A new effective configuration runs; completions from `ring_count` on are its own.

    Attributes:
        reshape_ms: NaN where the model was not reshaped.
        further_firsts_ms: number of the shape group and latency of the first inference with each
            further shape, as far as they ran before the run.
    """

    run_id: int
    config: BenchmarkConfig
    effective: EffectiveConfig
    model: ModelInfo
    read_ms: float
    compile_ms: float
    first_inference_ms: float
    change: str
    ring_count: int
    time_s: float
    peak_rss_bytes: int = 0
    reshape_ms: float = math.nan
    further_firsts_ms: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class PairStarted:
    """Two configurations alternate from here on, each with a run of its own.

    Until another run starts, `StateChanged.run_id` tells whose the completions are from its
    place in the ring on.
    """

    a: RunStarted
    b: RunStarted


@dataclass(frozen=True, slots=True)
class SliceEnded:
    """The last measured stretch of run `run_id` was a whole slice of pair number `pair`.

    A pair that was disturbed is measured again under the same number.
    """

    run_id: int
    pair: int


@dataclass(frozen=True, slots=True)
class BackgroundChanged:
    """What goes on beside the running model, as in ``compiling yolo-v3-tf``; '' = nothing."""

    what: str
    since_s: float


@dataclass(frozen=True, slots=True)
class ConfigRejected:
    """A configuration could not be run; `running` is the one that goes on, if any."""

    config: BenchmarkConfig
    reason: str
    running: BenchmarkConfig | None
    bad_input: bool


@dataclass(frozen=True, slots=True)
class ShapeNeeded:
    """`config` names a model with dynamic inputs and no data shape for them.

    Attributes:
        proposal: shapes to start from; after a refusal those that were refused.
        refusal: why the shapes given last cannot be run; '' = none were given.
        option: what sets the proposal: ``-data_shape``, or ``-shape`` where a rank is dynamic.
        more: options that the model needs beside it, as in ``--isolate``; '' = none.
    """

    config: BenchmarkConfig
    reason: str
    inputs: tuple[PortInfo, ...]
    proposal: NamedDataShapes
    running: BenchmarkConfig | None
    refusal: str = ""
    option: str = "-data_shape"
    more: str = ""


@dataclass(frozen=True, slots=True)
class IsolationRequired:
    """`config` can run only in a process of its own; `reason` is a sentence for a notice."""

    config: BenchmarkConfig
    reason: str


@dataclass(frozen=True, slots=True)
class DevicesFound:
    """The devices of this machine, best known first."""

    devices: tuple[DeviceInfo, ...]
    openvino_version: str


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The running model failed and nothing runs now; the last statistics stay."""

    reason: str


@dataclass(frozen=True, slots=True)
class LayerTime:
    """One executed node, as OpenVINO's profiling tells it.

    Attributes:
        status: ``EXECUTED``, ``NOT_RUN`` or ``OPTIMIZED_OUT``.
        originals: names of the layers of the model that it executes; empty where OpenVINO has
            added it, as a Reorder, or does not say.
    """

    name: str
    node_type: str
    exec_type: str
    status: str
    real_ms: float
    cpu_ms: float
    originals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileTaken:
    """The time of every layer, for every infer request.

    Some devices report the last inference, others a mean: see `reports.counters`.

    Attributes:
        requests: for each infer request that has run, its layers in OpenVINO's order.
        graph_path: where the executable graph was written; '' = it was not asked for.
        reason: what went wrong, in a sentence; '' = nothing.
    """

    run_id: int
    requests: tuple[tuple[LayerTime, ...], ...]
    graph_path: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ModelDescribed:
    """What the model of run `run_id` is made of; None = nothing runs."""

    run_id: int
    facts: ModelFacts | None


@dataclass(frozen=True, slots=True)
class WorkerNotice:
    """Something the user should know that stops nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class WorkerStopped:
    """The worker has released everything and ended; `reason` is '' for an ordered stop."""

    reason: str = ""


Event = (
    StateChanged
    | ProcessStopped
    | RunStarted
    | PairStarted
    | SliceEnded
    | BackgroundChanged
    | FeederChosen
    | PipelineUse
    | RequestText
    | ConfigRejected
    | ShapeNeeded
    | IsolationRequired
    | DevicesFound
    | RunFailed
    | ProfileTaken
    | ModelDescribed
    | WorkerNotice
    | WorkerStopped
)
