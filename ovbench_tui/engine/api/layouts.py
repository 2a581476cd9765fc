"""What each dimension of an input means: told by the user, by the model, or guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ovbench_tui.config.option_values import NamedTexts
from ovbench_tui.config.shapes import format_shape
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.effective import GUESSED
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.api.port_names import find_input
from ovbench_tui.errors import BadInputError

MOST_IMAGE_CHANNELS = 4
"""Where benchmark_app's guess ends: a dimension of at most this many may be the colours."""

IMAGE_LAYOUTS = frozenset({"NCHW", "NHWC", "CHW", "HWC"})
_IMAGE_CHANNELS = "3"

BY_USER = "-layout"
BY_MODEL = "the model"
BY_SHAPE = f"its shape, {GUESSED} as benchmark_app's"
BY_BATCH = "-b, which takes the first dimension"


@dataclass(frozen=True, slots=True)
class InputLayout:
    """The layout of one input.

    Attributes:
        letters: one a dimension, as in ``NCHW`` or ``N...``; '' when unknown.
        origin: who says so, as in ``the model``; '' when unknown.
    """

    letters: str = ""
    origin: str = ""


UNKNOWN = InputLayout()


def settle_layouts(
    inputs: Sequence[PortInfo], given: NamedTexts, aliases: Sequence[frozenset[str]]
) -> tuple[InputLayout, ...]:
    """Settle the layout of each input: -layout, else the model's own, else a guess.

    The guess is benchmark_app's for 3 and 4 dimensions: one end holds at most 4 channels and
    the other more. An unbounded dimension is no evidence here, where benchmark_app takes it
    for a small one and would call a text model's ``[?,?,768]`` an image.

    Raises:
        BadInputError: for an unknown input, and for a layout that does not fit its rank.
    """
    chosen: dict[int, str] = {}
    for name, text in given:
        if name:
            chosen[find_input(inputs, name, aliases, "-layout").index] = text
    shared = next((text for name, text in given if not name), None)
    return tuple(_settle(port, chosen.get(port.index, shared)) for port in inputs)


def dimension_of(letters: str, letter: str, rank: int) -> int | None:
    """Position of `letter` in a shape of that rank; None where the layout does not have it."""
    before, found, after = letters.partition(letter)
    if not found or rank < len(letters.replace("...", "")):
        return None
    return rank - 1 - len(after) if "..." in before else len(before)


def batch_index(shape: Sequence[str], letters: str) -> int | None:
    """Which dimension -b sets, by benchmark_app's rule; None where there is none.

    N of the layout; of an unknown layout the first dimension, where that is dynamic or at most 1.
    """
    if "..." in shape or not shape:
        return None
    if not letters:
        first = shape[0]
        return 0 if not first.isdigit() or int(first) <= 1 else None
    return dimension_of(letters, "N", len(shape))


def with_one_first_size(ports: Sequence[PortInfo]) -> list[PortInfo]:
    """Those whose first dimensions can be the same batch: of sizes that differ, the smallest."""
    fixed = [int(port.shape[0]) for port in ports if port.shape and port.shape[0].isdigit()]
    smallest = min(fixed, default=0)
    return [
        port
        for port in ports
        if port.shape and (not port.shape[0].isdigit() or int(port.shape[0]) == smallest)
    ]


def is_image(port: PortInfo, layout: InputLayout) -> bool:
    """Whether benchmark_app calls the input an image: an image's layout and 3 channels."""
    if layout.letters not in IMAGE_LAYOUTS or len(port.shape) != len(layout.letters):
        return False
    return port.shape[layout.letters.index("C")] == _IMAGE_CHANNELS


def is_image_info(port: PortInfo, layout: InputLayout) -> bool:
    """Whether benchmark_app calls the input an image's size: NC, with 2 or more channels."""
    return layout.letters == "NC" and len(port.shape) == 2 and _least(port.shape[1]) >= 2


def _settle(port: PortInfo, given: str | None) -> InputLayout:
    if given is not None:
        return InputLayout(_checked(port, given), BY_USER)
    if port.layout:
        return InputLayout(port.layout, BY_MODEL)
    guess = _guess(port.shape)
    return InputLayout(guess, BY_SHAPE) if guess else UNKNOWN


def _guess(shape: Sequence[str]) -> str:
    ends: Mapping[int, tuple[int, int]] = {3: (0, 2), 4: (1, 3)}
    if len(shape) not in ends:
        return ""
    low, high = (_most(shape[index]) for index in ends[len(shape)])
    if low is None or high is None or (low <= MOST_IMAGE_CHANNELS) == (high <= MOST_IMAGE_CHANNELS):
        return ""
    letters = "CHW" if low <= MOST_IMAGE_CHANNELS else "HWC"
    return letters if len(shape) == 3 else f"N{letters}"


def _checked(port: PortInfo, text: str) -> str:
    letters = "".join(text.strip("[] ").replace(",", " ").split()).upper()
    names = letters.replace("...", "").replace("?", "")
    is_layout = (
        letters.count("...") <= 1
        and "." not in names
        and (not names or (names.isascii() and names.isalpha()))
        and len(set(names)) == len(names)
    )
    if not is_layout or not letters:
        raise BadInputError(
            f"-layout {printable(text)!r} is not a valid layout:"
            " write one letter a dimension, as in"
            " NCHW, NHWC or N... ."
        )
    length = len(letters.replace("...", ""))
    rank = len(port.shape)
    fits = "..." in port.shape or (rank >= length if "..." in letters else rank == length)
    if not fits:
        raise BadInputError(
            f"-layout {letters} has {length} dimensions, and input '{port.label}' has {rank},"
            f" {format_shape(port.shape)}."
        )
    return letters


def _most(dimension: str) -> int | None:
    """The largest size of ``3``, ``1..8``; None for ``?`` and ``4..``."""
    high = dimension.rpartition("..")[2]
    return int(high) if high.isdigit() else None


def _least(dimension: str) -> int:
    low = dimension.partition("..")[0]
    return int(low) if low.isdigit() else 0
