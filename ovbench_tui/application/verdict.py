"""What holds the user's program back, and what cures it, ranked by what that would gain.

Every finding needs evidence in the figures. A gain is a bound: how much faster the program could
be if the cure took away all of what was found, and nothing else came in the way.
"""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.application.analysis import Analysis
from ovbench_tui.application.findings.calls import compiled_again, copied_results, created_requests
from ovbench_tui.application.findings.data import byte_images, converted, scattered
from ovbench_tui.application.findings.finding import Finding
from ovbench_tui.application.findings.machine import crowded_threads, other_processes
from ovbench_tui.application.findings.pace import (
    latency_hint,
    one_at_a_time,
    own_code,
    paced_from_outside,
    slow_callback,
)
from ovbench_tui.application.surroundings import Surroundings
from ovbench_tui.application.time_split import SPLIT_WORDS

FEW_INFERENCES = 10
"""Below it nothing is concluded."""

_BUSY_DEVICE = 0.5

NOT_HELD_BACK = "Your program is not held back by how it uses OpenVINO: the device sets the pace."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings, the largest gain first; `summary` is what to say where there is none."""

    findings: tuple[Finding, ...]
    summary: str = ""


def judge(analysis: Analysis | None, around: Surroundings) -> Verdict:
    """Say what holds a program back.

    Args:
        analysis: None = it completed no inference.
    """
    if analysis is None:
        return Verdict((), "The program completed no inference with OpenVINO's Python API.")
    if analysis.inferences < FEW_INFERENCES:
        return Verdict(
            (),
            f"The program ran {analysis.inferences} inferences, and at least {FEW_INFERENCES} are"
            " needed for a verdict: let it run longer.",
        )
    found = (
        compiled_again(analysis),
        slow_callback(analysis, around),
        paced_from_outside(analysis, around),
        one_at_a_time(analysis, around),
        converted(analysis),
        byte_images(analysis, around),
        scattered(analysis),
        copied_results(analysis),
        created_requests(analysis),
        own_code(analysis, around),
        latency_hint(analysis),
        crowded_threads(around),
        other_processes(around),
    )
    findings = sorted(filter(None, found), key=lambda finding: -finding.gain)
    if findings:
        return Verdict(tuple(findings))
    return Verdict((), NOT_HELD_BACK if analysis.busy > _BUSY_DEVICE else _unexplained(analysis))


def _unexplained(analysis: Analysis) -> str:
    shares = analysis.split.shares()
    name = max(SPLIT_WORDS, key=lambda name: float(getattr(shares, name)))
    return (
        f"Nothing stands out, though the device is idle {1 - analysis.busy:.0%} of the time: most"
        f" of the thread's time, {getattr(shares, name):.0%}, is {SPLIT_WORDS[name]}."
    )
