"""A pipeline of openvino-genai: loaded, and what it was loaded for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Protocol

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.config.model_file import ModelFormat, Source, identify
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.models.errors.compile_errors import compile_error
from ovbench_tui.engine.pipelines.prompts import Prompt
from ovbench_tui.errors import BadInputError, RunFailedError, cannot_load, lacks_memory

_GIB = 1 << 30


class Prompts(Protocol):
    """Where the prompts come from."""

    def restart(self) -> None:
        """Begin anew."""
        ...

    def next(self) -> Prompt:
        """The next request's."""
        ...


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A loaded pipeline with the prompts that are run.

    Attributes:
        runtime: openvino-genai's ContinuousBatchingPipeline.
        genai: its module.
        has_draft: a smaller model proposes tokens.
    """

    runtime: Any
    genai: Any
    prompts: Prompts
    has_draft: bool = False


def genai_module(source: Source) -> Any:
    """Import openvino-genai, which only these models need.

    Raises:
        BadInputError: it is not installed, or cannot be loaded.
    """
    try:
        return importlib.import_module("openvino_genai")
    except (ImportError, OSError) as error:
        alone = (
            ", or give the openvino_model.xml inside to run the model without it"
            if source.format is ModelFormat.GENAI
            else ""
        )
        why = cannot_load(source.name, "openvino-genai", error).rstrip(".")
        raise BadInputError(f"{why}: install ovbench-tui[llm]{alone}.") from error


def load_runtime(genai: Any, source: Source, config: BenchmarkConfig) -> Any:
    """Load and compile a pipeline; takes seconds to minutes.

    Raises:
        BadInputError: the device, a property or the draft model cannot be used.
        RunFailedError: it cannot be loaded or compiled.
    """
    scheduler = genai.SchedulerConfig()
    scheduler.enable_prefix_caching = config.prefix_caching
    scheduler.cache_size = config.cache_size_gb
    if config.batched_tokens:
        scheduler.max_num_batched_tokens = config.batched_tokens
    properties: dict[str, Any] = compile_properties(config)
    if config.draft:
        draft = identify(config.draft)
        if not draft.format.is_pipeline:
            raise BadInputError(
                f"--draft {draft.name} is not an openvino-genai language model: give its folder or"
                " .gguf file."
            )
        properties["draft_model"] = genai.draft_model(str(draft.path), config.device)
    try:
        return genai.ContinuousBatchingPipeline(
            str(source.path), scheduler, config.device, properties
        )
    except (RuntimeError, MemoryError, ValueError) as error:
        raise _load_error(error, source, config) from error


def vocabulary_of(runtime: Any) -> int:
    """How many different tokens there are."""
    return max(len(runtime.get_tokenizer().get_vocab()), 1)


def _load_error(error: Exception, source: Source, config: BenchmarkConfig) -> Exception:
    reason = reason_of(error)
    if lacks_memory(error):
        needed = f" (its weights alone take {source.size_bytes / _GIB:.1f} GiB)"
        return RunFailedError(f"There is not enough memory to load {source.name}{needed}.")
    if "ggml" in reason.lower() or "gguf" in reason.lower() or "tensor type" in reason.lower():
        return BadInputError(
            f"openvino-genai cannot read {source.name}: {reason.rstrip('.')}. It reads llama and"
            " qwen models in F16, Q8_0, Q4_0, Q4_1, Q4_K and Q6_K."
        )
    return compile_error(error, config)
