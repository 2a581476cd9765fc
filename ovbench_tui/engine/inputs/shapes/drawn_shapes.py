"""Data shapes whose sizes are drawn or stand in a file, made into static ones in rotation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ovbench_tui.config.named.sizes import Sizes, parse_sizes, whole_size
from ovbench_tui.config.shapes import DataShape, Shape, format_shape
from ovbench_tui.engine.api.effective import DrawnSizes
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.shapes.shape_guess import bounds_of, has_dynamic_rank
from ovbench_tui.errors import BadInputError

DRAWS = 64
"""Places of a rotation with a range: a part of 1/64 of its distribution gives each size."""

_MOST_FILE_BYTES = 1 << 20


def is_drawn(shape: DataShape) -> bool:
    """Whether one of its sizes is still to be drawn."""
    return any(isinstance(size, str) for size in shape)


def draw_shapes(
    ports: Sequence[PortInfo], chosen: Mapping[int, Sequence[DataShape]], seed: int
) -> tuple[dict[int, list[Shape]], tuple[DrawnSizes, ...]]:
    """Draw the sizes of shapes in rotation, by the index of their input.

    The same words give the same size at the same place of the rotation, whatever input they are
    of; different words are independent of each other. A range is drawn `DRAWS` times, or as often
    as the longest file has sizes.

    Raises:
        BadInputError: a range goes beyond what the model takes; a file cannot be read, or holds
            something else than sizes.
    """
    for port in ports:
        for shape in chosen.get(port.index, ()) if port.is_dynamic else ():
            _check_ranges(port, shape)
    words = dict.fromkeys(
        size
        for port in ports
        for shape in (chosen.get(port.index, ()) if port.is_dynamic else ())
        for size in shape
        if isinstance(size, str)
    )
    sizes = {word: _sizes_of(word) for word in words}
    lists = {word: _read_sizes(one.file) for word, one in sizes.items() if one.file}
    places = max((DRAWS if len(lists) < len(words) else 0, *map(len, lists.values())))
    turn = max((len(shapes) for shapes in chosen.values() if any(map(is_drawn, shapes))), default=1)
    places = -(-places // turn) * turn  # whole turns, so that each shape comes as often
    for word, one in sizes.items():
        if not one.file:
            lists[word] = one.draw(places, seed)

    def size_at(size: int | str, place: int) -> int:
        return lists[size][place % len(lists[size])] if isinstance(size, str) else size

    drawn: dict[int, list[Shape]] = {}
    for port in ports:
        shapes = [shape for shape in chosen.get(port.index, ()) if port.is_dynamic]
        count = places if any(map(is_drawn, shapes)) else len(shapes)
        rotating = (shapes[place % len(shapes)] for place in range(count))
        drawn[port.index] = [
            tuple(size_at(size, place) for size in shape) for place, shape in enumerate(rotating)
        ]
    return drawn, tuple(DrawnSizes(word, tuple(lists[word])) for word in words)


def _sizes_of(word: str) -> Sizes:
    sizes = parse_sizes(word, "-data_shape")
    assert sizes is not None  # noqa: S101 - other texts are no sizes to be drawn
    return sizes


def _check_ranges(port: PortInfo, shape: DataShape) -> None:
    """Refuse a range of which not every size fits; what is drawn is checked like any other."""
    if has_dynamic_rank(port) or len(shape) != len(port.shape):
        return
    for number, (size, allowed) in enumerate(zip(shape, port.shape, strict=True), start=1):
        sizes = _sizes_of(size) if isinstance(size, str) else None
        if sizes is None or (sizes.file and not allowed.isdigit()):
            continue
        low, high = bounds_of(allowed)
        if sizes.file or sizes.low < low or (high is not None and sizes.high > high):
            is_fixed = allowed.isdigit()
            takes = f"is {allowed}" if is_fixed else f"takes {allowed}"
            advice = f"write {allowed} there" if is_fixed else "give a range within that"
            raise BadInputError(
                f"-data_shape {format_shape(shape)}: dimension {number} of input '{port.label}'"
                f" {takes} in the model, so it cannot be {size}: {advice}."
            )


def _read_sizes(name: str) -> list[int]:
    """The whole numbers of a text file, in its order, with blanks, lines or commas between them."""
    where = f"-data_shape @{name}"
    try:
        with Path(name).expanduser().open(encoding="utf-8") as file:
            text = file.read(_MOST_FILE_BYTES + 1)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInputError(f"{where}: the file cannot be read ({reason}).") from None
    except ValueError:
        raise BadInputError(f"{where}: the file is no text: write whole numbers into it.") from None
    if len(text) > _MOST_FILE_BYTES:
        raise BadInputError(f"{where}: the file is too long: at most 1 MiB of sizes is read.")
    sizes = [
        whole_size(word, f"{where}, line {number}")
        for number, line in enumerate(text.splitlines(), start=1)
        for word in line.replace(",", " ").split()
    ]
    if not sizes:
        raise BadInputError(f"{where}: the file has no sizes: write whole numbers into it.")
    return sizes
