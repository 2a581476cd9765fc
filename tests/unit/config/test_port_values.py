from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.config.named.words import parse_port_precisions, parse_sources
from ovbench_tui.config.port_values import parse_channel_values, parse_layout
from ovbench_tui.errors import BadInputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[NCHW]", (("", "NCHW"),)),
        ("input1[nchw],input2[NC]", (("input1", "NCHW"), ("input2", "NC"))),
        ("[N,C,H,W]", (("", "NCHW"),)),
        ("[NC],[HW]", (("", "NC"), ("", "HW"))),
        ("x[N...],y[...C],z[N?HW]", (("x", "N..."), ("y", "...C"), ("z", "N?HW"))),
    ],
)
def test_layouts(text: str, expected: object) -> None:
    assert parse_layout(text) == expected


@pytest.mark.parametrize("text", ["", "NCHW", "[]", "[N1]", "[N....]", "a[NC][NC]", "a[NC],a[NC]"])
def test_what_is_no_layout(text: str) -> None:
    with pytest.raises(BadInputError, match="-layout"):
        parse_layout(text)


def test_channel_values() -> None:
    assert parse_channel_values("[1, 2.5,-3e2]", "o") == (("", (1.0, 2.5, -300.0)),)
    assert parse_channel_values("data[1,2,3],info[4]", "o") == (
        ("data", (1.0, 2.0, 3.0)),
        ("info", (4.0,)),
    )


@pytest.mark.parametrize("text", ["", "1,2,3", "[]", "[1,,2]", "[x]", "[nan]", "[inf]", "a[1][2]"])
def test_what_are_no_channel_values(text: str) -> None:
    with pytest.raises(BadInputError, match="--scale_values"):
        parse_channel_values(text, "--scale_values")


def test_port_precisions() -> None:
    assert parse_port_precisions("input:f16, output:0:F32") == (
        ("input", "f16"),
        ("output:0", "f32"),
    )


@pytest.mark.parametrize("text", ["", " , ", "input", ":f16", "input:f99", "a:f16,a:f32"])
def test_what_are_no_port_precisions(text: str) -> None:
    with pytest.raises(BadInputError, match="-iop"):
        parse_port_precisions(text)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["a.npy"], (("", ("a.npy",)),)),
        (["a.npy,dir", "b.npy,"], (("", ("a.npy", "dir", "b.npy")),)),
        (["x:a.npy,b.npy,y:c.npy", "x:d.npy"],
         (("x", ("a.npy", "b.npy", "d.npy")), ("y", ("c.npy",)))),
        (["x:random", "y:image_info"], (("x", ("random",)), ("y", ("image_info",)))),
        (["input:0:a.npy"], (("input:0", ("a.npy",)),)),
        (["#1:a.npy"], (("#1", ("a.npy",)),)),
        (["block/x:/data/a.npy"], (("block/x", ("/data/a.npy",)),)),
        (["C:\\data\\a.npy"], (("", ("C:\\data\\a.npy",)),)),
        (["x:C:\\data\\a.npy"], (("x", ("C:\\data\\a.npy",)),)),
        (["/data/a:b.npy"], (("", ("/data/a:b.npy",)),)),
    ],
)  # fmt: skip
def test_sources(words: list[str], expected: object) -> None:
    assert parse_sources(words) == expected


@pytest.mark.parametrize("words", [[""], ["a,,b"], ["x:"], ["x:a,y:"], ["a.npy", "x:b.npy"]])
def test_what_are_no_sources(words: list[str]) -> None:
    with pytest.raises(BadInputError, match="-i"):
        parse_sources(words)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (
        parse_layout,
        parse_port_precisions,
        lambda text: parse_channel_values(text, "--mean_values"),
        lambda text: parse_sources([text]),
    ):
        try:
            values = parse(text)
        except BadInputError:
            continue
        assert values
        assert all(value for _, value in values)
