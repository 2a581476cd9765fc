"""`ovbench-tui config`: what it shows, finds and writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovbench_tui.cli.main import main
from ovbench_tui.settings.file import read_settings
from ovbench_tui.settings.location import CONFIG_VARIABLE, RECENT_VARIABLE, config_path, recent_path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "own" / "config.toml"
    monkeypatch.setenv(CONFIG_VARIABLE, str(path))
    return path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_without_a_file_all_is_default(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert f"No file: {file} is not there" in out
    assert "refresh            4                          default" in out
    assert "pause              space                      default" in out
    assert "line" not in out


def test_where_each_value_comes_from(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(file, "# mine\nrefresh = 2\nhistory = false\n[keymap]\npause = 'ctrl+t'\n")
    assert main(["config"]) == 0
    captured = capsys.readouterr()
    assert f"File: {file}" in captured.out
    assert f"as {CONFIG_VARIABLE} says" in captured.out
    settings, _, keys = captured.out.partition("Keys by action:")
    rows = {line.split()[0]: line.split()[1:] for line in settings.splitlines() if line.split()}
    assert rows["refresh"] == ["2", "line", "2"]
    assert rows["history"] == ["false", "line", "3"]
    assert ["pause", "ctrl+t", "line", "5"] in [line.split() for line in keys.splitlines()]
    assert rows["theme"] == ["textual-dark", "default"]
    assert captured.err == ""


def test_the_check_of_a_good_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--check"]) == 0
    assert "is not there" in capsys.readouterr().out
    write(file, "theme = 'nord'\n[keymap]\npause = 'ctrl+t'\n")
    assert main(["config", "--check"]) == 0
    captured = capsys.readouterr()
    assert "is in order" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = = 1\n", 1, "not valid TOML"),
        ("\nrefresh = 99\n", 2, "give 0.5 to 20 frames a second"),
        ("theme = 'nrod'\n", 1, "theme 'nrod' is unknown: give one of ansi-dark"),
        ("[keymap]\npaus = 'p'\n", 2, "action paus is unknown: did you mean pause?"),
        ("[keymap]\npause = 'nokey'\n", 2, "'nokey' is not a valid key"),
        ("[keymap]\npause = 'm'\n", 2, "m is taken by model"),
        ("[keymap]\npause = '2'\n", 2, "2 is taken by Every configuration tried"),
        ("[keymap]\npause = 'p'\n", 2, "p does something else on the tab Runs"),
        ("[keymap]\npause = 'enter'\n", 2, "does something else on the tab Live"),
    ],
)
def test_the_check_says_what_is_wrong_and_where(
    file: Path, capsys: pytest.CaptureFixture[str], text: str, line: int, words: str
) -> None:
    write(file, text)
    assert main(["config", "--check"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{file}, line {line}: " in captured.err
    assert words in captured.err
    assert main(["config"]) == 0
    assert words in capsys.readouterr().err


def test_the_path(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--path"]) == 0
    assert capsys.readouterr().out == f"{file}\n"


def test_a_first_file_is_in_order_and_never_written_over(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "--init"]) == 0
    text = file.read_text()
    assert '# pause = "space"' in text
    assert read_settings(file).problems == ()
    assert main(["config", "--check"]) == 0
    assert main(["config", "--init"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert file.read_text() == text


def test_a_first_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "file" / "config.toml"))
    assert main(["config", "--init"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_unknown_options_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--nope"]) == 2
    assert "--nope" in capsys.readouterr().err
    assert main(["config", "--check", "--path"]) == 2


def test_the_files_have_their_usual_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CONFIG_VARIABLE)
    monkeypatch.delenv(RECENT_VARIABLE)
    assert config_path().parts[-2:] == ("ovbench-tui", "config.toml")
    assert recent_path().name == "recent.json"


def test_a_broken_file_does_not_stop_a_headless_start(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(file, "a = = 1\n")
    # No model: refused before anything runs, and the trouble with the file is not what stops it.
    assert main(["--no-tui"]) == 2
    assert "No MODEL is given" in capsys.readouterr().err
