"""OpenVINO's Core, with the extensions and kernels that a configuration names."""

from __future__ import annotations

from pathlib import Path

import openvino as ov

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_read import size_of

_Additions = tuple[tuple[str, ...], str]


class Cores:
    """One Core for every set of additions: they cannot be taken out of a Core again.

    A Core costs 1 to 2 ms. The libraries themselves stay loaded until the process ends.
    """

    def __init__(self) -> None:
        self.plain = ov.Core()
        self._known: dict[_Additions, ov.Core] = {((), ""): self.plain}

    def core_for(self, config: BenchmarkConfig) -> ov.Core:
        """The Core to read and compile `config` with.

        Raises:
            BadInputError: an extension or kernel file cannot be used.
        """
        key = additions(config)
        if key not in self._known:
            core = ov.Core()
            for path in config.extensions:
                _add_extension(core, path)
            if config.gpu_kernels:
                _set_kernels(core, config.gpu_kernels)
            self._known[key] = core
        return self._known[key]


def additions(config: BenchmarkConfig) -> _Additions:
    """What of `config` makes another Core necessary, and with it another reading."""
    return config.extensions, config.gpu_kernels


def _add_extension(core: ov.Core, path: str) -> None:
    _check_file("-extensions", path)
    try:
        core.add_extension(str(Path(path).expanduser().absolute()))
    except RuntimeError as error:
        raise BadInputError(
            f"-extensions: '{printable(path)}' is not an OpenVINO"
            " extension that can be loaded here:"
            f" {reason_of(error)}."
        ) from error


def _set_kernels(core: ov.Core, path: str) -> None:
    if not any(device.startswith("GPU") for device in core.available_devices):
        raise BadInputError(
            "-c names custom kernels for a GPU, and there is none here: leave it out."
        )
    _check_file("-c", path)
    try:
        core.set_property("GPU", {"CONFIG_FILE": str(Path(path).expanduser().absolute())})
    except RuntimeError as error:
        raise BadInputError(
            f"-c: the kernels of '{printable(path)}' cannot be used: {reason_of(error)}."
        ) from error


def _check_file(option: str, path: str) -> None:
    try:
        is_there = size_of(Path(path).expanduser()) is not None
    except (RuntimeError, ValueError):  # '~someone' with no home directory, a NUL
        is_there = False
    if not is_there:
        raise BadInputError(f"{option}: there is no file '{printable(path)}'.")
