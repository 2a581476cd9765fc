"""The JSON document of --json: everything that was measured, in full precision.

The members are named as the fields of the dataclasses they come from. Readers should ignore
members they do not know; `SCHEMA_NAME` changes when one changes its meaning or goes away.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from importlib import resources

from ovbench_tui import __version__
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import ProfileTaken
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.engine.api.snapshot import Notice
from ovbench_tui.reports.counters import arrange, average, covered_inferences, total_ms
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.loadgen import judge_scenario
from ovbench_tui.reports.machine import Machine
from ovbench_tui.reports.percentiles import percentiles_of
from ovbench_tui.reports.plain_data import RUN_DATA, Plain
from ovbench_tui.stats.self_check import DisplayOverhead

SCHEMA_NAME = "ovbench-tui/1"
_SCHEMA_FILE = "schema_1.json"

_PLAIN = RUN_DATA


@dataclass(frozen=True, slots=True)
class Measurement:
    """All that a document is made of.

    Attributes:
        observed_run_id: the run `observer` was found on.
        created: when it was measured, in UTC; None = now.
    """

    results: Sequence[RunResult]
    ending: Ending
    options: ReportOptions
    machine: Machine | None = None
    notices: Sequence[Notice] = ()
    observer: DisplayOverhead | None = None
    observed_run_id: int | None = None
    created: datetime | None = None


def json_document(measurement: Measurement) -> str:
    """Write one JSON document in one line of ASCII.

    A figure that is not known, as a latency of a run that measured nothing, is null.
    """
    ending = measurement.ending
    created = measurement.created or datetime.now(timezone.utc)
    document: dict[str, Plain] = {
        "schema": SCHEMA_NAME,
        "ovbench_tui": __version__,
        "created": created.astimezone(timezone.utc).isoformat(timespec="seconds"),
        "outcome": {
            "status": ending.status,
            "exit_code": ending.exit_code,
            "error": _PLAIN.of(ending.error),
        },
        "command_line": [
            {"option": _PLAIN.of(option), "value": _PLAIN.of(value)}
            for option, value in measurement.options.command_line
        ],
        "machine": _machine(measurement.machine),
        "runs": [_run(result) for result in measurement.results],
        "observer_effect": _observer(measurement),
        "notices": [
            {"is_error": notice.is_error, "text": _PLAIN.of(notice.text)}
            for notice in measurement.notices
        ],
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def schema_text() -> str:
    """Return the JSON Schema (draft 2020-12) of the document."""
    return (resources.files(__package__) / _SCHEMA_FILE).read_text("utf-8")


def _machine(machine: Machine | None) -> Plain:
    if machine is None:
        return None
    # What a device can be set to is no figure, and there is a lot of it.
    devices = tuple(replace(device, properties=()) for device in machine.devices)
    plain = _PLAIN.of(replace(machine, devices=devices))
    assert isinstance(plain, dict)  # noqa: S101 - a dataclass becomes an object
    assert isinstance(plain["devices"], list)  # noqa: S101 - as above
    for device in plain["devices"]:
        assert isinstance(device, dict)  # noqa: S101 - as above
        del device["properties"]
    return plain


def _run(result: RunResult) -> dict[str, Plain]:
    view = result.view
    figures = _PLAIN.of(view.stats)
    groups = _PLAIN.of(view.stats.groups)
    assert isinstance(figures, dict)  # noqa: S101 - a dataclass becomes an object
    del figures["percentiles_ms"], figures["groups"]
    return {
        "run_id": view.run_id,
        "change": _PLAIN.of(view.change),
        "search": _PLAIN.of(view.search),
        "model": _PLAIN.of(view.model),
        "requested": _PLAIN.of(view.config),
        "effective": _PLAIN.of(view.effective),
        "read_ms": _PLAIN.of(view.read_ms),
        "reshape_ms": _PLAIN.of(view.reshape_ms),
        "compile_ms": _PLAIN.of(view.compile_ms),
        "first_inference_ms": _PLAIN.of(view.first_inference_ms),
        "peak_rss_bytes": view.peak_rss_bytes or None,
        "run_peak_rss_bytes": view.run_peak_rss_bytes or None,
        "memory_trend": _PLAIN.of(view.memory_trend),
        "pipeline": _PLAIN.of(view.pipeline),
        "figures": figures,
        "percentiles": [
            {"percent": percent, "latency_ms": _PLAIN.of(latency_ms)}
            for percent, latency_ms in percentiles_of(view.stats)
        ],
        "groups": groups,
        "histogram": [
            {"low_ms": _PLAIN.of(low), "high_ms": _PLAIN.of(high), "count": count}
            for low, high, count in result.histogram
        ],
        "series": _PLAIN.of(result.series),
        "stability": _PLAIN.of(view.stability),
        "limits": [_PLAIN.of(limit) for limit in view.limits],
        "scenario": _PLAIN.of(judge_scenario(result)),
        "profile": _profile(result.profile, view.effective),
    }


def _profile(profile: ProfileTaken | None, effective: EffectiveConfig) -> dict[str, Plain] | None:
    if profile is None:
        return None
    layers = average(profile.requests)
    real_ms, cpu_ms = total_ms(layers)
    return {
        "covers": covered_inferences(effective),
        "requests": len(profile.requests),
        "total_real_ms": real_ms,
        "total_cpu_ms": cpu_ms,
        "layers": [
            {
                "name": _PLAIN.of(share.layer.name),
                "node_type": _PLAIN.of(share.layer.node_type),
                "exec_type": _PLAIN.of(share.layer.exec_type),
                "status": share.layer.status,
                "real_ms": share.layer.real_ms,
                "cpu_ms": share.layer.cpu_ms,
                "share": share.share,
            }
            for share in arrange(layers, "no_sort")
        ],
        "graph_path": _PLAIN.of(profile.graph_path),
        "trouble": _PLAIN.of(profile.reason),
    }


def _observer(measurement: Measurement) -> Plain:
    if measurement.observer is None:
        return None
    effect = _PLAIN.of(measurement.observer)
    assert isinstance(effect, dict)  # noqa: S101 - a dataclass becomes an object
    return {"run_id": measurement.observed_run_id} | effect
