"""`ovbench-tui sweep`: a real model, a table, a file, and runs in the history."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.piped import run_piped

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal


def test_a_sweep_is_printed_written_and_kept(environment: dict[str, str], tmp_path: Path) -> None:
    kept = {**environment, "OVBENCH_TUI_HISTORY": str(tmp_path / "history.db")}
    points = tmp_path / "points.csv"
    words = ("sweep", "mobilenet-v2", "--nireq", "1,2", "--csv", str(points), "--json")
    swept = run_piped(kept, *words)
    assert swept.returncode == 0, swept.stderr
    document = json.loads(swept.stdout)
    (curve,) = document["curves"]
    assert [point["nireq"] for point in curve["points"]] == [1, 2]
    assert all(point["fps"]["value"] > 0 for point in curve["points"])
    assert curve["knee_nireq"] in (1, 2)
    with points.open(newline="", encoding="utf-8") as file:
        assert [row["nireq"] for row in csv.DictReader(file)] == ["1", "2"]
    listed = json.loads(run_piped(kept, "history", "--json").stdout)["runs"]
    assert sorted(run["nireq"] for run in listed) == [1, 2]
    (mark,) = {run["search"] for run in listed}
    assert mark.startswith("sweep ")


def test_on_a_terminal_the_app_opens_on_the_sweep_and_leaves_the_table(
    start: Callable[..., Terminal], tmp_path: Path
) -> None:
    points = tmp_path / "points.csv"
    terminal = start("sweep", "mobilenet-v2", "--nireq", "1,2", "--csv", str(points))
    terminal.wait_for_text("Sweep over nireq", "FPS over nireq", "p99 over nireq")
    terminal.wait_for_text("2 of 2 points  done")
    terminal.type("2")
    terminal.wait_for_text("sweep (2 points)")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert "knee is at nireq" in ended.main_screen
    with points.open(newline="", encoding="utf-8") as file:
        assert [row["nireq"] for row in csv.DictReader(file)] == ["1", "2"]


def test_a_file_that_cannot_be_written_is_refused_at_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    refused = run_piped(environment, "sweep", "mobilenet-v2", "--csv", str(tmp_path))
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "--csv" in refused.stderr
