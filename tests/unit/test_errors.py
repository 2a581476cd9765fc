"""Failed allocations, whoever tried: one sentence."""

from __future__ import annotations

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.errors import NO_MEMORY, BadInputError, lacks_memory

_OPENVINO = (
    "Exception from src/inference/src/cpp/infer_request.cpp:224:\n"
    "[CPU] Add node with name 'Add_3' Check 'ptr' failed at src/cpu_memory.cpp:257:\n"
    "Failed to allocate 640000000000 bytes of memory\n\n"
)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        MemoryError("std::bad_alloc"),
        MemoryError("std::bad_array_new_length"),
        MemoryError("bad array new length"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("Exception from src/core.cpp:1:\nbad array new length\n"),
        RuntimeError(_OPENVINO),
        RuntimeError("[GPU] clCreateBuffer failed: CL_MEM_OBJECT_ALLOCATION_FAILURE"),
    ],
)
def test_a_failed_allocation_is_known(error: Exception) -> None:
    assert lacks_memory(error)
    assert reason_of(error) == NO_MEMORY


@pytest.mark.parametrize("text", ["", "the memory of the node", "malloced shapes differ"])
def test_other_errors_are_no_lack_of_memory(text: str) -> None:
    assert not lacks_memory(RuntimeError(text))


def test_a_cache_that_openvino_cannot_be_given_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"-cdir .*not UTF-8"):
        compile_properties(BenchmarkConfig(cache_dir="/tmp/\udcff"))
