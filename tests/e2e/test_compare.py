"""Real runs compared by the program itself: from the history, and from --json documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.piped import run_piped


@pytest.fixture
def kept(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment, with a history of its own."""
    return {**environment, "OVBENCH_TUI_HISTORY": str(tmp_path / "history.db")}


def test_a_run_held_back_is_slower_and_a_run_is_like_itself(
    kept: dict[str, str], tmp_path: Path
) -> None:
    # Both are held back, far below what any machine can do, so that no noise can hide it.
    for name, rate in (("a", "16"), ("b", "4")):
        run = run_piped(kept, "mobilenet-v2", "-t", "8", "--json", "-max_irate", rate)
        assert run.returncode == 0, run.stderr
        (tmp_path / f"{name}.json").write_text(run.stdout, encoding="utf-8")
        (measured,) = json.loads(run.stdout)["runs"]
        assert len(measured["series"]["counts"]) >= 12
        # The window that was not yet full is left out.
        missing = measured["figures"]["count"] - sum(measured["series"]["counts"])
        assert 0 <= missing <= 6
    for a, b in ((str(tmp_path / "a.json"), str(tmp_path / "b.json")), ("1", "2")):
        reported = run_piped(kept, "compare", a, b, "--fail-above", "5%")
        assert reported.returncode == 1, reported.stdout + reported.stderr
        assert "Not alike: rate limit 16 / 4." in reported.stdout
        assert "% slower (95 % interval" in reported.stdout.splitlines()[-1]
    sides = ("1", str(tmp_path / "a.json"))
    strict = run_piped(kept, "compare", *sides, "--fail-above", "0", "--json")
    low = json.loads(strict.stdout)["figures"][0]["low"]
    # Undecided, unless all windows are alike to the last inference, which leaves no width.
    assert strict.returncode == (5 if low < 1 else 0)
    mixed = run_piped(kept, "compare", *sides, "--fail-above", "90%", "--json")
    assert mixed.returncode == 0
    fps = json.loads(mixed.stdout)["figures"][0]
    assert fps["ratio"] == pytest.approx(1.0)
    assert fps["is_real"] is False
