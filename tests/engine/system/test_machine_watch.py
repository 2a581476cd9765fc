"""The machine as it is: the real one, and file trees like those of other kernels."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ovbench_tui.system.cgroup import find_cgroup
from ovbench_tui.system.machine_watch import MachineWatch
from ovbench_tui.system.peak_memory import resident_bytes
from ovbench_tui.system.system_sample import MachineSample
from ovbench_tui.system.thermal import find_thermal_files

_PATIENCE_S = 60.0
_BURN = "while True: pass"


@contextmanager
def burning() -> Iterator[subprocess.Popen[bytes]]:
    """A process that takes a whole CPU, in a session of its own."""
    with subprocess.Popen([sys.executable, "-c", _BURN], start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(
    watch: MachineWatch, condition: Callable[[MachineSample], bool], *pids: int
) -> MachineSample:
    """Sample until a sample fulfils the condition."""
    end_s = time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < end_s:
        sample = watch.sample(time.perf_counter(), pids)
        if sample is not None and condition(sample):
            return sample
        time.sleep(0.02)
    raise AssertionError(f"the machine never came to it; seen: {watch.samples}")


def test_the_real_machine_is_within_its_ranges() -> None:
    watch = MachineWatch()
    assert watch.sample(time.perf_counter()) is None  # nothing to compare with yet
    sample = wait_for(watch, lambda _: True)
    for share in (sample.others_share, sample.own_share):
        assert share is not None
        assert 0 <= share <= 1
    for share in (sample.steal_share, sample.throttled_share):
        assert share is None or share >= 0
    assert sample.cpus
    assert sample.usable_cpus is None or 1 <= sample.usable_cpus <= sample.cpus
    assert sample.frequency_ghz is None or 0.1 < sample.frequency_ghz < 10
    assert sample.temperature_c is None or -20 < sample.temperature_c < 130
    assert sample.throttle_count is None or sample.throttle_count >= 0
    assert sample.quota_cpus is None or sample.quota_cpus > 0
    assert sample.engine_rss_bytes > 2**20
    assert sample.own_rss_bytes == sample.engine_rss_bytes  # there is no engine besides
    assert len(sample.busy_cores) >= (sample.usable_cpus or 1)
    assert all(0 <= busy <= 1 for _, busy in sample.busy_cores)
    assert sample.package_w is None or sample.package_w > 0


def test_the_memory_is_that_of_the_process_that_infers() -> None:
    watch = MachineWatch()
    with burning() as process:
        sample = wait_for(watch, lambda sample: sample.engine_rss_bytes > 0, process.pid)
    assert 0 < sample.engine_rss_bytes < resident_bytes()
    assert sample.own_rss_bytes > sample.engine_rss_bytes + resident_bytes() / 2
    assert resident_bytes(process.pid) == 0  # it has ended


def test_it_samples_once_a_second_and_keeps_three_minutes() -> None:
    watch = MachineWatch()
    for quarter in range(4 * 260):
        watch.sample(quarter / 4)
    times_s = [sample.time_s for sample in watch.samples]
    assert times_s == [float(second) for second in range(80, 260)]


def test_what_others_do_is_told_from_what_the_engine_does() -> None:
    watch = MachineWatch()
    with burning() as process:
        # On a busy machine it gets a fraction of a CPU, still far more than this test itself.
        share = 0.1 / (wait_for(watch, lambda sample: bool(sample.cpus)).cpus or 1)

        def others_burn(sample: MachineSample) -> bool:
            return (sample.others_share or 0) > share

        def we_burn(sample: MachineSample) -> bool:
            return (sample.own_share or 0) > share

        wait_for(watch, others_burn)
        # Named as the engine's process, the same work is our own.
        wait_for(watch, we_burn, process.pid)
    # Ended and waited for, it is among our ended children, and no error.
    wait_for(watch, lambda sample: not we_burn(sample), process.pid)


def test_our_own_work_is_not_others() -> None:
    watch = MachineWatch()
    watch.sample(time.perf_counter())
    before_s, end_s = time.process_time(), time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < end_s:  # this loop is the work
        sample = watch.sample(time.perf_counter())
        if sample is not None:
            # On a busy machine it gets less than a CPU, and as much of it is its own.
            spent_s = time.process_time() - before_s
            had_s = (sample.cpus or 1) * (sample.time_s - sample.since_s)
            assert sample.own_share == pytest.approx(spent_s / had_s, abs=0.05)
            return
    raise AssertionError("no second was over")


def test_a_sample_costs_next_to_nothing() -> None:
    watch = MachineWatch()
    costs_s = []
    for second in range(50):
        begin_s = time.thread_time()
        watch.sample(float(second))
        costs_s.append(time.thread_time() - begin_s)
    # Ten times what was measured, for slow and busy machines.
    assert sorted(costs_s)[25] < 2e-3


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")


def test_a_quota_of_cgroup_v2_is_the_smallest_on_the_way_up(tmp_path: Path) -> None:
    groups = tmp_path / "sys/fs/cgroup"
    _write(tmp_path / "proc/self/cgroup", "0::/pod/box\n")
    _write(groups / "pod/box/cpu.max", "300000 100000\n")
    _write(groups / "pod/box/cpu.stat", "usage_usec 9\nnr_throttled 3\nthrottled_usec 2500000\n")
    _write(groups / "pod/cpu.max", "150000 100000\n")
    cgroup = find_cgroup(tmp_path)
    assert cgroup.quota_cpus() == 1.5
    assert cgroup.throttled_s() == 2.5
    _write(groups / "pod/cpu.max", "max 100000\n")
    assert cgroup.quota_cpus() == 3.0


@pytest.mark.parametrize("mount", ["cpu", "cpu,cpuacct"])
def test_a_quota_of_cgroup_v1_in_a_container(tmp_path: Path, mount: str) -> None:
    # The path that the kernel tells is the host's, and not to be seen from inside.
    _write(tmp_path / "proc/self/cgroup", "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n")
    group = tmp_path / "sys/fs/cgroup" / mount
    _write(group / "cpu.cfs_quota_us", "50000\n")
    _write(group / "cpu.cfs_period_us", "100000\n")
    _write(group / "cpu.stat", "nr_periods 4\nnr_throttled 1\nthrottled_time 1500000000\n")
    cgroup = find_cgroup(tmp_path)
    assert cgroup.quota_cpus() == 0.5
    assert cgroup.throttled_s() == 1.5
    _write(group / "cpu.cfs_quota_us", "-1\n")
    assert cgroup.quota_cpus() is None


@pytest.mark.parametrize("text", ["", "max", "1.5 100000", "100000 0", "a b", "-1 100000", "\xff"])
def test_a_limit_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    _write(tmp_path / "proc/self/cgroup", "0::/../..\nnonsense\n")
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.max").write_text(text, encoding="latin-1")
    cgroup = find_cgroup(tmp_path)
    assert cgroup.quota_cpus() is None
    assert cgroup.throttled_s() is None


def test_a_system_without_groups_or_sensors_tells_nothing(tmp_path: Path) -> None:
    cgroup = find_cgroup(tmp_path)
    thermal = find_thermal_files((0, 1), tmp_path)
    assert cgroup.quota_cpus() is None
    assert cgroup.throttled_s() is None
    assert thermal.frequency_ghz() is None
    assert thermal.temperature_c() is None
    assert thermal.throttle_count() is None


def test_frequency_heat_and_throttling_are_read_where_they_are(tmp_path: Path) -> None:
    for number in range(8):
        cpu = tmp_path / f"sys/devices/system/cpu/cpu{number}"
        _write(cpu / "cpufreq/scaling_cur_freq", f"{2_000_000 + number * 100_000}\n")
        _write(cpu / "thermal_throttle/core_throttle_count", f"{number}\n")
        _write(cpu / "thermal_throttle/package_throttle_count", "100\n")
    _write(tmp_path / "sys/class/hwmon/hwmon0/name", "nvme\n")
    _write(tmp_path / "sys/class/hwmon/hwmon0/temp1_input", "30000\n")
    _write(tmp_path / "sys/class/thermal/thermal_zone0/type", "x86_pkg_temp\n")
    _write(tmp_path / "sys/class/thermal/thermal_zone0/temp", "71500\n")
    thermal = find_thermal_files((2, 3), tmp_path)
    assert thermal.frequency_ghz() == pytest.approx(2.25)
    assert thermal.throttle_count() == 2 + 3 + 100
    assert thermal.temperature_c() == 71.5
    _write(tmp_path / "sys/class/hwmon/hwmon1/name", "k10temp\n")
    _write(tmp_path / "sys/class/hwmon/hwmon1/temp1_input", "65250\n")
    assert find_thermal_files((2,), tmp_path).temperature_c() == 65.25
    assert len(find_thermal_files(range(8), tmp_path).frequencies) == 4
