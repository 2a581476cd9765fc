"""`ovbench-tui ab`: its command line, what B is made of, its table, its JSON and its progress."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.ab.b_option import config_b
from ovbench_tui.ab.invocation import DEFAULT_DURATION_S, read_ab_invocation
from ovbench_tui.ab.progress import describe
from ovbench_tui.ab.report import ab_document, conclusion, format_ab
from ovbench_tui.cli.commands.ab import main
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import AbPhase, AbView
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.commands import COMMANDS
from ovbench_tui.stats.run_stats import PairedRatio, SliceFigures
from tests.ui.fakes import FakeSession

_ROOT = Path(__file__).resolve().parents[3]
BASE = BenchmarkConfig(model="m.xml", nireq=4, streams="2", batch=3)


def ab_view(**changes: object) -> AbView:
    """Two pairs; B is a tenth slower."""
    b = replace(BASE, nireq=2)
    slices = tuple(
        SliceFigures(pair, side, count, float(count), 0.5, p50_ms)
        for pair, side, count, p50_ms in (
            *((0, "A", 100, 2.0), (0, "B", 90, 2.2)),
            *((1, "B", 92, 2.1), (1, "A", 100, 2.0)),
        )
    )
    view = AbView(
        AbPhase.RUNNING,
        requested=b,
        a=FakeSession._run(2, BASE),
        b=FakeSession._run(1, b),
        slices=slices,
        pairs=2,
        fps=PairedRatio("fps", 2, 0.9, 0.85, 0.95),
        p50=PairedRatio("p50_ms", 2, 1.05, 0.99, 1.12),
        number=4,
    )
    return replace(view, **changes)


# --- what B is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", {}),
        ("-nstreams 1", {"streams": "1"}),
        ("-hint latency", {"hint": "latency"}),
        ("-nireq 2", {"nireq": 2}),
        ("-nireq 2 --hint-nireq 2", {"nireq": 2, "hint_nireq": 2}),
        ("-hint throughput", {}),
        ("-d AUTO -b 5", {"device": "AUTO", "batch": 5}),
        ("-api sync", {"api": "sync", "nireq": 1}),
        ("-max_irate 50", {"max_fps": 50.0}),
        ("--arrivals poisson:50", {"arrivals": "poisson:50"}),
        ("-m other.onnx -nthreads 1", {"model": "other.onnx", "threads": 1}),
    ],
)
def test_b_differs_in_what_is_said_and_in_nothing_else(
    text: str, changed: dict[str, object]
) -> None:
    assert config_b(BASE, text) == replace(BASE, **changed)


def test_the_number_that_a_is_compiled_for_follows_only_where_a_has_one() -> None:
    assert config_b(replace(BASE, nireq=0), "-nireq 2").hint_nireq == 0
    assert config_b(replace(BASE, hint_nireq=4), "-nireq 2").hint_nireq == 2


def test_what_no_option_can_say_is_kept() -> None:
    base = replace(BASE, device_properties=(("CPU", (("LOG_LEVEL", "1"),)),), seed=7)
    assert config_b(base, "-nireq 2").device_properties == base.device_properties
    assert config_b(base, "-nireq 2").seed == 7


def test_what_was_said_of_one_models_inputs_is_not_said_of_another() -> None:
    base = replace(BASE, data_shape=(("x", (1, 3)),), layout=(("x", "NC"),))
    assert config_b(base, "-nireq 2").data_shape == base.data_shape
    other = config_b(base, "other.xml")
    assert (other.model, other.data_shape, other.layout, other.nireq) == ("other.xml", (), (), 4)
    own = config_b(base, "other.xml -data_shape [1,5]")
    assert own.data_shape == (("", (1, 5)),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-t 5", "B takes no -t"),
        ("-niter 5", "B takes no -niter"),
        ("--p99-under 5", "B takes no --p99-under"),
        ("--margin 5%", "B takes no --margin"),
        ("--json", "B takes no --json"),
        ("-load_config x.json", "B takes no -load_config"),
        ("-nirek 2", "did you mean -nireq"),
        ("'", "is not a list of options"),
        ("-b -3", "-b -3 is out of range"),
    ],
)
def test_what_b_cannot_be_is_told_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(BadInputError, match=words):
        config_b(BASE, text)


# --- command line ------------------------------------------------------------------------------


def test_the_options_of_a_and_of_b_are_read() -> None:
    invocation = read_ab_invocation(
        ["m.xml", "-nireq", "4", "--b", "-nireq 2", "-t", "7", "--slice", "0.2", "--json"]
    )
    assert (invocation.a.nireq, invocation.b.nireq) == (4, 2)
    assert (invocation.a.duration_s, invocation.b.duration_s) == (None, None)
    assert (invocation.duration_s, invocation.slice_s) == (7.0, 0.2)
    assert invocation.json_stdout
    assert not invocation.isolated
    assert invocation.margin == 0.03
    assert read_ab_invocation(["m.xml", "--b", "", "--margin", "5%"]).margin == 0.05
    assert invocation.keeps_history
    plain = read_ab_invocation(["m.xml", "--against", "n.xml", "--isolate"])
    assert (plain.duration_s, plain.slice_s, plain.isolated) == (DEFAULT_DURATION_S, 0.5, True)
    assert plain.b.model == "n.xml"
    assert not read_ab_invocation(["m.xml", "--b", "", "--no-history"]).keeps_history


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("m.xml",), "Nothing says what B is"),
        (("--b", ""), "No MODEL is given"),
        (("m.xml", "--b", "", "-niter", "5"), "ab takes no -niter"),
        (("m.xml", "--b", "", "--slice", "0"), "give 0.1 to 30 seconds"),
        (("m.xml", "--b", "", "-report_type", "no_counters"), "ab takes no reports"),
        (("m.xml", "--b", "", "-pc"), "ab takes no layer times"),
        (("m.xml", "--b", "", "--p99-under", "5"), "ab takes no --p99-under"),
        (("m.xml", "--b", "", "--fps-above", "5"), "ab takes no --fps-above"),
        (("m.xml", "--b", "", "--margin", "none"), "--margin 'none'"),
        (("m.xml", "--b", "", "--blind", "2"), "ab takes no --blind"),
        (("m.xml", "--b", "", "--json-schema"), "ab takes no --json-schema"),
        (("m.xml", "--b"), "expected one argument"),
    ],
)
def test_a_bad_command_line_is_told_in_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_ab_invocation(words)


def test_a_model_that_is_not_there_is_refused_before_anything_starts() -> None:
    with pytest.raises(BadInputError, match=r"'nix\.xml' was not found"):
        main(["mobilenet-v2", "--b", "nix.xml"])


def test_help_answers_without_what_is_heavy() -> None:
    program = (
        "import sys\nfrom ovbench_tui.cli.commands.registry import run_subcommand\n"
        "try:\n    run_subcommand('ab', ['-h'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'openvino', 'textual'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=_ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--b" in done.stdout
    assert COMMANDS["ab"]


# --- what comes out ----------------------------------------------------------------------------


def test_the_table_and_the_sentence() -> None:
    text = format_ab(ab_view())
    lines = {line.split()[0]: line for line in text.splitlines()[1:] if line}
    assert lines["Differs"].split()[-4:] == ["nireq", "4", "nireq", "2"]
    assert lines["FPS"].split() == ["FPS", "500.00", "500.00", "0.900", "0.850", "to", "0.950"]
    assert text.splitlines()[-1] == (
        "B is 10.0 % slower (95 % interval 5.0 to 15.0 %). Measured in 2 pairs of neighbouring"
        " slices."
    )


@pytest.mark.parametrize(
    ("model", "side", "label", "sentence"),
    [
        ("m.xml", 224, "", ""),
        ("other.xml", 224, "Two models compared: ", "A and B are different models: "),
        (
            "m.xml",
            8,
            "Two input shapes compared: ",
            "A and B take different inputs ([1,3,224,224] and [1,3,8,8]): ",
        ),
    ],
)
def test_unlike_work_is_said_first_and_labels_the_verdict(
    model: str, side: int, label: str, sentence: str
) -> None:
    view = ab_view()
    assert view.a is not None
    assert view.b is not None
    shapes = [(("data", (1, 3, length, length)),) for length in (224, side)]
    a = replace(view.a, effective=replace(view.a.effective, data_shape=shapes[0]))
    b = replace(
        view.b,
        config=replace(view.b.config, model=model),
        effective=replace(view.b.effective, data_shape=shapes[1]),
    )
    view = replace(view, a=a, b=b)
    verdict = conclusion(view)
    assert verdict.startswith(f"{label}B is 10.0 % slower")
    lines = format_ab(view).split("\n")
    assert lines[0].startswith(sentence)
    assert verdict in lines
    document = json.loads(ab_document(view, (BASE, b.config), exit_code=0))
    assert document["conclusion"] == verdict
    assert (document["different_work"] or "") == (lines[0] if sentence else "")


def test_an_interval_that_holds_1_is_undecided() -> None:
    view = ab_view(fps=PairedRatio("fps", 1, 0.99, 0.95, 1.03, seconds=30.0), pairs=1)
    assert conclusion(view).startswith(
        "Undecided: noise ±4.0 %, about 93 s more needed (B is 1.0 % slower, 95 % interval"
    )
    assert conclusion(view).endswith("Measured in 1 pair of neighbouring slices.")


def test_without_a_whole_pair_nothing_is_said() -> None:
    nothing = PairedRatio("fps", reason="there is no whole pair yet")
    view = ab_view(fps=nothing, p50=nothing, pairs=0, slices=())
    assert "Nothing can be said about FPS: there is no whole pair yet." in format_ab(view)
    assert format_ab(AbView(AbPhase.PREPARING, BASE)) == ""


def test_the_document_holds_both_sides_and_the_slices() -> None:
    view = ab_view(p50=PairedRatio("p50_ms"))
    document = json.loads(ab_document(view, (BASE, view.requested), exit_code=0))
    assert document["schema"] == "ovbench-tui/ab/1"
    assert document["b"]["config"]["nireq"] == 2
    assert document["a"]["command"].startswith("ovbench-tui m.xml")
    assert document["ratio"]["fps"] == {
        "value": 0.9,
        "low": 0.85,
        "high": 0.95,
        "confidence": 0.95,
        "pairs": 2,
        "is_real": True,
        "verdict": "different",
        "margin": 0.03,
        "seconds_needed": None,
        "trouble": None,
    }
    assert document["ratio"]["p50_ms"]["value"] is None
    assert [piece["side"] for piece in document["slices"]] == ["A", "B", "B", "A"]
    failed = json.loads(ab_document(None, (BASE, BASE), exit_code=3, error="It broke."))
    assert (failed["exit_code"], failed["error"], failed["ratio"]) == (3, "It broke.", None)


def test_progress_says_what_goes_on() -> None:
    assert describe("compiling m", None, math.nan) == "compiling m"
    assert describe("compiling n", AbView(AbPhase.PREPARING, BASE), math.nan) == "compiling n"
    assert describe("", ab_view(), 3.0) == (
        "3 s left  2 pairs  A 500.0 FPS  B 500.0 FPS  B/A 0.900 (0.850 to 0.950)"
    )


def test_two_versions_of_openvino_run_as_plain_programs_which_check_no_answers() -> None:
    with pytest.raises(BadInputError, match="takes no --check: both run as plain programs"):
        read_ab_invocation(["m.xml", "--check", "--b-python", "python"])
    invocation = read_ab_invocation(["m.xml", "--check", "--b", "-nireq 1"])
    assert invocation.b.check_tolerance == 0.01
