"""Fixtures shared by all tests."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import ovbench_tui  # noqa: F401 - before OpenVINO, whose import would send an event otherwise

if TYPE_CHECKING:
    import openvino as ov


# A slow or busy machine fails no test; speed is for the benchmarks.
settings.register_profile("ovbench", deadline=None)
settings.load_profile("ovbench")


_TESTS = Path(__file__).parent

CACHE_OF_THE_TESTS = "OVBENCH_TESTS_CACHE"
"""Names the folder in which programs that tests start find the built-in models."""


def pytest_configure(config: pytest.Config) -> None:
    """Make one cache for all worker processes: it can take 100 MB."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="ovbench-tests-")
        os.environ[CACHE_OF_THE_TESTS] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection(session: pytest.Session) -> None:
    """Let each worker begin in another place, and collect undisturbed by the garbage collector.

    In a fresh checkout every module must be compiled first. Workers that went through them in the
    same order would all compile the same ones; so each finds three quarters of them compiled.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    gc.disable()
    modules = sorted(_TESTS.rglob("test_*.py"))
    begin = len(modules) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for path in modules[begin:] + modules[:begin]:
        name = ".".join(path.relative_to(_TESTS.parent).with_suffix("").parts)
        # What is not for this machine is skipped, and what is wrong is told, by the collection.
        with contextlib.suppress(pytest.skip.Exception, Exception):
            importlib.import_module(name)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Spare the garbage collector the thousands of tests themselves: a tenth of the CPU time."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _files_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests, and the programs that they start, out of the developer's own files."""
    folder = tmp_path_factory.mktemp("user")
    own = {
        "OVBENCH_TUI_HISTORY": folder / "history.db",
        "OVBENCH_TUI_CONFIG": folder / "config.toml",
        "OVBENCH_TUI_RECENT": folder / "recent.json",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, path in own.items():
            patch.setenv(name, str(path))
        yield


@pytest.fixture(scope="session")
def shared_models() -> Path:
    folder = Path(__file__).resolve().parents[2] / "shared" / "models"
    if not folder.is_dir():
        pytest.skip("the models made by others (../shared/models) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def core() -> ov.Core:
    # Imported here: tests of the command line and the screen must not pay for OpenVINO.
    import openvino as ov

    return ov.Core()
