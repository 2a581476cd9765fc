"""The devices of this machine and their properties."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceProperty:
    """One property of a device, as it is before anything is asked for.

    Attributes:
        value: in words; None where it cannot be read.
        access: ``RO``, ``RW`` or ``WO``.
        choices: values it takes, as they are passed to OpenVINO; () where it tells none.
        range_text: of numbers, as in ``1 to 8``; '' where it tells none.
    """

    name: str
    value: str | None
    access: str
    choices: tuple[str, ...] = ()
    range_text: str = ""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One device string the user can choose, as in ``CPU`` or ``MULTI:CPU``.

    Attributes:
        properties: of the device itself, or of the kind of a virtual one; sorted by name.
    """

    name: str
    full_name: str
    precisions: tuple[str, ...] = ()
    is_virtual: bool = False
    properties: tuple[DeviceProperty, ...] = ()
