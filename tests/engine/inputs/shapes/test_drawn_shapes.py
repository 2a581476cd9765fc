"""Data shapes with ranges and files: what is drawn for a model's inputs, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovbench_tui.config.shapes import parse_data_shape
from ovbench_tui.engine.inputs.shapes.data_shape import Rotation, resolve_rotation
from ovbench_tui.engine.inputs.shapes.drawn_shapes import DRAWS
from ovbench_tui.errors import BadInputError
from tests.engine.inputs.shapes.test_data_shape import model

BERT = model(("?", "?"), ("?", "?"), ("?", "1..128"))


def rotation(text: str, seed: int = 0) -> Rotation:
    return resolve_rotation(BERT, parse_data_shape(text), seed=seed)


def test_the_same_words_give_the_same_size_in_every_input() -> None:
    found = rotation("a[1,1..512],b[1,1..512],c[1,1..128]")
    a, b, c = found.shapes
    assert a == b
    assert len(a) == len(c) == DRAWS
    assert [size for _, size in a] != [size for _, size in c]
    assert {batch for batch, _ in a} == {1}
    assert [one.words for one in found.drawn] == ["1..512", "1..128"]
    assert found.drawn[0].sizes == tuple(size for _, size in a)
    assert found.drawn[0].text.startswith("64 sizes of 1..512 drawn, ")


def test_one_shape_without_a_name_is_for_all() -> None:
    a, b, c = rotation("[1,1..100]").shapes
    assert a == b == c


def test_the_seed_decides() -> None:
    assert rotation("[1,1..99]", 1) == rotation("[1,1..99]", 1) != rotation("[1,1..99]", 2)


def test_drawn_and_whole_shapes_take_turns() -> None:
    a, b, _ = rotation("a[1,1..9][2,7][3,1..9:zipf],b[1,2],c[1,3]").shapes
    assert b == ((1, 2),)
    assert len(a) == 66, "whole turns"
    assert [batch for batch, _ in a] == [1, 2, 3] * 22
    assert {size for batch, size in a if batch == 2} == {7}


def test_two_dimensions_are_independent() -> None:
    sizes = rotation("[1..64,1..100]").shapes[0]
    assert sorted(batch for batch, _ in sizes) == list(range(1, 65))
    ranks = sorted(sizes)
    assert [size for _, size in ranks] != sorted(size for _, size in ranks)


def test_a_file_gives_its_sizes_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "sizes.txt").write_text("12 7, 7\n\n128\n")
    found = rotation(f"a[1,@{tmp_path}/sizes.txt],b[2,9],c[1,@{tmp_path}/sizes.txt]")
    a, b, c = found.shapes
    assert a == c == ((1, 12), (1, 7), (1, 7), (1, 128))
    assert b == ((2, 9),)
    assert found.drawn[0].text == f"4 sizes of @{tmp_path}/sizes.txt, 7 to 128"


def test_a_range_is_drawn_as_often_as_a_longer_file_has_sizes(tmp_path: Path) -> None:
    (tmp_path / "sizes.txt").write_text("\n".join(map(str, range(1, 101))))
    a, b, _ = rotation(f"a[1,@{tmp_path}/sizes.txt],b[1,1..500],c[1,1]").shapes
    assert [size for _, size in a] == list(range(1, 101))
    assert len(b) == 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a[1,2],b[1,2],c[1,1..129]", "dimension 2 of input 'c' takes 1..128 in the model, so it"),
        ("[1,2,1..4]", "takes [?,?], not [1,2,"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(text: str, words: str) -> None:
    with pytest.raises(BadInputError) as error:
        rotation(text)
    assert words in str(error.value)


def test_a_static_dimension_takes_no_range(tmp_path: Path) -> None:
    (tmp_path / "n").write_text("3")
    info = model(("?", "3"))
    for word in ("1..3", f"@{tmp_path}/n"):
        with pytest.raises(BadInputError, match="dimension 2 of input 'a' is 3 in the model"):
            resolve_rotation(info, parse_data_shape(f"[1,{word}]"))
    assert resolve_rotation(info, parse_data_shape("[1,3..3]")).shapes[0][0] == (1, 3)


def test_a_static_input_keeps_its_own_shape() -> None:
    assert resolve_rotation(model(("1", "3")), parse_data_shape("[1,1..9]")) == Rotation(
        (((1, 3),),)
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file has no sizes"),
        (b" \n\n", "the file has no sizes"),
        (b"1\n2\nlong\n", "line 3: 'long' is not a valid size"),
        (b"1\n0\n", "line 2: size 0 cannot be run"),
        (b"\xff\xfe\x00", "the file is no text"),
        (b"7 " * 600_000, "the file is too long"),
        (b"7 129", "input 'c' takes [?,1..128], not [1,129]"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "sizes.txt").write_bytes(content)
    with pytest.raises(BadInputError) as error:
        rotation(f"a[1,2],b[1,2],c[1,@{tmp_path}/sizes.txt]")
    assert words in str(error.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for name in ("none", "."):
        with pytest.raises(BadInputError, match="the file cannot be read"):
            rotation(f"[1,@{tmp_path}/{name}]")
