"""A virtual environment with a given version of OpenVINO, made once and kept in the cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs

from ovbench_tui.console.error_log import log_error
from ovbench_tui.errors import BadInputError, RunFailedError

_VERSION = re.compile(r"\d{4}\.\d+(\.\d+)*([ab.+-][\w.+-]*)?")
_NEEDED = ("numpy", "pillow")
"""Of the program that measures, beside OpenVINO."""

_OF_ANOTHER_INSTALLATION = ("PYTHON", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "OPENVINO_LIB_PATHS")


def interpreter_with(
    version: str, say: Callable[[str], None], cache_root: Path | None = None
) -> Path:
    """Return a Python interpreter that has this version of OpenVINO.

    Args:
        version: as the package index has it, as in ``2025.4.1``.
        say: is told when something has to be installed, which takes a while.
        cache_root: the program's folder in the user's cache.

    Raises:
        BadInputError: there is no such version.
        RunFailedError: it cannot be installed.
    """
    if not _VERSION.fullmatch(version):
        raise BadInputError(f"{version!r} is no version of OpenVINO: give one like 2025.4.1.")
    root = cache_root or platformdirs.user_cache_path("ovbench-tui")
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    folder = root / "openvino" / f"{version}-{tag}"
    if not _interpreter_in(folder).exists():
        say(f"Installing OpenVINO {version}, once ...")
        _install(version, folder)
    return _interpreter_in(folder)


def environment_for(*, is_own: bool) -> dict[str, str]:
    """The environment variables of a process that measures.

    Args:
        is_own: its interpreter is one of `interpreter_with`. Then it takes no modules and
            libraries of another installation, as OpenVINO's setupvars.sh names them.
    """
    if not is_own:
        return dict(os.environ)
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OF_ANOTHER_INSTALLATION)
    }


def _interpreter_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _install(version: str, folder: Path) -> None:
    """Make the environment beside its place, and move it there once it is whole."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    except OSError as error:
        raise RunFailedError(
            f"OpenVINO {version} is kept in {folder.parent}, which cannot be written"
            f" ({error.strerror})."
        ) from error
    try:
        for command in _commands(version, staging):
            _run(command, version)
        staging.rename(folder)
    except OSError as error:
        # Another process was faster, or what stands there is none.
        if not _interpreter_in(folder).exists():
            raise RunFailedError(
                f"{folder} cannot be written ({error.strerror}): remove it, and start again."
            ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _commands(version: str, folder: Path) -> list[list[str]]:
    packages = [f"openvino=={version}", *_NEEDED]
    interpreter = str(_interpreter_in(folder))
    if uv := shutil.which("uv"):
        return [
            [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--python", interpreter, *packages],
        ]
    pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return [[sys.executable, "-m", "venv", str(folder)], [*pip, *packages]]


def _run(command: Sequence[str], version: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment_for(is_own=True),
        check=False,
    )
    if done.returncode == 0:
        return
    log_error(RunFailedError(done.stdout))
    if "o matching distribution" in done.stdout or "no version of openvino" in done.stdout:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise BadInputError(
            f"The package index has no OpenVINO {version} for Python {python} on this machine:"
            " give another version, or --b-python with an interpreter that has it."
        )
    if "ensurepip" in done.stdout:
        raise RunFailedError(
            "This Python makes no virtual environments: install its venv package, or uv."
        )
    raise RunFailedError(
        f"OpenVINO {version} could not be installed; the log has what the installer printed."
    )
