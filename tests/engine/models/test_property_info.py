"""Properties of the devices of this machine, and changes of them on the real engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openvino as ov
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.devices import DeviceInfo, DeviceProperty
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.models.devices import find_devices
from ovbench_tui.engine.models.property_info import read_device_properties
from ovbench_tui.ui.tabs.properties.property_edit import with_property
from ovbench_tui.ui.tabs.properties.property_rows import PropertyRow, property_rows
from tests.engine.conftest import OpenSession, measured, wait_for


@pytest.fixture(scope="module")
def devices() -> dict[str, DeviceInfo]:
    return {info.name: info for info in find_devices(ov.Core())}


def _by_name(info: DeviceInfo) -> dict[str, DeviceProperty]:
    return {one.name: one for one in info.properties}


def test_the_cpu_tells_values_access_and_choices(devices: dict[str, DeviceInfo]) -> None:
    known = _by_name(devices["CPU"])
    assert list(known) == sorted(known)
    assert "SUPPORTED_PROPERTIES" not in known
    assert known["FULL_DEVICE_NAME"].access == "RO"
    assert known["FULL_DEVICE_NAME"].choices == ()
    hint = known["PERFORMANCE_HINT"]
    assert (hint.value, hint.access) == ("latency", "RW")
    assert hint.choices == ("LATENCY", "THROUGHPUT", "CUMULATIVE_THROUGHPUT")
    assert known["ENABLE_HYPER_THREADING"].choices == ("YES", "NO")
    assert {"f32", "bf16"} <= set(known["INFERENCE_PRECISION_HINT"].choices)
    assert known["LOG_LEVEL"].choices[0] == "LOG_NONE"


def test_what_is_listed_and_cannot_be_read_is_told_so(devices: dict[str, DeviceInfo]) -> None:
    known = _by_name(devices["CPU"])
    assert known["COMPATIBILITY_CHECK"].value is None
    assert known["DEVICE_ID"].value == ""


def test_virtual_devices_have_those_of_their_kind(devices: dict[str, DeviceInfo]) -> None:
    assert "MODEL_PRIORITY" in _by_name(devices["AUTO"])
    assert "AUTO_BATCH_TIMEOUT" in _by_name(devices["BATCH:CPU"])
    assert read_device_properties(ov.Core(), "NOSUCH") == ()


def test_every_choice_of_the_cpu_is_one_it_takes(devices: dict[str, DeviceInfo]) -> None:
    core = ov.Core()
    parameter = ov.opset13.parameter([1, 4], ov.Type.f32)
    model = ov.Model([ov.opset13.relu(parameter)], [parameter], "probe")
    for one in devices["CPU"].properties:
        # That one reserves the cores until the process ends, and nothing compiles any more.
        for choice in one.choices if one.name != "ENABLE_CPU_RESERVATION" else ():
            core.compile_model(model, "CPU", {one.name: choice})


def _row(snapshot: Snapshot, name: str) -> PropertyRow:
    rows = property_rows(snapshot.run, snapshot.requested, snapshot.devices)
    return next(row for row in rows if row.name == name)


def test_a_property_is_changed_by_compiling_and_a_refused_one_changes_nothing(
    open_session: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = open_session(config)
    wait_for(session, lambda snapshot: measured(10)(snapshot) and bool(snapshot.devices))
    session.configure(with_property(config, "DYNAMIC_QUANTIZATION_GROUP_SIZE", "64"))
    snapshot = wait_for(session, measured(10, 2))
    row = _row(snapshot, "DYNAMIC_QUANTIZATION_GROUP_SIZE")
    assert (row.requested, row.effective, row.is_clamped) == ("64", "64", False)
    good = snapshot.requested
    session.configure(with_property(good, "DYNAMIC_QUANTIZATION_GROUP_SIZE", "many"))
    snapshot = wait_for(session, lambda snapshot: bool(snapshot.notices))
    (notice,) = snapshot.notices
    assert notice.is_error
    assert "DYNAMIC_QUANTIZATION_GROUP_SIZE" in notice.text
    assert snapshot.requested == good
    snapshot = wait_for(session, measured(20, 2))


def test_clamped_values_are_told(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), threads=64, nireq=2)
    config = replace(
        config, device_properties=(("CPU", (("SCHEDULING_CORE_TYPE", "PCORE_ONLY"),)),)
    )
    session = open_thread(config)
    snapshot = wait_for(session, measured(10))
    row = _row(snapshot, "INFERENCE_NUM_THREADS")
    assert row.requested == "64"
    assert row.is_clamped == (row.effective != "64")
    assert not _row(snapshot, "PERFORMANCE_HINT").is_clamped


def test_properties_below_a_virtual_device_reach_it(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), device="MULTI:CPU", nireq=2)
    config = with_property(config, "CPU.ENABLE_HYPER_THREADING", "NO")
    config = with_property(config, "CPU.NUM_STREAMS", "1")
    session = open_thread(config)
    snapshot = wait_for(session, lambda one: measured(10)(one) and bool(one.devices))
    row = _row(snapshot, "CPU.ENABLE_HYPER_THREADING")
    assert (row.requested, row.effective, row.is_clamped) == ("NO", "no", False)
    assert row.is_writable
    row = _row(snapshot, "CPU.NUM_STREAMS")
    assert (row.requested, row.effective) == ("1", "1")
