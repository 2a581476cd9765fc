"""Programs with one planted fault each, and a twin of each that is cured of it.

They run ``ROUNDS`` times as long, where an environment variable of that name is set.
"""

from __future__ import annotations

from dataclasses import dataclass

_HEAD = """
import os, sys, time
sys.modules["openvino_telemetry"] = None
import numpy as np
import openvino as ov
from openvino import opset13 as ops

ROUNDS = float(os.environ.get("ROUNDS", "1"))

def rounds(count):
    return range(max(1, int(count * ROUNDS)))

def network(size=64, channels=16, layers=3):
    x = ops.parameter([1, 3, size, size], np.float32, name="image")
    y, last, random = x, 3, np.random.default_rng(0)
    for _ in range(layers):
        weights = random.random((channels, last, 3, 3), np.float32)
        y, last = ops.convolution(y, weights, [1, 1], [1, 1], [1, 1], [1, 1]), channels
    return ov.Model([ops.relu(y)], [x], "net")

def strided(size):
    # As much work as making such an input takes.
    x = ops.parameter([1, 3, size, size], np.float32, name="image")
    weights = np.random.default_rng(0).random((16, 3, 3, 3), np.float32)
    y = ops.convolution(x, weights, [2, 2], [1, 1], [1, 1], [1, 1])
    return ov.Model([ops.reduce_max(y, np.array([1, 2, 3]))], [x], "strided")

core = ov.Core()
TWO_STREAMS = {
    "PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": 2, "INFERENCE_NUM_THREADS": 2
}
ONE_THREAD = {"INFERENCE_NUM_THREADS": 1}
image = np.ones((1, 3, 64, 64), np.float32)
"""

_TWO_STREAMS = "compiled = core.compile_model(network(), 'CPU', TWO_STREAMS)"
_FEED = """
queue = ov.AsyncInferQueue(compiled, 4)
for _ in rounds(200):
    queue.start_async(image)
queue.wait_all()
"""

_COMPILED = """
model = network(192, 32)
image = np.ones((1, 3, 192, 192), np.float32)
{once}
for _ in rounds(15):
    {call}(image)
"""

_CALLED = """
compiled = core.compile_model(network(128), "CPU", TWO_STREAMS)
image = np.ones((1, 3, 128, 128), np.float32)
queue = ov.AsyncInferQueue(compiled, 4)
queue.set_callback(lambda request, data: {work})
for _ in rounds(40):
    queue.start_async(image)
queue.wait_all()
"""

_GIVEN = """
compiled = core.compile_model(strided(512), "CPU")
several = [{array} for _ in range(24)]  # more than caches hold, as of a camera
for number in rounds(40):
    compiled(several[number % 24]{how}, share_inputs=True)
"""

_RESULTS = """
x = ops.parameter([1, 3, 1024, 1024], np.float32, name="image")
compiled = core.compile_model(ov.Model([ops.relu(x)], [x], "large"), "CPU")
several = [np.ones((1, 3, 1024, 1024), np.float32) for _ in range(6)]
for number in rounds(30):
    compiled(several[number % 6], {how})
"""

_BETWEEN = """
def work():
    end_s = time.thread_time() + 0.03
    while time.thread_time() < end_s:
        pass
compiled = core.compile_model(network(192, 32), "CPU")
image = np.ones((1, 3, 192, 192), np.float32)
for _ in rounds(40):
    compiled(image)
    {work}
"""

_REQUESTS = """
x = ops.parameter([1, 16], np.float32, name="x")
large = ops.constant(np.ones((16, 1_500_000), np.float32))
outputs = [ops.relu(x) for _ in range(400)]
outputs.append(ops.reduce_max(ops.matmul(x, large, False, False), np.array([0, 1])))
many = ov.Model(outputs, [x], "many")
compiled = core.compile_model(many, "CPU", ONE_THREAD)
x = np.ones((1, 16), np.float32)
request = compiled.create_infer_request()
for _ in rounds(60):
    {call}
"""

_IMAGES = """
def corner(size):
    x = ops.parameter([1, 3, size, size], np.float32, name="image")
    y = ops.strided_slice(x, [0, 0, 0, 0], [1, 3, 8, 8], [1, 1, 1, 1], [0] * 4, [0] * 4)
    return ov.Model([ops.reduce_max(y, np.array([1, 2, 3]))], [x], "corner")
frames = np.random.default_rng(0).integers(0, 256, (2, 1, 3, 1024, 1024)).astype(np.uint8)
model = corner(1024)
{prepare}
compiled = core.compile_model(model, "CPU")
for number in rounds(30):
    compiled(frames[number % 2]{how})
"""

_CROWDED = """
import threading
compiled = core.compile_model(network(), "CPU", TWO_STREAMS)
is_over = threading.Event()
def sort():
    values = np.random.default_rng(0).random(1_000_000)
    while not is_over.is_set():
        np.sort(values)  # without the interpreter
others = [threading.Thread(target=sort) for _ in range({count})]
for thread in others:
    thread.start()
queue = ov.AsyncInferQueue(compiled, 4)
end_s = time.perf_counter() + 4
while time.perf_counter() < end_s:
    queue.start_async(image)
queue.wait_all()
is_over.set()
"""

_DETECTOR = """
class Detector:
    # The calls of openvino-model-api: a model that is called with an image prepares it, infers
    # synchronously and makes boxes of the results.
    def __init__(self, model):
        self.compiled = core.compile_model(model, "CPU", TWO_STREAMS)
        self.request = self.compiled.create_infer_request()

    def preprocess(self, frame):
        return {{"image": frame[None].transpose(0, 3, 1, 2).astype(np.float32)}}

    def postprocess(self, results):
        scores = next(iter(results.values())).max(axis=(2, 3))[0]
        return np.flatnonzero(scores > 0.5)

    def __call__(self, frame):
        self.request.infer(self.preprocess(frame))
        return self.postprocess(self.request.results)

    def run_all(self, frames):
        # As its AsyncPipeline has it: several requests, and results as they come.
        boxes = []
        self.queue = ov.AsyncInferQueue(self.compiled, 4)
        self.queue.set_callback(lambda request, _: boxes.append(self.postprocess(request.results)))
        for frame in frames:
            self.queue.start_async(self.preprocess(frame))
        self.queue.wait_all()

detector = Detector(network(64, 32, 4))
frames = [np.full((64, 64, 3), number % 256, np.uint8) for number in rounds(100)]
{way}
"""

THROUGHPUT_BENCHMARK = (
    _HEAD
    + """
# The flow of OpenVINO's sample throughput_benchmark: a queue of the optimal size, random inputs
# that are set once, and starts until the time and a number of inferences are over.
compiled = core.compile_model(network(64, 32, 6), "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
queue = ov.AsyncInferQueue(compiled)
for request in queue:
    for port in compiled.inputs:
        tensor = request.get_tensor(port)
        tensor.data[:] = np.random.default_rng(0).random(tensor.shape)
for _ in range(len(queue)):
    queue.start_async()
queue.wait_all()
latencies = []
queue.set_callback(lambda request, _: latencies.append(request.latency))
begin_s = time.perf_counter()
while time.perf_counter() < begin_s + 0.5 * ROUNDS or len(latencies) < 100:
    queue.start_async()
queue.wait_all()
"""
)


@dataclass(frozen=True, slots=True)
class Twins:
    """A program with a fault, and one without it.

    Attributes:
        has_gain: how much is gained can be predicted.
    """

    planted: str
    cured: str
    has_gain: bool = True


def _twins(planted: str, cured: str, *, has_gain: bool = True) -> Twins:
    return Twins(_HEAD + planted, _HEAD + cured, has_gain)


FAULTS = {
    "synchronous": _twins(
        _TWO_STREAMS + "\nfor _ in rounds(200):\n    compiled(image)\n",
        _TWO_STREAMS + _FEED,
    ),
    "latency-hint": _twins(
        "compiled = core.compile_model(network(), 'CPU', {'PERFORMANCE_HINT': 'LATENCY'})" + _FEED,
        _TWO_STREAMS + _FEED,
        has_gain=False,
    ),
    "compiled-again": _twins(
        _COMPILED.format(once="", call="core.compile_model(model, 'CPU')"),
        _COMPILED.format(once="compiled = core.compile_model(model, 'CPU')", call="compiled"),
    ),
    "slow-callback": _twins(_CALLED.format(work="time.sleep(0.01)"), _CALLED.format(work="None")),
    "converted-inputs": _twins(
        _GIVEN.format(array="np.ones((1, 3, 512, 512))", how=""),
        _GIVEN.format(array="np.ones((1, 3, 512, 512), np.float32)", how=""),
    ),
    "scattered-inputs": _twins(
        _GIVEN.format(array="np.ones((1, 512, 512, 3), np.float32)", how=".transpose(0, 3, 1, 2)"),
        _GIVEN.format(array="np.ones((1, 3, 512, 512), np.float32)", how=""),
    ),
    "copied-results": _twins(
        _RESULTS.format(how="share_inputs=True"),
        _RESULTS.format(how="share_inputs=True, share_outputs=True"),
    ),
    "created-requests": _twins(
        _REQUESTS.format(call="compiled.create_infer_request().infer(x, share_outputs=True)"),
        _REQUESTS.format(call="request.infer(x, share_outputs=True)"),
    ),
    "byte-images": _twins(
        _IMAGES.format(prepare="", how=".astype(np.float32) / np.float32(255)"),
        _IMAGES.format(
            prepare="from openvino.preprocess import PrePostProcessor\n"
            "steps = PrePostProcessor(model)\n"
            "steps.input().tensor().set_element_type(ov.Type.u8)\n"
            "steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)\n"
            "model = steps.build()",
            how="",
        ),
    ),
    "paced-from-outside": _twins(
        _BETWEEN.format(work="time.sleep(0.03)"), _BETWEEN.format(work="pass")
    ),
    "own-code": _twins(_BETWEEN.format(work="work()"), _BETWEEN.format(work="pass")),
    "crowded-threads": _twins(
        _CROWDED.format(count="2 * len(os.sched_getaffinity(0))"),
        _CROWDED.format(count="0"),
        has_gain=False,
    ),
    "synchronous, as Model API": _twins(
        _DETECTOR.format(way="for frame in frames:\n    detector(frame)"),
        _DETECTOR.format(way="detector.run_all(frames)"),
    ),
}
"""By the name of the finding, and what tells those of one name apart."""
