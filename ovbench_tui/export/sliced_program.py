"""A program that measures a run's configuration slice by slice, as another process asks for it.

It needs OpenVINO, numpy and Pillow only, so that it runs with another version of OpenVINO.
"""

from __future__ import annotations

import textwrap

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export.snippet import program_parts

_SLICE_S = "float(line)"

_ANNOUNCE = """
import json


def text_of(value):
    if hasattr(value, "get_type_name"):
        return value.get_type_name()
    return str(getattr(value, "name", value))


properties = {}
for name in compiled.get_property("SUPPORTED_PROPERTIES"):
    try:
        properties[str(name)] = text_of(compiled.get_property(name))
    except RuntimeError:  # not every device has all that it lists
        pass
layers = {}
try:
    for layer in compiled.get_runtime_model().get_ordered_ops():
        details = layer.get_rt_info()
        layers[layer.get_friendly_name()] = [
            details[name].astype(str) if name in details else ""
            for name in ("layerType", "runtimePrecision", "primitiveType")
        ]
except RuntimeError:  # a device may keep them to itself
    pass
print(
    json.dumps({"openvino": ov.__version__, "properties": properties, "layers": layers}),
    flush=True,
)
for line in sys.stdin:
"""

_REPLY = """
latencies = [round(latency, 6) for latency in latencies_ms]
figures = {"count": count, "frames": int(frames), "seconds": seconds, "latencies_ms": latencies}
print(json.dumps(figures), flush=True)
"""


def sliced_program(run: RunView) -> str:
    """Write a program that measures as `run` does, a slice for each line that it is sent.

    It prints lines of JSON: first its version of OpenVINO, the properties of the compiled model,
    and its layers by name, each with type, precision and implementation. Then it reads seconds,
    a line each, and prints for each slice ``count``, ``frames``, ``seconds``, ``latencies_ms``.

    Args:
        run: of a model from a file, which generates no tokens and whose end is not given.
    """
    parts = program_parts(run, f"time.perf_counter() - begin_s < {_SLICE_S}")
    slice_ = textwrap.indent(parts.loop + _REPLY, "    ")
    return "".join([*parts.preparation, parts.requests, _ANNOUNCE, slice_])
