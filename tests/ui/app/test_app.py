"""Keys and clicks of the figures' screen; every test draws when it says so."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Log

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.numbers import DASH
from ovbench_tui.engine.api.snapshot import History, Notice
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.errors import BadInputError
from ovbench_tui.ui.app.app import OvbenchApp
from ovbench_tui.ui.dialogs.help import HelpScreen
from ovbench_tui.ui.dialogs.log import LogScreen
from ovbench_tui.ui.dialogs.picker import PickerScreen
from ovbench_tui.ui.widgets.selector.choices import EDITS
from tests.ui.fakes import (
    CONFIG,
    NAN,
    SIZES,
    STATS,
    Clock,
    FakeSession,
    make_app,
    model_info,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
    until,
)
from tests.ui.tab_pilot import open_tab


def _selector(pilot: Pilot[None]) -> list[str]:
    return text_of(pilot.app.monitor.selector)


def _row(pilot: Pilot[None], row: str) -> str:
    return next(line for line in _selector(pilot) if line.startswith(f" {EDITS[row].title} "))


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_the_figures(size: tuple[int, int]) -> None:
    async with running(FakeSession(), size=size) as pilot:
        await redraw(pilot)
        text = screen_text(pilot.app)
        for piece in ("mobilenet-v2", "on CPU", "OpenVINO 2026.4.1", "running", "512    FPS"):
            assert piece in text
        for piece in ("auto (4)", "auto (2)", "5.50 ms", "1234    ms", "12,345"):
            assert piece in text
        assert text.count("\n") == size[1] - 1
        assert all(len(line) == size[0] for line in text.split("\n"))


async def test_the_session_starts_after_the_first_frame() -> None:
    drawn: list[str] = []

    def factory() -> FakeSession:
        drawn.append(screen_text(app))
        return FakeSession()

    app = OvbenchApp(CONFIG, factory, refresh_hz=0.001)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert len(drawn) == 1
        assert "Configuration" in drawn[0]
        assert "mobilenet-v2" in drawn[0]
        assert "running" not in drawn[0]
        assert "running" in screen_text(app)


async def test_a_session_that_cannot_start_is_told() -> None:
    def factory() -> FakeSession:
        raise BadInputError("The [red]engine is missing: install it.")

    app = OvbenchApp(CONFIG, factory)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "The [red]engine is missing: install it." in screen_text(app)
        await pilot.press("plus", "space", "r", "left")
        assert app.is_running


async def test_the_rest_of_the_session_is_pulled_at_the_width_of_the_charts() -> None:
    session = FakeSession()
    async with running(session, size=(200, 60)) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.fps_chart
        assert session.columns[-1] >= 2 * (chart.size.width - 8)


@pytest.mark.parametrize(
    ("keys", "change"),
    [
        (("plus",), {"nireq": 5}),
        (("right_square_bracket",), {"nireq": 5}),
        (("minus",), {"nireq": 3}),
        (("left_square_bracket",), {"nireq": 3}),
        (("right",), {"nireq": 5}),
        (("h",), {"nireq": 3}),
        (("up", "l"), {"hint": "latency"}),
        (("j", "k", "right"), {"nireq": 5}),
        (("down", "right"), {"streams": "1"}),
        (("down", "j", "right"), {"threads": 1}),
        (("down",) * 3 + ("right",), {"precision": "f32"}),
        (("down",) * 4 + ("right",), {"batch": 2}),
        (("down",) * 5 + ("right",), {"api": "sync"}),
        (("up", "up", "right", "down", "enter"), {"device": "GPU"}),
        (("d", "down", "enter"), {"device": "GPU"}),
    ],
)
async def test_keys_change_the_configuration(
    keys: tuple[str, ...], change: dict[str, object]
) -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await settle(pilot)
        assert session.requested == [replace(CONFIG, **change)]


@pytest.mark.parametrize("key", ["right", "left", "enter"])
async def test_arrows_on_the_model_open_the_list_and_change_nothing(key: str) -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("up", "up", "up", key)
        await settle(pilot)
        assert pilot.app.screen is not pilot.app.monitor
        await pilot.press("escape")
        await settle(pilot)
        assert session.requested == []


async def test_a_change_of_the_model_is_undone_with_one_key() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        pilot.app.set_value("model", "alexnet")
        await settle(pilot)
        message = text_of(pilot.app.monitor.message)[0]
        assert "alexnet runs, no longer mobilenet-v2." in message
        assert "u Back to mobilenet-v2" in text_of(pilot.app.monitor.footer)[0]
        await pilot.press("plus", "u", "u")
        await settle(pilot)
        assert session.requested[-2] == replace(CONFIG, model="alexnet")
        assert session.requested[-1] == CONFIG
        await pilot.press("u")
        await settle(pilot)
        assert "There is nothing to undo." in text_of(pilot.app.monitor.message)[0]
        assert session.requested[-1] == CONFIG


@pytest.mark.parametrize("keys", [("plus", "plus", "plus", "minus"), ("right", "right")])
async def test_steps_wait_until_it_is_known_from_where(keys: tuple[str, ...]) -> None:
    automatic = replace(CONFIG, nireq=0)
    session = FakeSession(automatic)
    known = session.view.run
    session.set(run=None)
    async with running(session) as pilot:
        await pilot.press(*keys)
        await settle(pilot)
        assert session.requested == []
        assert "nireq +2 waits until" in text_of(pilot.app.monitor.message)[0]
        session.set(run=known)
        await redraw(pilot)
        assert known is not None
        assert session.requested[-1].nireq == known.effective.nireq + 2


async def test_steps_that_wait_are_dropped_with_their_model() -> None:
    session = FakeSession(replace(CONFIG, nireq=0))
    known = session.view.run
    session.set(run=None)
    async with running(session) as pilot:
        await pilot.press("plus")
        pilot.app.set_value("model", "alexnet")
        session.set(run=known)
        await redraw(pilot)
        assert [config.nireq for config in session.requested] == [0]


async def test_quick_presses_add_up() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("plus", "plus", "plus", "minus")
        await settle(pilot)
        assert [config.nireq for config in session.requested] == [5, 6, 7, 6]
        assert "6" in _row(pilot, "nireq")


async def test_a_request_shows_at_once_and_as_pending_until_it_runs() -> None:
    session = FakeSession()
    session.is_slow = True
    async with running(session) as pilot:
        await pilot.press("plus")
        await settle(pilot)
        assert "4 ⇒ 5" in _row(pilot, "nireq")
        assert "next: nireq 5" in text_of(pilot.app.monitor.status)[0]
        session.set_run(run_id=2, config=session.view.requested)
        await redraw(pilot)
        assert "⇒" not in _row(pilot, "nireq")
        assert "to come" not in text_of(pilot.app.monitor.status)[0]


async def test_a_rejected_request_falls_back_and_the_error_stays() -> None:
    session = FakeSession()
    session.is_slow = True
    async with running(session) as pilot:
        await pilot.press("d", "down", "enter")
        await settle(pilot)
        assert "CPU ⇒ GPU" in _row(pilot, "device")
        session.set(requested=CONFIG)
        session.tell("GPU is not there: choose another device.", is_error=True)
        await redraw(pilot)
        assert "CPU" in _row(pilot, "device")
        assert "GPU is not there" in text_of(pilot.app.monitor.message)[0]
        await pilot.press("plus")
        await settle(pilot)
        assert session.requested[-1].device == "CPU"


async def test_clicks_on_the_selector() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        selector = pilot.app.monitor.selector
        width = selector.size.width
        assert selector.row == "nireq"
        await pilot.click(selector, offset=(5, 5))
        assert selector.row == "streams"
        await pilot.click(selector, offset=(5, 4))
        assert selector.row == "nireq"
        assert session.requested == []
        await pilot.click(selector, offset=(width - 2, 4))
        await settle(pilot)
        assert session.requested[-1].nireq == 5
        await pilot.click(selector, offset=(width - 4, 4))
        await settle(pilot)
        assert session.requested[-1].nireq == 4
        # An arrow of a row that was not selected selects and steps it.
        await pilot.click(selector, offset=(width - 2, 3))
        await settle(pilot)
        assert selector.row == "hint"
        assert session.requested[-1].hint == "latency"
        await pilot.click(selector, offset=(5, 3))
        await settle(pilot)
        assert isinstance(pilot.app.screen, PickerScreen)


async def test_the_arrows_are_where_the_clicks_are_looked_for() -> None:
    async with running(FakeSession(), size=(80, 24)) as pilot:
        row = _row(pilot, "nireq")
        assert row[-4] == "◂"
        assert row[-2] == "▸"


async def test_pause_and_reset() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("space")
        assert session.pauses == 1
        assert "‖ paused" in text_of(pilot.app.monitor.status)[0]
        await pilot.press("space", "r")
        assert (session.pauses, session.resets) == (2, 1)
        assert "● running" in text_of(pilot.app.monitor.header)[0]


async def test_isolate_and_cancel() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        app = pilot.app
        await pilot.press("c")
        assert app.monitor.message.text == "Nothing is being read or compiled."
        session.set(background="compiling yolo-v3-tf for CPU")
        app.frame()
        await pilot.press("c")
        assert "press i first" in app.monitor.message.text
        assert session.view.background
        await pilot.press("i")
        assert session.view.isolated
        assert "own process" in text_of(app.monitor.status)[0]
        await pilot.press("c")
        assert not session.view.background
        await pilot.press("i")
        assert not session.view.isolated


async def test_a_dead_engine_can_be_started_again() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        app = pilot.app
        await pilot.press("e")
        assert "nothing to restart" in app.monitor.message.text
        notice = Notice(1, True, "The engine's process was killed (SIGKILL).")
        session.set(state=WorkerState.FAILED, can_restart=True, notices=(notice,))
        app.frame()
        assert app.monitor.message.text.endswith("(SIGKILL). Press e to start another.")
        await pilot.press("e")
        assert not session.view.can_restart
        assert "● running" in text_of(app.monitor.header)[0]


async def test_an_engine_that_hangs_is_not_said_to_run() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        app = pilot.app
        session.set(state=WorkerState.RUNNING, can_restart=True)
        app.frame()
        assert "✗ hangs" in text_of(app.monitor.header)[0]
        assert "✗ hangs" in text_of(app.monitor.status)[0]
        session.set(state=WorkerState.RUNNING, can_restart=False)
        app.frame()
        assert "● running" in text_of(app.monitor.header)[0]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quit(key: str) -> None:
    app = make_app(FakeSession())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(key)
    assert app.return_code == 0
    assert app.ended_by_signal is None


async def test_quit_from_a_dialog() -> None:
    app = make_app(FakeSession())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("m", "ctrl+c")
    assert app.return_code == 0


async def test_the_end_of_the_run_ends_the_app() -> None:
    session = FakeSession()
    app = make_app(session)
    async with app.run_test(size=(120, 40)) as pilot:
        session.set(finished=True)
        app.frame()
        await settle(pilot)
    assert app.return_code == 0


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="a Unix signal")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
async def test_signals_end_the_app(name: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    app = make_app(FakeSession())
    async with app.run_test(size=(120, 40)) as pilot:
        os.kill(os.getpid(), number)
        await until(pilot, lambda: app.ended_by_signal is not None)
    assert app.ended_by_signal == number
    assert signal.getsignal(number) == before


async def test_the_footer_is_clickable() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        footer = pilot.app.monitor.footer
        text = text_of(footer)[0]
        await pilot.click(footer, offset=(text.index("Pause"), 0))
        await settle(pilot)
        assert session.pauses == 1
        text = text_of(footer)[0]
        await pilot.click(footer, offset=(text.index("nireq"), 0))
        await settle(pilot)
        assert session.requested[-1].nireq == 5
        text = text_of(footer)[0]
        await pilot.click(footer, offset=(text.index("+/-") + 2, 0))
        await settle(pilot)
        assert session.requested[-1].nireq == 4
        await pilot.click(footer, offset=(footer.size.width - 1, 0))
        await settle(pilot)
        assert len(session.requested) == 2


@pytest.mark.parametrize("size", SIZES)
async def test_all_main_keys_fit_the_footer(size: tuple[int, int]) -> None:
    async with running(FakeSession(), size=size) as pilot:
        text = text_of(pilot.app.monitor.footer)[0].rstrip()
        assert text.endswith("? Help  q Quit")
        for hint in ("←/→ Change", "enter Edit", "v Charts", "+/- nireq"):
            assert hint in text


async def test_the_footer_is_filled_to_the_width() -> None:
    async with running(FakeSession(), size=(200, 60)) as pilot:
        text = text_of(pilot.app.monitor.footer)[0]
        assert len(text.rstrip()) > 180
        assert all(hint in text for hint in ("space Pause", "m Model", "t Tune", "L Log"))


async def test_the_footer_offers_what_the_state_calls_for() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        footer = pilot.app.monitor.footer
        await pilot.press("space")
        await settle(pilot)
        assert text_of(footer)[0].startswith(" space Resume")
        assert "Pause" not in text_of(footer)[0]
        await pilot.press("space")
        await settle(pilot)
        assert "Resume" not in text_of(footer)[0]
        session.set(state=WorkerState.FAILED, can_restart=True)
        await redraw(pilot)
        assert text_of(footer)[0].startswith(" e Restart")


async def test_the_footer_follows_the_tab_and_what_is_typed() -> None:
    async with running(FakeSession(), size=(80, 24)) as pilot:
        footer = pilot.app.monitor.footer
        await open_tab(pilot, "runs")
        assert text_of(footer)[0].startswith(" enter Run again  p Pin")
        await pilot.press("slash")
        await settle(pilot)
        assert text_of(footer)[0].rstrip() == " enter Keep the filter  esc Show all rows"
        await pilot.press("x", "enter")
        await settle(pilot)
        assert text_of(footer)[0].startswith(" esc Show all rows")
        await pilot.click(footer, offset=(2, 0))
        await settle(pilot)
        assert text_of(footer)[0].startswith(" enter Run again")
        await open_tab(pilot, "tune")
        assert text_of(footer)[0].startswith(" space Begin  o Options")
        assert "Pause" not in text_of(footer)[0]  # space means something else here


async def test_help_lists_every_binding() -> None:
    async with running(FakeSession()) as pilot:
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(pilot.app.screen, HelpScreen)
        text = screen_text(pilot.app)
        for piece in ("+ = ]", "One infer request more", "↑ k", "Row above", "space", "enter"):
            assert piece in text
        await pilot.press("q")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor
        await pilot.press("f1", "escape")
        assert pilot.app.screen is pilot.app.monitor


async def test_the_log_is_shown_without_control_characters_and_read_again() -> None:
    session = FakeSession()
    session.tell("mobilenet-v2 [red]runs")
    texts = ["first \x1b[31mline\x07\nsecond", "first\nlater"]
    async with running(session, read_log=lambda: texts.pop(0)) as pilot:
        await redraw(pilot)
        await pilot.press("L")
        await settle(pilot)
        assert isinstance(pilot.app.screen, LogScreen)
        text = screen_text(pilot.app)
        assert "first ·[31mline·" in text
        assert "mobilenet-v2 [red]runs" in text
        await pilot.press("r")
        await settle(pilot)
        assert "later" in screen_text(pilot.app)
        assert "second" not in screen_text(pilot.app)
        await pilot.press("escape")
        assert pilot.app.screen is pilot.app.monitor


async def test_the_log_opens_at_its_end() -> None:
    native = "\n".join(f"native line {number}" for number in range(200))
    async with running(FakeSession(), size=(80, 24), read_log=lambda: native) as pilot:
        await pilot.press("L")
        log = pilot.app.screen.query_one(Log)
        await until(pilot, lambda: log.max_scroll_y and log.scroll_offset.y == log.max_scroll_y)
        assert "native line 199" in screen_text(pilot.app)
        assert "Messages of this session" not in screen_text(pilot.app)
        await pilot.press("home")
        await settle(pilot)
        assert "Messages of this session" in screen_text(pilot.app)


async def test_the_refresh_rate_can_be_changed() -> None:
    app = OvbenchApp(CONFIG, FakeSession, refresh_hz=4.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("greater_than_sign")
        assert app.budget.wanted_s == pytest.approx(1 / 8)
        await pilot.press("less_than_sign", "less_than_sign")
        assert app.budget.wanted_s == pytest.approx(1 / 2)
        assert "2 Hz" in text_of(app.monitor.status)[0]
        await pilot.press(*["less_than_sign"] * 5)
        assert app.budget.wanted_s == 2.0


async def test_the_clock_draws_and_a_dear_ui_slows_down() -> None:
    session = FakeSession()
    clock = Clock()
    async with running(session, clock=clock, ui_budget_percent=3.0) as pilot:
        app = pilot.app
        app.budget.want(0.25)
        cpu = Clock()
        app._cpu_clock = cpu
        for _ in range(20):
            clock.now_s += 0.25
            cpu.now_s += 0.025
            app._on_clock()
        assert app.budget.interval_s == pytest.approx(0.375)
        assert "UI 10.0 % · 2.67 Hz slowed" in text_of(app.monitor.status)[0]


async def test_figures_go_on_behind_a_dialog_within_the_budget() -> None:
    session = FakeSession()
    clock, cpu = Clock(), Clock()
    async with running(session, clock=clock) as pilot:
        app = pilot.app
        app._cpu_clock = cpu
        await pilot.press("d")
        await settle(pilot)

        async def shown(fps: float, after_s: float, cost_s: float) -> bool:
            clock.now_s += after_s
            cpu.now_s += cost_s
            session.set_run(stats=replace(STATS, fps_now=fps))
            pulled = len(session.columns)
            app._on_clock()
            await settle(pilot)
            assert len(session.columns) > pulled
            return f"{fps:.1f}" in screen_text(app)

        assert await shown(77.0, 1.0, 0.0)
        assert not await shown(78.0, 0.5, 0.0)
        assert await shown(79.0, 0.5, 0.0)
        assert not await shown(81.0, 1.0, 0.06)  # 6 % of a core, and 3 % are allowed
        assert await shown(82.0, 1.0, 0.0)


async def test_a_notice_is_shown_once_and_goes_after_a_while() -> None:
    session = FakeSession()
    clock = Clock()
    async with running(session, clock=clock) as pilot:
        session.tell("Runs with nireq 5.")
        await redraw(pilot)
        message = pilot.app.monitor.message
        assert text_of(message)[0].strip() == "Runs with nireq 5."
        clock.now_s = 19.0
        await redraw(pilot)
        assert text_of(message)[0].strip() == "Runs with nireq 5."
        clock.now_s = 21.0
        await redraw(pilot)
        assert text_of(message)[0].strip() == ""


async def test_a_long_notice_is_shortened_and_moves_nothing() -> None:
    session = FakeSession()
    clock = Clock()
    sentence = "The model cannot be read: " + "a reason of many words " * 5 + "ends here."
    async with running(session, clock=clock, size=(100, 30)) as pilot:
        session.tell(sentence, is_error=True)
        await redraw(pilot)
        await settle(pilot)
        message = pilot.app.monitor.message
        assert message.size.height == 1
        shown = text_of(message)[0].strip()
        assert shown.endswith("…")
        assert sentence.startswith(shown[:-1])
        footer = pilot.app.monitor.footer
        assert text_of(footer)[0].startswith(" L Whole message")
        await pilot.press("L")
        await settle(pilot)
        whole = " ".join(screen_text(pilot.app).replace("│", " ").split())
        assert sentence in whole
        await pilot.press("escape")
        clock.now_s = 30.0
        await redraw(pilot)
        await settle(pilot)
        assert "Whole message" not in text_of(footer)[0]


async def test_background_progress_is_told() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        session.set(background="compiling yolo-v3-tf", background_s=1.31)
        await redraw(pilot)
        assert (
            text_of(pilot.app.monitor.message)[0].rstrip().endswith("compiling yolo-v3-tf 1.3 s …")
        )


@pytest.mark.parametrize("size", [(40, 20), (120, 8), (3, 1)])
async def test_too_small_a_terminal_says_so_and_still_quits(size: tuple[int, int]) -> None:
    app = make_app(FakeSession())
    async with app.run_test(size=size) as pilot:
        await redraw(pilot)
        if size[0] >= 40:
            assert "terminal too small" in screen_text(app)
        assert "Configuration" not in screen_text(app)
        await pilot.press("q")
    assert app.return_code == 0


async def test_a_resize_storm_ends_in_a_whole_screen() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        for width, height in [(200, 60), (20, 5), (80, 24), (1, 1), (44, 12), (300, 90), (120, 40)]:
            await pilot.resize_terminal(width, height)
            await redraw(pilot)
        stormy = screen_text(pilot.app)
    async with running(FakeSession()) as pilot:
        await redraw(pilot)
        assert screen_text(pilot.app) == stormy


async def test_the_least_terminal_keeps_fps_sparkline_and_selector() -> None:
    async with running(FakeSession(), size=(44, 12)) as pilot:
        await redraw(pilot)
        text = screen_text(pilot.app)
        for piece in ("FPS", "512    FPS", "▇", "Precision", "● running"):
            assert piece in text


async def test_markup_in_names_is_text() -> None:
    session = FakeSession()
    session.set_run(run_id=2, model=model_info("[red]evil[/]\x1b[2J"))
    async with running(session, size=(200, 60)) as pilot:
        await redraw(pilot)
        assert screen_text(pilot.app).count("[red]evil[/]·[2J") == 3


async def test_a_theme_switch_draws_in_new_colours() -> None:
    async with running(FakeSession()) as pilot:
        await redraw(pilot)
        stats = pilot.app.monitor.stats
        before = [segment.style for segment in stats.render_line(0)]
        texts = text_of(stats)
        pilot.app.theme = "textual-light"
        await settle(pilot)
        after = [segment.style for segment in stats.render_line(0)]
        assert text_of(stats) == texts
        assert before != after


async def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(FakeSession()) as pilot:
        await redraw(pilot)
        for segment in pilot.app.monitor.sparks.render_line(0):
            colour = segment.style.color.triplet
            assert colour.red == colour.green == colour.blue


async def test_without_figures_there_are_dashes() -> None:
    session = FakeSession(BenchmarkConfig())
    session.set(history=History(0.5, 0, (), (), (), ()))
    async with running(session, config=CONFIG) as pilot:
        await redraw(pilot)
        stats = "\n".join(text_of(pilot.app.monitor.stats))
        assert DASH in stats
        assert "nan" not in screen_text(pilot.app)


async def test_nan_latencies_are_dashes() -> None:
    session = FakeSession()
    session.set_run(stats=replace(STATS, p999_ms=NAN, fps_now=NAN))
    async with running(session) as pilot:
        await redraw(pilot)
        row = next(line for line in text_of(pilot.app.monitor.stats) if "p99.9" in line)
        assert row.split() == ["p99.9", DASH]


async def test_lost_latencies_are_shown_only_when_there_are_any() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await redraw(pilot)
        assert "latencies lost" not in screen_text(pilot.app)
        session.set_run(stats=replace(STATS, dropped=3))
        await redraw(pilot)
        assert "latencies lost" in screen_text(pilot.app)


async def test_only_rows_that_differ_are_sent() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await redraw(pilot)
        monitor = pilot.app.monitor
        session.set_run(stats=replace(STATS, p90_ms=3.5))
        monitor.stats.show(session.view.run)
        regions = monitor.stats.take_changed()
        assert [region.height for region in regions] == [1]
        assert "p90" in text_of(monitor.stats)[regions[0].y]


@pytest.mark.parametrize("state", list(WorkerState))
async def test_every_state_has_a_name_on_the_screen(state: WorkerState) -> None:
    session = FakeSession()
    session.set(state=state)
    async with running(session, size=(80, 24)) as pilot:
        await redraw(pilot)
        assert state.value in text_of(pilot.app.monitor.status)[0]


async def test_the_palette_has_our_commands() -> None:
    async with running(FakeSession()) as pilot:
        titles = [command.title for command in pilot.app.get_system_commands(pilot.app.screen)]
        assert {"Model: choose", "nireq: choose", "Pause", "Log", "Theme"} <= set(titles)
        await pilot.press("ctrl+p")
        await settle(pilot)
        assert pilot.app.screen is not pilot.app.monitor
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor


async def test_palette_commands_act_on_their_row() -> None:
    async with running(FakeSession()) as pilot:
        commands = {c.title: c for c in pilot.app.get_system_commands(pilot.app.screen)}
        commands["Device: choose"].callback()
        await settle(pilot)
        assert "Some processor" in screen_text(pilot.app)
