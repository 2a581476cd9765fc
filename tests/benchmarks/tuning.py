"""``python -m tests.benchmarks.tuning``: does autotune find the best, and how soon?

Records the exhaustive grid of each model several times, so that it is known what is best and how
much the machine wavers; tunes live, and measures what was found against the best, in turn; then
replays the grid with as much noise to compare ways of searching at equal time. Among them is the
exhaustive grid itself: what one pass over it finds is not the best either where noise is larger
than the differences.
Prints Markdown. Takes some 15 minutes a model on an idle machine; ``--replay FOLDER`` keeps to
recordings made before and needs no quiet machine.
"""

from __future__ import annotations

import argparse
import datetime
import glob
import importlib.util
import math
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.session import Session
from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.tuning.request import apply
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.pace import Pace
from ovbench_tui.tuning.search.racing import Strategy, ladder_search
from ovbench_tui.tuning.search.space import Point, SearchSpace, Variant, usable_cpus
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.tuner import Tuner
from ovbench_tui.ui.app.nothing_yet import nothing_yet
from tests.benchmarks.machine import describe_machine, load_average

MODELS = ("mobilenet-v2", "face-detection-0200")
WITHIN = 0.03
SHARES = (0.2, 0.35, 10.0)
"""Limits of the time, of the grid's; the last is none."""

GRID_S = 4.0
"""Seconds of measurement of each configuration of the exhaustive grid."""

_POLL_S = 0.1
_PATIENCE_S = 60.0


def space_for(cpus: int) -> SearchSpace:
    """The known space: streams, batch and requests, some 40 configurations on 2 processors."""
    streams = sorted({1, 2, cpus})
    return SearchSpace(
        streams=tuple(map(str, streams)),
        batches=(1, 2, 4),
        nireq=(1, 2, 3, 4, 6, 8, 16),
    )


def base_for(model: str) -> BenchmarkConfig:
    return BenchmarkConfig(model=model)


# --- recording -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """One configuration of the grid, as it was measured.

    Attributes:
        times_s: of the completions, from 0 on; float64 [n]. `latencies_ms` likewise.
        setup_s: from the request to the first measured completion.
    """

    times_s: np.ndarray
    latencies_ms: np.ndarray
    batch: int
    setup_s: float

    @property
    def fps(self) -> float:
        return (self.times_s.size - 1) * self.batch / float(self.times_s[-1] - self.times_s[0])

    @property
    def p50_ms(self) -> float:
        return float(np.percentile(self.latencies_ms, 50))

    @property
    def p99_ms(self) -> float:
        return float(np.percentile(self.latencies_ms, 99))


Surface = dict[Point, Record]


class _Sink:
    def __init__(self) -> None:
        self.pieces: list[tuple[np.ndarray, np.ndarray, int]] = []

    def add(self, times_s: np.ndarray, latencies_ms: np.ndarray, run_id: int) -> None:
        self.pieces.append((times_s.copy(), latencies_ms.copy(), run_id))


def record(model: str, space: SearchSpace, seconds: float) -> tuple[Surface, float]:
    """Measure every configuration once for so long; returns them and the seconds it took."""
    surface: Surface = {}
    sink = _Sink()
    base = base_for(model)
    session = Session(replace(base, model=""), sink=sink)
    begin_s = time.perf_counter()
    session.start()
    try:
        for number, point in enumerate(space.points, 1):
            tell(f"  {model} {number}/{space.size} {point}")
            requested_s = time.perf_counter()
            config = point.config(base)
            session.configure(config)
            run = _measured(session, config, seconds)
            pieces = [piece for piece in sink.pieces if piece[2] == run.run_id]
            times_s = np.concatenate([piece[0] for piece in pieces])
            surface[point] = Record(
                times_s - times_s[0],
                np.concatenate([piece[1] for piece in pieces]),
                run.effective.batch,
                float(times_s[0]) - requested_s,
            )
            sink.pieces.clear()
        return surface, time.perf_counter() - begin_s
    finally:
        session.close(_PATIENCE_S)


def _measured(session: Session, config: BenchmarkConfig, seconds: float) -> RunView:
    last_s = time.perf_counter() + _PATIENCE_S + seconds
    while time.perf_counter() < last_s:
        run = session.snapshot(0).run
        if session.rejection is not None or session.failure:
            break
        if run and run.config == config and run.stats.elapsed_s >= seconds and run.stats.count > 8:
            return run
        time.sleep(_POLL_S)
    sys.exit(f"{config} could not be measured: {session.rejection or session.failure}")


def save(path: Path, surface: Surface, space: SearchSpace) -> None:
    arrays: dict[str, np.ndarray] = {}
    for number, point in enumerate(space.points):
        one = surface[point]
        arrays[f"{number}.times_s"] = one.times_s
        arrays[f"{number}.latencies_ms"] = one.latencies_ms
        arrays[f"{number}.rest"] = np.array([one.batch, one.setup_s])
    np.savez_compressed(path, **arrays)


def load(path: Path, space: SearchSpace) -> Surface:
    arrays = np.load(path)
    if len(arrays.files) != 3 * space.size:
        sys.exit(f"{path} was recorded on another space, as of another number of processors.")
    surface: Surface = {}
    for number, point in enumerate(space.points):
        batch, setup_s = arrays[f"{number}.rest"]
        surface[point] = Record(
            arrays[f"{number}.times_s"], arrays[f"{number}.latencies_ms"], int(batch), setup_s
        )
    return surface


# --- what is known from several passes -------------------------------------------------------


@dataclass(frozen=True)
class Noise:
    """How the machine wavers.

    Attributes:
        drift: standard deviation of its speed, correlated over `drift_s`.
        visit: standard deviation between two measurements of the same.
    """

    drift: float = 0.04
    drift_s: float = 20.0
    visit: float = 0.02


def known(passes: Sequence[Surface], space: SearchSpace) -> Surface:
    """Put the passes together, each completion as it was in one of them.

    Each pass is brought to the same mean speed. Beyond one request a stream FPS changes smoothly
    with the number of requests, so a mean over neighbours, weighted 1/4, 1/2, 1, 1/2, 1/4, takes
    more of the noise away.
    """
    logs = _logs(passes, space)
    surface: Surface = {}
    for variant in space.variants:
        points = [point for point in space.points if point.variant == variant]
        means = [statistics.mean(own[point] for own in logs) for point in points]
        first = next(place for place, one in enumerate(points) if one.nireq >= int(variant.streams))
        for place, point in enumerate(points):
            begin, end = max(first, place - 2), min(len(points), place + 3)
            near = (place,) if place < first else range(begin, end)
            weights = {other: 2.0 ** -abs(other - place) for other in near}
            level = sum(weights[other] * means[other] for other in weights) / sum(weights.values())
            one = sorted((own[point] for own in passes), key=lambda one: one.fps)[len(passes) // 2]
            slower = one.fps / math.exp(level)
            surface[point] = replace(
                one, times_s=one.times_s * slower, latencies_ms=one.latencies_ms * slower
            )
    return surface


def measured_noise(passes: Sequence[Surface], space: SearchSpace) -> Noise:
    """How much measurements of the same differ, and how alike those are that follow each other."""
    if len(passes) < 2:
        return Noise()
    logs = _logs(passes, space)
    errors = [
        np.array(
            [own[point] - statistics.mean(each[point] for each in logs) for point in space.points]
        )
        for own in logs
    ]
    # The mean of n passes has taken a part of 1/n out of the differences.
    variance = float(np.mean(np.square(errors))) * len(passes) / (len(passes) - 1)
    alike = float(np.mean([one[1:] @ one[:-1] for one in errors]))
    alike /= float(np.mean([one @ one for one in errors]))
    between_s = GRID_S + statistics.median(one.setup_s for one in passes[0].values())
    drift_s = between_s / -math.log(min(max(alike, 0.01), 0.99))
    visit = Noise.visit
    return Noise(math.sqrt(max(0.0, variance - visit * visit)), drift_s, visit)


def _logs(passes: Sequence[Surface], space: SearchSpace) -> list[dict[Point, float]]:
    """Logarithms of the FPS, every pass brought to the mean of all."""
    logs = [{point: math.log(own[point].fps) for point in space.points} for own in passes]
    levels = [statistics.mean(own.values()) for own in logs]
    middle = statistics.mean(levels)
    return [
        {point: value - level + middle for point, value in own.items()}
        for own, level in zip(logs, levels, strict=True)
    ]


# --- replay ----------------------------------------------------------------------------------


class Replay:
    """A session on a recorded surface, in its own time.

    A measurement plays the recorded completions from a random moment on, slower or faster as
    the machine wavers; figures are made by the program's own accumulator.
    """

    def __init__(self, surface: Surface, base: BenchmarkConfig, noise: Noise, seed: int) -> None:
        self.now_s = 0.0
        self._by_config = {point.config(base): one for point, one in surface.items()}
        self._compile_s = _compile_seconds(surface)
        self._random = np.random.default_rng(seed)
        self._noise = noise
        self._log_speed = float(self._random.normal(0, noise.drift))
        self._speed_at_s = 0.0
        self._config: BenchmarkConfig | None = None
        self._run_id = 0
        self._begin_s = 0.0
        self._requested = base

    def clock(self) -> float:
        return self.now_s

    def configure(self, config: BenchmarkConfig, search: str = "") -> None:
        before = self._config
        compiles = before is None or before.needs_recompile(config)
        self._config = self._requested = config
        self._run_id += 1
        one = self._by_config[config]
        self._begin_s = self.now_s + (self._compile_s if compiles else _requeue_seconds(one))
        slower = math.exp(self._random.normal(0, self._noise.visit)) * self._slowness()
        offset = int(self._random.integers(one.times_s.size))
        gaps_s = np.roll(np.diff(one.times_s, append=one.times_s[-1] + one.times_s[1]), -offset)
        gaps_s = np.tile(gaps_s, 10) * slower
        self._times_s = self._begin_s + np.cumsum(gaps_s)
        self._latencies_ms = np.tile(np.roll(one.latencies_ms, -offset), 10) * slower
        self._accumulator = RunAccumulator((one.batch,))
        self._accumulator.set_state(
            feeding=True, measuring=True, warming=False, time_s=self._begin_s
        )
        self._cursor = 0

    def reset_stats(self) -> None:
        raise AssertionError("a walk asks for no configuration twice in a row")

    def restart(self) -> None:
        raise AssertionError("a replayed engine does not die")

    def snapshot(self) -> Snapshot:
        self.now_s += _POLL_S
        view = nothing_yet(self._requested)
        if self._config is None or self.now_s <= self._begin_s:
            return view
        end = int(np.searchsorted(self._times_s, self.now_s))
        part = slice(self._cursor, end)
        count = end - self._cursor
        self._accumulator.add(
            self._times_s[part], self._latencies_ms[part], np.zeros(count, np.uint8)
        )
        self._cursor = end
        run = RunView(
            run_id=self._run_id,
            config=self._config,
            effective=EffectiveConfig(nireq=self._config.nireq, streams=self._config.streams),
            model=ModelInfo("", "", "", (), ()),
            read_ms=0.0,
            compile_ms=0.0,
            first_inference_ms=0.0,
            change="",
            stats=self._accumulator.figures(self.now_s),
        )
        return replace(view, run=run, state=WorkerState.RUNNING, measuring=True)

    def _slowness(self) -> float:
        """An Ornstein-Uhlenbeck process on the logarithm of the speed."""
        noise = self._noise
        kept = math.exp(-(self.now_s - self._speed_at_s) / noise.drift_s)
        fresh = noise.drift * math.sqrt(1 - kept * kept)
        self._log_speed = self._log_speed * kept + float(self._random.normal(0, fresh))
        self._speed_at_s = self.now_s
        return math.exp(self._log_speed)


def _compile_seconds(surface: Surface) -> float:
    """What a compile and the warm-up after it took, by the first point of every variant."""
    firsts: dict[object, float] = {}
    for point, one in surface.items():
        firsts.setdefault(point.variant, one.setup_s)
    return statistics.median([*firsts.values()][1:])  # the first also read the model


def _requeue_seconds(one: Record) -> float:
    return 0.1 + 2 * float(np.median(one.latencies_ms)) / 1000


def grid_seconds(surface: Surface) -> float:
    """What the exhaustive grid takes."""
    return sum(GRID_S + one.setup_s for one in surface.values())


def replay(
    surface: Surface,
    base: BenchmarkConfig,
    walk: Strategy,
    objective: Objective,
    limit_s: float,
    noise: Noise,
    seed: int,
    pace: Pace,
) -> TuningState:
    """Tune on a recorded surface."""
    session = Replay(surface, base, noise, seed)
    tuner = Tuner(
        base,
        walk,
        objective,
        size=len(surface),
        max_time_s=limit_s,
        pace=pace,
        clock=session.clock,
    )
    while not tuner.is_done:
        ask = tuner.step(session.snapshot())
        if ask is not None:
            session.configure(ask.config)
    return tuner.board


def exhaustive(
    surface: Surface, base: BenchmarkConfig, noise: Noise, seed: int
) -> tuple[Point, float]:
    """Measure every configuration for `GRID_S`; returns the fastest and the seconds it took."""
    session = Replay(surface, base, noise, seed)
    fps: dict[Point, float] = {}
    for point in surface:
        session.configure(point.config(base))
        while point not in fps:
            run = session.snapshot().run
            if run is not None and run.stats.elapsed_s >= GRID_S:
                fps[point] = run.stats.fps_mean
    return max(fps, key=lambda point: fps[point]), session.clock()


# --- the strategies --------------------------------------------------------------------------

Strategy = Callable[[SearchSpace, Objective, int], Strategy]


def ladder(space: SearchSpace, objective: Objective, seed: int) -> Strategy:
    del seed
    return ladder_search(space, objective.goal, cpus=usable_cpus())


def raced_grid(space: SearchSpace, objective: Objective, seed: int) -> Strategy:
    """Every configuration, each stopped as soon as it is clearly worse."""
    del objective, seed
    for point in space.points:
        _ = yield point


def at_random(space: SearchSpace, objective: Objective, seed: int) -> Strategy:
    del objective
    points = list(space.points)
    np.random.default_rng(seed).shuffle(points)
    for point in points:
        _ = yield point


def optuna_tpe(
    space: SearchSpace,
    objective: Objective,
    seed: int,
    *,
    at_random: int = 10,
    multivariate: bool = False,
    begins: bool = False,
) -> Strategy:
    """Optuna's TPE, told the places of the values; never measures one twice.

    Args:
        at_random: trials before it models anything; 10 is Optuna's default.
        begins: with the points at which the climbing grid begins.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    sampler = optuna.samplers.TPESampler(
        seed=seed, n_startup_trials=at_random, multivariate=multivariate
    )
    yield from _optuna(space, sampler, _beginnings(space, objective) if begins else ())


def _beginnings(space: SearchSpace, objective: Objective) -> list[Point]:
    """Where the climbing grid begins in every variant."""
    return [
        next(ladder_search(_only(space, variant), objective.goal, cpus=usable_cpus()))
        for variant in space.variants
    ]


def _only(space: SearchSpace, variant: Variant) -> SearchSpace:
    return replace(space, streams=(variant.streams,), batches=(variant.batch,))


def optuna_gp(space: SearchSpace, objective: Objective, seed: int) -> Strategy:
    """Optuna's Gaussian process, which needs torch and scipy."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield from _optuna(space, optuna.samplers.GPSampler(seed=seed, n_startup_trials=6))


def _optuna(space: SearchSpace, sampler: object, first: Sequence[Point] = ()) -> Strategy:
    import optuna

    study = optuna.create_study(direction="maximize", sampler=sampler)
    for point in first:
        study.enqueue_trial(
            {
                "streams": space.streams.index(point.variant.streams),
                "batch": space.batches.index(point.variant.batch),
                "nireq": space.nireq.index(point.nireq),
            }
        )
    known: dict[Point, float] = {}
    by_values = {
        (point.variant.streams, point.variant.batch, point.nireq): point for point in space.points
    }
    repeats = 0
    while len(known) < len(by_values) and repeats < 200:
        trial = study.ask()
        streams = trial.suggest_int("streams", 0, len(space.streams) - 1)
        batch = trial.suggest_int("batch", 0, len(space.batches) - 1)
        nireq = trial.suggest_int("nireq", 0, len(space.nireq) - 1)
        point = by_values[space.streams[streams], space.batches[batch], space.nireq[nireq]]
        if point in known:
            repeats += 1
            study.tell(trial, known[point])
            continue
        outcome = yield point
        known[point] = outcome.score.mid
        study.tell(trial, outcome.score.mid)


def strategies() -> dict[str, Strategy]:
    chosen: dict[str, Strategy] = {
        "climbing grid (kept)": ladder,
        "raced grid": raced_grid,
        "raced, at random": at_random,
    }
    if importlib.util.find_spec("optuna"):
        chosen["Optuna TPE, raced"] = optuna_tpe
        few = {"at_random": 4, "multivariate": True}
        chosen["Optuna TPE, 4 at random, multivariate"] = partial(optuna_tpe, **few)
        chosen["Optuna TPE, begun as the climb is"] = partial(optuna_tpe, **few, begins=True)
        if importlib.util.find_spec("torch"):
            chosen["Optuna GP, raced"] = optuna_gp
    else:
        tell("Optuna is not installed, so it is left out.")
    return chosen


# --- the tables ------------------------------------------------------------------------------


def compare(
    model: str, surface: Surface, space: SearchSpace, noise: Noise, seeds: Sequence[int]
) -> list[str]:
    """Rows of the table of strategies: each at equal limits of time, and to its own end."""
    base, objective = base_for(model), Objective()
    best = max(one.fps for one in surface.values())
    grid_s = grid_seconds(surface)

    def row(name: str, limit: str, ends: Sequence[tuple[Point | None, float, int]]) -> str:
        behind = [1 - surface[found].fps / best if found else 1.0 for found, _, _ in ends]
        took = [seconds / grid_s for _, seconds, _ in ends]
        hits = sum(value <= WITHIN for value in behind) / len(ends)
        return (
            f"| {model} | {name} | {limit} | {hits:.0%} | {statistics.median(behind):.1%},"
            f" {_percentile(behind, 90):.1%} | {statistics.median(took):.0%},"
            f" {max(took):.0%} | {statistics.median(end[2] for end in ends):.0f} of {space.size} |"
        )

    tell(f"  {model}: exhaustive grid")
    whole = [(*exhaustive(surface, base, noise, seed), space.size) for seed in seeds]
    rows = [row("exhaustive grid, once", "none", whole)]
    for name, strategy in strategies().items():
        for share in SHARES:
            tell(f"  {model}: {name}, limit {share:.0%}")
            ends: list[tuple[Point | None, float, int]] = []
            for seed in seeds:
                board = replay(
                    *(surface, base, strategy(space, objective, seed), objective),
                    *(share * grid_s, noise, seed, Pace()),
                )
                found = board.winner.point if board.winner else None
                ends.append((found, board.elapsed_s, len(board.trials)))
            rows.append(row(name, f"{share:.0%}" if share <= 1 else "none", ends))
    return rows


def live(model: str, surface: Surface, space: SearchSpace, grid_s: float, pairs: int) -> str:
    """Tune live, then measure what was found and the grid's best in turn; a row of the table."""
    tell(f"  {model}: tuning live")
    base, objective = base_for(model), Objective()
    session = Session(replace(base, model=""))
    session.start()
    try:
        tuner = Tuner(base, ladder(space, objective, 0), objective, size=space.size)
        while not tuner.is_done:
            ask = tuner.step(session.snapshot(0))
            if ask is not None:
                apply(session, ask)
            time.sleep(_POLL_S / 2)
        board = tuner.board
        if board.winner is None:
            sys.exit(f"{model} could not be tuned: {board.trials}")
        found = board.winner.point
        best = max(surface, key=lambda point: surface[point].fps)
        ratios = [1.0] if found == best else _paired(session, base, found, best, pairs)
    finally:
        session.close(_PATIENCE_S)
    return (
        f"| {model} | {grid_s:.0f} s | {board.elapsed_s:.0f} s, {board.elapsed_s / grid_s:.0%} |"
        f" {_words(found)} | {_words(best)} | {statistics.median(ratios):.3f}"
        f" ({min(ratios):.3f} to {max(ratios):.3f}) |"
    )


def _paired(
    session: Session, base: BenchmarkConfig, found: Point, best: Point, pairs: int
) -> list[float]:
    ratios: list[float] = []
    for number in range(pairs):
        tell(f"    pair {number + 1} of {pairs}")
        fps: dict[Point, float] = {}
        for point in (found, best) if number % 2 == 0 else (best, found):
            config = point.config(base)
            session.configure(config)
            fps[point] = _measured(session, config, GRID_S).stats.fps_mean
        ratios.append(fps[found] / fps[best])
    return ratios


def _words(point: Point) -> str:
    variant = point.variant
    return f"{variant.streams} streams, batch {variant.batch}, nireq {point.nireq}"


def _percentile(values: Sequence[float], percent: float) -> float:
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.tuning", description=__doc__.partition("\n\n")[0]
    )
    add = parser.add_argument
    add("--models", nargs="+", default=MODELS, metavar="NAME")
    add("--seeds", type=int, default=40, help="replays of every strategy (default 40)")
    add("--first-seed", type=int, default=0, help="of them (default 0)")
    add("--passes", type=int, default=3, help="over the grid (default 3)")
    add("--pairs", type=int, default=5, help="live pairs of the found and the best (default 5)")
    add("--record", type=Path, metavar="FOLDER", help="keep the recordings there")
    add("--replay", type=Path, metavar="FOLDER", help="only replay recordings kept there")
    arguments = parser.parse_args(argv)
    space = space_for(usable_cpus())
    began, load_before = datetime.datetime.now(datetime.timezone.utc), load_average()
    rows: list[str] = []
    live_rows: list[str] = []
    noises: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ovbench-tuning-") as temporary:
        folder = arguments.replay or arguments.record or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for model in arguments.models:
            tell(model)
            passes: list[Surface] = []
            took_s: list[float] = []
            if arguments.replay:
                paths = sorted(folder.glob(f"{glob.escape(model)}.*.npz"))
                passes = [load(path, space) for path in paths]
            else:
                for number in range(arguments.passes):
                    one, seconds = record(model, space, GRID_S)
                    save(folder / f"{model}.{number}.npz", one, space)
                    passes.append(one)
                    took_s.append(seconds)
            if not passes:
                sys.exit(f"There is no recording of {model} in {folder}.")
            surface, noise = known(passes, space), measured_noise(passes, space)
            noises.append(
                f"- {model}: {len(passes)} passes over the grid; replayed {arguments.seeds} times"
                f" with a machine that drifts by {noise.drift:.1%} over {noise.drift_s:.0f} s and"
                f" differs by {noise.visit:.0%} from one measurement to the next"
            )
            if took_s:
                grid_s = statistics.median(took_s)
                live_rows.append(live(model, surface, space, grid_s, arguments.pairs))
            first = arguments.first_seed
            seeds = range(first, first + arguments.seeds)
            rows += compare(model, surface, space, noise, seeds)
    print(describe_machine())
    print(
        f"- {began:%Y-%m-%d %H:%M} UTC; load average {load_before} before, {load_average()} after"
    )
    print(f"- the exhaustive grid takes {GRID_S:g} s a configuration", *noises, "", sep="\n")
    print(
        "| model | search | limit of the grid's time | within 3 % of the best | below the best:"
        " median, 90th percentile | time: median, longest | tried |"
    )
    print("|---|---|---|---|---|---|---|")
    print(*rows, sep="\n")
    if live_rows:
        print("\n| model, live | grid | tune | found | grid's best | found over best |")
        print("|---|---|---|---|---|---|")
        print(*live_rows, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
