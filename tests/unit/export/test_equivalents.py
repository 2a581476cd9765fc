"""Command lines written out: quoted for a shell, and honest about what cannot be said."""

from __future__ import annotations

import json
import math
import shlex
from dataclasses import fields, replace
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import EffectiveConfig, ShapeGroup
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export import benchmark_app_command, own_command, python_snippet, settings_json
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.stats.run_stats import RunStats

_STATS = RunStats(*((0, 0, 0.0) + (math.nan,) * 11 + (0, 0.0)))
_X = PortInfo(0, "x", ("1", "3", "8", "8"), "u8", "NCHW")

ALL = BenchmarkConfig(
    model="models/a b.xml",
    device="MULTI:CPU",
    hint="latency",
    assume_shapes=True,
    nireq=3,
    streams="2",
    threads=2,
    precision="CPU:f32",
    data_shape=(("x", (1, 3)), ("x", ("1..8:zipf", "@a b.txt")), ("y", ())),
    duration_s=2.5,
    seed=7,
    cache_dir="my cache",
    api="async",
    max_fps=12.5,
    iterations=9,
    batch=2,
    shape=(("x", ("?", "1..8")),),
    layout=(("x", "NC"),),
    sources=(("x", ("a b.npy", "c.npy")), ("y", ("random",))),
    input_precision="u8",
    output_precision="f16",
    port_precisions=(("x", "f32"),),
    mean_values=(("x", (1.5, 2.0)),),
    scale_values=(("x", (3.0,)),),
    threads_pinning="NO",
    extensions=("a.so", "b.so"),
    gpu_kernels="k.xml",
    from_file=True,
    inference_only=False,
    first_inference=False,
    perf_counts=True,
    percentiles=(75.0, 99.9),
    single_frame=True,
    p99_under_ms=20.0,
    check_tolerance=0.05,
    fps_above=0.5,
    reset_state=5,
    feeder="collect",
    prompt_tokens="32..64",
    new_tokens="8,16",
    queue_limit=7,
    timeout_ms=250.5,
    scenario="offline",
    kv_cache_precision="u8",
    prompts="some prompts.jsonl",
    shared_prefix=0.5,
    prefix_caching=True,
    cache_size_gb=2,
    batched_tokens=512,
    ttft_p90_under_ms=400.0,
    tpot_p90_under_ms=40.5,
    draft="a draft",
)


def view(config: BenchmarkConfig, *ports: PortInfo, **effective: object) -> RunView:
    ports = ports or (_X,)
    group = ShapeGroup(tuple((port.label, (1, 3, 8, 8)) for port in ports), 1)
    facts = EffectiveConfig(nireq=4, shape_groups=(group,), api=config.api)
    return RunView(
        run_id=1,
        config=config,
        effective=replace(facts, **effective),  # type: ignore[arg-type]
        model=ModelInfo("m", config.model, "IR", ports, ()),
        read_ms=0.0,
        compile_ms=0.0,
        first_inference_ms=0.0,
        change="",
        stats=_STATS,
    )


def words(command: str) -> list[str]:
    return shlex.split(command, comments=True)


def value(command: str, option: str) -> str:
    found = words(command)
    return found[found.index(option) + 1]


def test_everything_is_in_our_own_command_line() -> None:
    unset = [
        field.name
        for field in fields(BenchmarkConfig)
        if getattr(ALL, field.name) == getattr(BenchmarkConfig(), field.name)
    ]
    # A rate cap excludes arrivals.
    assert set(unset) == {"hint_nireq", "api", "device_properties", "arrivals"}
    assert read_invocation(words(own_command(ALL))[1:]).config == ALL


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"model": ""},
        {"api": "sync", "hint": "none", "nireq": 1, "hint_nireq": 4},
        {"nireq": 0, "hint_nireq": 2},
        {"iterations": 0, "duration_s": None},
        {"arrivals": "bursts:200,period=2s,factor=5", "queue_limit": 0, "timeout_ms": 0.1},
        {"scenario": "server:20", "arrivals": "poisson:20", "p99_under_ms": 9.5},
        {"scenario": "multi-stream:8", "api": "sync", "batch": 8, "hint": "latency", "nireq": 0},
        {"sources": (("", ("a.npy", "b.npy")),), "model": "it's; $(echo a).xml"},
    ],
)
def test_our_own_command_line_is_read_back(values: dict[str, object]) -> None:
    config = replace(BenchmarkConfig(model="m.xml"), **values)  # type: ignore[arg-type]
    if not config.model:
        config = replace(config, sources=())
    assert read_invocation(words(own_command(config))[1:]).config == config


def test_properties_with_no_option_go_through_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    properties = (("CPU", (("A", "it's"),)), ("GPU", (("NUM_STREAMS", "4"),)))
    config = BenchmarkConfig(model="m.xml", device_properties=properties)
    write, _, command = own_command(config).partition(" && ")
    _, text, arrow, name = shlex.split(write)[1:]
    assert arrow == ">"
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text, encoding="utf-8")
    assert read_invocation(shlex.split(command)[1:]).config == config


def test_benchmark_app_is_given_options_where_they_do() -> None:
    config = BenchmarkConfig(model="a b.xml", hint="none", streams="2", nireq=3, hint_nireq=3)
    command = benchmark_app_command(view(config))
    assert command == (
        "benchmark_app -m 'a b.xml' -d CPU -nstreams 2 -api async -hint none -nireq 3"
    )


@pytest.mark.parametrize(
    "values",
    [
        {"streams": "2"},
        {"threads": 1, "hint": "latency"},
        {"threads_pinning": "NO"},
        {"device": "AUTO:CPU", "hint": "none", "precision": "f32"},
        {"nireq": 4, "hint_nireq": 2},
        {"device_properties": (("CPU", (("A", "B"),)),)},
    ],
)
def test_what_benchmark_app_refuses_as_options_goes_into_a_file(values: dict[str, object]) -> None:
    config = replace(BenchmarkConfig(model="m.xml"), **values)  # type: ignore[arg-type]
    command = benchmark_app_command(view(config))
    found = words(command)
    assert found[0] == "printf"
    assert json.loads(found[2]) == json.loads(settings_json(config))
    assert found[found.index("-load_config") + 1] == found[found.index(">") + 1]
    assert not {"-nstreams", "-nthreads", "-pin", "-infer_precision"} & set(found)
    assert ("-hint" in found) == (config.hint == "none")


def test_a_queue_the_device_was_not_told_of() -> None:
    command = benchmark_app_command(view(BenchmarkConfig(model="m.xml", nireq=4)))
    assert value(command, "--number_infer_requests") == "4"
    assert "-nireq" not in words(command)


def test_an_open_loop_is_said_to_be_none_in_benchmark_app() -> None:
    config = BenchmarkConfig(model="m.xml", arrivals="poisson:5", queue_limit=3, timeout_ms=1.0)
    command = benchmark_app_command(view(config))
    assert "# benchmark_app: it has no arrivals" in command
    assert not {"--arrivals", "--queue-limit", "--timeout"} & set(words(command))


def test_what_benchmark_app_has_no_option_for_is_said() -> None:
    config = BenchmarkConfig(
        model="mobilenet-v2",
        duration_s=0.5,
        seed=3,
        percentiles=(99.9, 75.0),
        sources=(("x", ("random",)),),
    )
    command = benchmark_app_command(view(config))
    remarks = [line for line in command.splitlines() if line.startswith("# benchmark_app: ")]
    for part in ("whole seconds", "seed", "one whole percentile", "image_info", "built-in"):
        assert sum(part in remark for remark in remarks) == 1, part
    assert value(command, "-t") == "1"
    assert value(command, "-latency_percentile") == "75"
    assert "-i" not in words(command)
    assert 'model_path("mobilenet-v2")' in command


def test_an_input_called_by_its_index_gets_its_name() -> None:
    config = BenchmarkConfig(
        model="m.xml",
        data_shape=(("#0", (1, 3, 8, 8)),),
        layout=(("#0", "NCHW"),),
        sources=(("#0", ("a.npy",)),),
    )
    port = replace(_X, shape=("?", "3", "8", "8"))
    command = benchmark_app_command(view(config, port, inference_only=True))
    assert value(command, "-data_shape") == "x[1,3,8,8]"
    assert value(command, "-layout") == "x[NCHW]"
    assert value(command, "-i") == "x:a.npy"
    # benchmark_app would fill a dynamic model's inputs every time.
    assert value(command, "-inference_only") == "true"


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        (BenchmarkConfig(model="m.xml"), ["core.read_model('m.xml')", "ov.AsyncInferQueue(", "4)"]),
        (BenchmarkConfig(model="m.xml", api="sync"), ["create_infer_request()", "request.infer()"]),
        (BenchmarkConfig(model="m.xml", from_file=True), ["core.compile_model('m.xml', 'CPU'"]),
        (BenchmarkConfig(model="alexnet"), ["zoo.store import load", "load(core, 'alexnet')"]),
        (BenchmarkConfig(model="m.xml", batch=2), ["model.reshape({0: ov.PartialShape("]),
        (BenchmarkConfig(model="m.xml", iterations=9), ["while count < 12:"]),
        (BenchmarkConfig(model="m.xml", iterations=9, duration_s=1.0), ["12 or time.perf"]),
        (BenchmarkConfig(model="m.xml", max_fps=30.0), ["frames / 30.0"]),
        (BenchmarkConfig(model="m.xml", arrivals="poisson:5"), ["# It keeps the requests busy"]),
        (BenchmarkConfig(model="m.xml", extensions=("a.so",)), ["core.add_extension('a.so')"]),
        (BenchmarkConfig(model="m.xml", gpu_kernels="k"), ['{"CONFIG_FILE": \'k\'}']),
        (BenchmarkConfig(model="m.xml", sources=(("", ("a",)),)), ["inputs came from files"]),
        (
            BenchmarkConfig(
                model="m.xml", mean_values=(("", (1.0,)),), scale_values=(("x", (2.0,)),)
            ),
            [".mean([1.0])", ".scale([2.0])"],
        ),
    ],
)  # fmt: skip
def test_the_program_says_what_runs(config: BenchmarkConfig, parts: list[str]) -> None:
    program = python_snippet(view(config))
    compile(program, "program", "exec")
    for part in parts:
        assert part in program


def test_a_compiled_blob_is_imported() -> None:
    run = view(BenchmarkConfig(model="m.blob"))
    program = python_snippet(replace(run, model=replace(run.model, format="blob")))
    compile(program, "program", "exec")
    assert """core.import_model(open('m.blob', "rb").read(), 'CPU', properties)""" in program
    assert "PrePostProcessor" not in program


def test_the_program_sends_no_analytics() -> None:
    """And says so in a comment, for it is the user's own."""
    lines = python_snippet(view(BenchmarkConfig(model="m.xml"))).splitlines()
    stops = lines.index('sys.modules["openvino_telemetry"] = None')
    assert lines[stops - 1].startswith("# ")
    assert lines.index("import sys") < stops < lines.index("import openvino as ov")
