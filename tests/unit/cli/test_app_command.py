"""The command line of `ovbench-tui app`; what it runs is in tests/unit/application."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovbench_tui.cli.commands import app
from ovbench_tui.cli.main import main
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.commands import COMMANDS


@pytest.mark.parametrize(
    ("line", "own", "program"),
    [
        ("s.py", "", "s.py"),
        ("s.py --json -m x", "", "s.py --json -m x"),
        ("--json --no-tui s.py -h", "--json --no-tui", "s.py -h"),
        ("-m a.b --json", "", "-m a.b --json"),
        ("--json -m a.b", "--json", "-m a.b"),
        ("--trace out.json s.py --trace x", "--trace out.json", "s.py --trace x"),
        ("--record r.ovb --alone s.py", "--record r.ovb --alone", "s.py"),
        ("--trace=out.json s.py", "--trace=out.json", "s.py"),
        ("--trace -m s.py", "--trace -m", "s.py"),
        ("--json", "--json", ""),
        ("", "", ""),
    ],
)
def test_our_options_end_where_the_program_begins(line: str, own: str, program: str) -> None:
    assert app._split(line.split()) == (own.split(), program.split())


def test_the_command_needs_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert "app" in COMMANDS
    assert main(["app"]) == 2
    assert "app needs a program" in capsys.readouterr().err


def test_the_help_of_the_command_says_where_its_options_stand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        app.main(["-h"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "ovbench-tui app [OPTIONS] SCRIPT.py [ARGS]" in text
    assert "-m PACKAGE.MODULE" in text


def test_an_option_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="--fast"):
        app.main(["--fast", str(tmp_path)])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gone.py", "does not exist"),
        ("folder", "is a directory without __main__.py"),
        ("model.xml", "is a model, which `ovbench-tui .*model.xml` measures"),
    ],
)
def test_what_is_no_program_is_one_sentence(name: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "model.xml").write_text("<net/>")
    with pytest.raises(BadInputError, match=sentence):
        app.main([str(tmp_path / name)])
