"""The System tab: what is told, what is not and why, and the table of CPUs, at every size."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.text import width_of
from ovbench_tui.system.largest_process import OtherProcess
from ovbench_tui.system.system_sample import (
    NO_PERMISSION,
    NOT_YET,
    Accelerator,
    Core,
    MachineSample,
    ProcessFacts,
    Reading,
    SystemSample,
)
from ovbench_tui.ui.tabs.system.system_facts import Fact, columns_of, facts_of, format_bytes
from ovbench_tui.ui.tabs.system.system_trends import trend_charts, trends_of
from ovbench_tui.ui.tabs.system.system_view import SystemView
from ovbench_tui.ui.widgets.spark_rows import spark, spark_rows
from tests.ui.fakes import (
    NAN,
    SIZES,
    FakeSession,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
)
from tests.ui.pictures import assert_picture

MIB, GIB = 2**20, 2**30
BARE = SystemSample(time_s=1.0, cost_ms=1.25, cores=(Core(0, busy=0.5), Core(1, busy=1.0)))
FULL = SystemSample(
    time_s=1.0,
    cost_ms=1.25,
    cores=tuple(
        Core(
            number,
            is_usable=number < 6,
            busy=(number + 1) / 8,
            own=number / 8,
            ghz=2.0 + number / 10,
            min_ghz=0.8,
            max_ghz=4.7,
        )
        for number in range(8)
    ),
    load=(7.25, 3.5, 1.0),
    own_share=0.62,
    others_share=0.21,
    steal_share=0.002,
    processes=(
        ProcessFacts("program", 100, 312 * MIB, 14, 31),
        ProcessFacts("engine", 101, 2 * GIB, 40, 60),
    ),
    memory_total_bytes=16 * GIB,
    memory_free_bytes=9 * GIB,
    memory_limit_bytes=8 * GIB,
    memory_used_bytes=3 * GIB,
    quota_cpus=4.0,
    throttled_share=0.05,
    temperature_c=71.0,
    throttle_count=12,
    package_w=Reading.of(25.0),
    memory_w=Reading.of(None, NO_PERMISSION),
    accelerators=(
        Accelerator("GPU card0", Reading.of(1150.0), 300.0, 1300.0, Reading.of(0.42)),
        Accelerator(
            "NPU accel0",
            Reading.of(1400.0),
            None,
            1400.0,
            Reading.of(None, NOT_YET),
            Reading.of(64 * MIB),
        ),
    ),
)


def _watched(seconds: int) -> tuple[MachineSample, ...]:
    """What was watched for so long."""
    return tuple(
        MachineSample(
            time_s=float(second),
            own_share=0.62,
            others_share=0.21,
            own_rss_bytes=312 * MIB + 2 * GIB,
            package_w=25.0,
            busy_cores=tuple(
                (number, ((second * (number + 3)) % 17) / 16) for number in range(len(FULL.cores))
            ),
        )
        for second in range(1, seconds)
    )


def _session(sample: SystemSample | None = FULL) -> FakeSession:
    session = FakeSession()
    session.sample = sample
    return session


async def _open(pilot: Pilot[None]) -> SystemView:
    tabs = list(pilot.app.monitor.tabs)
    await pilot.press(str(tabs.index("system") + 1))
    await settle(pilot)
    view = pilot.app.screen.query_one(SystemView)
    assert view.has_focus
    return view


def _facts(sample: SystemSample, **options: object) -> dict[str, Fact]:
    run = FakeSession().view.run
    given = {"is_measuring": True, "throttled_before": 12, **options}
    return {fact.label: fact for fact in facts_of(sample, run, **given)}


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int]) -> None:
    session = _session()
    async with running(session, size=size) as pilot:
        await _open(pilot)
        session.sample = replace(FULL, time_s=40.0)
        session.watched = _watched(41)
        pilot.app.frame()
        await settle(pilot)
        view = pilot.app.screen.query_one(SystemView)
        assert_picture(f"system_{size[0]}x{size[1]}", "\n".join(text_of(view)))


@pytest.mark.parametrize("size", [(44, 12), (60, 15), *SIZES])
async def test_every_size_opens_by_a_click_and_shows_cores(size: tuple[int, int]) -> None:
    async with running(_session(), size=size) as pilot:
        if size[1] >= 18:
            bar = pilot.app.monitor.tab_bar
            number = list(pilot.app.monitor.tabs).index("system") + 1
            await pilot.click(bar, offset=(text_of(bar)[0].index(f" {number} ") + 1, 0))
            await settle(pilot)
            view = pilot.app.screen.query_one(SystemView)
        else:
            view = await _open(pilot)
        text = text_of(view)
        assert {width_of(line) for line in text} == {size[0]}
        assert any(line.lstrip().startswith("0 ") for line in text)
        await pilot.press("end")
        assert any(line.lstrip().startswith("(7)") for line in text_of(view))


@pytest.mark.parametrize("size", [(80, 40), (160, 50)])
async def test_the_time_before_it_was_opened_is_known(size: tuple[int, int]) -> None:
    session = _session()
    session.watched = _watched(31)
    async with running(session, size=size) as pilot:
        text = text_of(await _open(pilot))
    cpu = next(line for line in text if line.lstrip().startswith("0 "))
    past = cpu.split("4.7")[-1].strip()
    if size[0] == 160:
        assert past.endswith(spark([((n * 3) % 17) / 16 for n in range(1, 31)], 1.0).strip())
    drawn = [len(part) for line in text for part in re.findall("[▁▂▃▄▅▆▇█]+", line)]
    assert drawn.count(30) >= 4  # ours, others, memory and power, of half a minute each
    for now in ("62.0 %", "21.0 %", "2.30 GiB", "25.0 W"):
        assert any(now in line for line in text), now


def test_a_chart_of_several_rows_has_eight_steps_in_each() -> None:
    assert spark_rows([0.0, 0.5, 1.0, NAN, 0.75, 9.0], 1.0, 2) == ["  █ ▄█", "▁██ ██"]
    assert spark_rows([1.0, 2.0], 0.0, 2) == ["  ", "  "]


def test_what_nothing_is_known_of_has_no_trend() -> None:
    past = (MachineSample(time_s=1.0, own_share=0.5), MachineSample(time_s=2.0))
    (ours,) = trends_of(past)
    assert ours.label == "CPU, ours"
    assert ours.values[0] == 0.5
    assert math.isnan(ours.values[1])
    assert ours.now == DASH
    assert trends_of(()) == []


def test_trends_have_the_rows_that_there_are() -> None:
    trends = trends_of(_watched(10))
    for height in (1, 3, 8, 19):
        lines = trend_charts(trends, 60, height)
        assert len(lines) == height
        assert {sum(width_of(text) for text, _ in line) for line in lines} <= {0, 58, 59, 60}


async def test_who_takes_most_of_what_others_take_is_named() -> None:
    burner = OtherProcess("python3", 812, 0.2)
    facts = _facts(replace(FULL, others_share=0.21, largest=burner))
    assert facts["CPU, others"].text == "21.0 % (python3, pid 812)"


async def test_facts_with_figures() -> None:
    async with running(_session(), size=(120, 40)) as pilot:
        await _open(pilot)
        text = screen_text(pilot.app)
    for piece in (
        "62.0 % of all",
        "21.0 % of all",
        "7.25  3.50  1.00",
        "2.35 GHz of 0.8 to 4.7, cores 2.00 to 2.70",
        "71 °C",
        "no, 12 since the start",
        "6 of 8 usable",
        "4 CPUs, waited 5 %",
        "25.0 W",
        "20.5 (whole package)",
        "312 MiB, 14 threads",
        "2.00 GiB, 40 threads",
        "31, engine 60",
        "9.00 GiB of 16.00 GiB",
        "3.00 GiB of 8.00 GiB",
        "42 % busy, 1150 MHz of 300 to 1300",
        "1400 MHz of 1400, 64 MiB, busy not yet",
        "unavailable: no permission",
    ):
        assert piece in text, piece


async def test_what_is_not_told_says_so_and_is_never_zero() -> None:
    async with running(_session(BARE), size=(120, 40)) as pilot:
        view = await _open(pilot)
        text = "\n".join(text_of(view))
    assert text.count("unavailable") >= 9
    assert "power is unavailable" in text
    assert text.count("unavailable: no counter") == 2
    assert "none in sysfs" in text
    assert "no limit" in text
    assert " 0 " not in text.replace("     0 ", "")  # but for the number of a CPU
    assert "0 W" not in text


async def test_a_nominal_clock_is_not_shown_as_a_measured_one() -> None:
    cores = tuple(Core(number, busy=0.5, nominal_ghz=2.25) for number in range(2))
    async with running(_session(replace(BARE, cores=cores)), size=(120, 40)) as pilot:
        view = await _open(pilot)
        text = "\n".join(text_of(view))
    assert "not measured (nominal 2.25 GHz)" in text
    assert text.count("2.25") == 1


async def test_before_the_first_sample() -> None:
    session = _session(None)
    async with running(session, size=(80, 24)) as pilot:
        view = await _open(pilot)
        assert "for the first time" in "\n".join(text_of(view))
        session.sample = FULL
        await redraw(pilot)
        assert "62.0 %" in "\n".join(text_of(view))


async def test_the_machine_is_asked_only_while_the_tab_is_seen() -> None:
    session = _session()
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        assert session.looks == 0
        await _open(pilot)
        await redraw(pilot)
        seen = session.looks
        assert seen >= 2
        await pilot.press("1")
        await redraw(pilot)
        assert session.looks == seen


async def test_it_is_drawn_again_only_with_a_new_sample() -> None:
    session = _session()
    async with running(session, size=(120, 40)) as pilot:
        view = await _open(pilot)
        session.sample = replace(FULL, own_share=0.11)
        await redraw(pilot)
        assert "11.0 %" not in "\n".join(text_of(view))
        session.sample = replace(FULL, own_share=0.11, time_s=2.0)
        await redraw(pilot)
        assert "11.0 %" in "\n".join(text_of(view))


async def test_cpus_sort_filter_and_scroll() -> None:
    async with running(_session(), size=(80, 24)) as pilot:
        view = await _open(pilot)
        await pilot.press("s", "s")
        assert view.table.sort_by[0] in ("busy %", "Busy")
        assert next(row.key for row in view.table.seen) == 7
        await pilot.press("slash", *"not", "enter")
        assert {row.key for row in view.table.seen} == {6, 7}
        await pilot.press("escape", "home")
        assert len(view.table.seen) == 8


def test_throttling_since_the_tab_was_opened_is_bad() -> None:
    reported = _facts(FULL, throttled_before=10)["throttled"]
    assert (reported.text, reported.style) == ("2 times lately", "bad")
    assert _facts(FULL)["throttled"].style == "value"


def test_fps_per_watt_only_while_something_is_measured() -> None:
    assert "20.5" in _facts(FULL)["FPS per watt"].text
    assert _facts(FULL, is_measuring=False)["FPS per watt"].text == "nothing is measured now"
    denied = replace(FULL, package_w=Reading.of(None, NO_PERMISSION))
    assert _facts(denied)["package power"].text == "unavailable: no permission"
    assert _facts(denied)["FPS per watt"].text == "power is unavailable"


def test_facts_are_dealt_without_losing_one() -> None:
    facts = [Fact(str(n), "") for n in range(16)]
    for count in (1, 2, 3):
        columns = columns_of(facts, count)
        assert [fact for column in columns for fact in column] == facts
        assert len(columns) == count


def test_bytes() -> None:
    assert format_bytes(300 * MIB) == "300 MiB"
    assert format_bytes(1.5 * GIB) == "1.50 GiB"
