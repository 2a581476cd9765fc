"""Two programs against each other on every model: one row of ratios each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks.models import TINY
from tests.benchmarks.pairing import alternate, fps_of, median_ms_of
from tests.benchmarks.parsing import Throughput
from tests.benchmarks.programs import run_benchmark_app, run_with_screen, run_without_screen
from tests.benchmarks.report import Aim, Row, Skipped, Within, ratio_row
from tests.benchmarks.settings import Settings

Program = Callable[[Settings, Path, int], Throughput]


@dataclass(frozen=True, slots=True)
class Contest:
    """What is compared.

    Attributes:
        subject: in words, as in ``screen on / benchmark_app``.
        names: of the two, for the note.
        least: ratio to reach on models of 2 ms and more, and on tiny ones; None = no aim.
        latency: how near their median latencies should be on models of 2 ms and more; None =
            latencies are not compared.
    """

    benchmark: str
    subject: str
    first: Program
    second: Program
    names: tuple[str, str]
    least: tuple[float, float] | None
    latency: Within | None = None

    def run(self, settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
        """One row a model, and one for its latency where that is compared."""
        rows: list[Row | Skipped] = []
        for name, model in models.items():
            pairs = alternate(
                partial(self.first, settings, model, settings.nireq),
                partial(self.second, settings, model, settings.nireq),
                settings.pairs,
                f"{self.benchmark}, {name}",
            )
            aim = Aim(self.least[name in TINY], at_least=True) if self.least else None
            subject = f"{name}: {self.subject}"
            rows.append(ratio_row(self.benchmark, subject, fps_of(pairs), aim, self.names))
            if self.latency is not None:
                aim_ms = None if name in TINY else self.latency
                latencies = median_ms_of(pairs)
                rows.append(
                    ratio_row(
                        self.benchmark, f"{subject}, p50", latencies, aim_ms, self.names, "ms"
                    )
                )
        return rows


def _isolated(settings: Settings, model: Path, nireq: int) -> Throughput:
    return run_with_screen(settings, model, nireq, "--isolate")


PARITY = Contest(
    "parity",
    "screen on / benchmark_app",
    run_with_screen,
    run_benchmark_app,
    ("ours", "benchmark_app"),
    (0.99, 1.0),
    Within(0.03),
)
OBSERVER = Contest(
    "observer",
    "screen on / --no-tui",
    run_with_screen,
    run_without_screen,
    ("screen", "no screen"),
    (0.99, 0.95),
)
ISOLATION = Contest(
    "isolation",
    "--isolate / thread, screen on",
    _isolated,
    run_with_screen,
    ("isolated", "thread"),
    None,  # the figures choose the default
)
