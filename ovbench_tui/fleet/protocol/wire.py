"""What goes between the client and the engines: plain numbers and texts, nothing to unpickle.

An engine tells by Dask's events, whose messages are msgpack; what is nested is JSON inside
them. Commands go the other way as JSON. Whatever does not fit is refused, never guessed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.results import RunResult, RunView
from ovbench_tui.engine.api.run_sink import FinishedRun, RunEnd
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.errors import OvbenchError
from ovbench_tui.fleet.protocol import wire_fields as fields
from ovbench_tui.fleet.protocol.wire_fields import WireError
from ovbench_tui.fleet.tuning.shard import Shard
from ovbench_tui.reports.plain_data import RUN_DATA
from ovbench_tui.stats.run_stats import RunStats, Stability
from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.tuning.trial_result import Trial

Message = dict[str, Any]

HELLO, PULSE, RUN, FINISHED, TROUBLE = "hello", "pulse", "run", "finished", "trouble"
"""Kinds of message: who I am, figures of a second, a run began, a run ended, a sentence."""

TRIED, SHARE_OVER = "tried", "share-over"
"""Kinds of message of a search: what came of a configuration, a share is over."""

CONFIGURE, PAUSE, RESUME, RESET, STOP = "configure", "pause", "resume", "reset", "stop"
"""Kinds of command."""

TUNE = "tune"
"""A command: measure a share of a search, or without one stop that."""

_FIGURES = (
    "elapsed_s",
    "fps_now",
    "fps_mean",
    "fps_peak",
    "min_ms",
    "mean_ms",
    "p50_ms",
    "p90_ms",
    "p95_ms",
    "p99_ms",
    "p999_ms",
    "max_ms",
    "warmup_s",
)
_PLACES = {name: place for place, name in enumerate(_FIGURES)}
_VERDICTS = {verdict.value: verdict for verdict in Verdict}
_STEADY: dict[str, Steady | None] = {"": None, **{steady.value: steady for steady in Steady}}
_REAL = frozenset((float, int))
_WHOLE = frozenset((int,))


@dataclass(frozen=True, slots=True)
class Order:
    """What an engine is started with.

    Attributes:
        fleet: tells this fleet from others on the same cluster.
        task: tells this start from others; its messages carry it.
        topic: of Dask's events.
        model_file: the model's place in its folder; '' = `config.model` is good on the worker.
        serial: of the configuration; a later one is sent again.
    """

    fleet: str
    task: str
    topic: str
    config: BenchmarkConfig
    model_file: str = ""
    serial: int = 0
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """What a running engine is asked for.

    Attributes:
        what: one of the kinds of command.
        task: for whom; '' = every engine of the fleet.
    """

    what: str
    config: BenchmarkConfig | None = None
    task: str = ""
    share: Shard | None = None


@dataclass(frozen=True, slots=True)
class Handshake:
    """Who an engine is, as it tells when it starts."""

    name: str
    cpu: str
    cpus: int
    usable_cpus: int
    os: str
    python: str
    ovbench_tui: str
    machine_id: str = ""
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The figures of a second; what only a closer look needs is made when it is asked for.

    Attributes:
        state: of the worker's engine, as in `WorkerState`.
        reason: why it does not run what was asked for, in a sentence.
        ends_second: False where only the state is new.
        steady: what FPS and p99 do; None = not known.
        windows: that the verdict is from.
    """

    state: str
    measuring: bool
    openvino: str
    run_id: int
    nireq: int
    device: str
    reason: str
    ends_second: bool = True
    verdict: Verdict = Verdict.WARMING_UP
    fps_cv: float = math.nan
    p99_cv: float = math.nan
    causes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    figures: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    steady: tuple[Steady | None, Steady | None] = (None, None)
    windows: int = 0

    def figure(self, name: str) -> float:
        """One of the figures of `RunStats`; NaN before anything ran."""
        return self.figures[_PLACES[name]] if self.figures else math.nan

    @property
    def count(self) -> int:
        """Completed inferences of the run."""
        return self.counts[0] if self.counts else 0

    @property
    def stats(self) -> RunStats:
        """All figures; only where there is a run."""
        members: dict[str, Any] = dict(zip(_FIGURES, map(float, self.figures), strict=True))
        count, dropped, warmup_count, frames = self.counts
        return RunStats(
            count=count, dropped=dropped, warmup_count=warmup_count, frames=frames, **members
        )

    @property
    def stability(self) -> Stability:
        """The verdict, with all that is said of it."""
        return Stability(
            self.verdict,
            self.fps_cv,
            self.p99_cv,
            self.causes,
            self.notes,
            *self.steady,
            self.windows,
        )


def to_text(value: Order | Command | RunView) -> str:
    """Write a dataclass as JSON."""
    return json.dumps(RUN_DATA.of(value), allow_nan=False, separators=(",", ":"))


def order_of(text: str) -> Order:
    """Read an order.

    Raises:
        WireError: it is none.
    """
    made: Order = fields.made(Order, text)
    return made


def command_of(text: str) -> Command:
    """Read a command.

    Raises:
        WireError: it is none.
    """
    made: Command = fields.made(Command, text)
    return made


def run_of(text: str) -> RunView:
    """Read what an engine has told of its run.

    Raises:
        WireError: it is none.
    """
    made: RunView = fields.made(RunView, text)
    return made


def hello_message(hello: Handshake) -> Message:
    """Write who an engine is."""
    fields = {name: getattr(hello, name) for name in Handshake.__slots__}
    return {"kind": HELLO, **fields}


def hello_of(message: Mapping[str, Any]) -> Handshake:
    """Read who an engine is.

    Raises:
        WireError: it is none.
    """
    return Handshake(
        name=fields.text(message, "name"),
        cpu=fields.text(message, "cpu"),
        cpus=fields.whole(message, "cpus"),
        usable_cpus=fields.whole(message, "usable_cpus"),
        os=fields.text(message, "os"),
        python=fields.text(message, "python"),
        ovbench_tui=fields.text(message, "ovbench_tui"),
        machine_id=fields.text(message, "machine_id"),
        serial=fields.whole(message, "serial"),
    )


def pulse_message(snapshot: Snapshot, reason: str, *, ends_second: bool = True) -> Message:
    """Write the figures of a second; numbers only, for there are many of these."""
    run = snapshot.run
    message: Message = {
        "kind": PULSE,
        "state": snapshot.state.value,
        "measuring": snapshot.measuring,
        "ends_second": ends_second,
        "openvino": snapshot.openvino_version,
        "trouble": reason,
        "run_id": run.run_id if run else 0,
    }
    if run is not None:
        stats, stability = run.stats, run.stability
        message |= {
            "nireq": run.effective.nireq,
            "device": run.effective.execution_devices or run.effective.device or run.config.device,
            "figures": [getattr(stats, name) for name in _FIGURES],
            "counts": [stats.count, stats.dropped, stats.warmup_count, stats.frames],
            "verdict": stability.verdict.value,
            "cvs": [stability.fps_cv, stability.p99_cv],
            "causes": [*stability.causes],
            "notes": [*stability.notes],
            "steady": [one.value if one else "" for one in (stability.fps, stability.p99)],
            "windows": stability.windows,
        }
    return message


def pulse_of(message: Mapping[str, Any]) -> Heartbeat:
    """Read the figures of a second.

    Raises:
        WireError: they are none.
    """
    run_id = fields.whole(message, "run_id")
    state, openvino = fields.text(message, "state"), fields.text(message, "openvino")
    reason = fields.text(message, "trouble")
    is_measuring = message.get("measuring") is True
    ends_second = message.get("ends_second") is True
    if not run_id:
        return Heartbeat(state, is_measuring, openvino, 0, 0, "", reason, ends_second)
    figures = fields.numbers(message, "figures", len(_FIGURES), _REAL)
    counts = fields.numbers(message, "counts", 4, _WHOLE)
    fps_cv, p99_cv = fields.numbers(message, "cvs", 2, _REAL)
    verdict = _VERDICTS.get(fields.text(message, "verdict"))
    if verdict is None or min(counts) < 0:
        raise WireError("its verdict or its counts are not valid")
    return Heartbeat(
        state,
        is_measuring,
        openvino,
        run_id,
        fields.whole(message, "nireq"),
        fields.text(message, "device"),
        reason,
        ends_second,
        verdict,
        float(fps_cv),
        float(p99_cv),
        fields.sentences(message, "causes"),
        fields.sentences(message, "notes"),
        figures,
        counts,
        _steady_of(message),
        fields.whole(message, "windows"),
    )


def _steady_of(message: Mapping[str, Any]) -> tuple[Steady | None, Steady | None]:
    """What FPS and p99 do."""
    words = fields.sentences(message, "steady")
    if len(words) != 2 or not _STEADY.keys() >= set(words):
        raise WireError("its steadiness is not valid")
    return _STEADY[words[0]], _STEADY[words[1]]


def tried_message(share: int, trial: Trial) -> Message:
    """Write what came of one configuration of a share."""
    return {"kind": TRIED, "share": share, "text": json.dumps(RUN_DATA.of(trial), allow_nan=False)}


def tried_of(message: Mapping[str, Any]) -> tuple[int, Trial]:
    """Read the number of the share, and what came of one configuration of it.

    Raises:
        WireError: it is none.
    """
    trial: Trial = fields.made(Trial, fields.text(message, "text"))
    return fields.whole(message, "share"), trial


def share_over_message(share: int, reason: str) -> Message:
    """Write that a share is over, and why this machine can do none where it cannot."""
    return {"kind": SHARE_OVER, "share": share, "trouble": reason}


def share_over_of(message: Mapping[str, Any]) -> tuple[int, str]:
    """Read the number of a share that is over, and the trouble.

    Raises:
        WireError: it is none.
    """
    return fields.whole(message, "share"), fields.text(message, "trouble")


def finished_message(run: FinishedRun) -> Message:
    """Write a run that has ended, with all that is known of it."""
    devices = [replace(device, properties=()) for device in run.devices]
    document = {
        "result": RUN_DATA.of(replace(run.result, profile=None)),
        "started_at": run.started_at.isoformat(),
        "end": run.end.value,
        "devices": RUN_DATA.of(devices),
        "openvino_version": run.openvino_version,
    }
    return {"kind": FINISHED, "text": json.dumps(document, allow_nan=False)}


def finished_of(message: Mapping[str, Any]) -> FinishedRun:
    """Read a run that has ended.

    Raises:
        WireError: it is none.
    """
    plain = fields.object_of(fields.text(message, "text"))
    try:
        started_at = datetime.fromisoformat(str(plain.get("started_at")))
        end = RunEnd(plain.get("end"))
        result = RUN_DATA.to(RunResult, plain.get("result"))
        reported = plain.get("devices")
        devices = tuple(
            RUN_DATA.to(DeviceInfo, device)
            for device in (reported if isinstance(reported, list) else ())
        )
    except (ValueError, OvbenchError) as error:  # NotThisDataError is a ValueError
        raise WireError(f"a finished run cannot be read: {error}") from None
    if started_at.tzinfo is None:
        raise WireError("a finished run has no time zone")
    version = plain.get("openvino_version")
    return FinishedRun(
        result=result,
        started_at=started_at,
        end=end,
        isolated=False,
        devices=devices,
        openvino_version=version if isinstance(version, str) else "",
    )
