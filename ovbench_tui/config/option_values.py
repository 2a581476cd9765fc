"""The words options take, and the shapes of values given by name."""

from __future__ import annotations

HINTS = ("throughput", "latency", "cumulative_throughput", "none")
HINT_ALIASES = {"tput": "throughput", "ctput": "cumulative_throughput"}
PRECISIONS = ("f32", "bf16", "f16", "dynamic")
"""Inference precisions offered; '' leaves the choice to the device."""

APIS = ("async", "sync")
FEEDERS = ("auto", "callback", "collect", "spin")
"""Who collects completions: the device's callback, or the feeder, which may spin."""

PINNINGS = ("YES", "NO")
PORT_PRECISIONS = (
    *("bool", "f16", "f32", "f64"),
    *("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"),
)
"""Element types `-ip`, `-op` and `-iop` take, as in benchmark_app."""

NamedTexts = tuple[tuple[str, str], ...]
NamedNumbers = tuple[tuple[str, tuple[float, ...]], ...]
NamedSources = tuple[tuple[str, tuple[str, ...]], ...]
DeviceProperties = tuple[tuple[str, NamedTexts], ...]
"""Pairs of device and its properties, each a pair of name and text."""

MAX_NIREQ = 4096
