"""Every option of the installed benchmark_app is taken here, with every word it takes there."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from openvino.tools.benchmark.parameters import parse_args as benchmark_app_parser

from ovbench_tui.errors import BadInputError
from ovbench_tui.options.commands import COMMANDS, refuse_mistyped
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.options.parser import build_parser, parse_options
from ovbench_tui.options.short_help import EXAMPLES
from ovbench_tui.options.subcommand import split_options, subcommand_parser

_SAMPLES = {
    "exec_graph_path": "graph.xml",
    "paths_to_input": "a.npy",
    "path_to_model": "model.xml",
    "target_device": "CPU",
    "number_iterations": "4",
    "maximum_inference_rate": "10",
    "time": "1",
    "batch_size": "2",
    "shape": "[1,3]",
    "data_shape": "[1,3]",
    "layout": "[NC]",
    "number_infer_requests": "2",
    "number_streams": "2",
    "number_threads": "2",
    "input_output_precision": "input:f16,output:f32",
    "mean_values": "[1,2,3]",
    "scale_values": "[1,2,3]",
    "latency_percentile": "99",
    "load_from_file": "true",
    "infer_precision": "bf16",
}
"""By benchmark_app's names: a value its own parser takes; other texts are free."""

ACTIONS = [
    action
    for action in benchmark_app_parser()._actions
    if action.dest not in ("help", "load_config")
]


def samples(action: argparse.Action) -> list[list[str]]:
    """What may follow the option on benchmark_app's command line."""
    if action.nargs == 0:
        return [[]]
    values = [[str(choice)] for choice in action.choices or [_SAMPLES.get(action.dest, "x")]]
    if getattr(action.type, "__name__", "") == "str2bool":
        values = [["true"], ["NO"], ["1"], ["f"]]
    return [*values, []] if action.nargs == "?" else values


def test_there_is_something_to_compare() -> None:
    assert len(ACTIONS) > 35
    assert {"sync", "async"} in [set(action.choices or ()) for action in ACTIONS]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.dest)
def test_each_name_and_word_is_taken(action: argparse.Action) -> None:
    model = [] if action.dest == "path_to_model" else ["model.xml"]
    for name in action.option_strings:
        for values in samples(action):
            invocation = read_invocation([*model, name, *values])
            assert invocation.config.model == "model.xml"
            assert invocation.config.sources == (
                (("", ("a.npy",)),) if action.dest == "paths_to_input" else ()
            )


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.dest)
def test_all_names_mean_one_option(action: argparse.Action) -> None:
    ours = {name: one for one in build_parser()._actions for name in one.option_strings}
    assert len({id(ours[name]) for name in action.option_strings}) == 1


def test_the_help_and_the_settings_file_have_benchmark_apps_names() -> None:
    ours = build_parser()._option_string_actions
    assert {"-h", "--help", "-load_config"} <= set(ours)


def _printed(word: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        parse_options([word])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_all_of_the_help_shows_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    text = _printed("--help-all", capsys)
    for action in build_parser()._actions:
        assert action.help, action.dest
        for name in action.option_strings:
            assert name in text
    assert "here:" in text


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_the_help_fits_on_one_screen(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = _printed(word, capsys).splitlines()
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 80
    commands, examples, options = (lines.index(line) for line in lines if line.endswith(":"))
    rows = lines[commands + 1 : examples]
    cells = [row[at:].split() for at in (0, 40) for row in rows]
    assert [words[0] for words in cells if words] == sorted(COMMANDS)
    assert len(lines[examples + 1 : options]) == len(EXAMPLES) == 5
    known = build_parser()._option_string_actions
    assert [line.split()[0] in known for line in lines[options + 1 :]] == [True] * 10
    assert "--help-all" in lines[options]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("swep model.xml", "There is no command or model 'swep'; did you mean sweep?"),
        ("Tune", "There is no command or model 'Tune'; did you mean tune?"),
        ("hlep tuning", "There is no command or model 'hlep'; did you mean help?"),
        ("probe model.xml", "There is no command or model 'probe'; the commands are ab, app, "),
    ],
)
def test_a_mistyped_command_is_named(line: str, sentence: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(sentence)):
        refuse_mistyped(line.split())


@pytest.mark.parametrize(
    "line", ["", "-swep", "swep.xml", "./swep", "alexnet", "alexne", "probe", "probe -t 1", "swab"]
)
def test_what_may_be_a_model_is_left_to_the_search_for_it(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "swab").mkdir()  # a folder of that name, as of a SavedModel
    refuse_mistyped(line.split())


@pytest.mark.parametrize("example", [line for line, _ in EXAMPLES])
def test_the_examples_can_be_read(example: str) -> None:
    words = shlex.split(example)
    if words[0] in COMMANDS:
        words = words[1:]
        words = words[: words.index("--b")] if "--b" in words else words
    assert parse_options(words).model_argument in ("model.xml", "model.onnx")


def test_the_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from ovbench_tui.cli.main import main\n"
        "try:\n    main(['-h'])\nexcept SystemExit:\n    pass\n"
        "heavy = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(heavy & {'openvino', 'numpy', 'textual', 'rich'}), file=sys.stderr)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stderr == "[]\n"
    assert result.stdout.startswith("usage: ovbench-tui")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["-model", "a.xml"], "Option -model is unknown: did you mean --model?"),
        (["a.xml", "--streems", "2"], "Option --streems is unknown: did you mean --streams?"),
        (["a.xml", "--zzz"], "Option --zzz is unknown; see"),
        (["a.xml", "-zzz=3"], "Option -zzz is unknown; see"),
        (["a.xml", "-nireq"], "expected one argument"),
        (["-pc", "a.xml"], "'a.xml' is neither true nor false; if it is the MODEL, put it first"),
        (["a.xml", "-pin", "maybe"], "invalid choice"),
        (["a.xml", "-latency_percentile", "50,x"], "invalid list of percents value: '50,x'"),
        (["a.xml", "b.xml"], "'b.xml' is one argument too many; see ovbench-tui --help."),
    ],
)
def test_what_is_not_understood(argv: list[str], words: str) -> None:
    with pytest.raises(BadInputError) as error:
        parse_options(argv)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("argv", "name", "value"),
    [
        (["-t10"], "duration_s", 10.0),
        (["-b4"], "batch", 4),
        (["-dGPU.1"], "device", "GPU.1"),
        (["-mmodels/a.xml"], "model", "models/a.xml"),
        (["-nireq=4"], "nireq", 4),
        (["--time=0.5"], "duration_s", 0.5),
        (["-nst", "2"], "streams", "2"),
        (["-hint", "LATENCY"], "hint", "latency"),
        (["-pin", "yes"], "threads_pinning", "YES"),
        (["--seed", "-1"], "seed", -1),
        (["--", "-odd.xml"], "model_argument", "-odd.xml"),
    ],
)
def test_other_ways_of_writing(argv: list[str], name: str, value: object) -> None:
    assert getattr(parse_options(argv), name) == value


@pytest.mark.parametrize("word", ["sweep", "load"])
def test_hint_is_no_help_with_a_value(word: str) -> None:
    parser = subcommand_parser(word, "MODEL [OPTIONS]", "", "")
    for words in (["-hint", "latency"], ["-hint=latency"]):
        _, invocation = split_options(parser, ["mobilenet-v2", *words], None)
        assert invocation.config.hint == "latency"


@pytest.mark.parametrize(
    ("words", "tolerance"),
    [
        (["m.xml"], 0.0),
        (["m.xml", "--check"], 0.01),
        (["m.xml", "--check", "0.2", "-b", "2"], 0.2),
        (["--check=0.2", "m.xml"], 0.2),
        (["--check", "-b", "2", "m.xml"], 0.01),
    ],
)
def test_an_option_may_stand_alone_and_then_has_its_usual_value(
    words: list[str], tolerance: float
) -> None:
    assert read_invocation(words).config.check_tolerance == tolerance


def test_what_stands_behind_an_option_that_may_stand_alone_is_no_value() -> None:
    with pytest.raises(BadInputError, match=r"'m\.xml' is no tolerance; if it is the MODEL, put"):
        read_invocation(["--check", "m.xml"])
