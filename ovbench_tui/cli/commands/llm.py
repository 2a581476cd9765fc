"""``ovbench-tui llm DIR|FILE.gguf``: a language model, run by openvino-genai."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.config.model_file import identify
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.invocation import read_invocation


def main(arguments: Sequence[str]) -> int:
    """Measure as without the word, but nothing else than such a model; returns the exit code."""
    from ovbench_tui.cli.main import main as measure

    model = read_invocation(arguments).config.model
    if not model:
        raise BadInputError(
            "llm needs a language model: the folder of an OpenVINO GenAI model, or a .gguf file."
        )
    source = identify(model)
    if not source.format.is_pipeline:
        raise BadInputError(
            f"{source.name} is not an openvino-genai model: give llm the folder with"
            " openvino_model.xml and its tokenizers, or a .gguf file. Without the word llm the"
            " model is run as it is."
        )
    return measure(arguments)
