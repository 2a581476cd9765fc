"""Calls of OpenVINO that are made too often, or do too much."""

from __future__ import annotations

from ovbench_tui.application.analysis import Analysis
from ovbench_tui.application.findings.finding import (
    WORTH,
    Finding,
    faster,
    model_text,
    slowed_s,
    without,
    without_break,
)

_MANY_COMPILED = 3
_SHORT_COPY_S = 0.0002
"""Calling OpenVINO from Python takes about as long, whatever the size of the results."""


def compiled_again(analysis: Analysis) -> Finding | None:
    """A model that is compiled while inferences run."""
    use = max(analysis.models, key=lambda use: use.again_s, default=None)
    if use is None or use.again < _MANY_COMPILED:
        return None
    if faster(analysis.running_s, use.again_s) < WORTH:
        return None
    gain = faster(analysis.running_s, use.again_s + slowed_s(analysis))
    return Finding(
        "compiled-again",
        gain,
        f"{use.compiled} compilations of {model_text(use)}, {use.again_s / use.again * 1e3:.0f} ms"
        f" each, take {use.again_s / analysis.running_s:.0%} of the time.",
        "Compile it once before the loop, and keep the compiled model",
    )


def created_requests(analysis: Analysis) -> Finding | None:
    """Infer requests that are created for each inference."""
    gain = without_break(analysis, analysis.created_s)
    if analysis.created < _MANY_COMPILED or gain < WORTH:
        return None
    return Finding(
        "created-requests",
        gain,
        f"{analysis.created} infer requests are created for {analysis.inferences} inferences,"
        f" {analysis.created_s / analysis.created * 1e3:.2f} ms each.",
        "Create them once and use them again, instead of infer_new_request",
    )


def copied_results(analysis: Analysis) -> Finding | None:
    """Results that are copied out of synchronous inferences."""
    if not analysis.synchronous:
        return None
    each_s = analysis.result_s / analysis.synchronous
    gain = without(analysis, analysis.result_s)
    if each_s < _SHORT_COPY_S or gain < WORTH:
        return None
    return Finding(
        "copied-results",
        gain,
        f"Getting the results of an inference takes {each_s * 1e3:.2f} ms, "
        f"{analysis.result_s / analysis.split.total:.0%} of the time: each array is copied.",
        "Pass share_outputs=True, and copy only what has to outlive the next inference",
    )
