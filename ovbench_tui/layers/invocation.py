"""What a command line of `ovbench-tui layers` asks for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovbench_tui.ab.b_option import add_b, config_b, split_sides
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.options.conflicts import of_check, of_limits, of_one_run, refuse
from ovbench_tui.options.margin_option import add_margin, read_margin
from ovbench_tui.options.repeat_option import add_repeat, check_repeat
from ovbench_tui.options.subcommand import subcommand_parser
from ovbench_tui.tuning.search_invocation import add_results

if TYPE_CHECKING:
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.schema import UserSettings

_EXAMPLE = "-infer_precision f32"
_PAIRS = 10
_DURATION_S = 20.0
_LEAST_SAMPLE_S = 0.05
_RUN_ID = re.compile(r"\d{1,18}", re.ASCII)
_DESCRIPTION = (
    "Compares two configurations, models or versions of OpenVINO layer by layer: what is slower or"
    " faster, what was added, removed or fused otherwise, what runs in another precision or by"
    " another implementation. Layers are matched by the names of the model's layers that they"
    " stand for. Every option for the model, its inputs and the device describes A (see ovbench-tui"
    " --help-all); B differs from it in what --b says, and in nothing else. Or A and B are the"
    " numbers of two runs in the history, whose configurations are taken."
)
_EPILOG = (
    f"-t SECONDS is for all samples together (default {_DURATION_S:g}); to it comes the start of a"
    " process for each. The tables go to standard output, progress to standard error. Ctrl-C ends"
    " it and prints what is known so far. The exit code is 0, 2 for bad input, 3 when a sample"
    " failed, 130 when interrupted."
)


@dataclass(frozen=True, slots=True)
class LayersInvocation:
    """One start of the command.

    Attributes:
        a, b: what is compiled, with performance counters, one stream and one infer request.
        pairs: of samples, one of each side.
        sample_s: seconds that are measured in each.
        margin: what counts as equal, as a fraction.
        csv, trace: files for the table and a timeline; '' = none.
        b_openvino, b_python: as in `AbInvocation`.
    """

    a: BenchmarkConfig
    b: BenchmarkConfig
    pairs: int
    sample_s: float
    margin: float
    json_stdout: bool
    csv: str
    trace: str
    b_openvino: str = ""
    b_python: str = ""

    @property
    def is_of_interpreters(self) -> bool:
        """Whether B runs with another OpenVINO."""
        return bool(self.b_openvino or self.b_python)


def wants_schema(arguments: Sequence[str]) -> bool:
    """Whether only the schema of the JSON document is asked for."""
    return "--json-schema" in arguments


def read_layers_invocation(
    arguments: Sequence[str], settings: UserSettings | None = None
) -> LayersInvocation:
    """Understand a command line; -h prints and leaves.

    Args:
        settings: of the user, for what the command line leaves open; None = there are none.

    Raises:
        BadInputError: one sentence for the user.
        HistoryError: a run of the history cannot be read.
    """
    run_ids = arguments[:2]
    if len(run_ids) == 2 and all(map(_RUN_ID.fullmatch, run_ids)):
        return _of_runs(run_ids, arguments[2:])
    given, invocation = split_sides(_parser(), arguments, settings, _EXAMPLE)
    base = invocation.config
    _refuse(invocation)
    a = replace(base, duration_s=None)
    b = config_b(a, given.b) if given.b is not None else a
    for config in (a, b):
        _refuse_of_one_request(config)
    return _invocation(given, a, b, base.duration_s, invocation.margin)


def _of_runs(run_ids: Sequence[str], arguments: Sequence[str]) -> LayersInvocation:
    parser = _parser()
    parser.add_argument("-t", type=float, dest="duration_s", metavar="SECONDS")
    add_margin(parser)
    given = parser.parse_args(list(arguments))
    if any(way is not None for way in (given.b, given.b_openvino, given.b_python)):
        raise BadInputError("Two runs of the history are A and B: --b would be a third one.")
    if given.duration_s is not None and not 0 < given.duration_s < float("inf"):
        raise BadInputError(f"-t {given.duration_s:g}: give seconds above 0.")
    a, b = (_config_of(run_id, side) for run_id, side in zip(run_ids, "AB", strict=True))
    return _invocation(given, a, b, given.duration_s, read_margin(given.margin))


def _config_of(run_id: str, side: str) -> BenchmarkConfig:
    from ovbench_tui.history.reader import HistoryReader

    try:
        config = HistoryReader().load(int(run_id)).result.view.config
    except OvbenchError as error:
        raise BadInputError(f"{side}: {error}") from None
    # What such a run was judged by, and how it was fed, is no part of a single request.
    judged = config.judged_as(BenchmarkConfig())
    return replace(judged, arrivals="", scenario="", percentiles=(), check_tolerance=0.0)


def _invocation(
    given: argparse.Namespace,
    a: BenchmarkConfig,
    b: BenchmarkConfig,
    duration_s: float | None,
    margin: float,
) -> LayersInvocation:
    pairs = _PAIRS if given.repeat is None else check_repeat(given.repeat)
    seconds = _DURATION_S if duration_s is None else duration_s
    return LayersInvocation(
        a=_with_one_request(a),
        b=_with_one_request(b),
        pairs=pairs,
        sample_s=max(_LEAST_SAMPLE_S, seconds / (2 * pairs)),
        margin=margin,
        json_stdout=given.json_stdout,
        csv=given.csv or "",
        trace=given.trace or "",
        b_openvino=given.b_openvino or "",
        b_python=given.b_python or "",
    )


def _with_one_request(config: BenchmarkConfig) -> BenchmarkConfig:
    """One request on one stream: of more, the CPU's means could not be taken apart."""
    return replace(
        config,
        nireq=1,
        hint_nireq=0,
        # The NPU has none to set.
        streams="" if "NPU" in config.device else "1",
        max_fps=0.0,
        feeder="auto",
        first_inference=True,
        perf_counts=True,
    )


def _refuse(invocation: Invocation) -> None:
    """Refuse what would be asked for in vain."""
    config = invocation.config
    # Layer times are what it is about.
    plain = replace(invocation, config=replace(config, perf_counts=False))
    refuse(
        "layers",
        (config.iterations is not None, "-niter", "it goes on for -t seconds"),
        (config.percentiles, "-latency_percentile", "it is about means"),
        (config.arrivals, "--arrivals", "it keeps a single request busy"),
        *of_limits(config, "it compares the two"),
        *of_check(config, "both run as plain programs"),
        *of_one_run(plain, "--json and --csv have everything that it has found"),
    )


def _refuse_of_one_request(config: BenchmarkConfig) -> None:
    why = "one infer request on one stream shows how long each layer takes"
    refuse(
        "layers",
        (config.nireq not in (0, 1), "-nireq", why),
        (config.streams not in ("", "1"), "-nstreams", why),
    )


def _parser() -> argparse.ArgumentParser:
    usage = 'MODEL [OPTIONS] --b "MODEL or OPTIONS" | --b-openvino VERSION | --b-python PATH | A B'
    parser = subcommand_parser("layers", usage, _DESCRIPTION, _EPILOG)
    add_b(parser, _EXAMPLE)
    add_repeat(
        parser, f"pairs of samples, each in a fresh process with a compile (default {_PAIRS})"
    )
    add_results(parser, "layers")
    add = parser.add_argument
    add(
        "--trace",
        metavar="FILE",
        help="write both sides as timelines, to be opened in ui.perfetto.dev",
    )
    add("--json-schema", action="store_true", help="print the schema of --json and exit")
    return parser
