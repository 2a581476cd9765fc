from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.config import MAX_NIREQ, BenchmarkConfig, describe_change
from ovbench_tui.errors import BadInputError


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hint": "fast"}, "-hint 'fast'"),
        ({"device": " "}, "-d ' '"),
        ({"device": "CPU\x1b[31m"}, "is no device"),
        ({"nireq": -1}, "-nireq -1"),
        ({"nireq": MAX_NIREQ + 1}, f"1 to {MAX_NIREQ}"),
        ({"hint_nireq": -1}, "-nireq -1"),
        ({"threads": 65537}, "-nthreads 65537"),
        ({"streams": "two"}, "-nstreams 'two'"),
        ({"streams": "CPU:x"}, "-nstreams 'CPU:x'"),
        ({"streams": "-1"}, "-nstreams '-1'"),
        ({"streams": "9999999999999"}, "-nstreams"),
        ({"streams": "٣"}, "-nstreams"),
        ({"seed": -1}, "seed -1"),
        ({"duration_s": 0.0}, "-t 0"),
        ({"duration_s": float("nan")}, "-t nan"),
        ({"duration_s": float("inf")}, "-t inf"),
    ],
)
def test_refuses_what_no_device_could_use(values: dict[str, object], words: str) -> None:
    with pytest.raises(BadInputError) as error:
        BenchmarkConfig(**values)  # type: ignore[arg-type]
    assert words in str(error.value)


@pytest.mark.parametrize(
    "streams", ["", "1", "AUTO", "auto", "NUMA", "CPU:4", "CPU:4,GPU:2", "GPU.0:AUTO"]
)
def test_takes_streams_as_benchmark_app_writes_them(streams: str) -> None:
    assert BenchmarkConfig(streams=streams).streams == streams


def test_only_requests_and_duration_change_without_a_recompile() -> None:
    config = BenchmarkConfig(model="m")
    assert not config.needs_recompile(replace(config, nireq=4, duration_s=5.0))
    for change in (
        {"model": "n"},
        {"device": "AUTO"},
        {"hint": "latency"},
        {"hint_nireq": 2},
        {"streams": "2"},
        {"threads": 1},
        {"precision": "bf16"},
        {"data_shape": (("", (1,)),)},
        {"seed": 1},
        {"cache_dir": "c"},
    ):
        changed = replace(config, **change)  # type: ignore[arg-type]
        assert config.needs_recompile(changed), change
        assert describe_change(config, changed), change
        assert describe_change(changed, config), change


def test_a_change_is_told_in_a_few_words() -> None:
    old = BenchmarkConfig(model="/models/a.xml", nireq=4, streams="2")
    assert describe_change(old, old) == ""
    assert describe_change(old, replace(old, model="C:\\models\\b.onnx")) == "b.onnx"
    assert describe_change(old, replace(old, model="")) == "no model"
    both = replace(old, nireq=0, streams="", threads=2)
    assert describe_change(old, both) == "nireq optimal, streams auto, threads 2"
