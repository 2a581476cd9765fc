"""A trace is read once for many queues, and again where it has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ovbench_tui.engine.workloads import trace
from ovbench_tui.engine.workloads.trace import Traces
from ovbench_tui.errors import BadInputError


def test_a_trace_is_read_once_and_again_where_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "trace.csv"
    file.write_text("1\n2\n4\n")
    reads: list[str] = []
    read = trace.read_trace
    monkeypatch.setattr(trace, "read_trace", lambda path: reads.append(path) or read(path))
    traces = Traces()
    assert traces.read(str(file)) == traces.read(str(file)) == (0.0, 1.0, 3.0)
    assert len(reads) == 1
    file.write_text("1\n2\n8\n")
    os.utime(file, ns=(1, 1))
    assert traces.read(str(file)) == (0.0, 1.0, 7.0)
    file.unlink()
    with pytest.raises(BadInputError, match="was not found"):
        traces.read(str(file))
