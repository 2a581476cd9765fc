from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import ModelFormat
from ovbench_tui.errors import BadInputError
from ovbench_tui.ui.widgets.selector.choices import (
    AvailableChoices,
    precisions_of,
    rows_for,
    step,
    value_of,
    values_of,
    waits_for_value,
    with_value,
)
from tests.ui.fakes import CONFIG, DEVICES, FakeSession, effective

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
        ("model", "mobilenet-v2", 1, "alexnet"),
        ("model", "mobilenet-v2", -1, "alexnet"),
        ("model", "own/model.xml", 1, "mobilenet-v2"),
        ("device", "CPU", 1, "GPU"),
        ("device", "CPU", -1, "MULTI:CPU"),
        ("hint", "throughput", 1, "latency"),
        ("hint", "throughput", -1, "none"),
        ("nireq", "", 1, "5"),
        ("nireq", "", -1, "3"),
        ("nireq", "1", -1, ""),
        ("nireq", "4096", 1, "4096"),
        ("streams", "", 1, "1"),
        ("streams", "1", -1, ""),
        ("streams", "", -1, ""),
        ("streams", "NUMA", 1, "1"),
        ("threads", "", 1, "1"),
        ("threads", "2", 1, "2"),
        ("threads", "1", -1, ""),
        ("precision", "", 1, "f32"),
        ("precision", "bf16", 1, ""),
        ("batch", "", 1, "2"),
        ("batch", "", -1, ""),
        ("batch", "3", 1, "4"),
        ("batch", "3", -1, "2"),
        ("batch", "4", 1, "8"),
        ("batch", "4", -1, "2"),
        ("batch", "1", -1, ""),
        ("api", "async", 1, "sync"),
        ("api", "sync", 1, "async"),
        ("max_fps", "", -1, "200"),
        ("max_fps", "", 1, ""),
        ("max_fps", "200", -1, "100"),
        ("max_fps", "130", 1, "200"),
        ("max_fps", "1", -1, "1"),
        ("max_fps", "5000000", 1, ""),
        ("arrivals", "", 1, "poisson:200"),
        ("arrivals", "constant:200", 1, "constant:500"),
        ("arrivals", "poisson:200,seed=3", -1, "poisson:100,seed=3"),
        ("arrivals", "bursts:130,period=2s,factor=5", 1, "bursts:200,period=2s,factor=5"),
        ("arrivals", "poisson:1", -1, "poisson:1"),
        ("arrivals", "poisson:100000", 1, "poisson:100000"),
        ("arrivals", "bursts:20000,period=1s,factor=5", 1, "bursts:20000,period=1s,factor=5"),
        ("arrivals", "day.csv", 1, "day.csv"),
    ],
)
def test_step(row: str, before: str, direction: int, after: str) -> None:
    config = with_value(CONFIG, row, before)
    assert value_of(step(config, row, direction, OFFER), row) == after


def test_a_step_with_nothing_to_choose_from_changes_nothing() -> None:
    for row in ("model", "device", "precision"):
        assert step(CONFIG, row, 1, AvailableChoices()) == CONFIG


@pytest.mark.parametrize(
    ("nireq", "row", "is_known", "waits"),
    [
        (0, "nireq", False, True),
        (0, "nireq", True, False),
        (3, "nireq", False, False),
        (0, "streams", False, False),
    ],
)
def test_a_step_waits_for_what_it_begins_at(
    nireq: int, row: str, is_known: bool, waits: bool
) -> None:
    offer = OFFER if is_known else replace(OFFER, effective=None)
    assert waits_for_value(replace(CONFIG, nireq=nireq), row, offer) == waits


def test_another_model_drops_the_shape_of_the_old_one() -> None:
    shaped = replace(CONFIG, data_shape=(("", (1, 3)),))
    assert with_value(shaped, "model", "alexnet").data_shape == ()
    assert with_value(shaped, "model", shaped.model) == shaped


@pytest.mark.parametrize(
    ("row", "text", "word"),
    [
        ("nireq", "x", "not a number"),
        ("nireq", "4097", "out of range"),
        ("nireq", "-1", "not a number"),
        ("nireq", "9" * 5000, "too large"),
        ("threads", "two", "not a number"),
        ("streams", "2x:", "not a valid stream count"),
        ("device", " ", "not a valid device"),
        ("api", "both", "async"),
        ("max_fps", "fast", "not a number"),
        ("max_fps", "-3", "-max_irate"),
        ("max_fps", "nan", "-max_irate"),
        ("hint", "fast", "unknown"),
        ("arrivals", "200", "is not a pattern of arrivals"),
    ],
)
def test_a_bad_value_is_told_in_one_sentence(row: str, text: str, word: str) -> None:
    with pytest.raises(BadInputError, match=word) as caught:
        with_value(CONFIG, row, text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "text", "value"),
    [
        ("nireq", "auto", ""),
        ("threads", " 2 ", "2"),
        ("streams", "Auto", ""),
        ("streams", "CPU:2,GPU:1", "CPU:2,GPU:1"),
        ("arrivals", " poisson:5 ", "poisson:5"),
        ("arrivals", "none", ""),
    ],
)
def test_typed_values(row: str, text: str, value: str) -> None:
    assert value_of(with_value(CONFIG, row, text), row) == value


def test_precisions_of_a_virtual_device_are_those_of_its_first_member() -> None:
    assert precisions_of("AUTO:GPU,CPU", DEVICES) == ("f32", "bf16")
    assert precisions_of("MULTI:GPU(2)", DEVICES) == ("f16", "f32")
    assert precisions_of("NPU", DEVICES) == ()


def test_the_current_value_is_always_among_the_choices() -> None:
    config = BenchmarkConfig(model="own.xml", device="NPU", precision="f16")
    for row in ("model", "device", "precision"):
        assert value_of(config, row) in values_of(config, row, OFFER)


def test_a_pipeline_has_no_rows_for_what_it_refuses() -> None:
    run = FakeSession._run(1, CONFIG)
    pipeline = replace(
        run,
        model=replace(run.model, format=ModelFormat.GENAI.value),
        effective=replace(run.effective, sequence_lengths=((64, 32),)),
    )
    left_out = set(rows_for(run)) - set(rows_for(pipeline))
    assert left_out == {"batch", "max_fps"}
    assert {"prompt_tokens", "kv_cache_precision"} <= set(rows_for(pipeline))


def test_arrivals_have_a_row_while_they_come_and_the_rate_cap_has_none() -> None:
    arrive = replace(CONFIG, arrivals="poisson:5")
    assert "arrivals" not in rows_for(None, CONFIG)
    assert "max_fps" in rows_for(None, CONFIG)
    assert "arrivals" in rows_for(None, arrive)
    assert "max_fps" not in rows_for(None, arrive)
