"""A Python program, with OpenVINO, numpy and Pillow only, that measures the same configuration."""

from __future__ import annotations

import pprint
from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.built_in_models import find
from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.config.iterations import aligned_iterations
from ovbench_tui.config.named.own_names import values_of_images
from ovbench_tui.config.option_values import NamedNumbers
from ovbench_tui.config.shapes import ANY_RANK, format_shape
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.layouts import InputLayout, is_image
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.api.port_names import by_known_names, match_port
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export.snippet_generation import IMPORT, generation_part
from ovbench_tui.export.snippet_inputs import input_part
from ovbench_tui.export.snippet_pipeline import pipeline_program

_WIDTH = 96
_DEFAULT_DURATION_S = 10.0
_BLOB = "blob"

_NO_ARRIVALS = "It keeps the requests busy, and knows no arrivals."

_HEAD = '''\
"""What ovbench-tui measured, as a program of its own."""

{first}import sys
import time

# Without this `import openvino` sends an event over the network, and writes into your home.
sys.modules["openvino_telemetry"] = None

import numpy as np
import openvino as ov
{last}'''

_SYNC = """
request = compiled.create_infer_request()
"""

_SYNC_LOOP = """
latencies_ms = []
frames = count = 0
begin_s = time.perf_counter()
while {condition}:
    {reset}{fill}request.infer()
    latencies_ms.append(request.latency)
    frames += batches[{place} % len(batches)]
    count += 1{pace}
seconds = time.perf_counter() - begin_s
"""

_ASYNC = """
latencies_ms = []
queue = ov.AsyncInferQueue(compiled, {nireq})
queue.set_callback(lambda request, _: latencies_ms.append(request.latency))
"""

_ASYNC_LOOP = """
latencies_ms.clear()
frames = count = 0
begin_s = time.perf_counter()
while {condition}:
    {reset}queue.start_async({feed})
    frames += batches[{place} % len(batches)]
    count += 1{pace}
queue.wait_all()
seconds = time.perf_counter() - begin_s
"""

_FILL_ONCE = """
for number, request in enumerate({requests}):
    for index, tensor in enumerate(feeds[number % len(feeds)]):
        request.set_input_tensor(index, tensor)
"""

_RESET_SYNC = """\
step = count % {resets_after}
    if step == 0:
        request.reset_state()  # a new sequence begins
    """

_RESET_ASYNC = """\
request = queue.get_idle_request_id()  # the one that is started next
    step = steps[request]
    if step == 0:
        queue[request].reset_state()  # a new sequence begins
    steps[request] = (step + 1) % {resets_after}
    """

_STEPS = """
steps = [0] * len(queue)
"""

_FILL = """\
for index, tensor in enumerate({feed}):
{indent}    request.set_input_tensor(index, tensor)
{indent}"""

_PACE = """
    time.sleep(max(0.0, frames / {fps!r} - (time.perf_counter() - begin_s)))"""

_RESULT = """
print(f"Throughput: {frames / seconds:.2f} FPS, {count} inferences in {seconds:.2f} s")
for percent in (50, 90, 99):
    print(f"p{percent}: {np.percentile(latencies_ms, percent, method='inverted_cdf'):.4f} ms")
"""


def python_snippet(run: RunView) -> str:
    """Write a program that reads, adapts, compiles and measures as `run` does.

    It compiles with the very properties that were asked for, and starts as many infer requests
    as the run has. Files are read again by the same rule; other inputs are random values of the
    same types and shapes.
    """
    config = run.explicit_config
    if run.model.is_pipeline:
        return pipeline_program(run, _condition(config, run.effective))
    if run.effective.generates:
        pace = _PACE.format(fps=config.max_fps) if config.max_fps else ""
        return "".join(
            [
                _HEAD.format(first=f"{IMPORT}\n", last=""),
                _core(config),
                _read(config, run.model),
                _compile(config, run.model),
                generation_part(
                    run, _condition(config, run.effective), pace.replace("frames", "count * batch")
                ),
            ]
        )
    parts = program_parts(run, _condition(config, run.effective))
    remark = f"\n# {_NO_ARRIVALS}" if config.arrivals else ""
    return "".join([*parts.preparation, remark, parts.requests, parts.loop, _RESULT])


@dataclass(frozen=True, slots=True)
class ProgramParts:
    """A program that measures, in the order in which its parts stand.

    Attributes:
        imports: OpenVINO, numpy and what the inputs need.
        core: makes `core`; `reading`: makes `model` of a file, adapted, where it needs one.
        compiling: makes `compiled`; `inputs`: makes `feeds`.
        requests: makes the infer requests, and runs the first inference.
        loop: measures; it leaves `frames`, `count`, `seconds` and `latencies_ms`.
    """

    imports: str
    core: str
    reading: str
    compiling: str
    inputs: str
    requests: str
    loop: str

    @property
    def preparation(self) -> tuple[str, ...]:
        """All before the infer requests."""
        return self.imports, self.core, self.reading, self.compiling, self.inputs


def program_parts(run: RunView, condition: str) -> ProgramParts:
    """Write the parts of a program that measures as `run` does, without what it prints.

    Args:
        run: of a model that generates no tokens.
        condition: when the measurement goes on; `begin_s` and `count` are known.
    """
    config = run.explicit_config
    inputs = input_part(run)
    own, others = (
        "".join(f"{line}\n" for line in inputs.imports if line.startswith("import ") == is_own)
        for is_own in (True, False)
    )
    requests, loop = _measure(run, condition)
    return ProgramParts(
        imports=_HEAD.format(first=own, last=others),
        core=_core(config),
        reading=_read(config, run.model),
        compiling=_compile(config, run.model),
        inputs=inputs.text,
        requests=requests,
        loop=loop,
    )


def snippet_remark(run: RunView) -> str:
    """Say in a sentence where the program does not do as `run` did; '' = it does."""
    if run.config.arrivals:
        return _NO_ARRIVALS
    return "" if run.effective.generates else input_part(run).remark


def _core(config: BenchmarkConfig) -> str:
    lines = ["", "core = ov.Core()"]
    lines += [f"core.add_extension({library!r})" for library in config.extensions]
    if config.gpu_kernels:
        lines.append(f'core.set_property("GPU", {{"CONFIG_FILE": {config.gpu_kernels!r}}})')
    if find(config.model) is not None:
        name = "model_path" if config.from_file else "load"
        lines[:0] = [
            "",
            "# Built into ovbench-tui, which makes it.",
            f"from ovbench_tui.engine.zoo.store import {name}",
        ]
    return "\n".join(lines) + "\n"


def _read(config: BenchmarkConfig, model: ModelInfo) -> str:
    if model.format == _BLOB or config.from_file:
        return ""
    if find(config.model) is not None:
        line = f"model = load(core, {config.model!r})"
    else:
        line = f"model = core.read_model({config.model!r})"
    return "\n".join([line, *_reshape(config, model), *_preprocess(config, model)]) + "\n"


def _reshape(config: BenchmarkConfig, model: ModelInfo) -> list[str]:
    if not config.shape and not config.batch:
        return []
    shapes = ", ".join(f"{port.index}: {_partial_shape(port)}" for port in model.inputs)
    return [f"model.reshape({{{shapes}}})"]


def _partial_shape(port: PortInfo) -> str:
    if ANY_RANK in port.shape:
        return "ov.PartialShape.dynamic()"
    return f"ov.PartialShape({format_shape(port.shape)!r})"


def _preprocess(config: BenchmarkConfig, model: ModelInfo) -> list[str]:
    """Tensor types as they are fed, as benchmark_app sets them; a no-op where nothing differs."""
    lines = ["", "steps = ov.preprocess.PrePostProcessor(model)"]
    config = by_known_names(config, model)
    for port in model.inputs:
        one = f"steps.input({port.index})"
        lines.append(f"{one}.tensor().set_element_type(ov.Type.{port.element_type})")
        mean = _numbers_of(config.mean_values, port, model.inputs)
        scale = _numbers_of(config.scale_values, port, model.inputs)
        if mean or scale:
            lines.append(f"{one}.model().set_layout(ov.Layout({port.layout!r}))")
            lines.append(f"{one}.preprocess().convert_element_type(ov.Type.f32)")
        if mean:
            lines.append(f"{one}.preprocess().mean({list(mean)})")
        if scale:
            lines.append(f"{one}.preprocess().scale({list(scale)})")
    if config.output_precision or config.port_precisions:
        lines += [
            f"steps.output({port.index}).tensor().set_element_type(ov.Type.{port.element_type})"
            for port in model.outputs
        ]
    return [*lines, "model = steps.build()"]


def _numbers_of(
    values: NamedNumbers, port: PortInfo, ports: Sequence[PortInfo]
) -> tuple[float, ...]:
    """The numbers given for a port by name, or for every image."""
    images = [one.index for one in ports if is_image(one, InputLayout(one.layout))]
    named = values_of_images(values, images, "")
    return next(
        (numbers for name, numbers in reversed(named) if match_port(ports, name) is port), ()
    )


def _compile(config: BenchmarkConfig, model: ModelInfo) -> str:
    source = repr(config.model)
    if find(config.model) is not None:
        source = f"model_path({config.model!r})"
    what = f"compile_model({source}" if config.from_file else "compile_model(model"
    if model.format == _BLOB:
        what = f'import_model(open({source}, "rb").read()'
    properties = _literal(compile_properties(config))
    return f"properties = {properties}\ncompiled = core.{what}, {config.device!r}, properties)\n\n"


def _measure(run: RunView, condition: str) -> tuple[str, str]:
    """The infer requests with the first inference, and the loop."""
    config, effective = run.explicit_config, run.effective
    is_sync = effective.api == "sync"
    refills = not effective.inference_only
    parts = [_SYNC if is_sync else _ASYNC.format(nireq=effective.nireq)]
    if not refills:
        parts.append(_FILL_ONCE.format(requests="[request]" if is_sync else "queue"))
    if config.first_inference:
        parts.append(_first_inference(is_sync=is_sync, refills=refills))
    resets_after = effective.reset_state
    place = "step" if resets_after else "count"
    fill = reset = ""
    if refills and is_sync:
        fill = _FILL.format(feed=f"feeds[{place} % len(feeds)]", indent=" " * 4)
    if resets_after:
        template = _RESET_SYNC if is_sync else _RESET_ASYNC
        reset = template.format(resets_after=resets_after)
        parts.append("" if is_sync else _STEPS)
    loop = (_SYNC_LOOP if is_sync else _ASYNC_LOOP).format(
        condition=condition,
        fill=fill,
        reset=reset,
        place=place,
        feed=f"dict(enumerate(feeds[{place} % len(feeds)]))" if refills and not is_sync else "",
        pace=_PACE.format(fps=config.max_fps) if config.max_fps else "",
    )
    return "".join(parts), loop


def _first_inference(*, is_sync: bool, refills: bool) -> str:
    if is_sync:
        fill = _FILL.format(feed="feeds[0]", indent="") if refills else ""
        return f"{fill}request.infer()\n"
    feed = "dict(enumerate(feeds[0]))" if refills else ""
    return f"queue.start_async({feed})\nqueue.wait_all()\n"


def _condition(config: BenchmarkConfig, effective: EffectiveConfig) -> str:
    """When the measurement goes on: both ends must be reached where both are given."""
    conditions = []
    if config.iterations:
        count = aligned_iterations(
            config.iterations,
            effective.nireq,
            max(1, effective.rotating_shapes),
            is_sync=config.api == "sync",
        )
        conditions.append(f"count < {count}")
    if config.duration_s is not None or not config.iterations:
        seconds = config.duration_s or _DEFAULT_DURATION_S
        conditions.append(f"time.perf_counter() - begin_s < {seconds!r}")
    return " or ".join(conditions)


def _literal(value: object) -> str:
    return pprint.pformat(value, width=_WIDTH, sort_dicts=False)
