"""-load_config: what a file sets, and what is said of a file that cannot be read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.config.device_properties import (
    format_nested,
    parse_nested,
    properties_of,
    split_device,
)
from ovbench_tui.config.load_config import MAX_BYTES, format_settings, load_settings
from ovbench_tui.errors import BadInputError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def load(path: Path, document: object, device: str = "CPU") -> dict[str, Any]:
    path.write_text(json.dumps(document), encoding="utf-8")
    return load_settings(path, device)


def test_what_has_an_option_is_set_under_it(path: Path) -> None:
    settings = load(
        path,
        {
            "CPU": {
                "PERFORMANCE_HINT": "LATENCY",
                "PERFORMANCE_HINT_NUM_REQUESTS": 3,
                "NUM_STREAMS": "-1",
                "INFERENCE_NUM_THREADS": "2",
                "ENABLE_CPU_PINNING": False,
                "INFERENCE_PRECISION_HINT": "bf16",
                "CACHE_DIR": "cache",
                "PERF_COUNT": "YES",
                "ENABLE_HYPER_THREADING": True,
            },
            "GPU": {"NUM_STREAMS": "4"},
        },
    )
    assert settings == dict(  # noqa: C408 - as keywords of a configuration
        hint="latency",
        hint_nireq=3,
        streams="AUTO",
        threads=2,
        threads_pinning="NO",
        precision="bf16",
        cache_dir="cache",
        perf_counts=True,
        device_properties=(
            ("CPU", (("ENABLE_HYPER_THREADING", "YES"),)),
            ("GPU", (("NUM_STREAMS", "4"),)),
        ),
    )


def test_what_a_virtual_device_hands_on_stays_as_it_is(path: Path) -> None:
    nested = "{CPU:{INFERENCE_PRECISION_HINT:f32,NUM_STREAMS:3},GPU:{NUM_STREAMS:5}}"
    as_text = {"AUTO": {"PERFORMANCE_HINT": "THROUGHPUT", "DEVICE_PROPERTIES": nested}}
    as_object = {
        "AUTO": {
            "PERFORMANCE_HINT": "THROUGHPUT",
            "DEVICE_PROPERTIES": {
                "CPU": {"INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": 3},
                "GPU": {"NUM_STREAMS": 5},
            },
        }
    }
    for document in (as_text, as_object):
        settings = load(path, document, "AUTO:CPU")
        assert settings["hint"] == "throughput"
        assert settings["device_properties"] == (("AUTO", (("DEVICE_PROPERTIES", nested),)),)


@pytest.mark.parametrize(
    ("device", "streams"), [("GPU.1", "1"), ("GPU.0", "2"), ("GPU", "2"), ("CPU", "")]
)
def test_a_device_takes_its_own_entry_or_that_of_its_type(
    path: Path, device: str, streams: str
) -> None:
    document = {"GPU": {"NUM_STREAMS": "2"}, "GPU.1": {"NUM_STREAMS": "1"}}
    assert load(path, document, device).get("streams", "") == streams


def test_gpu_kernels_of_a_file(path: Path) -> None:
    assert load(path, {"GPU": {"CONFIG_FILE": "k.xml"}}, "GPU")["gpu_kernels"] == "k.xml"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not valid JSON"),
        (b"{", "is not valid JSON"),
        (b"\xff\xfe", "is not JSON text in UTF-8"),
        (b"[" * 100_000, "is not JSON text"),
        (b" " * (MAX_BYTES + 1), "is larger than 1 MiB"),
        (b"[]", "must hold one object"),
        (b'{"CPU": 1}', "'CPU' must hold an object of properties"),
        (b'{"CPU": {"NUM_STREAMS": null}}', "CPU.NUM_STREAMS must be a text"),
        (b'{"CPU": {"NUM_STREAMS": ["1"]}}', "CPU.NUM_STREAMS must be a text"),
        (b'{"CPU": {"NUM_STREAMS": "x"}}', "-nstreams 'x' is not a valid stream count"),
        (b'{"CPU": {"PERFORMANCE_HINT": "FAST"}}', "-hint 'fast' is unknown"),
        (b'{"CPU": {"INFERENCE_NUM_THREADS": "x"}}', "INFERENCE_NUM_THREADS 'x' is not a whole"),
        (b'{"CPU": {"INFERENCE_NUM_THREADS": "9999999"}}', "-nthreads 9999999 is out of range"),
        (b'{"CPU": {"PERF_COUNT": "maybe"}}', "'maybe' is neither YES nor NO"),
        (b'{"AUTO": {"DEVICE_PROPERTIES": "CPU"}}', "'CPU' cannot be read"),
        (b'{"AUTO": {"DEVICE_PROPERTIES": "{CPU:{NUM_STREAMS}}"}}', "cannot be read"),
        (b'{"AUTO": {"DEVICE_PROPERTIES": {"CPU": 1}}}', "must be a text"),
        (b'{"CPU": {"NUM_STREAMS": "\\ud800"}}', "half of a character"),
        (b'{"CPU": {"\\udfff": "1"}}', "half of a character"),
        (b'{"\\udc80": {"CACHE_DIR": "x"}}', "half of a character"),
    ],
)
def test_a_file_that_cannot_be_used(path: Path, data: bytes, words: str) -> None:
    path.write_bytes(data)
    with pytest.raises(BadInputError) as error:
        load_settings(path, "CPU")
    assert str(error.value).startswith(f"-load_config '{path}'")
    assert words in str(error.value)
    assert str(error.value).count("\n") == 0


@pytest.mark.parametrize("text", ["YES", "true", " on ", "1", True, 1])
@pytest.mark.parametrize("device", ["CPU", "GPU", "AUTO"])
def test_no_file_reserves_cores(path: Path, text: object, device: str) -> None:
    for document in (
        {"CPU": {"ENABLE_CPU_RESERVATION": text}},
        {"AUTO": {"DEVICE_PROPERTIES": {"CPU": {"ENABLE_CPU_RESERVATION": text}}}},
    ):
        with pytest.raises(BadInputError, match=r"^-load_config '.*': ENABLE_CPU_RESERVATION"):
            load(path, document, device)
    assert load(path, {"CPU": {"ENABLE_CPU_RESERVATION": "NO"}})["device_properties"]


def test_no_configuration_reserves_cores() -> None:
    properties = (("CPU", (("ENABLE_CPU_RESERVATION", "YES"),)),)
    config = BenchmarkConfig(device_properties=properties)  # as an old run in the history
    with pytest.raises(BadInputError, match="leave it out"):
        compile_properties(config)


def test_no_file_at_all(path: Path) -> None:
    with pytest.raises(BadInputError, match="was not found"):
        load_settings(path, "CPU")
    with pytest.raises(BadInputError, match=r"is not a regular file|cannot be read"):
        load_settings(path.parent, "CPU")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFO on this system")
def test_a_fifo_does_not_make_it_wait(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(BadInputError, match="is not a regular file"):
        load_settings(path, "CPU")


def test_what_is_written_is_benchmark_apps_form() -> None:
    text = format_settings({"AUTO": {"DEVICE_PROPERTIES": {"CPU": {"NUM_STREAMS": "3"}}, "A": 1}})
    assert json.loads(text) == {"AUTO": {"DEVICE_PROPERTIES": "{CPU:{NUM_STREAMS:3}}", "A": "1"}}


@pytest.mark.parametrize("nested", [{}, {"CPU": {}}, {"CPU": {"A": "1", "B": "x:y"}, "GPU": {}}])
def test_nested_properties_are_read_back(nested: dict[str, dict[str, str]]) -> None:
    assert parse_nested(format_nested(nested)) == nested


@pytest.mark.parametrize(
    "text", ["", "{", "}", "CPU", "{CPU}", "{CPU:{A:1}", "{CPU:{A:1}GPU:{}}", "{:{A:1}}", "{{}}"]
)
def test_what_is_no_nested_text(text: str) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        parse_nested(text)


def test_which_entry_holds() -> None:
    properties = (("GPU", (("A", "1"),)), ("MULTI", (("A", "2"),)))
    assert properties_of(properties, "GPU.3") == (("A", "1"),)
    assert properties_of(properties, "MULTI:GPU,CPU") == (("A", "2"),)
    assert properties_of(properties, "CPU") == ()
    assert split_device("MULTI:GPU,CPU") == ("MULTI", ("GPU", "CPU"))
