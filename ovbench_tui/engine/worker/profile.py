"""The time of every layer, as OpenVINO's profiling tells it after an inference."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import openvino as ov

from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.api.events import LayerTime, ProfileTaken
from ovbench_tui.engine.worker.active import Active

_MS = timedelta(milliseconds=1)
_ORIGINALS = "originalLayersNames"


def profile_of(active: Active, run_id: int, graph_path: str) -> ProfileTaken:
    """The layer times of what runs, whose queue is empty, and its executable graph.

    Args:
        graph_path: where the graph is written; '' = it is not wanted.
    """
    try:
        profiles = active.queue.profiles()
    except (RuntimeError, MemoryError) as error:
        reason = f"The device reports no layer times: {reason_of(error)}."
        return ProfileTaken(run_id, (), "", reason)
    compiled = active.prepared.compiled
    if active.originals is None:
        active.originals = originals_of(compiled) if compiled is not None else {}
    requests, reason = read_profile(
        profiles, was_requested=active.config.perf_counts, originals=active.originals
    )
    written = ""
    if graph_path and compiled is not None:
        graph_error = write_graph(compiled, graph_path)
        written = "" if graph_error else graph_path
        reason = graph_error or reason
    return ProfileTaken(run_id, requests, written, reason)


def read_profile(
    profiles: Sequence[Sequence[Any]],
    *,
    was_requested: bool,
    originals: Mapping[str, tuple[str, ...]],
) -> tuple[tuple[tuple[LayerTime, ...], ...], str]:
    """Translate OpenVINO's profiling of each infer request.

    Args:
        was_requested: the model was compiled with performance counters.
        originals: see `originals_of`.

    Returns:
        The layers of each request, and a sentence when there is nothing to be told by them.
    """
    requests = tuple(tuple(_layer(info, originals) for info in profile) for profile in profiles)
    if not requests:
        return (), "No inference was run, so no layer has a time."
    if not any(layer.real_ms > 0 or layer.status == "EXECUTED" for layer in requests[0]):
        if was_requested:  # OpenVINO counts whole microseconds
            return requests, "Every layer took less than a microsecond, so none has a time."
        return requests, "The model was compiled without performance counters: give -pc."
    return requests, ""


def originals_of(compiled: ov.CompiledModel) -> dict[str, tuple[str, ...]]:
    """Which layers of the model each executed one stands for; takes tens of milliseconds.

    A layer that OpenVINO has added, as a Reorder, stands for none. Empty where the device keeps
    its graph to itself.
    """
    try:
        nodes = compiled.get_runtime_model().get_ordered_ops()
    except RuntimeError:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        details = node.get_rt_info()
        text = details[_ORIGINALS].astype(str) if _ORIGINALS in details else ""
        found[node.get_friendly_name()] = tuple(filter(None, text.split(",")))
    return found


def write_graph(compiled: ov.CompiledModel, path: str) -> str:
    """Write the executable graph as IR; returns a sentence when that failed."""
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        return f"The executable graph cannot be written to {path}: there is no folder {folder}."
    target = Path(path)
    try:
        # OpenVINO would write through a symlink that someone has planted under that name.
        with tempfile.TemporaryDirectory(dir=folder, prefix=".ovbench-") as staging:
            written = Path(staging) / "graph.xml"
            ov.serialize(compiled.get_runtime_model(), written)
            written.with_suffix(".bin").replace(target.with_suffix(".bin"))
            written.replace(target)
    except OSError as error:
        return f"The executable graph cannot be written to {path}: {error.strerror or error}."
    except RuntimeError as error:
        reason = reason_of(error)
        # All that the C++ library says of a write that failed.
        cause = "the file system takes no more" if "iostream" in reason else reason
        return f"The executable graph cannot be written to {path}: {cause}."
    return ""


def _layer(info: Any, originals: Mapping[str, tuple[str, ...]]) -> LayerTime:
    return LayerTime(
        name=info.node_name,
        node_type=info.node_type,
        exec_type=info.exec_type,
        status=str(info.status).rpartition(".")[2],
        real_ms=info.real_time / _MS,
        cpu_ms=info.cpu_time / _MS,
        originals=originals.get(info.node_name, ()),
    )
