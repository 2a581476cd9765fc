"""What the user asked for: one frozen, validated configuration, which is the table of options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ovbench_tui.config import option_types as types
from ovbench_tui.config.load.load_options import LoadOptions
from ovbench_tui.config.option import (
    Cost,
    Edit,
    Group,
    Kind,
    Property,
    Step,
    check_options,
    option,
    options_of,
)
from ovbench_tui.config.option_values import APIS, FEEDERS
from ovbench_tui.errors import BadInputError


@dataclass(frozen=True, slots=True)
class BenchmarkConfig(LoadOptions):
    """One requested configuration: the options of model and inputs, and how it is measured.

    An option is one field with its row of the table: see `config.option.Option`. In the help,
    ``here:`` marks what differs from benchmark_app on purpose.
    """

    api: str = option(  # sync runs one infer request after the other
        "async",
        *("-api", "--api_type", "--api"),
        group=Group.MODEL,
        word=types.lower,
        choices=APIS,
        help="sync runs one inference after the other, and so with one infer request, whatever"
        " -nireq says (default sync with -hint latency, as in benchmark_app, else async)",
        known_words=APIS,
        check=types.must_be_one_of(APIS),
        change=str,
        cost=Cost.NEW_QUEUE,
        always_written=True,
        edit=Edit("API", Step.CHOICE, effective="api", in_palette=True),
    )
    max_fps: float = option(
        0.0,
        *("-max_irate", "--maximum_inference_rate", "--max-fps"),
        group=Group.MODEL,
        word=float,
        metavar="FPS",
        help="start at most so many frames a second (default 0 = no limit)",
        write=types.left_out_if_zero,
        check=types.rate,
        change=lambda fps: f"at most {fps:g} FPS" if fps else "no rate limit",
        cost=Cost.NEW_QUEUE,
        edit=Edit(
            *("Rate cap", Step.RATE, "none"),
            "Frames a second that are started at most; empty for no cap.",
        ),
    )
    duration_s: float | None = option(  # None = the run never ends by time
        None,
        *("-t", "--time"),
        group=Group.MODEL,
        word=float,
        metavar="SECONDS",
        brief="measured seconds (default no end, without a screen 60)",
        help="measured seconds; with -niter both must be reached. here: fractions, too, and no"
        " end by default on the screen (without one 60 s, or 120 s on other devices)",
        write=repr,
        check=types.duration,
        cost=Cost.NOTHING,
    )
    iterations: int | None = option(  # rounded up as benchmark_app does
        None,
        *("-niter", "--number_iterations", "--iterations"),
        group=Group.MODEL,
        word=int,
        metavar="N",
        help="measured inferences, rounded up to a multiple of the infer requests or data shapes;"
        " 0 = compile and stop",
        check=types.iterations,
        cost=Cost.NOTHING,
    )
    first_inference: bool = option(
        True,
        *("-no_warmup", "--no-warmup"),
        group=Group.DEVICE,
        kind=Kind.FLAG,
        help="no first inference before the measurement, and nothing left out of it. here:"
        " a very fast model is slower with it",
        change=lambda is_run: "first inference" if is_run else "no first inference",
        cost=Cost.NEW_QUEUE,
    )
    feeder: str = option(
        "auto",
        "--feeder",
        group=Group.PROGRAM,
        word=types.lower,
        choices=FEEDERS,
        metavar="NAME",
        help="who collects completions: callback; collect, the thread that starts inferences;"
        " spin, the same without sleeping, which takes a core; or auto, by trials in the warm-up"
        " (default). A rate cap and the sync API leave no choice, and -niter none of spinning",
        known_words=FEEDERS,
        check=types.must_be_one_of(FEEDERS),
        change=lambda feeder: f"feeder {feeder}",
        cost=Cost.NEW_QUEUE,
    )
    percentiles: tuple[float, ...] = option(
        (),
        *("-latency_percentile", "--latency_percentile", "--percentile"),
        group=Group.STATISTICS,
        kind=Kind.REPEATED,
        word=types.percents,
        metavar="P",
        help="further latency percentiles to report, above 0 up to 100. here: several at once,"
        " as in 75,99.99, or the option repeated",
        read=types.flat,
        write=types.joined,
        check=types.percentiles,
        cost=Cost.NOTHING,
    )
    p99_under_ms: float = option(  # 0 = no limit
        0.0,
        "--p99-under",
        group=Group.STATISTICS,
        word=float,
        metavar="MS",
        help="a limit: the run passes where the 99th percentile of its latency is under so many ms;"
        " drawn on the chart, and without a screen exit code 4 where it is missed",
        write=types.left_out_if_zero,
        check=types.limit("ms"),
        cost=Cost.NOTHING,
        edit=Edit(
            *("p99 limit", Step.LIMIT, "none"),
            "The p99 passes under so many ms; empty for no limit.",
            is_row=False,
        ),
    )
    fps_above: float = option(  # 0 = no limit
        0.0,
        "--fps-above",
        group=Group.STATISTICS,
        word=float,
        metavar="FPS",
        help="a limit: the run passes where its mean is above so many frames a second; likewise",
        write=types.left_out_if_zero,
        check=types.limit("frames a second"),
        cost=Cost.NOTHING,
        edit=Edit(
            *("FPS limit", Step.LIMIT, "none"),
            "The mean passes above so many frames a second; empty for no limit.",
            is_row=False,
        ),
    )
    check_tolerance: float = option(  # 0 = the answers are not checked
        0.0,
        "--check",
        group=Group.STATISTICS,
        kind=Kind.OPTIONAL,
        usual=0.01,
        word=types.tolerance,
        metavar="TOL",
        help="compare the outputs with those of the same model in f32 on the CPU, before the"
        " measurement and after every change: the largest error, as a share of the reference's"
        " largest magnitude, may be TOL (default 0.01); without a screen exit code 4 where it is"
        " more",
        write=types.left_out_if_zero,
        check=types.limit("as a share"),
        change=lambda value: f"answers checked to {value:g}" if value else "answers not checked",
        cost=Cost.NEW_INPUTS,
    )
    perf_counts: bool = option(
        False,
        *("-pc", "--perf_counts", "--perf-counts"),
        group=Group.STATISTICS,
        kind=Kind.SWITCH,
        help="print the time of every layer; measuring it slows the model down",
        change=lambda is_on: "with layer times" if is_on else "without layer times",
        openvino=Property(
            "PERF_COUNT",
            types.switch_property("PERF_COUNT"),
            lambda is_on: "YES" if is_on else "",
        ),
    )

    def __post_init__(self) -> None:
        """Refuse values no device could use, with one sentence."""
        check_options(self, OPTIONS)
        if self.arrivals and self.max_fps:
            raise BadInputError(
                "-max_irate and --arrivals exclude each other: a cap lets nothing queue, and the"
                " pattern of arrivals has a rate of its own. Leave one out."
            )

    def for_model(self, model: str) -> BenchmarkConfig:
        """The same for another model; what was said of this one's inputs does not fit that one."""
        return replace(
            self,
            model=model,
            **{name: row.default for name, row in OPTIONS.items() if row.of_model},
        )

    def with_option(self, name: str, value: Any) -> BenchmarkConfig:
        """The same with another value of one option.

        Args:
            name: of its field.

        Raises:
            BadInputError: the value could never be used; one sentence.
        """
        return replace(self, **{name: value})

    @property
    def is_paced(self) -> bool:
        """Whether a clock says when inferences start, and not only that a request is idle."""
        return bool(self.max_fps or self.arrivals)

    @property
    def limits(self) -> dict[str, Any]:
        """The limits that a run is judged by, by the names of their fields; 0 = none."""
        return {name: getattr(self, name) for name in LIMITS}

    def judged_as(self, other: BenchmarkConfig) -> BenchmarkConfig:
        """The same, with the end and the limits of another."""
        return replace(
            self, duration_s=other.duration_s, iterations=other.iterations, **other.limits
        )

    def needs_recompile(self, other: BenchmarkConfig) -> bool:
        """Whether changing to `other` takes another compiled model."""
        return any(OPTIONS[name].cost is Cost.RECOMPILE for name in changed_options(self, other))

    def needs_preparation(self, other: BenchmarkConfig) -> bool:
        """Whether changing to `other` takes more than a new request queue."""
        costs = {OPTIONS[name].cost for name in changed_options(self, other)}
        return bool(costs & {Cost.RECOMPILE, Cost.NEW_INPUTS})

    def needs_new_run(self, other: BenchmarkConfig) -> bool:
        """Whether what `other` measures is another thing, and not only when it ends."""
        return any(OPTIONS[name].cost is not Cost.NOTHING for name in changed_options(self, other))


LIMITS = ("p99_under_ms", "fps_above", "ttft_p90_under_ms", "tpot_p90_under_ms")
"""The fields of the limits that a run is judged by."""

OPTIONS = options_of(BenchmarkConfig)
"""The table: every option of a measurement by its field's name."""

PROPERTIES: Mapping[str, tuple[str, Property]] = {
    row.openvino.name: (name, row.openvino)
    for name, row in OPTIONS.items()
    if row.openvino is not None
}
"""The properties that an option stands for, with the option's field."""


def changed_options(old: BenchmarkConfig, new: BenchmarkConfig) -> list[str]:
    """The fields in which two configurations differ."""
    if old is new or old == new:  # as in nearly every frame of the screen
        return []
    return [name for name in OPTIONS if getattr(old, name) != getattr(new, name)]


def describe_change(old: BenchmarkConfig, new: BenchmarkConfig) -> str:
    """Name what differs in a few words, for a marker on the charts; '' when nothing does.

    Left out is what only says when a run ends and what is reported of it.
    """
    rows = ((OPTIONS[name], getattr(new, name)) for name in changed_options(old, new))
    return ", ".join(row.change(value) for row, value in rows if row.change is not None)
