"""``ovbench-tui llm DIR|FILE.gguf``: a language model, run by openvino-genai."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import identify
from ovbench_tui.config.option import Group
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.groups import add_options
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.options.subcommand import subcommand_parser

_DESCRIPTION = (
    "Measures a language model as a server would run it: first-token and token times, tokens and"
    " requests a second. Every option for the device, the duration and the reports is taken as"
    " well (see ovbench-tui --help-all)."
)
_EPILOG = (
    "DIR is the folder of an OpenVINO GenAI model: openvino_model.xml and its tokenizers. Without"
    " the word llm such a folder or file is run in the same way."
)


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the help, with the options that only language models have."""
    parser = subcommand_parser("llm", "DIR | FILE.gguf [OPTIONS]", _DESCRIPTION, _EPILOG)
    add_options(parser, BenchmarkConfig, groups=(Group.GENERATION,))
    return parser


def main(arguments: Sequence[str]) -> int:
    """Measure as without the word, but nothing else than such a model; returns the exit code."""
    if {"-h", "--help"} & set(arguments):
        build_parser().parse_args(["-h"])
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
