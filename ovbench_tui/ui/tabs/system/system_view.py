"""The System tab: what the machine does while a model is measured, and what of it is ours."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from ovbench_tui.console.numbers import DASH, three_digits
from ovbench_tui.console.text import clean, fit
from ovbench_tui.engine.api.snapshot import RunView, SessionLike, Snapshot
from ovbench_tui.system.system_sample import Core, SystemSample
from ovbench_tui.ui.tabs.system.system_facts import columns_of, facts_of, format_bytes, format_share
from ovbench_tui.ui.widgets.spark_rows import spark
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Line, Row
from ovbench_tui.ui.widgets.table.table_view import TableView

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
_KEPT = 180
_LABEL_WIDTH = 15
_TREND_LABEL = 14
_TREND_VALUE = 12
_CORES_BEFORE_TRENDS = 8
_THREE_FROM_WIDTH = 160
_TWO_FROM_WIDTH = 76
_LEAST_CORES = 3
_EMPTY = "Looking at the machine for the first time; this takes about half a second."


class SystemView(TableView):
    """Facts of the machine above, its CPUs as a table below."""

    def __init__(self) -> None:
        super().__init__(LiveTable(COLUMNS, empty=_EMPTY))
        self._sample: SystemSample | None = None
        self._run: RunView | None = None
        self._is_measuring = False
        self._throttled_before: int | None = None
        self._busy: dict[int, deque[float]] = {}
        self._trends: dict[str, deque[float]] = {}

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
            self._keep(sample)
            self._keep_shares(snapshot, session)
            self.table.set_rows([self._row(core) for core in sample.cores])
        self.repaint_if_new(sample.time_s)

    def _keep(self, sample: SystemSample) -> None:
        for core in sample.cores:
            kept = self._busy.setdefault(core.number, deque(maxlen=_KEPT))
            kept.append(math.nan if core.busy is None else core.busy)
        own = sum(process.rss_bytes or 0 for process in sample.processes)
        figures = {
            "memory": own or None,
            "power": sample.package_w.value,
        }
        for name, value in figures.items():
            kept = self._trends.setdefault(name, deque(maxlen=_KEPT))
            kept.append(math.nan if value is None else float(value))

    def _keep_shares(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Take the shares of the last minutes, which are watched while the tab is not seen, too."""
        newest = math.ceil(snapshot.history.end_s)
        machine = session.machine(newest - _KEPT, _KEPT, 1.0)
        for name, shares in (("ours", machine.own_share), ("others", machine.others_share)):
            known = list(shares)
            while known and math.isnan(known[-1]):  # the newest second is not over
                known.pop()
            self._trends[name] = deque(known, maxlen=_KEPT)

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
                Cell(spark(list(self._busy[core.number]), 1.0), "bar", is_tail=True),
            ),
            words="" if core.is_usable else "not ours",
        )

    # --- drawing ----------------------------------------------------------------------------

    def head(self, width: int, height: int) -> Sequence[Line]:
        """The facts, as many columns as fit, and the trends where there is room."""
        sample = self._sample
        if sample is None:
            return [((" System", "title"),)]
        cost = three_digits(sample.cost_ms)
        reported = f"updated every second while open; sampling cost {cost} ms "
        room = max(1, width - len(" System   ") - len(reported))
        lines: list[Line] = [
            ((" System", "title"), (f"{'':{room}}", "base"), (fit(reported, width - 8), "label"))
        ]
        facts = facts_of(
            sample,
            self._run,
            is_measuring=self._is_measuring,
            throttled_before=self._throttled_before,
        )
        count = 3 if width >= _THREE_FROM_WIDTH else 2 if width >= _TWO_FROM_WIDTH else 1
        columns = columns_of(facts, count)
        column_width = width // count
        for y in range(len(columns[0])):
            parts: list[tuple[str, str]] = []
            for column in columns:
                if y < len(column):
                    fact = column[y]
                    parts.append((f" {fact.label:<{_LABEL_WIDTH}}", "label"))
                    room = column_width - _LABEL_WIDTH - 1
                    parts.append((fit(clean(fact.text), room - 1) + " ", fact.style))
                else:
                    parts.append((" " * column_width, "base"))
            lines.append(tuple(parts))
        trends = [(), *self._trend_lines(width)]
        cores = min(len(sample.cores), _CORES_BEFORE_TRENDS)
        if len(lines) + len(trends) + cores + 2 <= height:
            lines += trends
        # Where it is low, the CPUs keep a few rows.
        del lines[max(1, height - _LEAST_CORES - 1) :]
        return [*lines, ()] if height - len(lines) > _LEAST_CORES + 1 else lines

    def _trend_lines(self, width: int) -> list[Line]:
        lines: list[Line] = []
        shown = (
            ("ours", "CPU, ours", "good", 1.0, lambda share: f"{share * 100:.1f} %"),
            ("others", "CPU, others", "warn", 1.0, lambda share: f"{share * 100:.1f} %"),
            ("memory", "our memory", "bar", 0.0, format_bytes),
            ("power", "package power", "accent", 0.0, lambda watts: f"{three_digits(watts)} W"),
        )
        for name, label, style, top, write in shown:
            values = list(self._trends.get(name, ()))
            known = [value for value in values if value == value]
            if not known:
                continue
            room = width - _TREND_LABEL - _TREND_VALUE - 3
            text = spark(values[-room:], top or 1.15 * max(known))
            last = write(values[-1]) if values[-1] == values[-1] else DASH
            lines.append(
                (
                    (f" {label:<{_TREND_LABEL}}", "label"),
                    (f"{last:>{_TREND_VALUE}} ", "value"),
                    (f"{text:>{room}}", style),
                )
            )
        return lines
