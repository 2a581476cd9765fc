"""A suite's file: what it asks for, and a sentence with the line for every mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ovbench_tui.errors import BadInputError
from ovbench_tui.suite.plan import SuiteEntry, read_plan

WHOLE = """
options = "-d CPU -t 5"
repeat = 3
rest_s = 0
fail_above = "2%"

[run.small]
command = 'mobilenet-v2 -nireq 4 --p99-under 20'

[run.large_1]
command = "models/none.xml -t 9"
repeat = 1
figure = "p99"
fail_above = "10 %"
"""

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_one(text: str) -> str:
        path = tmp_path / "bench.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_one


def test_a_file_is_read(write: Write) -> None:
    plan = read_plan(write(WHOLE))
    small = ("-d", "CPU", "-t", "5", "mobilenet-v2", "-nireq", "4", "--p99-under", "20")
    large = ("-d", "CPU", "-t", "5", "models/none.xml", "-t", "9")
    assert plan.name == "bench.toml"
    assert plan.rest_s == 0.0
    assert plan.entries == (
        SuiteEntry("small", small, 3, "fps", 0.02),
        SuiteEntry("large_1", large, 1, "p99_ms", 0.10),
    )


def test_what_is_left_out_has_defaults(write: Write) -> None:
    plan = read_plan(write('[run.one]\ncommand = "mobilenet-v2"'))
    assert plan.rest_s == 1.0
    assert plan.entries == (SuiteEntry("one", ("mobilenet-v2",), 1, "fps", 0.05),)


ONE = '[run.one]\ncommand = "mobilenet-v2"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "bench.toml': it names no run"),
        ("run = 3", "it names no run"),
        ("repeat = 2\n[run.one\n", "line 2: this is not valid TOML"),
        ("repeat = 0\n" + ONE, "line 1: repeat is a whole number from 1 to 100"),
        ("repeat = true\n" + ONE, "repeat is a whole number"),
        ("reapet = 2\n" + ONE, "line 1: reapet is unknown: did you mean repeat?"),
        ("rest_s = -1\n" + ONE, "line 1: rest_s is a number of seconds"),
        ("rest_s = nan\n" + ONE, "line 1: rest_s is a number of seconds"),
        ("fail_above = 5\n" + ONE, "fail_above is a percentage in quotes"),
        ("options = 5\n" + ONE, "options is a text"),
        (ONE + 'fail_above = "much"', "line 3, run.one: fail_above 'much': give a percentage"),
        (ONE + "figure = 1", "line 3, run.one: figure is one of fps, p50, p99"),
        (ONE + 'figure = "p95"', "line 3, run.one: figure is one of fps, p50, p99"),
        (ONE + 'model = "x"', "line 3, run.one: model is unknown"),
        ("[run.one]\nrepeat = 2", "line 1, run.one: a command is missing"),
        ('[run."a b"]\ncommand = "x.xml"', "a name has letters"),
        ('[run.a.b]\ncommand = "x.xml"', "run.a: b is unknown"),
        ("[run]\none = 1", "line 2, run.one: this is no run"),
        ('[run.one]\ncommand = "x.xml -nirq 2"', "line 2, run.one: "),
        ('[run.one]\ncommand = "x.xml -nireq many"', "line 2, run.one: "),
        ("[run.one]\ncommand = 'x.xml \"'", "command cannot be read: No closing quotation"),
        ('[run.one]\ncommand = "-t 5"', "takes no run without a model: name one"),
        ('[run.one]\ncommand = "tune x.xml"', "takes no command tune: it measures models only"),
        ('[run.one]\ncommand = "x.xml --repeat 2"', "takes no --repeat: write repeat = N"),
        ('[run.one]\ncommand = "x.xml --json"', "takes no --json"),
        ('[run.one]\ncommand = "x.xml -report_type no_counters"', "takes no reports of a run"),
        ('[run.one]\ncommand = "x.xml --version"', "line 2, run.one: this measures nothing"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(write: Write, text: str, why: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_plan(write(text))
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="was not found"):
        read_plan(str(tmp_path / "none.toml"))
