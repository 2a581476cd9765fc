"""The same starting of programs as the end-to-end tests have; nothing is left of any."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import cache_home, environment, quiet, relu_model, start
from tests.engine.conftest import (
    _short_waits,
    devices_found_once,
    open_session,
    open_thread,
    tiny_models,
)
from tests.faults.leaks import nothing_left

__all__ = [
    "_short_waits",
    "cache_home",
    "devices_found_once",
    "environment",
    "open_session",
    "open_thread",
    "quiet",
    "relu_model",
    "start",
    "tiny_models",
]


@pytest.fixture(autouse=True)
def _no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    with nothing_left():
        yield
        request.node.funcargs.clear()  # pytest holds what the test was given until all is over
