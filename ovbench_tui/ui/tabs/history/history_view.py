"""The History tab: runs of this and earlier sessions, to run again, to compare and to overlay."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.message import Message

from ovbench_tui.config.model_file import identify
from ovbench_tui.console.text import clean, fit, wrap
from ovbench_tui.engine.api.comparable import advice_on, likeness_of, why_not_comparable
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.stats.comparison.compare_text import sentence
from ovbench_tui.ui.app.run_in_thread import run_in_thread
from ovbench_tui.ui.charts.overlay import PastRun, past_run
from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.tabs.history.past_rows import (
    COLUMNS,
    columns_for,
    differences,
    in_full,
    like_kept,
    rows_of,
    searches_of,
)
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.grouped_view import GroupedTableView
from ovbench_tui.ui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.search_mark import SearchTrials
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
    from ovbench_tui.history.reader import HistoryEntry
    from ovbench_tui.history.repository import HistoryList
    from ovbench_tui.stats.run_stats import Comparison
    from ovbench_tui.ui.app.run_history import RunHistory
    from ovbench_tui.ui.widgets.table.table_parts import Line, Row

NEWEST = 1000
_WRITTEN_WITHIN_S = 1.0
"""A run that ends is in the database some milliseconds later."""

_FOOT_FROM_HEIGHT = 8
_READING = "Reading the history …"
_EMPTY = (
    "The history has no runs yet. Every run is kept when it ends: change something, and the run so"
    " far is here."
)
_NO_HISTORY = (
    "There is no history: the program was started with --no-history, so runs are neither kept"
    " nor listed. Start it without that to see them here."
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Compared:
    """What a comparison with a run of the history found."""

    run_id: int
    against: str
    sentences: tuple[str, ...]


class HistoryView(GroupedTableView):
    """A table of the history; whatever it asks the history for happens in another thread.

    Args:
        history: None = the program keeps none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Run this row's configuration again", show=False),
        Binding("o", "overlay", "Show this run on the live charts, or hide it", show=False),
        Binding("c", "compare", "Compare what runs now with this run", show=False),
        Binding("d,delete", "delete", "Delete this run for good", show=False),
        Binding("u", "reload", "Reload the list", show=False),
        Binding("escape", "leave", "Close the comparison, then show all rows again", show=False),
    ]

    class OverlayRequested(Message):
        """This old run is wanted on the live charts; no longer where it is there already."""

        def __init__(self, past: PastRun) -> None:
            super().__init__()
            self.past = past

    def __init__(self, history: RunHistory | None) -> None:
        super().__init__(LiveTable(COLUMNS, sort_by="When", empty=_READING))
        self._history = history
        self._entries: dict[int, HistoryEntry] = {}
        self._searches: dict[Hashable, SearchTrials[HistoryEntry]] = {}
        self._machine_id = ""
        self._snapshot: Snapshot | None = None
        self._session: SessionLike | None = None
        self._past_runs: tuple[RunView, ...] = ()
        self._is_reading = False
        self._is_read_again = False
        self._doing = ""
        self._compared: _Compared | None = None
        self._overlaid_id = 0
        if history is None:
            self.table.empty = _NO_HISTORY

    # --- frames -----------------------------------------------------------------------------

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Reload the list when a run has ended; a frame by itself changes nothing."""
        is_first = self._snapshot is None
        self._snapshot, self._session = snapshot, session
        if not is_first and snapshot.past_runs is not self._past_runs:
            self.set_timer(_WRITTEN_WITHIN_S, self._read)
        self._past_runs = snapshot.past_runs
        self._overlaid_id = getattr(self.screen, "overlaid_id", 0)
        self.repaint_if_new((self._overlaid_id, id(self.table.rows), self._doing))

    def on_focus(self) -> None:
        """Read the list whenever the tab is opened."""
        self._read()

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        if self._history is None:
            return ()
        entry = self._chosen
        closes = Hint("esc", "Close the comparison", "leave")
        is_overlaid = entry is not None and entry.id == self._overlaid_id
        on_row = (
            self.group_hint if self.group else Hint("enter", "Run again", "choose"),
            Hint("o", "Off the charts" if is_overlaid else "Overlay", "overlay"),
            Hint("c", "Compare", "compare"),
            Hint("d", "Delete", "delete"),
        )
        return (
            *((closes,) if self._compared is not None else ()),
            *(on_row if entry is not None else ()),
            Hint("u", "Reload", "reload"),
        )

    def head(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - as in TableView
        """How many runs there are, and what goes on."""
        title = " History"
        count = len(self._entries)
        text = f"   {'the newest ' if count == NEWEST else ''}{count:,} runs" if count else ""
        text = text.removesuffix("s") if count == 1 else text
        doing = self._doing or (_READING if self._is_reading and count else "")
        overlaid = f"   run {self._overlaid_id} on the charts" if self._overlaid_id else ""
        doing = f"   {doing}" if doing else ""
        return [
            (
                (title, "title"),
                (text, "value"),
                (overlaid, "accent"),
                (doing, "warn"),
            )
        ]

    def foot(self, width: int, height: int) -> Sequence[Line]:
        """What a comparison has found, else all of the row under the cursor."""
        if height < _FOOT_FROM_HEIGHT:
            return ()
        compared, entry = self._compared, self._chosen
        if compared is not None:
            return self._comparison(compared, width)[: height - 4]
        if entry is None:
            return ()
        number = f" run {entry.id}  "
        model, rest = in_full(entry, self._machine_id)
        if self._search is not None:
            model = f"best of {self._search.title}: {model}"
        room = max(1, width - len(number) - 1)
        return [
            ((number, "accent"), (fit(clean(model), room), "value")),
            ((fit(" " * len(number) + clean(rest), width), "label"),),
        ]

    @staticmethod
    def _comparison(compared: _Compared, width: int) -> list[Line]:
        title = f" A = run {compared.run_id} of the history, B = {compared.against}"
        lines: list[Line] = [((fit(clean(title), width), "title"),)]
        for text in compared.sentences:
            lines += [((f" {line}", "value"),) for line in wrap(clean(text), width - 2)]
        return lines

    @property
    def _chosen(self) -> HistoryEntry | None:
        """The run of the row; of a search, its best."""
        if self._search is not None:
            return self._search.best
        row = self.table.row
        return self._entries.get(row.key) if row and isinstance(row.key, int) else None

    @property
    def _search(self) -> SearchTrials[HistoryEntry] | None:
        """The search of the row."""
        return self._searches.get(self.group.key) if self.group else None

    # --- the history ------------------------------------------------------------------------

    def _read(self) -> None:
        """Read the list; where that goes on already, once more after it."""
        history = self._history
        if history is None:
            return
        if self._is_reading:
            self._is_read_again = True
            return
        self._is_reading = True

        def work() -> tuple[HistoryList, tuple[Row, ...]]:
            listed = history.newest(NEWEST)
            return listed, rows_of(listed)

        run_in_thread(self, work, self._take, self._could_not_read)

    def _take(self, read: tuple[HistoryList, tuple[Row, ...]]) -> None:
        listed, rows = read
        self._entries = {entry.id: entry for entry in listed.entries}
        self._searches = searches_of(listed)
        self._machine_id = listed.machine_id
        self.table.empty = " ".join((*listed.sentences, _EMPTY))
        if listed.sentences and rows:
            self._say(" ".join(listed.sentences))
        self.table.set_columns(columns_for(self._entries.values()))
        self.table.set_rows(rows)
        self._end_reading()

    def _could_not_read(self, error: OvbenchError) -> None:
        self.table.empty = str(error)
        if self.table.rows:
            self._say(str(error), is_error=True)
        self._end_reading()

    def _end_reading(self) -> None:
        self._is_reading = False
        if self._is_read_again:
            self._is_read_again = False
            self._read()
        self.redraw()

    def _do(self, what: str, work: Callable[[], _T], done: Callable[[_T], None]) -> None:
        """Do one thing at a time with the history, and then `done`; what fails is told."""
        if self._doing:
            self._say(f"One moment: {self._doing.rstrip(' …')}.")
            return
        self._doing = what

        def end() -> None:
            self._doing = ""
            self.redraw()

        def succeed(result: _T) -> None:
            end()
            done(result)

        def fail(error: OvbenchError) -> None:
            end()
            self._say(str(error), is_error=True)
            self._read()  # another instance may have changed it

        run_in_thread(self, work, succeed, fail)
        self.redraw()

    def _say(self, text: str, *, is_error: bool = False) -> None:
        self.post_message(self.Said(text, is_error=is_error))

    # --- keys -------------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Ask for the configuration of the row; when a run ends stays as it is asked for now.

        A row that holds the runs of a search is opened, or closed.
        """
        if self.turn_group():
            return
        history, entry = self._history, self._chosen
        if history is None or entry is None:
            return

        def work() -> BenchmarkConfig:
            config = history.load(entry.id).config
            try:
                identify(config.model)
            except BadInputError as error:
                raise BadInputError(f"Run {entry.id} cannot be run again: {error}") from None
            return config

        def done(config: BenchmarkConfig) -> None:
            if self._snapshot is None:
                return
            now = self._snapshot.requested
            config = config.judged_as(now)
            if config == like_kept(now, config):
                self._say(f"The configuration of run {entry.id} of the history is what runs.")
                return
            self.post_message(self.Asked(config))
            self._say(f"Requested the configuration of run {entry.id} of the history.")

        self._do("reading …", work, done)

    def action_overlay(self) -> None:
        """Draw the run on the live charts; once more, no longer."""
        history, entry = self._history, self._chosen
        if history is None or entry is None:
            return

        def work() -> PastRun:
            run = history.load(entry.id)
            return past_run(entry.id, run.series, run.result.view.stats)

        def done(past: PastRun) -> None:
            self.post_message(self.OverlayRequested(past))

        self._do("reading …", work, done)

    def action_compare(self) -> None:
        """Say how what runs now differs from the run, and how sure that is."""
        history, entry = self._history, self._chosen
        session, snapshot = self._session, self._snapshot
        if history is None or entry is None or session is None or snapshot is None:
            return
        series, now = session.series(), snapshot
        if now.run is None or not series.counts:
            self._say("There is nothing to compare yet: nothing has been measured.")
            return
        machine_id = self._machine_id
        against = f"run {now.run.run_id} of this session, {now.run.stats.elapsed_s:.0f} s so far"

        run = now.run

        def work() -> tuple[RunView, tuple[Comparison, ...]]:
            return history.load(entry.id).result.view, history.compare(entry.id, series)

        def done(found: tuple[RunView, tuple[Comparison, ...]]) -> None:
            view, comparisons = found
            unlike = why_not_comparable(
                likeness_of(view.config.model, view.effective),
                likeness_of(like_kept(run.config, view.config).model, run.effective),
            )
            texts = [f"No verdict: {advice_on(unlike)}"] if unlike else []
            texts += [] if unlike else [sentence(comparison) for comparison in comparisons]
            texts.append(differences(entry, view.config, machine_id, now))
            self._compared = _Compared(entry.id, against, tuple(filter(None, texts)))
            self.redraw()

        self._do("comparing …", work, done)

    def action_delete(self) -> None:
        """Ask, then delete the run, or all of the search, for good."""
        history, entry, search = self._history, self._chosen, self._search
        if history is None or entry is None:
            return
        entries = (entry,) if search is None else search.runs
        what = f"run {entry.id}" if search is None else search.title

        def work() -> None:
            for one in entries:
                history.delete(one.id)

        def done(_: None) -> None:
            if search is None:
                self._say(f"Run {entry.id} of the history is deleted.")
            else:
                self._say(f"The {len(entries)} runs of {clean(search.kind)} are deleted.")
            self._read()

        def answer(text: str | None) -> None:
            if text == dialogs.YES:
                self._do("deleting …", work, done)

        what = f"{what}, {entry.model_name} of {entry.started_at.astimezone():%Y-%m-%d}"
        self.app.push_screen(
            dialogs.yes_no_dialog("Delete", f"Delete {clean(what)}, for good?", "Delete it"),
            answer,
        )

    def action_reload(self) -> None:
        """Reload the list."""
        self._read()
        self.redraw()

    def action_leave(self) -> None:
        """Close the comparison; where there is none, end the filter."""
        if self._compared is not None and not self.table.is_typing:
            self._compared = None
            self.redraw()
        else:
            self.action_all_rows()
