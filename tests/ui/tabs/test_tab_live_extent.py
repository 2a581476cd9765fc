"""How much was measured is seen at every size, and not twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui.fakes import STATS, FakeSession, running, screen_text, settle


@pytest.mark.parametrize("lost", [0, 7])
@pytest.mark.parametrize(
    "size", [(44, 12), (60, 20), (80, 24), (99, 40), (100, 20), (100, 30), (120, 40), (200, 60)]
)
async def test_elapsed_time_is_seen_once_at_every_size(size: tuple[int, int], lost: int) -> None:
    session = FakeSession()
    session.configure(session.view.requested)
    session.set_run(stats=replace(STATS, count=48_213, elapsed_s=754.0, dropped=lost))
    async with running(session, size=size) as pilot:
        pilot.app.frame()
        text = screen_text(pilot.app)
        assert text.count("12:34") == 1, text
        assert text.count("48,213") == (1 if size[0] >= 60 else 0), text


async def test_a_terminal_that_shrinks_loses_neither_count_nor_elapsed_time() -> None:
    async with running(FakeSession(), size=(120, 40)) as pilot:
        header = pilot.app.monitor.header
        assert "12,345 in" not in "".join(part for part, _ in header._rows[0])
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        pilot.app.frame()
        assert "12,345 in 1:01" in "".join(part for part, _ in header._rows[0])
