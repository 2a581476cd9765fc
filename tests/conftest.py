"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import openvino as ov


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
