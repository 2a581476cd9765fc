"""`ovbench-tui mix`: its command line, and what a model is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovbench_tui.cli.commands.mix import main
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError
from ovbench_tui.mix.invocation import copies_of, read_mix_invocation
from ovbench_tui.mix.member import named
from ovbench_tui.options.commands import COMMANDS
from ovbench_tui.options.invocation import read_invocation


def test_each_model_has_options_of_its_own() -> None:
    mix = read_mix_invocation(
        ["det.xml", "rec.xml -nireq 4 -d GPU --p99-under 20", "-t", "9", "--rate", "det=30"]
    )
    det, rec = mix.members
    assert (det.name, det.config.arrivals, det.config.nireq) == ("det", "constant:30", 0)
    assert (rec.name, rec.config.nireq, rec.config.device) == ("rec", 4, "GPU")
    assert rec.config.p99_under_ms == 20
    assert mix.duration_s == 9
    assert (mix.slice_s, mix.csv, mix.json_stdout, mix.program.isolated) == (1.0, "", False, False)
    assert mix.program.has_screen


def test_options_of_all_are_those_of_the_program() -> None:
    mix = read_mix_invocation(
        ["--slice", "2", "a.xml", "--isolate", "b.xml", "--no-tui", "--refresh", "2", "--json"]
    )
    assert [one.config.model for one in mix.members] == ["a.xml", "b.xml"]
    assert (mix.slice_s, mix.program.isolated, mix.program.refresh_hz) == (2, True, 2)
    assert not mix.program.has_screen
    assert mix.json_stdout


def test_names_are_told_apart() -> None:
    models = ("a/det.xml", "b/det.onnx", "det", "c/det-2.xml", "saved_model")
    members = named([BenchmarkConfig(model=model) for model in models])
    assert [one.name for one in members] == ["det", "det-2", "det-3", "det-2-2", "saved_model"]


def test_nobody_spins_beside_others_unless_it_is_wanted() -> None:
    members = named([BenchmarkConfig(model="a"), BenchmarkConfig(model="b", feeder="spin")])
    assert [one.config.feeder for one in members] == ["callback", "spin"]


def test_a_files_name_may_have_blanks(tmp_path: Path) -> None:
    path = tmp_path / "my model.xml"
    path.touch()
    mix = read_mix_invocation([str(path), f"'{path}' -nireq 2"])
    assert [one.config.model for one in mix.members] == [str(path), str(path)]
    assert [one.name for one in mix.members] == ["my model", "my model-2"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "mix takes 2 to 16 models, and 0 are given"),
        (["a.xml"], "and 1 are given"),
        (["a.xml"] * 17, "and 17 are given"),
        (["a.xml", "b.xml -nirek 2"], "did you mean -nireq"),
        (["a.xml", "b.xml -t 5"], "it is for all models: give it outside of the quotes"),
        (["a.xml", "b.xml --isolate"], "it is for all models"),
        (["a.xml", "b.xml --json"], "it is for a run alone"),
        (["a.xml", "b.xml -niter 5"], "it is for a run alone"),
        (["a.xml", "b.xml -pc"], "collecting layer times"),
        (["a.xml", "-nireq 2"], "'-nireq 2' names no model"),
        (["a.xml", "b.xml 'x"], "is not a model with options"),
        (["a.xml", "b.xml", "--rate", "c=5"], "one of a, b"),
        (["a.xml", "b.xml", "--rate", "5"], "give NAME=REQUESTS"),
        (["a.xml", "b.xml", "--rate", "a=fast"], "fast"),
        (["a.xml --arrivals poisson:5", "b.xml", "--rate", "a=5"], "has --arrivals"),
        (["a.xml", "b.xml", "--slice", "0.1"], "--slice 0.1: give 0.2 to 30 seconds"),
        (["a.xml", "b.xml", "-t", "-1"], "-t -1: give a number of seconds above 0"),
        (["a.xml", "b.xml", "--margin", "x"], "--margin"),
        (["a.xml", "b.xml", "--nosuch"], "--nosuch"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(words: list[str], text: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_mix_invocation(words)
    assert text in str(refused.value)


def test_a_missing_model_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"nowhere\.xml"):
        main(["mobilenet-v2", str(tmp_path / "nowhere.xml"), "--no-tui"])


def test_copies_of_one_model_are_a_mix_of_processes() -> None:
    words = ["a.xml", "--processes", "3", "-nireq", "2", "-t", "9", "--fps-above", "5", "--json"]
    mix = copies_of(read_invocation(words))
    assert [one.name for one in mix.members] == ["a", "a-2", "a-3"]
    (config,) = {one.config for one in mix.members}
    assert (config.nireq, config.fps_above, config.duration_s) == (2, 5.0, None)
    assert (mix.duration_s, mix.program.isolated, mix.json_stdout) == (9.0, True, True)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["a.xml", "--processes", "17"], "give 1 to 16 copies"),
        (["a.xml", "--processes", "2", "-niter", "5"], "takes no -niter"),
        (["a.xml", "--processes", "2", "--repeat", "5"], "takes no --repeat"),
        (["a.xml", "--processes", "2", "--latencies", "x.npy"], "takes no reports of a run"),
        (["--processes", "2"], "name the one that is to be copied"),
    ],
)
def test_what_copies_cannot_have_is_refused(words: list[str], text: str) -> None:
    with pytest.raises(BadInputError) as refused:
        copies_of(read_invocation(words))
    assert text in str(refused.value)


def test_it_is_a_command() -> None:
    assert "mix" in COMMANDS
