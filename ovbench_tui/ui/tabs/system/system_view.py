"""The System tab: what the machine does while a model is measured, and what of it is ours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from ovbench_tui.console.numbers import DASH, three_digits
from ovbench_tui.console.text import clean, fit
from ovbench_tui.ui.tabs.system.system_facts import Fact, columns_of, facts_of, format_share
from ovbench_tui.ui.tabs.system.system_trends import (
    Trend,
    busy_of,
    trend_charts,
    trend_line,
    trends_of,
)
from ovbench_tui.ui.widgets.spark_rows import spark
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Line, Row
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
    from ovbench_tui.system.system_sample import Core, MachineSample, SystemSample
    from ovbench_tui.ui.widgets.live import Part

COLUMNS = (
    Column("CPU", 6, is_right=True),
    Column("Busy", 8, most=24, rank=3, most_first=True),
    Column("busy %", 6, is_right=True, most_first=True),
    Column("Ours", 8, most=24, rank=2, most_first=True),
    Column("ours %", 6, is_right=True, most_first=True),
    Column("GHz", 5, rank=4, is_right=True, most_first=True),
    Column("Range", 10, rank=6, is_right=True, sorts=False),
    Column("Busy, last minutes", 18, most=120, rank=5, sorts=False),
)
_LABEL_WIDTH = 15
_CORES_BEFORE_TRENDS = 8
_THREE_FROM_WIDTH = 160
_TWO_FROM_WIDTH = 76
_BESIDE_FROM_WIDTH = 110
_MOST_FACTS_WIDTH = 66
_LEAST_CORES = 3
_EMPTY = "Looking at the machine for the first time; this takes about half a second."


class SystemView(TableView):
    """Facts of the machine and its last minutes above, its CPUs as a table below."""

    def __init__(self) -> None:
        super().__init__(LiveTable(COLUMNS, empty=_EMPTY))
        self._sample: SystemSample | None = None
        self._run: RunView | None = None
        self._is_measuring = False
        self._throttled_before: int | None = None
        self._busy: dict[int, list[float]] = {}
        self._trends: list[Trend] = []

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Take the machine's newest sample; there is a new one each second."""
        sample = session.system()
        known = self._sample
        if sample is None:
            # The last one may be from long ago.
            if known is not None:
                self._sample = None
                self.table.set_rows(())
            self.repaint_if_new(None)
            return
        if known is None or sample.time_s != known.time_s:
            self._sample = sample
            self._run, self._is_measuring = snapshot.run, snapshot.measuring
            if self._throttled_before is None:
                self._throttled_before = sample.throttle_count
            self._take_past(session.machine_samples())
            self.table.set_rows([self._row(core) for core in sample.cores])
        self.repaint_if_new(sample.time_s)

    def _take_past(self, past: Sequence[MachineSample]) -> None:
        """Take the last minutes, which are watched while the tab is not seen, too."""
        self._trends = trends_of(past)
        self._busy = busy_of(past)

    def _row(self, core: Core) -> Row:
        limits = ""
        if core.min_ghz is not None and core.max_ghz is not None:
            limits = f"{core.min_ghz:.1f} to {core.max_ghz:.1f}"
        return Row(
            core.number,
            (
                Cell(
                    f"{core.number}" if core.is_usable else f"({core.number})",
                    "value" if core.is_usable else "label",
                    order=core.number,
                ),
                Cell(style="bar", share=core.busy or 0.0, order=core.busy),
                Cell(format_share(core.busy) or DASH, order=core.busy),
                Cell(style="good", share=core.own or 0.0, order=core.own),
                Cell(format_share(core.own) or DASH, order=core.own),
                Cell(f"{core.ghz:.2f}" if core.ghz is not None else DASH, order=core.ghz),
                Cell(limits or DASH, "label"),
                Cell(spark(self._busy.get(core.number, []), 1.0), "bar", is_tail=True),
            ),
            words="" if core.is_usable else "not ours",
        )

    # --- drawing ----------------------------------------------------------------------------

    def head(self, width: int, height: int) -> Sequence[Line]:
        """The facts, and the trends beside or below them where there is room."""
        sample = self._sample
        if sample is None:
            return [((" System", "title"),)]
        cost = three_digits(sample.cost_ms)
        reported = f"updated every second while open; sampling cost {cost} ms "
        room = max(1, width - len(" System   ") - len(reported))
        title: Line = (
            (" System", "title"),
            (f"{'':{room}}", "base"),
            (fit(reported, width - 8), "label"),
        )
        facts = facts_of(
            sample,
            self._run,
            is_measuring=self._is_measuring,
            throttled_before=self._throttled_before,
        )
        cores = min(len(sample.cores), _CORES_BEFORE_TRENDS)
        if width >= _BESIDE_FROM_WIDTH and len(facts) + cores + 4 <= height:
            # Few CPUs leave their room to the charts.
            rows = max(len(facts), height - len(sample.cores) - 4)
            return [title, *self._beside(facts, width, rows), ()]
        count = 3 if width >= _THREE_FROM_WIDTH else 2 if width >= _TWO_FROM_WIDTH else 1
        columns = columns_of(facts, count)
        lines = [title]
        for y in range(len(columns[0])):
            parts: list[Part] = []
            for column in columns:
                fact = column[y] if y < len(column) else None
                parts += _fact_parts(fact, width // count)
            lines.append(tuple(parts))
        trends: list[Line] = [(), *(trend_line(trend, width) for trend in self._trends)]
        if len(lines) + len(trends) + cores + 2 <= height:
            lines += trends
        # Where it is low, the CPUs keep a few rows.
        del lines[max(1, height - _LEAST_CORES - 1) :]
        return [*lines, ()] if height - len(lines) > _LEAST_CORES + 1 else lines

    def _beside(self, facts: Sequence[Fact], width: int, rows: int) -> list[Line]:
        """The facts on the left, a chart of each trend on the right."""
        left = min(_MOST_FACTS_WIDTH, width // 2)
        charts = trend_charts(self._trends, width - left, rows)
        return [(*_fact_parts(fact, left), *chart) for fact, chart in zip_longest(facts, charts)]


def _fact_parts(fact: Fact | None, width: int) -> list[Part]:
    """A fact in so many cells."""
    if fact is None:
        return [(" " * width, "base")]
    room = width - _LABEL_WIDTH - 1
    return [
        (f" {fact.label:<{_LABEL_WIDTH}}", "label"),
        (fit(clean(fact.text), room - 1) + " ", fact.style),
    ]
