"""The verdict, its causes and notes on the screen."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.stats.run_stats import Stability
from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.ui.widgets.stability_text import (
    FPS_WIDTH,
    RUN_WIDTH,
    fps_steadiness,
    remarks_on,
    run_steadiness,
    stability_style,
)
from tests.ui.fakes import (
    NAN,
    SIZES,
    STATS,
    FakeSession,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
)

CAUSE = "The CPU's frequency fell from 3.10 to 2.40 GHz at 95 °C."
NOTE = "nireq 4 is above 2 streams: latency includes queueing."
UNSTEADY = Stability(
    Verdict.DRIFTING, 0.123, 0.4, fps=Steady.DRIFTING, p99=Steady.UNSTEADY, windows=9
)
DRIFTING = Stability(
    Verdict.DRIFTING, 0.043, NAN, (CAUSE, "Another cause."), (NOTE,), Steady.DRIFTING
)


def _run(session: FakeSession) -> RunView:
    assert session.view.run is not None
    return session.view.run


def _heading(pilot: Pilot[None], title: str) -> str:
    return next(
        line for line in text_of(pilot.app.monitor.stats) if re.search(rf" {title}  *\S", line)
    )


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_how_steady_fps_and_p99_are(
    size: tuple[int, int],
) -> None:
    session = FakeSession()
    async with running(session, size=size) as pilot:
        await redraw(pilot)
        assert "±1.2 % steady" in _heading(pilot, "FPS")
        assert "p99 ±8.2 % steady" in _heading(pilot, "Run")
        session.set_run(stability=UNSTEADY)
        await redraw(pilot)
        assert "±12 % drifting" in _heading(pilot, "FPS")
        assert "p99 ±40 % unsteady" in _heading(pilot, "Run")
        session.set_run(stability=Stability())
        await redraw(pilot)
        assert _heading(pilot, "Run").rstrip().endswith("warming up")
        session.set_run(stability=Stability(Verdict.SETTLING, windows=2))
        await redraw(pilot)
        assert _heading(pilot, "Run").rstrip().endswith("settling 2/3")
        assert "steady" not in "\n".join(text_of(pilot.app.monitor.stats))
        # The heading takes no row from the figures, not even where latencies were lost.
        session.set_run(stats=replace(STATS, dropped=7))
        await redraw(pilot)
        text = "\n".join(text_of(pilot.app.monitor.stats))
        for label in ("count", "latencies lost"[:8], "elapsed", "batch", "max"):
            assert label in text


@pytest.mark.parametrize(
    ("stability", "words", "styles"),
    [
        (Stability(Verdict.SETTLING, windows=1), ("settling",), ("accent",)),
        (Stability(Verdict.TOO_SHORT), ("too short",), ("warn",)),
        (UNSTEADY, ("drifting", "unsteady"), ("warn", "warn")),
        (
            Stability(Verdict.UNSTABLE, 0.02, 0.5, fps=Steady.STEADY, p99=Steady.UNSTEADY),
            (" steady", "unsteady"),
            ("good", "warn"),
        ),
        (
            Stability(Verdict.STABLE, 0.02, 0.1, fps=Steady.STEADY, p99=Steady.STEADY),
            (" steady", "p99 ±10 % steady"),
            ("good", "good"),
        ),
    ],
)
async def test_each_word_has_the_colour_of_the_theme(
    stability: Stability, words: tuple[str, ...], styles: tuple[str, ...]
) -> None:
    session = FakeSession()
    session.set_run(stability=stability)
    async with running(session, size=(80, 24)) as pilot:
        await redraw(pilot)
        parts = [part for row in pilot.app.monitor.stats._rows for part in row]
        for word, style in zip(words, styles, strict=True):
            assert style in {part[1] for part in parts if word in part[0]}


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("fps", [None, *Steady])
@pytest.mark.parametrize("cv", [NAN, 0.0, 0.00999, 0.0994, 0.0995, 0.994, 0.995, 12.0])
def test_the_text_never_outgrows_its_place(verdict: Verdict, fps: Steady | None, cv: float) -> None:
    p99 = Steady.UNSTEADY if cv > 0.18 else Steady.STEADY  # as the tolerance of p99 has it
    run = replace(_run(FakeSession()), stability=Stability(verdict, cv, cv, fps=fps, p99=p99))
    assert len(fps_steadiness(run)) <= FPS_WIDTH
    assert len(run_steadiness(run)) <= RUN_WIDTH
    assert stability_style(run) in ("accent", "good", "warn")


async def test_wide_terminals_show_all_causes_and_notes_as_they_change() -> None:
    session = FakeSession()
    async with running(session, size=(200, 60)) as pilot:
        await redraw(pilot)
        steady = "FPS ±1.2 % steady · p99 ±8.2 % steady"
        assert steady in "\n".join(text_of(pilot.app.monitor.details))
        session.set_run(stability=DRIFTING)
        await redraw(pilot)
        lines = text_of(pilot.app.monitor.details)
        text = " ".join(" ".join(lines).split())
        for piece in ("FPS ±4.3 % drifting", CAUSE, "Another cause.", NOTE):
            assert piece in text
        assert all(len(line) == pilot.app.monitor.details.size.width for line in lines)
        assert text.index(CAUSE) < text.index(NOTE) < text.index("NUM_STREAMS")


def test_the_first_remark_is_the_likeliest_cause_or_else_a_note() -> None:
    run = _run(FakeSession())
    assert remarks_on(None) == ()
    assert remarks_on(run) == ()
    ruled = replace(run.effective, input_rules=(("data", "random"),))
    assert remarks_on(replace(run, stability=DRIFTING, effective=ruled)) == (
        *(CAUSE, "Another cause.", NOTE),
        "Input data: random.",
    )
    assert remarks_on(replace(run, stability=replace(DRIFTING, causes=()))) == (NOTE,)


async def test_what_has_no_room_of_the_remarks_is_in_the_log_by_the_key_in_the_line() -> None:
    session = FakeSession()
    long = f"{'Word ' * 18}end of it."
    session.set_run(stability=replace(DRIFTING, causes=(long,), notes=(NOTE,)))
    async with running(session, size=(80, 24)) as pilot:
        await redraw(pilot)
        (line,) = text_of(pilot.app.monitor.message)
        assert line.rstrip().endswith("… 1 of 2 ▸ L")
        assert len(line) == 80
        await pilot.press("L")
        await settle(pilot)
        text = " ".join(screen_text(pilot.app).split())
        assert "Notes on the current run" in text
        assert "end of it." in text
        assert NOTE in text
        await pilot.press("escape")
        session.set_run(stability=replace(DRIFTING, causes=(), notes=("Short.",)))
        await redraw(pilot)
        assert text_of(pilot.app.monitor.message)[0].strip() == "Short."
        session.set_run(stability=replace(DRIFTING, causes=(), notes=(long,)))
        await redraw(pilot)
        assert text_of(pilot.app.monitor.message)[0].rstrip().endswith("… ▸ L")


async def test_a_remark_gives_way_to_whatever_is_told() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        message = pilot.app.monitor.message

        def show(now_s: float, *, idle: bool = False, background: str = "") -> str:
            message.show(background, 1.0, now_s, idle=idle, remarks=(CAUSE,))
            return text_of(message)[0]

        assert CAUSE in show(0.0)
        assert message.size.height == 1
        message.tell("The [red]model is broken.", is_error=True, now_s=0.0)
        assert "The [red]model is broken." in show(1.0)
        assert CAUSE not in text_of(message)[0]
        assert message._rows[0][0][1] == "bad"
        assert CAUSE not in show(100.0, idle=True)
        assert CAUSE in show(100.0)
        assert message._rows[0][0][1] == "label"
        assert "compiling x 1.0 s …" in show(100.0, background="compiling x")


async def test_a_long_remark_is_cut_to_one_row_and_cleaned() -> None:
    async with running(FakeSession(), size=(80, 24)) as pilot:
        message = pilot.app.monitor.message
        message.show("", 0.0, 0.0, idle=False, remarks=("\x1b[2J" + "very long " * 20,))
        assert message.size.height == 1
        (line,) = text_of(message)
        assert len(line) == 80
        assert line.rstrip().endswith("… ▸ L")
        assert "\x1b" not in line
