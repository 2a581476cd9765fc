from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import openvino as ov
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.config.device_properties import split_device
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.models.devices import find_devices
from ovbench_tui.engine.models.models import LoadedModel, compile_loaded, load_model
from ovbench_tui.engine.models.properties import read_effective
from ovbench_tui.errors import BadInputError

Compile = Callable[..., EffectiveConfig]


@pytest.fixture(scope="module")
def samplenet(core: ov.Core, shared_models: Path) -> LoadedModel:
    return load_model(core, str(shared_models / "samplenet/ir/SampLeNet.xml"))


@pytest.fixture
def effective(core: ov.Core, samplenet: LoadedModel) -> Compile:
    def compile_with(**values: object) -> EffectiveConfig:
        config = BenchmarkConfig(**values)  # type: ignore[arg-type]
        compiled, _ = compile_loaded(core, samplenet, config, compile_properties(config))
        return read_effective(compiled, config.device)

    return compile_with


class TwoDeviceCore:
    """A core with a GPU whose HETERO combination cannot compile."""

    available_devices = ("CPU", "GPU.0", "NPU")

    def get_property(self, device: str, key: str) -> object:
        if key == "FULL_DEVICE_NAME":
            return f"Fine {device} (with\nnoise)"
        if device == "CPU":
            raise RuntimeError("no such property")
        return ["INT8", "FP16", "FP32"]

    def compile_model(self, _model: object, device: str, _config: object = None) -> None:
        if device.startswith("HETERO") or device == "NPU":
            raise RuntimeError("cannot compile")


def test_this_machines_devices_really_compile(core: ov.Core, effective: Compile) -> None:
    devices = find_devices(core)
    by_name = {device.name: device for device in devices}
    assert by_name["CPU"].full_name
    assert "f32" in by_name["CPU"].precisions
    assert not by_name["CPU"].is_virtual
    assert by_name["AUTO"].is_virtual
    assert [device.is_virtual for device in devices] == sorted(d.is_virtual for d in devices)
    for name in by_name:
        assert effective(device=name).execution_devices


def test_devices_and_combinations_that_do_not_compile_are_left_out() -> None:
    devices = find_devices(TwoDeviceCore())
    assert [device.name for device in devices] == [
        "CPU",
        "GPU.0",
        "AUTO",
        "AUTO:GPU.0,CPU",
        "MULTI:GPU.0,CPU",
        "BATCH:CPU",
        "BATCH:GPU.0",
    ]
    assert devices[1].precisions == ("f32", "f16")
    assert devices[0].precisions == ()
    assert devices[1].full_name == "Fine GPU.0 (with?noise)"


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ("CPU", ("CPU", ("CPU",))),
        ("GPU.1", ("GPU.1", ("GPU.1",))),
        ("AUTO", ("AUTO", ())),
        ("AUTO:GPU,CPU", ("AUTO", ("GPU", "CPU"))),
        ("AUTO:-GPU", ("AUTO", ())),
        ("BATCH:CPU(4)", ("BATCH", ("CPU",))),
    ],
)
def test_a_device_string_is_split(device: str, expected: object) -> None:
    assert split_device(device) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {"PERFORMANCE_HINT": "THROUGHPUT"}),
        ({"hint": "none"}, {}),
        ({"hint": "none", "hint_nireq": 3}, {"PERFORMANCE_HINT_NUM_REQUESTS": 3}),
        (
            {"hint": "none", "streams": "auto", "threads": 2, "precision": "f32"},
            {
                "NUM_STREAMS": "AUTO",
                "INFERENCE_NUM_THREADS": "2",
                "INFERENCE_PRECISION_HINT": "f32",
            },
        ),
        ({"hint": "none", "device": "GPU", "threads": 2}, {}),
        ({"hint": "none", "streams": "CPU:2"}, {"NUM_STREAMS": "2"}),
        ({"hint": "none", "cache_dir": "c"}, {"CACHE_DIR": "c"}),
        ({"hint": "none", "device": "BATCH:CPU(4)", "streams": "2"}, {"NUM_STREAMS": "2"}),
        ({"hint": "none", "device": "AUTO", "streams": "2"}, {"NUM_STREAMS": "2"}),
        (
            {"hint": "none", "device": "AUTO", "streams": "CPU:2", "threads": 1},
            {"DEVICE_PROPERTIES": {"CPU": {"NUM_STREAMS": "2", "INFERENCE_NUM_THREADS": "1"}}},
        ),
        (
            {"hint": "none", "device": "MULTI:GPU,CPU", "streams": "CPU:2,GPU:4", "threads": 1},
            {
                "DEVICE_PROPERTIES": {
                    "GPU": {"NUM_STREAMS": "4"},
                    "CPU": {"NUM_STREAMS": "2", "INFERENCE_NUM_THREADS": "1"},
                }
            },
        ),
        ({"hint": "none", "perf_counts": True}, {"PERF_COUNT": "YES"}),
        ({"hint": "none", "batch": 4}, {"ALLOW_AUTO_BATCHING": "NO"}),
        ({"hint": "none", "threads_pinning": "NO"}, {"ENABLE_CPU_PINNING": "NO"}),
        ({"hint": "none", "threads_pinning": "NO", "device": "GPU"}, {}),
        (
            {"hint": "none", "device": "AUTO", "threads_pinning": "YES", "precision": "GPU:f16"},
            {
                "DEVICE_PROPERTIES": {
                    "GPU": {"INFERENCE_PRECISION_HINT": "f16"},
                    "CPU": {"ENABLE_CPU_PINNING": "YES"},
                }
            },
        ),
        (
            {"hint": "none", "device": "MULTI:GPU,CPU", "precision": "CPU:bf16,GPU:f32"},
            {
                "DEVICE_PROPERTIES": {
                    "GPU": {"INFERENCE_PRECISION_HINT": "f32"},
                    "CPU": {"INFERENCE_PRECISION_HINT": "bf16"},
                }
            },
        ),
        (
            {
                "streams": "2",
                "device_properties": (
                    ("CPU", (("NUM_STREAMS", "9"), ("PERFORMANCE_HINT", "LATENCY"), ("A", "B"))),
                    ("GPU", (("C", "D"),)),
                ),
            },
            {"NUM_STREAMS": "2", "PERFORMANCE_HINT": "THROUGHPUT", "A": "B"},
        ),
        (
            {
                "hint": "none",
                "device": "AUTO:CPU",
                "threads": 1,
                "device_properties": (
                    (
                        "AUTO",
                        (("DEVICE_PROPERTIES", "{CPU:{NUM_STREAMS:2,INFERENCE_NUM_THREADS:4}}"),),
                    ),
                ),
            },
            {
                "DEVICE_PROPERTIES": {"CPU": {"NUM_STREAMS": "2", "INFERENCE_NUM_THREADS": "1"}},
            },
        ),
    ],
)
def test_a_configuration_becomes_properties(
    values: Mapping[str, object], expected: Mapping[str, object]
) -> None:
    assert compile_properties(BenchmarkConfig(**values)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("device", ["CPU", "MULTI:CPU"])
def test_streams_for_a_device_not_in_use_are_refused(device: str) -> None:
    with pytest.raises(BadInputError, match="GPU is not in use"):
        compile_properties(BenchmarkConfig(device=device, streams="CPU:1,GPU:2"))


@pytest.mark.parametrize(
    ("device", "prefix"), [("CPU", ""), ("AUTO:CPU", "CPU."), ("HETERO:CPU", "CPU.")]
)
def test_every_kind_of_property_reaches_the_device(
    effective: Compile, device: str, prefix: str
) -> None:
    got = effective(device=device, perf_counts=True, threads_pinning="NO", batch=1, precision="f32")
    properties = dict(got.properties)
    assert properties[f"{prefix}PERF_COUNT"].lower() == "yes"
    assert properties[f"{prefix}ENABLE_CPU_PINNING"] == "no"
    assert got.precision == "f32"
    plain = dict(effective(device=device).properties)
    assert plain[f"{prefix}PERF_COUNT"].lower() == "no"


def test_precision_for_a_device_not_in_use_is_refused() -> None:
    with pytest.raises(BadInputError, match="-infer_precision CPU:f32,GPU:f16: GPU is not in use"):
        compile_properties(BenchmarkConfig(precision="CPU:f32,GPU:f16"))


def test_what_is_asked_for_and_what_is_got_differ(core: ov.Core, effective: Compile) -> None:
    got = effective(streams="100", threads=64, precision="f32")
    (_, most, *_) = core.get_property("CPU", "RANGE_FOR_STREAMS")
    if most < 100:
        assert int(got.streams) <= most
    assert int(got.threads) < 64
    assert int(got.streams) <= int(got.threads)
    assert got.precision == "f32"
    assert got.hint == "throughput"
    assert got.optimal_nireq >= int(got.streams)


def test_without_a_hint_the_device_says_which_it_took(effective: Compile) -> None:
    assert effective(hint="none").hint == "latency"
    assert effective(hint="latency").hint == "latency"


@pytest.mark.parametrize(
    "device", ["CPU", "AUTO", "AUTO:CPU", "MULTI:CPU", "HETERO:CPU", "BATCH:CPU"]
)
def test_tuning_reaches_the_cpu_below_every_virtual_device(effective: Compile, device: str) -> None:
    got = effective(device=device, streams="1", threads=1, precision="f32")
    assert (got.streams, got.threads, got.precision) == ("1", "1", "f32")
    assert got.hint == "throughput"
    assert got.device == device
    assert got.execution_devices == "CPU"
    names = [name for name, _ in got.properties]
    assert names == sorted(names)
    assert ("NUM_STREAMS" if device == "CPU" else "CPU.NUM_STREAMS") in names


def test_a_virtual_device_whose_hint_is_not_its_devices_tells_both(effective: Compile) -> None:
    assert effective(device="MULTI:CPU", hint="latency").hint == "throughput (latency)"


def test_a_second_compile_comes_from_the_cache(effective: Compile, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    assert not effective(cache_dir=cache).loaded_from_cache
    assert effective(cache_dir=cache).loaded_from_cache
    assert not effective().loaded_from_cache


class StubbornModel:
    """A compiled model of which most properties cannot be read."""

    def get_property(self, name: str) -> object:
        values: dict[str, object] = {
            "SUPPORTED_PROPERTIES": {"GOOD": "RO", "BAD": "RO", "NUM_STREAMS": "RO"},
            "GOOD": 1.5,
            "EXECUTION_DEVICES": ["GPU", "CPU"],
            "DEVICE_PROPERTIES": {
                "GPU": {"NUM_STREAMS": 4, "INFERENCE_PRECISION_HINT": ov.Type.f16},
                "CPU": {"NUM_STREAMS": 2, "INFERENCE_PRECISION_HINT": ov.Type.f16},
            },
        }
        if name not in values:
            raise RuntimeError("cannot be read")
        return values[name]


def test_properties_that_throw_are_left_out_and_devices_told_apart() -> None:
    got = read_effective(StubbornModel(), "MULTI:GPU,CPU")
    assert got.streams == "GPU 4, CPU 2"
    assert got.precision == "f16"
    assert got.threads == ""
    assert got.hint == ""
    assert got.execution_devices == "GPU,CPU"
    assert dict(got.properties)["GOOD"] == "1.5"
    assert "BAD" not in dict(got.properties)
