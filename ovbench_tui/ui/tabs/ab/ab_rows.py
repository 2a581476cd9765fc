"""The lines of the A/B tab: both sides, the ratio written large, its interval and the pairs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.ab.report import conclusion, differences, different_work, p99_of
from ovbench_tui.console.format import format_fps
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.text import clean, fit, wrap
from ovbench_tui.console.units import DurationColumn, NumberColumn, in_unit, suitable_unit
from ovbench_tui.stats.comparison.compare_text import needed_text, verdict_words
from ovbench_tui.stats.comparison.outcome import Outcome, outcome_of
from ovbench_tui.ui.widgets.glyphs import large
from ovbench_tui.ui.widgets.live import Part
from ovbench_tui.ui.widgets.spark_rows import spark

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import AbView, RunView
    from ovbench_tui.stats.run_stats import PairedRatio, SliceFigures

Line = tuple[Part, ...]

_LABEL_WIDTH = 9
_LARGE_WIDTH = 19
_WIDEST_SCALE = 81
_REACHES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0)
_PAIR_COLUMNS = 64
_LEAST_PAIR_ROWS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """A line of ratios around 1, to the same factor on both sides.

    Attributes:
        reach: how far above 1 it goes, as a fraction.
        width: cells, odd, so that 1 has one of its own.
    """

    reach: float
    width: int

    def place(self, ratio: float) -> int:
        """The cell of a ratio; what lies beyond is at the end."""
        share = math.log(ratio) / math.log1p(self.reach) if ratio > 0 else -1.0
        half = self.width // 2
        return half + max(-half, min(half, round(share * half)))


def scale_for(ratios: Sequence[PairedRatio], room: int) -> Scale:
    """The smallest scale that holds the intervals."""
    ends = [end for ratio in ratios for end in (ratio.low, ratio.high, ratio.ratio)]
    farthest = max((abs(math.log(end)) for end in ends if end > 0), default=0.0)
    reach = next((reach for reach in _REACHES if math.log1p(reach) >= farthest), _REACHES[-1])
    width = max(3, min(_WIDEST_SCALE, room))
    return Scale(reach, width - 1 + width % 2)


def side_lines(view: AbView, a: RunView, b: RunView, width: int) -> list[Line]:
    """Both sides, one beside the other."""
    room = max(8, (width - _LABEL_WIDTH - 3) // 2)
    words = differences(a.config, b.config)
    unit = suitable_unit(a.stats.p50_ms)
    rows: list[tuple[str, str, str, str]] = [
        ("", "A", "B", "title"),
        ("Model", a.model.name, b.model.name, "value"),
        ("Differs", words[0] or "in nothing", words[1] or "in nothing", "accent"),
        ("FPS", format_fps(a.stats.fps_mean), format_fps(b.stats.fps_mean), "value"),
        ("p50", in_unit(a.stats.p50_ms, unit), in_unit(b.stats.p50_ms, unit), "value"),
        ("p99", in_unit(p99_of(a), unit), in_unit(p99_of(b), unit), "value"),
        ("Slices", str(view.pairs), str(view.pairs), "label"),
    ]
    lines: list[Line] = [
        (
            (f" {label:<{_LABEL_WIDTH}}", "label"),
            (fit(clean(left), room), style),
            (" ", "base"),
            (fit(clean(right), room), style),
        )
        for label, left, right, style in rows
    ]
    sparks = _sparks(view.slices, room - 1)
    lines.append(
        (
            (f" {'':{_LABEL_WIDTH}}", "label"),
            (f"{sparks[0]:<{room}} ", "a"),
            (f"{sparks[1]:<{room}}", "b"),
        )
    )
    return lines


def ratio_lines(view: AbView, width: int) -> list[Line]:
    """The ratio of FPS in large digits, with its interval beside it and as a bar."""
    fps, p50 = view.fps, view.p50
    style = style_of(fps)
    figure = DASH * 3 if math.isnan(fps.ratio) else f"{fps.ratio:.3f}"
    beside: list[Part] = [
        (f"{view.unit} of B to A", "label"),
        (_interval(fps), "value"),
        (_verdict(fps), style),
    ]
    if width < _LARGE_WIDTH + 24:
        return [((f" B/A {figure}  ", style), (_interval(fps), "value"))]
    lines: list[Line] = [
        ((f"  {row:<{_LARGE_WIDTH - 2}}", style), part)
        for row, part in zip(large(figure), beside, strict=True)
    ]
    scale = scale_for((fps, p50), width - 2 * _LABEL_WIDTH - 4)
    lines += [
        bar_line("tok/s" if view.unit != "FPS" else "FPS", fps, scale),
        bar_line("p50", p50, scale),
    ]
    return lines


def bar_line(label: str, ratio: PairedRatio, scale: Scale) -> Line:
    """The interval on the scale, with 1 in its middle."""
    cells = ["─"] * scale.width
    cells[scale.width // 2] = "┼"
    start = end = -1
    if not math.isnan(ratio.low):
        start, end = scale.place(ratio.low), scale.place(ratio.high)
        cells[start : end + 1] = "━" * (end + 1 - start)
    if not math.isnan(ratio.ratio):
        middle = scale.place(ratio.ratio)
        start, end = min(start, middle) if start >= 0 else middle, max(end, middle)
        cells[middle] = "●"
    text = "".join(cells)
    ends = f"{1 / (1 + scale.reach):.3g}", f"{1 + scale.reach:.4g}"
    return (
        (f" {label:<{_LABEL_WIDTH - 4}}{ends[0]:>5} ", "label"),
        (text[: max(0, start)], "label"),
        (text[max(0, start) : end + 1], style_of(ratio)),
        (text[max(end + 1, 0) :], "label"),
        (f" {ends[1]}", "label"),
        (f"  {ratio.ratio:.3f}" if not math.isnan(ratio.ratio) else "", "value"),
    )


def pair_lines(view: AbView, width: int, room: int) -> list[Line]:
    """The newest pairs, newest first, with a dot of each ratio where there is width for it."""
    if room < _LEAST_PAIR_ROWS or width < _PAIR_COLUMNS or not view.slices:
        return []
    rate = "tok/s" if view.unit != "FPS" else view.unit
    titles = (
        f"{'pair':>5}  {'order':<5} {'A ' + rate:>8} {'B ' + rate:>8} {'A p50':>10} {'B p50':>10}"
    )
    lines: list[Line] = [((f" {titles} {'B/A':>6}", "label"),)]
    scale = scale_for((view.fps,), width - _PAIR_COLUMNS - 2)
    fps = NumberColumn.of(piece.fps for piece in view.slices)
    unit = suitable_unit(view.a.stats.p50_ms if view.a is not None else math.nan)
    latency = DurationColumn(unit, NumberColumn.of(x.p50_ms * unit.per_ms for x in view.slices))
    for first, second in _newest(view.slices)[: room - 1]:
        a, b = (first, second) if first.side == "A" else (second, first)
        ratio = b.fps / a.fps if a.fps > 0 else math.nan
        figures = (
            f"{a.pair + 1:>5}  {first.side} {second.side}   {fps.write(a.fps):>8}"
            f" {fps.write(b.fps):>8} {latency.write(a.p50_ms):>10} {latency.write(b.p50_ms):>10}"
        )
        parts: list[Part] = [
            (f" {figures}", "value"),
            (f" {ratio:>6.3f}" if not math.isnan(ratio) else f" {DASH:>6}", "accent"),
        ]
        if scale.width > 20 and not math.isnan(ratio):
            cells = [" "] * scale.width
            cells[scale.width // 2] = "│"
            parts += [("  " + _before(cells, scale.place(ratio)), "label"), ("●", "accent")]
            parts.append(("".join(cells[scale.place(ratio) + 1 :]), "label"))
        lines.append(tuple(parts))
    return lines


def conclusion_lines(view: AbView, width: int) -> list[Line]:
    """The sentence, broken into lines."""
    room = max(10, width - 2)
    unlike = different_work(view)
    return [
        *(((f" {line}", "warn"),) for line in (wrap(unlike, room) if unlike else ())),
        *(((f" {line}", "label"),) for line in wrap(conclusion(view), room)),
    ]


def style_of(ratio: PairedRatio) -> str:
    """Green where B is better, red where it is worse, as far as that is sure and matters."""
    if outcome_of(ratio) is not Outcome.DIFFERENT:
        return "value"
    return "good" if (ratio.ratio > 1) == (ratio.figure == "fps") else "bad"


def _verdict(ratio: PairedRatio) -> str:
    words = (verdict_words(ratio) or ratio.reason, needed_text(ratio))
    return ", ".join(filter(None, words))


def _interval(ratio: PairedRatio) -> str:
    if math.isnan(ratio.low):
        return "no interval yet"
    return f"{ratio.low:.3f} to {ratio.high:.3f}  ({ratio.confidence * 100:g} % interval)"


def _sparks(slices: Sequence[SliceFigures], room: int) -> tuple[str, str]:
    """The FPS of each side's newest slices, on one scale."""
    room = max(1, room)
    sides = [[piece.fps for piece in slices if piece.side == side][-room:] for side in "AB"]
    top = max((fps for fps in (*sides[0], *sides[1]) if fps == fps), default=0.0)
    return spark(sides[0], top), spark(sides[1], top)


def _newest(slices: Sequence[SliceFigures]) -> list[tuple[SliceFigures, SliceFigures]]:
    """Whole pairs, the newest first; a first half may have been forgotten."""
    pairs = [
        (first, second) for first, second in itertools.pairwise(slices) if first.pair == second.pair
    ]
    return pairs[::-1]


def _before(cells: list[str], place: int) -> str:
    return "".join(cells[:place])
