"""How often the intervals are wrong on made-up noise: ``python -m tests.benchmarks.intervals``.

Two alike sides are measured many times, by simulation, and told apart in 5 % of all cases if the
interval keeps what it says. It takes a few minutes, and runs without OpenVINO:

- pairs: A/B slices in a drawn order, from 4 to 60 pairs, on noise of every kind;
- runs: one run of each, of 2 to 30 s, on noise that changes fast or slowly;
- repeats: several runs of each that differ by an offset of their own, against a single one.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.comparison.alternation import Alternation, Side
from ovbench_tui.stats.comparison.compare import compare
from ovbench_tui.stats.comparison.paired import paired_ratio
from ovbench_tui.stats.comparison.repeats import compare_repeats
from ovbench_tui.stats.run_stats import RunSeries
from ovbench_tui.stats.timeseries.series import STEP_S

Floats = npt.NDArray[np.float64]
Noise = Callable[[np.random.Generator, int], Floats]

PAIRS = (4, 5, 6, 8, 12, 20, 30, 60)
SECONDS = (2, 3, 5, 10, 30)
COUNTS = (2, 3, 5, 10)
_SPREAD = 0.04
_OFFSET = 0.02


def white(random: np.random.Generator, size: int) -> Floats:
    return _SPREAD * random.normal(size=size)


def autoregressive(carried: float) -> Noise:
    def noise(random: np.random.Generator, size: int) -> Floats:
        values = random.normal(size=size)
        for number in range(1, size):
            values[number] *= math.sqrt(1 - carried**2)
            values[number] += carried * values[number - 1]
        return _SPREAD * values

    return noise


def bimodal(share: float) -> Noise:
    """Some slices get half the processor."""

    def noise(random: np.random.Generator, size: int) -> Floats:
        return _SPREAD / 2 * random.normal(size=size) - 0.7 * (random.random(size) < share)

    return noise


def drifting(random: np.random.Generator, size: int) -> Floats:
    return _SPREAD / 2 * random.normal(size=size) + np.linspace(0, 0.2, size)


SLICES: dict[str, Noise] = {
    "white": white,
    "AR(1), r 0.3": autoregressive(0.3),
    "AR(1), r 0.5": autoregressive(0.5),
    "AR(1), r 0.9": autoregressive(0.9),
    "bimodal, 5 %": bimodal(0.05),
    "bimodal, 20 %": bimodal(0.2),
    "bimodal, 50 %": bimodal(0.5),
    "drift of 20 %": drifting,
}
RUNS: dict[str, Noise] = {
    "white": white,
    "AR(1) of 0.6 s": autoregressive(math.exp(-STEP_S / 0.6)),
    "AR(1) of 2.4 s": autoregressive(math.exp(-STEP_S / 2.4)),
    "AR(1) of 5 s": autoregressive(math.exp(-STEP_S / 5.0)),
}


def alternated(noise: Floats, seed: int) -> tuple[list[float], list[float]]:
    """The slices of two alike sides, in the order in which the worker runs them."""
    order = Alternation(seed=seed)
    sides: dict[Side, list[float]] = {Side.A: [], Side.B: []}
    for value in noise:
        sides[order.side].append(100 * math.exp(value))
        order.end_slice(100, 0.5)
    return sides[Side.A], sides[Side.B]


def false_alarms_of_pairs(noise: Noise, pairs: int, trials: int) -> float:
    """Share of A/A comparisons in which the interval leaves out 1."""
    wrong = 0
    for seed in range(trials):
        a, b = alternated(noise(np.random.default_rng(seed), 2 * pairs), seed)
        wrong += paired_ratio("fps", a, b).is_real
    return wrong / trials


def false_alarms_of_runs(noise: Noise, seconds: int, trials: int) -> tuple[float, float]:
    """Share of alike runs that are told apart, and of those that are undecided for being short."""
    windows = round(seconds / STEP_S)
    wrong = undecided = 0
    for seed in range(trials):
        random = np.random.default_rng(seed)
        a, b = (_run(1000 * (1 + noise(random, windows))) for _ in range(2))
        found = compare(a, b, resamples=300)
        wrong += found.is_real
        undecided += bool(found.reason)
    return wrong / trials, undecided / trials


def false_alarms_of_offsets(count: int, trials: int) -> float:
    """Share of alike configurations told apart whose runs each have an offset of their own."""
    wrong = 0
    for seed in range(trials):
        random = np.random.default_rng(seed)
        a, b = ([_run_with_offset(random).mean() for _ in range(count)] for _ in range(2))
        wrong += compare_repeats("fps", a, b).is_real
    return wrong / trials


def _run_with_offset(random: np.random.Generator) -> Floats:
    windows = round(10 / STEP_S)
    return 1000 * math.exp(_OFFSET * random.normal()) * (1 + white(random, windows))


def _run(rates: Floats) -> RunSeries:
    counts = tuple(int(rate) for rate in rates)
    latencies = tuple((1000 / rates).tolist())
    return RunSeries(STEP_S, counts, counts, latencies, latencies, latencies)


def main(argv: Sequence[str] | None = None) -> None:
    """Print a Markdown table of each, in percent."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.intervals")
    parser.add_argument("--trials", type=int, default=2000, metavar="N", help="default 2000")
    trials = parser.parse_args(argv).trials
    print(f"False alarms in %, where 5 is meant; {trials} trials each\n")
    _table(
        "pairs", PAIRS, SLICES, lambda noise, pairs: _percent(
            false_alarms_of_pairs(noise, pairs, trials)
        ),
    )  # fmt: skip
    few = max(1, trials // 4)

    def of_runs(noise: Noise, seconds: int) -> str:
        wrong, undecided = false_alarms_of_runs(noise, seconds, few)
        return f"{_percent(wrong)} ({100 * undecided:.0f} undecided)"

    _table("seconds of a run", SECONDS, RUNS, of_runs)
    print("| repeats of each | offsets of 2 % between runs |\n|---|---|")
    for count in COUNTS:
        print(f"| {count} | {_percent(false_alarms_of_offsets(count, few))} |", flush=True)


def _table(
    title: str, columns: Sequence[int], rows: dict[str, Noise], cell: Callable[[Noise, int], str]
) -> None:
    print(f"| {title} | {' | '.join(map(str, columns))} |\n|{'---|' * (len(columns) + 1)}")
    for name, noise in rows.items():
        cells = (cell(noise, column) for column in columns)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print()


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


if __name__ == "__main__":
    main()
