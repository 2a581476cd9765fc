"""Reads and searches the pages beside this module, for the screen and for `ovbench-tui help`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

TOPICS = (
    *("start", "live", "numbers", "load", "mix", "language", "tuning", "comparing"),
    *("suite", "program", "fleet"),
    *("security", "errors", "commands", "options", "measured"),
)
"""The pages in the order in which they are listed; each is TOPIC.md in this folder."""

_LINK = re.compile(r"\[([^\]]+)\]\((\w+)\.md(?:#[\w-]*)?\)")
_MARK = re.compile(r"(#+|-) ")
_EMPHASIS = re.compile(r"\*([^*]+)\*")
_ENDING = ".md"


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        topic: its name on the command line and in links.
        title: its heading.
        summary: what is on it, in one line.
        text: the whole page in Markdown; its first line is the title, its third the summary.
    """

    topic: str
    title: str
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph, heading, list item or line of code that has the words looked for.

    Attributes:
        line: of `Page.text` that it begins in, from 0.
        text: all of it in one line, without Markdown's marks.
    """

    page: Page
    line: int
    text: str

    def excerpt(self, words: str, width: int) -> str:
        """The part of the text around the first of the words, at most so many letters long."""
        at = min((self.text.casefold().find(word) for word in words.casefold().split()), default=0)
        if len(self.text) <= width:
            return self.text
        begin = max(0, min(at - width // 3, len(self.text) - width + 1))
        if begin:
            begin = self.text.find(" ", begin, at) + 1 or begin
        part = ("…" if begin else "") + self.text[begin:]
        return part if len(part) <= width else part[: width - 1] + "…"


@cache
def read_page(topic: str) -> Page:
    """Read one page.

    Raises:
        KeyError: there is no such topic.
    """
    if topic not in TOPICS:
        raise KeyError(topic)
    text = files(__package__).joinpath(topic + _ENDING).read_text(encoding="utf-8")
    title, _, summary = text.split("\n", 3)[:3]
    return Page(topic, title.removeprefix("# "), summary, text)


def read_section(topic: str, heading: str) -> str:
    """The part of a page below a heading of the second rank, with the heading; '' = no such part.

    Raises:
        KeyError: there is no such topic.
    """
    for part in re.split(r"^(?=## )", read_page(topic).text, flags=re.MULTILINE):
        if part.partition("\n")[0] == f"## {heading}":
            return part
    return ""


def all_pages() -> tuple[Page, ...]:
    """Every page, in order."""
    return tuple(read_page(topic) for topic in TOPICS)


def search(words: str, pages: Iterable[Page]) -> list[Hit]:
    """Find the paragraphs in which all words occur, whatever their case; no words find nothing."""
    wanted = words.casefold().split()
    return [
        Hit(page, line, text)
        for page in pages
        for line, text in _paragraphs(page.text)
        if wanted and all(word in text.casefold() for word in wanted)
    ]


@lru_cache(maxsize=2 * len(TOPICS))
def _paragraphs(text: str) -> tuple[tuple[int, str], ...]:
    """Each paragraph, heading, list item and line of code: its first line's number, its text.

    Kept for the pages, since a search looks through all of them at each letter that is typed.
    """
    paragraphs: list[tuple[int, str]] = []
    begin, words = 0, ""
    is_code = False
    for number, line in enumerate([*text.split("\n"), ""]):
        is_fence = line.startswith("```")
        is_code ^= is_fence
        starts_anew = is_code or is_fence or not line or _MARK.match(line)
        if words and starts_anew:
            paragraphs.append((begin, words))
            words = ""
        if line and not is_fence:
            begin = begin if words else number
            words = f"{words} {_plain(line)}".strip()
    return tuple(paragraphs)


def _plain(line: str) -> str:
    """A line of Markdown as it is read: without the marks for headings, lists, links and so on."""
    line = _MARK.sub("", _LINK.sub(r"\1", line.strip()))
    return _EMPHASIS.sub(r"\1", line).replace("`", "")


def target_of(link: str) -> str:
    """The topic that a link in a page leads to; '' where it leads out of the manual."""
    topic, ending, _ = link.partition(_ENDING)
    return topic if ending and topic in TOPICS else ""


def with_commands_for_links(text: str) -> str:
    """A page for a terminal, where a link is the command that prints its page."""
    return _LINK.sub(r"\1 (ovbench-tui help \2)", text)
