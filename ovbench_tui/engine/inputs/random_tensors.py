"""Random input tensors by element type, the same ones for the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import openvino as ov

from ovbench_tui.config.shapes import Shape, format_shape
from ovbench_tui.engine.api.events import PortInfo
from ovbench_tui.errors import BadInputError

MAX_INPUT_BYTES = 2 << 30

_TOP = 255
"""benchmark_app's range is 0 to 255 for every type; the times stay comparable."""

_FLOATS = frozenset({"f16", "f32", "f64"})
_INTEGERS = frozenset({"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"})
_PACKED = frozenset({"u1", "u2", "u3", "u4", "u6", "i4", "nf4", "f4e2m1"})
_SMALL_FLOATS = frozenset({"f8e4m3", "f8e5m2"})
_FIRST_BYTE_OF_TWO = 0x40
"""In both 8-bit float types the bytes below mean 0 to 2: no infinity, no NaN."""

_CHUNK = 1 << 20
_WORDS = ("openvino", "benchmark", "a", "latency of one infer request", "stream", "0")

Draw = Callable[[int], npt.NDArray[np.generic]]


class RandomInput:
    """Random tensors for one input, each drawn where the one before ended.

    Floats are uniform in 0..255 and integers in 0..255 or as far as their type reaches, drawn
    by the generator benchmark_app uses (it has seed 0). Token ids stay inside the vocabulary.

    Args:
        port: the input.
        seed: of its own generator, 0 or more.
        vocabulary: entries of the table it looks up in; 0 = unknown.
        allow_strings: some models with string tensors crash the process when they are
            released, so only a process that may die should allow them.
    """

    def __init__(
        self, port: PortInfo, seed: int, vocabulary: int = 0, *, allow_strings: bool = False
    ) -> None:
        self._port = port
        self._random = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(seed)))
        self._vocabulary = vocabulary
        self._allow_strings = allow_strings

    def draw(self, shape: Shape) -> ov.Tensor:
        """Make the next tensor.

        Raises:
            BadInputError: for a type that cannot be filled.
        """
        return _make_tensor(self._port, shape, self._random, self._vocabulary, self._allow_strings)


def make_inputs(
    ports: Sequence[PortInfo],
    shapes: Sequence[Shape],
    seed: int = 0,
    vocabularies: Sequence[int] = (),
    *,
    allow_strings: bool = False,
) -> list[ov.Tensor]:
    """Make one random tensor an input.

    Args:
        ports: the model's inputs.
        shapes: the static shape of each.
        seed, vocabularies, allow_strings: as for `RandomInput`, with a vocabulary an input.

    Raises:
        BadInputError: for a type that cannot be filled, and for inputs beyond memory's reach.
    """
    known = tuple(vocabularies) or (0,) * len(ports)
    for port, shape in zip(ports, shapes, strict=True):
        checked_bytes(port, shape)
    return [
        RandomInput(port, seed, vocabulary, allow_strings=allow_strings).draw(shape)
        for port, shape, vocabulary in zip(ports, shapes, known, strict=True)
    ]


def checked_bytes(port: PortInfo, shape: Shape) -> int:
    """How many bytes a tensor of that shape takes.

    Raises:
        BadInputError: more than `MAX_INPUT_BYTES`.
    """
    type_ = getattr(ov.Type, port.element_type, None)
    size = math.prod(shape) * max(1, (type_.bitwidth if type_ else 8) // 8)
    if size > MAX_INPUT_BYTES:
        remedy = "-data_shape" if port.is_dynamic else "-shape, for this input is static"
        raise BadInputError(
            f"Input '{port.label}' with the shape {format_shape(shape)} would take"
            f" {size / 2**30:.1f} GiB, and {MAX_INPUT_BYTES >> 30} GiB are possible: give a smaller"
            f" {remedy}."
        )
    return size


def _make_tensor(
    port: PortInfo,
    shape: Shape,
    random: np.random.RandomState,
    vocabulary: int,
    allow_strings: bool,
) -> ov.Tensor:
    kind = port.element_type
    if kind == "string":
        return _make_strings(port, shape, random, allow_strings)
    if kind not in _FLOATS | _INTEGERS | _PACKED | _SMALL_FLOATS | {"bf16", "boolean"}:
        raise BadInputError(
            f"Input '{port.label}' has the element type {kind}, for which no random values exist:"
            " this model cannot be run."
        )
    tensor = ov.Tensor(getattr(ov.Type, kind), ov.Shape(shape))
    if kind in _FLOATS:
        # Token ids may be fed as floats (-ip): they stay inside the vocabulary, too.
        top = vocabulary - 1 if vocabulary else _TOP
        _fill(tensor.data, lambda count: random.uniform(0, top, count))
    elif kind == "bf16":
        _fill(tensor.data.view(np.uint16), lambda count: _bf16(random.uniform(0, _TOP, count)))
    elif kind in _INTEGERS:
        most = int(np.iinfo(tensor.data.dtype).max)
        end = min(vocabulary or _TOP + 1, most + 1)
        _fill(tensor.data, lambda count: random.uniform(0, end, count))
    elif kind == "boolean":
        _fill(tensor.data, lambda count: random.uniform(0, 2, count) >= 1)
    else:
        end = _FIRST_BYTE_OF_TWO if kind in _SMALL_FLOATS else _TOP + 1
        _fill(tensor.data.view(np.uint8), lambda count: random.uniform(0, end, count))
    return tensor


def _fill(data: npt.NDArray[np.generic], draw: Draw) -> None:
    """Fill in chunks: the generator's doubles would take eight times a u8 tensor's memory."""
    flat = data.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        part = flat[start : start + _CHUNK]
        part[...] = draw(part.size).astype(flat.dtype)


def _bf16(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint32]:
    """Upper halves of the f32 bit patterns, rounded to the nearest."""
    bits: npt.NDArray[np.uint32] = values.astype(np.float32).view(np.uint32)
    halves: npt.NDArray[np.uint32] = (bits + np.uint32(0x8000)) >> np.uint32(16)
    return halves


def strings_refused(port: PortInfo) -> BadInputError:
    """Why string inputs run in a process of their own only."""
    return BadInputError(
        f"Input '{port.label}' takes strings: such models can crash the process that runs"
        " them, so they run only in a process of their own: give --isolate, or press i."
    )


def _make_strings(
    port: PortInfo, shape: Shape, random: np.random.RandomState, allow_strings: bool
) -> ov.Tensor:
    if not allow_strings:
        raise strings_refused(port)
    picked = random.randint(0, len(_WORDS), math.prod(shape))
    return ov.Tensor(np.array(_WORDS)[picked].reshape(shape))
