"""The built-in models: their published figures, their weights, and their cache."""

from __future__ import annotations

import collections
import hashlib
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from ovbench_tui.config.built_in_models import DEFAULT_NAME, ZOO, find
from ovbench_tui.engine.models.graph_cost import FLOP_PER_MAC, count_macs, count_parameters
from ovbench_tui.engine.zoo import store
from ovbench_tui.engine.zoo.builders import build
from ovbench_tui.errors import BadInputError

REPOSITORY = Path(__file__).resolve().parents[3]
PUBLISHED_FACE_MODEL = (
    REPOSITORY.parent / "shared/models/face-detection-0200/FP16-INT8/face-detection-0200.xml"
)

# GFLOP and millions of parameters as published or counted from the published graphs.
PUBLISHED_COST = {
    "alexnet": (1.45, 60.97),
    "googlenet-v1": (3.17, 7.0),
    "yolo-v3-tf": (65.5, 61.7),
    "face-detection-0200": (0.77, 1.82),
}
PORTS = {
    "mobilenet-v2": ({"data": (1, 3, 160, 160)}, {"prob": (1, 1000)}, "[N,C,H,W]"),
    "alexnet": ({"data": (1, 3, 227, 227)}, {"prob": (1, 1000)}, "[N,C,H,W]"),
    "googlenet-v1": ({"data": (1, 3, 224, 224)}, {"prob": (1, 1000)}, "[N,C,H,W]"),
    "face-detection-0200": (
        {"image": (1, 3, 256, 256)},
        {"detection_out": (1, 1, 200, 7)},
        "[N,C,H,W]",
    ),
    "yolo-v3-tf": (
        {"input_1": (1, 416, 416, 3)},
        {
            "conv2d_58/BiasAdd": (1, 13, 13, 255),
            "conv2d_66/BiasAdd": (1, 26, 26, 255),
            "conv2d_74/BiasAdd": (1, 52, 52, 255),
        },
        "[N,H,W,C]",
    ),
}
CLASSIFIERS = ("mobilenet-v2", "alexnet", "googlenet-v1")
FLOAT32_SMALLEST_NORMAL = float(np.finfo(np.float32).tiny)


@pytest.fixture(scope="module")
def core() -> ov.Core:
    return ov.Core()


@pytest.fixture(scope="module", params=[entry.name for entry in ZOO])
def model(request: pytest.FixtureRequest) -> ov.Model:
    """Each built-in model, built once for this file."""
    return build(request.param)


@pytest.fixture(scope="module")
def face_model() -> ov.Model:
    return build("face-detection-0200")


def noise(model: ov.Model, seed: int) -> np.ndarray:
    shape = tuple(model.input(0).shape)
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(np.float32)


def histogram(model: ov.Model) -> collections.Counter[str]:
    return collections.Counter(node.get_type_name() for node in model.get_ops())


def digest(model: ov.Model) -> str:
    hashed = hashlib.sha256()
    for node in model.get_ordered_ops():
        if node.get_type_name() == "Constant":
            hashed.update(np.ascontiguousarray(node.data))
    return hashed.hexdigest()


# The catalogue


def test_the_default_is_a_small_model_and_comes_first() -> None:
    assert DEFAULT_NAME == ZOO[0].name == "mobilenet-v2"
    assert ZOO[0].gflop == min(entry.gflop for entry in ZOO)


def test_find_knows_exact_names_only() -> None:
    assert find("yolo-v3-tf") is ZOO[-1]
    assert find("yolo") is None
    assert find("") is None


def test_the_catalogue_imports_neither_openvino_nor_numpy() -> None:
    code = """
        import sys
        import ovbench_tui.config.built_in_models
        print(sorted({"openvino", "numpy"} & set(sys.modules)))
    """
    assert run_python(code).stdout.strip() == "[]"


def test_the_catalogue_tells_the_models_own_figures(model: ov.Model) -> None:
    entry = find(model.get_friendly_name())
    assert entry is not None
    shape = ",".join(str(size) for size in model.input(0).shape)
    layout = model.input(0).get_node().layout.to_string().strip("[]").replace(",", "")
    assert entry.input_text == f"[{shape}] {layout}"
    assert entry.mparams == pytest.approx(count_parameters(model) / 1e6, abs=0.01)
    assert entry.gflop == pytest.approx(gflop(model), abs=0.006)


def test_unknown_names_are_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"'resnet' is not a built-in model.*mobilenet-v2"):
        store.model_path("resnet", tmp_path)


# The graphs


def gflop(model: ov.Model) -> float:
    macs = count_macs(model)
    assert macs is not None
    return FLOP_PER_MAC * macs / 1e9


def mobilenet_v2_cost(side: int) -> tuple[float, float]:
    """GFLOP and Mparameters from the paper's table 2, layer by layer."""
    macs = parameters = 0

    def layer(output_side: int, taps: int, inputs: int, outputs: int) -> None:
        nonlocal macs, parameters
        macs += output_side**2 * taps * inputs * outputs
        parameters += taps * inputs * outputs + outputs

    side //= 2
    layer(side, 9, 3, 32)
    channels = 32
    for t, c, n, s in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for block in range(n):
            hidden = t * channels
            if t > 1:
                layer(side, 1, channels, hidden)
            side //= s if block == 0 else 1
            layer(side, 9, 1, hidden)
            layer(side, 1, hidden, c)
            channels = c
    layer(side, 1, 320, 1280)
    layer(1, 1, 1280, 1000)
    return 2 * macs / 1e9, parameters / 1e6


def test_the_derivation_gives_the_papers_figures_at_224() -> None:
    # The paper: 300 M multiply-adds, 3.4 M parameters (batch norm aside).
    expected_gflop, expected_mparams = mobilenet_v2_cost(224)
    assert expected_gflop == pytest.approx(0.6, rel=0.03)
    assert expected_mparams == pytest.approx(3.4, rel=0.03)


def test_cost_is_the_published_one(model: ov.Model) -> None:
    name = model.get_friendly_name()
    published = PUBLISHED_COST.get(name) or mobilenet_v2_cost(160)
    assert (gflop(model), count_parameters(model) / 1e6) == pytest.approx(published, rel=0.03)


def test_ports(model: ov.Model) -> None:
    inputs, outputs, layout = PORTS[model.get_friendly_name()]
    assert {port.get_any_name(): tuple(port.shape) for port in model.inputs} == inputs
    assert {port.get_any_name(): tuple(port.shape) for port in model.outputs} == outputs
    assert model.input(0).get_node().layout.to_string() == layout
    assert all(port.get_element_type() == ov.Type.f32 for port in (*model.inputs, *model.outputs))


def test_friendly_names_are_unique(model: ov.Model) -> None:
    names = [node.get_friendly_name() for node in model.get_ops()]
    assert len(set(names)) == len(names)


def test_a_larger_batch_can_be_set(model: ov.Model) -> None:
    batched = model.clone()
    ov.set_batch(batched, 2)
    single, double = count_macs(model), count_macs(batched)
    assert single is not None
    assert double == 2 * single


def test_face_detection_has_the_published_operations(face_model: ov.Model) -> None:
    expected = {
        "Convolution": 39,
        "GroupConvolution": 21,
        "Clamp": 35,
        "Relu": 4,
        "Multiply": 1,
        "PriorBoxClustered": 2,
        "DetectionOutput": 1,
        "Softmax": 1,
    }
    counted = histogram(face_model)
    assert {kind: counted[kind] for kind in expected} == expected


def test_face_detection_equals_the_published_int8_model(
    core: ov.Core, face_model: ov.Model
) -> None:
    if not PUBLISHED_FACE_MODEL.exists():
        pytest.skip("the published face-detection-0200 is not in ../shared/models")
    published = core.read_model(PUBLISHED_FACE_MODEL)
    assert count_macs(face_model) == count_macs(published)
    assert count_parameters(face_model) == count_parameters(published)
    for kind in ("Convolution", "GroupConvolution", "PriorBoxClustered"):
        assert sorted(shapes(face_model, kind)) == sorted(shapes(published, kind))
    for kind in ("PriorBoxClustered", "DetectionOutput"):
        ours, theirs = (sorted(attributes(each, kind), key=str) for each in (face_model, published))
        for mine, reference in zip(ours, theirs, strict=True):
            assert mine.keys() == reference.keys()
            for name, value in reference.items():
                exact = isinstance(value, (str, bool))
                assert mine[name] == (value if exact else pytest.approx(value, rel=1e-4)), name


def shapes(model: ov.Model, kind: str) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Shape of the first input and the output of every operation of this kind."""
    return [
        (tuple(node.input_value(0).shape), tuple(node.output(0).shape))
        for node in model.get_ops()
        if node.get_type_name() == kind
    ]


def attributes(model: ov.Model, kind: str) -> list[dict[str, object]]:
    return [node.get_attributes() for node in model.get_ops() if node.get_type_name() == kind]


# The weights


def test_the_same_name_gives_the_same_weights(model: ov.Model) -> None:
    assert digest(build(model.get_friendly_name())) == digest(model)


def test_activations_stay_of_order_one_and_outputs_depend_on_the_input(
    core: ov.Core, model: ov.Model
) -> None:
    watched = model.clone()
    for node in watched.get_ordered_ops():
        if node.get_type_name() in ("Relu", "Clamp", "PRelu", "Softmax"):
            watched.add_outputs(node.output(0))
    compiled = core.compile_model(watched, "CPU")
    answers = []
    for data in (noise(model, 0), noise(model, 1)):
        results = compiled(data)
        values = [results[index] for index in range(len(compiled.outputs))]
        answers.append([value.copy() for value in values[: len(model.outputs)]])
        for value in values:
            magnitude = np.abs(value)
            assert np.isfinite(value).all()
            assert not ((magnitude > 0) & (magnitude < FLOAT32_SMALLEST_NORMAL)).any()
        for value in values[len(model.outputs) :]:
            if value.size > 3000:  # not the probabilities
                assert 0.03 < float(np.sqrt(np.mean(value**2))) < 30
    for first, second in zip(*answers, strict=True):
        assert first.std() > 0
        assert not np.array_equal(first, second)
        if model.get_friendly_name() in CLASSIFIERS:
            assert first.sum() == pytest.approx(1, abs=1e-3)


def test_face_detection_finds_a_few_boxes_of_noise(core: ov.Core, face_model: ov.Model) -> None:
    compiled = core.compile_model(face_model, "CPU")
    for seed in range(3):
        confidence = compiled(noise(face_model, seed))[0][0, 0, :, 2]
        assert 1 <= (confidence > 0).sum() <= 60


# The cache


def run_python(
    code: str, *arguments: str | Path, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        python_command(code, *arguments),
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=child_environment(),
    )


def python_command(code: str, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]


def child_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def entry_folder(cache_root: Path) -> Path:
    return cache_root / "zoo" / f"{DEFAULT_NAME}-r{store.REVISION}"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def forbid_building(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> ov.Model:
        pytest.fail(f"{name} was built again")

    monkeypatch.setattr(store, "build", refuse)


def test_the_first_load_builds_and_the_second_only_reads(
    core: ov.Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.load(core, DEFAULT_NAME, tmp_path)
    assert names(tmp_path / "zoo") == [entry_folder(tmp_path).name]
    forbid_building(monkeypatch)
    path = store.model_path(DEFAULT_NAME, tmp_path)
    assert path.suffix == ".xml"
    assert path.with_suffix(".bin").exists()
    store.load(core, DEFAULT_NAME, tmp_path)


def test_a_cached_model_is_the_built_one_in_half_the_space(
    core: ov.Core, model: ov.Model, tmp_path: Path
) -> None:
    name = model.get_friendly_name()
    cached = store.load(core, name, tmp_path)
    assert count_parameters(cached) == count_parameters(model)
    assert count_macs(cached) == count_macs(model)
    inputs, outputs, layout = PORTS[name]
    assert {port.get_any_name(): tuple(port.shape) for port in cached.inputs} == inputs
    assert {port.get_any_name(): tuple(port.shape) for port in cached.outputs} == outputs
    assert cached.input(0).get_node().layout.to_string() == layout
    size = store.model_path(name, tmp_path).with_suffix(".bin").stat().st_size
    assert size == pytest.approx(2 * count_parameters(model), rel=0.01)


def test_a_cached_model_answers_as_the_built_one(core: ov.Core, tmp_path: Path) -> None:
    built, cached = build(DEFAULT_NAME), store.load(core, DEFAULT_NAME, tmp_path)
    data = noise(built, 0)
    expected, answer = (core.compile_model(each, "CPU")(data)[0] for each in (built, cached))
    np.testing.assert_allclose(answer, expected, rtol=0.05)


def remove_bin(folder: Path) -> None:
    (folder / f"{DEFAULT_NAME}.bin").unlink()


def truncate_bin(folder: Path) -> None:
    os.truncate(folder / f"{DEFAULT_NAME}.bin", 1000)


def truncate_xml(folder: Path) -> None:
    os.truncate(folder / f"{DEFAULT_NAME}.xml", 1000)


def blank_xml(folder: Path) -> None:
    path = folder / f"{DEFAULT_NAME}.xml"
    path.write_bytes(b" " * path.stat().st_size)


def remove_manifest(folder: Path) -> None:
    (folder / "complete.json").unlink()


def garble_manifest(folder: Path) -> None:
    (folder / "complete.json").write_bytes(b"[\xff")


def list_manifest(folder: Path) -> None:
    (folder / "complete.json").write_text("[1, 2]")


def file_instead_of_folder(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("?")


@pytest.mark.parametrize(
    "damage",
    [
        remove_bin,
        truncate_bin,
        truncate_xml,
        blank_xml,
        remove_manifest,
        garble_manifest,
        list_manifest,
        file_instead_of_folder,
    ],
)
def test_a_damaged_entry_is_built_again(
    core: ov.Core, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    store.load(core, DEFAULT_NAME, tmp_path)
    good = content(entry_folder(tmp_path))
    damage(entry_folder(tmp_path))
    loaded = store.load(core, DEFAULT_NAME, tmp_path)
    assert tuple(loaded.output(0).shape) == (1, 1000)
    rebuilt = content(entry_folder(tmp_path))
    assert rebuilt.keys() == good.keys()
    assert rebuilt[f"{DEFAULT_NAME}.bin"] == good[f"{DEFAULT_NAME}.bin"]
    assert names(tmp_path / "zoo") == [entry_folder(tmp_path).name]


def test_two_processes_at_once_both_get_the_model(core: ov.Core, tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from ovbench_tui.engine.zoo import store
        print("ready", flush=True)
        sys.stdin.readline()
        print(store.model_path(sys.argv[1], Path(sys.argv[2])))
    """
    processes = [
        subprocess.Popen(
            python_command(code, DEFAULT_NAME, tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=child_environment(),
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    paths = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert paths == {str(entry_folder(tmp_path) / f"{DEFAULT_NAME}.xml")}
    assert names(tmp_path / "zoo") == [entry_folder(tmp_path).name]
    assert count_parameters(core.read_model(paths.pop())) == 3_487_819


@pytest.mark.parametrize("damaged_before", [False, True])
def test_the_first_of_two_builders_wins(
    core: ov.Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged_before: bool
) -> None:
    if damaged_before:
        store.model_path(DEFAULT_NAME, tmp_path)
        remove_bin(entry_folder(tmp_path))

    def build_while_another_does(name: str) -> ov.Model:
        monkeypatch.setattr(store, "build", build)
        store.model_path(name, tmp_path)
        (entry_folder(tmp_path) / "mark of the other").touch()
        return build(name)

    monkeypatch.setattr(store, "build", build_while_another_does)
    path = store.model_path(DEFAULT_NAME, tmp_path)
    assert (path.parent / "mark of the other").exists()
    assert names(tmp_path / "zoo") == [entry_folder(tmp_path).name]
    assert core.read_model(path).get_friendly_name() == DEFAULT_NAME


def test_an_unusable_cache_costs_only_a_build_in_memory(core: ov.Core, tmp_path: Path) -> None:
    blocked = tmp_path / "a file, no folder"
    blocked.touch()
    with pytest.raises(OSError, match="a file, no folder"):
        store.model_path(DEFAULT_NAME, blocked)
    assert count_parameters(store.load(core, DEFAULT_NAME, blocked)) == 3_487_819


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_read_only_cache_costs_only_a_build_in_memory(core: ov.Core, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert count_parameters(store.load(core, DEFAULT_NAME, tmp_path)) == 3_487_819
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a file size limit")
def test_a_full_disk_costs_only_a_build_in_memory(tmp_path: Path) -> None:
    code = """
        import resource, signal, sys
        from pathlib import Path
        import openvino as ov
        from ovbench_tui.engine.models.graph_cost import count_parameters
        from ovbench_tui.engine.zoo import store
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        model = store.load(ov.Core(), sys.argv[1], Path(sys.argv[2]))
        print(count_parameters(model))
    """
    assert run_python(code, DEFAULT_NAME, tmp_path).stdout.strip() == "3487819"
    assert names(tmp_path / "zoo") == []


def test_a_write_cut_short_in_silence_is_noticed(
    core: ov.Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model = ov.save_model

    def save_half(model: ov.Model, path: Path) -> None:
        save_model(model, path)
        os.truncate(path.with_suffix(".bin"), 1000)

    monkeypatch.setattr(ov, "save_model", save_half)
    with pytest.raises(OSError, match="cannot be written"):
        store.model_path(DEFAULT_NAME, tmp_path)
    assert names(tmp_path / "zoo") == []


def test_older_revisions_and_abandoned_builds_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = store.model_path(DEFAULT_NAME, tmp_path)
    zoo = tmp_path / "zoo"
    kept = (f"{DEFAULT_NAME}-r9", "alexnet-r1", ".building-by-another", "notes-rx")
    for name in (*kept, ".building-abandoned"):
        (zoo / name).mkdir()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(zoo / ".building-abandoned", (two_days_ago, two_days_ago))
    monkeypatch.setattr(store, "REVISION", 2)
    new = store.model_path(DEFAULT_NAME, tmp_path)
    assert new.parent.name == f"{DEFAULT_NAME}-r2"
    assert not old.exists()
    assert names(zoo) == sorted((*kept, new.parent.name))
