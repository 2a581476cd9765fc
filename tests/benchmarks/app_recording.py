"""What recording a program costs it: the rate of its inferences, recorded against alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tests.benchmarks.models import TINY
from tests.benchmarks.pairing import alternate, fps_of
from tests.benchmarks.parsing import Throughput, UnexpectedOutputError
from tests.benchmarks.processes import run_to_end
from tests.benchmarks.report import Aim, Row, Skipped, ratio_row
from tests.benchmarks.settings import Settings

_AIM = 0.98
_PRINTED = re.compile(r"^rate ([\d.]+)$", re.MULTILINE)
_PROGRAM = """
import sys
sys.modules["openvino_telemetry"] = None
import time
import numpy as np
import openvino as ov

way, model, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
compiled = ov.Core().compile_model(model, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
inputs = {
    index: np.ones(port.get_partial_shape().get_min_shape(), port.get_element_type().to_dtype())
    for index, port in enumerate(compiled.inputs)
}
done = []
if way == "queue":
    queue = ov.AsyncInferQueue(compiled)
    queue.set_callback(lambda request, data: done.append(data))
    start, finish = queue.start_async, queue.wait_all
else:
    start, finish = compiled, lambda: None
for _ in range(20):
    start(inputs)
finish()
count, begin = 0, time.perf_counter()
while time.perf_counter() < begin + seconds:
    start(inputs)
    count += 1
finish()
print("rate", count / (time.perf_counter() - begin))
"""


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """Two rows a model: a synchronous loop, and a queue with a callback."""
    program = settings.folder / "recorded_program.py"
    program.write_text(_PROGRAM, encoding="utf-8")
    rows: list[Row | Skipped] = []
    for name, model in models.items():
        for way in ("loop", "queue"):
            words = [str(program), way, str(model), str(settings.seconds)]
            app = ["-m", "ovbench_tui", "app"]
            pairs = alternate(
                partial(_rate, settings, [*app, *words]),
                partial(_rate, settings, words),
                settings.pairs,
                f"app, {name}, {way}",
            )
            aim = None if name in TINY else Aim(_AIM, at_least=True)
            subject = f"{name}: {way}, recorded / alone"
            rows.append(ratio_row("app", subject, fps_of(pairs), aim, ("recorded", "alone")))
    return rows


def _rate(settings: Settings, words: list[str]) -> Throughput:
    output = run_to_end(
        [sys.executable, *words], settings.environment, settings.folder, settings.timeout_s
    )
    match = _PRINTED.search(output)
    if match is None:
        raise UnexpectedOutputError(f"The program printed no rate: {output[-300:]}")
    return Throughput(float(match[1]), nireq=0)
