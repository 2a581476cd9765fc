"""Damaged model files: read, refused, or the death of the child is told; then the next one runs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.models import ModelFuzzer, Seed, all_seeds, own_seeds


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelFuzzer]:
    with ModelFuzzer(tmp_path_factory.mktemp("damaged")) as fuzzer:
        yield fuzzer


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seed]:
    folder = tmp_path_factory.mktemp("seeds")
    return {seed.name: seed for seed in all_seeds(folder)}


@pytest.mark.parametrize(
    ("name", "count"), [("IR", 20), ("ONNX", 20), ("ONNX, symbolic", 10), ("TFLite", 4)]
)
def test_damaged_files(fuzzer: ModelFuzzer, seeds: dict[str, Seed], name: str, count: int) -> None:
    if name not in seeds:
        pytest.skip("the models made by others (../shared/models) are not on this machine")
    numbers = random.Random(7)  # noqa: S311
    for _ in range(count):
        fuzzer.try_one(seeds[name], numbers)
        assert not fuzzer.found
    tally, _ = fuzzer.take()
    assert tally.tried == count
    assert tally.refused + tally.died > 0, "nothing was damaged"


def test_the_models_themselves_are_good(tmp_path: Path) -> None:
    import openvino as ov

    for seed in own_seeds(tmp_path):
        compiled = ov.Core().compile_model(seed.files[0], "CPU")
        assert len(compiled.outputs) == 1
