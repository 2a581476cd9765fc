"""A comparison of two runs as a table with a sentence, or as one JSON document."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ovbench_tui.compare.sources import ComparedRun
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.comparable import advice_on, why_not_comparable
from ovbench_tui.engine.api.feeders import NOT_COMPARABLE
from ovbench_tui.stats.comparison.cliffs_delta import effect_word
from ovbench_tui.stats.comparison.compare import compare
from ovbench_tui.stats.comparison.compare_text import (
    GENERATION_NAMES,
    NAMES,
    change_text,
    interval_text,
    name_of,
    regression,
    sentence,
    without_verdict,
)
from ovbench_tui.stats.comparison.difference import Difference
from ovbench_tui.stats.comparison.outcome import (
    EQUAL_MARGIN,
    is_within,
    noise_of,
    outcome_of,
    runs_needed,
    seconds_needed,
)
from ovbench_tui.stats.comparison.repeats import compare_repeats
from ovbench_tui.stats.limits import LimitVerdict
from ovbench_tui.stats.run_stats import Comparison
from ovbench_tui.stats.steadiness import Verdict

SCHEMA_NAME = "ovbench-tui-compare/1"

_DASH = "\N{EN DASH}"
_NAME_LIMIT = 60
_VERDICTS = {
    Verdict.WARMING_UP.value: "{} is too short to say whether it was steady.",
    Verdict.SETTLING.value: "{} is too short to say whether it was steady.",
    Verdict.TOO_SHORT.value: "{} is too short to say whether it was steady.",
    Verdict.DRIFTING.value: "{} was drifting while it was measured.",
    Verdict.UNSTABLE.value: "{} was unsteady while it was measured.",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that is found out about two runs.

    Attributes:
        comparisons: one for each figure.
        figure: the one that decides.
        fail_above: a fraction; None = nothing can fail.
        equivalent: what counts as equal, as a fraction; None = that is not the question.
        run_to_run: what runs like A are known to differ by in each figure, as fractions.
        unlike: why the two must not be judged, in a clause; '' = they may be.
    """

    a: ComparedRun
    b: ComparedRun
    comparisons: tuple[Comparison, ...]
    figure: str
    fail_above: float | None = None
    equivalent: float | None = None
    run_to_run: Mapping[str, float] = field(default_factory=dict)
    unlike: str = ""

    @property
    def is_equivalent(self) -> bool:
        """Whether the deciding figure is shown to be equal within the margin asked for."""
        return self.equivalent is not None and is_within(self.deciding, self.equivalent)

    @property
    def sentence(self) -> str:
        """The verdict by the deciding figure."""
        return _said(self.deciding)

    @property
    def deciding(self) -> Comparison:
        """The comparison of the figure that decides."""
        return next(one for one in self.comparisons if one.figure == self.figure)

    @property
    def limit(self) -> LimitVerdict | None:
        """Whether B is worse by more than is allowed, by the whole interval; None = not asked."""
        if self.fail_above is None:
            return None
        least, most = regression(self.deciding)
        if least > self.fail_above:
            return LimitVerdict.FAILED
        return LimitVerdict.PASSED if most <= self.fail_above else LimitVerdict.UNDECIDED

    @property
    def limit_reason(self) -> str:
        """Why the limit is undecided, in a clause."""
        deciding = self.deciding
        if not math.isfinite(deciding.high):
            return deciding.reason
        return (
            f"the interval of {name_of(deciding)} ({interval_text(deciding)}) reaches to both sides"
            " of it"
        )

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What is known of both and not the same."""
        return tuple(
            Difference(name, text, self.b.setup[name])
            for name, text in self.a.setup.items()
            if text and self.b.setup.get(name) and self.b.setup[name] != text
        )


def judge(
    a: ComparedRun,
    b: ComparedRun,
    figure: str = "fps",
    *,
    confidence: float = 0.95,
    fail_above: float | None = None,
    equivalent: float | None = None,
    margin: float = EQUAL_MARGIN,
    run_to_run: Mapping[str, float] | None = None,
) -> Judgement:
    """Compare B with the baseline A in every figure."""
    known = run_to_run or {}
    names = GENERATION_NAMES if a.generates and b.generates else NAMES
    comparisons = tuple(
        replace(
            _compare(a, b, name, confidence, known.get(name, 0.0)), margin=margin, name=names[name]
        )
        for name in names
    )
    unlike = why_not_comparable(a.likeness, b.likeness)
    if unlike:
        comparisons = tuple(without_verdict(one, unlike) for one in comparisons)
    return Judgement(a, b, comparisons, figure, fail_above, equivalent, known, unlike)


def report_text(judgement: Judgement) -> str:
    """Draw the table, and below it the sentence and what else one must know."""
    a, b = judgement.a, judgement.b
    percent = f"{judgement.comparisons[0].confidence * 100:g} % interval"
    rows: list[tuple[str, ...]] = [("", "A", "B", "change", percent, "effect size")]
    rows += [_row(one) for one in judgement.comparisons]
    lines = [f"A: {_name(a)}", f"B: {_name(b)}", ""]
    if judgement.unlike:
        lines += [printable(advice_on(judgement.unlike), 400), ""]
    lines += aligned(rows)
    lines += ["", *(printable(line, 400) for line in _remarks(judgement))]
    return "\n".join((*lines, judgement.sentence))


def report_json(judgement: Judgement) -> str:
    """Write one JSON document in one line of ASCII; what is not known is null."""
    document = {"schema": SCHEMA_NAME, **report_data(judgement)}
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def report_data(judgement: Judgement) -> dict[str, object]:
    """The members of that document."""
    fail_above = judgement.fail_above
    return {
        "a": _side(judgement.a),
        "b": _side(judgement.b),
        "figures": [_figure(one) for one in judgement.comparisons],
        "differences": [
            {"name": one.name, "a": one.a, "b": one.b} for one in judgement.differences
        ],
        "run_to_run": dict(judgement.run_to_run) or None,
        "decided_by": judgement.figure,
        "fail_above": fail_above,
        "has_failed": judgement.limit is LimitVerdict.FAILED if judgement.limit else None,
        "limit": judgement.limit.value if judgement.limit else None,
        "margin": judgement.deciding.margin,
        "equivalent": judgement.equivalent,
        "is_equivalent": judgement.is_equivalent if judgement.equivalent is not None else None,
        "sentence": judgement.sentence,
    }


def _compare(
    a: ComparedRun, b: ComparedRun, figure: str, confidence: float, run_to_run: float
) -> Comparison:
    if max(len(a.repeats), len(b.repeats)) > 1:
        before, after = (
            [run[figure] for run in side.repeats or (side.figures,)] for side in (a, b)
        )
        return compare_repeats(figure, before, after, confidence)
    is_in_series = figure in NAMES
    if is_in_series and _has(a) and _has(b) and a.series is not None and b.series is not None:
        return compare(a.series, b.series, figure, confidence=confidence, run_to_run=run_to_run)
    base, value = a.figures[figure], b.figures[figure]
    reasons = [side.why_no_series or "a run has no series" for side in (a, b) if not _has(side)]
    ratio = value / base if base > 0 and value > 0 else math.nan
    reason = reasons[0] if reasons else "it is known of whole runs only"
    if math.isnan(ratio):
        side = a if not base > 0 else b
        reason = f"it is not in {_name(side)}"
    return Comparison(
        figure, ratio, math.nan, math.nan, confidence, 0, base, value, math.nan, reason
    )


def _said(one: Comparison) -> str:
    """The sentence on a figure; none on a difference that the runs must not be judged by."""
    is_refused = one.reason.endswith(NOT_COMPARABLE)
    return f"No verdict: {one.reason}." if is_refused else sentence(one)


def _has(side: ComparedRun) -> bool:
    return side.series is not None and bool(side.series.counts)


def _row(one: Comparison) -> tuple[str, ...]:
    has_series = one.windows > 0
    name = name_of(one)
    is_rate = one.figure == "fps"
    values = [
        _DASH if math.isnan(value) else f"{value:,.2f}" if is_rate else _ms(value)
        for value in (one.baseline, one.value)
    ]
    word = effect_word(one.delta)
    effect = f"{word} ({one.delta:+.2f})" if word else _DASH
    mean = "" if is_rate or not has_series else " (windows)"
    return (name + mean, *values, change_text(one.ratio), interval_text(one), effect)


def _ms(value: float) -> str:
    return f"{value:.2f} ms" if value >= 1 else f"{value:.4f} ms"


def _remarks(judgement: Judgement) -> list[str]:
    lines = []
    a, b = judgement.a, judgement.b
    if judgement.unlike:
        pass  # it stands on top
    elif judgement.deciding.runs:
        runs = " and ".join(str(max(1, len(side.repeats))) for side in (a, b))
        lines.append(
            f"Measured in {runs} independent runs; the interval is from what these differ by."
        )
    elif not judgement.run_to_run.get(judgement.figure):
        lines.append(
            "One run of each does not show what runs differ by; --repeat 5 measures both again,"
            " several times."
        )
    if any(one.windows for one in judgement.comparisons):
        lines.append(
            "p50 and p99 are means over the windows of the runs; effect size: Cliff's delta."
        )
    lines += _missing_intervals(judgement) if not judgement.unlike else []
    lines += [f"Not alike: {one.name} {one.a} / {one.b}." for one in judgement.differences]
    lines += [
        _VERDICTS[side.verdict].format(name)
        for name, side in (("A", judgement.a), ("B", judgement.b))
        if side.verdict in _VERDICTS
    ]
    spread = judgement.run_to_run.get(judgement.figure)
    if spread and not judgement.deciding.runs:
        figure = name_of(judgement.deciding)
        lines.append(
            f"Runs like A in the history differ by {spread * 100:.1f} % in {figure}"
            " (standard deviation): the interval allows for that."
        )
    return lines


def _missing_intervals(judgement: Judgement) -> list[str]:
    """Sentences on the figures without an interval; the one that decides has its own."""
    names: dict[str, list[str]] = {}
    for one in judgement.comparisons:
        if one.figure != judgement.figure and one.reason and not math.isnan(one.ratio):
            names.setdefault(one.reason, []).append(name_of(one))
    return [f"No interval for {' and '.join(found)}: {why}." for why, found in names.items()]


def _name(side: ComparedRun) -> str:
    return printable(side.name, _NAME_LIMIT)


def _side(side: ComparedRun) -> dict[str, object]:
    return {
        "name": _name(side),
        "figures": {name: _known(value) for name, value in side.figures.items()},
        "windows": len(side.series.counts) if side.series is not None else None,
        "repeats": [{name: _known(value) for name, value in run.items()} for run in side.repeats],
        "setup": dict(side.setup),
        "stability": side.verdict or None,
    }


def _figure(one: Comparison) -> dict[str, object]:
    return {
        "figure": one.figure,
        "a": _known(one.baseline),
        "b": _known(one.value),
        "ratio": _known(one.ratio),
        "low": _known(one.low),
        "high": _known(one.high),
        "confidence": one.confidence,
        "windows": one.windows,
        "runs": one.runs or None,
        "verdict": outcome_of(one).value,
        "noise": _known(noise_of(one)),
        "seconds_needed": _known(seconds_needed(one)),
        "runs_needed": _known(runs_needed(one)),
        "cliffs_delta": _known(one.delta),
        "effect_size": effect_word(one.delta) or None,
        "is_real": one.is_real,
        "no_interval_because": one.reason or None,
        "sentence": _said(one),
    }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
