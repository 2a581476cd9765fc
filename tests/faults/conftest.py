"""The same starting of programs as the end-to-end tests have."""

from __future__ import annotations

from tests.e2e.conftest import cache_home, environment, start
from tests.engine.conftest import open_session, tiny_models

__all__ = ["cache_home", "environment", "open_session", "start", "tiny_models"]
