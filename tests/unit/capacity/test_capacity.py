"""The search for the capacity, on a queue whose knee is known, and on made-up rounds."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from ovbench_tui.capacity.invocation import read_capacity_invocation, read_capacity_plan
from ovbench_tui.capacity.knee import ALLOWED, Round, knee_of
from ovbench_tui.capacity.rates import (
    Capacity,
    Rate,
    Verdict,
    capacity_of,
    capacity_sentence,
    overload_of,
)
from ovbench_tui.capacity.report import (
    capacity_csv,
    capacity_document,
    describe_search,
    exit_code_of,
    format_capacity,
)
from ovbench_tui.capacity.start import (
    CapacityPlan,
    find_capacity,
    make_capacity_search,
    variant_of,
)
from ovbench_tui.config.load.load_options import QUEUE_LIMIT
from ovbench_tui.config.load.pattern import CONSTANT, POISSON, ArrivalPattern
from ovbench_tui.errors import BadInputError
from ovbench_tui.tuning.search.space import Point, Variant
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial
from ovbench_tui.tuning.tuner import Tuner
from tests.unit.capacity.queue_machine import SERVICE_S, QueueMachine, md1_knee, md1_served_within
from tests.unit.load_figures import load_stats
from tests.unit.reported import VIEW
from tests.unit.tuning.tuned_machine import BASE, run_to_end

LIMIT_MS = 30.0
ONE = replace(BASE, nireq=1)


def search(
    kind: str,
    limit_ms: float = LIMIT_MS,
    *,
    queue_limit: int = 10_000,
    max_time_s: float = 1e6,
    until: Callable[[Tuner], bool] = lambda _: False,
) -> TuningState:
    machine = QueueMachine()
    machine.queue_limit = queue_limit
    pattern = ArrivalPattern(kind, 1.0, seed=200 if kind == POISSON else 0)
    plan = CapacityPlan(pattern, limit_ms, max_time_s)
    tuner = make_capacity_search(ONE, plan, clock=machine.clock)
    run_to_end(tuner, machine, until)
    tuner.stop()
    return tuner.board


@pytest.fixture(scope="module")
def found() -> TuningState:
    """Poisson arrivals at one server."""
    return search(POISSON)


def test_the_formula_of_the_queue_is_that_of_its_mean() -> None:
    # The mean of the wait, as the sum of the chances that it lasts longer (Pollaczek, Khinchine).
    rate, step_s = 100.0, 1e-5
    waits = (1 - md1_served_within(SERVICE_S + n * step_s, rate) for n in range(8000))
    assert sum(waits) * step_s == pytest.approx(0.5 * SERVICE_S / (2 * 0.5), rel=0.01)


def test_the_capacity_is_where_the_p99_of_the_queue_reaches_the_limit(found: TuningState) -> None:
    capacity, knee = capacity_of(found), md1_knee(LIMIT_MS / 1e3)
    assert capacity.knee.mid == pytest.approx(knee, rel=0.05)
    assert capacity.knee.low < knee < capacity.knee.high
    assert capacity.most_per_s == pytest.approx(1 / SERVICE_S, rel=0.01)
    assert exit_code_of(capacity) == 0
    assert capacity_sentence(capacity).startswith(
        f"Capacity: p99 under 30 ms holds up to {capacity.knee.mid:.4g}/s (95 % interval"
    )
    seeds = [trial.point.arrivals.partition("seed=")[2] for trial in found.trials]
    assert len(set(seeds[1:])) == len(seeds) - 1  # after the closed loop, other gaps each time


def test_below_the_interval_a_rate_holds_above_it_fails_and_within_it_is_undecided(
    found: TuningState,
) -> None:
    capacity = capacity_of(found)
    knee = capacity.knee
    verdicts = {rate.per_s: capacity.verdict(rate) for rate in capacity.rates}
    assert set(verdicts.values()) == set(Verdict)
    for per_s, verdict in verdicts.items():
        assert (verdict is Verdict.HOLDS) == (per_s <= knee.low)
        assert (verdict is Verdict.FAILS) == (per_s >= knee.high)


def test_regular_arrivals_hold_up_to_the_most_that_can_be_served() -> None:
    capacity = capacity_of(search(CONSTANT))
    assert capacity.knee.high == pytest.approx(1 / SERVICE_S, rel=0.01)
    assert capacity.knee.low == pytest.approx(1 / SERVICE_S, rel=0.05)
    assert all(rate.waiting_ms < 0.1 for rate in capacity.rates)


def test_a_limit_below_the_service_holds_at_no_rate() -> None:
    capacity = capacity_of(search(POISSON, 1e3 * SERVICE_S * 0.9))
    assert exit_code_of(capacity) == 4
    assert not capacity.is_known
    assert {capacity.verdict(rate) for rate in capacity.rates} <= {Verdict.OPEN}
    assert "No capacity: p99 under 4.5 ms holds at none" in capacity_sentence(capacity)


def test_what_is_dropped_keeps_a_rate_from_holding() -> None:
    # With one that may wait the p99 is never above 15 ms, so only the drops make a knee.
    capacity = capacity_of(
        search(POISSON, queue_limit=1, until=lambda tuner: len(tuner.board.trials) > 9)
    )
    assert max(rate.p99_ms.mid for rate in capacity.rates) < 1e3 * SERVICE_S * 3.01
    dropping = [rate for rate in capacity.rates if rate.dropped]
    assert dropping
    assert {capacity.verdict(rate) for rate in dropping} == {Verdict.FAILS}
    assert all("dropped" in rate.overload for rate in dropping)


def test_a_search_that_is_stopped_or_runs_out_of_time_keeps_its_rounds() -> None:
    board = search(POISSON, until=lambda tuner: len(tuner.board.trials) > 3)
    assert board.trials[-1].ending in (Ending.STOPPED, Ending.STABLE, Ending.WORSE)
    assert exit_code_of(capacity_of(board)) == 5
    timed = search(POISSON, max_time_s=30.0)
    assert timed.reason == "The time of 30 s was over before everything was tried."
    assert capacity_of(timed).rates


def test_a_share_that_grows_with_the_rate_meets_what_is_allowed_at_the_knee() -> None:
    rates = [80.0, 90.0, 96.0, 104.0, 110.0, 140.0]
    rounds = [Round(rate, round(1e6 * ALLOWED * (rate / 100) ** 6), 10**6) for rate in rates]
    found = knee_of(tuple(rounds))
    assert found.mid == pytest.approx(100, rel=0.005)
    assert found.low < 100 < found.high
    assert found.half_width < 0.02


def test_a_step_lies_between_the_rates_on_both_sides_of_it() -> None:
    rates = (92.0, 94.0, 96.0, 98.0, 100.0, 102.0, 104.0, 106.0) * 8
    rounds = tuple(Round(rate, 0 if rate < 99 else 800, 800) for rate in rates)
    found = knee_of(rounds)
    assert (found.low, found.high) == (98.0, 100.0)
    assert 98 < found.mid < 100


@pytest.mark.parametrize(
    "rounds", [(), (Round(5, 0, 9),), (Round(5, 9, 9), Round(9, 9, 9)), (Round(5, 0, 9),) * 9]
)
def test_from_one_side_there_is_no_knee(rounds: tuple[Round, ...]) -> None:
    assert math.isnan(knee_of(rounds).mid)


def test_a_few_rounds_that_hardly_differ_give_no_interval() -> None:
    rounds = (Round(5.7, 0, 120), Round(6.3, 2, 120), Round(6.7, 1, 120), Round(7.0, 2, 120))
    found = knee_of(rounds)
    assert 5 < found.mid < 8
    assert not found.half_width < 0.5


def test_spells_widen_the_interval() -> None:
    even = [Round(rate, late, 1000) for rate, late in ((90, 5), (95, 7), (105, 14), (110, 19)) * 4]
    spells = [
        replace(one, late=one.late * 3 * (number % 3 == 0)) for number, one in enumerate(even)
    ]
    assert knee_of(tuple(spells)).half_width > 1.5 * knee_of(tuple(even)).half_width


def test_table_document_and_csv_say_the_same(found: TuningState) -> None:
    capacity = capacity_of(found)
    text = format_capacity(found)
    document = json.loads(capacity_document(found, model="some.xml", exit_code=0))
    rows = list(csv.DictReader(io.StringIO(capacity_csv(found))))
    assert len(document["rates"]) == len(rows) == len(capacity.rates)
    for member, row, rate in zip(document["rates"], rows, capacity.rates, strict=True):
        assert member["rate"] == float(row["rate"]) == rate.per_s
        assert member["verdict"] == row["verdict"] == capacity.verdict(rate).value
        assert member["p99_ms"]["value"] == float(row["p99_ms"])
        assert len(member["rounds"]) == int(row["rounds"])
    assert document["capacity_per_s"]["value"] == capacity.knee.mid
    assert document["p99_under_ms"] == LIMIT_MS
    assert text.count("holds") == 1 + list(map(capacity.verdict, capacity.rates)).count(
        Verdict.HOLDS
    )
    assert text.splitlines()[-1].startswith("ovbench-tui some.xml")
    assert "--arrivals poisson:" in text.splitlines()[-1]
    assert f"capacity about {capacity.knee.mid:.4g}/s" in describe_search(found)


def test_nothing_is_said_before_anything_is_measured() -> None:
    assert capacity_sentence(Capacity(20.0, ())) == ""
    assert exit_code_of(Capacity(20.0, ())) == 5


def test_the_limit_and_the_arrivals_are_read() -> None:
    given = read_capacity_invocation(
        ["m.xml", "--p99-under", "20", "--arrivals", "bursts,period=2s,factor=4", "-nireq", "2"]
    )
    assert given.plan.p99_under_ms == 20.0
    assert given.plan.pattern.at_rate(50.0).text == "bursts:50,period=2s,factor=4"
    assert given.base.nireq == 2
    assert given.options == "--p99-under=20 --arrivals=bursts,period=2s,factor=4"
    assert read_capacity_plan([], replace(BASE, p99_under_ms=7.0)).p99_under_ms == 7.0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--p99-under", "20"], "No MODEL is given"),
        (["m.xml"], "No limit is given"),
        (["m.xml", "--p99-under", "-1"], "is not a valid limit"),
        (["m.xml", "--p99-under", "20", "--arrivals", "poisson:5"], "has a rate of its own"),
        (["m.xml", "--p99-under", "20", "--arrivals", "a.csv"], "has a rate of its own"),
        (["m.xml", "--p99-under", "20", "--arrivals", "often"], "is not a pattern of arrivals"),
        (["m.xml", "--p99-under", "20", "-t", "5"], "each round ends by itself"),
        (["m.xml", "--p99-under", "20", "-api", "sync"], "-nireq 1 serves one arrival"),
        (["m.xml", "--p99-under", "20", "--scenario", "offline"], "rules are for one run"),
        (["m.xml", "--p99-under", "20", "--ttft-p90-under", "5"], "generates tokens"),
    ],
)
def test_bad_command_lines_get_one_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_capacity_invocation(words)


def test_a_model_that_generates_tokens_is_refused_in_a_sentence() -> None:
    machine = QueueMachine()
    machine.generates = True
    plan = CapacityPlan(ArrivalPattern(POISSON, 1.0), LIMIT_MS, 100.0)
    board = run_to_end(make_capacity_search(ONE, plan, clock=machine.clock), machine)
    assert "generates tokens, for which there are no arrivals" in board.misfit
    assert not board.trials


def round_of(unserved: int, over_limit: int = 5) -> Trial:
    """9,700 of 10,000 arrivals were served, 1,000 a second, each in 300 ms on average."""
    load = load_stats(
        offered=10_000, served=9700, refused=0, expired=0, unserved=unserved, served_per_s=1000
    )
    waiting, service = (replace(load.waiting, mean_ms=ms) for ms in (200.0, 100.0))
    figures = Figures(
        Interval(mid=1000.0),
        p99_ms=Interval(350.0, 400.0, 450.0),
        load=replace(load, waiting=waiting, service=service),
        over_limit=over_limit,
    )
    return Trial(
        Point(Variant(), 1, "poisson:1000"), figures, Interval(mid=1.0), Ending.STABLE, run=VIEW
    )


def test_what_is_on_its_way_at_the_end_is_not_left_behind() -> None:
    # By Little's law 300 are in there, and 2 of the requests and 2 % may be left as well.
    assert overload_of(round_of(502)) == ""
    assert overload_of(round_of(503)) == "served falls behind"


def test_a_round_that_fell_behind_is_late_as_a_whole_and_the_others_as_they_were() -> None:
    rate = Rate(1000.0, (round_of(9), round_of(900), round_of(9, over_limit=7)))
    assert [one.late for one in rate.late] == [5, 9700, 7]
    assert rate.overload == ""
    assert replace(rate, rounds=rate.rounds[:2] + rate.rounds[1:2]).overload != ""


def test_options_of_arrivals_are_for_the_rates_and_not_for_the_closed_loop() -> None:
    base = replace(ONE, queue_limit=5, timeout_ms=30.0)
    walk = find_capacity(variant_of(base), 1, ArrivalPattern(POISSON, 1.0))
    most = next(walk)
    config = most.config(base)
    assert (config.arrivals, config.queue_limit, config.timeout_ms) == ("", QUEUE_LIMIT, 0.0)
    rate = walk.send(replace(round_of(0), point=most))
    config = rate.config(base)
    assert config.arrivals == rate.arrivals != ""
    assert (config.queue_limit, config.timeout_ms) == (5, 30.0)


def test_a_round_that_fails_ends_the_search_and_counts_as_nothing() -> None:
    machine = QueueMachine()
    machine.refuses = lambda config: "No memory." if config.arrivals else ""
    plan = CapacityPlan(ArrivalPattern(POISSON, 1.0), LIMIT_MS, 1e6)
    board = run_to_end(make_capacity_search(ONE, plan, clock=machine.clock), machine)
    capacity = capacity_of(board)
    assert len(board.trials) == 2
    assert [rate.failure for rate in capacity.rates] == ["No memory."]
    assert capacity_sentence(capacity) == ""
    assert exit_code_of(capacity) == 5
    assert "No memory." in format_capacity(board)
