"""The C++ yardstick: built against the libraries of the installed openvino, when needed."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from tests.benchmarks.parsing import Throughput, read_yardstick
from tests.benchmarks.processes import ProgramFailedError, run_to_end
from tests.benchmarks.settings import Settings, tell

_SOURCE = Path(__file__).with_name("yardstick.cpp")
_BUILD_TIMEOUT_S = 300.0


class NoYardstickError(RuntimeError):
    """It cannot be built here; the text says why."""


class Yardstick:
    """A bare C++ loop over infer requests.

    Raises:
        NoYardstickError: it cannot be built here.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._program = settings.folder / "yardstick"
        compiler = shutil.which("g++")
        if compiler is None:
            raise NoYardstickError("there is no g++ to build the C++ yardstick with.")
        package = _openvino_package()
        library = next((package / "libs").glob("libopenvino.so*"), None)
        if library is None or not (package / "include" / "openvino" / "openvino.hpp").exists():
            raise NoYardstickError("the installed openvino has no C++ headers and libraries.")
        command = [compiler, "-std=c++17", "-O2", "-pthread", str(_SOURCE)]
        command += ["-o", str(self._program), "-I", str(package / "include"), str(library)]
        command += [f"-Wl,-rpath,{library.parent}", f"-Wl,-rpath-link,{library.parent}"]
        tell("building the C++ yardstick")
        try:
            run_to_end(command, settings.environment, settings.folder, _BUILD_TIMEOUT_S)
        except ProgramFailedError as error:
            raise NoYardstickError(f"the C++ yardstick does not build here: {error}") from error

    def measure(self, model: Path, nireq: int, loop: str) -> Throughput:
        """Run it once; `loop` is ``restart`` or ``queue``, as told in its source."""
        settings = self._settings
        command = [str(self._program), str(model), str(nireq), str(settings.seconds), loop]
        return read_yardstick(
            run_to_end(command, settings.environment, settings.folder, settings.timeout_s)
        )


def _openvino_package() -> Path:
    """Where openvino is installed, without importing it."""
    spec = importlib.util.find_spec("openvino")
    if spec is None or spec.origin is None:
        raise NoYardstickError("openvino is not installed.")
    return Path(spec.origin).parent
