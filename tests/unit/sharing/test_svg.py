"""Charts as SVG: where lines, gaps, ticks and bars are."""

from __future__ import annotations

import itertools
import math
import re
from xml.etree import ElementTree as ET

import pytest

from ovbench_tui.sharing.svg import Line, Mark, Span, bar_chart, time_chart


def parts(chart: str, tag: str, style: str) -> list[ET.Element]:
    """The elements of a class, in the order in which they are drawn."""
    root = ET.fromstring(chart)  # noqa: S314 - our own
    return [one for one in root.iter(tag) if style in (one.get("class") or "").split()]


def points(path: ET.Element) -> list[tuple[float, float]]:
    pairs = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d") or "")
    return [(float(x), float(y)) for x, y in pairs]


def ticks(chart: str) -> list[str]:
    return [one.text or "" for one in parts(chart, "text", "tick")]


def test_a_line_goes_through_the_middle_of_its_windows() -> None:
    chart = time_chart("T", "FPS", 0.25, [Line("FPS", "fps", [0.0, 100.0, 50.0, 100.0])])
    (line,) = parts(chart, "path", "line")
    at = points(line)
    assert [x for x, _ in at] == sorted(x for x, _ in at)
    steps = [b[0] - a[0] for a, b in itertools.pairwise(at)]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.2)
    heights = [y for _, y in at]
    assert heights[0] > heights[2] > heights[1] == heights[3]  # y grows downwards
    assert heights[0] - heights[2] == pytest.approx((heights[0] - heights[1]) / 2, abs=0.2)
    assert {"0", "100"} <= set(ticks(chart))


def test_unknown_values_leave_a_gap() -> None:
    values = [1.0, 2.0, math.nan, 3.0, math.nan]
    chart = time_chart("T", "", 1.0, [Line("a", "p50", values, is_filled=True)])
    lines, areas = parts(chart, "path", "line"), parts(chart, "path", "area")
    assert [len(points(line)) for line in lines] == [2, 1]
    assert len(areas) == 2
    assert (lines[1].get("d") or "").endswith("h0")  # one point, drawn as a dot


@pytest.mark.parametrize("values", [[], [math.nan, math.nan]])
def test_nothing_known_is_no_chart(values: list[float]) -> None:
    assert time_chart("T", "", 1.0, [Line("a", "p50", values)]) == ""
    assert bar_chart("T", "", [], []) == ""


def test_single_values_far_out_make_the_scale_logarithmic() -> None:
    values = [1.0] * 50 + [1000.0]
    straight = time_chart("T", "", 1.0, [Line("a", "p99", values)])
    logarithmic = time_chart("T", "", 1.0, [Line("a", "p99", values)], may_be_log=True)
    assert "0" in ticks(straight)
    assert {"1", "10", "100", "1000"} <= set(ticks(logarithmic))
    flat = time_chart("T", "", 1.0, [Line("a", "p99", [1.0, 2.0, 3.0])], may_be_log=True)
    assert "0" in ticks(flat)


def test_all_that_is_drawn_is_inside() -> None:
    values = [float(n % 7) for n in range(500)]
    marks = [Mark(6.9, "limit")]
    chart = time_chart("T", "", 0.25, [Line("a", "p50", values, is_filled=True)], marks=marks)
    for path in (*parts(chart, "path", "line"), *parts(chart, "path", "area")):
        assert all(0 <= x <= 860 and 0 <= y <= 240 for x, y in points(path))
    (mark,) = parts(chart, "path", "mark")
    assert "V" not in (mark.get("d") or "")


def test_bars_have_the_share_of_their_bins() -> None:
    bins = [(1.0, 1.01, 60), (10.0, 10.1, 30), (100.0, 101.0, 10)]
    chart = bar_chart("T", "", bins, [Mark(10.0, "p90"), Mark(math.nan, "p99")], bars=10)
    bars = parts(chart, "rect", "bar")
    heights = [float(bar.get("height") or 0) for bar in bars]
    assert [height / sum(heights) for height in heights] == pytest.approx([0.6, 0.3, 0.1], abs=0.01)
    places = [float(bar.get("x") or 0) for bar in bars]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=80)
    assert [one.text for one in parts(chart, "text", "mark-text")] == ["p90"]


def test_one_bin_alone_is_drawn() -> None:
    assert len(parts(bar_chart("T", "", [(5.0, 5.0, 9)], []), "rect", "bar")) == 1


def test_names_are_text() -> None:
    chart = time_chart("<b>&", "<u>", 1.0, [Line("<i>", "p50", [1.0])], marks=[Mark(1.0, "<s>")])
    assert ET.fromstring(chart).find(".//b") is None  # noqa: S314 - our own
    assert "&lt;b&gt;&amp;" in chart


def test_a_scale_with_a_top_ends_there() -> None:
    chart = time_chart("T", "", 1.0, [Line("a", "ours", [10.0, 20.0])], top=100.0)
    assert ticks(chart)[0] == "0"
    assert "100" in ticks(chart)
    (line,) = parts(chart, "path", "line")
    assert points(line)[1][1] == pytest.approx(210 - 0.2 * 196, abs=0.1)


def test_spans_are_where_they_were_and_named_where_there_is_room() -> None:
    values = [1.0] * 100
    spans = [Span(0.0, 50.0, "a"), Span(50.0, 51.0, "b" * 30), Span(51.0, 200.0, "c" * 30)]
    chart = time_chart("T", "", 1.0, [Line("a", "ours", values)], spans=spans)
    bars = parts(chart, "rect", "span")
    edges = [
        (float(one.get("x") or 0), float(one.get("x") or 0) + float(one.get("width") or 0))
        for one in bars
    ]
    assert edges[0] == pytest.approx((62, 455), abs=0.2)
    assert edges[-1][1] == pytest.approx(848, abs=0.2)  # not beyond the end of the run
    assert [one.text for one in parts(chart, "text", "mark-text")] == ["a", "b" * 30]
