"""What is written out again runs, and comes to the same effective properties."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.load_config import load_settings
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.export import benchmark_app_command, own_command, python_snippet, settings_json
from ovbench_tui.options.invocation import read_invocation
from tests.engine.run_views import make_view

_PATIENCE_S = 120.0

MakeRun = Callable[[BenchmarkConfig], RunView]

# What a machine's load or another compile of the same model may change is not compared.
_VOLATILE = {"EXECUTION_DEVICES", "LOADED_FROM_CACHE", "NETWORK_NAME", "MODEL_NAME"}

CONFIGS = {
    "default": {},
    "latency and sync": {"hint": "latency", "api": "sync"},
    "tuned with a hint": {"streams": "1", "threads": 1, "threads_pinning": "NO", "nireq": 3},
    "tuned without a hint": {"hint": "none", "streams": "2", "precision": "f32"},
    "nireq told to the device": {"nireq": 1, "hint_nireq": 1},
    "device told another nireq": {"nireq": 4, "hint_nireq": 2},
    "layer times": {"perf_counts": True},
    "AUTO": {"device": "AUTO:CPU", "streams": "1", "threads": 1},
    "MULTI": {"device": "MULTI:CPU", "hint": "none", "precision": "CPU:f32"},
    "from a file": {"device_properties": (("CPU", (("ENABLE_HYPER_THREADING", "NO"),)),)},
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(allow_strings=False)


@pytest.fixture(scope="module")
def make_run(engine: Engine) -> MakeRun:
    def make(config: BenchmarkConfig) -> RunView:
        prepared = engine.prepare(config, None, lambda _: None)
        nireq = 1 if config.api == "sync" else config.nireq or prepared.effective.optimal_nireq
        return make_view(config, prepared, nireq)

    return make


def run(command: list[str], folder: Path) -> str:
    result = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def shell(command: str, folder: Path) -> str:
    tools = Path(sys.executable).parent
    path = f"export PATH={shlex.quote(str(tools))}:$PATH\n"
    return run(["bash", "-c", path + command], folder)


def reported_properties(log: str) -> dict[str, str]:
    """The properties benchmark_app lists of the compiled model; those of its devices, too."""
    properties: dict[str, str] = {}
    device = ""
    for line in log.partition("Querying optimal")[2].partition("[Step 9")[0].splitlines():
        match = re.match(r"\[ INFO \] (?P<indent> +)(?P<key>[\w ]+): ?(?P<value>.*)", line)
        if match is None:
            continue
        if not match["value"]:
            device = match["key"]
        elif len(match["indent"]) > 2 or not device:
            prefix = f"{device}." if len(match["indent"]) > 2 else ""
            properties[prefix + match["key"]] = match["value"]
        else:
            device = ""
            properties[match["key"]] = match["value"]
    return properties


_SAME_WORDS = {
    "true": "yes",
    "false": "no",
    "set()": "",
    "{}": "",
    "bfloat16": "bf16",
    **{f"float{bits}": f"f{bits}" for bits in (16, 32, 64)},
    **{f"uint{bits}_t": f"u{bits}" for bits in (8, 16, 32)},
    **{f"int{bits}_t": f"i{bits}" for bits in (8, 16, 32)},
}


def plain(value: str) -> str:
    """One way of writing a value for both programs."""
    text = re.sub(r"\w+\.(?=[A-Z_]+$)|<Type: '|'>|[\[\]']|\s", "", value).lower()
    text = re.sub(r"^(\d+)\.0$", r"\1", text)
    return _SAME_WORDS.get(text, text)


def assert_same(ours: RunView, theirs: dict[str, str]) -> None:
    properties = dict(ours.effective.properties)
    shared = {key for key in theirs if key in properties} - _VOLATILE
    assert len(shared) > 10
    assert {key: plain(theirs[key]) for key in shared} == {
        key: plain(properties[key]) for key in shared
    }


@pytest.mark.parametrize("values", CONFIGS.values(), ids=CONFIGS)
def test_benchmark_app_runs_the_same(
    values: dict[str, object], make_run: MakeRun, tiny_models: Path, tmp_path: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "wide.xml"), duration_s=1.0, **values)  # type: ignore[arg-type]
    ours = make_run(config)
    log = shell(benchmark_app_command(ours), tmp_path)
    assert_same(ours, reported_properties(log))
    requests = re.search(r"(\d+) inference requests", log)
    assert requests is not None or config.api == "sync"
    if requests is not None:
        assert int(requests[1]) == ours.effective.nireq


@pytest.mark.parametrize(
    "name", ["latency and sync", "device told another nireq", "AUTO", "from a file"]
)
def test_the_program_runs_the_same(
    name: str, make_run: MakeRun, tiny_models: Path, tmp_path: Path
) -> None:
    model = str(tiny_models / "wide.xml")
    config = BenchmarkConfig(model=model, duration_s=0.2, **CONFIGS[name])  # type: ignore[arg-type]
    ours = make_run(config)
    assert run_snippet(ours, tmp_path) == dict(ours.effective.properties)


def run_snippet(ours: RunView, folder: Path) -> dict[str, str]:
    reported = (
        "\nfrom ovbench_tui.engine.models.properties import read_effective\nimport json\n"
        f"print('TOLD', json.dumps(read_effective(compiled, {ours.config.device!r}).properties))\n"
    )
    program = folder / "program.py"
    program.write_text(python_snippet(ours) + reported, encoding="utf-8")
    output = run([sys.executable, str(program)], folder)
    assert re.search(r"Throughput: [1-9][\d.]* FPS, [1-9]\d* inferences", output)
    assert "p99: " in output
    return dict(json.loads(output.partition("TOLD ")[2]))


@pytest.mark.parametrize(
    "values",
    [
        {"model": "mobilenet-v2"},
        {"model": "mobilenet-v2", "batch": 2, "mean_values": (("", (1.0, 2.0, 3.0)),)},
        {"model": "mobilenet-v2", "from_file": True, "iterations": 3},
        {"model": "dynamic.xml", "data_shape": (("x", (1, 16)), ("x", (3, 16))), "max_fps": 500.0},
        {"model": "dynamic.xml", "data_shape": (("x", ("1..4:zipf", 16)),), "seed": 3},
        {"model": "dynamic.xml", "shape": (("x", ("1..8", "16")),), "data_shape": (("", (2, 16)),)},
        {"model": "relu.xml", "input_precision": "f16", "output_precision": "f16", "api": "sync"},
        {"model": "dynamic.xml", "data_shape": (("#0", (1, 16)),), "inference_only": False,
         "api": "sync", "first_inference": False},
    ],
    ids=["built-in", "batch and mean", "from file", "rotation", "drawn", "reshaped", "types",
         "sync refill"],
)  # fmt: skip
def test_both_run_what_is_fed_otherwise(
    values: dict[str, object], make_run: MakeRun, tiny_models: Path, tmp_path: Path
) -> None:
    model = str(values["model"])
    if model.endswith(".xml"):
        model = str(tiny_models / model)
    config = BenchmarkConfig(**{"duration_s": 0.2, **values, "model": model})  # type: ignore[arg-type]
    ours = make_run(config)
    assert run_snippet(ours, tmp_path) == dict(ours.effective.properties)
    assert_same(ours, reported_properties(shell(benchmark_app_command(ours), tmp_path)))


@pytest.mark.parametrize("values", CONFIGS.values(), ids=CONFIGS)
def test_the_settings_file_is_read_by_both(
    values: dict[str, object], make_run: MakeRun, tiny_models: Path, tmp_path: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "wide.xml"), **values)  # type: ignore[arg-type]
    path = tmp_path / "settings.json"
    path.write_text(settings_json(config), encoding="utf-8")
    settings = load_settings(path, config.device)
    ours = make_run(config)
    again = read_invocation(
        [config.model, "-d", config.device, "-api", config.api, "-load_config", str(path)]
        + (["-hint", "none"] if config.hint == "none" else [])
    ).config
    assert dict(make_run(again).effective.properties) == dict(ours.effective.properties)
    assert settings.get("perf_counts", False) == config.perf_counts


def test_what_benchmark_app_dumps_is_read_here(
    make_run: MakeRun, tiny_models: Path, tmp_path: Path
) -> None:
    model, dumped = str(tiny_models / "wide.xml"), tmp_path / "dumped.json"
    command = ["benchmark_app", "-m", model, "-niter", "0", "-hint", "none", "-nstreams", "1"]
    command += ["-nthreads", "1", "-pin", "NO", "-infer_precision", "f32", "-nireq", "2"]
    shell(shlex.join([*command, "-pc", "-dump_config", str(dumped)]), tmp_path)
    settings = load_settings(dumped, "CPU")
    assert settings["streams"] == "1"
    assert settings["threads"] == 1
    assert settings["threads_pinning"] == "NO"
    assert settings["precision"] == "f32"
    assert settings["hint_nireq"] == 2
    assert settings["perf_counts"]
    assert settings["device_properties"] == ()


def test_our_own_command_line_asks_for_the_same(tiny_models: Path) -> None:
    for values in CONFIGS.values():
        config = BenchmarkConfig(model="relu.xml", **values)  # type: ignore[arg-type]
        if config.device_properties:
            continue  # tests/unit/test_equivalents.py reads its file
        assert read_invocation(shlex.split(own_command(config))[1:]).config == config
