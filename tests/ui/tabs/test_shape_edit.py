"""Another shape of an input: fed, or the model reshaped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.errors import BadInputError
from ovbench_tui.ui.tabs.model.shape_edit import shape_text, with_shape
from tests.ui.fakes import CONFIG

STATIC = PortInfo(0, "data", ("1", "3", "160", "160"), "f32", "NCHW")
DYNAMIC = PortInfo(1, "ids", ("?", "1..512"), "i64")
NAMELESS = PortInfo(2, "", ("?",), "f32")


def test_a_static_input_is_reshaped() -> None:
    changed = with_shape(CONFIG, STATIC, "[1,3,224,224]")
    assert changed == replace(CONFIG, shape=(("data", ("1", "3", "224", "224")),))
    assert with_shape(changed, STATIC, "") == CONFIG


def test_brackets_may_be_left_out() -> None:
    assert with_shape(CONFIG, STATIC, "2, 3,8,8").shape == (("data", ("2", "3", "8", "8")),)


def test_a_dynamic_input_is_fed_with_whole_sizes_and_reshaped_to_others() -> None:
    fed = with_shape(CONFIG, DYNAMIC, "[1,128]")
    assert (fed.shape, fed.data_shape) == ((), (("ids", (1, 128)),))
    again = with_shape(fed, DYNAMIC, "[1,64]")
    assert again.data_shape == (("ids", (1, 64)),)
    drawn = with_shape(fed, DYNAMIC, "1, 1..64:zipf")
    assert (drawn.shape, drawn.data_shape) == ((), (("ids", (1, "1..64:zipf")),))
    assert with_shape(fed, DYNAMIC, "[1,1..64]").data_shape == (("ids", (1, "1..64")),)
    assert with_shape(fed, DYNAMIC, "[1,@a.txt]").data_shape == (("ids", (1, "@a.txt")),)
    assert with_shape(fed, DYNAMIC, "[1,..64]").shape == (("ids", ("1", "..64")),)
    reshaped = with_shape(again, DYNAMIC, "[?,1..64]")
    assert (reshaped.shape, reshaped.data_shape) == ((("ids", ("?", "1..64")),), ())


def test_other_inputs_keep_theirs() -> None:
    config = replace(CONFIG, data_shape=(("mask", (1, 8)),), shape=(("other", ("4",)),))
    changed = with_shape(config, DYNAMIC, "1,8")
    assert changed.data_shape == (("mask", (1, 8)), ("ids", (1, 8)))
    assert changed.shape == (("other", ("4",)),)


def test_ports_without_a_plain_name_go_by_their_number() -> None:
    assert with_shape(CONFIG, NAMELESS, "[5]").data_shape == (("#2", (5,)),)
    odd = replace(DYNAMIC, name="a[0]")
    assert with_shape(CONFIG, odd, "[1,5]").data_shape == (("#1", (1, 5)),)


@pytest.mark.parametrize("text", ["[1,x]", "[0]", "other[1]", "[1],[2]", "[1][2]", "[5..1]"])
def test_what_is_no_shape_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        with_shape(CONFIG, STATIC, text)


def test_editing_begins_with_what_runs() -> None:
    assert shape_text(STATIC, ()) == "[1,3,160,160]"
    assert shape_text(DYNAMIC, (("ids", (1, 128)),)) == "[1,128]"
    assert shape_text(DYNAMIC, ()) == "[?,1..512]"
    fed = (("ids", (1, 7)),)
    for name in ("", "ids", "#1"):
        assert shape_text(DYNAMIC, fed, ((name, (1, "1..9:zipf")),)) == "[1,1..9:zipf]"
    assert shape_text(DYNAMIC, fed, (("ids", (1, 7)),)) == "[1,7]"
    assert shape_text(DYNAMIC, fed, (("other", (1, "1..9")),)) == "[1,7]"
    assert shape_text(STATIC, (), (("", (1, "1..9")),)) == "[1,3,160,160]"
