"""`ovbench-tui help`: the manual without a screen."""

from __future__ import annotations

import pytest

from ovbench_tui.cli.main import main
from ovbench_tui.manual.pages import TOPICS, all_pages, read_page
from ovbench_tui.options.commands import COMMANDS


def test_the_topics_are_listed_with_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    lines = capsys.readouterr().out.split("\n")
    for page in all_pages():
        assert any(line.split() == [page.topic, *page.summary.split()] for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_is_printed(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", topic]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"# {read_page(topic).title}\n")
    assert ".md)" not in text


def test_a_link_is_the_command_that_prints_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    main(["help", "START"])
    assert "Numbers (ovbench-tui help numbers)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("topic", "hint"),
    [
        ("nubmers", "did you mean numbers?"),
        ("tunning", "did you mean tuning?"),
        ("histroy", "did you mean history?"),
        ("qqq", "`ovbench-tui help` lists all pages."),
        ("\x1b[2J", "`ovbench-tui help` lists all pages."),
    ],
)
def test_an_unknown_topic_is_one_sentence(
    topic: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help", topic]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert err.endswith(f": {hint}\n")
    assert err.startswith("ovbench-tui: The manual has no page ")


@pytest.mark.parametrize("command", [*COMMANDS])
def test_of_a_command_its_page_or_its_part_is_printed(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help", command]) == 0
    text = capsys.readouterr().out
    if command not in TOPICS:
        assert text.startswith(f"## ovbench-tui {command}\n")
        assert text.count("## ovbench-tui") == 1
    assert len(text.splitlines()) > 3


def test_two_topics_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "start", "live"]) == 2
    assert "ovbench-tui help --help" in capsys.readouterr().err
