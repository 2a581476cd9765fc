"""What the infer requests are fed with: tensors in rotation, from files or at random."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import openvino as ov

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import NamedShapes, Shape
from ovbench_tui.engine.api.batch import effective_batch
from ovbench_tui.engine.api.effective import (
    BATCH_UNKNOWN,
    DrawnSizes,
    InputValues,
    ShapeGroup,
)
from ovbench_tui.engine.api.layouts import InputLayout, dimension_of, is_image
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.inputs.files.file_input import FileInput
from ovbench_tui.engine.inputs.input_sources import InputSource, SourceKind, assign_sources
from ovbench_tui.engine.inputs.isolation import check_isolation
from ovbench_tui.engine.inputs.random_tensors import (
    MAX_INPUT_BYTES,
    RandomInput,
    checked_bytes,
    drawn_values,
)
from ovbench_tui.engine.inputs.shapes.data_shape import ignored_shapes, resolve_rotation
from ovbench_tui.engine.inputs.source_use import SourceUse
from ovbench_tui.engine.inputs.value_bounds import ValueBounds
from ovbench_tui.engine.requests.prepared_model import Feed, SequencePlan
from ovbench_tui.errors import BadInputError
from ovbench_tui.system.memory import available_bytes

MAX_FEEDS = 1024
MAX_FEED_BYTES = 1 << 30
"""Files beyond these are left out: each request keeps a copy, and caches are full long before."""

MAX_SHAPE_GROUPS = 256
"""A completion's group is one byte in the ring."""

_MEMORY_SHARE = 4
_FROM_FILES = frozenset({SourceKind.IMAGES, SourceKind.ARRAYS, SourceKind.BINARIES})
BoundsFor = Callable[[Sequence[Shape]], Sequence[ValueBounds | None]]
"""Bounds the values of every input, given the smallest shape of each."""

_SHAPE_TELLING = frozenset({SourceKind.IMAGES, SourceKind.ARRAYS})


@dataclass(frozen=True, slots=True)
class InputSchedule:
    """The feeds and what is to be told of them.

    Attributes:
        groups: the different sets of shapes, in the order in which they first come.
        rotation: as in `EffectiveConfig`.
        uses: for each input, what it is filled from.
        notice: what was asked for and has no effect, in a sentence; '' = nothing.
        reset_state: inferences after which the state must be reset for the feeds to fit it;
            0 = they fit any.
        values: of the inputs with random values whose values are bounded.
        sequences: of a model that generates; None = the feeds have no order.
        assumed: the shapes that were taken without having been given; () = none.
        drawn: the sizes that were drawn, or read from a file.
    """

    feeds: tuple[Feed, ...]
    groups: tuple[ShapeGroup, ...]
    batch_rule: str
    uses: tuple[SourceUse, ...]
    notice: str = ""
    reset_state: int = 0
    values: tuple[InputValues, ...] = ()
    assumed: NamedShapes = ()
    sequences: SequencePlan | None = None
    rotation: tuple[int, ...] = ()
    drawn: tuple[DrawnSizes, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """What each input is filled from over all feeds, in words."""
        return tuple(use.describe() for use in self.uses)


@dataclass(slots=True)
class _Input:
    """One input while feeds are made.

    Attributes:
        shapes: in rotation.
        made: tensors that every turn of the rotation uses again, one a shape.
        reader: reads further files; None where `made` is all.
        used_after: how many files were used after each tensor.
        bounds: the values that it takes; None = any.
    """

    port: PortInfo
    source: InputSource
    shapes: Sequence[Shape]
    made: list[ov.Tensor]
    reader: FileInput | None = None
    used_after: list[int] = field(default_factory=list)
    bounds: ValueBounds | None = None

    def read(self, reader: FileInput, shape: Shape) -> ov.Tensor:
        """Fill the next tensor from files."""
        tensor = reader.next_tensor(shape)
        self.used_after.append(min(reader.used, len(self.source.files)))
        return tensor


def make_feeds(
    info: ModelInfo,
    layouts: Sequence[InputLayout],
    config: BenchmarkConfig,
    bounds_for: BoundsFor,
    aliases: Sequence[frozenset[str]],
    *,
    allow_strings: bool,
    may_be_empty: Mapping[int, Collection[int]] | None = None,
) -> InputSchedule:
    """Make the feeds of a run.

    The shapes of an input rotate in the order they were given; an input with fewer of them
    than another repeats its own. Each turn of that rotation uses further files, until all are
    used, or `MAX_FEEDS` or a share of the memory is reached; a batch is filled from files that
    follow each other. A dynamic input without -data_shape takes its files' shapes.

    Args:
        info: the model as it is fed.
        bounds_for: bounds the random values; called only where an input has some.
        aliases: one an input, as in `LoadedModel`.
        allow_strings: as for `RandomInput`.
        may_be_empty: as for `resolve_rotation`.

    Raises:
        IsolationNeeded: random values could end this process, and `allow_strings` is False.
        DataShapeNeeded: a dynamic input has neither a shape nor files that tell one.
        BadInputError: a shape or a file does not fit.
    """
    sources = assign_sources(info.inputs, layouts, config.sources, aliases)
    inputs, drawn = _shaped(
        info, sources, config, aliases, may_be_empty or {}, allow_strings=allow_strings
    )
    period = max((len(one.shapes) for one in inputs), default=1)
    if period > MAX_FEEDS:
        raise BadInputError(
            f"-data_shape has {period} shapes for an input: give at most {MAX_FEEDS}."
        )
    sizes = [[checked_bytes(one.port, shape) for shape in one.shapes[:period]] for one in inputs]
    _check_rotation(sum(sum(each) for each in sizes))
    _bound(inputs, bounds_for)
    if not allow_strings:
        check_isolation([(one.port, one.bounds) for one in inputs])
    _fill_once(inputs, layouts, config.seed, allow_strings=allow_strings)
    tensors = _rotate(inputs, period, sizes)
    shapes = [
        tuple(one.shapes[place % len(one.shapes)] for one in inputs) for place in range(period)
    ]
    distinct = tuple(dict.fromkeys(shapes))
    batches = [effective_batch(info, each, layouts) for each in distinct]
    labels = [one.port.label for one in inputs]
    if len(distinct) > MAX_SHAPE_GROUPS:
        raise BadInputError(
            f"The inputs come in {len(distinct)} different shapes, and at most {MAX_SHAPE_GROUPS}"
            " can rotate: give fewer files or sizes, or one shape for all with -data_shape."
        )
    places = tuple(distinct.index(each) for each in shapes)
    return InputSchedule(
        tuple(Feed(feed, places[number % period]) for number, feed in enumerate(tensors)),
        tuple(
            ShapeGroup(tuple(zip(labels, each, strict=True)), batch)
            for each, (batch, _) in zip(distinct, batches, strict=True)
        ),
        next((rule for _, rule in batches if rule == BATCH_UNKNOWN), batches[0][1]),
        tuple(_use(one) for one in inputs),
        ignored_shapes(info, config.data_shape, aliases),
        values=tuple(
            values for one in inputs if (values := drawn_values(one.port, one.bounds)) is not None
        ),
        rotation=places if 1 < len(distinct) < period else (),
        drawn=drawn,
    )


def _shaped(
    info: ModelInfo,
    sources: Sequence[InputSource],
    config: BenchmarkConfig,
    aliases: Sequence[frozenset[str]],
    may_be_empty: Mapping[int, Collection[int]],
    *,
    allow_strings: bool,
) -> tuple[list[_Input], tuple[DrawnSizes, ...]]:
    """The inputs with their shapes, and the tensors of those whose files tell the shapes."""
    telling = {
        port.index
        for port, source in zip(info.inputs, sources, strict=True)
        if port.is_dynamic and source.kind in _SHAPE_TELLING
    }
    given = resolve_rotation(info, config.data_shape, aliases, telling, may_be_empty, config.seed)
    inputs = []
    for port, source, shapes in zip(info.inputs, sources, given.shapes, strict=True):
        one = _Input(port, source, shapes, [])
        if source.kind in _FROM_FILES:
            one.reader = FileInput(port, source, allow_strings=allow_strings)
            if not shapes:
                _take_shapes_of_files(one, one.reader)
        inputs.append(one)
    return inputs, given.drawn


def _take_shapes_of_files(one: _Input, reader: FileInput) -> None:
    shapes: list[Shape] = []
    left_bytes = _feed_bytes()
    while not reader.is_used_up and len(shapes) < MAX_FEEDS:
        shape = reader.shape_of(reader.used)
        left_bytes -= checked_bytes(one.port, shape)
        if left_bytes < 0 and shapes:
            break
        shapes.append(shape)
        one.made.append(one.read(reader, shape))
    one.shapes = shapes


def _bound(inputs: Sequence[_Input], bounds_for: BoundsFor) -> None:
    """Bound the inputs that get random values, so that every shape of the rotation is valid."""
    if not any(one.source.kind is SourceKind.RANDOM for one in inputs):
        return
    smallest = [tuple(map(min, zip(*one.shapes, strict=True))) for one in inputs]
    for one, bounds in zip(inputs, bounds_for(smallest), strict=True):
        one.bounds = bounds if one.source.kind is SourceKind.RANDOM else None


def _fill_once(
    inputs: Sequence[_Input],
    layouts: Sequence[InputLayout],
    seed: int,
    *,
    allow_strings: bool,
) -> None:
    """Make the tensors that need no file."""
    for one in inputs:
        if one.source.kind is SourceKind.RANDOM:
            draw = RandomInput(one.port, seed, one.bounds, allow_strings=allow_strings).draw
            one.made = [draw(shape) for shape in one.shapes]
        elif one.source.kind is SourceKind.IMAGE_INFO:
            one.made = _image_infos(one, inputs, layouts)


def _rotate(
    inputs: Sequence[_Input], period: int, sizes: Sequence[Sequence[int]]
) -> list[tuple[ov.Tensor, ...]]:
    """Whole turns of the rotation, until the files are used or memory is."""
    readers = [one.reader for one in inputs if one.reader and not one.made]
    turn_bytes = sum(
        sum(each[place % len(each)] for place in range(period))
        for one, each in zip(inputs, sizes, strict=True)
        if not one.made
    )
    turns = max(1, min(MAX_FEEDS // period, _feed_bytes() // max(1, turn_bytes)))
    feeds: list[tuple[ov.Tensor, ...]] = []
    for _ in range(turns):
        feeds += [tuple(_tensor(one, place) for one in inputs) for place in range(period)]
        if all(reader.is_used_up for reader in readers):
            break
    return feeds


def _tensor(one: _Input, place: int) -> ov.Tensor:
    if one.reader and not one.made:
        return one.read(one.reader, one.shapes[place % len(one.shapes)])
    return one.made[place % len(one.made)]


def _image_infos(
    one: _Input, inputs: Sequence[_Input], layouts: Sequence[InputLayout]
) -> list[ov.Tensor]:
    """Width, height and ones for every image of a batch, as the C++ benchmark_app fills them."""
    images = [other for other in inputs if is_image(other.port, layouts[other.port.index])]
    label = one.port.label
    if len(images) != 1:
        raise BadInputError(
            f"-i {label}:image_info takes the size of the only image, and the model has"
            f" {len(images)} image inputs: say which with -layout, or give another source."
        )
    (image,) = images
    letters = image.port.layout
    made = []
    # The sizes follow the rotation of the image.
    count = max(len(one.shapes), len(image.shapes))
    for place in range(count):
        shape, size = (each.shapes[place % len(each.shapes)] for each in (one, image))
        if len(shape) != 2 or shape[1] < 2 or one.port.element_type in ("string", "bf16"):
            raise BadInputError(
                f"-i {label}:image_info needs an input of numbers [N,C] with at least 2 values:"
                " give another source."
            )
        tensor = ov.Tensor(getattr(ov.Type, one.port.element_type), ov.Shape(shape))
        tensor.data[...] = 1
        for column, letter in enumerate("WH"):
            index = dimension_of(letters, letter, len(size))
            tensor.data[:, column] = np.float64(size[index] if index is not None else 1)
        made.append(tensor)
    return made


def _check_rotation(size: int) -> None:
    if size > MAX_INPUT_BYTES:
        raise BadInputError(
            f"The inputs of all data shapes would take {size / 2**30:.1f} GiB: give fewer or"
            f" smaller shapes, or a smaller range (at most {MAX_INPUT_BYTES >> 30} GiB)."
        )


def _feed_bytes() -> int:
    return min(MAX_FEED_BYTES, available_bytes() // _MEMORY_SHARE)


def _use(one: _Input) -> SourceUse:
    """What an input is filled from: images, ``resized``, ``as BGR, like OpenCV's``."""
    details = []
    if one.source.kind is SourceKind.IMAGES:
        details.append("of their own size" if one.made else "resized")
        channels = dimension_of(one.port.layout, "C", len(one.shapes[0]))
        is_colour = channels is not None and one.shapes[0][channels] > 1
        details.append("as BGR, like OpenCV's" if is_colour else "as grey")
    if one.bounds is not None:
        details.append(one.bounds.describe())
    is_chosen = one.bounds is not None and not one.bounds.is_random
    return SourceUse(
        "chosen values" if is_chosen else one.source.kind.value,
        (*details, *filter(None, (one.source.note,))),
        len(one.source.files),
        tuple(one.used_after),
    )
