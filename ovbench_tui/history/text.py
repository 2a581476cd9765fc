"""One run of the history, with all that is known of it, for people to read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ovbench_tui.console.format import format_fps
from ovbench_tui.console.printable import printable
from ovbench_tui.console.units import format_duration
from ovbench_tui.export import own_command
from ovbench_tui.history.reader import HistoryRun
from ovbench_tui.reports.machine_use import describe_machine_use
from ovbench_tui.reports.summary import format_summary
from ovbench_tui.stats.run_stats import RunSeries

_NAME_WIDTH = 17
_LONGEST_VALUE = 2000
_ENDINGS = {
    "finished": "ended by itself",
    "changed": "ended by another configuration",
    "stopped": "ended with the program or its engine",
    "failed": "ended by a failure",
}


def format_run(run: HistoryRun) -> str:
    """Write lines of a name and a value, then the summary, then the device's properties."""
    entry, machine, view = run.entry, run.machine, run.result.view
    began = f"{entry.started_at.astimezone():%Y-%m-%d %H:%M:%S %z}"
    rows = [
        ("Run", f"{entry.id}, {_ENDINGS.get(entry.ending, entry.ending)}"),
        ("Began", began),
        ("Change", view.change),
        ("Model file", entry.model_path),
        ("Model hash", entry.model_hash or "not known yet"),
        ("Machine", f"{entry.cpu}, {machine.usable_cpus} of {entry.cpus} CPUs, {entry.os}"),
        ("Host", run.machine_name),
        ("Machine id", entry.machine_id),
        ("OpenVINO", entry.openvino),
        ("ovbench-tui", f"{entry.ovbench_tui}, Python {machine.python}"),
        ("Engine", "in a process of its own" if entry.isolated else "in a thread"),
        ("Requested by", own_command(run.config)),
    ]
    lines = [_row(name, value) for name, value in rows if value]
    summary = format_summary([view]).split("\n")
    lines += ["", *(printable(line, _LONGEST_VALUE) for line in summary)]
    lines += _describe_series(run.series, view.effective.unit)
    if view.effective.properties:
        lines.append("Properties of the compiled model:")
    lines += [
        f"    {printable(name)} = {printable(value)}" for name, value in view.effective.properties
    ]
    return "\n".join(lines)


def _row(name: str, value: str) -> str:
    return f"{name + ':':<{_NAME_WIDTH}}{printable(value, _LONGEST_VALUE)}"


def _describe_series(series: RunSeries, unit: str) -> list[str]:
    if not series.counts or not series.step_s:
        return [_row("Over time", "too short for a window")]
    fps = [frames / series.step_s for frames in series.frames]
    p99_ms = [value for value in series.p99_ms if math.isfinite(value)]
    text = f"{len(fps)} windows of {series.step_s:g} s with {_range(fps, format_fps)} {unit}"
    if p99_ms:
        text += f", p99 {_range(p99_ms, lambda value: format_duration(value).strip())}"
    use = describe_machine_use(series.machine)
    return [_row("Over time", text), *([_row("CPU use", use)] if use else ())]


def _range(values: Sequence[float], write: Callable[[float], str]) -> str:
    return f"{write(min(values))} to {write(max(values))}"
