"""What a fleet has measured, as a table and as a JSON document."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from ovbench_tui import __version__
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.fleet.machine_status import FleetSnapshot, MachineFigures, Outlier
from ovbench_tui.reports.plain_data import RUN_DATA

SCHEMA_NAME = "ovbench-tui-fleet/1"

_DASH = "\N{EN DASH}"
_TITLES = ("machine", "CPU", "cores", "device", "OpenVINO", "state", "FPS", "p50", "p99", "CV")
_NUMBERS = {"cores", "FPS", "p50", "p99", "CV"}
_LEFT = tuple(place for place, title in enumerate(_TITLES) if title not in _NUMBERS)
_WIDEST_CPU = 32


def format_table(snapshot: FleetSnapshot) -> str:
    """Write a row for each machine, the totals, and what is wrong with some of them."""
    rows = [_cells(machine) for machine in snapshot.machines]
    lines = aligned([_TITLES, *rows], _LEFT)
    measured = [machine for machine in snapshot.machines if machine.has_figures]
    if measured:
        total = math.fsum(m.fps_mean for m in measured if math.isfinite(m.fps_mean))
        text = f"{len(measured)} of {len(rows)} machines measured: {total:.2f} FPS together"
        with_p99 = [machine for machine in measured if math.isfinite(machine.measured_p99_ms)]
        if with_p99:
            worst = max(with_p99, key=lambda machine: machine.measured_p99_ms)
            text += f", worst p99 {worst.measured_p99_ms:.3f} ms ({printable(worst.name)})"
        lines += ["", f"{text}."]
    for machine in snapshot.machines:
        sentences = [machine.reason, machine.note, _odd(machine)]
        text = " ".join(filter(None, sentences))
        if text:
            lines.append(f"{printable(machine.name)}: {printable(text, 1000)}")
    return "\n".join(lines)


def describe_fleet(snapshot: FleetSnapshot) -> str:
    """Say in one line how far it is."""
    totals = snapshot.totals
    machines = "1 machine" if totals.machines == 1 else f"{totals.machines} machines"
    return f"{totals.measuring} of {machines} measuring  {totals.fps:.2f} FPS together"


def fleet_document(
    snapshot: FleetSnapshot,
    runs: Sequence[RunView | None],
    *,
    exit_code: int,
    error: str = "",
) -> str:
    """Write one JSON document in one line of ASCII; a figure that is not known is null.

    Args:
        runs: of each machine of the snapshot, in its order.
    """
    measured = [machine for machine in snapshot.machines if machine.has_figures]
    document = {
        "schema": SCHEMA_NAME,
        "ovbench_tui": __version__,
        "outcome": {"exit_code": exit_code, "error": error},
        "scheduler": snapshot.where,
        "requested": snapshot.requested,
        "totals": {
            "machines": len(snapshot.machines),
            "measured": len(measured),
            "fps_mean": math.fsum(m.fps_mean for m in measured if math.isfinite(m.fps_mean)),
            "worst_p99_ms": max(
                (m.p99_ms for m in measured if math.isfinite(m.p99_ms)), default=math.nan
            ),
        },
        "machines": [
            {
                "name": machine.name,
                "host": machine.host,
                "state": machine.state,
                "cpu": machine.cpu,
                "cores": machine.cores,
                "device": machine.device,
                "openvino": machine.openvino,
                "outlier": machine.outlier,
                "trouble": machine.reason,
                "note": machine.note,
                "fps_history": list(machine.fps_history),
                "figures": run.stats if run is not None and machine.has_figures else None,
                "stability": run.stability if run is not None else None,
                "effective": run.effective if run is not None else None,
            }
            for machine, run in zip(snapshot.machines, runs, strict=True)
        ],
        "notices": [
            {"is_error": notice.is_error, "text": notice.text} for notice in snapshot.notices
        ],
    }
    return json.dumps(RUN_DATA.of(document), allow_nan=False, separators=(",", ":"))


def _cells(machine: MachineFigures) -> tuple[str, ...]:
    return tuple(
        printable(text)
        for text in (
            machine.name,
            machine.cpu[:_WIDEST_CPU] or _DASH,
            str(machine.cores or _DASH),
            machine.device or _DASH,
            machine.openvino.partition("-")[0] or _DASH,
            machine.state.value,
            _number(machine.fps_mean, ".2f"),
            _number(machine.p50_ms, ".3f"),
            _number(machine.measured_p99_ms, ".3f"),
            _number(machine.fps_cv * 100, ".1f", " %"),
        )
    )


def _number(value: float, form: str, unit: str = "") -> str:
    return f"{value:{form}}{unit}" if math.isfinite(value) else _DASH


def _odd(machine: MachineFigures) -> str:
    if machine.outlier is Outlier.NONE:
        return ""
    return f"It is far {'slower' if machine.outlier is Outlier.SLOW else 'faster'} than the others."
