"""`ovbench-tui mix`: real models, one document, and runs in the history."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.piped import run_piped

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal


def test_a_mix_is_printed_written_and_kept(
    environment: dict[str, str], relu_model: Path, tmp_path: Path
) -> None:
    kept = {**environment, "OVBENCH_TUI_HISTORY": str(tmp_path / "history.db")}
    figures = tmp_path / "figures.csv"
    options = ("-t", "0.6", "--slice", "0.2", "--csv", str(figures), "--json")
    limited = f"{relu_model} -nireq 1 --fps-above 1e9"
    ran = run_piped(kept, "mix", str(relu_model), limited, *options)
    document = json.loads(ran.stdout)
    # Less than a second is measured of each, so whether it is so fast is undecided.
    assert ran.returncode == document["exit_code"] == 5, ran.stderr
    assert "relu-2: FPS above 1e+09: undecided" in ran.stderr
    assert [one["name"] for one in document["models"]] == ["relu", "relu-2"]
    for one in document["models"]:
        assert one["alone"]["fps_mean"] > 0
        assert one["together"]["fps_mean"] > 0
        assert one["ratio"]["fps"]["value"] > 0
    with figures.open(newline="", encoding="utf-8") as file:
        assert [row["nireq"] for row in csv.DictReader(file)][1] == "1"
    listed = json.loads(run_piped(kept, "history", "--json").stdout)["runs"]
    assert len(listed) == 4
    (mark,) = {run["search"] for run in listed}
    assert mark.startswith("mix ")


def test_copies_on_a_terminal_are_processes_and_leave_the_table(
    start: Callable[..., Terminal], quiet: tuple[str, ...]
) -> None:
    terminal = start(*quiet, "--processes", "2", "-t", "0.4")
    ended = terminal.ended()
    assert ended.code == 0
    assert "relu-2" in ended.main_screen
    assert "alone" in ended.main_screen
    assert "together" in ended.main_screen
    assert not terminal.has_processes_left
