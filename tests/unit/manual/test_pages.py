"""The manual is whole: every option and command is on a page, and every line of it works."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import pytest

from ovbench_tui.ab import invocation as ab
from ovbench_tui.capacity import invocation as capacity
from ovbench_tui.cli.commands import app, compare, config, registry, serve, suite
from ovbench_tui.config.benchmark import OPTIONS
from ovbench_tui.config.option import options_of
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.errors import BadInputError
from ovbench_tui.fleet import invocation as fleet
from ovbench_tui.layers import invocation as layers
from ovbench_tui.manual import pages as manual
from ovbench_tui.manual.pages import TOPICS, all_pages, read_page, search, target_of
from ovbench_tui.mix import invocation as mix
from ovbench_tui.options.commands import COMMANDS
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.options.parser import OneLineParser
from ovbench_tui.options.program import ProgramOptions
from ovbench_tui.tuning import invocation as tuning

_ROOT = Path(__file__).resolve().parents[3]
_README = (_ROOT / "README.md").read_text("utf-8")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_OTHER_PROGRAMS = {"python3", "pip", "pytest", "dask", "pipx", "uv"}
_TEXT_WIDTH = 80
_CODE_WIDTH = 66
"""What a line of code has beside the dialog's border on a terminal of 80 columns."""


# -- pages ----------------------------------------------------------------------------------


def test_every_page_is_a_topic_and_opens() -> None:
    found = {
        path.name.removesuffix(".md")
        for path in files(manual.__package__).iterdir()
        if path.name.endswith(".md")
    }
    assert found == set(TOPICS)
    assert [page.topic for page in all_pages()] == list(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_begins_with_its_title_and_its_summary(topic: str) -> None:
    page = read_page(topic)
    lines = page.text.split("\n")
    assert lines[0] == f"# {page.title}"
    assert lines[1] == lines[3] == ""
    assert lines[2] == page.summary
    # Listed behind the topics on a terminal of 80 columns.
    assert page.summary.endswith(".")
    assert "`" not in page.summary
    assert len(page.summary) <= 80 - 13


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_fits_a_terminal_of_80_columns(topic: str) -> None:
    text = read_page(topic).text
    assert [line for line in text.split("\n") if len(line) > _TEXT_WIDTH] == []
    assert [line for line in _fenced(text) if len(line) > _CODE_WIDTH] == []


def test_there_is_no_page_without_a_topic() -> None:
    with pytest.raises(KeyError):
        read_page("../pages")


# -- all that there is is on some page -------------------------------------------------------


def _code_words() -> set[str]:
    """Words that stand as code on some page."""
    text = "\n".join(page.text for page in all_pages())
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return {word.strip('",') for code in (*inline, *_fenced(text)) for word in code.split()}


_TABLE = [
    row for table in (OPTIONS, options_of(ReportOptions), options_of(ProgramOptions))
    for row in table.values() if row.names and row.help
]  # fmt: skip


@pytest.mark.parametrize("names", [row.names for row in _TABLE], ids=lambda names: names[0])
def test_every_option_is_on_a_page(names: tuple[str, ...]) -> None:
    assert names[0] in _code_words()


@pytest.mark.parametrize(
    "build",
    [
        ab._parser,
        app.build_parser,
        capacity._parser,
        compare._parser,
        config.build_parser,
        fleet.build_parser,
        layers._parser,
        mix._parser,
        serve._parser,
        suite._parser,
        tuning.build_parser,
    ],
)
def test_every_option_of_a_command_is_on_a_page(
    build: Callable[[], argparse.ArgumentParser],
) -> None:
    words = _code_words()
    missing = [
        action.option_strings
        for action in build()._actions
        if action.option_strings and not words & set(action.option_strings)
    ]
    assert missing == []


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_has_its_part_of_the_page_of_commands(word: str) -> None:
    text = read_page("commands").text
    assert f"\n## ovbench-tui {word}\n" in text
    assert f"\novbench-tui {word} " in f"{text} "


# -- links ----------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", TOPICS)
def test_links_lead_to_pages(topic: str) -> None:
    links = _LINK.findall(read_page(topic).text)
    assert [link for link in links if not target_of(link)] == []


@pytest.mark.skipif(not (_ROOT / "screenshots").exists(), reason="an sdist has no pictures")
def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = [link for link in _LINK.findall(_README) if "://" not in link]
    assert len(links) > len(TOPICS)
    assert [link for link in links if not (_ROOT / link.partition("#")[0]).exists()] == []


def test_what_leads_out_of_the_manual_is_no_page() -> None:
    assert [target_of(link) for link in ("x.md", "https://a.b/numbers", "numbers")] == [""] * 3
    assert target_of("numbers.md#latency") == "numbers"


# -- command lines --------------------------------------------------------------------------


def _fenced(text: str) -> list[str]:
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.split("\n") if line]


def command_lines(text: str) -> Iterator[list[str]]:
    """The words of each command in the code blocks: without comments, and where it writes to."""
    lines = "\n".join(_fenced(text)).replace("\\\n", " ").split("\n")
    for line in lines:
        for command in shlex.split(line, comments=True) and line.split("&&"):
            words = shlex.split(command, comments=True)
            yield words[: words.index(">")] if ">" in words else words


class _Understood(Exception):  # noqa: N818 - not an error
    """A command has understood its words."""


def _parse(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program's own parser read a command line.

    Raises:
        BadInputError: it does not understand it.
    """
    readers: dict[str, Callable[[Sequence[str]], object]] = {
        "ab": ab.read_ab_invocation,
        "fleet": fleet.read_fleet_invocation,
        "serve": lambda rest: read_invocation(serve._parser().parse_known_args(rest)[1]),
        "tune": tuning.read_tune_invocation,
    }
    if not words or words[0] not in COMMANDS:
        read_invocation(words)
    elif words[0] in readers:
        readers[words[0]](words[1:])
    else:
        real = OneLineParser.parse_args

        def parse_args(parser: OneLineParser, *arguments: object) -> None:
            real(parser, *arguments)  # type: ignore[call-overload]
            raise _Understood

        with monkeypatch.context() as patch:
            patch.setattr(OneLineParser, "parse_args", parse_args)
            patch.setattr(registry, "print_message", _refuse)
            with pytest.raises(_Understood):
                registry.run_subcommand(words[0], words[1:])


def _refuse(sentence: str) -> None:
    raise BadInputError(sentence)


_LINES = [
    pytest.param(words, id=f"{name}: {' '.join(words)}")
    for name, text in (("README", _README), *((page.topic, page.text) for page in all_pages()))
    for words in command_lines(text)
]


@pytest.mark.parametrize("words", _LINES)
def test_every_command_line_parses(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Path(words[0]).name
    if program != "ovbench-tui":
        assert program in _OTHER_PROGRAMS
        return
    monkeypatch.chdir(tmp_path)
    Path("best.json").write_text('{"CPU": {}}')  # what an earlier line of its page has written
    _parse(words[1:], monkeypatch)


def test_there_are_command_lines_of_every_command() -> None:
    ours = [param.values[0] for param in _LINES]
    used = {words[1] for words in ours if Path(words[0]).name == "ovbench-tui" and words[1:]}
    assert used >= set(COMMANDS)


@pytest.mark.parametrize(
    "line",
    [
        "x.xml --nirq 4",
        "x.xml -nireq many",
        "tune x.xml --objective speed",
        "ab x.xml",
        'ab x.xml --b "--nirq 4"',
        "fleet x.xml",
        "compare 41",
        "history shw 41",
        "history show x",
        "config --chek",
        "help start live",
        "serve x.xml --prt 1",
    ],
)
def test_a_wrong_command_line_would_be_found(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInputError):
        _parse(shlex.split(line), monkeypatch)


# -- search ---------------------------------------------------------------------------------


def test_words_are_found_in_a_paragraph_whatever_its_lines_and_case() -> None:
    page = manual.Page("t", "T", "", "# T\n\nOne *long*\n`line` of\nwords.\n\n- item of\n  one\n")
    assert [(hit.line, hit.text) for hit in search("LINE one", [page])] == [
        (2, "One long line of words.")
    ]
    assert [hit.line for hit in search("of", [page])] == [2, 6]
    assert search(" ", [page]) == []
    assert search("line item", [page]) == []


def test_a_line_of_code_and_a_link_are_found_as_they_are_read() -> None:
    page = manual.Page("t", "T", "", "Text [Numbers](numbers.md)\n```sh\na -b\nc -d\n```\nend")
    assert [(hit.line, hit.text) for hit in search("c", [page])] == [(3, "c -d")]
    assert [hit.text for hit in search("numbers", [page])] == ["Text Numbers"]
    assert search("md", [page]) == search("sh", [page]) == []
    assert [hit.line for hit in search("end", [page])] == [5]


@pytest.mark.parametrize("width", [12, 20, 40, 100])
def test_an_excerpt_has_the_word_and_fits(width: int) -> None:
    text = " ".join(f"word{number}" for number in range(30)) + " end"
    hit = manual.Hit(read_page("start"), 0, text)
    for word in ("word0", "word17", "end"):
        excerpt = hit.excerpt(word, width)
        assert word in excerpt
        assert len(excerpt) <= width
