"""Layouts, -shape, -b and element types: who decides, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.layouts import (
    BY_BATCH,
    BY_MODEL,
    BY_SHAPE,
    BY_USER,
    InputLayout,
    dimension_of,
    is_image,
    is_image_info,
    settle_layouts,
)
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.models.preprocessing import plan_types
from ovbench_tui.engine.models.reshape import plan_shapes
from ovbench_tui.engine.requests.measuring_mode import check_api, checked_mode, is_inference_only
from ovbench_tui.errors import BadInputError

NO_ALIASES: tuple[frozenset[str], ...] = ()


def ports(*shapes: str, layouts: Sequence[str] = (), kind: str = "f32") -> tuple[PortInfo, ...]:
    layouts = layouts or [""] * len(shapes)
    return tuple(
        PortInfo(index, "abcdef"[index], tuple(shape.split()), kind, layout)
        for index, (shape, layout) in enumerate(zip(shapes, layouts, strict=True))
    )


@pytest.mark.parametrize(
    ("shape", "own", "given", "letters", "origin"),
    [
        ("1 3 8 8", "", "", "NCHW", BY_SHAPE),
        ("1 8 8 3", "", "", "NHWC", BY_SHAPE),
        ("3 8 8", "", "", "CHW", BY_SHAPE),
        ("8 8 1", "", "", "HWC", BY_SHAPE),
        ("? 3 8 8", "", "", "NCHW", BY_SHAPE),
        ("1 1..4 8 5..9", "", "", "NCHW", BY_SHAPE),
        ("1 3 8 4", "", "", "", ""),
        ("1 8 8 8", "", "", "", ""),
        ("1 3 ? ?", "", "", "", ""),
        ("? ? 768", "", "", "", ""),
        ("1 10", "", "", "", ""),
        ("1 3 8 8", "NHWC", "", "NHWC", BY_MODEL),
        ("1 3 8 8", "NHWC", "NCHW", "NCHW", BY_USER),
        ("1 3 8 8", "", "[n,c,h,w]", "NCHW", BY_USER),
        ("1 3 8 8", "", "N...", "N...", BY_USER),
        ("1 3 8", "", "NC?", "NC?", BY_USER),
        ("...", "", "NCHW", "NCHW", BY_USER),
    ],
)
def test_who_tells_the_layout(shape: str, own: str, given: str, letters: str, origin: str) -> None:
    option = (("", given),) if given else ()
    settled = settle_layouts(ports(shape, layouts=[own]), option, NO_ALIASES)
    assert settled == (InputLayout(letters, origin),)


def test_a_named_layout_wins_over_the_one_for_all() -> None:
    aliases = (frozenset[str](), frozenset({"second"}))
    settled = settle_layouts(ports("1 2", "1 2"), (("", "NC"), ("second", "CN")), aliases)
    assert [layout.letters for layout in settled] == ["NC", "CN"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((("", "NCH"),), "has 3 dimensions, and input 'a' has 4, [1,3,8,8]"),
        ((("", "NCHWD..."),), "has 5 dimensions"),
        ((("", "NNHW"),), "is not a valid layout"),
        ((("", "N......"),), "is not a valid layout"),
        ((("", "N.HW"),), "is not a valid layout"),
        ((("", "N2HW"),), "is not a valid layout"),
        ((("", ""),), "is not a valid layout"),
        ((("z", "NCHW"),), "-layout: the model has no input 'z'; its inputs are a"),
    ],
)
def test_a_layout_that_does_not_fit(given: tuple[tuple[str, str], ...], words: str) -> None:
    with pytest.raises(BadInputError) as error:
        settle_layouts(ports("1 3 8 8"), given, NO_ALIASES)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("letters", "letter", "rank", "index"),
    [
        ("NCHW", "H", 4, 2),
        ("N...", "N", 3, 0),
        ("...N", "N", 3, 2),
        ("N...C", "C", 5, 4),
        ("...CN", "C", 4, 2),
        ("NC", "H", 2, None),
        ("NCHW", "N", 2, None),
        ("", "N", 2, None),
    ],
)
def test_the_place_of_a_letter(letters: str, letter: str, rank: int, index: int | None) -> None:
    assert dimension_of(letters, letter, rank) == index


def test_what_is_an_image_and_what_its_size() -> None:
    (image,) = ports("1 3 8 8")
    assert is_image(image, InputLayout("NCHW"))
    assert not is_image(image, InputLayout("NHWC"))
    assert not is_image(image, InputLayout("N..."))
    assert is_image_info(ports("1 2")[0], InputLayout("NC"))
    assert is_image_info(ports("1 3..")[0], InputLayout("NC"))
    assert not is_image_info(ports("1 1")[0], InputLayout("NC"))
    assert not is_image_info(ports("1 ?")[0], InputLayout("NC"))


@pytest.mark.parametrize(
    ("shapes", "layouts", "batch", "expected", "letters"),
    [
        (["1 3 8 8"], ["NCHW"], 4, {0: ("4", "3", "8", "8")}, ["NCHW"]),
        (["3 8 8 1"], ["CHWN"], 4, {0: ("3", "8", "8", "4")}, ["CHWN"]),
        (["? 3 8 8"], [""], 2, {0: ("2", "3", "8", "8")}, ["NCHW"]),
        (["? 10"], [""], 2, {0: ("2", "10")}, ["N..."]),
        (["1 10", "7 10"], ["", ""], 2, {0: ("2", "10")}, ["N...", ""]),
        (["4 3 8 8"], ["NCHW"], 4, {}, ["NCHW"]),
    ],
)
def test_the_batch_goes_where_benchmark_app_puts_it(
    shapes: list[str],
    layouts: list[str],
    batch: int,
    expected: dict[int, tuple[str, ...]],
    letters: list[str],
) -> None:
    plan = plan_shapes(ports(*shapes, layouts=layouts), BenchmarkConfig(batch=batch), NO_ALIASES)
    assert plan.shapes == expected
    assert [layout.letters for layout in plan.layouts] == letters
    assert plan.batch_rule == f"set by -b {batch}"
    assert (BY_BATCH in [layout.origin for layout in plan.layouts]) == ("N..." in letters)


def test_a_batch_without_a_place_is_refused_with_advice() -> None:
    for shape in ("7 10", "3 8 8"):
        with pytest.raises(BadInputError, match="no input is known to have a batch") as error:
            plan_shapes(ports(shape), BenchmarkConfig(batch=2), NO_ALIASES)
        assert '-layout "[N...]"' in str(error.value)
    with pytest.raises(BadInputError) as error:
        plan_shapes(ports("10 64", "64"), BenchmarkConfig(batch=2), NO_ALIASES)
    text = str(error.value)
    assert text.count("[N...]") == 1, "10 and 64 are not the same batch"
    for shape in ("", "..."):  # no layout could help
        with pytest.raises(BadInputError, match="no input has a dimension for it") as error:
            plan_shapes(ports(shape), BenchmarkConfig(batch=2), NO_ALIASES)
        assert "-layout" not in str(error.value)


def test_a_data_shape_wins_over_the_batch_and_says_so() -> None:
    config = BenchmarkConfig(batch=2, data_shape=(("", (4, 10)),))
    plan = plan_shapes(ports("? 10"), config, NO_ALIASES)
    assert plan.shapes == {}
    assert plan.batch_rule == "-b 2 is ignored, -data_shape gives the batch"


def test_the_layout_is_guessed_from_the_new_shape() -> None:
    config = BenchmarkConfig(shape=(("", ("1", "3", "8", "8")),), batch=5)
    plan = plan_shapes(ports("? ? ? ?"), config, NO_ALIASES)
    assert plan.shapes == {0: ("5", "3", "8", "8")}
    assert plan.layouts == (InputLayout("NCHW", BY_SHAPE),)


def test_only_what_is_named_or_changes_is_reshaped() -> None:
    inputs = ports("1 10", "1 20")
    for name, expected in (("a", {0: ("1", "10")}), ("", {0: ("1", "10"), 1: ("1", "10")})):
        config = BenchmarkConfig(shape=((name, ("1", "10")),))
        assert plan_shapes(inputs, config, NO_ALIASES).shapes == expected
    assert plan_shapes(inputs, BenchmarkConfig(), NO_ALIASES).shapes == {}


def types(
    config: BenchmarkConfig, inputs: Sequence[PortInfo], layouts: Sequence[str]
) -> list[tuple[str, str]]:
    settled = [InputLayout(letters) for letters in layouts]
    outputs = ports("1 5")
    plan = plan_types(inputs, outputs, settled, config, NO_ALIASES, (frozenset({"out"}),))
    return [(planned.element_type, planned.rule) for planned in plan.inputs]


def test_the_type_by_option_by_image_or_by_the_model() -> None:
    inputs = ports("1 3 8 8", "1 9 8 8")
    image = ("u8", "because it is an image (benchmark_app's rule)")
    own = ("f32", "the model's own")
    layouts = ["NCHW", "NCHW"]
    assert types(BenchmarkConfig(), inputs, layouts) == [image, own]
    assert (
        types(BenchmarkConfig(input_precision="f16"), inputs, layouts)
        == [("f16", "requested by -ip")] * 2
    )
    both = BenchmarkConfig(input_precision="f16", port_precisions=(("b", "bool"),))
    assert types(both, inputs, layouts)[1] == ("boolean", "requested by -iop")
    named = BenchmarkConfig(port_precisions=(("#1", "i8"), ("out", "f16")))
    assert types(named, inputs, layouts) == [image, ("i8", "requested by -iop")]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (BenchmarkConfig(port_precisions=(("z", "f16"),)), "no input or output 'z'; it has a, b"),
        (BenchmarkConfig(mean_values=(("", (1.0, 2.0)),)), "has 2 values, and input 'a' has 3"),
        (BenchmarkConfig(mean_values=(("b", (1.0,)),)), "input 'b' has no known channels"),
        (BenchmarkConfig(scale_values=(("z", (1.0,)),)), "no input 'z'"),
    ],
)
def test_types_and_values_that_do_not_fit(config: BenchmarkConfig, words: str) -> None:
    with pytest.raises(BadInputError) as error:
        types(config, ports("1 3 8 8", "1 9"), ["NCHW", ""])
    assert words in str(error.value)


def test_a_mean_for_images_needs_an_image() -> None:
    with pytest.raises(BadInputError, match="no input is known to be an image"):
        types(BenchmarkConfig(mean_values=(("", (1.0,)),)), ports("1 9"), [""])


@pytest.mark.parametrize(
    ("requested", "shapes", "feeds", "is_dynamic", "expected"),
    [
        (None, 1, 1, False, True),
        (None, 1, 9, False, True),
        (None, 1, 1, True, True),
        (None, 1, 9, True, False),
        (None, 2, 2, True, False),
        (False, 1, 1, False, False),
        (True, 1, 9, True, True),
    ],
)
def test_when_filling_the_inputs_is_measured(
    requested: bool | None, shapes: int, feeds: int, is_dynamic: bool, expected: bool
) -> None:
    assert is_inference_only(requested, shapes, feeds, is_dynamic=is_dynamic) is expected


def test_what_several_shapes_rule_out() -> None:
    with pytest.raises(BadInputError, match="-inference_only cannot be true with 2 data shapes"):
        is_inference_only(True, 2, 2, is_dynamic=True)
    with pytest.raises(BadInputError, match="-api async -hint latency -nireq 1"):
        check_api("sync", 2)
    check_api("sync", 1)
    assert checked_mode(BenchmarkConfig(api="sync"), 1, 3, is_dynamic=False)
