"""The machine over the session, in the cells of the charts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from ovbench_tui.engine.runs.machine_record import MachineRecord
from ovbench_tui.system.largest_process import OtherProcess
from ovbench_tui.system.machine_watch import MachineWatch
from ovbench_tui.system.system_sample import MachineSample

_BURNER = OtherProcess("python3", 812, 0.45)


class _Watch(MachineWatch):
    """Gives out what was prepared, one a call."""

    def __init__(self, samples: Sequence[MachineSample]) -> None:
        self._prepared = list(samples)

    def sample(self, now_s: float, engine_pids: Sequence[int] = ()) -> MachineSample | None:
        return self._prepared.pop(0) if self._prepared else None


def _second(end_s: float, **changes: object) -> MachineSample:
    return MachineSample(time_s=end_s, since_s=end_s - 1.0, **changes)  # type: ignore[arg-type]


def _record(*samples: MachineSample, start_s: float = 100.0) -> MachineRecord:
    record = MachineRecord(start_s, _Watch(samples))
    for _ in samples:
        record.sample(0.0)
    return record


def test_a_cell_has_the_shares_of_its_time() -> None:
    record = _record(
        _second(101.0, own_share=0.5, others_share=0.1),
        _second(102.0, own_share=0.4, others_share=0.3, largest=_BURNER),
    )
    seen = record.columns(0, 3, 1.0)
    assert seen.own_share == pytest.approx((0.5, 0.4, math.nan), nan_ok=True)
    assert seen.others_share == pytest.approx((0.1, 0.3, math.nan), nan_ok=True)
    assert seen.largest == (None, _BURNER, _BURNER)
    assert record.columns(0, 1, 2.0).others_share == pytest.approx((0.2,))
    assert record.columns(0, 4, 0.5).own_share == pytest.approx((0.5, 0.5, 0.4, 0.4))


def test_before_the_session_and_before_the_first_sample_nothing_is_known() -> None:
    record = _record(_second(105.0, own_share=0.5))
    seen = record.columns(-2, 8, 1.0)
    assert [math.isnan(share) for share in seen.own_share] == [True] * 6 + [False, True]
    assert seen.largest[:2] == (None, None)


def test_throttling_is_counted_from_one_sample_to_the_next() -> None:
    record = _record(
        _second(101.0, throttle_count=7, frequency_ghz=3.0),
        _second(102.0, throttle_count=7, frequency_ghz=2.0),
        _second(103.0, throttle_count=10, frequency_ghz=2.0),
    )
    seen = record.columns(1, 2, 1.0)
    assert seen.throttles == pytest.approx((0.0, 3.0))
    assert seen.frequency_ghz == pytest.approx((2.0, 2.0))
    assert math.isnan(record.columns(0, 1, 1.0).throttles[0])


def test_the_columns_are_the_same_object_until_there_is_another_sample() -> None:
    record = MachineRecord(0.0, _Watch([_second(1.0, own_share=0.5), _second(2.0, own_share=0.7)]))
    assert record.sample(0.0) is not None
    seen = record.columns(0, 2, 1.0)
    assert record.columns(0, 2, 1.0) is seen
    assert record.columns(1, 2, 1.0) is not seen
    record.sample(0.0)
    assert record.columns(0, 2, 1.0).own_share == pytest.approx((0.5, 0.7))


def test_hours_later_the_whole_session_is_known_and_the_last_hour_by_the_second() -> None:
    hours = 5 * 3600
    record = _record(
        *(_second(second + 1.0, own_share=second % 2) for second in range(hours)), start_s=0.0
    )
    assert record.columns(hours - 3600, 4, 1.0).own_share == pytest.approx((0.0, 1.0, 0.0, 1.0))
    assert record.columns(0, 10, hours / 10).own_share == pytest.approx((0.5,) * 10, abs=0.01)


def test_nothing_new_is_no_sample() -> None:
    same = _second(1.0)
    record = MachineRecord(0.0, _Watch([same, same]))
    seen = record.sample(0.0)
    assert seen is not None
    assert seen[0] is same
    assert record.sample(0.0) is None
