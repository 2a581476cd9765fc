"""The Runs tab: every configuration tried in this session, compared with one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.console.text import clean, fit
from ovbench_tui.console.units import StickyUnit
from ovbench_tui.engine.api.search_mark import SearchTrials
from ovbench_tui.stats.comparison.compare_text import needed_text
from ovbench_tui.ui.app.nothing_yet import why_nothing_runs
from ovbench_tui.ui.charts.scatter import BEATEN, FRONT, NOW, Point, draw_scatter
from ovbench_tui.ui.tabs.runs.run_rows import (
    COLUMNS,
    FIGURES,
    by_model,
    change_of,
    columns_for,
    comparison_cell,
    effective_text,
    figure_name,
    front_of,
    judged,
    left_out,
    rows_of,
)
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.grouped_view import GroupedTableView
from ovbench_tui.ui.widgets.table.live_table import Hit, LiveTable

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
    from ovbench_tui.stats.run_stats import Comparison
    from ovbench_tui.ui.widgets.table.table_parts import Line

_SCATTER_FROM_HEIGHT = 30
_SCATTER_ROWS = 12
_FOOT_FROM_HEIGHT = 10
_LEGEND: Line = (
    (f"{FRONT} ", "front"),
    ("Pareto front  ", "label"),
    (f"{BEATEN} ", "label"),
    ("beaten in both  ", "label"),
    (f"{NOW} ", "accent"),
    ("runs now", "label"),
)
_TROUBLE_FROM_WIDTH = 110
_FOLLOWING = dict(zip(FIGURES, [*FIGURES][1:] + [*FIGURES][:1], strict=True))
_EMPTY = "Every change of the configuration is a run."


class RunsView(GroupedTableView):
    """A table of the runs, and a scatter of throughput over p99 with its Pareto front."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Run this row's configuration again", show=False),
        Binding("p", "pin", "Compare with this run, or with the first one again", show=False),
        Binding("v", "figure", "Compare FPS, p50 or p99", show=False),
        Binding("a", "against", "Run this row in turn with what runs now (A/B)", show=False),
        Binding("g", "scatter", "Scatter or table, where not both have room", show=False),
    ]
    STYLE_CLASSES = (
        "runs--axis",
        "runs--front",
        "runs--grid",
    )

    def __init__(self) -> None:
        super().__init__(LiveTable(COLUMNS, sort_by="Run", empty=_EMPTY))
        self._runs: tuple[RunView, ...] = ()
        self._snapshot: Snapshot | None = None
        self._session: SessionLike | None = None
        self._pinned = 0
        self._figure = "fps"
        self._comparisons: dict[int, Comparison] = {}
        self._is_scatter = False
        self._shown_key: object = None

    # --- data -------------------------------------------------------------------------------

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Look at the runs; about once a second, for the figures of the current one hardly move."""
        self._snapshot, self._session = snapshot, session
        run = snapshot.run
        key = (
            snapshot.past_runs,
            (run.run_id, int(run.stats.elapsed_s), run.stability.verdict) if run else None,
            snapshot.state,
            why_nothing_runs(snapshot) if run is None else "",
        )
        if key != self._shown_key or self._is_any_missing():
            self._shown_key = key
            self._take(snapshot, session)
            self.repaint()

    def _take(self, snapshot: Snapshot, session: SessionLike) -> None:
        self.table.empty = f"{why_nothing_runs(snapshot)} {_EMPTY}"
        self._runs = snapshot.runs
        baseline = self._baseline
        self._comparisons = {}
        if baseline is not None:
            known = dict(session.compare_with(baseline.run_id, self._figure))
            self._comparisons = judged(baseline, self._runs, known)
        going_on = self._runs[-1].run_id if self._runs else 0
        baseline_id = baseline.run_id if baseline else 0
        self.table.set_columns(columns_for(self._runs))
        self.table.set_rows(
            rows_of(
                *(self._runs, baseline_id, self._comparisons, going_on),
                # As on the Live tab, unless these runs are too far from that.
                StickyUnit(self.latency_unit),
            )
        )

    @property
    def _baseline(self) -> RunView | None:
        """The pinned run, else the first one of the current model."""
        runs = self._runs
        pinned = next((run for run in runs if run.run_id == self._pinned), None)
        if pinned is not None or not runs:
            return pinned
        return next(run for run in runs if run.config.model == runs[-1].config.model)

    def _is_any_missing(self) -> bool:
        baseline = self._baseline
        return baseline is not None and any(
            run.run_id not in self._comparisons
            for run in self._runs
            if run.run_id != baseline.run_id and run.config.model == baseline.config.model
        )

    def _again(self) -> None:
        """Show at once what a key has changed."""
        if self._snapshot is not None and self._session is not None:
            self._take(self._snapshot, self._session)
        self.redraw()

    @property
    def _chosen(self) -> RunView | None:
        """The run of the row; of a search, its best."""
        row = self.table.row
        search = self._search
        if search is not None:
            return search.best
        return next((run for run in self._runs if row and run.run_id == row.key), None)

    @property
    def _search(self) -> SearchTrials[RunView] | None:
        """The search of the row."""
        group = self.group
        if group is None:
            return None
        of_it = tuple(run for run in self._runs if run.search == group.key)
        return SearchTrials(str(group.key), of_it) if of_it else None

    # --- drawing ----------------------------------------------------------------------------

    def paint(self) -> None:
        """Draw the table, the scatter or both."""
        width, height = self._painted_size
        head, foot = self.head(width, height), self.foot(width, height)
        room = height - len(head) - len(foot)
        scatter_rows = 0
        if self._is_scatter:
            scatter_rows = room
        elif self._has_both:
            wanted = len(self.table.seen) + 2
            scatter_rows = max(_SCATTER_ROWS, room * 2 // 5, room - wanted)
        scatter = self._scatter(width, scatter_rows)
        self._table_top = len(head)
        table = self.table.draw(width, room - scatter_rows)
        scatter += [()] * (scatter_rows - len(scatter))
        self.paint_lines([*head, *table, *scatter, *foot])

    @property
    def _has_both(self) -> bool:
        return self._painted_size.height >= _SCATTER_FROM_HEIGHT

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        if not self._runs:
            return ()
        is_pinned = self._chosen is not None and self._chosen.run_id == self._pinned
        following = figure_name(_FOLLOWING[self._figure], self._runs[-1])
        scatter = Hint("g", "Table" if self._is_scatter else "Scatter", "scatter")
        return (
            self.group_hint if self.group else Hint("enter", "Run again", "choose"),
            Hint("p", "Unpin" if is_pinned else "Pin", "pin"),
            Hint("v", f"Compare {following}", "figure"),
            Hint("a", "A/B", "against"),
            *(() if self._has_both else (scatter,)),
        )

    def head(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - as in TableView
        """What is compared with what."""
        baseline = self._baseline
        if baseline is None:
            return [((" Runs", "title"),)]
        how = "pinned" if baseline.run_id == self._pinned else "the first"
        text = f"   {figure_name(self._figure, baseline)} against run {baseline.run_id} ({how})"
        return [((" Runs", "title"), (fit(text, max(0, width - len(" Runs"))), "value"))]

    def foot(self, width: int, height: int) -> Sequence[Line]:
        """All of the row under the cursor that has no room in the table."""
        run = self._chosen
        if run is None or height < _FOOT_FROM_HEIGHT:
            return ()
        number = f" run {run.run_id}  "
        change = clean(f"{run.model.name}: {change_of(run)}")
        search = self._search
        if search is not None:
            change = f"best of {search.title}: {change}"
        reported = ""
        comparison = self._comparisons.get(run.run_id)
        if comparison is not None:
            reported = f"{figure_name(comparison.figure, run)} {comparison_cell(comparison).text}"
            if needed := needed_text(comparison):
                reported += f", {needed}"
            if comparison.reason and width >= _TROUBLE_FROM_WIDTH:
                reported += f": {clean(comparison.reason)}"
        room = max(0, width - len(number) - len(reported) - 2)
        return [
            ((number, "accent"), (fit(change, room), "value"), (f" {reported}", "value")),
            ((fit(" " * len(number) + clean(effective_text(run)), width), "label"),),
        ]

    def _scatter(self, width: int, height: int) -> list[Line]:
        baseline = self._baseline
        if height <= 0 or baseline is None:
            return []
        variants = by_model(self._runs).get(baseline.config.model, [])
        front = front_of(variants)
        chosen = self._chosen
        points: list[Point] = []
        for run in variants:
            is_chosen = chosen is not None and run.run_id == chosen.run_id
            is_now = run.run_id == self._runs[-1].run_id
            is_front = run.run_id in front
            style = "front" if is_front else "label"
            if is_now:
                style = "accent"
            if is_chosen:
                style = "cursor"
            points.append(
                Point(
                    p99_ms=run.stats.p99_ms,
                    fps=run.stats.fps_mean,
                    label=f"{NOW}{run.run_id}" if is_now else str(run.run_id),
                    style=style,
                    is_front=is_front,
                    rank=4 * is_chosen + 2 * is_now + is_front,
                )
            )
        missing = left_out(self._runs, baseline.config.model)
        return draw_scatter(
            points,
            width,
            height,
            legend=(*((missing, "warn"), ("   ", "label")), *_LEGEND) if missing else _LEGEND,
            nothing="No run has been measured for a second yet.",
            front_style="front",
        )

    # --- keys and mouse ---------------------------------------------------------------------

    def action_choose(self) -> None:
        """Ask for the configuration of the row; when a run ends stays as it is asked for now.

        A row that holds the runs of a search is opened, or closed.
        """
        if self.turn_group():
            return
        run, snapshot = self._chosen, self._snapshot
        if run is None or snapshot is None:
            return
        now = snapshot.requested
        config = run.config.judged_as(now)
        if config == now:
            self.post_message(self.Said(f"The configuration of run {run.run_id} is what runs."))
            return
        self.post_message(self.Asked(config))
        self.post_message(self.Said(f"Back to the configuration of run {run.run_id}."))

    def action_pin(self) -> None:
        """Compare with the run under the cursor; pinned again, with the first run."""
        run = self._chosen
        if run is not None:
            self._pinned = 0 if run.run_id == self._pinned else run.run_id
            self.post_message(self.Pinned(self._pinned))
            self._again()

    async def action_against(self) -> None:
        """Let the row's configuration run in turn with what runs now."""
        run, session = self._chosen, self._session
        if run is None or session is None:
            return
        session.begin_ab(run.config)
        await self.run_action("app.tab('ab')")

    def action_figure(self) -> None:
        """Compare by the next figure."""
        self._figure = _FOLLOWING[self._figure]
        self._again()

    def action_scatter(self) -> None:
        """Show the scatter instead of the table, or the table again."""
        self._is_scatter = not self._is_scatter
        self.redraw()

    def hit(self, x: int, y: int) -> Hit:
        """Leave the scatter alone: only the table answers."""
        return Hit.NOTHING if self._is_scatter else super().hit(x, y)
