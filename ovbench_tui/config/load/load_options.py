"""Rows of the table of options: requests that arrive by themselves, an open loop."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.config import option_types as types
from ovbench_tui.config.generation_options import GenerationOptions
from ovbench_tui.config.load.pattern import check_arrivals
from ovbench_tui.config.load.scenario import check_scenario
from ovbench_tui.config.option import Cost, Edit, Group, Step, option

QUEUE_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class LoadOptions(GenerationOptions):
    """When requests arrive, and what becomes of those that find none idle."""

    arrivals: str = option(  # '' = a closed loop
        "",
        "--arrivals",
        group=Group.LOAD,
        word=str,
        metavar="PATTERN",
        help="requests arrive by themselves, each an inference: constant:200 a second, poisson:200,"
        " bursts:200,period=2s,factor=5 or a CSV file of seconds. Latency counts from the arrival."
        " seed=N behind a pattern takes other random gaps",
        check=check_arrivals,
        change=lambda text: text or "no arrivals",
        cost=Cost.NEW_QUEUE,
        edit=Edit(
            *("Arrivals", Step.ARRIVALS, "none"),
            "constant:200, poisson:200, bursts:200,period=2s,factor=5 or a CSV file; empty for"
            " none.",
            of_open_loop=True,
        ),
    )
    queue_limit: int = option(
        QUEUE_LIMIT,
        "--queue-limit",
        group=Group.LOAD,
        word=int,
        metavar="N",
        help="arrivals that may wait at once; one that comes then is dropped, and counted"
        f" (default {QUEUE_LIMIT}; 0 = none waits)",
        check=types.between(0, types.MAX_COUNT, f"0 to {types.MAX_COUNT}"),
        change=lambda limit: f"queue limit {limit}",
        cost=Cost.NEW_QUEUE,
    )
    timeout_ms: float = option(  # 0 = whoever came waits for as long as it takes
        0.0,
        "--timeout",
        group=Group.LOAD,
        word=float,
        metavar="MS",
        help="an arrival that has waited so many ms is dropped, and counted (default 0 = never)",
        write=types.left_out_if_zero,
        check=types.limit("ms"),
        change=lambda ms: f"timeout {ms:g} ms" if ms else "no timeout",
        cost=Cost.NEW_QUEUE,
    )
    scenario: str = option(  # '' = a run by no such rules
        "",
        "--scenario",
        group=Group.LOAD,
        word=str,
        metavar="NAME",
        help="a run as MLPerf LoadGen has it, judged by its rules: single-stream, multi-stream:8"
        " (samples of a query, as one batch), server:200 (queries a second, at random, with the"
        " latency limit of --p99-under) or offline",
        check=check_scenario,
        cost=Cost.NOTHING,
    )
