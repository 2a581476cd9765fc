"""`ovbench-tui suite`: runs in fresh processes, and the manual's example for GitHub Actions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from ovbench_tui.manual.pages import read_page
from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import PATIENCE_S

_BENCH = """
options = "-t 5 --no-history"
rest_s = 0

[run.paced]
command = "{model} -max_irate {rate}"

[run.broken]
command = "none.xml"
"""


@pytest.fixture
def bench(tmp_path: Path, relu_model: Path) -> Path:
    path = tmp_path / "bench.toml"
    path.write_text(_BENCH.format(model=relu_model, rate=200), encoding="utf-8")
    return path


def test_a_regression_and_a_failure_are_told_apart(
    environment: dict[str, str], tmp_path: Path, bench: Path, relu_model: Path
) -> None:
    base = tmp_path / "base.json"
    run = run_piped(environment, "suite", str(bench), "--save", str(base), "--json")
    assert run.returncode == 3, run.stderr
    document = json.loads(run.stdout)
    assert json.loads(base.read_text("utf-8"))["entries"] == document["entries"]
    schema = json.loads(run_piped(environment, "suite", "--json-schema").stdout)
    jsonschema.Draft202012Validator(schema).validate(document)
    paced, broken = document["entries"]
    assert [paced["status"], broken["status"]] == ["passed", "failed"]
    assert "'none.xml' was not found" in broken["reason"]
    assert "paced (1 of 2) ..." in run.stderr
    text = _BENCH.format(model=relu_model, rate=50).partition("[run.broken]")[0]
    bench.write_text(text, encoding="utf-8")
    words = ("suite", str(bench), "--baseline", str(base))
    slower = run_piped(environment, *words, "--junit", str(tmp_path / "junit.xml"))
    assert slower.returncode == 1, slower.stderr
    assert "regression" in slower.stdout
    assert "Not alike: rate limit 200 / 50." in slower.stdout
    assert '<failure message="FPS -7' in (tmp_path / "junit.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "Name a suite's file"),
        (("none.toml",), "'none.toml' was not found"),
        (("bench.toml", "--baseline", "none.json"), "'none.json' was not found"),
        (("bench.toml", "--junit", "no/folder.xml"), "does not exist: create it first"),
    ],
)
def test_bad_input_is_one_sentence_before_anything_runs(
    environment: dict[str, str],
    bench: Path,
    words: tuple[str, ...],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(bench.parent)
    run = run_piped(environment, "suite", *words)
    assert run.returncode == 2
    assert why in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""


# -- the manual's example -------------------------------------------------------------------


def run_lines() -> list[str]:
    """The scripts of the steps of the manual's example for GitHub Actions, in their order."""
    part = read_page("suite").text.partition("## GitHub Actions")[2]
    found = re.findall(r"^( *)(?:- )?run: (?:\|\n((?:\1 +.*\n)+)|(.+))", part, re.MULTILINE)
    return [textwrap.dedent(block) if block else line for _, block, line in found]


def _run(script: str, folder: Path, environment: Mapping[str, str]) -> int:
    """Run a step as a runner of GitHub does."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, timeout=PATIENCE_S).returncode


@pytest.mark.skipif(os.name != "posix", reason="the example is for a runner with bash")
def test_the_example_for_github_actions_works(
    environment: dict[str, str], tmp_path: Path, relu_model: Path
) -> None:
    install, base, branch = run_lines()
    assert install == "pip install ovbench-tui"  # what is installed is already here
    tools = tmp_path / "tools"
    tools.mkdir()
    program = tools / "ovbench-tui"
    program.write_text(f'#!/bin/sh\nexec {" ".join(PROGRAM)} "$@"\n')
    program.chmod(0o755)
    environment |= {"PATH": f"{tools}:{environment['PATH']}", "GITHUB_BASE_REF": "main"}
    clone = tmp_path / "clone"

    def git(*words: str, folder: Path = clone) -> None:
        who = ("-c", "user.name=n", "-c", "user.email=n@localhost")
        subprocess.run(["git", *who, *words], cwd=folder, env=environment, check=True)

    def commit(rate: int, folder: Path) -> None:
        text = _BENCH.format(model=relu_model, rate=rate).partition("[run.broken]")[0]
        (folder / "bench.toml").write_text(text, encoding="utf-8")
        git("add", ".", folder=folder)
        git("commit", "-qm", f"rate {rate}", folder=folder)

    origin = tmp_path / "origin"
    origin.mkdir()
    git("init", "-q", "-b", "main", folder=origin)
    commit(200, origin)
    git("clone", "-q", str(origin), str(clone), folder=tmp_path)
    assert _run(base, clone, environment) == 0
    assert _run(branch, clone, environment) == 0
    names = ("base.json", "now.json", "junit.xml", "rates.json")
    assert [name for name in names if not (clone / name).exists()] == []
    (rate,) = json.loads((clone / "rates.json").read_text("utf-8"))
    assert (rate["name"], rate["unit"]) == ("paced", "FPS")
    commit(50, clone)
    assert _run(branch, clone, environment) == 1
