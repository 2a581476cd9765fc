"""How right each output of a model is, beside its port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ovbench_tui.console.numbers import three_digits
from ovbench_tui.stats.limits import LimitVerdict

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.stats.comparison.output_figures import OutputError
    from ovbench_tui.ui.widgets.live import Part

_STYLES = {LimitVerdict.PASSED: "good", LimitVerdict.FAILED: "bad"}


def answer_parts(run: RunView) -> Mapping[str, Part]:
    """What is to be said of each output that was checked, by its name."""
    answers, tolerance = run.effective.answers, run.config.check_tolerance
    if answers is None or not tolerance:
        return {}
    return {
        one.name: (_text(one), "good" if one.within(tolerance) else "bad")
        for one in answers.outputs
    }


def answers_line(run: RunView) -> tuple[Part, ...]:
    """Whether the answers are right, for the head; () where they are not checked."""
    found = run.judged_answers
    if found is None:
        return ()
    return ((f" {found.text}", _STYLES.get(found.verdict, "warn")),)


def _text(output: OutputError) -> str:
    if not output.same_shape:
        return f"another shape than the reference: {list(output.reference_shape)}"
    words = []
    if output.nonfinite_mismatches:
        words.append(f"{output.nan_count} NaN, {output.infinite_count} infinite")
    if output.max_relative_error is not None:
        words.append(f"off by {three_digits(output.max_relative_error)}")
    if output.cosine is not None:
        words.append(f"cosine {output.cosine:.6f}")
    if output.top1_agreement is not None:
        words.append(f"top-1 {output.top1_agreement:.0%}")
    if output.top5_agreement is not None:
        words.append(f"top-5 {output.top5_agreement:.0%}")
    return ", ".join(words)
