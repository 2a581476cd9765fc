from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.config.shapes import format_data_shape, format_shape, parse_data_shape, parse_shape
from ovbench_tui.errors import BadInputError

_LETTERS = st.characters(exclude_characters="[],", exclude_categories=["Z", "C"])
_NAMES = st.text(_LETTERS, min_size=1, max_size=8)
_SHAPES = st.lists(st.integers(1, 2**31 - 1), max_size=6).map(tuple)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1,3,224,224]", (("", (1, 3, 224, 224)),)),
        ("ids[1,128],mask[1,64]", (("ids", (1, 128)), ("mask", (1, 64)))),
        (" ids [ 1 , 128 ] , mask[ 2 ] ", (("ids", (1, 128)), ("mask", (2,)))),
        ("[]", (("", ()),)),
        ("input:0[1,2]", (("input:0", (1, 2)),)),
        (
            "ids[1,8][1,16],mask[1,8][1,16]",
            (("ids", (1, 8)), ("ids", (1, 16)), ("mask", (1, 8)), ("mask", (1, 16))),
        ),
        ("[1][2] [3]", (("", (1,)), ("", (2,)), ("", (3,)))),
        ("[][]", (("", ()), ("", ()))),
        ("#1[4]", (("#1", (4,)),)),
    ],
)
def test_parses(text: str, expected: object) -> None:
    assert parse_data_shape(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1,3",
        "[1,3",
        "1,3]",
        "[1,3],",
        ",[1]",
        "[1]x[2]",
        "x]y[1]",
        "x[1][2",
        "[[1]]",
        "[1]x",
        "x[1]]",
        "[1,?]",
        "[1..]",
        "[..8]",
        "[8..1]",
        "[0..8]",
        "[1..8:normal]",
        "[1..8:]",
        "[@]",
        "[1,,2]",
        "[-1]",
        "[1.5]",
        "[1e3]",
        "[٣]",
        "[2147483648]",
        "[99999999999999999999]",
    ],
)
def test_refuses_with_the_option_and_the_text(text: str) -> None:
    with pytest.raises(BadInputError) as error:
        parse_data_shape(text, "--shape")
    assert "--shape" in str(error.value)
    assert repr(text) in str(error.value)


def test_refuses_a_name_given_twice() -> None:
    with pytest.raises(BadInputError, match="'a' twice"):
        parse_data_shape("a[1],b[2],a[1]")


def test_shapes_without_a_name_may_be_a_list_as_in_benchmark_app() -> None:
    assert parse_data_shape("[1,128],[1,64]") == (("", (1, 128)), ("", (1, 64)))
    assert parse_data_shape("[1],[2]") == parse_data_shape("[1][2]")
    assert parse_shape("[1,?],[1,64]") == (("", ("1", "?")), ("", ("1", "64")))


def test_a_long_hostile_text_is_refused_in_linear_time() -> None:
    # A backtracking pattern would need hours for these.
    for text in (
        " " * 50_000,
        "a" * 50_000,
        "a " * 50_000,
        "[" * 50_000,
        "a[1]" * 20_000,
        "]" * 50_000,
    ):
        with pytest.raises(BadInputError):
            parse_data_shape(text)


@given(
    st.lists(
        st.tuples(_NAMES, st.lists(_SHAPES, min_size=1, max_size=3)),
        min_size=1,
        max_size=5,
        unique_by=lambda pair: pair[0],
    )
)
def test_what_is_written_is_read_back(groups: list[tuple[str, list[tuple[int, ...]]]]) -> None:
    shapes = tuple((name, shape) for name, group in groups for shape in group)
    assert parse_data_shape(format_data_shape(shapes)) == shapes


@given(_SHAPES)
def test_an_unnamed_shape_is_read_back(shape: tuple[int, ...]) -> None:
    assert parse_data_shape(format_shape(shape)) == (("", shape),)


@given(st.text(max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        shapes = parse_data_shape(text)
    except BadInputError:
        return
    assert parse_data_shape(format_data_shape(shapes)) == shapes
    assert all(size >= 1 for _, shape in shapes for size in shape)


def test_a_dynamic_shape_is_written_as_openvino_writes_it() -> None:
    assert format_shape(("?", "3", "1..8")) == "[?,3,1..8]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1,3,224,224]", (("", ("1", "3", "224", "224")),)),
        ("ids[?,-1,1..128],mask[..8,4..,..]", (("ids", ("?", "?", "1..128")),
                                               ("mask", ("..8", "4..", "?")))),
        ("x[...]", (("x", ("...",)),)),
        ("[ 08 , 1 .. 4 ]", (("", ("8", "1..4")),)),
        ("[]", (("", ()),)),
    ],
)  # fmt: skip
def test_parses_the_shape_of_a_model(text: str, expected: object) -> None:
    assert parse_shape(text) == expected
    assert parse_shape(format_data_shape(parse_shape(text))) == expected


def test_a_size_of_0_is_left_to_the_engine() -> None:
    """A past that is still empty has one."""
    assert parse_data_shape("past[1,2,0,32]") == (("past", (1, 2, 0, 32)),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,3", "is not a valid shape"),
        ("[1][2]", "several values for one input"),
        ("[1,0]", "size 0 cannot be run"),
        ("[8..4]", "the range 8..4 is empty"),
        ("[a..4]", "'a' is not a valid size"),
        ("[-2]", "'-2' is not a valid size"),
        ("[1,...]", "'.' is not a valid size"),
        ("[1..99999999999]", "cannot be run"),
    ],
)
def test_refuses_a_shape_no_model_has(text: str, words: str) -> None:
    with pytest.raises(BadInputError) as error:
        parse_shape(text)
    assert "-shape" in str(error.value)
    assert words in str(error.value)
