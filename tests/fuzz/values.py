"""Values as texts: shapes, layouts, precisions, sources, properties, and text to be shown."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.device_properties import format_nested, parse_nested, split_device
from ovbench_tui.config.model_file import identify
from ovbench_tui.config.named.words import parse_port_precisions, parse_sources
from ovbench_tui.config.port_values import parse_channel_values, parse_layout
from ovbench_tui.config.shapes import format_data_shape, parse_data_shape, parse_shape
from ovbench_tui.console.printable import printable
from ovbench_tui.console.text import clean, fit, width_of, wrap
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.ui.tabs.model.shape_edit import with_shape
from ovbench_tui.ui.tabs.properties.property_edit import with_property
from tests.fuzz.ingredients import NASTY, pieces
from tests.fuzz.target import Target

_SHAPE = ("[", "]", "1", "3", "224", ",", "?", "-1", "..", "...", "1..8", "x", "input1", " ")
_PROPERTIES = (
    "NUM_STREAMS", "INFERENCE_NUM_THREADS", "PERFORMANCE_HINT", "PERFORMANCE_HINT_NUM_REQUESTS",
    "INFERENCE_PRECISION_HINT", "ENABLE_CPU_PINNING", "CACHE_DIR", "PERF_COUNT",
    "DEVICE_PROPERTIES", "LOG_LEVEL", "X", "",
)  # fmt: skip
_PORTS = (
    PortInfo(0, "x", ("1", "3", "224", "224"), "f32", "NCHW"),
    PortInfo(1, "", ("?", "?"), "i64", ""),
    PortInfo(2, "a[b],#1", ("...",), "f32", ""),
)


def _data_shape(text: str, _: Path) -> None:
    read = parse_data_shape(text)
    assert parse_data_shape(format_data_shape(read)) == read


def _shape(text: str, _: Path) -> None:
    read = parse_shape(text)
    assert parse_shape(format_data_shape(read)) == read


def _nested(text: str, _: Path) -> None:
    read = parse_nested(text)
    assert parse_nested(format_nested(read)) == read


def _shown(text: str, _: Path) -> None:
    assert printable(text).isprintable()
    cleaned = clean(text[:300])
    for width in (1, 2, 7, 80):
        assert width_of(fit(cleaned, width)) == width
        assert "".join(wrap(cleaned, width)).replace(" ", "") == cleaned.replace(" ", "")


TARGETS = (
    Target("-data_shape", pieces(_SHAPE, good=("[1,3,8]", "a[1][2],b[3]", "[]")), _data_shape),
    Target("-shape", pieces(_SHAPE, good=("[?,1..8]", "a[...],b[3, -1]", "[..4]")), _shape),
    Target(
        "-layout",
        pieces(("[", "]", "N", "C", "HW", "?", "...", ",", "x"), good=("[NCHW]", "a[N...C],b[?C]")),
        lambda text, _: parse_layout(text),
    ),
    Target(
        "-iop",
        pieces(("x", ":", "f16", ",", "0", "out"), good=("x:f16, y:0:u8",)),
        lambda text, _: parse_port_precisions(text),
    ),
    Target(
        "--mean_values",
        pieces(("[", "]", "1.5", ",", "x", "1e9"), good=("[1.5,2]", "x[1],y[2e3]")),
        lambda text, _: parse_channel_values(text, "--mean_values"),
    ),
    Target(
        "-i",
        st.lists(pieces(("x", ":", "a.npy", ",", "#1", "C:\\", "/", "0", "random")), max_size=3),
        lambda words, _: parse_sources(words),
    ),
    Target(
        "nested properties",
        pieces(
            ("{", "}", "CPU", ":", "3", ",", "CPU:{", "A:{},"), good=("{CPU:{A:1,B:x:y},G:{}}",)
        ),
        _nested,
    ),
    Target(
        "device",
        pieces(("AUTO", ":", "CPU", "(4)", ",", "-", ".0")),
        lambda text, _: split_device(text),
    ),
    Target(
        "a property on the screen",
        st.tuples(st.sampled_from(_PROPERTIES), pieces(("3", "AUTO", "CPU:4", "f16", "YES", ","))),
        lambda pair, _: with_property(BenchmarkConfig(), *pair),
    ),
    Target(
        "a shape on the screen",
        st.tuples(st.sampled_from(_PORTS), pieces(_SHAPE)),
        lambda pair, _: with_shape(BenchmarkConfig(), *pair),
    ),
    Target(
        "MODEL",
        pieces(("mobilenet-v2", "m.xml", "./", "../", "~", "~root", "m.onnx", *NASTY)),
        lambda text, _: identify(text),
    ),
    Target("text to be shown", pieces(("word", " ", "漢字", "e\u0301")), _shown),
)
