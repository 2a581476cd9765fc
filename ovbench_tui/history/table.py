"""The list of runs as a table that fits the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ovbench_tui.console.printable import printable
from ovbench_tui.console.text import fit, width_of
from ovbench_tui.console.units import DurationColumn, NumberColumn
from ovbench_tui.engine.api.search_mark import SearchTrials
from ovbench_tui.history.reader import HistoryEntry
from ovbench_tui.stats.sample_size import measured_percentile, measured_rate
from ovbench_tui.stats.steadiness_text import verdict_word

_SHORT_HINTS = {"throughput": "tput", "latency": "lat", "cumulative_throughput": "ctput"}
_MODEL_WIDTHS = (20, 10)
"""What a model's name keeps, in a wide and in a narrow table."""

_GAPS = (2, 1)

Cell = Callable[[HistoryEntry], str]
Listed = HistoryEntry | SearchTrials[HistoryEntry]
"""A line of the list."""


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cell: Cell = lambda _: ""
    short_title: str = ""
    short_cell: Cell | None = None
    is_number: bool = False
    cells_of: Callable[[Sequence[HistoryEntry]], list[str]] | None = None
    """Instead of `cell`, for figures that are written alike."""

    def texts(self, entries: Sequence[HistoryEntry], is_narrow: bool) -> list[str]:
        """The title and the cells."""
        title = (is_narrow and self.short_title) or self.title
        if self.cells_of is not None:
            return [title, *self.cells_of(entries)]
        cell = (is_narrow and self.short_cell) or self.cell
        return [title, *(printable(cell(entry)) for entry in entries)]


def format_table(listed: Sequence[Listed], width: int) -> str:
    """Write a line for each run or search, none wider than `width` cells.

    A search has the figures of its best run, and when its newest began. Where there is too little
    room words are shortened, then columns are left out.
    """
    columns = list(_COLUMNS)
    table = _Table(columns, listed, is_narrow=False)
    if table.least_width > width:
        table = _Table(columns, listed, is_narrow=True)
    for title in _LEFT_OUT_FIRST:
        if table.least_width > width:
            columns = [column for column in columns if column.title != title]
            table = _Table(columns, listed, is_narrow=True)
    return "\n".join(fit(line, width).rstrip() for line in table.lines(width))


def _of_search(search: SearchTrials[HistoryEntry], *, is_narrow: bool) -> HistoryEntry:
    """The best run of a search, under the search's name."""
    best = search.best
    name = f"{search.short_title if is_narrow else search.title} {best.model_name}"
    newest = max(run.started_at for run in search.runs)
    return replace(best, model_name=name, started_at=newest)


class _Table:
    def __init__(
        self, columns: Sequence[_Column], listed: Sequence[Listed], *, is_narrow: bool
    ) -> None:
        entries = [
            _of_search(one, is_narrow=is_narrow) if isinstance(one, SearchTrials) else one
            for one in listed
        ]
        self._columns = columns
        self._texts = [column.texts(entries, is_narrow) for column in columns]
        self._widths = [max(map(width_of, texts)) for texts in self._texts]
        self._model = columns.index(_MODEL)
        self._gap = _GAPS[is_narrow]
        self._model_width = min(self._widths[self._model], _MODEL_WIDTHS[is_narrow])

    @property
    def _width_of_others(self) -> int:
        gaps = self._gap * (len(self._columns) - 1)
        return sum(self._widths) - self._widths[self._model] + gaps

    @property
    def least_width(self) -> int:
        """With the model's names cut as far as they may be."""
        return self._width_of_others + self._model_width

    def lines(self, width: int) -> list[str]:
        """The rows, with as much of the names as there is room for."""
        widths = self._widths.copy()
        left = max(self._model_width, width - self._width_of_others)
        widths[self._model] = min(widths[self._model], left)
        return [
            (" " * self._gap).join(
                _aligned(text, size, column)
                for text, size, column in zip(row, widths, self._columns, strict=True)
            )
            for row in zip(*self._texts, strict=True)
        ]


def _aligned(text: str, size: int, column: _Column) -> str:
    if column.is_number:
        return " " * (size - width_of(text)) + text
    return fit(text, size)


def _throughputs(entries: Sequence[HistoryEntry]) -> list[str]:
    rates = [measured_rate(entry.fps_mean, entry.count) for entry in entries]
    column = NumberColumn.of(rates)
    return [
        column.write(rate) + entry.rate_unit for rate, entry in zip(rates, entries, strict=True)
    ]


def _latencies(
    percent: float, ms_of: Callable[[HistoryEntry], float]
) -> Callable[[Sequence[HistoryEntry]], list[str]]:
    """A column of a percentile; a dash where it is no more than the maximum."""

    def written(entries: Sequence[HistoryEntry]) -> list[str]:
        # Both columns of latencies have the same unit.
        both = (ms for entry in entries for ms in (entry.p50_ms, entry.p99_ms))
        column = DurationColumn.of(both, typical_ms=(entry.p50_ms for entry in entries))
        return [
            column.write(measured_percentile(ms_of(entry), percent, entry.count))
            for entry in entries
        ]

    return written


_MODEL = _Column("model", lambda entry: entry.model_name)
_COLUMNS = (
    _Column("id", lambda entry: str(entry.id), is_number=True),
    _Column(
        "when",
        lambda entry: f"{entry.started_at.astimezone():%Y-%m-%d %H:%M}",
        short_cell=lambda entry: f"{entry.started_at.astimezone():%m-%d %H:%M}",
    ),
    _MODEL,
    _Column("device", lambda entry: entry.device),
    _Column(
        "hint",
        lambda entry: entry.hint,
        short_cell=lambda entry: _SHORT_HINTS.get(entry.hint, entry.hint),
    ),
    _Column("nireq", lambda entry: str(entry.nireq), short_title="req", is_number=True),
    _Column("streams", lambda entry: entry.streams, short_title="str", is_number=True),
    _Column("FPS", is_number=True, cells_of=_throughputs),
    _Column("p50", is_number=True, cells_of=_latencies(50, lambda entry: entry.p50_ms)),
    _Column("p99", is_number=True, cells_of=_latencies(99, lambda entry: entry.p99_ms)),
    _Column(
        "stability",
        lambda entry: verdict_word(entry.verdict),
        short_title="steady?",
        short_cell=lambda entry: verdict_word(entry.verdict).removeprefix("too "),
    ),
)
_LEFT_OUT_FIRST = ("streams", "nireq", "hint", "device", "p50", "when", "stability", "p99")
