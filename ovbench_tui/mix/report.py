"""What a mix comes to: a table and sentences, one JSON document, a CSV file."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from statistics import fmean
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.ab.report import p99_of, ratio_data
from ovbench_tui.console.columns import aligned, csv_text
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export import own_command
from ovbench_tui.mix.member import MemberView, weighted_speedup
from ovbench_tui.mix.view import MixView, Stage
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.outcome import worst_ending
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.reports.summary import format_ms
from ovbench_tui.stats.comparison.compare_text import margin_text, noise_text
from ovbench_tui.stats.comparison.outcome import Outcome, outcome_of
from ovbench_tui.stats.run_stats import PairedRatio

SCHEMA = "ovbench-tui/mix/1"
_HEAD = ("Model", "Device", "nireq", "", "alone", "together", "ratio", "95 % interval")
_CSV_COLUMNS = (
    *("model", "device", "nireq", "unit", "fps_alone", "fps_together"),
    *("fps_ratio", "fps_ratio_low", "fps_ratio_high", "p50_alone_ms", "p50_together_ms"),
    *("p50_ratio", "p50_ratio_low", "p50_ratio_high", "p99_alone_ms", "p99_together_ms"),
    *("pairs", "failure"),
)


def format_mix(view: MixView) -> str:
    """A block of rows for each model, and a sentence on each; '' before any has run."""
    if not any(one.alone or one.together for one in view.members):
        return ""
    rows: list[tuple[str, ...]] = [_HEAD]
    for one in view.members:
        rows += _rows(one)
    left: Collection[int] = (0, 1, 3)
    if len({one.snapshot.requested.device for one in view.members}) == 1:
        rows = [(name, *rest) for name, _, *rest in rows]  # a line has 80 columns
        left = (0, 2)
    return "\n".join([*aligned(rows, left=left), "", *sentences(view)])


def _rows(one: MemberView) -> list[tuple[str, ...]]:
    run, alone, together = one.run, one.alone, one.together
    if run is None:
        return [(printable(one.name), *("",) * (len(_HEAD) - 1))]
    sides = (alone, together)
    unit = run.effective.unit
    fps = [DASH if side is None else f"{side.stats.fps_mean:.2f}" for side in sides]
    p50 = [DASH if side is None else format_ms(side.stats.p50_ms) for side in sides]
    p99 = [DASH if side is None else format_ms(p99_of(side)) for side in sides]
    who = (printable(one.name), printable(run.effective.device), str(run.effective.nireq))
    blank = ("", "", "")
    return [
        (*who, unit, *fps, *_ratio(one.fps)),
        (*blank, "p50", *p50, *_ratio(one.p50)),
        (*blank, "p99", *p99, "", ""),
    ]


def sentences(view: MixView) -> list[str]:
    """What each model loses by the others, what becomes of its limits, and all of them as one."""
    found = []
    for one in view.members:
        name = printable(one.name)
        if one.failure:
            found.append(f"{name} failed: {printable(one.failure, 400)}")
            continue
        found.append(f"{name}: {cost_text(one)}.")
        found += [f"{name}: {limit.text}." for limit in one.limits]
    together = weighted_speedup(view.running)
    if not math.isnan(together):
        found.append(
            f"Together they do {together:.2f} times the work that they do one after the other in"
            " the same time."
        )
    return [*found, *_of_copies(view.running)]


def _of_copies(members: Sequence[MemberView]) -> list[str]:
    """What copies of one model do together, and one of them alone; nothing of other models."""
    alone = [one.alone.stats.fps_mean for one in members if one.alone is not None]
    together = [one.together.stats.fps_mean for one in members if one.together is not None]
    is_whole = len(alone) == len(together) == len(members) > 1
    if not is_whole or len({one.snapshot.requested for one in members}) > 1:
        return []
    return [
        f"The {len(members)} copies do {sum(together):.2f} FPS together, and one alone does"
        f" {fmean(alone):.2f}."
    ]


def cost_text(one: MemberView) -> str:
    """What a model loses by the others, in a clause."""
    return f"{_rate_text(one)}{_latency_text(one)}"


def _latency_text(one: MemberView) -> str:
    """Of a model with a rate of its own: it is the latency that suffers."""
    if not one.is_paced or math.isnan(one.p50.ratio):
        return ""
    return f"; its p50 is {one.p50.ratio:.3g} times that alone"


def _rate_text(one: MemberView) -> str:
    fps = one.fps
    unit = one.run.effective.unit if one.run is not None else "FPS"
    if math.isnan(fps.ratio):
        return "it was not measured both alone and together"
    if math.isnan(fps.low):
        return f"together {fps.ratio:.0%} of its {unit} alone, without an interval: {fps.reason}"
    interval = f"95 % interval {fps.low * 100:.3g} to {fps.high * 100:.3g} %"
    outcome = outcome_of(fps)
    if outcome is Outcome.EQUAL:
        return f"the same {unit} together as alone, within {margin_text(fps)} ({interval})"
    if outcome is Outcome.UNDECIDED:
        return f"undecided, {noise_text(fps)} (together {fps.ratio:.0%} of alone, {interval})"
    return f"together it keeps {fps.ratio:.0%} of its {unit} alone ({interval})"


def describe_mix(view: MixView, left_s: float) -> str:
    """Say in one line how far it is.

    Args:
        left_s: seconds until the end; NaN before it has begun.
    """
    if view.stage is Stage.PREPARING:
        doing = (one.snapshot.background for one in view.running)
        return next(filter(None, doing), "")
    parts = [] if math.isnan(left_s) else [f"{max(0.0, left_s):.0f} s left"]
    parts.append("1 round" if view.rounds == 1 else f"{view.rounds} rounds")
    parts += [
        f"{printable(one.name)} keeps {one.fps.ratio:.0%}"
        for one in view.running
        if not math.isnan(one.fps.ratio)
    ]
    return "  ".join(parts)


def mix_document(view: MixView, *, exit_code: int, error: str = "") -> str:
    """The same as JSON, with the turns of each model; what is not known is null.

    Args:
        error: why it failed, in a sentence; '' = it did not.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "exit_code": exit_code,
        "error": error or None,
        "rounds": view.rounds,
        "seconds": view.measured_s,
        "weighted_speedup": weighted_speedup(view.running),
        "models": [_model(one) for one in view.members],
    }
    return json_text(document)


def _model(one: MemberView) -> dict[str, Any]:
    run, turns = one.run, one.turns
    return {
        "name": one.name,
        "config": one.member.config,
        "command": own_command(one.member.config),
        "model": run and run.model.name,
        "effective": run and run.effective,
        "failure": one.failure or None,
        "alone": _stats(one.alone),
        "together": _stats(one.together),
        "ratio": {"fps": ratio_data(one.fps), "p50_ms": ratio_data(one.p50)},
        "limits": one.limits,
        "conclusion": None if one.failure else cost_text(one),
        "slices": [
            {
                "round": piece.pair,
                "is_together": piece.side == "B",
                "count": piece.count,
                "seconds": piece.seconds,
                "fps": piece.fps,
                "p50_ms": piece.p50_ms,
            }
            for piece in (turns.slices if turns is not None else ())
        ],
    }


def _stats(run: RunView | None) -> Any:
    return run and run.stats


def mix_csv(view: MixView) -> str:
    """One line a model, with a head."""
    return csv_text(_CSV_COLUMNS, map(_csv_row, view.members))


def _csv_row(one: MemberView) -> list[object]:
    run, alone, together = one.run, one.alone, one.together
    fps, p50 = one.fps, one.p50
    numbers = (
        *(side.stats.fps_mean if side else math.nan for side in (alone, together)),
        *(fps.ratio, fps.low, fps.high),
        *(side.stats.p50_ms if side else math.nan for side in (alone, together)),
        *(p50.ratio, p50.low, p50.high),
        *(p99_of(side) if side else math.nan for side in (alone, together)),
    )
    effective = run.effective if run is not None else None
    return [
        one.name,
        effective.device if effective else "",
        effective.nireq if effective else "",
        effective.unit if effective else "",
        *numbers,
        fps.pairs,
        one.failure,
    ]


def _ratio(ratio: PairedRatio) -> tuple[str, str]:
    value = DASH if math.isnan(ratio.ratio) else f"{ratio.ratio:.3f}"
    return value, DASH if math.isnan(ratio.low) else f"{ratio.low:.3f} to {ratio.high:.3f}"


def limits_ending(members: Sequence[MemberView]) -> Ending:
    """How the limits were kept while all ran: as the worst of them was."""
    return worst_ending(
        [(limit, f"{one.name}: {limit.text}") for one in members for limit in one.limits]
    )
