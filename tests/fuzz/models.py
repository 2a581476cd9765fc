"""Damaged model files, read by the engine in its own process: no damage may reach the screen.

A file may be read, be refused in a sentence, or kill the child, which is told in a sentence, too.
OpenVINO may read it without end, if giving up ends that. Never may the session raise or be stuck.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import openvino as ov
from openvino import opset13

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.session import Session

PATIENCE_S = 30.0
"""Of one file, on a machine that does other things, too; a healthy one takes milliseconds."""

_SHARED = Path(__file__).resolve().parents[3] / "shared" / "models"
_SHARED_FILES = {
    "ONNX, symbolic": "ort-tests/capi_symbolic_dims.onnx",
    "ONNX, large": "samplenet/samplenet.onnx",
    "TFLite": "ultraface/version-RFB-320_without_postprocessing.tflite",
    "TensorFlow": "samplenet/samplenet.pb",
    "Paddle": "samplenet/paddle/samplenet.pdmodel",
}


@dataclass(frozen=True)
class Seed:
    """A model that is good before it is damaged.

    Attributes:
        files: the one that is named first, and those beside it.
    """

    name: str
    files: tuple[Path, ...]


@dataclass
class ModelTally:
    """How the files of one seed ended.

    Attributes:
        died: in the child, which was told, and another was started.
        given_up: OpenVINO read, compiled or inferred without end, and giving up stopped it.
    """

    ran: int = 0
    refused: int = 0
    died: int = 0
    given_up: int = 0

    @property
    def tried(self) -> int:
        """All of them."""
        return self.ran + self.refused + self.died + self.given_up


def own_seeds(folder: Path) -> list[Seed]:
    """Tiny models that need no file of others: an IR with weights, and an ONNX."""
    parameter = opset13.parameter([1, 8], ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    weights = opset13.constant([[1.0] * 8] * 4, ov.Type.f32)
    product = opset13.matmul(parameter, weights, transpose_a=False, transpose_b=True)
    ir = folder / "seed.xml"
    ov.save_model(ov.Model([opset13.relu(product)], [parameter], "m"), ir, compress_to_fp16=False)
    onnx = folder / "seed.onnx"
    onnx.write_bytes(tiny_onnx())
    return [Seed("IR", (ir, ir.with_suffix(".bin"))), Seed("ONNX", (onnx,))]


def all_seeds(folder: Path) -> list[Seed]:
    """Those, and the ones of others that are on this machine."""
    found = [(name, _SHARED / path) for name, path in _SHARED_FILES.items()]
    seeds = own_seeds(folder)
    for name, path in found:
        weights = path.with_suffix(".pdiparams")
        if path.is_file():
            seeds.append(Seed(name, (path, weights) if weights.is_file() else (path,)))
    return seeds


def damage(seed: Seed, folder: Path, numbers: random.Random) -> Path:
    """Copy a model with one of its files flipped, cut or filled with something else."""
    target = folder / f"damaged{seed.files[0].suffix}"
    hit = numbers.randrange(len(seed.files)) if numbers.random() < 0.3 else 0
    for number, file in enumerate(seed.files):
        copy = target.with_suffix(file.suffix)
        copy.unlink(missing_ok=True)
        if number != hit:
            shutil.copyfile(file, copy)
            continue
        data = bytearray(file.read_bytes())
        numbers.choice(_DAMAGES)(data, numbers)
        copy.write_bytes(data)
    return target


def _flip(data: bytearray, numbers: random.Random) -> None:
    for _ in range(numbers.choice((1, 1, 2, 8, 64))):
        if data:
            data[numbers.randrange(len(data))] ^= 1 << numbers.randrange(8)


def _flip_near_an_end(data: bytearray, numbers: random.Random) -> None:
    for _ in range(numbers.choice((1, 2, 4))):
        near = min(len(data), 256)
        if near:
            place = numbers.randrange(near)
            data[place if numbers.random() < 0.5 else -place - 1] ^= 1 << numbers.randrange(8)


def _cut(data: bytearray, numbers: random.Random) -> None:
    del data[numbers.randrange(len(data) + 1) :]


def _remove(data: bytearray, numbers: random.Random) -> None:
    start = numbers.randrange(len(data) + 1)
    del data[start : start + numbers.choice((1, 4, 100))]


def _overwrite(data: bytearray, numbers: random.Random) -> None:
    start = numbers.randrange(len(data) + 1)
    length = numbers.choice((1, 4, 8))
    data[start : start + length] = numbers.choice((b"\0", b"\xff", b"\x7f")) * length


def _change_a_number(data: bytearray, numbers: random.Random) -> None:
    """In text, as of an IR: sizes, offsets, versions, axes."""
    digits = [place for place, byte in enumerate(data) if chr(byte).isdecimal()]
    if digits:
        place = numbers.choice(digits)
        data[place : place + 1] = numbers.choice((b"0", b"-1", b"9", b"99999999999", b"2147483648"))


def _repeat(data: bytearray, numbers: random.Random) -> None:
    start = numbers.randrange(len(data) + 1)
    data[start:start] = bytes(data[start : start + numbers.choice((4, 64))]) * numbers.choice(
        (1, 50)
    )


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _flip,
    _flip_near_an_end,
    _cut,
    _remove,
    _overwrite,
    _change_a_number,
    _repeat,
)


class ModelFuzzer:
    """One session, one damaged file after the other; another engine where one has died.

    Attributes:
        found: a defect; nothing further is tried then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tally = ModelTally()
        self.found = ""
        self._number = 0
        self._session = Session(BenchmarkConfig(), isolated=True)

    def __enter__(self) -> ModelFuzzer:
        self._session.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close(PATIENCE_S)

    def take(self) -> tuple[ModelTally, str]:
        """Return what was counted since the last call, and the defect that ended it; '' = none."""
        taken = self._tally, self.found
        self._tally, self.found = ModelTally(), ""
        return taken

    def try_one(self, seed: Seed, numbers: random.Random) -> None:
        """Damage a copy of this model, and have it measured for a moment."""
        path = damage(seed, self._folder, numbers)
        # Each is a configuration of its own, or what runs already would do.
        self._number += 1
        config = BenchmarkConfig(model=str(path), nireq=1, threads=1, seed=self._number)
        try:
            self._measure(config)
        except Exception as error:  # noqa: BLE001 - it is what is looked for
            self.found = f"the session raised {error!r} at {path}"

    def _measure(self, config: BenchmarkConfig) -> None:
        session = self._session
        session.configure(config)
        shaped = False
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            seen = session.snapshot(0)
            if seen.stall:
                self._tally.given_up += 1
                self._check(seen.stall)
                self._replace(seen)
                return
            if seen.can_restart:
                self._bury(seen)
                return
            needed = seen.shape_needed
            if needed is not None and needed.config == config and needed.proposal and not shaped:
                shaped = True
                config = replace(config, data_shape=needed.proposal)
                session.configure(config)
            elif session.rejection is not None and session.rejection.config == config:
                self._tally.refused += 1
                self._check(session.rejection.reason)
                return
            elif session.failure:
                self._tally.refused += 1
                self._check(session.failure)
                return
            if _runs(seen, config):
                self._tally.ran += 1
                return
            time.sleep(0.002)
        if not session.cancel():
            self.found = f"hung for {PATIENCE_S:g} s at {config.model}: {seen.state}"
            return
        self._tally.given_up += 1
        shutil.copyfile(config.model, f"{config.model}.endless{self._number}")
        self._check(session.snapshot(0).notices[-1].text)
        self._await_engine()

    def _bury(self, seen: Snapshot) -> None:
        self._tally.died += 1
        self._check(self._session.failure)
        if "ended by itself" in self._session.failure:
            self.found = f"an error in the child's own code: {self._session.failure}"
        self._replace(seen)

    def _replace(self, seen: Snapshot) -> None:
        # Without a model, or the next engine would read again what has killed this one.
        self._session.configure(replace(seen.requested, model=""))
        self._session.restart()
        self._await_engine()

    def _await_engine(self) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            seen = self._session.snapshot(0)
            if not seen.can_restart and seen.devices:
                return
            time.sleep(0.01)
        self.found = "no other engine could be started"

    def _check(self, sentence: str) -> None:
        if not sentence.strip() or "Traceback" in sentence or len(sentence) > 1000:
            self.found = f"no sentence: {sentence[:200]!r}"


def _runs(seen: Snapshot, config: BenchmarkConfig) -> bool:
    run = seen.run
    return run is not None and run.config == config and run.stats.count + run.stats.warmup_count > 0


# -- a tiny ONNX, without the onnx package --------------------------------------------------


def _field(number: int, value: bytes | str | int) -> bytes:
    """One field of a protobuf message (protobuf.dev, Encoding)."""
    if isinstance(value, int):
        return bytes((number << 3,)) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return bytes((number << 3 | 2,)) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*digits, value))


def tiny_onnx(name: str = "x", output: str = "y", layer: str = "") -> bytes:
    """An input of [1,8] plus weights, through a ReLU."""
    shape = b"".join(_field(1, _field(1, size)) for size in (1, 8))
    kind = _field(1, _field(1, 1) + _field(2, shape))
    add = _field(1, name) + _field(1, "w") + _field(2, "s") + _field(4, "Add")
    relu = _field(1, "s") + _field(2, output) + _field(3, layer) + _field(4, "Relu")
    weights = _field(1, 8) + _field(2, 1) + _field(8, "w") + _field(9, b"\0\0\x80\x3f" * 8)
    graph = _field(1, add) + _field(1, relu) + _field(2, "g") + _field(5, weights)
    graph += _field(11, _field(1, name) + _field(2, kind))
    graph += _field(12, _field(1, output) + _field(2, kind))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))
