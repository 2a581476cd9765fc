"""The feeding loop at its limit: tiny models, against benchmark_app and a bare C++ loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.benchmarks.models import TINY
from tests.benchmarks.pairing import alternate, fps_of
from tests.benchmarks.parsing import Throughput
from tests.benchmarks.programs import run_benchmark_app, run_without_screen
from tests.benchmarks.report import Aim, Row, Skipped, ratio_row
from tests.benchmarks.settings import Settings, tell
from tests.benchmarks.yardstick import NoYardstickError, Yardstick

_NIREQS = (2, 4, 8, 16)
_LOOPS = {"queue": Aim(0.8, at_least=True), "restart": None}
"""The yardstick's loops; `queue` is the one built like ours, `restart` the bare maximum."""


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """For each tiny model one row at the same nireq, and one with nireq free a C++ loop."""
    rows: list[Row | Skipped] = []
    yardstick: Yardstick | None = None
    reason = ""
    try:
        yardstick = Yardstick(settings)
    except NoYardstickError as error:
        reason = str(error)
    for name in TINY:
        rows.append(_against_benchmark_app(settings, name, models[name]))
        if yardstick is None:
            rows.append(Skipped("feeder", f"{name}: --no-tui / C++ loop", reason))
        else:
            rows += _against_yardstick(settings, name, models[name], yardstick)
    return rows


def _against_benchmark_app(settings: Settings, name: str, model: Path) -> Row:
    pairs = alternate(
        partial(run_without_screen, settings, model, settings.nireq),
        partial(run_benchmark_app, settings, model, settings.nireq),
        settings.pairs,
        f"feeder, {name} against benchmark_app",
    )
    subject = f"{name}: --no-tui / benchmark_app, same nireq"
    aim = Aim(1.3, at_least=True)
    return ratio_row("feeder", subject, fps_of(pairs), aim, ("ours", "benchmark_app"))


def _against_yardstick(
    settings: Settings, name: str, model: Path, yardstick: Yardstick
) -> list[Row]:
    ours = partial(run_without_screen, settings, model)
    our_nireq = _best_nireq(ours, f"feeder, {name}, ours")
    rows: list[Row] = []
    for loop, aim in _LOOPS.items():
        theirs = partial(_measure_yardstick, yardstick, model, loop)
        their_nireq = _best_nireq(theirs, f"feeder, {name}, C++ {loop}")
        # Measured again: the scan's own figures are the luckiest of four.
        pairs = alternate(
            partial(ours, our_nireq),
            partial(theirs, their_nireq),
            settings.pairs,
            f"feeder, {name} against C++ {loop}",
            same_nireq=False,
        )
        subject = (
            f"{name}: --no-tui (nireq {our_nireq}) / C++ {loop} loop (nireq {their_nireq}),"
            " each at its best"
        )
        rows.append(ratio_row("feeder", subject, fps_of(pairs), aim, ("ours", "C++")))
    return rows


def _measure_yardstick(yardstick: Yardstick, model: Path, loop: str, nireq: int) -> Throughput:
    return yardstick.measure(model, nireq, loop)


def _best_nireq(measure: Callable[[int], Throughput], label: str) -> int:
    found = {nireq: measure(nireq).fps for nireq in _NIREQS}
    tell(f"  {label}: " + ", ".join(f"nireq {nireq} {fps:,.0f}" for nireq, fps in found.items()))
    return max(found, key=found.__getitem__)
