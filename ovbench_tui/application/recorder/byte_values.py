"""Looks now and then whether inputs are the bytes of images, in arrays of floats."""

from __future__ import annotations

from typing import Any

from ovbench_tui.application.recorder.writer import Writer

_ENOUGH = 3
"""Looks that have to agree."""

_FEWEST_VALUES = 3 * 32 * 32
_FEWEST_DISTINCT = 16
_PLACES = 8
"""Along each axis."""

_NEAR = 1e-3
_BYTE = 255.0
_CHANNELS = (1, 3, 4)


class ByteValues:
    """Looks at the first inputs, and then ever more rarely: it takes a tenth of a millisecond."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._seen = 0
        self._agreed: dict[str, int] = {}

    def look(self, inputs: Any, array_type: type[Any]) -> None:
        """Look at the inputs of one inference."""
        self._seen += 1
        if self._seen & (self._seen - 1):  # no power of two
            return
        given = inputs.values() if isinstance(inputs, dict) else inputs
        for array in [given] if type(given) is array_type else given or ():
            if type(array) is array_type and _is_image(array):
                self._judge(_kind(array))

    def _judge(self, kind: str | None) -> None:
        if kind is None:
            return
        times = self._agreed[kind] = self._agreed.get(kind, 0) + 1
        if kind and times == _ENOUGH and len(self._agreed) == 1:
            self._writer.note(byte_values=kind)


def _is_image(array: Any) -> bool:
    shape = array.shape
    has_channels = len(shape) in (3, 4) and (shape[-1] in _CHANNELS or shape[-3] in _CHANNELS)
    return bool(array.dtype.kind == "f" and array.size >= _FEWEST_VALUES and has_channels)


def _kind(array: Any) -> str | None:
    """See `application.inputs.InputUse`; None where the values are too much alike to tell."""
    import numpy as np

    steps = tuple(slice(None, None, max(1, size // _PLACES)) for size in array.shape)
    sample = array[steps].astype(np.float64).ravel()
    if len(np.unique(sample)) < _FEWEST_DISTINCT:
        return None
    for kind, values in (("whole", sample), ("scaled", sample * _BYTE)):
        whole = np.rint(values)
        if (np.abs(values - whole) <= _NEAR).all() and whole.min() >= 0 and whole.max() <= _BYTE:
            return kind
    return ""
