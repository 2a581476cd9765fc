"""The summary: the sample's figures, percentiles, and nothing that steers a terminal."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.text import width_of
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.reports.summary import format_summary
from ovbench_tui.stats.run_stats import RunStats, Stability
from ovbench_tui.stats.self_check import DisplayOverhead
from ovbench_tui.stats.steadiness import Steady, Verdict
from tests.unit.load_figures import load_stats

STATS = RunStats(
    count=2817, dropped=0, elapsed_s=10.00697, fps_now=0.0, fps_mean=281.504, fps_peak=300.0,
    min_ms=5.5, mean_ms=7.04, p50_ms=6.93, p90_ms=7.5, p95_ms=7.9, p99_ms=8.25, p999_ms=12.125,
    max_ms=13.0, warmup_count=12, warmup_s=0.31,
)  # fmt: skip
RUN = RunView(
    run_id=1,
    config=BenchmarkConfig(model="m.xml"),
    effective=EffectiveConfig(
        device="CPU", nireq=4, streams="2", threads="2", precision="f32", batch=1
    ),
    model=ModelInfo("m", "m.xml", "IR", (), ()),
    read_ms=12.5,
    compile_ms=250.0,
    first_inference_ms=0.0421,
    change="",
    stats=STATS,
    stability=Stability(Verdict.TOO_SHORT),
)


def test_nothing_measured_says_nothing() -> None:
    assert format_summary([]) == ""
    assert format_summary([replace(RUN, stats=replace(STATS, count=0))]) == ""


def test_the_last_run_is_described_in_full() -> None:
    assert format_summary([RUN]).splitlines() == [
        "Model:           m (IR)",
        "Configuration:   CPU, throughput hint, nireq 4, streams 2, threads 2, f32, batch 1,"
        " collected by callback",
        "Read, compile:   12.50 ms, 250.00 ms",
        "First inference: 0.0421 ms",
        "Warm-up:         12 iterations, 0.31 s, not counted",
        "Count:           2817 iterations",
        "Duration:        10006.97 ms",
        "Latency:",
        "    Median:       6.93 ms",
        "    Average:      7.04 ms",
        "    Min:          5.50 ms",
        "    Max:         13.00 ms",
        "    p90:          7.50 ms",
        "    p95:          7.90 ms",
        "    p99:          8.25 ms",
        "    p99.9:       12.12 ms",
        "Stability:       too short",
        "Throughput:      281.50 FPS",
    ]


def test_a_percentile_that_no_sample_has_is_a_dash() -> None:
    lines = format_summary([replace(RUN, stats=replace(STATS, p999_ms=math.nan))]).splitlines()
    (line,) = (line for line in lines if "p99.9:" in line)
    assert line.split() == ["p99.9:", DASH]


def test_what_was_asked_for_and_found_is_told() -> None:
    run = replace(
        RUN,
        config=replace(RUN.config, max_fps=300.0),
        effective=replace(RUN.effective, api="sync", input_rules=(("data", "u8, asked for"),)),
        first_inference_ms=math.nan,
        stats=replace(STATS, percentiles_ms=((50.0, 6.93), (75.0, 7.2))),
        stability=Stability(
            Verdict.UNSTABLE,
            0.04,
            0.97,
            causes=("Something ran.",),
            fps=Steady.STEADY,
            p99=Steady.UNSTEADY,
        ),
    )
    lines = format_summary([run]).splitlines()
    assert "Input:           data: u8, asked for" in lines
    assert "First inference: none before the measurement" in lines
    assert "    p75:          7.20 ms" in lines
    assert "    p50:" not in "\n".join(lines)
    assert "sync API" in lines[1]
    assert lines[-3:] == [
        "Stability:       FPS ±4.0 % steady · p99 ±97 % unsteady",
        "    Something ran.",
        "Throughput:      281.50 FPS (at most 300 requested)",
    ]


def test_what_was_requested_stands_beside_what_it_became() -> None:
    config = replace(
        RUN.config, hint="throughput", nireq=9, streams="100", threads=64, precision="bf16"
    )
    effective = replace(
        RUN.effective,
        execution_devices="CPU",
        device="AUTO",
        hint="latency",
        batch=8,
        batch_rule="N of the layout, from its shape, a guess as benchmark_app's",
    )
    assert format_summary([replace(RUN, config=config, effective=effective)]).splitlines()[1] == (
        "Configuration:   AUTO (runs on CPU), latency hint (throughput requested),"
        " nireq 4 (9 requested), streams 2 (100 requested), threads 2 (64 requested),"
        " f32 (bf16 requested), batch 8 (a guess from the shape), collected by callback"
    )


@pytest.mark.parametrize(
    ("requested", "api", "ending"),
    [
        ("auto", "async", "collected by callback"),
        ("callback", "async", "collected by callback"),
        ("spin", "async", "collected by callback (spin requested)"),
        ("spin", "sync", "nobody collects (spin requested)"),
        ("auto", "sync", "batch 1"),
    ],
)
def test_another_feeder_than_the_requested_one_is_said(
    requested: str, api: str, ending: str
) -> None:
    run = replace(
        RUN,
        config=replace(RUN.config, feeder=requested),
        effective=replace(RUN.effective, api=api),
    )
    assert format_summary([run]).splitlines()[1].endswith(f", {ending}")


def test_many_inputs_take_few_lines() -> None:
    past = tuple((f"past.{number}", "f32, the model's own") for number in range(48))
    rules = (("ids", "i64, the model's own"), *past)
    text = format_summary([replace(RUN, effective=replace(RUN.effective, input_rules=rules))])
    assert [line for line in text.splitlines() if line.startswith("Input")] == [
        "Input:           ids: i64, the model's own",
        "Inputs:          48 of them, past.0 to past.47: f32, the model's own",
    ]
    rules = tuple((f"in{number}", f"rule {number}") for number in range(20))
    text = format_summary([replace(RUN, effective=replace(RUN.effective, input_rules=rules))])
    lines = [line for line in text.splitlines() if line.startswith("Input")]
    assert len(lines) == 8
    assert lines[-1] == "Inputs:          13 more, each by a rule of its own"


def test_the_memory_is_the_runs_own_or_says_whose_it_is() -> None:
    known = replace(RUN, peak_rss_bytes=300 * 2**20)
    expected = "Peak memory:     300 MiB resident (peak of the process)"
    assert expected in format_summary([known]).splitlines()
    own = replace(known, run_peak_rss_bytes=142 * 2**20)
    expected = "Peak memory:     142 MiB resident during the run"
    assert expected in format_summary([own]).splitlines()


def test_earlier_runs_have_a_line_each_and_losses_are_told() -> None:
    first = replace(RUN, config=replace(RUN.config, hint="latency"))
    text = format_summary([first, replace(RUN, stats=replace(STATS, dropped=7))])
    assert "Not seen:        the latency of 7 iterations" in text
    assert text.splitlines()[-2] == "Earlier runs of this session:"
    assert text.splitlines()[-1].split("   ")[-1].strip().startswith("CPU, latency hint, nireq 4")


def test_a_model_name_cannot_steer_the_terminal() -> None:
    evil = replace(RUN, model=replace(RUN.model, name="m\x1b]0;owned\x07\n"))
    assert not set(format_summary([evil])) & {"\x1b", "\x07"}


def _run(number: int, fps: float, search: str = "", **requested: object) -> RunView:
    return replace(
        RUN,
        run_id=number,
        config=replace(RUN.config, **requested),
        stats=replace(STATS, fps_mean=fps),
        search=search,
    )


SESSION = [
    *(_run(n, 100.0 * n, nireq=n) for n in range(1, 8)),
    *(_run(n, 2000.0 - n, "sweep 3f9a2c41", nireq=n) for n in range(8, 14)),
    _run(14, 3000.0, model="other.xml"),
    _run(15, 50.0),
]


def test_of_many_runs_the_best_five_are_listed_and_a_search_is_one_of_them() -> None:
    lines = format_summary(SESSION, width=100).splitlines()
    place = lines.index("Earlier runs of this session, the best 5 of 9:")
    listed = lines[place + 1 :]
    assert [line.split()[0] for line in listed] == [
        "1992.00",
        "700.00",
        "600.00",
        "500.00",
        "400.00",
    ]
    assert listed[0].endswith("sweep (6 points): nireq 4, streams 2")
    assert listed[1].endswith("run 7: nireq 7")


def test_an_earlier_run_that_was_alike_says_alike_to_what() -> None:
    lines = format_summary([_run(5, 90.0), _run(7, 50.0)], width=100).splitlines()
    assert lines[-1].endswith("run 5: the same as run 7")


def test_the_run_that_was_watched_is_listed_however_slow_it_was() -> None:
    effect = DisplayOverhead(6, 0.998, 0.9911, 1.0044, 2.0)
    assert format_summary(SESSION, effect, 1).splitlines()[-1].endswith("watching 0.998")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_on_a_terminal_no_line_is_wider_and_nothing_of_the_run_is_lost(width: int) -> None:
    run = replace(
        SESSION[-1], stability=replace(RUN.stability, causes=("Many words that say why. " * 9,))
    )
    whole = format_summary([*SESSION[:-1], run])
    narrow = format_summary([*SESSION[:-1], run], width=width)
    assert all(width_of(line) <= width for line in narrow.splitlines())
    assert max(map(width_of, whole.splitlines())) > 120
    own, _, _ = narrow.partition("Earlier runs")
    own_whole, _, _ = whole.partition("Earlier runs")
    assert own.split() == own_whole.split()
    assert "\n                 " in own or width == 120  # below the begin of its text


def test_an_open_loop_is_described_from_its_arrivals_to_its_drops() -> None:
    config = replace(RUN.config, arrivals="poisson:111", queue_limit=20)
    run = replace(RUN, config=config, stats=replace(STATS, load=load_stats()))
    lines = format_summary([run]).splitlines()
    begin = lines.index("Duration:        10006.97 ms") + 1
    assert lines[begin : begin + 7] == [
        "Arrivals:        poisson:111: 11112 came, 10000 served, 1000 dropped by the queue limit,"
        " 109 dropped by the timeout, 3 not served when it ended",
        "Rates:           111.12/s offered, 100.00/s served, 11.09/s dropped",
        "Waiting:         average 3.50 ms, p50 2.25 ms, p90 8.50 ms, p99 21.00 ms",
        "Service:         average 5.50 ms, p50 5.25 ms, p90 6.50 ms, p99 9.75 ms",
        "Queue:           0.75 on average, at most 17 of 20",
        "Sleep error:     0.0123 ms on average, at most 1.50 ms: how late the feeder woke, a part"
        " of the waiting",
        "Latency from the scheduled arrival:",
    ]
    well = replace(STATS, load=load_stats(refused=0, expired=0, unserved=0, late_mean_ms=math.nan))
    text = format_summary([replace(run, stats=well)])
    assert "11112 came, 10000 served, none dropped\n" in text
    assert "Sleep error" not in text
