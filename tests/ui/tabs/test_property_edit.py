"""What is asked of a device set against what it does, and changes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.engine.api.devices import DeviceInfo, DeviceProperty
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.errors import BadInputError
from ovbench_tui.ui.tabs.properties.property_edit import with_property
from ovbench_tui.ui.tabs.properties.property_rows import (
    PropertyRow,
    is_same_value,
    property_rows,
    requested_properties,
)
from tests.ui.fakes import CONFIG, FakeSession

CPU = DeviceInfo(
    "CPU",
    "Some processor",
    ("f32",),
    properties=(
        DeviceProperty("COMPATIBILITY_CHECK", None, "RO"),
        DeviceProperty("FULL_DEVICE_NAME", "Some processor", "RO"),
        DeviceProperty("NUM_STREAMS", "1", "RW", (), "1 to 2"),
        DeviceProperty("PERFORMANCE_HINT", "latency", "RW", ("LATENCY", "THROUGHPUT")),
    ),
)
MULTI = DeviceInfo(
    "MULTI:CPU",
    "Several",
    is_virtual=True,
    properties=(DeviceProperty("MODEL_PRIORITY", "medium", "RW", ("LOW", "HIGH")),),
)


def _run(config: BenchmarkConfig, *properties: tuple[str, str]) -> RunView:
    run = FakeSession._run(1, config)
    return replace(run, effective=EffectiveConfig(device=config.device, properties=properties))


def _rows(run: RunView | None, config: BenchmarkConfig = CONFIG) -> dict[str, PropertyRow]:
    return {row.name: row for row in property_rows(run, config, (CPU, MULTI))}


def test_clamped_values_stand_out() -> None:
    run = _run(replace(CONFIG, streams="100"), ("NUM_STREAMS", "2"), ("NETWORK_NAME", "net"))
    rows = _rows(run)
    assert rows["NUM_STREAMS"] == PropertyRow(
        "NUM_STREAMS", "100", "2", "1", "RW", (), "1 to 2", is_clamped=True
    )
    assert rows["NETWORK_NAME"].access == "RO"
    assert not rows["NETWORK_NAME"].is_listed
    assert rows["FULL_DEVICE_NAME"].effective is None
    assert rows["COMPATIBILITY_CHECK"].of_device is None
    assert list(rows) == sorted(rows)


@pytest.mark.parametrize(
    ("requested", "effective"),
    [
        ("LATENCY", "latency"),
        ("YES", "yes"),
        ("true", "yes"),
        ("NO", "false"),
        ("2", "2"),
        ("0.5", "0.50"),
        ("LOG_NONE", "no"),
        ("LOG_ERROR", "err"),
        ("LOG_DEBUG", "debug"),
    ],
)
def test_the_same_value_in_other_words_is_not_clamped(requested: str, effective: str) -> None:
    assert is_same_value(requested, effective)


@pytest.mark.parametrize(("requested", "effective"), [("bf16", "f32"), ("100", "2"), ("YES", "no")])
def test_other_values_differ(requested: str, effective: str) -> None:
    assert not is_same_value(requested, effective)


def test_what_is_left_to_the_device_is_not_clamped() -> None:
    run = _run(replace(CONFIG, streams="AUTO"), ("NUM_STREAMS", "2"))
    assert not _rows(run)["NUM_STREAMS"].is_clamped


def test_nothing_runs_and_the_device_is_shown_all_the_same() -> None:
    rows = _rows(None)
    assert rows["NUM_STREAMS"].of_device == "1"
    assert rows["PERFORMANCE_HINT"].requested == "THROUGHPUT"
    assert rows["PERFORMANCE_HINT"].effective is None


def test_a_virtual_device_shows_those_below_it() -> None:
    config = replace(CONFIG, device="MULTI:CPU", streams="4")
    rows = _rows(_run(config, ("CPU.NUM_STREAMS", "2"), ("PERFORMANCE_HINT", "throughput")))
    assert rows["CPU.NUM_STREAMS"].is_clamped
    assert rows["CPU.NUM_STREAMS"].range_text == "1 to 2"
    assert rows["MODEL_PRIORITY"].choices == ("LOW", "HIGH")


def test_auto_tells_what_the_device_below_it_took() -> None:
    config = replace(CONFIG, device="AUTO", streams="4")
    rows = _rows(_run(config, ("CPU.NUM_STREAMS", "2")), config)
    assert (rows["NUM_STREAMS"].effective, rows["NUM_STREAMS"].is_clamped) == ("2", True)


def test_a_configuration_that_cannot_be_compiled_asks_for_nothing() -> None:
    assert requested_properties(replace(CONFIG, device="AUTO:CPU", streams="GPU:2")) == {}


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("NUM_STREAMS", "4", "streams", "4"),
        ("NUM_STREAMS", "", "streams", ""),
        ("INFERENCE_NUM_THREADS", "2", "threads", 2),
        ("INFERENCE_NUM_THREADS", "", "threads", 0),
        ("PERFORMANCE_HINT", "LATENCY", "hint", "latency"),
        ("PERFORMANCE_HINT", "", "hint", "none"),
        ("INFERENCE_PRECISION_HINT", "bf16", "precision", "bf16"),
        ("PERFORMANCE_HINT_NUM_REQUESTS", "3", "hint_nireq", 3),
        ("ENABLE_CPU_PINNING", "true", "threads_pinning", "YES"),
        ("CACHE_DIR", "cache", "cache_dir", "cache"),
        ("PERF_COUNT", "YES", "perf_counts", True),
        ("PERF_COUNT", "", "perf_counts", False),
    ],
)
def test_what_has_a_field_is_set_there(name: str, text: str, field: str, value: object) -> None:
    config = replace(CONFIG, threads=1, streams="1")
    changed = with_property(config, name, text)
    assert changed == replace(config, **{field: value})


def test_the_rest_is_passed_as_it_is_and_taken_back() -> None:
    changed = with_property(CONFIG, "ENABLE_HYPER_THREADING", "NO")
    assert changed.device_properties == (("CPU", (("ENABLE_HYPER_THREADING", "NO"),)),)
    assert compile_properties(changed)["ENABLE_HYPER_THREADING"] == "NO"
    assert with_property(changed, "ENABLE_HYPER_THREADING", " ") == CONFIG


def test_an_entry_of_a_settings_file_gives_way_to_the_field() -> None:
    config = replace(CONFIG, device_properties=(("CPU", (("NUM_STREAMS", "8"), ("X", "1"))),))
    changed = with_property(config, "NUM_STREAMS", "")
    assert "NUM_STREAMS" not in compile_properties(changed)
    assert compile_properties(changed)["X"] == "1"


def test_other_devices_keep_their_entries() -> None:
    config = replace(CONFIG, device_properties=(("GPU", (("X", "1"),)),))
    changed = with_property(config, "Y", "2")
    assert changed.device_properties == (("GPU", (("X", "1"),)), ("CPU", (("Y", "2"),)))


def test_below_a_virtual_device_values_are_nested() -> None:
    config = replace(CONFIG, device="MULTI:GPU,CPU")
    changed = with_property(config, "CPU.ENABLE_HYPER_THREADING", "NO")
    changed = with_property(changed, "GPU.GPU_QUEUE_PRIORITY", "LOW")
    nested = compile_properties(changed)["DEVICE_PROPERTIES"]
    assert nested["CPU"]["ENABLE_HYPER_THREADING"] == "NO"
    assert nested["GPU"]["GPU_QUEUE_PRIORITY"] == "LOW"
    changed = with_property(changed, "GPU.GPU_QUEUE_PRIORITY", "")
    assert with_property(changed, "CPU.ENABLE_HYPER_THREADING", "") == config


def test_one_of_several_devices_gets_its_own_streams() -> None:
    config = replace(CONFIG, device="MULTI:GPU,CPU", streams="2")
    changed = with_property(config, "CPU.NUM_STREAMS", "4")
    assert changed.streams == "GPU:2,CPU:4"
    assert with_property(changed, "GPU.NUM_STREAMS", "").streams == "CPU:4"
    alone = replace(CONFIG, device="MULTI:CPU")
    assert with_property(alone, "CPU.NUM_STREAMS", "4").streams == "4"


def test_a_hint_below_a_virtual_device_is_its_own() -> None:
    config = replace(CONFIG, device="MULTI:CPU", hint="throughput")
    changed = with_property(config, "CPU.PERFORMANCE_HINT", "LATENCY")
    assert changed.hint == "throughput"
    assert compile_properties(changed)["DEVICE_PROPERTIES"]["CPU"]["PERFORMANCE_HINT"] == "LATENCY"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("INFERENCE_NUM_THREADS", "many", "is not a whole number"),
        ("INFERENCE_NUM_THREADS", "-1", "is not a whole number"),
        ("NUM_STREAMS", "lots", "is not a valid stream count"),
        ("PERFORMANCE_HINT", "FAST", "is unknown"),
        ("PERF_COUNT", "maybe", "neither YES nor NO"),
        ("ENABLE_CPU_PINNING", "perhaps", "neither YES nor NO"),
        ("CPU.X", "a,b", "cannot be passed"),
        ("X", "a\x1b[2J", "cannot be passed"),
        ("ENABLE_CPU_RESERVATION", "yes", "leave it out"),
    ],
)
def test_values_that_cannot_be_used_are_refused(name: str, text: str, sentence: str) -> None:
    config = replace(CONFIG, device="MULTI:CPU") if "." in name else CONFIG
    with pytest.raises(BadInputError, match=sentence):
        with_property(config, name, text)
