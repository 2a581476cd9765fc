"""What the machine did during a run, in a line."""

from __future__ import annotations

import math

from ovbench_tui.reports.machine_use import describe_machine_use
from ovbench_tui.stats.run_stats import BusyProcess, MachineSeries


def test_the_process_that_took_most_of_the_time_is_named() -> None:
    machine = MachineSeries(
        own_share=(0.5, 0.5),
        others_share=(0.1, 0.4),
        frequency_ghz=(3.0, 2.0),
        throttles_per_s=(0.0, 4.0),
        processes=(
            BusyProcess("cc1", 9, 0.4, 2.0, 3.0),
            BusyProcess("python3", 812, 0.3, 5.0, 10.0),
        ),
    )
    assert describe_machine_use(machine) == (
        "ours 50 %, others 25 % (most: python3, pid 812, 30 %), 2.50 GHz (2.00 to 3.00),"
        " throttled for heat"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert describe_machine_use(MachineSeries()) == ""
    assert describe_machine_use(MachineSeries(own_share=(math.nan, 1.0))) == "ours 100 %"
