"""Taking the configuration along: shown, copied, saved where asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from tests.ui.fakes import CONFIG, FakeSession, running, settle


def problem(pilot_app: object) -> str:
    return str(pilot_app.screen.query_one(".problem", Static).content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_form_is_shown_copied_and_saved(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = FakeSession()
    async with running(session, size=size) as pilot:
        await pilot.press("x")
        await settle(pilot)
        app = pilot.app
        titles: list[str] = []
        for _ in range(4):
            titles.append(str(app.screen.query_one(".heading", Static).content))
            shown = str(app.screen.query_one(".exported", Static).content)
            assert len(shown) > 10
            await pilot.press("c")
            assert app.clipboard.strip().splitlines()[0].strip() == shown.splitlines()[0].strip()
            await pilot.press("right")
        assert "benchmark_app" in titles[0]
        assert "Python" in titles[3]
        await pilot.press("left", "s")
        assert app.screen.query_one(Input).value == "benchmark.py"
        await pilot.press("enter")
        assert "Written to" in problem(app)
        assert "openvino" in (tmp_path / "benchmark.py").read_text()
        await pilot.press("s")
        for bad in ("nowhere/benchmark.py", "~nosuchuser/x", "/", "."):
            app.screen.query_one(Input).value = bad
            await pilot.press("enter")
            assert "cannot be written" in problem(app), bad
            await pilot.press("tab")
            assert app.screen.query_one(Input).display
        await pilot.press("escape", "escape")
        assert app.screen is app.monitor


async def test_without_a_run_there_is_nothing_to_export() -> None:
    session = FakeSession()
    session.set(run=None)
    async with running(session) as pilot:
        await pilot.press("x")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor


async def test_a_form_tells_what_it_does_not_say() -> None:
    config = replace(CONFIG, sources=(("", ("nowhere.npy",)),))
    session = FakeSession(config)
    async with running(session, size=(80, 24)) as pilot:
        await pilot.press("x")
        await settle(pilot)
        assert problem(pilot.app) == ""
        await pilot.press("left")
        assert "these are random, because -i: 'nowhere.npy' cannot be opened" in problem(pilot.app)
        await pilot.press("right")
        assert problem(pilot.app) == ""
