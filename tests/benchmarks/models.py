"""The models that are measured, saved as IR: ``python -m tests.benchmarks.models FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.processes import run_to_end
from tests.benchmarks.settings import Settings, tell

ZOO = ("mobilenet-v2", "face-detection-0200", "googlenet-v1")
"""Models of some milliseconds."""

TINY = ("relu-1x16", "mlp-3x256")
"""Models of microseconds: what is measured on them is the program around."""

_BUILD_TIMEOUT_S = 300.0


def build_models(settings: Settings) -> dict[str, Path]:
    """Save all models below the settings' folder; returns their .xml files by name.

    In a process of its own: this one stays small and free of OpenVINO's threads.
    """
    tell("building the models")
    argv = [sys.executable, "-m", "tests.benchmarks.models", str(settings.folder)]
    printed = run_to_end(argv, settings.environment, settings.folder, _BUILD_TIMEOUT_S)
    paths = [Path(line) for line in printed.splitlines()]
    return {path.stem: path for path in paths}


def _build(folder: Path) -> list[Path]:
    from ovbench_tui.engine.zoo.store import model_path

    return [
        *(model_path(name, folder / "zoo") for name in ZOO),
        save_relu(folder / f"{TINY[0]}.xml"),
        _save_mlp(folder / f"{TINY[1]}.xml"),
    ]


def save_relu(path: Path) -> Path:
    import openvino as ov
    from openvino import opset13

    data = opset13.parameter([1, 16], ov.Type.f32, name="data")
    data.output(0).set_names({"data"})
    ov.save_model(ov.Model([opset13.relu(data)], [data], path.stem), path)
    return path


def _save_mlp(path: Path) -> Path:
    import numpy as np
    import openvino as ov
    from openvino import opset13

    random = np.random.default_rng(0)
    data = opset13.parameter([1, 256], ov.Type.f32, name="data")
    data.output(0).set_names({"data"})
    node = data
    for _ in range(3):
        weights = random.normal(0, 1 / 16, (256, 256)).astype(np.float32)
        node = opset13.relu(opset13.matmul(node, opset13.constant(weights), False, False))
    ov.save_model(ov.Model([node], [data], path.stem), path, compress_to_fp16=False)
    return path


if __name__ == "__main__":
    print(*_build(Path(sys.argv[1])), sep="\n")
