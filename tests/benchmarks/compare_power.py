"""How often `compare` sees a change where there is none, and how often a true one of 10 %.

One process measures one model over and over, recompiled each time. Each run is compared with
the one before it (A/A); every fourth is followed by one that is held back to 0.9 of its rate.
On models of microseconds the rate cannot be held that exactly: the note tells what came of it.
200 pairs of 4 s of one model take some 20 minutes.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from ovbench_tui.stats.comparison.block_bootstrap import block_length, resampled_means
from ovbench_tui.stats.comparison.compare import FIGURES, compare
from ovbench_tui.stats.comparison.compare_text import regression
from ovbench_tui.stats.run_stats import Comparison, RunSeries
from tests.benchmarks.processes import run_to_end
from tests.benchmarks.report import Aim, Row, Skipped, Spread
from tests.benchmarks.settings import Settings, tell

CAP = 0.9
"""Of the rate of the run before: a true slow-down of 10 %."""

_CAPPED_EVERY = 4
_FALSE_ALARMS = Aim(5, at_least=False)
_ALLOWED = 0.05
_POLL_S = 0.05
_COMPILE_S = 60.0


@dataclass(frozen=True)
class Recording:
    """Runs in the order in which they were measured, and which of them were held back."""

    runs: list[RunSeries]
    capped: list[bool]

    def pairs(self, *, capped: bool) -> list[tuple[RunSeries, RunSeries]]:
        """Each run that is (not) held back, after the free run that was last before it."""
        found: list[tuple[RunSeries, RunSeries]] = []
        last: RunSeries | None = None
        for run, is_capped in zip(self.runs, self.capped, strict=True):
            if last is not None and is_capped is capped:
                found.append((last, run))
            if not is_capped:
                last = run
        return found


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """Rows for each model: false alarms by figure, and power."""
    rows: list[Row | Skipped] = []
    for name, model in models.items():
        tell(f"  {name}: {settings.pairs} pairs of {settings.seconds} s")
        file = settings.folder / f"compare-{name}.json"
        arguments = (model, settings.pairs, settings.seconds, settings.nireq, file)
        runs = settings.pairs * (1 + 1 / _CAPPED_EVERY) + 1
        run_to_end(
            [sys.executable, "-m", "tests.benchmarks.compare_power", *map(str, arguments)],
            settings.environment,
            settings.folder,
            _COMPILE_S + runs * (settings.seconds * 1.5 + 5),
        )
        rows += evaluate(name, load(file))
    return rows


def evaluate(name: str, recording: Recording) -> list[Row]:
    """Judge all pairs of a recording; every row's spread is a rate with its own interval."""
    same, slower = recording.pairs(capped=False), recording.pairs(capped=True)
    rows = []
    for figure in FIGURES:
        found = [compare(a, b, figure) for a, b in same]
        known = [one for one in found if not math.isnan(one.low)]
        if not known:
            continue
        spread = statistics.stdev(math.log(one.ratio) for one in known) if len(known) > 1 else 0.0
        rows.append(
            _rate_row(
                f"{name}: A/A pairs told apart by {figure}",
                [one.is_real for one in known],
                _FALSE_ALARMS,
                f"ratios of pairs spread by {spread * 100:.1f} %;"
                f" half an interval is {_half_width(known) * 100:.1f} %",
            )
        )
        if figure == "fps":
            rows.append(
                _rate_row(
                    f"{name}: A/A pairs that fail --fail-above 5% by fps",
                    [_fails(one) for one in known],
                    _FALSE_ALARMS,
                )
            )
            rows.append(
                _rate_row(
                    f"{name}: A/A pairs a block bootstrap alone tells apart by fps",
                    [_bootstrap_alone(a, b) for a, b in same],
                    None,
                )
            )
    found = [compare(a, b) for a, b in slower]
    if found:
        ratio = statistics.median(one.ratio for one in found)
        note = f"median ratio {ratio:.3f}; half an interval is {_half_width(found) * 100:.1f} %"
        rows += [
            _rate_row(
                f"{name}: slow-downs of 10 % found by fps",
                [one.is_real and one.ratio < 1 for one in found],
                None,
                note,
            ),
            _rate_row(
                f"{name}: slow-downs of 10 % that fail --fail-above 5%",
                [_fails(one) for one in found],
                None,
            ),
        ]
    return rows


def load(file: Path) -> Recording:
    document = json.loads(file.read_text(encoding="utf-8"))
    runs = [
        RunSeries(
            **{
                name: tuple(math.nan if item is None else item for item in value)
                if isinstance(value, list)
                else value
                for name, value in run.items()
            }
        )
        for run in document["runs"]
    ]
    return Recording(runs, document["capped"])


def _fails(comparison: Comparison) -> bool:
    return regression(comparison)[0] > _ALLOWED


def _half_width(found: Sequence[Comparison]) -> float:
    return statistics.median(math.log(one.high / one.low) / 2 for one in found)


def _bootstrap_alone(a: RunSeries, b: RunSeries) -> bool:
    """What `compare` would say without what it adds for changes between runs."""
    random = np.random.default_rng(0)
    means = [
        resampled_means(values, block_length(values), 2000, random)
        for values in (np.array(side.frames, dtype=np.float64) for side in (a, b))
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.quantile(means[1] / means[0], (0.025, 0.975))
    return bool(low > 1 or high < 1)


def _rate_row(subject: str, hits: Sequence[bool], aim: Aim | None, note: str = "") -> Row:
    rate = sum(hits) / len(hits)
    low, high = _wilson(rate, len(hits))
    spread = Spread(rate * 100, low * 100, high * 100, low * 100, high * 100, len(hits))
    reported = "instead of quartiles and range the 95 % interval of the rate"
    return Row("compare", subject, spread, "%", aim, "; ".join(filter(None, (note, reported))))


def _wilson(rate: float, count: int) -> tuple[float, float]:
    """Wilson's interval of a rate, as if the pairs were independent (neighbours share a run)."""
    z = statistics.NormalDist().inv_cdf(0.975)
    middle = rate + z * z / (2 * count)
    half = z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


# -- the process that measures -----------------------------------------------------------------


def record(model: str, pairs: int, seconds: float, nireq: int) -> Recording:
    """Measure in this process; runs are cut to whole windows of `seconds`."""
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.session import Session

    free = BenchmarkConfig(model=model, nireq=nireq)
    session = Session(free)
    session.start()
    capped: list[bool] = []
    fps = 0.0
    try:
        for is_capped in _order(pairs):
            # Another seed takes another compile, so no run shares the other's memory.
            config = replace(free, seed=len(capped) % 2, max_fps=CAP * fps if is_capped else 0.0)
            session.configure(config)
            capped.append(is_capped)
            measured = _measure(session, len(capped), seconds)
            fps = fps if is_capped else measured
            tell(f"  run {len(capped)}: {measured:.1f} FPS{' (held back)' if is_capped else ''}")
        results = session.results
    finally:
        session.close(30.0)
    windows = round(seconds / results[0].series.step_s)
    return Recording([_first(result.series, windows) for result in results], capped)


def _order(pairs: int) -> Iterable[bool]:
    """Which runs are held back."""
    yield False
    for number in range(pairs):
        if number % _CAPPED_EVERY == 0:
            yield True
        yield False


def _measure(session, run_id: int, seconds: float) -> float:  # type: ignore[no-untyped-def]
    deadline_s = time.monotonic() + _COMPILE_S + 2 * seconds
    while time.monotonic() < deadline_s:
        snapshot = session.snapshot(0)
        view = snapshot.run
        if view is not None and view.run_id == run_id and view.stats.elapsed_s >= seconds + 0.3:
            return float(view.stats.fps_mean)
        if session.failure or (session.rejection and not session.runs):
            raise SystemExit(f"the model does not run: {session.failure or session.rejection}")
        time.sleep(_POLL_S)
    raise SystemExit(f"run {run_id} did not come to its {seconds:g} s.")


def _first(series: RunSeries, windows: int) -> RunSeries:
    cut: Callable[[tuple], tuple] = lambda values: values[:windows]  # noqa: E731
    return RunSeries(
        series.step_s,
        cut(series.counts),
        cut(series.frames),
        cut(series.mean_ms),
        cut(series.p50_ms),
        cut(series.p99_ms),
    )


def _save(recording: Recording, file: Path) -> None:
    runs = [
        {
            name: [None if isinstance(item, float) and math.isnan(item) else item for item in value]
            if isinstance(value, tuple)
            else value
            for name, value in asdict(one).items()
        }
        for one in recording.runs
    ]
    text = json.dumps({"runs": runs, "capped": recording.capped}, allow_nan=False)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    given = sys.argv[1:]
    if len(given) == 5:
        _save(record(given[0], int(given[1]), float(given[2]), int(given[3])), Path(given[4]))
    elif len(given) == 1:
        from tests.benchmarks.report import markdown_table

        print(markdown_table(evaluate(Path(given[0]).stem, load(Path(given[0])))))
    else:
        sys.exit("give MODEL PAIRS SECONDS NIREQ FILE.json to measure, or FILE.json to judge")
