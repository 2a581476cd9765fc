"""One input filled from files: images, arrays or raw bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import openvino as ov

from ovbench_tui.config.shapes import Shape, format_shape
from ovbench_tui.engine.api.batch import frames_of
from ovbench_tui.engine.api.layouts import dimension_of
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.files.array_file import read_array, read_array_head, read_bytes
from ovbench_tui.engine.inputs.files.file_errors import file_error
from ovbench_tui.engine.inputs.input_sources import InputSource, SourceKind
from ovbench_tui.engine.inputs.random_tensors import strings_refused
from ovbench_tui.engine.inputs.shapes.data_shape import check_fit
from ovbench_tui.errors import BadInputError

_IMAGE_LETTERS = frozenset("NCHW")
_RAW_BF16 = frozenset({np.dtype(np.uint16), np.dtype("V2")})
"""NumPy has no bf16 of its own: its bits, or what ml_dtypes' bfloat16 is saved as."""

Data = npt.NDArray[np.generic]


class FileInput:
    """Fills tensors of one input from its files, one after the other and round again.

    Args:
        port: as fed, with its layout.
        source: of a kind that has files.
        allow_strings: as for `RandomInput`.
    """

    def __init__(self, port: PortInfo, source: InputSource, *, allow_strings: bool) -> None:
        self._port = port
        self._source = source
        self._allow_strings = allow_strings
        self.used = 0

    @property
    def is_used_up(self) -> bool:
        """Whether every file has been used."""
        return self.used >= len(self._source.files)

    def shape_of(self, number: int) -> Shape:
        """The shape the file of that number gives a dynamic input.

        Raises:
            BadInputError: the file cannot be read, or its shape does not fit.
        """
        path = self._source.files[number]
        if self._source.kind is SourceKind.IMAGES:
            from ovbench_tui.engine.inputs.files.image_file import image_size

            shape = self._image_shape(*image_size(path, self._port.label))
        else:
            shape = read_array_head(path, self._port.label).shape
            if len(shape) + 1 == len(self._port.shape):  # one frame, as benchmark_app takes it
                shape = (1, *shape)
        if 0 in shape:
            raise file_error(
                path, self._port.label, f"its shape {format_shape(shape)} leaves nothing to infer"
            )
        try:
            check_fit(self._port, shape)
        except BadInputError:
            raise file_error(
                path,
                self._port.label,
                f"its shape {format_shape(shape)} does not fit {format_shape(self._port.shape)}",
            ) from None
        return shape

    def next_tensor(self, shape: Shape) -> ov.Tensor:
        """Fill a tensor of that shape from the next files.

        Raises:
            BadInputError: a file does not fit, or cannot be read.
        """
        fill: Callable[[Shape], ov.Tensor] = {
            SourceKind.IMAGES: self._from_images,
            SourceKind.ARRAYS: self._from_arrays,
            SourceKind.BINARIES: self._from_binaries,
        }[self._source.kind]
        return fill(shape)

    def _path(self) -> Path:
        return self._source.files[self.used % len(self._source.files)]

    # -- images -----------------------------------------------------------------------------

    def _image_shape(self, width: int, height: int) -> Shape:
        """The image's own size in the dynamic dimensions, the model's in the fixed ones."""
        letters = self._image_letters(len(self._port.shape))
        own = {"N": 1, "C": 3, "H": height, "W": width}
        return tuple(
            int(size) if size.isdigit() else own[letter]
            for letter, size in zip(letters, self._port.shape, strict=True)
        )

    def _image_letters(self, rank: int) -> str:
        letters = self._port.layout
        is_image = len(letters) == rank and set("HW") <= set(letters) <= _IMAGE_LETTERS
        if not is_image:
            raise BadInputError(
                f"Input '{self._port.label}' {format_shape(self._port.shape)} is not known to be"
                f" an image ({letters or 'no layout'}): give its -layout, for example NCHW."
            )
        return letters

    def _from_images(self, shape: Shape) -> ov.Tensor:
        # Pillow takes 70 ms to import, which a run without images need not wait for.
        from ovbench_tui.engine.inputs.files.image_file import read_image

        letters = self._image_letters(len(shape))
        size = dict(zip(letters, shape, strict=True))
        tensor = self._new_tensor(shape)
        frames = _frames(_values(tensor, self._port), letters)
        order = ["HWC".index(letter) for letter in letters if letter != "N"]
        for frame in frames:
            pixels = read_image(
                self._path(), self._port.label, (size["W"], size["H"]), size.get("C", 1)
            )
            if "C" not in letters:
                pixels = pixels[:, :, 0]
            frame[...] = _as_type(pixels.transpose(order), self._port.element_type)
            self.used += 1
        return tensor

    # -- arrays and raw bytes ---------------------------------------------------------------

    def _from_arrays(self, shape: Shape) -> ov.Tensor:
        head = read_array_head(self._path(), self._port.label)
        if self._port.element_type == "string":
            return self._strings(shape)
        tensor = self._new_tensor(shape)
        values = _values(tensor, self._port)
        # A lone frame may lack the dimension of its batch, as benchmark_app allows it.
        whole = (shape, shape[1:]) if shape[:1] == (1,) else (shape,)
        parts = _frame_shapes(self._port.layout, shape)
        if head.shape in whole or not parts:
            values[...] = self._checked_array(values.dtype, whole, whole).reshape(shape)
            return tensor
        for frame in _frames(values, self._port.layout):
            array = self._checked_array(frame.dtype, parts, (*whole, *parts))
            frame[...] = array.reshape(frame.shape)
        return tensor

    def _checked_array(
        self, dtype: np.dtype[np.generic], shapes: Sequence[Shape], reported: Sequence[Shape]
    ) -> Data:
        """The next array: of one of the shapes, and of the input's element type."""
        path, label = self._path(), self._port.label
        array = read_array(path, label)
        if array.shape not in shapes:
            wanted = " or ".join(format_shape(shape) for shape in dict.fromkeys(reported))
            raise file_error(
                path, label, f"its shape is {format_shape(array.shape)}, the input takes {wanted}"
            )
        if self._port.element_type == "bf16" and array.dtype in _RAW_BF16:
            array = array.view(np.uint16)
        elif array.dtype.newbyteorder("=") != dtype or self._port.element_type == "bf16":
            raise file_error(
                path,
                label,
                f"its type is {array.dtype}, the input takes {self._port.element_type}"
                " (-ip changes that)",
            )
        self.used += 1
        return array

    def _strings(self, shape: Shape) -> ov.Tensor:
        if not self._allow_strings:
            raise strings_refused(self._port)
        path, label = self._path(), self._port.label
        array = read_array(path, label)
        if array.dtype.kind not in "US" or array.shape != shape:
            raise file_error(
                path,
                label,
                f"it holds {array.dtype} {format_shape(array.shape)}, the input takes strings"
                f" {format_shape(shape)}",
            )
        self.used += 1
        return ov.Tensor(array)

    def _from_binaries(self, shape: Shape) -> ov.Tensor:
        if self._port.element_type == "string":
            raise file_error(self._path(), self._port.label, "strings are read from .npy only")
        tensor = self._new_tensor(shape)
        frames = frames_of(self._port.layout, shape) or 1
        whole, rest = tensor.byte_size, tensor.byte_size % frames
        index = dimension_of(self._port.layout, "N", len(shape))
        # Only where N comes first are a frame's bytes side by side.
        part = whole if rest or index != 0 else whole // frames
        data = _raw_bytes(tensor)
        first = self._next_bytes(whole, part)
        data[: len(first)] = np.frombuffer(first, np.uint8)
        for begin in range(len(first), whole, part):
            data[begin : begin + part] = np.frombuffer(self._next_bytes(part), np.uint8)
        return tensor

    def _next_bytes(self, *sizes: int) -> bytes:
        read = read_bytes(self._path(), self._port.label, sizes)
        self.used += 1
        return read

    def _new_tensor(self, shape: Shape) -> ov.Tensor:
        return ov.Tensor(getattr(ov.Type, self._port.element_type), ov.Shape(shape))


def _values(tensor: ov.Tensor, port: PortInfo) -> Data:
    """The tensor's memory as an array of its shape.

    Raises:
        BadInputError: NumPy has no such elements.
    """
    if tensor.element_type.bitwidth < 8 or port.element_type.startswith("f8"):
        raise BadInputError(
            f"Input '{port.label}' has the element type {port.element_type}, which images and"
            " arrays cannot give: use a .bin file."
        )
    data: Data = tensor.data
    return data.view(np.uint16) if port.element_type == "bf16" else data


def _raw_bytes(tensor: ov.Tensor) -> npt.NDArray[np.uint8]:
    data: Data = tensor.data
    raw: npt.NDArray[np.uint8] = data.reshape(-1).view(np.uint8)
    return raw


def _frames(values: Data, letters: str) -> list[Data]:
    """Views of the frames of a batch; the whole where the layout has no N."""
    index = dimension_of(letters, "N", values.ndim)
    if index is None:
        return [values]
    return [values[(slice(None),) * index + (number,)] for number in range(values.shape[index])]


def _frame_shapes(letters: str, shape: Shape) -> tuple[Shape, ...]:
    """The shapes an array of one frame may have: with N = 1 and without N."""
    index = dimension_of(letters, "N", len(shape))
    if index is None:
        return ()
    return (
        (*shape[:index], 1, *shape[index + 1 :]),
        (*shape[:index], *shape[index + 1 :]),
    )


def _as_type(pixels: Data, kind: str) -> Data:
    if kind != "bf16":
        return pixels
    # 0 to 255 have at most 8 significant bits: bf16 holds them exactly.
    bits: Data = (pixels.astype(np.float32).view(np.uint32) >> np.uint32(16)).astype(np.uint16)
    return bits
