"""What `app` predicts a cure to gain, against what the cured program reaches."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tests.benchmarks.pairing import alternate, fps_of
from tests.benchmarks.parsing import Throughput, UnexpectedOutputError
from tests.benchmarks.processes import run_to_end
from tests.benchmarks.report import Row, Skipped, Within, pair_ratios, spread_of
from tests.benchmarks.settings import Settings, tell
from tests.recorded_programs import FAULTS

_WITHIN = 0.25
_ROUNDS_A_SECOND = 1.0


def run(settings: Settings, _models: Mapping[str, Path]) -> list[Row | Skipped]:
    """A row for each fault: the gain predicted over the gain reached."""
    rows: list[Row | Skipped] = []
    for fault, twins in FAULTS.items():
        if not twins.has_gain:
            continue
        predicted: list[float] = []
        pairs = alternate(
            partial(_rate, settings, twins.cured, fault, []),
            partial(_rate, settings, twins.planted, fault, predicted),
            settings.pairs,
            f"app-gain, {fault}",
        )
        reached = pair_ratios(fps_of(pairs))
        found = [(one, gain) for one, gain in zip(predicted, reached, strict=True) if one == one]
        if not found:
            rows.append(Skipped("app-gain", fault, "the fault was not found"))
            continue
        ratios = pair_ratios(found)
        note = f"predicted {spread_of([one for one, _ in found]).median:.2f}x, reached"
        note += f" {spread_of(reached).median:.2f}x, found in {len(found)} of {len(pairs)}"
        tell(f"  {fault}: {note}")
        subject = f"{fault}: gain predicted / reached"
        rows.append(Row("app-gain", subject, spread_of(ratios), "", Within(_WITHIN), note))
    return rows


def _rate(settings: Settings, text: str, fault: str, predicted: list[float]) -> Throughput:
    """The rate of a program; what it would gain is added to a list, NaN where none is found."""
    program = settings.folder / "planted_program.py"
    program.write_text(text, encoding="utf-8")
    output = run_to_end(
        [sys.executable, "-m", "ovbench_tui", "app", "--json", str(program)],
        {**settings.environment, "ROUNDS": f"{_ROUNDS_A_SECOND * settings.seconds:g}"},
        settings.folder,
        settings.timeout_s,
    )
    try:
        document = json.loads(output[output.index("{") :])
        analysis, findings = document["analysis"], document["verdict"]["findings"]
        rate = float(analysis["rate"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnexpectedOutputError(f"{fault}: app printed no report: {output[-300:]}") from error
    name = fault.partition(",")[0]
    gains = (finding["gain"] for finding in findings if finding["name"] == name)
    predicted.append(next(gains, math.nan))
    return Throughput(rate, nireq=0)
