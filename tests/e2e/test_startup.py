"""`ovbench-tui startup`: real starts of a real model, cold and out of a cache."""

from __future__ import annotations

import json
from pathlib import Path

from ovbench_tui.export.startup_program import PHASES
from tests.e2e.piped import run_piped


def test_cold_and_cached_starts_are_measured(
    environment: dict[str, str], relu_model: Path, tmp_path: Path
) -> None:
    words = ("startup", str(relu_model), "-cdir", str(tmp_path / "cache"), "--repeat", "2")
    result = run_piped(environment, *words, "--json")
    assert result.returncode == 0, result.stderr
    cold, cached = json.loads(result.stdout)["series"]
    assert [phase["name"] for phase in cold["phases"]] == list(PHASES)
    assert (cold["hits"], cached["hits"]) == (0, 2)
    assert cached["cache_bytes"] > 0
    for start in (*cold["starts"], *cached["starts"]):
        assert 0 < sum(start["phases_ms"].values()) <= start["wall_ms"]
        assert all(milliseconds > 0 for milliseconds in start["phases_ms"].values())
