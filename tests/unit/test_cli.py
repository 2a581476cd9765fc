"""The command line: what is understood, and one sentence for what is not."""

from __future__ import annotations

import pytest

from ovbench_tui import cli
from ovbench_tui.config import BenchmarkConfig


def parse(*argv: str) -> BenchmarkConfig:
    return cli._config(cli._parser().parse_args(argv))


def test_nothing_asked_for_leaves_the_choice_to_openvino() -> None:
    assert parse() == BenchmarkConfig()
    assert parse().hint == "throughput"


@pytest.mark.parametrize("names", [
    ("-m", "-d", "-hint", "-nireq", "-nstreams", "-nthreads", "-infer_precision", "-t"),
    ("--path_to_model", "--target_device", "--perf_hint", "--number_infer_requests",
     "--number_streams", "--number_threads", "--precision", "--time"),
    ("-m", "--device", "--hint", "--nireq", "--streams", "--threads", "--precision", "--time"),
])  # fmt: skip
def test_benchmark_apps_names_and_ours(names: tuple[str, ...]) -> None:
    values = ("model.xml", "AUTO", "tput", "4", "2", "3", "bf16", "1.5")
    argv = [word for pair in zip(names, values, strict=True) for word in pair]
    assert parse(*argv) == BenchmarkConfig(
        model="model.xml",
        device="AUTO",
        hint="throughput",
        nireq=4,
        hint_nireq=4,
        streams="2",
        threads=3,
        precision="bf16",
        duration_s=1.5,
    )


def test_a_data_shape_is_read() -> None:
    config = parse("model.onnx", "-data_shape", "ids[1,128],mask[1,64]")
    assert config.model == "model.onnx"
    assert config.data_shape == (("ids", (1, 128)), ("mask", (1, 64)))


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--no-such"], "unrecognized arguments: --no-such"),
        (["a.xml", "-m", "b.xml"], "given twice"),
        (["a.xml", "-nireq", "many"], "invalid int value: 'many'"),
        (["a.xml", "-nireq", "-1"], "-nireq -1 is out of range"),
        (["a.xml", "-hint", "fast"], "-hint 'fast' is unknown: choose throughput, latency"),
        (["a.xml", "-t", "0"], "-t 0 is no duration"),
        (["a.xml", "-t", "nan"], "-t nan is no duration"),
        (["a.xml", "-nstreams", "x"], "-nstreams 'x' is no stream count"),
        (["a.xml", "-nthreads", "-3"], "-nthreads -3 is out of range"),
        (["a.xml", "-data_shape", "[0,3]"], "size 0 cannot be run"),
        (["a.xml", "-data_shape", "1,3"], "is no shape"),
        (["a.xml", "--refresh", "0"], "--refresh 0"),
        (["a.xml", "--ui-budget", "0"], "--ui-budget 0"),
        (["a.xml", "--seed", "-1"], "--seed -1"),
        (["a.xml", "-d", ""], "is no device"),
        (["no-such-model.xml"], "no-such-model.xml"),
        (["--no-tui"], "No MODEL is given"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    argv: list[str], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(argv) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("ovbench-tui: ")
    assert err.count("\n") == 1
    assert words in err
