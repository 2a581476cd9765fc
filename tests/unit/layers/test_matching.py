"""Which layers belong together: by the names of the model's layers, each in one part only."""

from __future__ import annotations

import pytest

from ovbench_tui.engine.api.events import LayerTime
from ovbench_tui.layers.matching import Change, implementation, parts_of
from ovbench_tui.layers.names import aliases
from tests.unit.layers.profiles import APART, FUSED, added, layer

Places = tuple[int, ...]


def parts(
    a: tuple[LayerTime, ...], b: tuple[LayerTime, ...]
) -> list[tuple[Places, Places, tuple[Change, ...]]]:
    return [(part.a, part.b, part.changes) for part in parts_of(a, b)]


def test_a_fused_layer_is_held_against_those_it_was_fused_from() -> None:
    assert parts(FUSED, APART) == [
        ((0,), (0, 2), (Change.FUSED, Change.PRECISION, Change.IMPLEMENTATION)),
        ((1,), (3,), ()),
        ((), (1,), (Change.ADDED,)),
    ]
    assert parts(APART, FUSED)[0][:2] == ((0, 2), (0,))
    assert parts(APART, FUSED)[1] == ((1,), (), (Change.REMOVED,))


def test_what_is_linked_by_others_only_is_one_part() -> None:
    a = (layer("x", 1.0, "one", "two"), layer("y", 1.0, "three"))
    b = (layer("p", 1.0, "one"), layer("q", 1.0, "two", "three"))
    assert parts(a, b) == [((0, 1), (0, 1), (Change.FUSED,))]


def test_every_executed_layer_is_in_one_part() -> None:
    for one, other in ((FUSED, APART), (APART, FUSED), (APART, APART)):
        found = parts_of(one, other)
        for side, layers in ((0, one), (1, other)):
            places = [place for part in found for place in (part.a, part.b)[side]]
            executed = [n for n, each in enumerate(layers) if each.status == "EXECUTED"]
            assert sorted(places) == executed


def test_the_same_model_has_no_changes() -> None:
    assert {changes for _, _, changes in parts(APART, APART)} == {()}


def test_an_added_layer_of_both_is_no_change() -> None:
    assert parts((added("r", 1.0),), (added("r", 2.0),)) == [((0,), (0,), ())]


@pytest.mark.parametrize(
    ("kernel", "other", "changes"),
    [
        ("jit_avx2_f32", "jit_avx2_bf16", (Change.PRECISION,)),
        ("jit_avx2_f32", "jit_avx512_f32", (Change.IMPLEMENTATION,)),
        ("jit_avx2_f32", "brgemm_avx2_I8", (Change.PRECISION, Change.IMPLEMENTATION)),
        ("jit_avx2_f32", "jit_avx2_f32", ()),
    ],
)
def test_precision_and_implementation(kernel: str, other: str, changes: tuple[Change, ...]) -> None:
    assert parts((layer("x", 1.0, kernel=kernel),), (layer("x", 1.0, kernel=other),)) == [
        ((0,), (0,), changes)
    ]


def test_the_implementation_is_the_kernel_without_its_precision() -> None:
    assert implementation(layer("x", 1.0, kernel="brgconv_avx2_1x1_I8")) == "brgconv_avx2_1x1"
    assert implementation(layer("x", 1.0, kernel="undef")) == "undef"


# --- names that OpenVINO counts --------------------------------------------------------------


def test_names_that_were_counted_are_brought_together_in_order() -> None:
    a, b = ("conv", "Multiply_9", "Multiply_12"), ("conv", "Multiply_12", "Multiply_100")
    counted = {"Multiply_12": "Multiply_9", "Multiply_100": "Multiply_12"}
    assert aliases(a, b) == {"conv": "conv"} | counted


def test_names_of_the_model_stay_though_they_look_as_if_counted() -> None:
    assert aliases(("Conv_0", "Conv_5", "Relu_1"), ("Conv_5", "Relu_1")) == {
        "Conv_5": "Conv_5",
        "Relu_1": "Relu_1",
    }
    assert aliases(("Conv_5",), ("Conv_0", "Conv_5"))["Conv_5"] == "Conv_5"


def test_where_nobody_knows_which_is_which_none_is_matched() -> None:
    found = aliases(("Add_1", "Add_2", "Add_3"), ("Add_2", "Add_7"))
    assert not set(found.values()) & {"Add_1", "Add_2", "Add_3"}


def test_a_shifted_number_is_neither_a_change_nor_another_layer() -> None:
    a = (layer("Add_3", 1.0, "Add_3", "Multiply_4"), layer("Add_9", 2.0))
    b = (layer("Add_9", 1.0, "Add_9", "Multiply_10"), layer("Add_15", 2.0))
    assert parts(a, b) == [((0,), (0,), ()), ((1,), (1,), ())]
