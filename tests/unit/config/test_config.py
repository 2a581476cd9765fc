from __future__ import annotations

from dataclasses import fields, replace

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.config.option_values import MAX_NIREQ
from ovbench_tui.errors import BadInputError


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hint": "fast"}, "-hint 'fast'"),
        ({"device": " "}, "-d ' '"),
        ({"device": "CPU\x1b[31m"}, "is not a valid device"),
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
        ({"api": "both"}, "-api 'both'"),
        ({"precision": "f32,"}, "-infer_precision 'f32,'"),
        ({"precision": "CPU:"}, "-infer_precision 'CPU:'"),
        ({"threads_pinning": "yes"}, "-pin 'yes'"),
        ({"iterations": -1}, "-niter -1"),
        ({"max_fps": -1.0}, "-max_irate -1"),
        ({"max_fps": float("nan")}, "-max_irate nan"),
        ({"arrivals": "poisson"}, "--arrivals 'poisson' needs a rate"),
        ({"arrivals": "poisson:5", "max_fps": 5.0}, "-max_irate and --arrivals exclude"),
        ({"queue_limit": -1}, "--queue-limit -1 is out of range"),
        ({"timeout_ms": -1.0}, "--timeout -1"),
        ({"percentiles": (50.0, 0.0)}, "-latency_percentile 0"),
        ({"percentiles": (100.1,)}, "-latency_percentile 100.1"),
        ({"batch": -1}, "-b -1"),
        ({"input_precision": "bf16"}, "-ip 'bf16'"),
        ({"output_precision": "x"}, "-op 'x'"),
        ({"port_precisions": (("a", "x"),)}, "-iop a: 'x'"),
        ({"mean_values": (("", ()),)}, "--mean_values of 'the inputs'"),
        ({"scale_values": (("a", (float("inf"),)),)}, "--scale_values of 'a'"),
        ({"scale_values": (("a", (1.0, 0.0)),)}, "holds a 0"),
        ({"extensions": ("a.so", " ")}, "-extensions has an empty part"),
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


CHANGES: dict[str, object] = {
    "assume_shapes": True,
    "model": "n",
    "device": "AUTO",
    "hint": "latency",
    "hint_nireq": 2,
    "streams": "2",
    "threads": 1,
    "threads_pinning": "NO",
    "precision": "CPU:bf16,GPU.0:f16",
    "data_shape": (("", (1,)),),
    "seed": 1,
    "cache_dir": "c",
    "batch": 2,
    "shape": (("x", ("?", "3")),),
    "layout": (("", "NCHW"),),
    "sources": (("", ("a.npy",)),),
    "input_precision": "u8",
    "output_precision": "f16",
    "port_precisions": (("x", "f16"),),
    "mean_values": (("", (1.0,)),),
    "scale_values": (("", (2.0,)),),
    "extensions": ("a.so",),
    "gpu_kernels": "k.xml",
    "device_properties": (("CPU", (("PERF_COUNT", "YES"),)),),
    "from_file": True,
    "perf_counts": True,
    "inference_only": True,
    "kv_cache_precision": "u8",
    "prefix_caching": True,
    "cache_size_gb": 2,
    "batched_tokens": 512,
    "draft": "draft.gguf",
}
LIGHT_CHANGES: dict[str, object] = {
    "prompt_tokens": "32..64",
    "new_tokens": "8,16",
    "prompts": "prompts.jsonl",
    "shared_prefix": 0.5,
    "nireq": 4,
    "api": "sync",
    "max_fps": 30.0,
    "first_inference": False,
    "reset_state": 3,
    "feeder": "spin",
    "arrivals": "bursts:200,period=2s,factor=5",
    "queue_limit": 5,
    "timeout_ms": 250.0,
    "check_tolerance": 0.05,
}
ENDS: dict[str, object] = {
    "duration_s": 5.0,
    "iterations": 9,
    "percentiles": (75.0,),
    "single_frame": True,
    "scenario": "server:200",
    "p99_under_ms": 20.0,
    "fps_above": 500.0,
    "ttft_p90_under_ms": 400.0,
    "tpot_p90_under_ms": 40.0,
}


def test_every_field_is_looked_at() -> None:
    assert {*CHANGES, *LIGHT_CHANGES, *ENDS} == {field.name for field in fields(BenchmarkConfig)}


@pytest.mark.parametrize("name", [*CHANGES, *LIGHT_CHANGES])
def test_what_changes_a_measurement_is_a_new_run_and_told(name: str) -> None:
    config = BenchmarkConfig(model="m")
    changed = replace(config, **{name: (CHANGES | LIGHT_CHANGES)[name]})  # type: ignore[arg-type]
    assert config.needs_new_run(changed)
    assert config.needs_recompile(changed) == (name in CHANGES)
    assert describe_change(config, changed)
    assert describe_change(changed, config)
    assert describe_change(config, changed) != describe_change(changed, config) or name in (
        "data_shape", "device_properties", "port_precisions"
    )  # fmt: skip


def test_when_it_ends_and_what_is_told_of_it_change_no_measurement() -> None:
    config = BenchmarkConfig(model="m")
    changed = replace(config, **ENDS)  # type: ignore[arg-type]
    assert not config.needs_new_run(changed)
    assert not config.needs_recompile(changed)
    assert describe_change(config, changed) == ""


def test_a_change_is_told_in_a_few_words() -> None:
    old = BenchmarkConfig(model="/models/a.xml", nireq=4, streams="2")
    assert describe_change(old, old) == ""
    assert describe_change(old, replace(old, model="C:\\models\\b.onnx")) == "b.onnx"
    assert describe_change(old, replace(old, model="")) == "no model"
    both = replace(old, nireq=0, streams="", threads=2)
    assert describe_change(old, both) == "nireq auto, streams auto, threads 2"
