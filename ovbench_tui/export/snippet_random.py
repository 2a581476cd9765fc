"""The part of a Python program that makes random inputs, within what the model can take."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.engine.api.effective import EffectiveConfig, InputValues
from ovbench_tui.engine.api.model_info import PortInfo

_RANDOM = '''
def random_tensor(kind, shape):
    """Values a model can take: bytes in images, small indices, numbers from 0 to 1."""
    tensor = ov.Tensor(getattr(ov.Type, kind), ov.Shape(shape))
    if kind == "u8":
        tensor.data[...] = rng.integers(0, 256, shape)
    elif kind in ("f16", "f32", "f64"):
        tensor.data[...] = rng.random(shape)
    elif kind in ("boolean", "i8", "i16", "i32", "i64", "u16", "u32", "u64"):
        tensor.data[...] = rng.integers(0, 2, shape)
    return tensor

'''

_BOUNDED = '''
def bounded_tensor(kind, shape, low, high, order="random", exact=()):
    """Values that are valid for what the input indexes, counts or masks."""
    tensor = ov.Tensor(getattr(ov.Type, kind), ov.Shape(shape))
    if exact:
        values = np.array([*exact, *[exact[-1]] * tensor.size])[: tensor.size].reshape(shape)
    elif order == "counting":
        length = shape[-1] if len(shape) else 1
        values = np.broadcast_to(np.minimum(np.arange(length), high), shape)
    else:
        values = rng.integers(low, high, shape, endpoint=True)
    if order == "ascending" and not exact and tensor.size:
        values = np.sort(values.reshape(-1))
        values[0] = low
        values = values.reshape(shape)
    if kind == "bf16":  # whose bits are the upper half of a float's
        bits = values.astype(np.float32).view(np.uint32) >> 16
        tensor.data.view(np.uint16)[...] = bits
    else:
        tensor.data[...] = values
    return tensor

'''


def drawers(effective: EffectiveConfig, ports: Sequence[PortInfo]) -> str:
    """Write the functions that make the random tensors of these inputs."""
    is_bounded = {_values_of(port, effective) is not None for port in ports}
    return (_RANDOM if False in is_bounded else "") + (_BOUNDED if True in is_bounded else "")


def drawing(port: PortInfo, effective: EffectiveConfig) -> str:
    """Write the call that makes a random tensor of ``shape``, with its bounds as literals."""
    values = _values_of(port, effective)
    if values is None:
        return f"random_tensor({port.element_type!r}, shape)"
    words = [repr(port.element_type), "shape", f"{values.low}, {values.high}"]
    if values.exact:
        words.append(f"exact={values.exact!r}")
    elif values.order != "random":
        words.append(repr(values.order))
    return f"bounded_tensor({', '.join(words)})"


def _values_of(port: PortInfo, effective: EffectiveConfig) -> InputValues | None:
    return next((one for one in effective.input_values if one.input_index == port.index), None)
