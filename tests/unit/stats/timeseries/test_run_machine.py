"""What the machine did over a run: by measured time, in the windows of its series."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.run_stats import BusyProcess, MachineSeries
from ovbench_tui.stats.timeseries.run_machine import MachineMoment, RunMachine
from ovbench_tui.stats.timeseries.series import CAPACITY, STEP_S, SeriesRecorder

_NAN = math.nan
_NOTHING = np.zeros(0)


def _moment(
    own: float = 0.5, others: float = 0.1, largest: tuple[str, int, float] | None = None
) -> MachineMoment:
    return MachineMoment(own, others, _NAN, _NAN, largest)


def test_every_window_has_the_share_of_its_second() -> None:
    recorder = SeriesRecorder()
    recorder.begin(10.0)
    recorder.note_machine(11.0, _moment(0.5))
    recorder.note_machine(12.0, _moment(0.75, 0.25))
    machine = recorder.frozen(12.6).series().machine
    assert machine.own_share == pytest.approx((*[0.5] * 4, *[0.75] * 4, _NAN, _NAN), nan_ok=True)
    assert machine.others_share[:8] == (*[0.1] * 4, *[0.25] * 4)
    # What no window has is no list of nothing.
    assert (machine.frequency_ghz, machine.throttles_per_s, machine.processes) == ((), (), ())


def test_a_pause_is_cut_out() -> None:
    recorder = SeriesRecorder()
    recorder.begin(10.0)
    recorder.note_machine(11.0, _moment(0.5))
    recorder.end(11.0)
    recorder.note_machine(12.0, _moment(0.01))  # nothing of this second was measured
    recorder.note_machine(13.0, _moment(0.02))
    recorder.begin(13.0)
    recorder.note_machine(14.0, _moment(0.7))
    series = recorder.frozen(14.0).series()
    assert len(series.counts) == 8
    assert series.machine.own_share == pytest.approx((*[0.5] * 4, *[0.7] * 4))


def test_before_anything_is_measured_there_is_nothing() -> None:
    recorder = SeriesRecorder()
    recorder.note_machine(1.0, _moment())
    assert recorder.frozen(2.0).series().machine == MachineSeries()
    recorder.begin(2.0)
    recorder.note_machine(3.0, _moment())
    recorder.reset(3.0)
    assert recorder.frozen(4.0).series().machine == MachineSeries()


def test_a_long_run_has_as_many_values_as_windows() -> None:
    recorder = SeriesRecorder()
    recorder.begin(0.0)
    seconds = round(CAPACITY * STEP_S * 3)
    for second in range(seconds):
        recorder.add(np.array([second + 0.5]), np.ones(1), 1)
        recorder.note_machine(second + 1.0, _moment(second / seconds))
    series = recorder.frozen(float(seconds)).series()
    own = series.machine.own_share
    assert len(own) == len(series.counts) <= CAPACITY
    expected = (np.arange(len(own)) + 0.5) * series.step_s / seconds
    assert own == pytest.approx(expected, abs=5 / seconds)


def test_the_largest_process_is_kept_with_the_time_for_which_it_was() -> None:
    machine = RunMachine()
    machine.add(1.0, _moment(largest=("cc1plus", 9, 0.2)))
    machine.add(2.0, _moment(largest=("cc1plus", 9, 0.4)))
    machine.add(3.0, _moment())
    machine.add(4.0, _moment(largest=("cc1plus", 9, 0.5)))
    machine.add(5.0, _moment(largest=("python3", 812, 0.5)))
    assert machine.frozen(1.0, 5).series().processes == (
        BusyProcess("cc1plus", 9, pytest.approx(0.3), 0.0, 2.0),
        BusyProcess("cc1plus", 9, 0.5, 3.0, 4.0),
        BusyProcess("python3", 812, 0.5, 4.0, 5.0),
    )


def test_of_too_many_processes_those_that_took_most_stay() -> None:
    machine = RunMachine()
    for second in range(500):
        share = 0.9 if second % 50 == 7 else 0.1 + second / 10_000
        machine.add(second + 1.0, _moment(largest=("p", second, share)))
    processes = machine.frozen(1.0, 500).series().processes
    assert len(processes) <= 50
    assert {second for second in range(500) if second % 50 == 7} <= {p.pid for p in processes}
    assert processes[-1].pid == 499
