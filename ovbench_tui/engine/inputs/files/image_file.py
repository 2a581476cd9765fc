"""Images read as OpenCV gives them to benchmark_app: 8 bits, blue before green before red."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ovbench_tui.engine.inputs.files.file_errors import refusing
from ovbench_tui.errors import BadInputError, cannot_load
from ovbench_tui.files.safe_read import open_regular

try:
    from PIL import Image, ImageOps
except (ImportError, OSError) as error:
    raise BadInputError(
        cannot_load("Reading images", "the package pillow", error)
        + " Give .npy or .bin files instead."
    ) from None

MAX_PIXELS = 1 << 26
"""67 megapixels: more than any camera's frame, and 200 MB once decoded."""

_FORMATS = ("BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "SUN", "TIFF", "WEBP")
"""No format that runs another program to be decoded, as EPS does."""

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_EXIF_ORIENTATION = 0x0112
_FIRST_TURNED_ORIENTATION = 5
"""In orientations 5 to 8 width and height change places (Exif 2.3, tag Orientation)."""

Pixels = npt.NDArray[np.uint8]


def image_size(path: Path, label: str) -> tuple[int, int]:
    """Width and height as shown, read from the file's head.

    Raises:
        BadInputError: no readable image; `label` names the input.
    """
    with _opened(path, label) as image:
        turned = image.getexif().get(_EXIF_ORIENTATION, 1) >= _FIRST_TURNED_ORIENTATION
        width, height = image.size
        return (height, width) if turned else (width, height)


def read_image(path: Path, label: str, size: tuple[int, int], channels: int) -> Pixels:
    """Decode and resize one image.

    Args:
        label: names the input in errors.
        size: width and height to resize to, bilinear.
        channels: 1 for grey, 3 for BGR, 4 for BGR and alpha.

    Returns:
        Height by width by channels.

    Raises:
        BadInputError: no readable image.
    """
    if channels not in _MODES:
        raise BadInputError(
            f"Input '{label}' has {channels} channels: an image has 1, 3 or 4; give .npy or .bin."
        )
    with _opened(path, label) as image:
        upright = _eight_bits(ImageOps.exif_transpose(image)).convert(_MODES[channels])
        if upright.size != size:
            upright = upright.resize(size, Image.Resampling.BILINEAR)
        pixels: Pixels = np.asarray(upright)
    if channels == 1:
        return pixels[:, :, np.newaxis]
    order = [2, 1, 0, 3][:channels]
    return pixels[:, :, order]


@contextmanager
def _opened(path: Path, label: str) -> Iterator[Image.Image]:
    """Open an image by its head; what goes wrong then or in the body names file and input."""
    with refusing(path, label), open_regular(path) as file, warnings.catch_warnings():
        # Damage that Pillow warns of on stderr either stops it, too, or leaves an image.
        warnings.simplefilter("ignore")
        with Image.open(file, "r", _FORMATS) as image:
            _check_pixels(image)
            yield image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Keep the upper half of 16-bit greys, which Pillow would cut off at 255."""
    if not image.mode.startswith("I;16"):
        return image
    return Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))


def _check_pixels(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ValueError(f"{width}x{height} is more than {MAX_PIXELS >> 20} megapixels")
