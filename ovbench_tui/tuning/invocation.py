"""What a command line of `ovbench-tui tune` asks for: the model, the bounds, the objective."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ovbench_tui.errors import BadInputError
from ovbench_tui.options.cluster import (
    add_cluster_options,
    names_cluster,
    read_address,
    refuse_what_stays_here,
)
from ovbench_tui.options.conflicts import of_limits, of_one_run, refuse
from ovbench_tui.options.subcommand import options_alone, split_options, subcommand_parser
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.options.cluster_address import Address
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.schema import UserSettings
    from ovbench_tui.tuning.search.objective import SearchPlan
    from ovbench_tui.tuning.search.space import SearchSpace

_GOALS = ("throughput", "tokens", "latency", "efficiency")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)?", re.ASCII)
_SECONDS = {None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_LEAST_TIME_S = 5.0
_COMMAND_LINE_ONLY = {
    *("-h", "--help", "--json", "--save", "--snippet", "--scheduler", "--local"),
    *("--every-worker", "--no-ship", "--tls-ca-file", "--tls-cert", "--tls-key"),
}
_DESCRIPTION = (
    "Finds the configuration of a model that is best on this machine. Every option for the"
    " model, its inputs and the device is taken as well, as in -d, -data_shape, -i or"
    " -load_config (see ovbench-tui --help-all)."
)
_EPILOG = (
    "LIST is numbers as in 1,2,4 or 1..16. The table goes to standard output, progress to"
    " standard error. Ctrl-C ends it and prints what is known so far. The exit code is 0, 1 when"
    " no configuration keeps the limit, 2 for bad input, 3 when nothing could be measured, 130"
    " when interrupted."
)


@dataclass(frozen=True, slots=True)
class TuneInvocation:
    """One start of the tuner.

    Attributes:
        base: says everything that is not varied.
        plan_for: makes the plan for machines with so many processors; None = this one.
        address: of a cluster whose machines share the search; None = this machine searches.
        save: a file for the device properties of the winner, for -load_config; '' = none.
        snippet: a file for the winner as a Python program; '' = none.
    """

    base: BenchmarkConfig
    plan_for: Callable[[int | None], SearchPlan]
    address: Address | None
    isolated: bool
    json_stdout: bool
    keeps_history: bool
    save: str
    snippet: str

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The options that name files to write, and the paths; '' = not given."""
        return ("--save", self.save), ("--snippet", self.snippet)


def read_tune_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> TuneInvocation:
    """Understand a command line; -h prints and leaves.

    Args:
        settings: of the user, for what the command line leaves open; None = there are none.

    Raises:
        BadInputError: one sentence for the user.
    """
    given, invocation = split_options(build_parser(), arguments, settings)
    base = invocation.config
    _refuse(invocation)
    if not base.model:
        raise BadInputError("No MODEL is given: name the one that is to be tuned.")
    address = None
    if names_cluster(given):
        address = read_address(given)
        refuse_what_stays_here(invocation, "tune on a cluster")
    plan = partial(_plan, given, base, margin=invocation.margin)
    plan()
    return TuneInvocation(
        base=base,
        plan_for=plan,
        address=address,
        isolated=invocation.isolated,
        json_stdout=given.json_stdout,
        keeps_history=invocation.keeps_history,
        save=given.save or "",
        snippet=given.snippet or "",
    )


def read_plan(words: Sequence[str], base: BenchmarkConfig, cpus: int | None = None) -> SearchPlan:
    """Understand the options for bounds and objective alone, for a model that is known.

    Args:
        cpus: processors of the machine that is tuned; None = this one.

    Raises:
        BadInputError: one sentence for the user.
    """
    return _plan(options_alone(build_parser(), words, _COMMAND_LINE_ONLY), base, cpus)


def _plan(
    given: argparse.Namespace,
    base: BenchmarkConfig,
    cpus: int | None = None,
    *,
    margin: float = EQUAL_MARGIN,
) -> SearchPlan:
    from ovbench_tui.tuning.search.objective import Goal, Objective, SearchPlan

    objective = Objective(
        Goal(given.goal),
        given.p99_under_ms,
        margin,
        given.ttft_p90_under_ms,
        given.tpot_p90_under_ms,
    )
    for limit in objective.limits():
        if given.goal == "latency" and limit.figure != "ttft_p90_ms":
            raise BadInputError(
                f"{limit.option} limits what else is optimised: leave out --objective latency."
            )
        if not 0 < limit.limit_ms < float("inf"):
            raise BadInputError(
                f"{limit.option} {limit.limit_ms:g} is not a valid limit: give ms above 0."
            )
    space = read_space(given, base, prefers_latency=given.goal == "latency", cpus=cpus)
    space.check(base)
    return SearchPlan(space, objective, given.max_time_s)


def build_parser() -> argparse.ArgumentParser:
    """The options that only tuning has, or has otherwise."""
    parser = subcommand_parser("tune", "MODEL [OPTIONS]", _DESCRIPTION, _EPILOG)
    add_bounds(parser)
    group = parser.add_argument_group("Objective")
    add = group.add_argument
    add(
        "--objective",
        dest="goal",
        choices=_GOALS,
        default="throughput",
        help="most frames a second, most output tokens a second, lowest median latency, or most"
        " frames a joule (where the processor's energy counters can be read); default throughput,"
        " which is tokens for a model that generates them",
    )
    for option, what in (
        ("--p99-under", "the 99th percentile of the latency"),
        ("--ttft-p90-under", "the 90th percentile of the time to the first token"),
        ("--tpot-p90-under", "the 90th percentile of the time per output token"),
    ):
        add(
            option,
            dest=f"{option[2:].replace('-', '_')}_ms",
            type=float,
            metavar="MS",
            help=f"only what keeps {what} under so many ms can win",
        )
    add_max_time(group, 300.0)
    add = parser.add_argument_group("Results").add_argument
    add("--json", dest="json_stdout", action="store_true", help="print one JSON document instead")
    add("--save", metavar="FILE", help="write the best device properties, for -load_config")
    add("--snippet", metavar="FILE", help="write the best configuration as a Python program")
    add_cluster_options(parser, "Cluster, to share the search among machines of one kind")
    return parser


GRID = (
    *("nireq", "streams", "threads", "batch", "hint", "precision"),
    *("kv-cache-precision", "max-batched-tokens"),
)
"""The options of `add_bounds`, by their long names."""


def add_bounds(parser: argparse.ArgumentParser) -> None:
    """The options that say what is varied."""
    add = parser.add_argument_group("Bounds").add_argument
    for names, dest, what in (
        (
            ("-nireq", "--number_infer_requests", "--nireq", "--concurrency"),
            "nireq",
            "infer requests (default 1 up to 4 times the processors, 16 with openvino-genai)",
        ),
        (
            ("-nstreams", "--number_streams", "--streams"),
            "streams",
            "streams, or auto (default on a CPU 1, 2, 4 up to the processors)",
        ),
        (
            ("-nthreads", "--number_threads", "--threads"),
            "threads",
            "threads; 0 = automatic (default)",
        ),
        (("-b", "--batch_size", "--batch"), "batch", "batch sizes; 0 = the model's own (default)"),
    ):
        add(*names, dest=dest, metavar="LIST", help=what)
    add(
        *("-hint", "--perf_hint", "--hint"),
        dest="hint",
        metavar="WORDS",
        help="performance hints, as in throughput,latency,none",
    )
    add(
        *("-infer_precision", "--infer_precision", "--precision"),
        dest="precision",
        metavar="WORDS",
        help="inference precisions, as in f32,bf16 or default; a lower one changes the model's"
        " answers, so none is tried unless it is named",
    )
    add(
        "--kv-cache-precision",
        metavar="WORDS",
        help="element types of a language model's KV cache, as in default,u8,f16; likewise",
    )
    add(
        "--max-batched-tokens",
        metavar="LIST",
        help="tokens of a step of openvino-genai at most; 0 = its own choice (default 0,1024)",
    )


def read_space(
    given: argparse.Namespace, base: BenchmarkConfig, *, prefers_latency: bool, cpus: int | None
) -> SearchSpace:
    """Read what is varied; what is not given is as in `default_space`.

    Raises:
        BadInputError: one sentence that names the option.
    """
    from ovbench_tui.tuning.search.space import (
        default_space,
        parse_hints,
        parse_numbers,
        parse_precisions,
        parse_streams,
    )

    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "nireq": ("nireq", lambda text: parse_numbers(text, "--nireq")),
        "streams": ("streams", parse_streams),
        "threads": ("threads", lambda text: parse_numbers(text, "--threads", least=0)),
        "batch": ("batches", lambda text: parse_numbers(text, "--batch", least=0)),
        "hint": ("hints", parse_hints),
        "precision": ("precisions", parse_precisions),
        "kv-cache-precision": (
            "kv_cache_precisions",
            lambda text: parse_precisions(text, "--kv-cache-precision"),
        ),
        "max-batched-tokens": (
            "batched_tokens",
            lambda text: parse_numbers(text, "--max-batched-tokens", least=0, most=1_000_000),
        ),
    }
    texts = {name: getattr(given, name.replace("-", "_")) for name in readers}
    bounds = {
        field: read(texts[name])
        for name, (field, read) in readers.items()
        if texts[name] is not None
    }
    default = default_space(base, prefers_latency=prefers_latency, cpus=cpus)
    return replace(default, **bounds)


def add_max_time(group: Any, default_s: float, what: str = "all of it") -> None:
    """Add the option of the longest time.

    Args:
        group: of a parser, or the parser.
        default_s: whole minutes.
        what: may take so long.
    """
    group.add_argument(
        "--max-time",
        dest="max_time_s",
        type=read_time,
        default=default_s,
        metavar="TIME",
        help=f"for {what}, as in 90s, 5m or 1h (default {default_s / 60:g}m)",
    )


def read_time(text: str) -> float:
    """Read ``90s``, ``5m`` or ``1h`` as seconds."""
    match = _DURATION.fullmatch(text.strip().lower())
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if seconds < _LEAST_TIME_S:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a valid time: write 90s, 5m or 1h, 5s or more"
        )
    return seconds


def _refuse(invocation: Invocation) -> None:
    refuse_in_vain(
        "tune",
        invocation,
        ends="each measurement ends when it is steady, and --max-time limits all of them",
        repeats="it measures the best again by itself",
        documents="--json prints everything that it has found",
    )


def refuse_in_vain(
    word: str, invocation: Invocation, *, ends: str, repeats: str, documents: str
) -> None:
    """Refuse what a search would be asked for in vain, however it was written.

    Args:
        word: of the subcommand.
        ends, repeats, documents: why not -t, not --repeat, and no report of one run.

    Raises:
        BadInputError: one sentence that names the option.
    """
    config = invocation.config
    refuse(
        word,
        (config.duration_s is not None or config.iterations is not None, "-t and no -niter", ends),
        (config.api != "async", "-api sync", "the number of infer requests is varied"),
        (config.max_fps, "-max_irate", "a limited rate says nothing about what is best"),
        (config.arrivals, "--arrivals", "a rate that is given says nothing about what is best"),
        (config.hint_nireq, "--hint-nireq", "the number of infer requests is varied"),
        (config.percentiles, "-latency_percentile", "it goes by p50 and p99"),
        (config.fps_above, "--fps-above", "it looks for the most"),
        # `tune` has options of these names itself.
        *of_limits(replace(config, fps_above=0.0), "every point is measured, whatever its latency"),
        (invocation.repeat > 1, "--repeat", repeats),
        *of_one_run(invocation, documents),
    )
