"""Layer times as benchmark_app's report files have them, with every layer in each.

Names and order of the fields are those of openvino/tools/benchmark/utils/statistics_report.py.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from ovbench_tui.engine.api.events import LayerTime
from ovbench_tui.reports.counters import Layers, LayerShare, arrange, average, total_ms

_COLUMNS = ("layerName", "execStatus", "layerType", "execType", "realTime (ms)", "cpuTime (ms)")
_SHARE_COLUMN = "proportion (%)"


def average_csv(requests: Sequence[Layers]) -> str:
    """benchmark_average_counters_report.csv: one table."""
    return _tables([average(requests)])


def detailed_csv(requests: Sequence[Layers]) -> str:
    """benchmark_detailed_counters_report.csv: a table for each infer request."""
    return _tables(requests)


def average_json(requests: Sequence[Layers]) -> str:
    """benchmark_average_counters_report.json; theirs holds the first layer only."""
    return _dumps({"report_type": "average", "avg_performance": _performance(average(requests))})


def detailed_json(requests: Sequence[Layers]) -> str:
    """benchmark_detailed_counters_report.json."""
    performance = [_performance(layers) for layers in requests]
    return _dumps({"report_type": "detailed", "detailed_performance": performance})


def sorted_csv(requests: Sequence[Layers], order: str) -> str:
    """benchmark_sorted_report.csv, over all infer requests; theirs has the last one only."""
    layers = average(requests)
    real_ms, cpu_ms = total_ms(layers)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_COLUMNS, _SHARE_COLUMN])
    writer.writerows([*_cells(share.layer), _percent(share)] for share in arrange(layers, order))
    text.write("\n")
    writer.writerow([f"Total time: {real_ms:.2f} milliseconds"])
    writer.writerow([f"Total CPU time: {cpu_ms:.2f} milliseconds"])
    text.write("\n\n")
    return text.getvalue()


def sorted_json(requests: Sequence[Layers], order: str) -> str:
    """benchmark_sorted_report.json, over all infer requests; theirs has the last one only."""
    layers = average(requests)
    nodes = [_node(share.layer) | {"%": _percent(share)} for share in arrange(layers, order)]
    performance = {"nodes": nodes} | _totals(layers)
    return _dumps({"report_type": "sorted", "avg_performance": performance})


def _tables(requests: Sequence[Layers]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    for layers in requests:
        writer.writerow(_COLUMNS)
        writer.writerows(_cells(layer) for layer in layers)
        real_ms, cpu_ms = total_ms(layers)
        writer.writerow(["Total", "", "", "", _ms(real_ms), _ms(cpu_ms)])
        text.write("\n")
    return text.getvalue()


def _cells(layer: LayerTime) -> list[str]:
    return [
        layer.name,
        status_text(layer),
        layer.node_type,
        layer.exec_type,
        _ms(layer.real_ms),
        _ms(layer.cpu_ms),
    ]


def _performance(layers: Sequence[LayerTime]) -> dict[str, object]:
    return {"nodes": [_node(layer) for layer in layers]} | _totals(layers)


def _totals(layers: Sequence[LayerTime]) -> dict[str, object]:
    real_ms, cpu_ms = total_ms(layers)
    return {"total_real_time": _ms(real_ms), "total_cpu_time": _ms(cpu_ms)}


def _node(layer: LayerTime) -> dict[str, str]:
    return {
        "name": layer.name,
        "node_type": layer.node_type,
        "status": status_text(layer),
        "real_time": _ms(layer.real_ms),
        "cpu_time": _ms(layer.cpu_ms),
        "exec_type": layer.exec_type,
    }


def status_text(layer: LayerTime) -> str:
    """Write the status as OpenVINO's Python enumeration prints it."""
    return f"Status.{layer.status}"


def _ms(value_ms: float) -> str:
    """Three digits, as OpenVINO measures, and up to six where an average needs them."""
    whole, _, digits = f"{value_ms:.6f}".partition(".")
    return f"{whole}.{digits.rstrip('0').ljust(3, '0')}"


def _percent(share: LayerShare) -> str:
    return f"{share.share * 100:.2f}%"


def _dumps(document: object) -> str:
    return json.dumps(document, indent=4, allow_nan=False)
