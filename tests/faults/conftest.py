"""The same starting of programs as the end-to-end tests have; nothing is left of any."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import cache_home, environment, start
from tests.engine.conftest import open_session, tiny_models
from tests.faults.leaks import nothing_left

__all__ = ["cache_home", "environment", "open_session", "start", "tiny_models"]


@pytest.fixture(autouse=True)
def _no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    with nothing_left():
        yield
        request.node.funcargs.clear()  # pytest holds what the test was given until all is over
