"""What a worker tells: frozen and picklable, in the order in which it happened.

A `StateChanged` carries the ring's total count at that moment and is emitted before the
next completion can be stored, so a reader that takes the ring's count first and the events
second always knows in which state each completion fell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import NamedShapes
from ovbench_tui.engine.api.feeders import FeederChosen, way_of


class WorkerState(Enum):
    """The states of the one machine that owns the queue."""

    IDLE = "idle"
    READING = "reading"
    COMPILING = "compiling"
    WARMING_UP = "warming up"
    RUNNING = "running"
    PAUSED = "paused"
    DRAINING = "draining"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def is_feeding(self) -> bool:
        """Whether inferences are started in it."""
        return self in (WorkerState.WARMING_UP, WorkerState.RUNNING)


@dataclass(frozen=True, slots=True)
class PortInfo:
    """One input or output of a model.

    Attributes:
        index: position among the inputs or outputs.
        name: a tensor name, or '' when the tensor has none.
        shape: one string a dimension: ``'3'``, ``'?'``, ``'1..8'``; ``('...',)`` for dynamic rank.
        element_type: OpenVINO's short name, as in ``f32``.
        layout: as in ``NCHW``; '' when unknown.
    """

    index: int
    name: str
    shape: tuple[str, ...]
    element_type: str
    layout: str = ""

    @property
    def label(self) -> str:
        """The name, or ``#index`` for a port without one."""
        return self.name or f"#{self.index}"

    @property
    def is_dynamic(self) -> bool:
        """Whether a data shape must be given before the port can be fed."""
        return any(not size.isdigit() for size in self.shape)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model once it is read.

    Attributes:
        name: for the screen: the file's or the built-in model's name.
        source: the path, or the built-in model's name.
        format: as in ``IR``, ``ONNX``, ``TensorFlow``, ``built-in``, ``blob``.
    """

    name: str
    source: str
    format: str
    inputs: tuple[PortInfo, ...]
    outputs: tuple[PortInfo, ...]


@dataclass(frozen=True, slots=True)
class ShapeGroup:
    """One set of input shapes of a rotation, and the frames an inference with it carries."""

    shapes: NamedShapes
    batch: int


BATCH_UNKNOWN = "batch unknown, taken as 1"
BATCH_TOLD_SINGLE = "each inference is one frame, as you said"


@dataclass(frozen=True, slots=True)
class EffectiveConfig:
    """What the compiled model says it runs with; '' or 0 where the device does not tell.

    Attributes:
        batch: frames of one inference; the first group's where shapes rotate.
        shape_groups: in the order of their rotation; one where nothing rotates.
        input_rules: for each input, by what rule its tensor is as it is, as in
            ``u8, because it is an image (benchmark_app's rule)``.
        api: ``async`` or ``sync``.
        inference_only: False when filling the inputs is part of what is measured.
        collected_by: ``callback`` or ``feeder``: who stores a completion in the ring.
        feeder_spins: it looks for idle requests all the time, which takes a core, instead of
            waiting to be woken.
        properties: every readable property of the compiled model, name to text, sorted.
    """

    device: str = ""
    execution_devices: str = ""
    hint: str = ""
    nireq: int = 0
    optimal_nireq: int = 0
    streams: str = ""
    threads: str = ""
    precision: str = ""
    batch: int = 1
    batch_rule: str = ""
    data_shape: NamedShapes = ()
    loaded_from_cache: bool = False
    shape_groups: tuple[ShapeGroup, ...] = ()
    input_rules: tuple[tuple[str, str], ...] = ()
    api: str = "async"
    inference_only: bool = True
    collected_by: str = "callback"
    feeder_spins: bool = False
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def feeder_way(self) -> str:
        """Who collects, as --feeder calls it; '' with the sync API, which needs nobody."""
        is_sync = self.api == "sync"
        return "" if is_sync else way_of(self.collected_by, spins=self.feeder_spins)

    @property
    def is_batch_unknown(self) -> bool:
        """Whether nobody has told how many frames an inference carries."""
        return self.batch_rule.startswith(BATCH_UNKNOWN)

    @property
    def is_batch_left_to_user(self) -> bool:
        """Whether neither the model nor a layout tells how many frames an inference carries."""
        return self.batch_rule.startswith((BATCH_UNKNOWN, BATCH_TOLD_SINGLE))

    @property
    def stream_count(self) -> int:
        """Streams as a number; 0 where the device does not tell one."""
        return _count(self.streams)

    @property
    def thread_count(self) -> int:
        """Threads as a number; 0 where the device does not tell one."""
        return _count(self.threads)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


@dataclass(frozen=True, slots=True)
class DeviceProperty:
    """One property of a device, as it is before anything is asked for.

    Attributes:
        value: in words; None where it cannot be read.
        access: ``RO``, ``RW`` or ``WO``.
        choices: values it takes, as they are passed to OpenVINO; () where it tells none.
        range_text: of numbers, as in ``1 to 8``; '' where it tells none.
    """

    name: str
    value: str | None
    access: str
    choices: tuple[str, ...] = ()
    range_text: str = ""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One device string the user can choose, as in ``CPU`` or ``MULTI:CPU``.

    Attributes:
        properties: of the device itself, or of the kind of a virtual one; sorted by name.
    """

    name: str
    full_name: str
    precisions: tuple[str, ...] = ()
    is_virtual: bool = False
    properties: tuple[DeviceProperty, ...] = ()


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The worker's state from ring position `ring_count` on; `measuring` = it counts."""

    state: WorkerState
    measuring: bool
    run_id: int
    ring_count: int
    time_s: float


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A new effective configuration runs; completions from `ring_count` on are its own.

    Attributes:
        reshape_ms: NaN where the model was not reshaped.
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
    """`config` names a model with dynamic inputs and no data shape for them."""

    config: BenchmarkConfig
    reason: str
    inputs: tuple[PortInfo, ...]
    proposal: NamedShapes
    running: BenchmarkConfig | None


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
    """

    name: str
    node_type: str
    exec_type: str
    status: str
    real_ms: float
    cpu_ms: float


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
class ModelFacts:
    """What a model is made of.

    Attributes:
        operations: types and how many of each, most first; without constants.
        weights: element type, elements and bytes of the constants, most bytes first.
        parameters: weights, biases and scales; None = unknown.
        macs: multiply-accumulates of one inference, the mean where shapes rotate, of the
            operations that `engine.models.node_macs` has a formula for. None = unknown.
        uncounted: types that may do much arithmetic which is not in `macs`, and how many of
            each, most first.
        weight_bytes: of all constants.
        file_bytes: of the file and its weights; 0 = there is none.
        unknown: why what is left out is unknown, in a sentence; '' = all is known.
    """

    operations: tuple[tuple[str, int], ...] = ()
    weights: tuple[tuple[str, int, int], ...] = ()
    parameters: int | None = None
    macs: float | None = None
    uncounted: tuple[tuple[str, int], ...] = ()
    weight_bytes: int = 0
    file_bytes: int = 0
    unknown: str = ""


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
    | RunStarted
    | PairStarted
    | SliceEnded
    | BackgroundChanged
    | FeederChosen
    | ConfigRejected
    | ShapeNeeded
    | DevicesFound
    | RunFailed
    | ProfileTaken
    | ModelDescribed
    | WorkerNotice
    | WorkerStopped
)
