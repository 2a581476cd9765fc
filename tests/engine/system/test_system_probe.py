"""The machine looked at: file trees like those of other kernels, and the real one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.session import Session
from ovbench_tui.system.accelerators import Accelerators
from ovbench_tui.system.cgroup import find_cgroup_memory
from ovbench_tui.system.core_clocks import CoreClocks, read_any_clocks, read_linux_clocks
from ovbench_tui.system.memory import available_bytes
from ovbench_tui.system.power import PowerMeter
from ovbench_tui.system.system_probe import SystemProbe, SystemWatcher
from ovbench_tui.system.system_sample import (
    NO_PERMISSION,
    NOT_THERE,
    NOT_YET,
    UNREADABLE,
    Reading,
    SystemSample,
)

OpenSession = Callable[[BenchmarkConfig], Session]

_PATIENCE_S = 60.0
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100

linux_only = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="Linux tells this")


def _write(path: Path, text: str | int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n", encoding="ascii")
    return path


def _zone(root: Path, name: str, called: str, energy_uj: int, range_uj: int = 1_000_000) -> Path:
    folder = root / "sys/class/powercap" / name
    _write(folder / "name", called)
    _write(folder / "max_energy_range_uj", range_uj)
    return _write(folder / "energy_uj", energy_uj)


# --- power ----------------------------------------------------------------------------------


def test_watts_are_joules_over_seconds_of_all_packages_and_nothing_else(tmp_path: Path) -> None:
    first = _zone(tmp_path, "intel-rapl:0", "package-0", 100)
    second = _zone(tmp_path, "intel-rapl:1", "package-1", 900_000)
    _zone(tmp_path, "intel-rapl:2", "psys", 5)
    _zone(tmp_path, "intel-rapl:0:0", "core", 7)
    memory = _zone(tmp_path, "intel-rapl:0:1", "dram", 0)
    _zone(tmp_path, "intel-rapl-mmio:0", "package-0", 100)
    _write(tmp_path / "sys/class/powercap/intel-rapl/enabled", 1)
    meter = PowerMeter(tmp_path)
    assert meter.package_w(10.0) == meter.memory_w(10.0) == Reading.of(None, NOT_YET)
    _write(first, 100_100)
    _write(second, 50_000)  # begun again: 100,000 to the end of its range, and 50,000
    _write(memory, 40_000)
    assert meter.package_w(10.5).value == pytest.approx(0.5)
    assert meter.memory_w(10.5).value == pytest.approx(0.08)
    assert meter.package_w(11.5).value == 0.0


def test_a_counter_that_goes_back_further_than_its_range_is_no_figure(tmp_path: Path) -> None:
    energy = _zone(tmp_path, "intel-rapl:0", "package-0", 900_000, range_uj=0)
    meter = PowerMeter(tmp_path)
    meter.package_w(1.0)
    _write(energy, 100)
    assert meter.package_w(2.0) == Reading.of(None, NOT_YET)
    _write(energy, 1_000_100)
    assert meter.package_w(3.0).value == pytest.approx(1.0)


def test_no_counter_is_not_there(tmp_path: Path) -> None:
    assert PowerMeter(tmp_path).package_w(1.0) == Reading.of(None, NOT_THERE)
    _zone(tmp_path, "intel-rapl:0", "package-0", 1)
    assert PowerMeter(tmp_path).memory_w(1.0) == Reading.of(None, NOT_THERE)


def test_why_a_counter_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    energy = _zone(tmp_path, "intel-rapl:0", "package-0", 1)
    meter = PowerMeter(tmp_path)
    _write(energy, "no number")
    assert meter.package_w(1.0).why == UNREADABLE
    energy.unlink()
    assert meter.package_w(2.0).why == NOT_THERE

    def refuse(path: str, flags: int) -> int:
        raise PermissionError(13, "Permission denied", path)

    # Root may read everything, so the refusal is made.
    monkeypatch.setattr(os, "open", refuse)
    assert meter.package_w(3.0).why == NO_PERMISSION


# --- accelerators ---------------------------------------------------------------------------


def test_gpus_of_both_drivers_and_an_npu(tmp_path: Path) -> None:
    old = tmp_path / "sys/class/drm/card0"
    _write(old / "gt_act_freq_mhz", 1150)
    _write(old / "gt_cur_freq_mhz", 1300)
    _write(old / "gt_min_freq_mhz", 300)
    _write(old / "gt_max_freq_mhz", 1350)
    idle = _write(old / "gt/gt0/rc6_residency_ms", 5000)
    new = tmp_path / "sys/class/drm/card1/device/tile0/gt0"
    _write(new / "freq0/cur_freq", 900)
    _write(tmp_path / "sys/class/drm/card0-HDMI-A-1/status", "connected")
    _write(tmp_path / "sys/class/drm/card2/dev", "226:2")  # shows pictures only
    npu = tmp_path / "sys/class/accel/accel0/device"
    busy = _write(npu / "npu_busy_time_us", 0)
    _write(npu / "npu_current_frequency_mhz", 1400)
    _write(npu / "npu_max_frequency_mhz", 1850)
    found = Accelerators(tmp_path)
    first = found.look(10.0)
    assert [device.name for device in first] == ["GPU card0", "GPU card1", "NPU accel0"]
    assert first[0].busy == Reading.of(None, NOT_YET)
    assert first[1].busy == Reading.of(None, NOT_THERE)
    _write(idle, 5250)
    _write(busy, 500_000)
    one, other, third = found.look(11.0)
    assert (one.mhz.value, one.min_mhz, one.max_mhz) == (1150, 300, 1350)
    assert one.busy.value == pytest.approx(0.75)
    assert other.mhz.value == 900
    assert third.busy.value == pytest.approx(0.5)
    assert (third.mhz.value, third.max_mhz) == (1400, 1850)
    assert third.memory_bytes == Reading.of(None, NOT_THERE)
    assert Accelerators(tmp_path / "nothing").look(1.0) == ()


# --- clocks of the CPUs ---------------------------------------------------------------------


def _stat(*cores: tuple[int, int, int, int]) -> str:
    """Lines of user, idle, iowait and steal for each CPU."""
    lines = ["cpu  1 2 3 4 5 6 7 8 0 0"]
    lines += [
        f"cpu{number} {user} 0 0 {idle} {iowait} 0 0 {steal} {user} 0"
        for number, (user, idle, iowait, steal) in enumerate(cores)
    ]
    return "\n".join([*lines, "intr 99 1 2 3", "ctxt 5"])


def _thread(root: Path, pid: int, thread: int, cpu: int, user: int, system: int) -> None:
    words = ["S"] + ["0"] * 48
    words[11], words[12], words[36] = str(user), str(system), str(cpu)
    text = f"{thread} (a name) with ) in it) {' '.join(words)}"
    _write(root / f"proc/{pid}/task/{thread}/stat", text)


@linux_only
def test_busy_leaves_out_waiting_and_stolen_time(tmp_path: Path) -> None:
    _write(tmp_path / "proc/stat", _stat((0, 0, 0, 0), (100, 0, 0, 0)))
    before = read_linux_clocks((), tmp_path)
    _write(tmp_path / "proc/stat", _stat((50, 30, 10, 10), (100, 200, 0, 0)))
    shares = read_linux_clocks((), tmp_path).busy_since(before)
    assert shares == {0: pytest.approx(0.5), 1: pytest.approx(0.0)}


@linux_only
def test_our_threads_count_where_they_ran_last(tmp_path: Path) -> None:
    _write(tmp_path / "proc/stat", _stat((0, 0, 0, 0), (0, 0, 0, 0)))
    _thread(tmp_path, 7, 7, cpu=0, user=1000, system=0)
    before = read_linux_clocks((7, 8), tmp_path)
    _thread(tmp_path, 7, 7, cpu=0, user=1000 + _TICKS // 4, system=_TICKS // 4)
    _thread(tmp_path, 8, 81, cpu=1, user=_TICKS // 2, system=0)  # new
    _thread(tmp_path, 8, 82, cpu=1, user=_TICKS, system=0)
    own = read_linux_clocks((7, 8), tmp_path).own_since(before, 1.0)
    assert own == {0: pytest.approx(0.5), 1: 1.0}
    assert CoreClocks().own_since(before, 1.0) == {}


@linux_only
def test_a_broken_tree_gives_nothing(tmp_path: Path) -> None:
    assert read_linux_clocks((1, 2), tmp_path) == CoreClocks()
    _write(tmp_path / "proc/stat", "cpu0 1 2\ncpux 1\n\ncpu1")
    _write(tmp_path / "proc/5/task/5/stat", "5 (short) S 1")
    assert read_linux_clocks((5,), tmp_path) == CoreClocks()


def test_any_system_tells_of_its_cpus() -> None:
    before = read_any_clocks()
    assert len(before.cores) == os.cpu_count()
    assert before.threads == {}
    for total_s, busy_s in before.cores.values():
        assert 0 <= busy_s <= total_s


# --- memory limits --------------------------------------------------------------------------


def test_the_lowest_memory_limit_of_version_2_counts(tmp_path: Path) -> None:
    _write(tmp_path / "proc/self/cgroup", "0::/pod/box")
    mount = tmp_path / "sys/fs/cgroup"
    for group, limit, used in (("pod/box", "max", 5), ("pod", 4096, 1024), ("", "max", 9)):
        _write(mount / group / "memory.max", limit)
        _write(mount / group / "memory.current", used)
    memory = find_cgroup_memory(tmp_path)
    assert (memory.limit_bytes(), memory.used_bytes()) == (4096, 1024)


def test_version_1_writes_no_limit_as_a_huge_one(tmp_path: Path) -> None:
    _write(tmp_path / "proc/self/cgroup", "4:memory:/box\n1:cpu:/")
    folder = tmp_path / "sys/fs/cgroup/memory/box"
    limit = _write(folder / "memory.limit_in_bytes", 9223372036854771712)
    _write(folder / "memory.usage_in_bytes", 77)
    memory = find_cgroup_memory(tmp_path)
    assert (memory.limit_bytes(), memory.used_bytes()) == (None, None)
    _write(limit, 2**31)
    assert (memory.limit_bytes(), memory.used_bytes()) == (2**31, 77)
    assert find_cgroup_memory(tmp_path / "nothing").limit_bytes() is None


def test_the_group_with_the_least_left_counts_and_not_the_one_with_the_lowest_limit(
    tmp_path: Path,
) -> None:
    _write(tmp_path / "proc/self/cgroup", "0::/pod/box")
    mount = tmp_path / "sys/fs/cgroup"
    for group, limit, used in (("pod/box", 4000, 1000), ("pod", 8000, 7300)):
        _write(mount / group / "memory.max", limit)
        _write(mount / group / "memory.current", used)
    memory = find_cgroup_memory(tmp_path)
    assert (memory.limit_bytes(), memory.used_bytes(), memory.left_bytes()) == (8000, 7300, 700)


@linux_only
@pytest.mark.parametrize("version", [1, 2])
def test_free_memory_is_what_the_tightest_group_leaves(tmp_path: Path, version: int) -> None:
    names = ("memory.max", "memory.current")
    line, mount = "0::/box/deep", tmp_path / "sys/fs/cgroup"
    if version == 1:
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        line, mount = "4:memory:/box/deep", mount / "memory"
    _write(tmp_path / "proc/meminfo", "MemTotal:  32000000 kB\nMemAvailable:  24117248 kB")
    assert available_bytes(tmp_path) == 23 * 2**30
    _write(tmp_path / "proc/self/cgroup", line)
    limit = _write(mount / "box" / names[0], 2**30)
    _write(mount / "box" / names[1], 2**30 - 700 * 2**20)
    _write(mount / "box/deep" / names[0], 2**62)
    _write(mount / "box/deep" / names[1], 12)
    assert available_bytes(tmp_path) == 700 * 2**20
    # What files left in memory, as that of the model that was read, goes when it is wanted.
    cache = "inactive_file" if version == 2 else "total_inactive_file"
    _write(mount / "box/memory.stat", f"anon 5\n{cache} {100 * 2**20}")
    assert available_bytes(tmp_path) == 800 * 2**20
    _write(limit, 2**20)
    assert available_bytes(tmp_path) == 0
    _write(limit, 2**40)
    assert available_bytes(tmp_path) == 23 * 2**30
    assert available_bytes(tmp_path / "nothing") > 2**50


# --- samples --------------------------------------------------------------------------------


@linux_only
def test_frequencies_of_a_tree_and_of_a_virtual_machine(tmp_path: Path) -> None:
    _write(tmp_path / "proc/stat", _stat((0, 0, 0, 0), (0, 0, 0, 0)))
    _write(
        tmp_path / "proc/cpuinfo",
        "processor\t: 0\ncpu MHz\t\t: 2445.430\n\nprocessor\t: 1\ncpu MHz\t\t: ?\n",
    )
    probe = SystemProbe(tmp_path)
    assert probe.sample(1.0) is None
    sample = probe.sample(2.0)
    assert sample is not None
    # Nothing counts the cycles there, so this is what is written on the processor.
    assert [core.ghz for core in sample.cores] == [None, None]
    assert [core.nominal_ghz for core in sample.cores] == [pytest.approx(2.44543), None]
    assert sample.cores[0].busy is None  # no time has passed on its clock
    files = tmp_path / "sys/devices/system/cpu/cpu0/cpufreq"
    _write(files / "scaling_cur_freq", 3_100_000)
    _write(files / "cpuinfo_min_freq", 800_000)
    _write(files / "cpuinfo_max_freq", 4_700_000)
    other = SystemProbe(tmp_path)
    other.sample(1.0)
    sample = other.sample(2.0)
    assert sample is not None
    core = sample.cores[0]
    assert (core.ghz, core.min_ghz, core.max_ghz) == (3.1, 0.8, 4.7)
    assert sample.cores[1].ghz is None
    assert (core.nominal_ghz, sample.cores[1].nominal_ghz) == (None, None)


@linux_only
def test_a_frequency_without_cpufreq_is_measured_where_the_cpu_counts_cycles(
    tmp_path: Path,
) -> None:
    _write(tmp_path / "proc/stat", _stat((0, 0, 0, 0), (0, 0, 0, 0)))
    one = "processor\t: {}\ncpu MHz\t\t: {}\nflags\t\t: fpu tsc aperfmperf avx2\n"
    _write(tmp_path / "proc/cpuinfo", f"{one.format(0, 3100.5)}\n{one.format(1, 800.25)}")
    probe = SystemProbe(tmp_path)
    probe.sample(1.0)
    sample = probe.sample(2.0)
    assert sample is not None
    assert [core.ghz for core in sample.cores] == [3.1005, 0.80025]
    assert [core.nominal_ghz for core in sample.cores] == [None, None]


def test_the_real_machine_is_within_its_ranges() -> None:
    probe = SystemProbe()
    assert probe.sample(time.perf_counter()) is None
    begun_s = time.perf_counter()
    while time.perf_counter() - begun_s < 0.2:
        pass  # burn: it is to be seen
    sample = probe.sample(time.perf_counter())
    assert sample is not None
    assert len(sample.cores) == os.cpu_count()
    for core in sample.cores:
        assert core.busy is None or 0 <= core.busy <= 1
        assert core.own is None or 0 <= core.own <= 1
        assert core.ghz is None or 0.1 < core.ghz < 10
    if Path("/proc/self/task").is_dir():
        assert sum(core.own or 0.0 for core in sample.cores) > 0.1
    program = sample.processes[0]
    assert program.name == "program"
    assert (program.rss_bytes or 0) > 2**20
    assert (program.threads or 0) >= 1
    assert sample.package_w.value is None or 0 <= sample.package_w.value < 2000
    assert 0 < (sample.memory_free_bytes or 0) <= (sample.memory_total_bytes or 0)
    assert sample.cost_ms > 0


def test_an_ended_engine_is_not_told() -> None:
    probe = SystemProbe()
    probe.sample(1.0, (2**22 + 1,))
    sample = probe.sample(2.0, (2**22 + 1,))
    assert sample is not None
    engine = sample.processes[1]
    assert (engine.name, engine.rss_bytes, engine.threads) == ("engine", None, None)


# --- the watcher ----------------------------------------------------------------------------


class _Probe:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.requested = 0
        self.forgotten = 0
        self.pids: tuple[int, ...] = ()

    def sample(self, now_s: float, engine_pids: tuple[int, ...] = ()) -> SystemSample:
        self.requested += 1
        self.pids = engine_pids
        return SystemSample(time_s=now_s, cost_ms=0.1)

    def forget(self) -> None:
        self.forgotten += 1


def _until(condition: Callable[[], object]) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, "it never came to it"
        time.sleep(0.005)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SystemWatcher, _Probe]]:
    monkeypatch.setattr("ovbench_tui.system.system_probe._WANTED_FOR_S", 0.2)
    probe = _Probe()
    watcher = SystemWatcher(lambda: probe, period_s=0.02)  # type: ignore[arg-type, return-value]
    yield watcher, probe
    watcher.close()
    assert not watcher.is_awake


def test_nobody_asks_and_nothing_is_read(watched: tuple[SystemWatcher, _Probe]) -> None:
    watcher, probe = watched
    assert not watcher.is_awake
    assert watcher.latest((11,)) is None
    _until(lambda: watcher.latest((11,)) is not None)
    assert probe.pids == (11,)
    _until(lambda: not watcher.is_awake)  # no more asked for
    requested = probe.requested
    time.sleep(0.1)
    assert probe.requested == requested
    assert watcher.latest() is None  # what was known is from long ago
    _until(lambda: watcher.latest() is not None)
    assert probe.forgotten >= 2  # once each time it wakes; a slow machine may let it sleep again


def test_after_the_end_nothing_is_read(watched: tuple[SystemWatcher, _Probe]) -> None:
    watcher, _ = watched
    _until(lambda: watcher.latest() is not None)
    watcher.close()
    assert not watcher.is_awake
    watcher.latest()
    assert not watcher.is_awake


def test_a_session_tells_of_the_machine_and_its_engine(
    open_session: OpenSession, tiny_models: Path
) -> None:
    session = open_session(BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=1))
    assert session.system() is None

    def reported() -> bool:
        session.snapshot(0)
        sample = session.system()
        return sample is not None and sample.own_share is not None

    _until(reported)
    sample = session.system()
    assert sample is not None
    isolated = session.snapshot(0).isolated
    assert [facts.name for facts in sample.processes] == ["program", *["engine"] * isolated]
    assert all(facts.rss_bytes for facts in sample.processes)
    session.close(_PATIENCE_S)
    assert not [thread for thread in threading.enumerate() if thread.name == "system-probe"]
