"""`ovbench-tui sweep`: a real model, a table, a file, and runs in the history."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.e2e.piped import run_piped


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


def test_a_file_that_cannot_be_written_is_refused_at_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    refused = run_piped(environment, "sweep", "mobilenet-v2", "--csv", str(tmp_path))
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "--csv" in refused.stderr
