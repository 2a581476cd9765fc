"""The command line: what is understood, and one sentence for what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ovbench_tui.cli import main as cli
from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.invocation import Invocation, read_invocation, typed_pairs


def parse(*argv: str) -> BenchmarkConfig:
    return read_invocation(argv).config


@pytest.fixture
def settings(tmp_path: Path) -> str:
    """A settings file that says something on everything an option says, too."""
    path = tmp_path / "settings.json"
    values = {
        "PERFORMANCE_HINT": "LATENCY",
        "PERFORMANCE_HINT_NUM_REQUESTS": "3",
        "NUM_STREAMS": "2",
        "INFERENCE_NUM_THREADS": "2",
        "ENABLE_CPU_PINNING": "YES",
        "INFERENCE_PRECISION_HINT": "f32",
        "CACHE_DIR": "old",
        "PERF_COUNT": "YES",
        "ENABLE_HYPER_THREADING": "NO",
    }
    path.write_text(json.dumps({"CPU": values}), encoding="utf-8")
    return str(path)


def test_nothing_asked_for_leaves_the_choice_to_openvino() -> None:
    assert parse() == BenchmarkConfig()
    assert parse().hint == "throughput"
    assert read_invocation([]) == Invocation(
        config=BenchmarkConfig(),
        reports=ReportOptions(),
        isolated=False,
        has_screen=True,
        refresh_hz=4.0,
        ui_budget_percent=3.0,
        blind_s=None,
        wants_schema=False,
        wants_dashboard=False,
        metrics_address="",
    )


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


def test_every_other_option_reaches_the_configuration() -> None:
    argv = (
        "model.xml -api sync -niter 8 -max_irate 20 -b 2 -shape x[?,3] -data_shape x[1,3][2,3]"
        " -layout [NC] -ip u8 -op f16 -iop x:f32,y:i32 --mean_values [1,2] --scale_values x[3]"
        " -pin no -extensions a.so,b.so -c k.xml -cdir cache -lfile -inference_only false"
        " -no_warmup -latency_percentile 75,99.9 -latency_percentile 75 --seed 7 -nireq 4"
        " -i x:a.npy y:random -pc"
    )
    assert parse(*argv.split()) == BenchmarkConfig(
        model="model.xml",
        hint="latency",
        api="sync",
        nireq=1,
        hint_nireq=4,
        iterations=8,
        max_fps=20.0,
        batch=2,
        shape=(("x", ("?", "3")),),
        data_shape=(("x", (1, 3)), ("x", (2, 3))),
        layout=(("", "NC"),),
        input_precision="u8",
        output_precision="f16",
        port_precisions=(("x", "f32"), ("y", "i32")),
        mean_values=(("", (1.0, 2.0)),),
        scale_values=(("x", (3.0,)),),
        threads_pinning="NO",
        extensions=("a.so", "b.so"),
        gpu_kernels="k.xml",
        cache_dir="cache",
        from_file=True,
        inference_only=False,
        first_inference=False,
        percentiles=(75.0, 99.9),
        seed=7,
        sources=(("x", ("a.npy",)), ("y", ("random",))),
        perf_counts=True,
    )


@pytest.mark.parametrize(
    ("argv", "hint", "api"),
    [
        ([], "throughput", "async"),
        (["-api", "sync"], "latency", "sync"),
        (["-hint", "latency"], "latency", "sync"),
        (["-hint", "latency", "-api", "async"], "latency", "async"),
        (["-hint", "ctput", "-api", "sync"], "cumulative_throughput", "sync"),
        (["-hint", "none"], "none", "async"),
    ],
)
def test_hint_and_api_follow_from_one_another(argv: list[str], hint: str, api: str) -> None:
    config = parse("model.xml", *argv)
    assert (config.hint, config.api) == (hint, api)


def test_the_number_told_to_the_device_may_be_another() -> None:
    config = parse("model.xml", "-nireq", "4", "--hint-nireq", "0")
    assert (config.nireq, config.hint_nireq) == (4, 0)
    assert parse("model.xml", "--hint-nireq", "2").hint_nireq == 2


def test_a_settings_file_is_taken_where_no_option_is_given(settings: str) -> None:
    assert parse("model.xml", "-load_config", settings) == BenchmarkConfig(
        model="model.xml",
        hint="latency",
        api="async",  # as in benchmark_app: only -hint itself makes it sync
        hint_nireq=3,
        streams="2",
        threads=2,
        threads_pinning="YES",
        precision="f32",
        cache_dir="old",
        perf_counts=True,
        device_properties=(("CPU", (("ENABLE_HYPER_THREADING", "NO"),)),),
    )


def test_options_win_over_a_settings_file(settings: str) -> None:
    argv = (
        "model.xml -hint tput -nireq 5 -nstreams 1 -nthreads 1 -pin NO -infer_precision bf16"
        " -cdir new -pc false"
    )
    got = parse(*argv.split(), "-load_config", settings)
    assert got == BenchmarkConfig(
        **{
            name: getattr(parse(*argv.split()), name)
            for name in OPTIONS
            if name != "device_properties"
        },
        device_properties=(("CPU", (("ENABLE_HYPER_THREADING", "NO"),)),),
    )
    assert (got.hint, got.hint_nireq, got.perf_counts) == ("throughput", 5, False)


@pytest.mark.parametrize(
    ("argv", "collects", "prints"),
    [
        ([], False, False),
        (["-pc"], True, True),
        (["-pc", "false"], False, False),
        (["-pcsort", "sort"], True, False),
        (["-pcsort", "sort", "-pc", "no"], False, False),
        (["-report_type", "no_counters"], False, False),
        (["-report_type", "average_counters"], True, False),
        (["-report_type", "detailed_counters"], True, False),
        (["-exec_graph_path", "graph.xml"], True, False),
    ],
)
def test_layer_times_are_collected_where_they_are_needed(
    argv: list[str], collects: bool, prints: bool
) -> None:
    invocation = read_invocation(["model.xml", *argv])
    assert invocation.config.perf_counts == collects
    assert invocation.reports.perf_counts == prints


def test_what_is_written_is_apart_from_what_is_measured() -> None:
    line = (
        "model.xml -report_type average_counters -report_folder out -json_stats -pcsort sort"
        " -pcseq yes -exec_graph_path g.xml -dump_config d.json --latencies l.npy --json"
    )
    argv = line.split()
    invocation = read_invocation(argv)
    assert invocation.reports == ReportOptions(
        report_type="average_counters",
        report_folder="out",
        json_stats=True,
        pcsort="sort",
        pcseq=True,
        exec_graph_path="g.xml",
        dump_config="d.json",
        latencies_file="l.npy",
        json_stdout=True,
        command_line=typed_pairs(argv),
    )
    assert invocation.reports.writes_files
    assert invocation.reports.needs_profile
    assert not invocation.has_screen
    assert not ReportOptions(json_stdout=True, perf_counts=True).writes_files
    assert not ReportOptions(report_type="no_counters").needs_profile


def test_the_words_as_typed_are_kept_for_the_report() -> None:
    assert typed_pairs(["m.xml", "-d", "CPU", "-pc", "-t=1", "-i", "a", "b", "--seed", "-1"]) == (
        ("m.xml", ""),
        ("-d", "CPU"),
        ("-pc", ""),
        ("-t", "1"),
        ("-i", "a b"),
        ("--seed", "-1"),
    )


def test_how_it_is_shown() -> None:
    argv = "m.xml --refresh 2 --ui-budget 5 --blind 1.5 --isolate --no-tui --json-schema"
    shown = read_invocation(argv.split())
    assert (shown.refresh_hz, shown.ui_budget_percent, shown.blind_s) == (2.0, 5.0, 1.5)
    assert shown.isolated
    assert shown.wants_schema
    assert not shown.has_screen


@pytest.mark.parametrize(
    "values", [{"report_type": "all"}, {"pcsort": "up"}, {"latencies_file": "x.txt"}]
)
def test_reports_of_unknown_kinds_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(BadInputError, match=next(iter(values.values()))):
        ReportOptions(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--no-such"], "Option --no-such is unknown"),
        (["a.xml", "-m", "b.xml"], "given twice"),
        (["a.xml", "-nireq", "many"], "invalid int value: 'many'"),
        (["a.xml", "-nireq", "-1"], "-nireq -1 is out of range"),
        (["a.xml", "-hint", "fast"], "-hint 'fast' is unknown: choose throughput, latency"),
        (["a.xml", "-t", "0"], "-t 0 is not a valid duration"),
        (["a.xml", "-t", "nan"], "-t nan is not a valid duration"),
        (["a.xml", "-nstreams", "x"], "-nstreams 'x' is not a valid stream count"),
        (["a.xml", "-nthreads", "-3"], "-nthreads -3 is out of range"),
        (["a.xml", "-shape", "[0,3]"], "size 0 cannot be run"),
        (["a.xml", "--reset-state", "-1"], "--reset-state -1 is out of range"),
        (["a.xml", "-data_shape", "1,3"], "is not a valid shape"),
        (["a.xml", "-shape", "[1][2]"], "several values for one input"),
        (["a.xml", "-layout", "NCHW"], "-layout 'NCHW' is not a valid layout"),
        (["a.xml", "-iop", "x"], "-iop 'x'"),
        (["a.xml", "--scale_values", "[0]"], "holds a 0"),
        (["a.xml", "-niter", "-1"], "-niter -1"),
        (["a.xml", "-latency_percentile", "0"], "-latency_percentile 0"),
        (["a.xml", "-load_config", "no-such.json"], "-load_config 'no-such.json' was not found"),
        (["a.xml", "--latencies", "l.txt"], "ends in .npy or .csv"),
        (["-i", "a.npy", "a.xml"], "-i took 'a.xml' as an input file, and no MODEL is left"),
        (["a.xml", "--refresh", "0"], "--refresh 0"),
        (["a.xml", "--ui-budget", "0"], "--ui-budget 0"),
        (["a.xml", "--blind", "0.1"], "--blind 0.1 is out of range: give 0.5 to 60 seconds"),
        (["mobilenet-v2", "--no-tui", "--blind", "1"], "--blind measures what drawing costs"),
        (["a.xml", "--seed", "-1"], "seed -1"),
        (["a.xml", "-d", ""], "is not a valid device"),
        (["no-such-model.xml"], "no-such-model.xml"),
        (["--no-tui"], "No MODEL is given"),
        (["mobilenet-v2", "-report_type", "no_counters", "-report_folder", "no/such"], "no/such"),
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


def test_with_json_there_is_a_document_even_of_a_bad_start(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["no-such-model.xml", "--json"]) == 2
    out, err = capfd.readouterr()
    outcome = json.loads(out)["outcome"]
    assert outcome["exit_code"] == 2
    assert "no-such-model.xml" in outcome["error"]
    assert err == f"ovbench-tui: {outcome['error']}\n"


def test_the_schema_is_printed_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--json-schema"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["$schema"]
    assert err == ""


def test_a_bad_command_line_has_a_json_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--json", "-hint", "foo", "m.xml"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"]["exit_code"] == 2


def test_the_model_is_no_option_s_value() -> None:
    pairs = typed_pairs(["-nireq", "4", "m.xml", "--no-tui", "n.xml"], "m.xml")
    assert pairs == (("-nireq", "4"), ("m.xml", ""), ("--no-tui", "n.xml"))


@pytest.mark.parametrize("name", ["g.bin", "g", "m.graph"])
def test_a_graph_goes_only_to_an_xml_file(name: str) -> None:
    with pytest.raises(BadInputError, match=r"ends in \.xml"):
        ReportOptions(exec_graph_path=name)
