"""The language model of these tests, made once a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import OpenSession, _opened
from tests.engine.pipelines.tiny_llama import make_folder


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder, with both tokenizers."""
    return make_folder(tmp_path_factory.mktemp("llama"))


@pytest.fixture
def open_pipeline() -> Iterator[OpenSession]:
    """Sessions as any, which have to find out by themselves that a pipeline is isolated."""
    with _opened(isolated=False) as open_one:
        yield open_one
