"""Makes a language model ready to be run by openvino-genai."""

from __future__ import annotations

from time import perf_counter

from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig
from ovbench_tui.config.pipeline_options import acts_on_pipelines
from ovbench_tui.config.token_counts import most_new_tokens, sequence_lengths
from ovbench_tui.engine.api.effective import EffectiveConfig, ShapeGroup
from ovbench_tui.engine.inputs.isolation import IsolationNeeded
from ovbench_tui.engine.models.models import LoadedModel
from ovbench_tui.engine.models.states import find_states
from ovbench_tui.engine.pipelines.pipeline import (
    Pipeline,
    genai_module,
    load_runtime,
    vocabulary_of,
)
from ovbench_tui.engine.pipelines.prompts import RandomPrompts, read_prompts
from ovbench_tui.engine.requests.prepared_model import PreparedModel, Progress
from ovbench_tui.errors import BadInputError
from ovbench_tui.system.peak_memory import peak_rss_bytes


def prepare_pipeline(
    config: BenchmarkConfig,
    loaded: LoadedModel,
    read_ms: float,
    reuse: PreparedModel | None,
    progress: Progress,
    *,
    is_isolated: bool,
) -> PreparedModel:
    """Load a pipeline and make its prompts.

    Args:
        reuse: what runs, where nothing but other prompts is wanted of it.
        is_isolated: this process does nothing else. openvino-genai holds Python's lock while it
            computes, so a screen in the same process would stand still.

    Raises:
        IsolationNeeded: it does something else.
        BadInputError: the model or the configuration cannot be used.
        RunFailedError: the model cannot be loaded or compiled.
    """
    source = loaded.source
    _refuse_options(config, loaded)
    _refuse_encoder(loaded)
    if not is_isolated:
        raise IsolationNeeded(
            f"{source.name} is run by openvino-genai, which needs a process of its own: add"
            " --isolate.",
            f"{source.name} is run by openvino-genai, in a process of its own (--isolate).",
        )
    genai = genai_module(source)
    if reuse is not None and reuse.pipeline is not None:
        runtime, compile_ms = reuse.pipeline.runtime, reuse.compile_ms
    else:
        progress(f"compiling {source.name} for {config.device}")
        begin_s = perf_counter()
        runtime = load_runtime(genai, source, config)
        compile_ms = (perf_counter() - begin_s) * 1000
    if config.prompts:
        progress(f"reading the prompts of {source.name}")
        from_file = read_prompts(
            config.prompts, runtime.get_tokenizer(), most_new_tokens(config.new_tokens)
        )
        pipeline = Pipeline(runtime, genai, from_file, bool(config.draft))
        lengths = from_file.lengths
    else:
        lengths = tuple(sequence_lengths(config.prompt_tokens, config.new_tokens, config.seed))
        prompts = RandomPrompts(lengths, vocabulary_of(runtime), config.seed, config.shared_prefix)
        pipeline = Pipeline(runtime, genai, prompts, bool(config.draft))
    return PreparedModel(
        config=config,
        compiled=None,
        feeds=(),
        info=loaded.info,
        effective=_effective(config, lengths),
        loaded=loaded,
        read_ms=read_ms,
        compile_ms=compile_ms,
        weight_bytes=loaded.weight_bytes,
        peak_rss_bytes=peak_rss_bytes(),
        pipeline=pipeline,
    )


def _refuse_options(config: BenchmarkConfig, loaded: LoadedModel) -> None:
    for name, row in OPTIONS.items():
        if not acts_on_pipelines(name) and getattr(config, name) != row.default:
            raise BadInputError(
                f"{row.name} has no effect on {loaded.info.name}, whose inputs openvino-genai"
                " makes: leave it out."
            )


def _refuse_encoder(loaded: LoadedModel) -> None:
    if loaded.model is not None and not find_states(loaded.model).growing:
        raise BadInputError(
            f"{loaded.info.name} generates no text: its model has no KV cache, as an encoder's has"
            " none. Give the openvino_model.xml inside to run it as it is."
        )


def _effective(config: BenchmarkConfig, lengths: tuple[tuple[int, int], ...]) -> EffectiveConfig:
    return EffectiveConfig(
        device=config.device,
        execution_devices=config.device,
        hint=config.hint,
        precision=config.precision,
        batch_rule="one token of each request",
        shape_groups=(ShapeGroup((), 1, "prefill"), ShapeGroup((), 1, "decode")),
        sequence_lengths=lengths,
        inference_only=False,
        collected_by="feeder",
    )
