"""The user's settings and recent models: read with patience, written with care."""

from __future__ import annotations

import json
import math
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.config.built_in_models import ZOO
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.settings.file import MAX_BYTES, find_lines, read_settings
from ovbench_tui.settings.keep import keep_setting
from ovbench_tui.settings.recent import KEPT, RecentModels
from ovbench_tui.settings.schema import SETTINGS, UserSettings
from ovbench_tui.settings.template import template
from ovbench_tui.settings.toml_lines import TomlLines, read_lines

FULL = """\
# what I like
theme = "nord"          # cold
refresh = 2
ui-budget = 1.5
ascii = true
history = false
screenshots = "~/Pictures"
device = "AUTO"
hint = "tput"

[keymap]
pause = "p"
"more-requests" = ["+", "ctrl+n"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(file: Path, text: str) -> UserSettings:
    file.write_text(text, encoding="utf-8")
    return read_settings(file).settings


def test_no_file_is_no_trouble(file: Path) -> None:
    found = read_settings(file)
    assert (found.settings, found.exists, found.problems) == (UserSettings(), False, ())
    assert found.reason == ""


def test_everything_is_taken_with_its_line(file: Path) -> None:
    assert read(file, FULL) == UserSettings(
        theme="nord",
        refresh_hz=2.0,
        ui_budget_percent=1.5,
        ascii="on",
        keeps_history=False,
        screenshots="~/Pictures",
        device="AUTO",
        hint="throughput",
        keymap=(("pause", ("p",)), ("more-requests", ("+", "ctrl+n"))),
    )
    found = read_settings(file)
    assert found.problems == ()
    lines = dict(found.lines)
    assert (lines["theme"], lines["hint"]) == (2, 9)
    assert (lines["keymap.pause"], lines["keymap.more-requests"]) == (12, 13)


def test_windows_line_ends_and_a_byte_order_mark(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode())
    assert read_settings(file).settings.theme == "nord"
    assert dict(read_settings(file).lines)["keymap.pause"] == 12


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("refresh = 40", 1, "refresh 40 cannot be used: give 0.5 to 20"),
        ("\nrefresh = nan", 2, "give 0.5 to 20"),
        ("refresh = true", 1, "refresh true cannot be used"),
        ("refresh = " + "9" * 400, 1, "give 0.5 to 20"),
        ("ui-budget = '3'", 1, "give 0.1 to 100 %"),
        ("theme = 3", 1, "give a text in quotes"),
        ("ascii = 'yes'", 1, 'give "auto", true or false'),
        ("hint = 'fast'", 1, "give one of throughput, latency"),
        ("refrsh = 2", 1, "setting refrsh is unknown: did you mean refresh?"),
        ("[colours]\na = 1", 1, "setting colours is unknown"),
        ("keymap = 3", 1, "keymap is a table"),
        ("[keymap]\npause = []", 2, "keymap.pause [] cannot be used: give a key"),
        ("[keymap]\npause = ''", 2, "give a key"),
        ("[keymap]\npause = 3", 2, "give a key"),
        ("keymap.pause = 3", 1, "give a key"),
    ],
)
def test_a_bad_value_keeps_its_default_and_says_where(
    file: Path, text: str, line: int, words: str
) -> None:
    assert read(file, text + "\n") == UserSettings()
    (problem,) = read_settings(file).problems
    assert problem.line == line
    assert words in problem.text
    assert problem.describe(file).startswith(f"{file}, line {line}: ")


def test_what_is_right_beside_what_is_wrong_is_used(file: Path) -> None:
    assert read(file, "refresh = 40\ntheme = 'nord'\nno = 1\n") == UserSettings(theme="nord")
    assert "config --check` shows 1 more." in read_settings(file).reason


DOTS = "." * 200
UNCLEAR = "no run is kept in the history"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("b = = 2", "not valid TOML"),
        ("theme = 'nord", "not valid TOML"),
        ("theme = 'other'", "cannot overwrite"),
        ('device = """', "not valid TOML"),
        ("device = [", "not valid TOML"),
        ("a = " + "[" * 5000, "nested too deeply"),
        (".".join("a" * 200) + " = 1", "more dots"),
        (".".join(["'a'"] * 200) + " = 1", "more dots"),
        ("name = '\udcff'", "not UTF-8"),
    ],
)
def test_a_bad_line_costs_that_line_only(file: Path, bad: str, words: str) -> None:
    before, after = "history = false\ntheme = 'nord'\n", "\nrefresh = 2\n[keymap]\npause = 'x'\n"
    file.write_bytes((before + bad + after).encode("utf-8", "surrogateescape"))
    found = read_settings(file)
    assert found.settings == UserSettings(
        theme="nord", refresh_hz=2, keeps_history=False, keymap=(("pause", ("x",)),)
    )
    (problem,) = found.problems
    assert problem.line == 3
    assert words in problem.text
    assert UNCLEAR not in found.reason  # it is clear


@pytest.mark.parametrize("line", [f"# see {DOTS}", f"screenshots = '/x/{DOTS}' # {DOTS}"])
def test_dots_that_are_in_no_key_cost_nothing(file: Path, line: str) -> None:
    file.write_text(f"history = false\n{line}\ntheme = 'nord'\n")
    found = read_settings(file)
    assert found.problems == ()
    assert (found.settings.theme, found.settings.keeps_history) == ("nord", False)


@pytest.mark.parametrize(
    "content",
    [
        b"history = fals\n",
        b"history : false\n",
        b"history = 'false'\n",
        b"history = 0\n",
        b"histroy = false\n",
        b"HISTORY = false\n",
        b"[general]\nhistory = false\n",
        b"[keymap]\nhistory = false\n",
        b"[keymap\nhistory = false\n",
        b"history = true\nhistory = false\n",
        b"\xffhistory = false\n",
        "history = false\n".encode("utf-16"),
        b"# " + b"x" * MAX_BYTES,
        b"= = =\n" * 1000,
        None,
    ],
)
def test_a_file_that_might_forbid_the_history_does(file: Path, content: bytes | None) -> None:
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    found = read_settings(file)
    assert not found.settings.keeps_history
    assert UNCLEAR in found.reason
    assert str(file) in found.reason


@pytest.mark.parametrize(
    "text", ["b = = 2\n", "theme = 3\n", "colour = 'red'\n", "history = true\nb = = 2\n", ""]
)
def test_other_mistakes_leave_the_history_on(file: Path, text: str) -> None:
    file.write_text(f"# history = false\n{text}")
    found = read_settings(file)
    assert found.settings.keeps_history
    assert UNCLEAR not in found.reason


def test_what_stands_below_a_bad_header_belongs_to_no_other_table(file: Path) -> None:
    file.write_text("[keymap]\npause = 'x'\n[colours\nhelp = 'y'\n")
    found = read_settings(file)
    assert found.settings.keymap == (("pause", ("x",)),)
    (problem,) = found.problems
    assert problem.line == 3


def test_what_is_no_file_is_told(file: Path) -> None:
    file.mkdir()
    assert "not a regular file" in read_settings(file).reason or "Is a directory" in (
        read_settings(file).reason
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_does_not_hang(file: Path) -> None:
    os.mkfifo(file)
    assert "not a regular file" in read_settings(file).reason


@given(st.binary(max_size=200))
def test_no_content_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    found = read_settings(file)
    assert isinstance(found.settings, UserSettings)
    assert all(problem.text for problem in found.problems)


@given(st.text(max_size=200))
def test_lines_are_found_in_any_text(text: str) -> None:
    assert all(line >= 1 for line in find_lines(text).values())


def test_the_template_sets_nothing_and_uncommented_sets_all() -> None:
    text = template([("pause", ("space",), "Pause"), ("help", ("a", "f1"), "Help")])
    assert read_lines(text) == TomlLines({"keymap": {}})
    lines = [line.removeprefix("# ") if " = " in line else line for line in text.splitlines()]
    values = read_lines("\n".join(lines)).values
    assert [*values] == [*(setting.name for setting in SETTINGS), "keymap"]
    assert values["keymap"] == {"pause": "space", "help": ["a", "f1"]}
    for setting in SETTINGS:
        setting.read(values[setting.name])  # raises where the example is no good


# --- writing ------------------------------------------------------------------------------


def test_a_kept_theme_leaves_the_rest_as_it_is(file: Path) -> None:
    file.write_text(FULL)
    keep_setting(file, "theme", "dracula")
    assert file.read_text() == FULL.replace('"nord"', '"dracula"')


def test_a_kept_theme_takes_the_line_of_the_template(file: Path) -> None:
    file.write_text(template([]))
    keep_setting(file, "theme", 'odd"name')
    assert read_settings(file).settings.theme == 'odd"name'
    before, after = template([]).splitlines(), file.read_text().splitlines()
    assert [a for a, b in zip(before, after, strict=True) if a != b] == ['# theme = "nord"']


def test_a_kept_theme_stands_above_the_tables(file: Path) -> None:
    file.write_text("refresh = 2\n[keymap]\npause = 'p'\n# theme = 1\n")
    keep_setting(file, "theme", "nord")
    assert read_settings(file).settings == UserSettings(
        theme="nord", refresh_hz=2.0, keymap=(("pause", ("p",)),)
    )


def test_a_missing_file_is_made_with_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "config.toml"
    keep_setting(file, "theme", "nord")
    assert file.read_text() == 'theme = "nord"\n'


def test_a_link_is_followed_and_the_mode_kept(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text("refresh = 2\n")
    target.chmod(0o600)
    file.symlink_to(target)
    keep_setting(file, "theme", "nord")
    assert file.is_symlink()
    assert 'theme = "nord"' in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_broken_file_is_not_touched(file: Path) -> None:
    file.write_text("a = = 1\n")
    with pytest.raises(BadInputError, match="is not valid TOML"):
        keep_setting(file, "theme", "nord")
    assert file.read_text() == "a = = 1\n"


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="OVBENCH_TUI_CONFIG names another"):
        keep_setting(tmp_path / "file" / "config.toml", "theme", "nord")


# --- the command line wins ----------------------------------------------------------------


def test_settings_fill_what_the_command_line_leaves_open() -> None:
    user = UserSettings(
        refresh_hz=2.0,
        ui_budget_percent=1.0,
        ascii="on",
        keeps_history=False,
        device="GPU",
        hint="cumulative_throughput",
    )
    shown = read_invocation(["m.xml"], user)
    assert (shown.refresh_hz, shown.ui_budget_percent, shown.ascii) == (2.0, 1.0, "on")
    assert not shown.keeps_history
    assert (shown.config.device, shown.config.hint) == ("GPU", "cumulative_throughput")
    words = "m.xml --refresh 8 --ui-budget 5 --no-ascii -d CPU -hint none"
    shown = read_invocation(words.split(), user)
    assert (shown.refresh_hz, shown.ui_budget_percent, shown.ascii) == (8.0, 5.0, "off")
    assert (shown.config.device, shown.config.hint) == ("CPU", "none")


def test_the_api_on_the_command_line_wins_over_the_hint_of_the_settings() -> None:
    user = UserSettings(hint="throughput")
    assert read_invocation(["m.xml", "-api", "sync"], user).config.hint == "latency"


def test_without_settings_nothing_changes() -> None:
    assert read_invocation(["m.xml"]) == read_invocation(["m.xml"], UserSettings())


# --- recent models ------------------------------------------------------------------------


@pytest.fixture
def recent(tmp_path: Path) -> Path:
    return tmp_path / "state" / "recent.json"


def test_the_newest_comes_first_and_ten_are_kept(recent: Path) -> None:
    models = RecentModels(recent)
    for number in range(12):
        models.add(f"/models/{number}.xml")
    models.add("/models/5.xml")
    names = RecentModels(recent).names
    assert len(names) == KEPT
    assert names[:3] == ("/models/5.xml", "/models/11.xml", "/models/10.xml")
    assert models.names == names


def test_paths_are_kept_absolute_and_built_in_names_as_they_are(
    recent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    models = RecentModels(recent)
    models.add("m.xml")
    models.add(ZOO[0].name)
    models.add("")
    assert models.names == (ZOO[0].name, str(tmp_path / "m.xml"))


def test_two_instances_do_not_forget_each_others_models(recent: Path) -> None:
    one, other = RecentModels(recent), RecentModels(recent)
    assert one.names == other.names == ()
    one.add("/a.xml")
    other.add("/b.xml")
    assert other.names == ("/b.xml", "/a.xml")


def test_the_same_run_again_writes_nothing(recent: Path) -> None:
    models = RecentModels(recent)
    models.add("/a.xml", "CPU", 2.0)
    recent.unlink()
    models.add("/a.xml", "CPU", 3.0)
    assert not recent.exists()
    models.add("/a.xml", "GPU", 3.0)
    assert recent.exists()


def test_the_last_compile_is_known_for_its_device(recent: Path) -> None:
    RecentModels(recent).add("/a.xml", "CPU", 2.5)
    models = RecentModels(recent)
    assert models.compile_s("/a.xml", "CPU") == 2.5
    assert math.isnan(models.compile_s("/a.xml", "GPU"))
    assert math.isnan(models.compile_s("/b.xml", "CPU"))
    assert math.isnan(models.compile_s("", ""))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{",
        b"[]",
        b"3",
        b'{"models": 3}',
        b'{"models": [3, {"name": 4}, {"name": ""}, null]}',
        b'{"models": [{"name": "' + b"x" * 5000 + b'"}]}',
        b"[" * 100_000,
    ],
)
def test_a_broken_list_counts_as_none(recent: Path, content: bytes) -> None:
    recent.parent.mkdir()
    recent.write_bytes(content)
    models = RecentModels(recent)
    assert models.names == ()
    models.add("/a.xml")
    assert RecentModels(recent).names == ("/a.xml",)


def test_odd_compile_times_are_not_believed(recent: Path) -> None:
    recent.parent.mkdir()
    times = (-1, "2", 1e99)
    entries = [{"name": f"/{n}", "device": 3, "compile_s": s} for n, s in enumerate(times)]
    recent.write_text(json.dumps({"models": [*entries, {"name": "/0"}]}))
    models = RecentModels(recent)
    assert models.names == ("/0", "/1", "/2")
    assert all(math.isnan(models.compile_s(name, "")) for name in models.names)


def test_where_nothing_can_be_written_it_remembers_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    models = RecentModels(tmp_path / "file" / "recent.json")
    models.add("/a.xml")
    assert models.names == ("/a.xml",)
    in_memory = RecentModels()
    in_memory.add("/a.xml")
    assert in_memory.names == ("/a.xml",)


def test_a_setting_that_nothing_can_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomlkit", None)
    path = tmp_path / "config.toml"
    with pytest.raises(BadInputError, match=r"theme was not kept\. .* the package tomlkit"):
        keep_setting(path, "theme", "nord")
    assert not path.exists()
