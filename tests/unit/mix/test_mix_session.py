"""What models cost each other, where the truth is known: rates alone, rates together, limits."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.run_sink import FinishedRun
from ovbench_tui.errors import MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE
from ovbench_tui.mix.member import named, weighted_speedup
from ovbench_tui.mix.report import format_mix, limits_ending, mix_csv, mix_document
from ovbench_tui.mix.session import MixSession
from ovbench_tui.mix.view import MixView, Stage
from ovbench_tui.stats.limits import LimitVerdict
from tests.unit.mix.rigged import World

RATES = ((200.0, 100.0), (50.0, 40.0))
"""FPS alone and together of each."""


class Sink:
    def __init__(self) -> None:
        self.runs: list[FinishedRun] = []

    def take(self, run: FinishedRun) -> None:
        self.runs.append(run)

    def sentences(self) -> tuple[str, ...]:
        return ()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def mix_of(
    world: World,
    *configs: BenchmarkConfig,
    sink: Sink | None = None,
    in_turns: bool = True,
) -> MixSession:
    configs = configs or (BenchmarkConfig(model="a.xml"), BenchmarkConfig(model="b.xml"))
    rates = iter(RATES)
    mix = MixSession(
        named(configs),
        in_turns=in_turns,
        clock=world.clock,
        seed=3,
        open_session=lambda config: world.session(config, *next(rates), sink=sink),
    )
    mix.start()
    return mix


def until(world: World, mix: MixSession, is_so: Callable[[MixView], bool]) -> MixView:
    for _ in range(20_000):
        view = mix.advance()
        if is_so(view):
            return view
        world.go_on()
    raise AssertionError(f"it never came to it: {view}")


def test_each_is_measured_alone_and_together(world: World) -> None:
    sink = Sink()
    mix = mix_of(world, sink=sink)
    view = until(world, mix, lambda view: view.rounds == 4)
    assert view.measured_s == pytest.approx(4 * 3, rel=0.03)
    for one, (alone, together) in zip(view.members, RATES, strict=True):
        assert one.alone is not None
        assert one.together is not None
        assert one.alone.stats.fps_mean == pytest.approx(alone, rel=0.02)
        assert one.together.stats.fps_mean == pytest.approx(together, rel=0.02)
        assert one.alone.stats.p50_ms == pytest.approx(1000 / alone, rel=0.01)
        assert one.together.stats.p99_ms == pytest.approx(1000 / together, rel=0.01)
        # Four turns of a second: nothing of the time between them is counted.
        assert one.together.stats.count == pytest.approx(4 * together, rel=0.03)
        assert one.fps.pairs == 4
        assert one.fps.ratio == pytest.approx(together / alone, rel=0.02)
        assert one.fps.low <= one.fps.ratio <= one.fps.high < 1
        assert one.p50.ratio == pytest.approx(alone / together, rel=0.01)
    assert weighted_speedup(view.members) == pytest.approx(0.5 + 0.8, rel=0.02)
    text = format_mix(view)
    assert "a: together it keeps " in text
    assert "Together they do 1." in text
    document = json.loads(mix_document(view, exit_code=0))
    assert document["rounds"] == 4
    assert [one["name"] for one in document["models"]] == ["a", "b"]
    assert document["models"][1]["ratio"]["fps"]["value"] == pytest.approx(0.8, rel=0.02)
    assert len(document["models"][0]["slices"]) == 8
    head, first, _ = mix_csv(view).splitlines()
    row = dict(zip(head.split(","), first.split(","), strict=True))
    assert float(row["fps_together"]) == pytest.approx(100.0, rel=0.02)
    assert sink.runs == []
    mix.close(0.0)
    # Both runs of each are kept, all under one mark; nothing that came before them is.
    assert len({run.result.view.search for run in sink.runs}) == 1
    assert sink.runs[0].result.view.search.startswith("mix ")
    assert sorted((run.result.view.config.model, run.result.view.change) for run in sink.runs) == [
        ("a.xml", "alone"),
        ("a.xml", "together"),
        ("b.xml", "alone"),
        ("b.xml", "together"),
    ]


def test_limits_are_judged_by_what_is_done_together(world: World) -> None:
    mix = mix_of(
        world,
        BenchmarkConfig(model="a.xml", fps_above=150.0),  # it does alone, and not together
        BenchmarkConfig(model="b.xml", fps_above=35.0),
    )
    view = until(world, mix, lambda view: view.rounds == 2)
    verdicts = [one.limits[0].verdict for one in view.members]
    assert verdicts == [LimitVerdict.FAILED, LimitVerdict.PASSED]
    ending = limits_ending(view.members)
    assert ending.exit_code == MISSED_EXIT_CODE
    assert ending.error.startswith("a: FPS above 150: failed with ")
    assert limits_ending(view.members[1:]).exit_code == 0


def test_a_limit_may_be_undecided(world: World) -> None:
    configs = (BenchmarkConfig(model="a.xml"), BenchmarkConfig(model="b.xml", p99_under_ms=30.0))
    view = until(world, mix_of(world, *configs), lambda view: view.rounds == 1)
    ending = limits_ending(view.members)
    assert ending.exit_code == UNDECIDED_EXIT_CODE
    assert ending.error.startswith("b: p99 under 30 ms: undecided")


def test_one_that_fails_leaves_the_others(world: World) -> None:
    mix = mix_of(world)
    until(world, mix, lambda view: view.rounds == 2)
    world.hosts[0].fail("The model broke.")
    view = until(world, mix, lambda view: bool(view.members[0].failure))
    assert view.members[0].failure == "The model broke."
    assert [one.name for one in view.running] == ["b"]
    view = until(world, mix, lambda view: view.rounds == 3)
    assert view.turn is not None
    assert not view.turn.is_together
    assert view.members[1].fps.pairs == 2  # what was measured of both is kept
    text = format_mix(view)
    assert "a failed: The model broke." in text
    assert math.isnan(weighted_speedup(view.running))


def test_where_all_fail_nothing_goes_on(world: World) -> None:
    mix = mix_of(world)
    until(world, mix, lambda view: view.rounds == 1)
    for host in world.hosts:
        host.fail("The model broke.")
    view = until(world, mix, lambda view: not view.running)
    for _ in range(100):
        world.go_on()
        view = mix.advance()
    assert view.turn is None
    assert [one.failure for one in view.members] == ["The model broke."] * 2


def test_a_turn_beside_a_compile_is_measured_again(world: World) -> None:
    mix = mix_of(world)
    until(world, mix, lambda view: view.rounds == 1 and view.stage is Stage.MEASURING)
    world.hosts[1].prepare("compiling b")
    view = until(world, mix, lambda view: view.stage is Stage.MOVING)
    turn = view.turn
    for _ in range(100):
        world.go_on()
        view = mix.advance()
    assert (view.stage, view.turn) == (Stage.MOVING, turn)
    world.hosts[1].prepare("")
    view = until(world, mix, lambda view: view.rounds == 3)
    assert [one.fps.pairs for one in view.members] == [3, 3]


def test_one_that_cannot_begin_leaves_the_others(world: World) -> None:
    reasons = {"b.xml": "It cannot be compiled."}
    world.rejects = lambda config: reasons.get(config.model, "")
    mix = mix_of(world)
    view = until(world, mix, lambda view: view.rounds == 2)
    assert view.members[1].failure == "It cannot be compiled."
    assert mix.bad_input == ""
    assert view.members[0].alone is not None


def test_without_turns_all_run_until_they_are_wanted(world: World) -> None:
    mix = mix_of(world, in_turns=False)
    view = until(world, mix, lambda view: view.stage is Stage.RUNNING)
    until_s = world.now_s + 2
    view = until(world, mix, lambda _: world.now_s >= until_s)
    assert [one.turns for one in view.members] == [None, None]
    for one, (_, together) in zip(view.members, RATES, strict=True):
        assert one.together is not None
        assert one.together.stats.fps_mean == pytest.approx(together, rel=0.05)
    mix.take_turns(is_on=True)
    view = until(world, mix, lambda view: view.rounds == 4)
    assert view.members[0].fps.ratio == pytest.approx(0.5, rel=0.02)
    mix.take_turns(is_on=False)
    view = until(world, mix, lambda view: view.stage is Stage.RUNNING)
    # What was found is kept until something changes.
    assert view.members[0].fps.ratio == pytest.approx(0.5, rel=0.02)
    assert all(one.is_fed for one in view.members)
    mix.configure(0, BenchmarkConfig(model="a.xml", nireq=7))
    view = until(world, mix, lambda view: view.members[0].turns is None)
    run = view.members[0].run
    assert run is not None
    assert run.effective.nireq == 7


def test_another_configuration_begins_the_turns_again(world: World) -> None:
    mix = mix_of(world)
    until(world, mix, lambda view: view.rounds == 2)
    mix.configure(1, BenchmarkConfig(model="b.xml", nireq=7))
    view = until(world, mix, lambda view: view.rounds == 0)
    view = until(world, mix, lambda view: view.rounds == 1)
    assert [one.fps.pairs for one in view.members] == [1, 1]


def test_a_pause_spoils_a_turn_and_no_pair(world: World) -> None:
    mix = mix_of(world)
    until(world, mix, lambda view: view.rounds == 1 and view.stage is Stage.MEASURING)
    mix.toggle_pause()
    view = until(world, mix, lambda view: view.is_paused)
    assert not any(one.is_fed for one in view.members)
    before = world.hosts[0].ring.total
    for _ in range(100):
        world.go_on()
        mix.advance()
    assert world.hosts[0].ring.total == before
    mix.toggle_pause()
    view = until(world, mix, lambda view: view.rounds == 4)
    for one, (alone, together) in zip(view.members, RATES, strict=True):
        assert one.fps.pairs == 4
        assert one.fps.ratio == pytest.approx(together / alone, rel=0.02)
