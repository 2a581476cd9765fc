"""What the benchmarks compute and read: their figures are only as true as this."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

if os.name != "posix":
    pytest.skip("the benchmarks run on Linux and macOS only", allow_module_level=True)

from tests.benchmarks import parsing
from tests.benchmarks.memory import growth
from tests.benchmarks.pairing import alternate, fps_of, median_ms_of
from tests.benchmarks.report import (
    Aim,
    Row,
    Skipped,
    Within,
    markdown_table,
    pair_ratios,
    ratio_row,
    spread_of,
)

SUMMARY = """Model:           relu (IR)
Configuration:   CPU, throughput hint, nireq 4, streams 2, threads 2, f32, batch 1
Latency:
    Median:      0.0581 ms
    Average:     0.0600 ms
Throughput:      11024.60 FPS
Earlier runs of this session:
       205.37 FPS   p50    5.82 ms   p99   32.50 ms   CPU, throughput hint, nireq 2
"""

BENCHMARK_APP = """[Step 10/11] Measuring performance (Start inference asynchronously, 2 inference \
requests, limits: 2000 ms duration)
[ INFO ] First inference took 18.00 ms
[ INFO ] Count:            342 iterations
[ INFO ] Latency:
[ INFO ]    Median:        12.56 ms
[ INFO ]    Average:       12.60 ms
[ INFO ] Throughput:   159.17 FPS
"""


class TestSpread:
    def test_median_quartiles_and_range(self) -> None:
        spread = spread_of([5.0, 1.0, 2.0, 4.0, 3.0])
        assert (spread.lowest, spread.lower_quartile, spread.median) == (1.0, 2.0, 3.0)
        assert (spread.upper_quartile, spread.highest, spread.count) == (4.0, 5.0, 5)

    def test_one_value_is_its_own_spread(self) -> None:
        spread = spread_of([0.7])
        assert spread.lowest == spread.lower_quartile == spread.median == 0.7
        assert spread.highest == spread.upper_quartile == 0.7

    def test_no_value_is_refused(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            spread_of([])


class TestRatios:
    def test_each_pair_is_divided_by_its_own_second(self) -> None:
        # The machine was at half its speed during the second pair.
        assert pair_ratios([(99.0, 100.0), (49.5, 50.0)]) == pytest.approx([0.99, 0.99])

    def test_the_median_is_of_ratios_and_not_a_ratio_of_medians(self) -> None:
        # The medians, 60 and 30, come from the same pair by chance only.
        pairs = [(100.0, 100.0), (10.0, 20.0), (60.0, 30.0)]
        row = ratio_row("parity", "m", pairs, None, ("ours", "theirs"))
        assert row.spread.median == 1.0
        assert row.note == "ours 60 FPS against theirs 30 FPS"

    def test_a_second_figure_of_zero_is_refused(self) -> None:
        with pytest.raises(ValueError, match="above 0"):
            pair_ratios([(1.0, 0.0)])

    @pytest.mark.parametrize(
        ("aim", "met", "missed"),
        [(Aim(0.99, at_least=True), 0.99, 0.989), (Aim(1.5, at_least=False), 1.5, 1.501)],
    )
    def test_an_aim_is_met_at_its_limit(self, aim: Aim, met: float, missed: float) -> None:
        assert aim.is_met(met)
        assert not aim.is_met(missed)

    def test_near_is_near_on_both_sides(self) -> None:
        aim = Within(0.03)
        assert [aim.is_met(value) for value in (0.96, 0.971, 1.0, 1.029, 1.04)] == [
            *(False, True, True, True, False)
        ]
        row = ratio_row("parity", "m", [(5.15, 5.0)], aim, ("ours", "theirs"), "ms")
        assert row.note == "ours 5.15 ms against theirs 5 ms"
        assert "| within 3 %: NO |" in markdown_table([replace(row, spread=spread_of([1.2]))])


class TestTable:
    def test_a_row_has_as_many_cells_as_the_head(self) -> None:
        rows = [
            Row("parity", "a|b", spread_of([0.98, 1.0]), "", Aim(0.99, at_least=True), "x"),
            Row("ui-cost", "m", spread_of([1.6]), "%", Aim(1.5, at_least=False)),
            Skipped("feeder", "C++", "there is no\ng++."),
        ]
        table = markdown_table(rows).splitlines()
        assert len(table) == 2 + len(rows)
        assert {line.replace("\\|", "").count("|") for line in table} == {9}

    def test_it_says_whether_the_aim_is_met(self) -> None:
        met = Row("parity", "m", spread_of([0.995]), "", Aim(0.99, at_least=True))
        missed = Row("ui-cost", "m", spread_of([1.6]), "%", Aim(1.5, at_least=False))
        lines = markdown_table([met, missed]).splitlines()
        assert "| **0.995** |" in lines[2]
        assert "| ≥ 0.99: yes |" in lines[2]
        assert "| **1.600** % |" in lines[3]
        assert "| ≤ 1.5 %: NO |" in lines[3]

    def test_large_figures_are_grouped(self) -> None:
        assert "**12,346** FPS" in markdown_table([Row("b", "s", spread_of([12345.6]), "FPS")])


class TestPrograms:
    def test_the_summary_of_the_last_run_is_read(self) -> None:
        assert parsing.read_summary(SUMMARY) == parsing.Throughput(11024.6, 4, 0.0581)

    def test_benchmark_app_is_read(self) -> None:
        assert parsing.read_benchmark_app(BENCHMARK_APP) == parsing.Throughput(159.17, 2, 12.56)
        tiny = BENCHMARK_APP.replace("12.56 ms", "58.10 us")
        assert parsing.read_benchmark_app(tiny).median_ms == pytest.approx(0.0581)

    def test_the_yardstick_is_read(self) -> None:
        found = parsing.read_yardstick("75274.25 FPS, nireq 8\n")
        assert (found.fps, found.nireq) == (75274.25, 8)

    @pytest.mark.parametrize(
        "read", [parsing.read_summary, parsing.read_benchmark_app, parsing.read_yardstick]
    )
    def test_other_output_is_quoted_in_the_error(self, read: object) -> None:
        assert callable(read)
        with pytest.raises(parsing.UnexpectedOutputError, match="out of memory"):
            read("reading\nout of memory\n")

    def test_the_screen_is_not_taken_for_the_summary(self) -> None:
        screen = b"\x1b[?1049hThroughput: 1.00 FPS\x1b[?1049l\x1b[?25h"
        output = screen + SUMMARY.replace("\n", "\r\n").encode()
        text = parsing.printed_after_screen(output)
        assert text == SUMMARY
        assert parsing.read_summary(text).fps == 11024.6

    def test_a_screen_that_was_never_left_is_an_error(self) -> None:
        with pytest.raises(parsing.UnexpectedOutputError, match="never given back"):
            parsing.printed_after_screen(b"\x1b[?1049hworking")


class TestScreen:
    def test_setting_up_the_terminal_shows_nothing(self) -> None:
        output = b"\x1b[?1049h\x1b[?1003h\x1b[>25u\x1b[?2026$p\x1b]22;default\x07\x1b[2;1H   \r\n"
        assert parsing.visible_characters(output) == 0

    def test_a_painted_frame_shows_its_characters(self) -> None:
        output = "\x1b[1;1H\x1b[1;38;2;87;165;226m ovbench-tui ●\x1b[0m".encode()
        assert parsing.visible_characters(output) == len("ovbench-tui●")

    def test_the_last_lines_are_quoted_without_colours(self) -> None:
        output = b"one\r\n\r\n\x1b[1;91mtwo\x1b[0m\r\n three\r\nfour\r\n"
        assert parsing.last_lines(output) == "two / three / four"
        assert parsing.last_lines(b"\x1b[0m \r\n") == "nothing was printed"

    def test_the_newest_cost_is_read(self) -> None:
        # The colour's final "m" stands right before the word.
        output = "\x1b[39;1H\x1b[0mUI  9.9 % · 4 Hz \x1b[39;1H\x1b[0mUI  1.4 % · 4 Hz".encode()
        assert parsing.read_ui_cost_percent(output) == 1.4


class TestKernel:
    STAT = "4242 (a) b (c) S 1 1 1 0 -1 4194304 5 0 0 0 150 50 0 0 20 0 3 0 98765 1 2 3"

    def test_cpu_time_of_schedstat_is_in_nanoseconds(self) -> None:
        assert parsing.cpu_s_of_schedstat("1500000000 77 12\n") == 1.5

    def test_stat_is_read_behind_a_name_with_brackets(self) -> None:
        assert parsing.cpu_s_of_stat(self.STAT, 100) == 2.0
        assert parsing.start_ticks_of_stat(self.STAT) == 98765

    def test_resident_memory(self) -> None:
        status = "VmPeak:\t  999 kB\nVmRSS:\t  100352 kB\nThreads:\t12\n"
        assert parsing.rss_kib_of_status(status) == 100352

    @pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc")
    def test_the_running_kernel_is_read(self) -> None:
        stat = Path("/proc/self/stat").read_text(encoding="utf-8")
        assert parsing.start_ticks_of_stat(stat) > 0
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        assert parsing.rss_kib_of_status(status) > 1000


class TestGrowth:
    def test_the_last_whole_cycle_is_compared_with_the_first(self) -> None:
        # Element 0 is before any change, the last one belongs to a cycle not finished.
        values = [90.0, 100.0, 105.0, 101.0, 106.0, 102.0, 107.0, 500.0]
        assert growth(values, 2) == [2.0, 2.0]

    def test_configurations_that_differ_are_no_growth(self) -> None:
        assert growth([1.0, 100.0, 50.0, 100.0, 50.0], 2) == [0.0, 0.0]

    def test_one_cycle_tells_nothing(self) -> None:
        with pytest.raises(ValueError, match="at least 10 changes"):
            growth([1.0] * 10, 5)


class TestAlternation:
    def test_every_other_pair_is_measured_the_other_way_round(self) -> None:
        order: list[str] = []

        def measure(name: str, fps: float) -> parsing.Throughput:
            order.append(name)
            return parsing.Throughput(fps, 2)

        pairs = alternate(lambda: measure("a", 3.0), lambda: measure("b", 2.0), 3, "test")
        assert order == ["a", "b", "b", "a", "a", "b"]
        assert fps_of(pairs) == [(3.0, 2.0)] * 3

    def test_latencies_are_compared_only_where_both_tell_them(self) -> None:
        reported = [(parsing.Throughput(1.0, 2, 6.0), parsing.Throughput(1.0, 2, 5.0))]
        assert median_ms_of(reported) == [(6.0, 5.0)]
        with pytest.raises(parsing.UnexpectedOutputError, match="no median latency"):
            median_ms_of([(reported[0][0], parsing.Throughput(1.0, 2))])

    def test_different_numbers_of_requests_are_no_pair(self) -> None:
        with pytest.raises(parsing.UnexpectedOutputError, match="2 against 4"):
            alternate(
                lambda: parsing.Throughput(1.0, 2), lambda: parsing.Throughput(1.0, 4), 1, "test"
            )
