"""A program that says how long each layer of a run's model takes, in one infer request."""

from __future__ import annotations

import textwrap

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export.snippet import program_parts

_BEGIN = """
import json

request = compiled.create_infer_request()
number = 0


def infer(seconds, least):
    \"\"\"Infer for so long, and so often; the latencies, and each inference's times or none.\"\"\"
    global number
    latencies_ms, profiles = [], []
    begin_s = time.perf_counter()
    while len(latencies_ms) < least or time.perf_counter() - begin_s < seconds:
"""

_RESET = """\
if number % {resets_after} == 0:
    request.reset_state()  # a new sequence begins
"""

_FILL = """\
for index, tensor in enumerate(feeds[{place} % len(feeds)]):
    request.set_input_tensor(index, tensor)
"""

_INFER = """\
request.infer()
number += 1
latencies_ms.append(request.latency)
"""

_KEEP = "profiles.append(times())  # the device reports those of the last inference only\n"

_END = """\
    return latencies_ms, profiles


def times():
    return [
        [info.real_time.total_seconds() * 1e6, info.cpu_time.total_seconds() * 1e6]
        for info in request.profiling_info
    ]


is_running_mean = {is_running_mean}
{fill_once}warm, _ = infer(float(sys.argv[1]), 2)
warm_us = times() if is_running_mean else []
latencies_ms, profiles = infer(float(sys.argv[2]), 3)
originals = {{}}
try:
    for node in compiled.get_runtime_model().get_ordered_ops():
        details = node.get_rt_info()
        text = ""
        if "originalLayersNames" in details:
            text = details["originalLayersNames"].astype(str)
        originals[node.get_friendly_name()] = [name for name in text.split(",") if name]
except RuntimeError:  # a device may keep them to itself
    pass
layers = [
    [
        info.node_name,
        info.node_type,
        info.exec_type,
        str(info.status).rpartition(".")[2],
        originals.get(info.node_name, []),
    ]
    for info in request.profiling_info
]
reply = {{
    "openvino": ov.__version__,
    "warm": {{"count": len(warm) if is_running_mean else 0, "times_us": warm_us}},
    "count": len(latencies_ms),
    "latency_ms": sum(latencies_ms) / len(latencies_ms),
    "times_us": times() if is_running_mean else np.mean(profiles, axis=0).tolist(),
    "layers": layers,
}}
print(json.dumps(reply), flush=True)
"""


def layers_program(run: RunView, *, is_running_mean: bool) -> str:
    """Write a program that infers with one request, warms up, and measures the layers.

    Its arguments are the seconds of the warm-up, and those of the measurement. It prints a line of
    JSON: ``openvino``, its version; ``warm``, with the ``count`` of inferences before the
    measurement and the ``times_us`` of the layers by then; ``count`` and ``latency_ms`` (a mean)
    of the measurement; ``times_us``, real and CPU time of each layer, over all inferences where
    they are running means, else over the measured ones; ``layers``, each with name, type,
    implementation, status and the names of the layers of the model that it stands for.

    Args:
        run: of a model from a file, which generates no tokens, with performance counters.
        is_running_mean: the device's times are means since the compile, see `reports.counters`.
    """
    parts = program_parts(run, "")
    resets_after = run.effective.reset_state
    refills = not run.effective.inference_only
    fill = _FILL.format(place=f"(number % {resets_after})" if resets_after else "number")
    body = (
        (_RESET.format(resets_after=resets_after) if resets_after else "")
        + (fill if refills else "")
        + _INFER
        + ("" if is_running_mean else _KEEP)
    )
    end = _END.format(
        is_running_mean=is_running_mean, fill_once="" if refills else _FILL.format(place="0")
    )
    return "".join([*parts.preparation, _BEGIN, textwrap.indent(body, " " * 8), end])
