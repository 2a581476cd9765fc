"""What a page says of its runs, and how it is written as HTML and Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from ovbench_tui.sharing.blocks import Page, Table
from ovbench_tui.sharing.charts import sparkline
from ovbench_tui.sharing.formats import FORMATS, file_name
from ovbench_tui.sharing.page import make_page
from tests.unit.sharing.pages import busy_run, run_of

EVIL = "<script>alert(1)</script>|`*"
_VOID = {"meta"}


class _Checked(HTMLParser):
    """Refuses tags that are not closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def html_of(page: Page) -> str:
    text = FORMATS["html"](page)
    parser = _Checked()
    parser.feed(text)
    assert parser.open == []
    assert "script" not in parser.tags
    return text


def table(page: Page, *head: str) -> dict[str, tuple[str, ...]]:
    (found,) = (b for b in page.blocks if isinstance(b, Table) and b.head[: len(head)] == head)
    return {row[0]: row[1:] for row in found.rows}


def test_a_run_is_told_whole() -> None:
    page = make_page([run_of("run 1", 280.0)], "9.9")
    text = html_of(page)
    assert page.title == "m on CPU: 280 FPS"
    assert text.count("<svg") == 3
    for words in ("Measured 2026-03-01 12:00 UTC with ovbench-tui 0.1.0: stable", "9.9"):
        assert words in text
    figures = {
        row[0]: row[1]
        for block in page.blocks
        if isinstance(block, Table) and block.head == ("", "value")
        for row in block.rows
    }
    assert figures["latency, p50"] == "6.93 ms"
    assert figures["latency, p99"] == "8.25 ms"
    # 2,817 inferences are too few for p99.9.
    assert figures["latency, p99.9"] == "\N{EN DASH} needs 3,819 inferences more"
    assert figures["CPU"] == "Some <processor>"
    assert figures["logical processors"] == "4 usable of 8"
    assert table(page, "", "requested", "in effect")["nireq"] == ("auto", "2")
    assert "ovbench-tui m.xml -d CPU" in text
    assert "benchmark_app -m m.xml -d CPU" in text


def test_further_runs_are_compared_with_the_first() -> None:
    page = make_page([run_of("run 1", 200.0), run_of("run 2", 400.0)], "1")
    rows = table(page, "run", "FPS")
    assert rows["run 1"][-2] == "baseline"
    assert rows["run 2"][-2] == "+100.0 %"
    text = html_of(page)
    assert re.search(r"run 2 against run 1: [^<]*faster", text), text[:2000]
    assert text.count("<svg") == 6


def test_what_is_not_alike_is_said_first() -> None:
    page = make_page([run_of("run 1", 200.0), run_of("run 2", 400.0, model="other")], "1")
    assert "Not alike: model m / other" in FORMATS["md"](page)


def test_names_stay_text() -> None:
    run = run_of("run 1", 280.0, model=EVIL)
    page = make_page([run], "1")
    text = html_of(page)
    assert "<script>" not in text
    markdown = FORMATS["md"](page)
    assert "<script>" not in markdown.replace("\\<", "")
    rows = [line for line in markdown.splitlines() if line.startswith("| model ")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [4]
    assert "/" not in file_name([run], ".html")


def test_nothing_is_loaded() -> None:
    text = html_of(make_page([run_of("run 1", 280.0)], "1"))
    assert "default-src 'none'" in text
    assert not re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", text)


def test_commands_are_fenced_whatever_is_in_them() -> None:
    run = run_of("run 1", 280.0)
    view = run.result.view
    config = replace(view.config, model="a```b.xml")
    run = replace(run, result=replace(run.result, view=replace(view, config=config)))
    markdown = FORMATS["md"](make_page([run], "1"))
    assert "````sh\n" in markdown


def test_a_row_of_blocks_begins_at_0_and_leaves_gaps() -> None:
    assert sparkline([0.0, 5.0, float("nan"), 10.0]) == "▁▅ █"
    assert sparkline([]) == sparkline([float("nan")]) == sparkline([0.0]) == ""
    assert len(sparkline([1.0] * 2400)) == 60


def test_what_the_machine_did_is_below_the_latency() -> None:
    page = make_page([busy_run()], "1")
    text = html_of(page)
    titles = re.findall(r"<figcaption>([^<]*)", text)
    assert titles == [
        "Throughput, FPS",
        "Latency",
        "CPU, share of all",
        "CPU frequency, GHz",
        "Latencies, share of inferences",
    ]
    # One time axis: the same ticks at the same places.
    axes = [re.findall(r'x="([\d.]+)" y="230.0"[^>]*>([^<]*)', svg) for svg in text.split("<svg")]
    assert axes[1] == axes[2] == axes[3] == axes[4]
    assert "python3, pid 812: 30 %" in text
    assert text.count("throttled for heat") == 3  # the bar, its name, and below the machine
    markdown = FORMATS["md"](page)
    assert f"`{'▂' * 20}{'▄' * 20}` CPU of others over time, from 0 to 100 %" in markdown
    assert (
        "| CPU use meanwhile | ours 50 %, others 25 % (most: python3, pid 812, 30 %)," in markdown
    )
