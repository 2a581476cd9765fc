"""Answers beside those of a reference: models that differ in a way that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import ModelFormat, Source
from ovbench_tui.engine.api.answers import Answers, judged
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.models.models import LoadedModel
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.models.reference import Reference
from ovbench_tui.engine.requests.prepared_model import Feed
from ovbench_tui.stats.limits import LimitVerdict

LOADED = LoadedModel(
    Source(ModelFormat.IR, "m.xml", None, "m", 0),
    ModelInfo("m", "m.xml", "IR", (), ()),
    None,
    (),
    0,
)
INPUT = np.array([[1.0, 2.0, 4.0, 3.0]], np.float32)


def model(make: Callable[[ov.Output], ov.Output]) -> ov.Model:
    """What `make` makes of an input, and the input itself."""
    x = ops.parameter([1, 4], np.float32, name="x")
    wrong = ops.result(make(x), name="made")
    wrong.output(0).set_names({"made"})
    right = ops.result(ops.relu(x), name="same")
    right.output(0).set_names({"same"})
    return ov.Model([right, wrong], [x], "m")


def times(factor: float) -> Callable[[ov.Output], ov.Output]:
    return lambda x: ops.multiply(x, np.float32(factor))


def compare(
    compiled: Callable[[ov.Output], ov.Output], reference: Callable[[ov.Output], ov.Output]
) -> Answers:
    core = ov.Core()
    feeds = [Feed((ov.Tensor(INPUT * scale),)) for scale in (1, 2)]
    return Reference().compare(
        core,
        core.compile_model(model(compiled), "CPU"),
        LOADED,
        model(reference),
        feeds,
        BenchmarkConfig(),
        generates=False,
    )


def test_the_same_model_is_right() -> None:
    answers = compare(times(3.0), times(3.0))
    assert answers.input_sets == 2
    assert {one.name for one in answers.outputs} == {"made", "same"}
    limit = judged(answers, 1e-6)
    assert limit is not None
    assert limit.verdict is LimitVerdict.PASSED
    assert judged(answers, 0.0) is None


def test_the_worst_output_comes_first_with_its_error() -> None:
    answers = compare(times(1.5), times(1.0))
    worst, best = answers.outputs
    assert (worst.name, worst.max_relative_error) == ("made", pytest.approx(0.5))
    assert (best.name, best.severity) == ("same", 0.0)
    limit = judged(answers, 0.4)
    assert limit is not None
    assert limit.text == "answers within 0.4 of the reference: failed, off by 0.5 at most"


def test_a_value_that_is_no_number_is_named_by_its_output() -> None:
    answers = compare(lambda x: ops.divide(x, ops.subtract(x, x)), times(1.0))
    limit = judged(answers, 1e9)
    assert limit is not None
    assert limit.verdict is LimitVerdict.FAILED
    assert "output made has 0 NaN and 4 infinite values" in limit.text


def test_what_only_a_device_can_read_has_no_reference() -> None:
    core = ov.Core()
    compiled = core.compile_model(model(ops.relu), "CPU")
    answers = Reference().compare(
        core, compiled, LOADED, None, [], BenchmarkConfig(), generates=False
    )
    limit = judged(answers, 0.01)
    assert limit is not None
    assert limit.verdict is LimitVerdict.UNDECIDED
    assert "only its device can read" in limit.text


class CountingCore:
    """Counts what is compiled."""

    def __init__(self) -> None:
        self.core = ov.Core()
        self.compiled = 0

    def compile_model(self, *arguments: object) -> ov.CompiledModel:
        self.compiled += 1
        return self.core.compile_model(*arguments)


def test_the_reference_answers_once_until_the_model_or_the_inputs_are_others() -> None:
    core, reference = CountingCore(), Reference()
    compiled = core.core.compile_model(model(times(1.5)), "CPU")

    def check(scale: float, loaded: LoadedModel = LOADED, **changes: object) -> float:
        feeds = [Feed((ov.Tensor(INPUT * np.float32(scale)),))]
        config = replace(BenchmarkConfig(), **changes)
        made = model(times(1.0))
        answers = reference.compare(
            core,
            compiled,
            loaded,
            made,
            feeds,
            config,
            generates=False,  # type: ignore[arg-type]
        )
        return answers.outputs[0].severity

    assert [check(1), check(1, nireq=4, streams="2")] == pytest.approx([0.5, 0.5])
    assert core.compiled == 1
    for number, again in enumerate(
        (
            lambda: check(2),
            lambda: check(2, replace(LOADED)),
            lambda: check(2, replace(LOADED), output_precision="f16"),
        ),
        2,
    ):
        assert again() == pytest.approx(0.5)
        assert core.compiled == number


@pytest.fixture
def random_model(tmp_path: Path) -> str:
    """One whose answers are others each time."""
    x = ops.parameter([1, 64], np.float32, name="x")
    drawn = ops.random_uniform([1, 64], np.float32(0.0), np.float32(1.0), "f32", 0, 0)
    path = tmp_path / "random.xml"
    ov.save_model(ov.Model([ops.multiply(x, drawn)], [x], "random"), path)
    return str(path)


def test_a_preparation_checks_only_where_it_is_asked_to(random_model: str) -> None:
    engine = Engine(allow_strings=False)
    steps: list[str] = []
    config = BenchmarkConfig(model=random_model)
    plain = engine.prepare(config, None, steps.append)
    assert plain.effective.answers is None
    checked = config.with_option("check_tolerance", 0.05)
    prepared = engine.prepare(checked, plain, steps.append)
    assert prepared.compiled is plain.compiled
    assert "checking the answers of random.xml" in steps
    answers = prepared.effective.answers
    assert answers is not None
    assert answers.outputs[0].severity > 0.05
    assert prepared.notice.startswith("Answers within 0.05 of the reference: failed, off by ")
