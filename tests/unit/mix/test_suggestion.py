"""Which split of the processors is suggested, where it is known what each gives."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.mix.member import named
from ovbench_tui.mix.session import MixSession
from ovbench_tui.mix.splits import splits_of
from ovbench_tui.mix.suggestion import Measured, Split, SuggestionSearch
from ovbench_tui.mix.suggestion_report import (
    conclusion,
    format_suggestion,
    suggestion_document,
)
from ovbench_tui.stats.limits import LimitResult, LimitVerdict
from tests.unit.mix.rigged import World

NAMES = ("a", "b")


def _words(config: BenchmarkConfig) -> tuple[str, int, int]:
    return config.streams, config.threads, config.nireq


def test_two_models_on_two_processors() -> None:
    base = (BenchmarkConfig(model="a.xml"), BenchmarkConfig(model="b.xml"))
    splits = splits_of(base, 2)
    assert [tuple(map(_words, split)) for split in splits] == [
        (("1", 1, 1), ("1", 1, 1)),
        (("1", 1, 2), ("1", 1, 2)),
        (("1", 2, 1), ("1", 2, 1)),
        (("2", 2, 2), ("2", 2, 2)),
        (("2", 2, 4), ("2", 2, 4)),
    ]
    assert [config.model for config in splits[0]] == ["a.xml", "b.xml"]


def test_one_of_the_models_may_get_most_of_the_processors() -> None:
    base = tuple(BenchmarkConfig(model=name) for name in "abc")
    threads = {tuple(config.threads for config in split) for split in splits_of(base, 12)}
    assert threads == {(4, 4, 4), (8, 2, 2), (2, 8, 2), (2, 2, 8), (12, 12, 12)}


def test_other_devices_are_left_as_they_are_and_one_request_stays_one() -> None:
    base = (
        BenchmarkConfig(model="a", device="GPU", nireq=3),
        BenchmarkConfig(model="b", api="sync", nireq=1),
    )
    splits = splits_of(base, 4)
    assert {split[0] for split in splits} == {base[0]}
    assert {split[1].nireq for split in splits} == {1}
    assert splits_of(base[:1], 4) == ()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def search_in(
    world: World, *, limits: tuple[float, float] = (0.0, 0.0), max_time_s: float = 1e9
) -> SuggestionSearch:
    members = named(
        [
            BenchmarkConfig(model=f"{name}.xml", fps_above=limit)
            for name, limit in zip(NAMES, limits, strict=True)
        ]
    )
    rates = iter(((400.0, 200.0), (100.0, 80.0)))
    mix = MixSession(
        members,
        in_turns=False,
        clock=world.clock,
        open_session=lambda config: world.session(config, *next(rates)),
    )
    now = tuple(member.config for member in members)
    search = SuggestionSearch(
        mix,
        now,
        splits_of(now, 2),
        max_time_s=max_time_s,
        slice_s=0.5,
        seed=5,
        clock=world.clock,
    )
    mix.start()
    return search


def to_the_end(world: World, search: SuggestionSearch) -> SuggestionSearch:
    for _ in range(20_000):
        search.advance()
        if search.is_over:
            return search
        world.go_on()
    raise AssertionError("it never came to its end")


def only(streams: str, threads: int, factor: float) -> Callable[[BenchmarkConfig], float]:
    def speed(config: BenchmarkConfig) -> float:
        return factor if (config.streams, config.threads) == (streams, threads) else 1.0

    return speed


def test_the_split_that_serves_all_best_is_found(world: World) -> None:
    world.speed = only("1", 2, 1.5)
    search = to_the_end(world, search_in(world))
    assert search.winner is not None
    assert [_words(config) for config in search.winner.configs] == [("1", 2, 1)] * 2
    assert search.is_better
    assert search.ratio.ratio == pytest.approx(1.5, rel=0.03)
    assert search.ratio.pairs >= 6
    text = format_suggestion(search, NAMES)
    assert "This split is better for all together: 1." in text
    assert "ovbench-tui mix 'a.xml" in text
    assert "-nstreams 1 -nthreads 2" in text
    document = json.loads(suggestion_document(search, NAMES, exit_code=0))
    assert document["is_better"]
    assert [split["is_winner"] for split in document["splits"]].count(True) == 1
    assert len(document["splits"]) == 6


def test_where_no_split_is_better_that_is_the_answer(world: World) -> None:
    search = to_the_end(world, search_in(world))
    assert not search.is_better
    assert conclusion(search).startswith("No split was better than now within ±3 %")
    assert json.loads(suggestion_document(search, NAMES, exit_code=0))["command"] is None


def test_limits_come_before_throughput(world: World) -> None:
    def speed(config: BenchmarkConfig) -> float:
        # The fastest for both in the mean starves b, which has a limit.
        if config.streams == "2":
            return 4.0 if config.model == "a.xml" else 0.5
        return 1.1 if (config.streams, config.threads) == ("1", 2) else 1.0

    world.speed = speed
    search = to_the_end(world, search_in(world, limits=(0.0, 85.0)))
    assert search.winner is not None
    assert [_words(config) for config in search.winner.configs] == [("1", 2, 1)] * 2
    assert search.now.missed
    assert not search.winner.missed
    assert search.is_better
    assert conclusion(search).startswith("This split keeps every limit, which what there is does")


@pytest.mark.parametrize(
    ("verdict", "p99_ms", "is_missed"),
    [
        (LimitVerdict.PASSED, 5.0, False),
        (LimitVerdict.FAILED, 15.0, True),
        (LimitVerdict.FAILED, 5.0, True),  # arrivals were dropped
        (LimitVerdict.UNDECIDED, 5.0, False),
        (LimitVerdict.UNDECIDED, 15.0, True),
        (LimitVerdict.UNDECIDED, math.nan, False),
    ],
)
def test_a_limit_is_missed_by_the_verdict_and_before_that_by_the_figure(
    verdict: LimitVerdict, p99_ms: float, is_missed: bool
) -> None:
    limit = LimitResult("p99_ms", 10.0, p99_ms, verdict)
    assert Split((), race=[Measured((9.0,), (limit,))]).missed == ((limit,) if is_missed else ())


def test_a_split_that_cannot_run_is_left_out(world: World) -> None:
    world.speed = only("2", 2, 1.5)
    world.rejects = lambda config: "Too many streams." if config.streams == "2" else ""
    search = to_the_end(world, search_in(world))
    failed = [split for split in search.splits if split.reason]
    assert [split.reason for split in failed] == ["a: Too many streams."] * 2
    assert search.winner is not None
    assert not search.is_better
    assert format_suggestion(search, NAMES).count("failed") == 2


def test_the_time_is_kept(world: World) -> None:
    begun_s = world.now_s
    search = to_the_end(world, search_in(world, max_time_s=10.0))
    assert world.now_s - begun_s < 12.0
    assert search.winner is not None
    assert not math.isnan(search.ratio.ratio)
