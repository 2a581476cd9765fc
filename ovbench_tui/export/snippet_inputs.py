"""The part of a Python program that makes the inputs: from the same files, by the same rule."""

from __future__ import annotations

import os
import pprint
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ovbench_tui.config.shapes import Shape
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.layouts import InputLayout, dimension_of
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.api.port_names import by_known_names, match_port
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.inputs.input_sources import InputSource, SourceKind, assign_sources
from ovbench_tui.engine.inputs.shapes.data_shape import resolve_rotation
from ovbench_tui.errors import BadInputError
from ovbench_tui.export.snippet_random import drawers, drawing

_WIDTH = 96
_MOST_FEEDS = 1024
"""As many as the program that made the snippet reads."""

_ALL_RANDOM = """
rng = np.random.default_rng({seed})
makers = [
{makers}
]
# One list of shapes for each set of inputs; they are used in rotation.
shape_groups = {groups}
feeds = [
    [make(shape) for make, shape in zip(makers, shapes)]
    for shapes in shape_groups
]
batches = {batches}
"""

_FILES = '''
class Files:
    """The files of one input, one after the other and round again."""

    def __init__(self, folder, names):
        self.paths = [os.path.join(folder, name) for name in names]
        self.used = 0

    def is_used_up(self):
        return self.used >= len(self.paths)

    def this(self):
        return self.paths[self.used % len(self.paths)]

    def next(self):
        path = self.this()
        self.used += 1
        return path


def fill(values, frame_axis, read):
    """Fill all of it from one file, or frame by frame where a file holds one frame."""
    first = read()
    if first.size == values.size:
        values[...] = first.reshape(values.shape)
        return
    for number in range(values.shape[frame_axis]):
        frame = values[(slice(None),) * frame_axis + (number,)]
        frame[...] = (first if number == 0 else read()).reshape(frame.shape)

'''

_ARRAYS = '''
def array_tensor(files, kind, shape, frame_axis):
    """From .npy files."""
    if kind == "string":
        return ov.Tensor(np.load(files.next()))
    tensor = ov.Tensor(getattr(ov.Type, kind), ov.Shape(shape))

    def bits(array):
        return array.view(np.uint16) if kind == "bf16" else array  # NumPy has no bf16 of its own

    fill(bits(tensor.data), frame_axis, lambda: bits(np.load(files.next())))
    return tensor

'''

_ARRAY_SHAPE = '''
def array_shape(files, rank):
    """The next file's own shape; a lone frame may lack the dimension of its batch."""
    shape = np.load(files.this()).shape
    return (1, *shape) if len(shape) + 1 == rank else shape

'''

_BINARIES = '''
def binary_tensor(files, kind, shape, frame_axis):
    """From .bin files of the whole input, or of frames that lie one after another."""
    tensor = ov.Tensor(getattr(ov.Type, kind), ov.Shape(shape))
    values = tensor.data.reshape(-1).view(np.uint8)
    frames = shape[0] if frame_axis == 0 and values.size % shape[0] == 0 else 1
    fill(values.reshape(frames, -1), 0, lambda: np.fromfile(files.next(), np.uint8))
    return tensor

'''

_IMAGES = '''
def image_tensor(files, kind, shape, letters):
    """From images, resized, with blue before green before red as OpenCV gives them."""
    tensor = ov.Tensor(getattr(ov.Type, kind), ov.Shape(shape))
    size = dict(zip(letters, shape))
    channels = size.get("C", 1)

    def read():
        with Image.open(files.next()) as image:
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith("I;16"):
                image = Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
            image = image.convert({1: "L", 3: "RGB", 4: "RGBA"}[channels])
            if image.size != (size["W"], size["H"]):
                image = image.resize((size["W"], size["H"]), Image.Resampling.BILINEAR)
            pixels = np.asarray(image).reshape(size["H"], size["W"], -1)
        pixels = pixels if channels == 1 else pixels[:, :, [2, 1, 0, 3][:channels]]
        pixels = pixels if "C" in letters else pixels[:, :, 0]
        pixels = pixels.transpose(["HWC".index(letter) for letter in letters if letter != "N"])
        if kind == "bf16":  # which holds 0 to 255 exactly
            return (pixels.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
        return pixels

    values = tensor.data.view(np.uint16) if kind == "bf16" else tensor.data
    fill(values, letters.find("N"), read)
    return tensor

'''

_IMAGE_SHAPE = '''
def image_shape(files, pattern):
    """The next image's own size where the pattern says so."""
    with Image.open(files.this()) as image:
        width, height = ImageOps.exif_transpose(image).size
    return [{"H": height, "W": width}.get(size, size) for size in pattern]

'''

_FEEDS = """
batch_of = {batch_of}
batches = [
    batch_of.get(tuple(tuple(tensor.shape) for tensor in feed), 1) for feed in feeds
]
"""

_READERS = {
    SourceKind.ARRAYS: ("array_tensor", _ARRAYS, _ARRAY_SHAPE),
    SourceKind.BINARIES: ("binary_tensor", _BINARIES, ""),
    SourceKind.IMAGES: ("image_tensor", _IMAGES, _IMAGE_SHAPE),
}
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class InputPart:
    """What makes `feeds` and `batches`.

    Attributes:
        imports: lines it needs at the head of the program.
        remark: where its inputs are not those of the run, in a sentence; '' = they are, or were
            random in the run, too.
    """

    text: str
    imports: tuple[str, ...] = ()
    remark: str = ""


def input_part(run: RunView) -> InputPart:
    """Write the part for `run`; its folders are looked into now."""
    config, inputs = by_known_names(run.explicit_config, run.model), run.model.inputs
    if not config.sources:
        return _all_random(run)
    layouts = [InputLayout(port.layout) for port in inputs]
    try:
        sources = assign_sources(inputs, layouts, _by_place(config.sources, inputs), ())
        has_own_shapes = {
            port.index
            for port, source in zip(inputs, sources, strict=True)
            if port.is_dynamic and source.kind in (SourceKind.IMAGES, SourceKind.ARRAYS)
        }
        shapes = resolve_rotation(
            run.model,
            _by_place(config.data_shape, inputs),
            (),
            has_own_shapes,
            seed=config.seed,
        ).shapes
    except BadInputError as error:
        remark = f"The inputs came from files; these are random, because {error}"
        return _all_random(run, remark)
    if not any(source.files for source in sources):
        return _all_random(run, _sizes_remark(inputs, sources))
    return _from_files(run, sources, shapes)


def _all_random(run: RunView, remark: str = "") -> InputPart:
    groups = run.effective.rotating_groups
    text = _ALL_RANDOM.format(
        seed=run.config.seed,
        makers="\n".join(
            f"    lambda shape: {drawing(port, run.effective)},  # {port.label!r}"
            for port in run.model.inputs
        ),
        groups=_literal([[shape for _, shape in group.shapes] for group in groups]),
        batches=[group.batch for group in groups],
    )
    return InputPart(
        _comment(remark) + drawers(run.effective, run.model.inputs) + text, remark=remark
    )


def _from_files(
    run: RunView, sources: Sequence[InputSource], shapes: Sequence[Sequence[Shape]]
) -> InputPart:
    inputs, effective = run.model.inputs, run.effective
    remark = _sizes_remark(inputs, sources)
    kinds = dict.fromkeys(source.kind for source in sources if source.files)
    own = {index for index, each in enumerate(shapes) if not each}
    parts = [_comment(remark), _FILES]
    drawn = [port for port, source in zip(inputs, sources, strict=True) if not source.files]
    parts.append(drawers(effective, drawn))
    parts += [_READERS[kind][1] for kind in kinds]
    parts += [
        _READERS[kind][2] for kind in kinds if any(sources[index].kind is kind for index in own)
    ]
    if drawn:
        parts.append(f"\nrng = np.random.default_rng({run.config.seed})")
    turn = max(map(len, shapes))
    lines = [""]
    for port, source, each in zip(inputs, sources, shapes, strict=True):
        needed = _files_needed(port, each, turn, effective)
        lines += _input_lines(port, source, each, needed, effective)
    lines += _feed_lines(inputs, sources, shapes, effective)
    groups = {
        tuple(shape for _, shape in group.shapes): group.batch for group in effective.shape_groups
    }
    parts += ["\n".join(lines), _FEEDS.format(batch_of=_literal(groups))]
    imports = ["import os", *(["from PIL import Image, ImageOps"] if _IMAGES in parts else [])]
    return InputPart("".join(parts), tuple(imports), remark)


def _input_lines(
    port: PortInfo,
    source: InputSource,
    shapes: Sequence[Shape],
    needed: int | None,
    effective: EffectiveConfig,
) -> list[str]:
    place = port.index
    if not source.files:
        made = drawing(port, effective)
        return [f"made_{place} = [{made} for shape in {_literal([*shapes])}]"]
    lines = [f"# Input {port.label!r}."]
    files = source.files[:needed]
    if len(files) < len(source.files):
        lines[0] += f" More of the {len(source.files)} files the infer requests do not use."
    lines.append(f"files_{place} = {_files(files)}")
    if shapes:
        return [*lines, f"shapes_{place} = {_literal([*shapes])}"]
    read = _reading(port, source, _own_shape(port, source))
    return [
        *lines,
        f"made_{place} = []",
        f"while not files_{place}.is_used_up() and len(made_{place}) < {_MOST_FEEDS}:",
        f"    made_{place}.append({read})",
    ]


def _feed_lines(
    inputs: Sequence[PortInfo],
    sources: Sequence[InputSource],
    shapes: Sequence[Sequence[Shape]],
    effective: EffectiveConfig,
) -> list[str]:
    """Whole turns of the shapes, until every file is used or there are enough."""
    tensors, lengths, used_up = [], [], []
    for port, source, each in zip(inputs, sources, shapes, strict=True):
        place = port.index
        if source.files and each:
            shape = f"shapes_{place}[place % len(shapes_{place})]"
            tensors.append(_reading(port, source, shape))
            lengths.append(f"len(shapes_{place})")
            used_up.append(f"files_{place}.is_used_up()")
        else:
            tensors.append(f"made_{place}[place % len(made_{place})]")
            lengths.append(f"len(made_{place})")
    go_on = "not feeds"
    if used_up:
        enough = f"len(feeds) < {effective.nireq}"
        if not effective.inference_only:
            enough = f"len(feeds) + turn <= {_MOST_FEEDS}"
        go_on += f" or ({enough} and not ({' and '.join(used_up)}))"
    return [
        f"turn = max({', '.join(lengths)})" if len(lengths) > 1 else f"turn = {lengths[0]}",
        "feeds = []",
        f"while {go_on}:",
        "    feeds += [",
        "        [",
        *(f"            {tensor}," for tensor in tensors),
        "        ]",
        "        for place in range(turn)",
        "    ]",
    ]


def _reading(port: PortInfo, source: InputSource, shape: str) -> str:
    axis: object = dimension_of(port.layout, "N", len(port.shape))
    if source.kind is SourceKind.IMAGES:
        axis = port.layout
    reader = _READERS[source.kind][0]
    return f"{reader}(files_{port.index}, {port.element_type!r}, {shape}, {axis!r})"


def _own_shape(port: PortInfo, source: InputSource) -> str:
    if source.kind is SourceKind.ARRAYS:
        return f"array_shape(files_{port.index}, {len(port.shape)})"
    unknown: dict[str, object] = {"N": 1, "C": 3}
    pattern = [
        int(size) if size.isdigit() else unknown.get(letter, letter)
        for letter, size in zip(port.layout, port.shape, strict=True)
    ]
    return f"image_shape(files_{port.index}, {pattern!r})"


def _files_needed(
    port: PortInfo, shapes: Sequence[Shape], turn: int, effective: EffectiveConfig
) -> int | None:
    """How many files the infer requests can use at most; None = all."""
    if not effective.inference_only or not shapes:
        return None
    axis = dimension_of(port.layout, "N", len(shapes[0]))
    frames = [shapes[place % len(shapes)][axis] if axis is not None else 1 for place in range(turn)]
    return -(-effective.nireq // turn) * sum(frames)


def _files(files: Sequence[Path]) -> str:
    folder = os.path.commonpath([str(file.parent) for file in files])
    if any(str(file.parent) != folder for file in files):
        return f"Files('', {_literal([str(file) for file in files])})"
    return f"Files({folder!r}, {_literal([file.name for file in files])})"


def _by_place(
    named: Sequence[tuple[str, _Value]], inputs: Sequence[PortInfo]
) -> tuple[tuple[str, _Value], ...]:
    """Not all names of an input are known here: where one is left, it is that of the name left."""
    found = {name: match_port(inputs, name) for name, _ in named if name}
    unknown = [name for name, port in found.items() if port is None]
    free = [port for port in inputs if port not in found.values()]
    if len(unknown) != 1 or len(free) != 1:
        return tuple(named)
    return tuple((f"#{free[0].index}" if name in unknown else name, value) for name, value in named)


def _sizes_remark(inputs: Sequence[PortInfo], sources: Sequence[InputSource]) -> str:
    labels = [
        port.label
        for port, source in zip(inputs, sources, strict=True)
        if source.kind is SourceKind.IMAGE_INFO
    ]
    if not labels:
        return ""
    return f"The sizes of images, as in {', '.join(labels)}, are random values here."


def _comment(remark: str) -> str:
    return "".join(f"\n# {line}" for line in remark.splitlines())


def _literal(value: object) -> str:
    return pprint.pformat(value, width=_WIDTH, compact=True, sort_dicts=False)
