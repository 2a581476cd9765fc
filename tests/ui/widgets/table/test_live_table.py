"""The table of the tabs: order, window, cursor and filter, and its keys in a real app."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from ovbench_tui.console.text import width_of
from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
from ovbench_tui.ui.tabs.live.monitor_screen import MonitorScreen
from ovbench_tui.ui.tabs.registry import TABS, Tab
from ovbench_tui.ui.widgets.table.live_table import Hit, LiveTable
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Line, Row, share_bar
from ovbench_tui.ui.widgets.table.table_view import TableView
from tests.ui.fakes import NAN, FakeSession, make_app, settle, text_of

COLUMNS = (
    Column("Name", 8, most=20),
    Column("FPS", 6, is_right=True, most_first=True),
    Column("Note", 10, rank=2, sorts=False),
    Column("Share", 8, rank=1, most_first=True),
)


def _row(name: str, fps: float | None, note: str = "", share: float = 0.5) -> Row:
    shown = "" if fps is None else f"{fps:g}"
    return Row(
        name,
        (
            Cell(name, order=name),
            Cell(shown, order=fps),
            Cell(note),
            Cell(style="bar", share=share, order=share),
        ),
    )


def _table(count: int = 5, **options: str) -> LiveTable:
    table = LiveTable(COLUMNS, **options)
    table.set_rows([_row(f"row {n}", float(n * 7 % count), f"note {n}") for n in range(count)])
    return table


def _texts(table: LiveTable, width: int = 60, height: int = 10) -> list[str]:
    return ["".join(text for text, _ in line) for line in table.draw(width, height)]


def _names(table: LiveTable) -> list[object]:
    return [row.key for row in table.seen]


@pytest.mark.parametrize("width", [20, 30, 44, 80, 120, 200])
@pytest.mark.parametrize("height", [1, 2, 5, 40])
def test_every_line_has_the_width_asked_for(width: int, height: int) -> None:
    table = _table()
    table.set_rows([*table.rows, _row("wide 模型 name that is longer", None)])
    table.set_filter("row")
    for _ in range(2):
        lines = _texts(table, width, height)
        assert len(lines) == height
        assert {width_of(line) for line in lines} == {width}
        table.set_filter("")


def test_narrow_tables_drop_the_columns_of_the_highest_rank() -> None:
    table = _table()
    assert "Note" in _texts(table, 50)[0]
    assert "Share" in _texts(table, 30)[0]
    assert "Note" not in _texts(table, 30)[0]
    narrow = _texts(table, 20)[0]
    assert "Share" not in narrow
    assert "Name" in narrow
    assert "FPS" in narrow


def test_sorting_begins_as_the_column_says_and_turns() -> None:
    table = _table()
    assert _names(table) == ["row 0", "row 1", "row 2", "row 3", "row 4"]
    table.sort("FPS")
    assert table.sort_by == ("FPS", True)
    assert [row.cells[1].text for row in table.seen] == ["4", "3", "2", "1", "0"]
    table.sort("FPS")
    assert [row.cells[1].text for row in table.seen] == ["0", "1", "2", "3", "4"]
    table.sort("Note")
    assert table.sort_by[0] == "FPS"


@pytest.mark.parametrize("turns", [0, 1])
def test_what_has_no_order_comes_last_in_both_directions(turns: int) -> None:
    table = LiveTable(COLUMNS, sort_by="FPS")
    table.set_rows([_row("none", None), _row("nan", NAN), _row("a", 1.0), _row("b", 2.0)])
    for _ in range(turns):
        table.turn()
    assert set(_names(table)[2:]) == {"none", "nan"}


def test_the_cursor_stays_on_its_row_when_the_order_changes() -> None:
    table = _table(sort_by="FPS")
    table.select("row 3")
    table.sort("Name")
    assert table.row is not None
    assert table.row.key == "row 3"
    table.set_rows([replace(row) for row in reversed(table.rows)])
    assert table.row.key == "row 3"


def test_a_cursor_that_was_never_moved_stays_at_the_top() -> None:
    table = _table(sort_by="FPS")
    first = table.row
    table.set_rows([_row("new", 99.0), *table.rows])
    assert table.row is not None
    assert table.row.key == "new"
    assert table.row != first


def test_the_window_follows_the_cursor_and_the_wheel_moves_the_window() -> None:
    table = _table(50)
    assert "row 0 " in _texts(table, height=11)[1]
    table.move_to(-1)
    assert "row 49" in _texts(table, height=11)[-1]
    table.scroll(-3)
    lines = _texts(table, height=11)
    assert "row 46" in lines[-1]
    assert table.row is not None
    assert table.row.key == "row 46"
    table.move(-1000)
    assert "row 0 " in _texts(table, height=11)[1]
    assert any(line.endswith("┃") for line in lines)


def test_the_filter_wants_every_word_and_tells_how_many_are_left() -> None:
    table = _table(30)
    table.set_filter("ROW  note 29")
    assert _names(table) == ["row 17", "row 29"]
    assert "2 of 30" in _texts(table)[-1]
    table.set_filter("nothing of this kind")
    assert table.row is None
    assert "No row contains these words" in _texts(table)[1]
    assert table.click(2, 1) is Hit.NOTHING
    table.set_filter("")
    assert len(table.seen) == 30


def test_a_filtered_row_gets_its_cursor_back() -> None:
    table = _table(30)
    table.select("row 20")
    table.set_filter("row 1")
    table.set_filter("")
    assert table.row is not None
    assert table.row.key == "row 20"


def test_an_empty_table_says_what_to_do() -> None:
    table = LiveTable(COLUMNS, empty="Nothing yet: press Enter.")
    assert "Nothing yet: press Enter." in _texts(table)[1]
    table.move(1)
    table.scroll(3)
    assert table.row is None


def test_control_characters_do_not_reach_the_screen() -> None:
    table = LiveTable(COLUMNS)
    table.set_rows([_row("a\x1b[31m\n[red]", 1.0)])
    assert "a·[31m·[red]" in _texts(table, 80)[1]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "    "), (1.0, "████"), (0.5, "██  "), (1 / 32, "▏   "), (9.0, "████"), (NAN, "    ")],
)
def test_a_share_is_a_bar_of_eighths(share: float, text: str) -> None:
    assert share_bar(share, 4) == text


class _View(TableView):
    def __init__(self) -> None:
        super().__init__(_table(50))
        self.chosen: list[object] = []

    def head(self, width: int, height: int) -> list[Line]:
        return [((" Above", "title"),)]

    def foot(self, width: int, height: int) -> list[Line]:
        return [((" Below", "label"),)]

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        self.repaint_if_new(0)

    def action_choose(self) -> None:
        self.chosen.append(self.table.row.key if self.table.row else None)


async def _open(pilot: Pilot[None]) -> _View:
    await settle(pilot)
    await pilot.app.action_tab("rows")
    await settle(pilot)
    return pilot.app.screen.query_one(_View)


def _app(session: FakeSession) -> object:
    app = make_app(session)
    app.monitor = MonitorScreen(app.snapshot, (*TABS, Tab("rows", "Rows", "Rows", _View)))
    return app


@pytest.mark.parametrize("size", [(44, 12), (80, 24), (120, 40), (200, 60)])
async def test_keys_move_sort_and_filter(size: tuple[int, int]) -> None:
    async with _app(FakeSession()).run_test(size=size) as pilot:
        view = await _open(pilot)
        table = view.table
        text = text_of(view)
        assert text[0].startswith(" Above")
        assert text[-1].startswith(" Below")
        await pilot.press("down", "j", "up")
        assert table.row.key == "row 1"
        await pilot.press("end")
        assert table.row.key == "row 49"
        assert any("row 49" in line for line in text_of(view))
        await pilot.press("pageup")
        assert table.row.key == f"row {max(0, 49 - max(1, table.page - 1))}"
        await pilot.press("home", "pagedown", "home", "s", "s")
        assert table.sort_by == ("FPS", True)
        await pilot.press("S")
        assert table.sort_by == ("FPS", False)
        await pilot.press("slash", "q", "2", "backspace", "backspace", "e", "space", "4", "8")
        assert table.filter_text == "e 48"
        assert [row.key for row in table.seen] == ["row 48", "row 14"]
        assert any("/ e 48▏" in line for line in text_of(view))
        await pilot.press("enter")
        assert not table.is_typing
        await pilot.press("escape")
        assert len(table.seen) == 50
        assert pilot.app.is_running


async def test_mouse_sorts_selects_chooses_and_scrolls() -> None:
    async with _app(FakeSession()).run_test(size=(80, 24)) as pilot:
        view = await _open(pilot)
        table = view.table
        title = text_of(view)[1].index("FPS")
        await pilot.click(view, offset=(title, 1))
        assert table.sort_by == ("FPS", True)
        await pilot.click(view, offset=(3, 4))
        assert table.row is table.seen[2]
        assert view.chosen == []
        await pilot.click(view, offset=(3, 4))
        assert view.chosen == [table.seen[2].key]
        await pilot._post_mouse_events([_scroll("down")], view, offset=(3, 4), button=0)
        await settle(pilot)
        assert table.row is table.seen[3]
        await pilot._post_mouse_events([_scroll("up")], view, offset=(3, 4), button=0)
        await settle(pilot)
        assert "┃" in text_of(view)[2]


def _scroll(direction: str) -> type:
    return MouseScrollDown if direction == "down" else MouseScrollUp


async def test_only_changed_rows_are_drawn_again() -> None:
    async with _app(FakeSession()).run_test(size=(80, 24)) as pilot:
        view = await _open(pilot)
        view.take_changed()
        rows = list(view.table.rows)
        rows[2] = _row("row 2", 777.0)
        view.table.set_rows(rows)
        view.repaint()
        assert [(r.y, r.height) for r in view.take_changed()] == [(4, 1)]


def test_rows_that_others_hold_are_seen_once_those_are_opened_or_when_they_are_looked_for() -> None:
    table = _table(0)
    whole = replace(_row("whole", 5.0), cells=(Cell("whole", opens=True), *_row("", 5.0).cells[1:]))
    parts = [replace(_row(name, fps), parent="whole") for name, fps in (("c", 1.0), ("b", 9.0))]
    table.set_rows([_row("a", 7.0), whole, *parts, replace(_row("orphan", 3.0), parent="gone")])
    assert _names(table) == ["a", "whole", "orphan"]
    assert any("▸ whole" in line for line in _texts(table))
    table.open("whole")
    assert _names(table) == ["a", "whole", "c", "b", "orphan"]
    assert table.row is not None
    assert table.row.key == "whole"
    assert any("▾ whole" in line for line in _texts(table))
    table.sort("FPS")
    place = _names(table).index("whole")
    assert set(_names(table)[place + 1 : place + 3]) == {"b", "c"}
    table.open("whole", is_open=False)
    assert len(_names(table)) == 3
    table.set_filter("b")
    assert _names(table) == ["whole", "b"]
