"""Both sides as timelines for Perfetto or Chrome: one inference of mean times on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ovbench_tui.engine.api.events import LayerTime
from ovbench_tui.files.trace_events import (
    TraceEvent,
    complete,
    process_name,
    thread_name,
    trace_text,
)
from ovbench_tui.layers.comparison import ComparedPart, LayerComparison
from ovbench_tui.layers.words import OUTSIDE, verdict

_REQUEST, _LAYERS = 1, 2
"""Threads, as a viewer shows them."""


def timeline_json(found: LayerComparison, title_a: str, title_b: str) -> str:
    """The whole file. Layers have a length, but no beginning: they lie end to end, in order.

    Args:
        title_a, title_b: of the two sides.
    """
    parts = {layer: part for part in found.parts for layer in (*part.a, *part.b)}
    return trace_text(
        [
            *_side(1, title_a, found.latency.mean_a_ms, found.a, parts),
            *_side(2, title_b, found.latency.mean_b_ms, found.b, parts),
        ]
    )


def _side(
    process: int,
    title: str,
    latency_ms: float,
    layers: Sequence[LayerTime],
    parts: dict[LayerTime, ComparedPart],
) -> Iterator[TraceEvent]:
    yield process_name(process, title)
    yield thread_name(process, _REQUEST, "infer request")
    yield thread_name(process, _LAYERS, "layers, mean times end to end")
    latency_us = latency_ms * 1e3
    yield complete("latency", process=process, thread=_REQUEST, begin_us=0.0, length_us=latency_us)
    begin_us = 0.0
    for layer in layers:
        length_us = layer.real_ms * 1e3
        part = parts[layer]
        yield complete(
            layer.name,
            process=process,
            thread=_LAYERS,
            begin_us=begin_us,
            length_us=length_us,
            details={
                "type": layer.node_type,
                "executed as": layer.exec_type,
                "layers of the model": ", ".join(layer.originals),
                "B against A": verdict(part),
                "changes": ", ".join(change.value for change in part.changes),
            },
        )
        begin_us += length_us
    if begin_us < latency_us:
        yield complete(
            OUTSIDE.lower(),
            process=process,
            thread=_LAYERS,
            begin_us=begin_us,
            length_us=latency_us - begin_us,
        )
