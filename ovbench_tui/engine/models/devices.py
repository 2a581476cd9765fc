"""The device strings that really run on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import openvino as ov
from openvino import opset13

from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.models.property_info import read_device_properties

_PRECISIONS = {"FP32": "f32", "BF16": "bf16", "FP16": "f16"}
_FULL_NAMES = {
    "AUTO": "chooses the device by itself",
    "MULTI": "all of them at once",
    "HETERO": "one model split over them",
    "BATCH": "gathers requests into batches",
}


def find_devices(core: ov.Core) -> tuple[DeviceInfo, ...]:
    """List physical devices first, then the virtual ones made of them.

    A device that is listed may still fail (a driver half installed), and no property tells
    which combinations work: each one is proven by compiling a model of one operation.
    """
    probe = _probe_model()
    physical = [
        _describe(core, name, probe)
        for name in core.available_devices
        if _compiles(core, probe, name)
    ]
    virtual = [
        DeviceInfo(
            name,
            _FULL_NAMES[name.partition(":")[0]],
            (),
            is_virtual=True,
            properties=read_device_properties(core, name.partition(":")[0]),
        )
        for name in _combinations([device.name for device in physical])
        if _compiles(core, probe, name)
    ]
    return (*physical, *virtual)


def _combinations(physical: Sequence[str]) -> Iterator[str]:
    if not physical:
        return
    # Accelerators first: the order is the priority, and the CPU is the usual fallback.
    ranked = ",".join(sorted(physical, key=lambda name: name == "CPU"))
    yield "AUTO"
    if len(physical) > 1:
        yield f"AUTO:{ranked}"
    yield f"MULTI:{ranked}"
    yield f"HETERO:{ranked}"
    for name in physical:
        yield f"BATCH:{name}"


def _describe(core: ov.Core, name: str, probe: ov.Model) -> DeviceInfo:
    capabilities = _read(core, name, "OPTIMIZATION_CAPABILITIES")
    listed = capabilities if isinstance(capabilities, list) else []
    return DeviceInfo(
        name=name,
        full_name=printable(str(_read(core, name, "FULL_DEVICE_NAME") or name)).strip(),
        precisions=tuple(text for key, text in _PRECISIONS.items() if key in listed),
        properties=read_device_properties(core, name, probe),
    )


def _read(core: ov.Core, device: str, key: str) -> object:
    try:
        return core.get_property(device, key)
    except (RuntimeError, TypeError):
        return None


def _compiles(core: ov.Core, model: ov.Model, device: str) -> bool:
    try:
        core.compile_model(model, device)
    except (RuntimeError, TypeError):
        return False
    return True


def _probe_model() -> ov.Model:
    parameter = opset13.parameter([1, 4], ov.Type.f32, name="probe")
    return ov.Model([opset13.relu(parameter)], [parameter], "probe")
