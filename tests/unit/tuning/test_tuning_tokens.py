"""The tuner for models that generate tokens: its limits, its windows, its words and columns."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.stats.run_stats import GenerationStats, GroupStats, RunStats
from ovbench_tui.sweep.curve import curves_of, knee_sentence
from ovbench_tui.sweep.report import format_sweep, sweep_csv, sweep_document
from ovbench_tui.tuning.invocation import read_plan
from ovbench_tui.tuning.progress import describe_board, describe_trial
from ovbench_tui.tuning.report import board_document, format_board
from ovbench_tui.tuning.search.finals import merged
from ovbench_tui.tuning.search.objective import Goal, Objective
from ovbench_tui.tuning.search.space import Point, Variant
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial
from ovbench_tui.tuning.trial_windows import TrialWindows, p90_interval
from ovbench_tui.tuning.why import why_it_won
from ovbench_tui.ui.charts.scatter import BEATEN
from ovbench_tui.ui.tabs.tune.tune_rows import columns_for, points_of, rows_for
from ovbench_tui.ui.tabs.tune.tune_view import TuneView
from tests.unit.stats.test_limits import STATS

TOKENS = EffectiveConfig(nireq=2, sequence_lengths=((16, 11),))
BOTH = Objective(Goal.TOKENS, ttft_p90_under_ms=500.0, tpot_p90_under_ms=50.0)


def near(value: float) -> Interval:
    return Interval(0.9 * value, value, 1.1 * value)


def figures_of(tokens_per_s: float, ttft_ms: float = 100.0, tpot_ms: float = 10.0) -> Figures:
    return Figures(
        *(near(tokens_per_s), near(tpot_ms), near(2 * tpot_ms)),
        *(5.0, 6),
        ttft_p90_ms=near(ttft_ms),
        tpot_p90_ms=near(tpot_ms),
        unit="tokens/s",
    )


def trial_of(nireq: int, figures: Figures, objective: Objective = BOTH, cache: str = "") -> Trial:
    point = Point(Variant(kv_cache_precision=cache), nireq)
    return Trial(point, figures, objective.score(figures), Ending.STABLE)


def board_of(*trials: Trial, objective: Objective = BOTH) -> TuningState:
    return TuningState(objective, Phase.DONE, trials, None, Figures(), len(trials), elapsed_s=9.0)


# --- limits ------------------------------------------------------------------------------------


def test_the_most_tokens_win_that_keep_every_limit() -> None:
    kept = trial_of(1, figures_of(50))
    late, slow = trial_of(4, figures_of(90, ttft_ms=700)), trial_of(2, figures_of(70, tpot_ms=60))
    unsure = trial_of(3, figures_of(80, ttft_ms=480))  # whose interval reaches 528 ms
    board = board_of(late, slow, unsure, kept)
    assert board.winner is kept
    assert [trial.point.nireq for trial in board.ranked] == [1, 3, 2, 4]
    notes = [BOTH.over_limit_note(trial.figures) for trial in board.ranked]
    assert notes == [
        "",
        "TTFT p90 may be over the limit",
        "TPOT p90 over the limit",
        "TTFT p90 over the limit",
    ]


def test_of_two_limits_the_worse_one_counts() -> None:
    worse = figures_of(90, ttft_ms=1000, tpot_ms=60)
    assert BOTH.score(worse).mid == pytest.approx(-2.0)
    assert BOTH.score(figures_of(90, ttft_ms=600, tpot_ms=100)).mid == pytest.approx(-2.0)
    worst = BOTH.worst_limit(worse)
    assert worst is not None
    assert worst.option == "--ttft-p90-under"


def test_a_figure_that_is_not_known_yet_may_miss_its_limit() -> None:
    unknown = replace(figures_of(90), ttft_p90_ms=Interval())
    trial = trial_of(1, unknown)
    assert trial.may_keep_limit
    assert not trial.is_within_limit
    assert "gave too few figures for its TTFT p90" in why_it_won(board_of(trial))


def test_what_comes_nearest_is_said_with_the_limit_that_it_misses() -> None:
    far = trial_of(4, figures_of(90, ttft_ms=900))
    nearest = trial_of(2, figures_of(70, tpot_ms=60))
    assert why_it_won(board_of(far, nearest)) == (
        "No configuration keeps TTFT p90 under 500 ms and TPOT p90 under 50 ms: 2 requests comes"
        " nearest with a TPOT p90 of 60 ms."
    )


def test_in_words() -> None:
    assert BOTH.describe() == (
        "most tokens a second with TTFT p90 under 500 ms and TPOT p90 under 50 ms"
    )
    assert Objective().describe("tokens/s") == "most tokens a second"
    assert Objective(Goal.LATENCY).describe("tokens/s") == "lowest median time per output token"
    assert Objective(p99_under_ms=5.0).describe("tokens/s").endswith("with TPOT p99 under 5 ms")


@pytest.mark.parametrize(
    ("objective", "option"),
    [
        (Objective(Goal.TOKENS), "--objective tokens"),
        (Objective(ttft_p90_under_ms=5.0), "--ttft-p90-under"),
        (Objective(tpot_p90_under_ms=5.0), "--tpot-p90-under"),
    ],
)
def test_it_is_not_for_other_models(objective: Objective, option: str) -> None:
    assert objective.misfit(EffectiveConfig()).startswith(f"{option} is for models that generate")
    assert objective.misfit(TOKENS) == ""
    assert Objective(p99_under_ms=5.0).misfit(EffectiveConfig()) == ""


# --- a measurement ----------------------------------------------------------------------------

PROMPT_S, TOKEN_S, NEW = 1.0, 0.1, 11
REQUEST_S = PROMPT_S + (NEW - 1) * TOKEN_S


def group(count: int, ms: float) -> GroupStats:
    return GroupStats(count, ms, ms, ms, ms, p90_ms=ms, p99_ms=ms)


def stats_at(now_s: float) -> RunStats:
    """Of two requests at once in step: a second for the prompt, then a token every 0.1 s."""
    whole, rest_s = divmod(now_s + 1e-9, REQUEST_S)
    begun = int(rest_s >= PROMPT_S)
    tokens = int((rest_s - PROMPT_S) / TOKEN_S) if begun else 0
    prompts, others = int(whole) + begun, int(whole) * (NEW - 1) + tokens
    count = 2 * (prompts + others)
    # Rates end with the last token that came.
    last_s = whole * REQUEST_S + (PROMPT_S + tokens * TOKEN_S if begun else 0.0)
    generation = GenerationStats(
        *(group(2 * prompts, 1e3 * PROMPT_S), group(2 * others, 1e3 * TOKEN_S)),
        *(group(2 * int(whole), 1e3 * REQUEST_S), 0, 0.0, 0.0),
    )
    rate = count / last_s if last_s else 0.0
    return replace(
        *(STATS,), count=count, frames=count, fps_mean=rate, elapsed_s=now_s, generation=generation
    )


def test_prompts_and_tokens_are_in_every_window_as_in_a_whole_request() -> None:
    tally = TrialWindows(TOKENS)
    assert tally.figures.unit == "tokens/s"  # also before there are any
    closed = [step / 10 for step in range(1, 70) if tally.add(stats_at(step / 10))]
    assert closed == pytest.approx([REQUEST_S, 2 * REQUEST_S, 3 * REQUEST_S])
    figures = tally.figures
    assert (figures.unit, figures.windows) == ("tokens/s", 3)
    assert figures.fps.mid == pytest.approx(2 * NEW / REQUEST_S)
    assert figures.ttft_p90_ms.mid == 1e3 * PROMPT_S
    assert figures.tpot_p90_ms.mid == 1e3 * TOKEN_S


def test_statistics_that_begin_again_are_measured_from_there() -> None:
    tally = TrialWindows(TOKENS)
    for step in range(1, 50):
        tally.add(stats_at(step / 10))
    assert tally.figures.windows == 2
    for step in range(1, 25):
        tally.add(stats_at(step / 10))
    assert tally.figures.windows == 1
    assert tally.figures.fps.mid == pytest.approx(2 * NEW / REQUEST_S)


def test_the_interval_of_a_p90_narrows_with_the_number_of_requests() -> None:
    spread = GroupStats(0, 1.0, 5.0, 5.0, 20.0, p90_ms=10.0, p99_ms=15.0)
    few, many = (p90_interval(replace(spread, count=count)) for count in (6, 10_000))
    assert few.high == 20.0
    assert few.low < many.low < 10.0 < many.high < 10.5
    assert p90_interval(replace(spread, count=1)) == Interval()


def test_finals_keep_the_figures_of_tokens() -> None:
    rounds = [figures_of(90 + step, ttft_ms=100 + step) for step in (-1, 0, 1, 0)]
    figures = merged(rounds)
    assert figures.unit == "tokens/s"
    assert figures.ttft_p90_ms.low < figures.ttft_p90_ms.mid == pytest.approx(100, rel=1e-3)
    assert figures.tpot_p90_ms.mid == pytest.approx(10)


# --- what is varied ------------------------------------------------------------------------------


def test_a_pipeline_is_tuned_in_requests_and_tokens_of_a_step() -> None:
    base = BenchmarkConfig(model="m.gguf", hint="latency")
    space = read_plan([], base, cpus=2).space
    assert (space.hints, space.streams) == (("latency",), ("",))
    assert space.batched_tokens == (0, 1024)
    assert space.nireq[-1] == 32
    assert read_plan(["--concurrency", "1..3"], base).space.nireq == (1, 2, 3)
    words = ["--kv-cache-precision", "default,u8", "--max-batched-tokens", "0,512"]
    plan = read_plan([*words, "--objective", "tokens", "--ttft-p90-under", "500"], base, cpus=2)
    assert plan.space.kv_cache_precisions == ("", "u8")
    assert len(plan.space.variants) == 4
    assert plan.objective == Objective(Goal.TOKENS, ttft_p90_under_ms=500.0)
    config = Point(plan.space.variants[-1], 3).config(base)
    assert (config.kv_cache_precision, config.batched_tokens) == ("u8", 512)


def test_other_models_keep_their_streams() -> None:
    space = read_plan([], BenchmarkConfig(model="m.xml", batched_tokens=7), cpus=2).space
    assert (space.streams, space.batched_tokens) == (("1", "2"), (7,))


# --- what it says --------------------------------------------------------------------------------

TRIALS = (
    trial_of(2, figures_of(90), cache="u8"),
    trial_of(1, figures_of(60), cache="u8"),
    trial_of(2, figures_of(70)),
)


def test_the_table_has_the_columns_of_tokens() -> None:
    board = board_of(*TRIALS)
    text = format_board(board)
    head = text.splitlines()[0]
    for title in ("KV cache", "tokens/s", "TTFT p90 ms", "TPOT p50 ms", "p90 ms", "p99 ms"):
        assert title in head
    assert "more tokens/s and a lower TPOT p99" in text
    assert "FPS" not in text
    assert "KV cache u8 with 2 requests" in text
    lines = [describe_trial(TRIALS[0], board), describe_board(board)]
    assert lines[0].endswith("90.0 tokens/s, TTFT p90 100 ms, TPOT p90 10 ms")
    assert "best 90.0 tokens/s with" in lines[1]


def test_the_document_has_the_figures_of_tokens() -> None:
    document = json.loads(board_document(board_of(*TRIALS), model="m", exit_code=0))
    first = document["trials"][0]
    assert (first["unit"], first["kv_cache_precision"]) == ("tokens/s", "u8")
    assert first["ttft_p90_ms"] == {"low": 90.0, "value": 100.0, "high": pytest.approx(110.0)}
    assert document["objective"]["ttft_p90_under_ms"] == 500.0


def test_the_leaderboard_has_them_too() -> None:
    board = board_of(*TRIALS, trial_of(3, figures_of(95, ttft_ms=800)))
    titles = [column.title for column in columns_for(points_of(board), board.unit)]
    for title in ("KV cache", "tokens/s", "TTFT p90", "TPOT p50", "TPOT p90", "TPOT p99"):
        assert title in titles
    assert not {"FPS", "p50", "p99"} & set(titles)
    rows = rows_for(board)
    assert rows[0].cells[titles.index("tokens/s")].text.strip() == "90.0"
    assert rows[0].cells[titles.index("TTFT p90")].order == 100.0
    assert rows[-1].cells[-1].text == "TTFT p90 over the limit"
    drawn = "".join(text for text, _ in TuneView().chart(board, 100, 40)[0])
    assert drawn.startswith(" tokens/s over TPOT p99")


def test_a_sweep_speaks_of_tokens() -> None:
    board = board_of(
        trial_of(1, figures_of(50)), trial_of(2, figures_of(90)), trial_of(4, figures_of(91))
    )
    (curve,) = curves_of(board)
    assert knee_sentence(curve).startswith(
        "The knee is at nireq 2 (2 to 4 within the noise), with 90 tokens/s and a TPOT p99 of 20 ms"
    )
    text = format_sweep(board)
    assert "TTFT p90 ms" in text.splitlines()[0]
    assert "FPS" not in text
    (point, *_) = json.loads(sweep_document(board, model="m", exit_code=0))["curves"][0]["points"]
    assert point["tpot_p90_ms"]["value"] == 10.0
    row = next(csv.DictReader(io.StringIO(sweep_csv(board))))
    assert (row["unit"], row["ttft_p90_ms"]) == ("tokens/s", "100.0")
    assert math.isclose(float(row["tpot_p90_ms"]), 10.0)


def test_the_chart_is_drawn_while_the_first_configuration_is_measured() -> None:
    board = TuningState(BOTH, Phase.SEARCH, (), Point(Variant(), 1), figures_of(90), 4, 1.0)
    lines = TuneView().chart(board, 100, 40)
    text = ["".join(part for part, _ in line) for line in lines]
    assert text[0].startswith(" tokens/s over TPOT p99")
    assert any(BEATEN in line for line in text[1:])
