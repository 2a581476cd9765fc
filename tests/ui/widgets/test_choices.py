from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError
from ovbench_tui.ui.widgets.choices import (
    AvailableChoices,
    Row,
    more_requests,
    precisions_of,
    step,
    value_of,
    values_of,
    with_value,
)
from tests.ui.fakes import CONFIG, DEVICES, effective

OFFER = AvailableChoices(
    models=("mobilenet-v2", "alexnet"),
    devices=DEVICES,
    effective=effective(CONFIG),
    max_threads=2,
    fps=317.0,
)


@pytest.mark.parametrize(
    ("row", "before", "direction", "after"),
    [
        (Row.MODEL, "mobilenet-v2", 1, "alexnet"),
        (Row.MODEL, "mobilenet-v2", -1, "alexnet"),
        (Row.MODEL, "own/model.xml", 1, "mobilenet-v2"),
        (Row.DEVICE, "CPU", 1, "GPU"),
        (Row.DEVICE, "CPU", -1, "MULTI:CPU"),
        (Row.HINT, "throughput", 1, "latency"),
        (Row.HINT, "throughput", -1, "none"),
        (Row.NIREQ, "", 1, "5"),
        (Row.NIREQ, "", -1, "3"),
        (Row.NIREQ, "1", -1, ""),
        (Row.NIREQ, "4096", 1, "4096"),
        (Row.STREAMS, "", 1, "1"),
        (Row.STREAMS, "1", -1, ""),
        (Row.STREAMS, "", -1, ""),
        (Row.STREAMS, "NUMA", 1, "1"),
        (Row.THREADS, "", 1, "1"),
        (Row.THREADS, "2", 1, "2"),
        (Row.THREADS, "1", -1, ""),
        (Row.PRECISION, "", 1, "f32"),
        (Row.PRECISION, "bf16", 1, ""),
        (Row.API, "async", 1, "sync"),
        (Row.API, "sync", 1, "async"),
        (Row.RATE, "", -1, "200"),
        (Row.RATE, "", 1, ""),
        (Row.RATE, "200", -1, "100"),
        (Row.RATE, "130", 1, "200"),
        (Row.RATE, "1", -1, "1"),
        (Row.RATE, "5000000", 1, ""),
    ],
)
def test_step(row: Row, before: str, direction: int, after: str) -> None:
    config = with_value(CONFIG, row, before)
    assert value_of(step(config, row, direction, OFFER), row) == after


def test_a_step_with_nothing_to_choose_from_changes_nothing() -> None:
    for row in (Row.MODEL, Row.DEVICE, Row.PRECISION):
        assert step(CONFIG, row, 1, AvailableChoices()) == CONFIG


def test_fewer_requests_than_one_stay_one() -> None:
    one = replace(CONFIG, nireq=1)
    assert more_requests(one, -1, OFFER) == one
    assert more_requests(CONFIG, 1, OFFER).nireq == 5


def test_another_model_drops_the_shape_of_the_old_one() -> None:
    shaped = replace(CONFIG, data_shape=(("", (1, 3)),))
    assert with_value(shaped, Row.MODEL, "alexnet").data_shape == ()
    assert with_value(shaped, Row.MODEL, shaped.model) == shaped


@pytest.mark.parametrize(
    ("row", "text", "word"),
    [
        (Row.NIREQ, "x", "no number"),
        (Row.NIREQ, "4097", "out of range"),
        (Row.NIREQ, "-1", "no number"),
        (Row.NIREQ, "9" * 5000, "too large"),
        (Row.THREADS, "two", "no number"),
        (Row.STREAMS, "2x:", "no stream count"),
        (Row.DEVICE, " ", "no device"),
        (Row.API, "both", "async"),
        (Row.RATE, "fast", "no number"),
        (Row.RATE, "-3", "-max_irate"),
        (Row.RATE, "nan", "-max_irate"),
        (Row.HINT, "fast", "unknown"),
    ],
)
def test_a_bad_value_is_told_in_one_sentence(row: Row, text: str, word: str) -> None:
    with pytest.raises(BadInputError, match=word) as caught:
        with_value(CONFIG, row, text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "text", "value"),
    [
        (Row.NIREQ, "optimal", ""),
        (Row.THREADS, " 2 ", "2"),
        (Row.STREAMS, "Auto", ""),
        (Row.STREAMS, "CPU:2,GPU:1", "CPU:2,GPU:1"),
    ],
)
def test_typed_values(row: Row, text: str, value: str) -> None:
    assert value_of(with_value(CONFIG, row, text), row) == value


def test_precisions_of_a_virtual_device_are_those_of_its_first_member() -> None:
    assert precisions_of("AUTO:GPU,CPU", DEVICES) == ("f32", "bf16")
    assert precisions_of("MULTI:GPU(2)", DEVICES) == ("f16", "f32")
    assert precisions_of("NPU", DEVICES) == ()


def test_the_current_value_is_always_among_the_choices() -> None:
    config = BenchmarkConfig(model="own.xml", device="NPU", precision="f16")
    for row in (Row.MODEL, Row.DEVICE, Row.PRECISION):
        assert value_of(config, row) in values_of(config, row, OFFER)
