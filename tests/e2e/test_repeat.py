"""--repeat: the plain run, ab and compare, each in fresh processes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.e2e.piped import run_piped


@pytest.fixture
def kept(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment, with a history of its own."""
    return {**environment, "OVBENCH_TUI_HISTORY": str(tmp_path / "history.db")}


def test_a_run_is_repeated_and_compared_with_itself(kept: dict[str, str], tmp_path: Path) -> None:
    words = ("mobilenet-v2", "-t", "1", "-max_irate", "16", "--repeat", "2")
    run = run_piped(kept, *words, "--json")
    assert run.returncode == 0, run.stderr
    document = json.loads(run.stdout)
    schema = json.loads(run_piped(kept, "--json-schema").stdout)
    jsonschema.Draft202012Validator(schema).validate(document)
    assert [one["run_id"] for one in document["runs"]] == [1, 2]
    fps = document["repeat"]["fps_mean"]
    assert fps["runs"] == 2
    assert fps["low"] <= fps["value"] <= fps["high"]
    assert "Run 2 of 2" in run.stderr
    path = tmp_path / "runs.json"
    path.write_text(run.stdout, encoding="utf-8")
    for sides in ((str(path), str(path)), ("1,2", "1-2")):
        compared = run_piped(kept, "compare", *sides, "--json", "--equivalent", "99%")
        found = json.loads(compared.stdout)
        assert found["figures"][0]["runs"] == 2, compared.stderr
        assert found["figures"][0]["ratio"] == pytest.approx(1.0)
    again = run_piped(kept, "compare", str(path), "1", "--json", "--repeat", "2")
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert [len(found[side]["repeats"]) for side in "ab"] == [2, 2]
    assert found["figures"][0]["runs"] == 2


def test_repeated_runs_keep_a_limit_as_the_worst_of_them(kept: dict[str, str]) -> None:
    words = ("mobilenet-v2", "-t", "1.5", "--repeat", "2", "--fps-above", "1e9", "--json")
    run = run_piped(kept, *words)
    assert run.returncode == 4, run.stderr
    document = json.loads(run.stdout)
    assert document["outcome"]["status"] == "limit_missed"
    assert [one["limits"][0]["verdict"] for one in document["runs"]] == ["failed", "failed"]


def test_an_ab_is_repeated(kept: dict[str, str]) -> None:
    words = ("ab", "mobilenet-v2", "--b", "-nireq 1", "-t", "6", "--repeat", "2")
    run = run_piped(kept, *words, "--json")
    assert run.returncode == 0, run.stderr
    document = json.loads(run.stdout)
    assert len(document["repeats"]) == 2
    # On a busy machine a comparison may end before its first pair.
    known = [one for one in document["repeats"] if one["fps"]["value"] is not None]
    assert document["ratio"]["fps"]["pairs"] == len(known)
    assert f"Measured in {len(known)} independent comparison" in document["conclusion"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--repeat", "1"), "--repeat 1: give 2 to 100 runs"),
        (("--repeat", "3", "--latencies", "l.npy"), "--repeat takes no reports of a run"),
        (("--repeat", "2", "-nstreams", "-5"), "streams"),
    ],
)
def test_what_cannot_be_repeated_is_one_sentence(
    kept: dict[str, str], words: tuple[str, ...], why: str
) -> None:
    run = run_piped(kept, "mobilenet-v2", *words)
    assert run.returncode == 2
    assert why in run.stderr
    assert run.stdout == ""
