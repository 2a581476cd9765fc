from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.ui.widgets.selector.row_view import model_name, view_of
from tests.ui.fakes import CONFIG, FakeSession
from tests.unit.load_figures import load_stats


def _view(row: str, config: BenchmarkConfig) -> tuple[str, bool, bool]:
    view = view_of(row, config, FakeSession._run(1, config))
    return view.text, view.is_clamped, view.is_pending


@pytest.mark.parametrize(
    ("row", "changes", "text", "is_clamped"),
    [
        ("model", {}, "mobilenet-v2", False),
        ("device", {}, "CPU", False),
        ("device", {"device": "MULTI:CPU"}, "MULTI:CPU → CPU", False),
        ("hint", {}, "throughput", False),
        ("hint", {"hint": "none"}, "none → latency", False),
        ("nireq", {}, "auto (4)", False),
        ("nireq", {"nireq": 7}, "7", False),
        ("streams", {}, "auto (2)", False),
        ("streams", {"streams": "100"}, "100 → 2", True),
        ("threads", {"threads": 64}, "64 → 2", True),
        ("precision", {"precision": "bf16"}, "bf16 → f32", True),
        ("precision", {}, "default (f32)", False),
        ("api", {}, "async", False),
        ("max_fps", {}, "none", False),
        ("max_fps", {"max_fps": 200.0}, "200 → 500 FPS", False),
        ("max_fps", {"max_fps": 900.0}, "900 → 500 FPS", True),
    ],
)
def test_requested_and_effective(
    row: str, changes: dict[str, object], text: str, is_clamped: bool
) -> None:
    assert _view(row, replace(CONFIG, **changes)) == (text, is_clamped, False)


@pytest.mark.parametrize(
    ("row", "runs", "changes", "text", "short"),
    [
        ("streams", {}, {"streams": "4"}, "2 ⇒ 4", "⇒ 4"),
        ("streams", {}, {"streams": "2"}, "auto ⇒ 2", "⇒ 2"),
        ("streams", {"streams": "2"}, {}, "2 ⇒ auto", "⇒ auto"),
        ("nireq", {}, {"nireq": 1}, "4 ⇒ 1", "⇒ 1"),
        ("hint", {}, {"hint": "latency"}, "throughput ⇒ latency", "⇒ latency"),
        ("precision", {"precision": "bf16"}, {"precision": "f32"}, "bf16 ⇒ f32", "⇒ f32"),
        ("max_fps", {}, {"max_fps": 200.0}, "none ⇒ 200", "⇒ 200"),
        ("max_fps", {"max_fps": 900.0}, {"max_fps": 800.0}, "900 ⇒ 800", "⇒ 800"),
        ("model", {}, {"model": "a/b.xml"}, "mobilenet-v2 ⇒ b.xml", "⇒ b.xml"),
    ],
)
def test_what_does_not_run_yet_is_shown_beside_what_runs(
    row: str, runs: dict[str, object], changes: dict[str, object], text: str, short: str
) -> None:
    running = replace(CONFIG, **runs)
    view = view_of(row, replace(CONFIG, **changes), FakeSession._run(1, running))
    assert (view.text, view.short, view.is_pending) == (text, short, True)
    assert not view.is_clamped


def test_before_the_first_run_only_the_request_is_shown() -> None:
    assert view_of("nireq", CONFIG, None).text == "auto"
    assert view_of("model", BenchmarkConfig(), None).text == "none chosen"


def test_model_names_are_made_safe() -> None:
    assert model_name("/models/\x1b[31mred\nline.xml") == "·[31mred·line.xml"
    assert model_name("C:\\models\\a.xml") == "a.xml"


@pytest.mark.parametrize(
    ("served_per_s", "text", "is_clamped"),
    [(99.0, "poisson:100 → 99/s", False), (60.0, "poisson:100 → 60/s", True)],
)
def test_arrivals_stand_beside_what_is_served_of_them(
    served_per_s: float, text: str, is_clamped: bool
) -> None:
    config = replace(CONFIG, arrivals="poisson:100")
    run = FakeSession._run(1, config)
    assert view_of("arrivals", config, run).text == "poisson:100"
    run = replace(
        run,
        stats=replace(run.stats, load=load_stats(offered_per_s=100.0, served_per_s=served_per_s)),
    )
    view = view_of("arrivals", config, run)
    assert (view.text, view.is_clamped) == (text, is_clamped)
    faster = view_of("arrivals", replace(CONFIG, arrivals="poisson:200"), run)
    assert faster.text == "poisson:100 ⇒ poisson:200"
