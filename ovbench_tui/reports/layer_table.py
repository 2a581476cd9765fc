"""Layer times as tables: a mean over profiles, by layer, type and executed precision; as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ovbench_tui.engine.api.events import LayerTime, ProfileTaken
from ovbench_tui.reports.counters import average

_PRECISION = re.compile(r"_(bin|bf16|f\d+|[iu]\d+|nf4|f8e\w+)$", re.IGNORECASE)
_NO_KERNEL = "undef"


class Fate(Enum):
    """What became of a layer; the value is what the screen shows."""

    EXECUTED = "executed"
    FUSED = "fused"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer.

    Attributes:
        precision: in which it was executed; '' where that is not told.
        share: of all layers' time.
    """

    name: str
    node_type: str
    exec_type: str
    precision: str
    fate: Fate
    real_ms: float
    cpu_ms: float
    share: float


@dataclass(frozen=True, slots=True)
class GroupRow:
    """All layers that have something in common.

    Attributes:
        count, executed: layers, and those of them that were executed.
    """

    name: str
    count: int
    executed: int
    real_ms: float
    cpu_ms: float
    share: float


class MeanProfile:
    """Layers averaged over the infer requests of a profile, and over profiles.

    Args:
        is_running_mean: the device's times are means over all inferences already, as the CPU's
            are, so that the last profile holds all there is to know.
    """

    def __init__(self, *, is_running_mean: bool) -> None:
        self._is_running_mean = is_running_mean
        self._mean: tuple[LayerTime, ...] = ()
        self.count = 0

    def add(self, profile: ProfileTaken) -> None:
        """Take another profile; one of another structure begins the mean again."""
        layers = average(profile.requests)
        if not layers:
            return
        known = self._mean
        is_same = [layer.name for layer in layers] == [layer.name for layer in known]
        self.count = self.count + 1 if is_same else 1
        if self.count == 1 or self._is_running_mean:
            self._mean = layers
            return
        part = 1 / self.count
        self._mean = tuple(
            replace(
                # The one that ran tells more than one that did not.
                layer if layer.status == "EXECUTED" else mean,
                real_ms=mean.real_ms + (layer.real_ms - mean.real_ms) * part,
                cpu_ms=mean.cpu_ms + (layer.cpu_ms - mean.cpu_ms) * part,
            )
            for mean, layer in zip(known, layers, strict=True)
        )

    @property
    def layers(self) -> tuple[LayerTime, ...]:
        """Every layer, in OpenVINO's order."""
        return self._mean

    @property
    def rows(self) -> tuple[LayerRow, ...]:
        """The same, with what became of each and its share."""
        return layer_rows(self._mean)


def layer_rows(layers: Sequence[LayerTime]) -> tuple[LayerRow, ...]:
    """Say of each layer what became of it, and its share of the whole."""
    whole_ms = sum(layer.real_ms for layer in layers)
    return tuple(
        LayerRow(
            layer.name,
            layer.node_type,
            layer.exec_type,
            executed_precision(layer.exec_type),
            _fate(layer),
            layer.real_ms,
            layer.cpu_ms,
            layer.real_ms / whole_ms if whole_ms else 0.0,
        )
        for layer in layers
    )


def by_type(rows: Sequence[LayerRow]) -> tuple[GroupRow, ...]:
    """Add up the layers of each type, longest first."""
    return _grouped(rows, lambda row: row.node_type)


def by_precision(rows: Sequence[LayerRow]) -> tuple[GroupRow, ...]:
    """Add up the executed layers of each precision, longest first; '' = it is not told."""
    executed = [row for row in rows if row.fate is Fate.EXECUTED]
    return _grouped(executed, lambda row: row.precision)


def executed_precision(exec_type: str) -> str:
    """Read ``f32`` from ``jit_avx2_f32``, ``i8`` from ``jit_avx2_I8``; '' = it is not told."""
    found = _PRECISION.search(exec_type)
    return found[1].lower() if found else ""


def is_other_precision(row: LayerRow, requested: str) -> bool:
    """Whether a layer was executed in another precision than the one asked for."""
    return row.fate is Fate.EXECUTED and row.precision not in ("", requested) and requested != ""


def layers_csv(rows: Sequence[LayerRow]) -> str:
    """Write layers with times in ms, in the order in which they come."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ("layer", "type", "executed_as", "precision", "status", "real_ms", "cpu_ms", "share")
    )
    for row in rows:
        writer.writerow(
            (
                row.name,
                row.node_type,
                row.exec_type,
                row.precision,
                row.fate.value,
                f"{row.real_ms:.6g}",
                f"{row.cpu_ms:.6g}",
                f"{row.share:.6f}",
            )
        )
    return file.getvalue()


def _fate(layer: LayerTime) -> Fate:
    if layer.status == "EXECUTED":
        return Fate.EXECUTED
    if layer.status == "OPTIMIZED_OUT" or layer.exec_type == _NO_KERNEL:
        return Fate.FUSED  # the CPU reports what it has fused as not run, without a kernel
    return Fate.NOT_RUN


def _grouped(rows: Sequence[LayerRow], name_of: Callable[[LayerRow], str]) -> tuple[GroupRow, ...]:
    members: dict[str, list[LayerRow]] = {}
    for row in rows:
        members.setdefault(name_of(row), []).append(row)
    groups = [
        GroupRow(
            name,
            len(group),
            sum(row.fate is Fate.EXECUTED for row in group),
            sum(row.real_ms for row in group),
            sum(row.cpu_ms for row in group),
            sum(row.share for row in group),
        )
        for name, group in members.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.real_ms, group.name)))
