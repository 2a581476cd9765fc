"""Inputs from files: images, arrays, raw bytes; which input gets which, and what is refused."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from PIL import Image

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.option_values import NamedSources
from ovbench_tui.config.shapes import NamedShapes
from ovbench_tui.engine.api.layouts import BY_USER, InputLayout
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.inputs import feeds as feeds_module
from ovbench_tui.engine.inputs.feeds import InputSchedule, make_feeds
from ovbench_tui.engine.inputs.files import image_file
from ovbench_tui.engine.inputs.input_sources import InputSource, SourceKind, assign_sources
from ovbench_tui.engine.inputs.shapes.data_shape import DataShapeNeeded
from ovbench_tui.errors import BadInputError

NO_ALIASES: tuple[frozenset[str], ...] = ()


def port(
    shape: str, layout: str = "", kind: str = "u8", name: str = "x", index: int = 0
) -> PortInfo:
    return PortInfo(index, name, tuple(shape.split()), kind, layout)


def feed(
    inputs: PortInfo | Sequence[PortInfo],
    sources: NamedSources | Path | Sequence[Path],
    data_shape: NamedShapes = (),
    *,
    allow_strings: bool = False,
) -> InputSchedule:
    if isinstance(inputs, PortInfo):
        inputs = [inputs]
    if isinstance(sources, Path):
        sources = [sources]
    if sources and isinstance(sources[0], Path):
        sources = (("", tuple(map(str, sources))),)
    info = ModelInfo("m", "m", "IR", tuple(inputs), ())
    return make_feeds(
        info,
        [InputLayout(one.layout, BY_USER if one.layout else "") for one in inputs],
        BenchmarkConfig(sources=sources, data_shape=data_shape),  # type: ignore[arg-type]
        lambda shapes: [None] * len(shapes),
        NO_ALIASES,
        allow_strings=allow_strings,
    )


def data(plan: InputSchedule, number: int = 0, index: int = 0) -> np.ndarray:
    return plan.feeds[number].tensors[index].data


def refusal(*arguments: object, **named: object) -> str:
    with pytest.raises(BadInputError) as error:
        feed(*arguments, **named)  # type: ignore[arg-type]
    text = str(error.value)
    assert not isinstance(error.value, DataShapeNeeded)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def paint(path: Path, colour: object, size: tuple[int, int] = (6, 4), mode: str = "RGB") -> Path:
    Image.new(mode, size, colour).save(path)  # type: ignore[arg-type]
    return path


def save(path: Path, array: np.ndarray) -> Path:
    np.save(path, array)
    return path


RED = (200, 100, 50)
BGR = [50, 100, 200]


# -- images -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["png", "bmp", "ppm", "tif", "webp", "gif"])
def test_an_image_comes_as_opencv_gives_it(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    Image.new("RGB", (6, 4), RED).save(path, lossless=True)
    plan = feed(port("1 3 4 6", "NCHW"), path)
    assert data(plan)[0, :, 1, 1].tolist() == BGR
    assert plan.rules == ("1 image, resized, as BGR, like OpenCV's",)


def test_rows_and_columns_keep_their_places(tmp_path: Path) -> None:
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    bgr = pixels[:, :, ::-1]
    assert np.array_equal(data(feed(port("1 3 4 6", "NCHW"), path))[0], bgr.transpose(2, 0, 1))
    assert np.array_equal(data(feed(port("1 4 6 3", "NHWC"), path))[0], bgr)
    assert np.array_equal(data(feed(port("3 4 6", "CHW"), path)), bgr.transpose(2, 0, 1))
    assert np.array_equal(data(feed(port("4 6 3 1", "HWCN"), path))[..., 0], bgr)
    values = data(feed(port("1 3 4 6", "NCHW", "f32"), path))
    assert values.dtype == np.float32
    assert np.array_equal(values[0], bgr.transpose(2, 0, 1))


def test_images_are_resized_to_the_layout(tmp_path: Path) -> None:
    plan = feed(port("1 3 10 20", "NCHW"), paint(tmp_path / "a.png", RED))
    assert data(plan).shape == (1, 3, 10, 20)
    assert data(plan)[0, :, 9, 19].tolist() == BGR


@pytest.mark.parametrize(
    ("shape", "layout", "expected"),
    [
        ("1 1 4 6", "NCHW", [124]),
        ("1 4 6", "NHW", None),
        ("1 4 4 6", "NCHW", [50, 100, 200, 255]),
    ],
)
def test_grey_and_alpha(
    tmp_path: Path, shape: str, layout: str, expected: list[int] | None
) -> None:
    plan = feed(port(shape, layout), paint(tmp_path / "a.png", RED))
    if expected is None:
        assert data(plan)[0, 1, 1] == 124  # 0.299 R + 0.587 G + 0.114 B
    else:
        assert data(plan)[0, :, 1, 1].tolist() == expected


def test_bf16_pixels_are_exact(core: ov.Core, tmp_path: Path) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    plan = feed(port("1 1 16 16", "NCHW", "bf16"), tmp_path / "a.png")
    parameter = ov.opset13.parameter([1, 1, 16, 16], ov.Type.bf16)
    model = ov.Model([ov.opset13.convert(parameter, "f32")], [parameter], "m")
    values = core.compile_model(model, "CPU")([plan.feeds[0].tensors[0]])[0]
    assert np.array_equal(values[0, 0], pixels)


def test_sixteen_bits_lose_the_lower_eight(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 6), 0x1234, np.uint16)).save(tmp_path / "a.png")
    assert data(feed(port("1 1 4 6", "NCHW"), tmp_path / "a.png"))[0, 0, 0, 0] == 0x12


def test_a_turned_photograph_is_set_upright(tmp_path: Path) -> None:
    pixels = np.zeros((2, 4, 3), np.uint8)
    pixels[0, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    plan = feed(port("? 3 ? ?", "NCHW"), tmp_path / "a.png")
    assert data(plan).shape == (1, 3, 4, 2)
    assert data(plan)[0, :, 0, 1].tolist() == [255] * 3


def test_a_folder_in_the_order_of_its_names(tmp_path: Path) -> None:
    for number in (3, 1, 2):
        paint(tmp_path / f"{number}.png", (number,) * 3)
    (tmp_path / "notes.txt").write_text("no input")
    (tmp_path / "folder.png").mkdir()
    plan = feed(port("1 3 4 6", "NCHW"), tmp_path)
    assert [int(data(plan, number)[0, 0, 0, 0]) for number in range(3)] == [1, 2, 3]
    assert plan.rules == ("3 images, resized, as BGR, like OpenCV's, 1 other file left out",)
    assert len({feed_.shape_group for feed_ in plan.feeds}) == 1


def test_a_batch_is_filled_from_files_that_follow_each_other(tmp_path: Path) -> None:
    files = [paint(tmp_path / f"{number}.png", (number,) * 3) for number in range(5)]
    plan = feed(port("2 3 4 6", "NCHW"), files)
    assert [data(plan, number)[:, 0, 0, 0].tolist() for number in range(len(plan.feeds))] == [
        [0, 1],
        [2, 3],
        [4, 0],
    ]
    assert plan.groups[0].batch == 2


def test_a_dynamic_model_takes_the_images_shapes(tmp_path: Path) -> None:
    files = [
        paint(tmp_path / "a.png", RED, (6, 4)),
        paint(tmp_path / "b.png", RED, (8, 5)),
        paint(tmp_path / "c.png", RED, (6, 4)),
    ]
    plan = feed(port("? 3 ? ?", "NCHW"), files)
    assert [data(plan, number).shape for number in range(3)] == [
        (1, 3, 4, 6),
        (1, 3, 5, 8),
        (1, 3, 4, 6),
    ]
    assert [group.shapes for group in plan.groups] == [
        (("x", (1, 3, 4, 6)),),
        (("x", (1, 3, 5, 8)),),
    ]
    assert [feed_.shape_group for feed_ in plan.feeds] == [0, 1, 0]
    assert "of their own size" in plan.rules[0]
    half = feed(port("1 3 9 ?", "NCHW"), files)  # what is fixed is resized to
    assert data(half).shape == (1, 3, 9, 6)


def test_a_fixed_batch_takes_its_size_from_its_first_image(tmp_path: Path) -> None:
    sizes = [(6, 4), (9, 9), (8, 5), (9, 9)]
    files = [paint(tmp_path / f"{n}.png", RED, size) for n, size in enumerate(sizes)]
    plan = feed(port("2 3 ? ?", "NCHW"), files)
    assert [data(plan, number).shape for number in range(len(plan.feeds))] == [
        (2, 3, 4, 6),
        (2, 3, 5, 8),
    ]
    assert [group.batch for group in plan.groups] == [2, 2]


def test_an_array_of_nothing_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npy", np.zeros((0, 5), np.uint8))
    for shape in ("? 5", "..."):
        assert "[0,5] leaves nothing to infer" in refusal(port(shape), path)


def test_a_data_shape_wins_over_the_images_own(tmp_path: Path) -> None:
    path = paint(tmp_path / "a.png", RED)
    plan = feed(port("? 3 ? ?", "NCHW"), path, (("x", (2, 3, 8, 8)), ("x", (1, 3, 9, 9))))
    assert [data(plan, number).shape for number in range(2)] == [(2, 3, 8, 8), (1, 3, 9, 9)]
    assert [group.batch for group in plan.groups] == [2, 1]


def test_an_image_outside_the_bounds_is_named(tmp_path: Path) -> None:
    text = refusal(port("1 3 ..3 ..9", "NCHW"), paint(tmp_path / "a.png", RED))
    assert "a.png'" in text
    assert "its shape [1,3,4,6] does not fit [1,3,..3,..9]" in text


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (port("1 10"), "not known to be an image (no layout): give its -layout"),
        (port("1 10", "NC"), "not known to be an image (NC)"),
        (port("1 5 4 6", "NCHW"), "has 5 channels"),
        (port("1 3 4 6", "NCHW", "u4"), "u4, which images and arrays cannot give"),
        (port("1 3 4 6 7", "NCDHW"), "not known to be an image (NCDHW)"),
    ],
)
def test_an_input_that_is_no_image(tmp_path: Path, one: PortInfo, words: str) -> None:
    assert words in refusal(one, paint(tmp_path / "a.png", RED))


def png_head(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9))


@pytest.mark.parametrize("size", [(30_000, 30_000), (9000, 9000), (2**31 - 1, 2)])
def test_an_image_bomb_is_refused_by_its_head(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_head(*size))
    for shape in ("1 3 8 8", "? 3 ? ?"):
        assert "bomb.png'" in refusal(port(shape, "NCHW"), path)


def test_the_bound_of_pixels_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_file, "MAX_PIXELS", 1 << 20)
    path = tmp_path / "wide.png"
    path.write_bytes(png_head(2000, 1000))
    assert "2000x1000 is more than 1 megapixels" in refusal(port("1 3 8 8", "NCHW"), path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello, this is a letter",
        png_head(8, 8),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n",
        b"II*\0\x08\0\0\0\x01\0\0\x01\x03\0\x01\0\0\0\0\0\0\0",
    ],
)
def test_a_damaged_image_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    text = refusal(port("1 3 8 8", "NCHW"), path)
    assert text.startswith(f"Input 'x' cannot take '{path}': ")
    assert "0x" not in text


def test_a_truncated_jpeg_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.effect_noise((200, 200), 90).save(path)
    path.write_bytes(path.read_bytes()[:5000])
    assert "truncated" in refusal(port("1 3 8 8", "NCHW"), path)


# -- arrays -----------------------------------------------------------------------------------


def test_an_array_is_fed_as_it_is(tmp_path: Path) -> None:
    array = np.random.default_rng(1).random((2, 5)).astype(np.float32)
    for stored in (array, np.asfortranarray(array), array.astype(">f4")):
        plan = feed(port("2 5", "NC", "f32"), save(tmp_path / "a.npy", stored))
        assert np.array_equal(data(plan), array)
    assert plan.rules == ("1 array",)


def test_each_array_of_full_size_is_a_feed(tmp_path: Path) -> None:
    files = [save(tmp_path / f"{n}.npy", np.full((2, 5), n, np.uint8)) for n in range(3)]
    plan = feed(port("2 5", "NC"), files)
    assert [int(data(plan, number)[1, 1]) for number in range(len(plan.feeds))] == [0, 1, 2]


def test_arrays_of_one_frame_fill_a_batch(tmp_path: Path) -> None:
    files = [
        save(tmp_path / "0.npy", np.full((1, 5), 0, np.uint8)),
        save(tmp_path / "1.npy", np.full(5, 1, np.uint8)),
        save(tmp_path / "2.npy", np.full(5, 2, np.uint8)),
    ]
    plan = feed(port("2 5", "NC"), files)
    assert [data(plan, number)[:, 0].tolist() for number in range(len(plan.feeds))] == [
        [0, 1],
        [2, 0],
    ]


def test_a_whole_batch_among_single_frames_is_refused(tmp_path: Path) -> None:
    files = [save(tmp_path / f"{n}.npy", np.zeros((n, 5), np.uint8)) for n in (1, 2)]
    assert "its shape is [2,5]" in refusal(port("2 5", "NC"), files)


def test_a_dynamic_input_takes_the_arrays_shapes(tmp_path: Path) -> None:
    files = [
        save(tmp_path / "a.npy", np.zeros((1, 5), np.int64)),
        save(tmp_path / "b.npy", np.zeros(9, np.int64)),
    ]
    plan = feed(port("? ?", "", "i64"), files)
    assert [group.shapes[0][1] for group in plan.groups] == [(1, 5), (1, 9)]


def test_arrays_follow_a_rotation_of_shapes(tmp_path: Path) -> None:
    files = [save(tmp_path / f"{n}.npy", np.zeros((1, n), np.uint8)) for n in (4, 7)]
    plan = feed(port("1 ?"), files, (("x", (1, 4)), ("x", (1, 7))))
    assert [data(plan, number).shape for number in range(2)] == [(1, 4), (1, 7)]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((2, 6), np.uint8), "its shape is [2,6], the input takes [2,5] or [1,5] or [5]"),
        (np.zeros((2, 5), np.float32), "its type is float32, the input takes u8 (-ip changes"),
        (np.zeros((5,), np.int8), "its type is int8, the input takes u8"),
        (np.array([{}]), "Python objects"),
    ],
)
def test_an_array_that_does_not_fit(tmp_path: Path, array: np.ndarray, words: str) -> None:
    path = tmp_path / "a.npy"
    np.save(path, array, allow_pickle=True)
    text = refusal(port("2 5", "NC"), path)
    assert words in text
    assert "Input 'x'" in text
    assert str(path) in text


class Trap:
    """Would write a file if it were ever unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.path),)


def test_no_pickle_is_ever_run(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    array = np.empty(1, object)
    array[0] = Trap(trap)
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Trap(trap)))
    for name in ("a.npy", "b.npy"):
        refusal(port("1", "N"), tmp_path / name)
    assert not trap.exists()


def npy_head(shape: str, dtype: str = "|u1") -> bytes:
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "magic"),
        (b"PK\x03\x04" + b"\0" * 60, "magic"),
        (npy_head("(2, 5)") + b"\0" * 9, "truncated, 1 of 10 bytes are missing"),
        (npy_head("(9999999999999, 5)"), "truncated"),
        (npy_head("(-2, 5)") + b"\0" * 10, ""),
        (npy_head("(" * 3000), ""),
        (npy_head("(2, 5)", "O") + b"\0" * 80, "Python objects"),
        (b"\x93NUMPY\x09\x00" + b"\0" * 60, "version"),
    ],
)
def test_a_damaged_array_is_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    for shape in ("2 5", "? ?"):
        text = refusal(port(shape, "NC"), path)
        assert text.startswith(f"Input 'x' cannot take '{path}': ")
        assert words in text


def test_bf16_bits_and_nothing_else(tmp_path: Path) -> None:
    bits = np.arange(5, dtype=np.uint16).reshape(1, 5)
    plan = feed(port("1 5", "NC", "bf16"), save(tmp_path / "a.npy", bits))
    assert np.array_equal(data(plan).view(np.uint16), bits)
    other = save(tmp_path / "b.npy", bits.astype(np.float16))
    assert "the input takes bf16" in refusal(port("1 5", "NC", "bf16"), other)


def test_strings_only_where_a_crash_does_not_hurt(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npy", np.array(["one", "two"]))
    text = refusal(port("2", "", "string"), path)
    assert "--isolate" in text
    plan = feed(port("2", "", "string"), path, allow_strings=True)
    assert plan.feeds[0].tensors[0].str_data.tolist() == ["one", "two"]


# -- raw bytes --------------------------------------------------------------------------------


def test_raw_bytes_fill_the_tensor(tmp_path: Path) -> None:
    array = np.arange(10, dtype=np.float32).reshape(2, 5)
    path = tmp_path / "a.bin"
    path.write_bytes(array.tobytes())
    assert np.array_equal(data(feed(port("2 5", "NC", "f32"), path)), array)
    assert np.array_equal(data(feed(port("2 5", "", "f32"), path)), array)


def test_raw_frames_fill_a_batch(tmp_path: Path) -> None:
    files = []
    for number in range(3):
        files.append(tmp_path / f"{number}.bin")
        files[-1].write_bytes(bytes([number] * 5))
    plan = feed(port("2 5", "NC"), files)
    assert [data(plan, number)[:, 0].tolist() for number in range(2)] == [[0, 1], [2, 0]]


@pytest.mark.parametrize(("kind", "size"), [("u4", 5), ("bf16", 20), ("boolean", 10)])
def test_raw_bytes_of_every_width(tmp_path: Path, kind: str, size: int) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(size)))
    plan = feed(port("10", "", kind), path)
    assert plan.feeds[0].tensors[0].byte_size == size


@pytest.mark.parametrize("size", [0, 4, 6, 11])
def test_raw_bytes_of_another_size(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(size))
    text = refusal(port("2 5", "NC"), path)
    assert f"it has {size} bytes, and the input takes 10 or 5" in text


def test_raw_bytes_tell_no_shape(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(10))
    with pytest.raises(DataShapeNeeded):
        feed(port("? 5"), path)


# -- which input gets what --------------------------------------------------------------------


def sources(
    inputs: Sequence[PortInfo], given: NamedSources, aliases: tuple[frozenset[str], ...] = ()
) -> list[tuple[SourceKind, list[str]]]:
    layouts = [InputLayout(one.layout) for one in inputs]
    found: tuple[InputSource, ...] = assign_sources(inputs, layouts, given, aliases)
    return [(source.kind, [file.name for file in source.files]) for source in found]


def test_files_are_dealt_out_to_the_inputs_in_turn(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.bin").touch()
    two = [port("1 5"), port("1 5", name="y", index=1)]
    assert sources(two, (("", (str(tmp_path),)),)) == [
        (SourceKind.BINARIES, ["0.bin", "2.bin"]),
        (SourceKind.BINARIES, ["1.bin", "3.bin"]),
    ]
    only = (("", (str(tmp_path / "4.bin"),)),)
    assert sources(two, only)[1] == (SourceKind.RANDOM, [])
    named = (("alias", (str(tmp_path / "0.bin"),)), *only)
    aliases = (frozenset[str](), frozenset({"alias"}))
    assert sources(two, named, aliases) == [
        (SourceKind.BINARIES, ["4.bin"]),
        (SourceKind.BINARIES, ["0.bin"]),
    ]


def test_words_instead_of_files(tmp_path: Path) -> None:
    pair = [port("1 3 8 9", "NCHW"), port("2 3", "NC", "f32", "info", 1)]
    assert [kind for kind, _ in sources(pair, ())] == [SourceKind.RANDOM, SourceKind.IMAGE_INFO]
    given: NamedSources = (("x", ("random",)), ("info", ("random",)))
    assert [kind for kind, _ in sources(pair, given)] == [SourceKind.RANDOM] * 2
    plan = feed(pair, (("info", ("image_info",)),))
    # As the C++ benchmark_app: width, height, and ones.
    assert data(plan, index=1).tolist() == [[9, 8, 1]] * 2
    assert plan.rules == ("random values", "image sizes")
    (tmp_path / "random").mkdir()


def test_image_sizes_follow_the_images(tmp_path: Path) -> None:
    pair = [port("1 3 ? ?", "NCHW"), port("1 2", "NC", "i64", "info", 1)]
    files = [str(paint(tmp_path / f"{size[0]}.png", RED, size)) for size in ((6, 4), (8, 5))]
    plan = feed(pair, (("x", tuple(files)),))
    assert [data(plan, number, 1).tolist() for number in range(2)] == [[[6, 4]], [[8, 5]]]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((("z", ("random",)),), "-i: the model has no input 'z'; its inputs are x, y"),
        ((("", ("image_info",)),), "-i image_info: say for which input"),
        ((("y", ("image_info",)),), "the model has 0 image inputs"),
        ((("x", ("random", "a.bin")),), "gives input 'x' both 'random' and more"),
        ((("", ("nothing.bin",)),), "-i: 'nothing.bin' cannot be opened: No such file"),
        ((("", ("a.doc",)),), "'a.doc' has an ending that cannot be read"),
        ((("", ("empty",)),), "folder 'empty' holds no input"),
        ((("x", ("a.bin", "b.npy")),), "gives input 'x' arrays and binary files"),
        ((("x", ("a.bin",)), ("y", ("a.bin",)), ("", ("a.bin",))), "every input has a source"),
        ((("", ("a\0b",)),), "cannot be opened"),
    ],
)
def test_a_source_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: NamedSources, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.bin", "b.npy", "a.doc"):
        Path(name).touch()
    Path("empty").mkdir()
    assert words in refusal([port("1 5"), port("1 5", name="y", index=1)], given)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
@pytest.mark.parametrize("ending", ["png", "npy", "bin"])
def test_a_pipe_does_not_hang(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    os.mkfifo(path)
    assert "not a regular file" in refusal(port("1 3 4 6", "NCHW"), path)


def test_pillow_is_imported_only_for_images() -> None:
    code = "import sys, ovbench_tui.engine.models.preparation; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- bounds -----------------------------------------------------------------------------------


def test_files_beyond_the_memory_are_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [save(tmp_path / f"{n}.npy", np.full((1, 100), n, np.uint8)) for n in range(9)]
    monkeypatch.setattr(feeds_module, "MAX_FEED_BYTES", 350)
    for shape in ("1 100", "1 ?"):
        plan = feed(port(shape), files)
        assert len(plan.feeds) == 3
        assert plan.rules == ("the first 3 of 9 arrays",)
    monkeypatch.setattr(feeds_module, "MAX_FEED_BYTES", 1)
    assert len(feed(port("1 100"), files).feeds) == 1


def test_the_number_of_feeds_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [save(tmp_path / f"{n}.npy", np.zeros((1, 2), np.uint8)) for n in range(9)]
    monkeypatch.setattr(feeds_module, "MAX_FEEDS", 4)
    for shape in ("1 2", "1 ?"):
        assert len(feed(port(shape), files).feeds) == 4
    with pytest.raises(
        BadInputError, match="-data_shape has 5 shapes for an input: give at most 4"
    ):
        feed(port("1 ?"), (), tuple(("x", (1, size)) for size in range(1, 6)))


def test_inputs_that_rotate_are_bounded_together() -> None:
    shapes = tuple(("x", (1 << 30, count)) for count in (1, 2, 1))
    with pytest.raises(BadInputError, match=r"all data shapes would take 4\.0 GiB"):
        feed(port("? ?"), (), shapes)


def test_random_values_go_on_from_shape_to_shape() -> None:
    plan = feed(port("? 4", "", "f32"), (), (("x", (2, 4)), ("x", (3, 4))))
    random = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(0)))
    for number, shape in enumerate([(2, 4), (3, 4)]):
        assert np.array_equal(data(plan, number), random.uniform(0, 255, shape).astype(np.float32))


def test_an_input_with_fewer_shapes_repeats_its_own() -> None:
    pair = [port("? 1"), port("? 1", name="y", index=1)]
    given = (("x", (1, 1)), ("x", (2, 1)), ("y", (1, 1)), ("y", (2, 1)), ("y", (3, 1)))
    plan = feed(pair, (), given)
    assert [tuple(size for _, (size, _) in group.shapes) for group in plan.groups] == [
        (1, 1),
        (2, 2),
        (1, 3),
    ]
