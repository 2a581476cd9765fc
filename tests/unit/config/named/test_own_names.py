"""Names with spaces, colons, commas, parentheses and brackets, in every option that takes names."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.named.own_names import by_own_names, in_turn, values_of_images
from ovbench_tui.config.named.words import (
    format_port_precisions,
    format_sources,
    parse_port_precisions,
    parse_sources,
    sources_by_names,
)
from ovbench_tui.config.port_values import format_numbers, parse_channel_values, parse_layout
from ovbench_tui.config.shapes import format_data_shape, parse_data_shape, parse_shape
from ovbench_tui.errors import BadInputError
from ovbench_tui.export.options_text import option_words
from ovbench_tui.options.invocation import read_invocation

AWKWARD = (
    "my input",
    "onnx::MatMul_0",
    "serving_default:0",
    "args[1]",
    "past[0].key",
    "f(x[1],2)",
    "a,b",
    "half (open",
    "L['x']",
)


def config_of(*options: str) -> BenchmarkConfig:
    return read_invocation(["model.xml", *options]).config


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("other", ["x", "args", "zz top", "b"])
def test_each_option_takes_each_name(name: str, other: str) -> None:
    config = config_of(
        *("-shape", f"{name}[1,?],{other}[2,8]"),
        *("-data_shape", f"{name}[1,8],{other}[2,8]"),
        *("-layout", f"{name}[NC],{other}[N...]"),
        *("-iop", f"{name}:f16,{other}:u8"),
        *("--mean_values", f"{name}[1,2],{other}[3]"),
        *("--scale_values", f"{name}[4,5],{other}[6]"),
        *("-i", f"{name}:a.npy,b.npy,{other}:c.npy"),
    )
    named = by_own_names(config, [{name}, {other, "another"}], [])
    assert named.shape == ((name, ("1", "?")), (other, ("2", "8")))
    assert named.data_shape == ((name, (1, 8)), (other, (2, 8)))
    assert named.layout == ((name, "NC"), (other, "N..."))
    assert named.port_precisions == ((name, "f16"), (other, "u8"))
    assert named.mean_values == ((name, (1.0, 2.0)), (other, (3.0,)))
    assert named.scale_values == ((name, (4.0, 5.0)), (other, (6.0,)))
    assert named.sources == ((name, ("a.npy", "b.npy")), (other, ("c.npy",)))
    assert by_own_names(named, [{name}, {other}]) == named
    # What is exported is read back as the same.
    again = by_own_names(config_of(*option_words(named)), [{name}, {other}])
    assert set(again.sources) == set(named.sources)
    assert replace(again, sources=named.sources) == named


def test_the_longest_name_is_taken() -> None:
    names = {"x", "x[1]", "y"}
    assert parse_data_shape("x[1][2,3],x[4]", names=names) == (("x[1]", (2, 3)), ("x", (4,)))
    assert parse_data_shape("x[1][2,3]", names={"x"}) == (("x", (1,)), ("x", (2, 3)))
    assert parse_layout("x[NC]", names=names) == (("x", "NC"),)
    assert parse_port_precisions("a:0:f16", names={"a", "a:0"}) == (("a:0", "f16"),)
    assert parse_sources(["a:0:b.npy"], names={"a", "a:0"}) == (("a:0", ("b.npy",)),)
    assert parse_sources(["a:0:b.npy"], names={"a"}) == (("a", ("0:b.npy",)),)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-shape", "x[1][2]"), "several values for one input"),
        (("-layout", "x[NC][NC]"), "several values for one input"),
        (("--mean_values", "x[1][2]"), "several values for one input"),
        (("-iop", "x:f99,y:f16"), "'f99' is not a valid element type"),
        (("-i", "/a:b.npy", "y:c.npy"), "is for no input, though others are"),
        (("-shape", "[1,2],[1,2],[1,2]"), "-shape has 3 values without a name for 2 inputs"),
        (("-layout", "[NC],[NC],y[NC]"), "-layout has 2 values without a name for 1 inputs"),
        (("-shape", "y,x[1]"), "is not a valid shape"),
    ],
)
def test_what_no_name_explains_is_refused_once_the_names_are_known(
    options: tuple[str, ...], words: str
) -> None:
    config = config_of(*options)
    with pytest.raises(BadInputError, match=words):
        by_own_names(config, [{"x"}, {"y"}], [])


def test_values_without_a_name_go_to_the_inputs_in_turn() -> None:
    config = config_of(
        *("-shape", "[1,128],[1,64]"),
        *("-data_shape", "[1,128],[1,64]"),
        *("-layout", "[NC],[N...]"),
    )
    named = by_own_names(config, [{"ids"}, {"mask"}])
    assert named.shape == (("#0", ("1", "128")), ("#1", ("1", "64")))
    assert named.layout == (("#0", "NC"), ("#1", "N..."))
    assert named.data_shape == (("", (1, 128)), ("", (1, 64))), "they are dealt out later"
    alone = config_of("-shape", "[1,128]")
    assert by_own_names(alone, [{"ids"}, {"mask"}]).shape == (("", ("1", "128")),), "for all"
    rest = in_turn((("mask", "B"), ("", "A"), ("", "C")), [{"ids"}, {"mask"}, {"type"}], "-o")
    assert rest == (("mask", "B"), ("#0", "A"), ("#2", "C"))


def test_numbers_without_a_name_are_for_the_images() -> None:
    one, two = (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)
    assert values_of_images((("", one),), [0, 2], "-o") == (("#0", one), ("#2", one))
    assert values_of_images((("", one), ("", two)), [0, 2], "-o") == (("#0", one), ("#2", two))
    assert values_of_images((("x", one),), [], "-o") == (("x", one),)
    with pytest.raises(BadInputError, match="2 lists without a name for 1 images"):
        values_of_images((("", one), ("", two)), [0], "-o")


_NAMES = st.text(st.sampled_from("ab[](),: 12.N"), min_size=1, max_size=8).filter(
    lambda name: name == name.strip() and not name.startswith(("[", ",")) and name[-1] not in ",:"
)


@given(st.lists(_NAMES, min_size=1, max_size=4, unique=True))
def test_whatever_the_model_calls_them(names: list[str]) -> None:
    shapes = tuple((name, (number + 1, 8)) for number, name in enumerate(names))
    # Two texts that are the same cannot be told apart by anyone.
    assume(not any(one != two and one.startswith(two) for one in names for two in names))
    assert parse_data_shape(format_data_shape(shapes), names=names) == shapes
    numbers = tuple((name, (1.0, 2.0)) for name in names)
    assert parse_channel_values(format_numbers(numbers), "-o", names=names) == numbers
    kinds = tuple((name, "f16") for name in names)
    assert parse_port_precisions(format_port_precisions(kinds), names=names) == kinds
    sources = tuple((name, ("f.npy",)) for name in names)
    assert parse_sources(format_sources(sources), names=names) == sources


_ALIKE = ("a", "a:0", "a::b", "a b", "a(b)", "a[1]", "a,b", "a[1,4]", "a:f32", "p:q,r", "b", "0")


@given(st.lists(st.sampled_from(_ALIKE), min_size=1, unique=True), st.booleans())
def test_files_go_to_the_inputs_that_they_name(names: list[str], is_one_word: bool) -> None:
    """Also where one name is the begin of another, or the same name is given again."""
    words = [f"{name}:{number}.npy" for number, name in enumerate((*names, names[0]))]
    words = [",".join(words)] if is_one_word else words
    directly = parse_sources(words, names=names)
    assert sources_by_names(parse_sources(words, names=()), names) == directly


def test_files_are_put_together_once_the_names_are_known() -> None:
    sources = tuple((name, (f"{number}.npy",)) for number, name in enumerate(_ALIKE))
    words = format_sources(sources)
    for given_as in (words, [",".join(words)]):
        assert sources_by_names(config_of("-i", *given_as).sources, _ALIKE) == sources
    again = config_of("-i", "x:a.npy,y:b.npy", "x:c.npy").sources
    assert sources_by_names(again, {"x", "y"}) == (("x", ("a.npy", "c.npy")), ("y", ("b.npy",)))
    unknown = config_of("-i", "x:a.npy,y:b.npy").sources
    assert sources_by_names(unknown, {"x"}) == unknown, "y is not a file, but no input either"


@given(st.text(st.sampled_from("ab[](),: 12.N?"), max_size=24))
def test_any_text_is_split_or_refused(text: str) -> None:
    for names in ((), ("a", "a[1]", "b, (")):
        for parse in (parse_data_shape, parse_shape, parse_layout, parse_port_precisions):
            with contextlib.suppress(BadInputError):
                parse(text, names=names)


def test_a_long_hostile_text_is_split_in_linear_time() -> None:
    many = ("(a[1],", "a[1]", "x],", "a[1],b", "((((", "a[1],", "[1] ")
    for text in (piece * 20_000 for piece in many):
        for names in ((), ("a", "(a")):
            with contextlib.suppress(BadInputError):
                parse_data_shape(text, names=names)
