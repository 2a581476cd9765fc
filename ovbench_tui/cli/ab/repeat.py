"""``ab --repeat N``: the whole comparison N times, each in a fresh process."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ovbench_tui.ab.invocation import AbInvocation
from ovbench_tui.ab.report import RATIO_NAMES, ratio_data
from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.repeats.fresh_process import run_documents
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.messages import print_result
from ovbench_tui.errors import OvbenchError
from ovbench_tui.options.repeat_option import without_repeat
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.stats.comparison.compare_text import sentence
from ovbench_tui.stats.comparison.repeats import repeated
from ovbench_tui.stats.run_stats import PairedRatio

_DASH = "-"


def compare_repeatedly(arguments: Sequence[str], invocation: AbInvocation) -> int:
    """Compare in fresh processes, and put the ratios together; returns the exit code.

    Raises:
        KeyboardInterrupt: before the first was complete; later ones are printed.
        OvbenchError: likewise.
    """
    raise_on_end_signals()
    words = ["ab", *without_repeat(arguments)]
    documents, ending = run_documents(words, invocation.repeat, "Comparison")
    code = ending.exit_code
    ratios = {name: _ratio(documents, name, invocation.margin) for name in RATIO_NAMES}
    if invocation.json_stdout:
        document = {
            **documents[-1],
            "exit_code": code,
            "error": ending.error or None,
            "pairs": sum(one["pairs"] for one in documents),
            "repeats": [one["ratio"] for one in documents],
            "ratio": {name: ratio_data(ratio) for name, ratio in ratios.items()},
            "conclusion": _conclusion(ratios["fps"]),
        }
        text = json_text(document)
    else:
        text = _table(documents, ratios)
    return code if print_result(text) else code or OvbenchError.exit_code


def _ratio(documents: Sequence[Mapping[str, Any]], name: str, margin: float) -> PairedRatio:
    """The ratio over all; its interval is from what the ratios of the processes differ by."""
    values = [_value(document, name) for document in documents]
    found = repeated(values)
    reason = "" if found.runs > 1 else "a single comparison shows no spread"
    return PairedRatio(
        name,
        found.runs,
        found.value,
        found.low,
        found.high,
        reason=reason,
        margin=margin,
        runs=found.runs,
    )


def _value(document: Mapping[str, Any], name: str) -> float:
    ratio = document["ratio"]
    value = ratio[name]["value"] if ratio else None
    return math.nan if value is None else float(value)


def _table(documents: Sequence[Mapping[str, Any]], ratios: Mapping[str, PairedRatio]) -> str:
    rows = [("B/A", *RATIO_NAMES.values(), "pairs")]
    for number, document in enumerate(documents, 1):
        values = (_number(_value(document, name)) for name in RATIO_NAMES)
        rows.append((str(number), *values, str(document["pairs"])))
    rows.append(("All", *(_number(one.ratio) for one in ratios.values()), ""))
    rows.append(("from", *(_number(one.low) for one in ratios.values()), "95 % interval"))
    rows.append(("to", *(_number(one.high) for one in ratios.values()), ""))
    return "\n".join((*aligned(rows), "", _conclusion(ratios["fps"])))


def _conclusion(fps: PairedRatio) -> str:
    noun = "comparison" if fps.pairs == 1 else "comparisons"
    return f"{sentence(fps)} Measured in {fps.pairs} independent {noun}."


def _number(value: float) -> str:
    return _DASH if math.isnan(value) else f"{value:.3f}"
