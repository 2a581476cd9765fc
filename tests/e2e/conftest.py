"""Starting the program in a terminal of its own, with a home of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CACHE_OF_THE_TESTS

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal

_REPOSITORY = Path(__file__).resolve().parents[2]

Quiet = tuple[str, ...]


@pytest.fixture(scope="session")
def cache_home() -> Path:
    """Where the built-in models are built once for all tests of all processes."""
    return Path(os.environ[CACHE_OF_THE_TESTS])


@pytest.fixture(scope="session")
def relu_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that takes no time to read or to run."""
    import openvino as ov
    from openvino import opset13

    parameter = opset13.parameter([1, 16], ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    path = tmp_path_factory.mktemp("model") / "relu.xml"
    ov.save_model(ov.Model([opset13.relu(parameter)], [parameter], "relu"), path)
    return path


@pytest.fixture(scope="session")
def quiet(relu_model: Path) -> Quiet:
    """The arguments of a run that leaves the machine to others, for where any run will do."""
    return (str(relu_model), "-max_irate", "400")


@pytest.fixture
def environment(tmp_path: Path, cache_home: Path) -> dict[str, str]:
    """An environment that touches nothing of the user's."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(cache_home),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHONPATH": str(_REPOSITORY),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., Terminal]]:
    """Start the program with these arguments, and variables put over the environment's.

    It comes from a process that has imported it, unless `is_warm` says otherwise or variables
    do. The other keywords are those of `Terminal`.
    """
    from tests.e2e.terminal import Terminal
    from tests.e2e.warm import PROGRAM

    with ExitStack() as terminals:

        def start_one(
            *arguments: str,
            variables: Mapping[str, str] | None = None,
            is_warm: bool = True,
            **keywords: int,
        ) -> Terminal:
            surroundings = environment | dict(variables or {})
            terminal = Terminal([*PROGRAM, *arguments], surroundings, is_warm=is_warm, **keywords)
            return terminals.enter_context(terminal)

        yield start_one


@pytest.fixture(scope="session")
def dynamic_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An IR that cannot run before it is given a data shape."""
    import openvino as ov
    from openvino import opset13

    parameter = opset13.parameter(ov.PartialShape("[?,1..16]"), ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    path = tmp_path_factory.mktemp("model") / "dynamic.xml"
    ov.save_model(ov.Model([opset13.relu(parameter)], [parameter], "dynamic"), path)
    return path
