"""Random input tensors by element type, the same ones for the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import openvino as ov

from ovbench_tui.config.shapes import Shape, format_shape
from ovbench_tui.engine.api.effective import InputValues
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.value_bounds import Order, ValueBounds
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
    by the generator benchmark_app uses (it has seed 0). Indices and the like stay inside what
    they index.

    Args:
        port: the input.
        seed: of its own generator, 0 or more.
        bounds: the values that it takes; None = any.
        allow_strings: some models with string tensors crash the process when they are
            released, so only a process that may die should allow them.
    """

    def __init__(
        self,
        port: PortInfo,
        seed: int,
        bounds: ValueBounds | None = None,
        *,
        allow_strings: bool = False,
    ) -> None:
        self._port = port
        self._random = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(seed)))
        self._bounds = bounds
        self._allow_strings = allow_strings

    def draw(self, shape: Shape) -> ov.Tensor:
        """Make the next tensor.

        Raises:
            BadInputError: for a type that cannot be filled.
        """
        return _make_tensor(self._port, shape, self._random, self._bounds, self._allow_strings)


def make_inputs(
    ports: Sequence[PortInfo],
    shapes: Sequence[Shape],
    seed: int = 0,
    bounds: Sequence[ValueBounds | None] = (),
    *,
    allow_strings: bool = False,
) -> list[ov.Tensor]:
    """Make one random tensor an input.

    Args:
        ports: the model's inputs.
        shapes: the static shape of each.
        seed, bounds, allow_strings: as for `RandomInput`, with bounds for each input.

    Raises:
        BadInputError: for a type that cannot be filled, and for inputs beyond memory's reach.
    """
    known = tuple(bounds) or (None,) * len(ports)
    for port, shape in zip(ports, shapes, strict=True):
        checked_bytes(port, shape)
    return [
        RandomInput(port, seed, bound, allow_strings=allow_strings).draw(shape)
        for port, shape, bound in zip(ports, shapes, known, strict=True)
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
    bounds: ValueBounds | None,
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
        # Indices may be fed as floats (-ip): they stay inside what they index, too.
        low, high = interval_of(bounds, 0, _TOP, is_whole=False)
        _fill(tensor.data, lambda count: random.uniform(low, high, count), bounds)
    elif kind == "bf16":
        low, high = interval_of(bounds, 0, _TOP, is_whole=False)
        _fill(tensor.data.view(np.uint16), lambda count: _bf16(random.uniform(low, high, count)))
    elif kind in _INTEGERS:
        limits = np.iinfo(tensor.data.dtype)
        low, high = interval_of(bounds, int(limits.min), int(limits.max), is_whole=True)
        _fill(tensor.data, lambda count: np.floor(random.uniform(low, high + 1, count)), bounds)
    elif kind == "boolean":
        _fill(tensor.data, lambda count: random.uniform(0, 2, count) >= 1)
    else:
        end = _FIRST_BYTE_OF_TWO if kind in _SMALL_FLOATS else _TOP + 1
        # Two or more values share a byte: of those that are bounded only 0 is certain.
        end = end if bounds is None else 1
        _fill(tensor.data.view(np.uint8), lambda count: random.uniform(0, end, count))
    return tensor


def interval_of(
    bounds: ValueBounds | None, lowest: int, highest: int, *, is_whole: bool
) -> tuple[int, int]:
    """The least and the greatest value to draw.

    Args:
        lowest, highest: that the element type holds.
        is_whole: floats that nobody can bound are drawn as if nothing indexed with them, whole
            numbers are 0.
    """
    if bounds is None or (bounds.is_unbounded and not is_whole):
        return max(0, lowest), min(_TOP, highest)
    return max(bounds.low, lowest), max(bounds.low, min(bounds.high, highest))


def drawn_values(port: PortInfo, bounds: ValueBounds | None) -> InputValues | None:
    """What `RandomInput` draws for an input; None where it is not bounded."""
    is_whole = port.element_type in _INTEGERS
    is_float = port.element_type in _FLOATS | {"bf16"}
    if bounds is None or not (is_whole or is_float) or (bounds.is_unbounded and is_float):
        return None
    lowest, highest = 0, _TOP
    if is_whole:
        limits = np.iinfo(getattr(ov.Type, port.element_type).to_dtype())
        lowest, highest = int(limits.min), int(limits.max)
    low, high = interval_of(bounds, lowest, highest, is_whole=is_whole)
    return InputValues(port.index, low, high, bounds.order.value, bounds.exact)


def _fill(data: npt.NDArray[np.generic], draw: Draw, bounds: ValueBounds | None = None) -> None:
    """Fill in chunks: the generator's doubles would take eight times a u8 tensor's memory."""
    if bounds is not None and data.size and _fill_in_order(data, draw, bounds):
        return
    flat = data.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        part = flat[start : start + _CHUNK]
        part[...] = draw(part.size).astype(flat.dtype)


def _fill_in_order(data: npt.NDArray[np.generic], draw: Draw, bounds: ValueBounds) -> bool:
    """Fill values that are not random, or sorted; False where they are just random."""
    if bounds.exact:
        values = np.resize(np.array(bounds.exact[-1:]), data.size)
        values[: len(bounds.exact)] = bounds.exact[: data.size]
        data.reshape(-1)[...] = values.astype(data.dtype)
    elif bounds.order is Order.COUNTING:
        length = data.shape[-1] if data.shape else 1
        data[...] = np.minimum(np.arange(length), bounds.high).astype(data.dtype)
    elif bounds.order is Order.ASCENDING:
        values = np.sort(draw(data.size))
        values[0] = bounds.low
        data.reshape(-1)[...] = values.astype(data.dtype)
    else:
        return False
    return True


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
