"""A warm-up counts what is fed: neither a pause nor a search for devices warms anything."""

from __future__ import annotations

import math

from ovbench_tui.engine.worker.warm_up import WarmUp


class Feeder:
    """Each start takes 0.1 s and completes at once."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.total = 100
        self.starts_before_a_message = 1000

    def start(self) -> None:
        self.now_s += 0.1
        self.total += 1
        self.starts_before_a_message -= 1

    def go_on(self) -> bool:
        return self.starts_before_a_message > 0

    def warm_up(self) -> WarmUp:
        return WarmUp(lambda: self.total, lambda: self.now_s)


def test_it_lasts_for_so_many_inferences_and_so_long() -> None:
    feeder = Feeder()
    warm_up = feeder.warm_up()
    warm_up.begin(4, 0.05)
    assert warm_up.feed(feeder.start, feeder.go_on)
    assert feeder.total == 104
    warm_up.begin(4, 0.95)
    assert warm_up.feed(feeder.start, feeder.go_on)
    assert feeder.total == 114


def test_what_holds_the_feeder_up_warms_nothing() -> None:
    feeder = Feeder()
    warm_up = feeder.warm_up()
    warm_up.begin(4, 0.45)
    feeder.now_s += 60.0  # a search for devices
    feeder.starts_before_a_message = 3
    assert not warm_up.feed(feeder.start, feeder.go_on)
    feeder.now_s += 60.0  # a pause
    feeder.starts_before_a_message = 1000
    assert warm_up.feed(feeder.start, feeder.go_on)
    assert feeder.total == 105


def test_a_slow_model_does_not_warm_up_for_minutes() -> None:
    feeder = Feeder()
    warm_up = feeder.warm_up()
    warm_up.begin(64, 0.3)
    assert warm_up.feed(feeder.start, feeder.go_on)
    assert feeder.total == 120
    warm_up.begin(64, 0.3, math.inf)
    assert warm_up.feed(feeder.start, feeder.go_on)
    assert feeder.total == 184


def test_after_a_stop_it_begins_once_more() -> None:
    feeder = Feeder()
    warm_up = feeder.warm_up()
    warm_up.begin(4, 0.25)
    feeder.starts_before_a_message = 3
    assert not warm_up.feed(feeder.start, feeder.go_on)
    warm_up.again()
    feeder.starts_before_a_message = 1000
    assert warm_up.feed(feeder.start, feeder.go_on)
    assert feeder.total == 107
