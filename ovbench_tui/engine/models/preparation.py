"""Make a configuration ready to run: read, adapt, make inputs, compile."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import openvino as ov

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.config.named.own_names import by_own_names
from ovbench_tui.engine.api.answers import judged
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.effective import EffectiveConfig, ShapeGroup
from ovbench_tui.engine.api.port_names import names_of
from ovbench_tui.engine.inputs.feed_cache import FeedCache
from ovbench_tui.engine.inputs.feeds import InputSchedule
from ovbench_tui.engine.inputs.planning import plan_inputs
from ovbench_tui.engine.inputs.shapes.data_shape import DataShapeNeeded
from ovbench_tui.engine.inputs.source_use import InputRule, SourceUse
from ovbench_tui.engine.models.adaptation import (
    AdaptedModel,
    adapt,
    adapt_compiled,
    refuse_adaptation,
)
from ovbench_tui.engine.models.core import Cores, additions
from ovbench_tui.engine.models.devices import find_devices
from ovbench_tui.engine.models.file_stamp import stamp_of
from ovbench_tui.engine.models.models import (
    LoadedModel,
    compile_loaded,
    load_model,
    note_without_operations,
)
from ovbench_tui.engine.models.properties import read_effective
from ovbench_tui.engine.models.reference import Reference
from ovbench_tui.engine.models.states import count_states, find_states
from ovbench_tui.engine.pipelines.preparation import prepare_pipeline
from ovbench_tui.engine.requests.measuring_mode import checked_mode
from ovbench_tui.engine.requests.prepared_model import PreparedModel, Progress
from ovbench_tui.stats.limits import LimitVerdict
from ovbench_tui.system.peak_memory import peak_rss_bytes


class Engine:
    """OpenVINO's core, and what a worker asks of it beside feeding a queue.

    Args:
        allow_strings: run models with string inputs, which may crash the process.
        map_files: leave weights in their files, which crashes it when one is truncated.
    """

    def __init__(self, *, allow_strings: bool, map_files: bool = True) -> None:
        self._cores = Cores()
        self._feeds = FeedCache()
        self._reference = Reference()
        self._allow_strings = allow_strings
        self._map_files = map_files

    def discover(self) -> tuple[tuple[DeviceInfo, ...], str]:
        """The devices that can be chosen here, and OpenVINO's version."""
        return find_devices(self._cores.plain), str(ov.__version__).split("-")[0]

    def prepare(
        self, config: BenchmarkConfig, reuse: PreparedModel | None, progress: Progress
    ) -> PreparedModel:
        """Make `config` ready; a model that `reuse` has read already is not read again.

        Raises:
            DataShapeNeeded: the model has dynamic inputs and no shape was given for them.
            BadInputError: the model or the configuration cannot be used.
            RunFailedError: the model cannot be compiled.
        """
        # Whatever can be refused is refused before a compile that may take minutes.
        properties = compile_properties(config)
        core = self._cores.core_for(config)
        loaded, read_ms, news = self._load(core, config, reuse, progress)
        kept = reuse if _reuses_compiled(reuse, loaded, config) else None
        if loaded.source.format.is_pipeline:
            return prepare_pipeline(
                config,
                loaded,
                read_ms,
                kept,
                progress,
                is_isolated=self._allow_strings,
            )
        adapted, plan = None, None
        to_compile = loaded
        if loaded.model is None:
            refuse_adaptation(loaded, config)
        else:
            if config.shape or config.batch:
                progress(f"reshaping {loaded.info.name}")
            adapted = adapt(loaded, config)
            if config.sources:
                progress(f"reading the inputs of {loaded.info.name}")
            plan = self._plan(loaded, adapted, config)
            to_compile = replace(loaded, model=adapted.model)
        # The inputs of what only a device has read are known by compiling alone.
        if kept is not None and loaded.model is not None:
            compiled, described = kept.compiled, loaded
            compile_ms, peak_bytes = kept.compile_ms, kept.peak_rss_bytes
        else:
            progress(f"compiling {loaded.info.name} for {config.device}")
            begin_s = perf_counter()
            compiled, described = compile_loaded(core, to_compile, config, properties)
            compile_ms = (perf_counter() - begin_s) * 1000
            peak_bytes = peak_rss_bytes()
        if adapted is None or plan is None:  # its inputs are known only now
            adapted = adapt_compiled(described, config)
            plan = self._plan(described, adapted, config)
        rules = tuple(
            InputRule(port.label, type_rule, use)
            for port, type_rule, use in zip(
                adapted.info.inputs, adapted.rules, plan.uses, strict=True
            )
        )
        effective = _effective(compiled, config, adapted, plan, rules)
        if config.check_tolerance and plan.feeds:  # nothing is fed only with -niter 0
            progress(f"checking the answers of {loaded.info.name}")
            answers = self._reference.compare(
                self._cores.plain,
                compiled,
                loaded,
                adapted.model,
                plan.feeds,
                config,
                generates=plan.sequences is not None,
            )
            effective = replace(effective, answers=answers)
        return PreparedModel(
            config=config,
            compiled=compiled,
            feeds=plan.feeds,
            info=adapted.info,
            effective=effective,
            loaded=loaded,
            read_ms=read_ms,
            compile_ms=compile_ms,
            weight_bytes=loaded.weight_bytes,
            peak_rss_bytes=peak_bytes,
            reshape_ms=adapted.reshape_ms,
            input_rules=rules,
            sequences=plan.sequences,
            notice=" ".join(
                filter(
                    None,
                    (
                        news,
                        _about_batch(adapted),
                        plan.notice,
                        _what_it_computes(loaded),
                        _about_answers(effective, config),
                    ),
                )
            ),
        )

    def _load(
        self,
        core: ov.Core,
        config: BenchmarkConfig,
        reuse: PreparedModel | None,
        progress: Progress,
    ) -> tuple[LoadedModel, float, str]:
        """Return the model, the ms its reading took, and what became of its file meanwhile."""
        news = ""
        if reuse is not None and _read_part(reuse.config) == _read_part(config):
            loaded: LoadedModel = reuse.loaded
            stamp = stamp_of(loaded.source.path)
            if stamp == loaded.stamp:
                return loaded, reuse.read_ms, ""
            name = loaded.info.name
            if not stamp and loaded.model is not None:
                return loaded, reuse.read_ms, f"The file of {name} is gone; what was read runs on."
            news = f"The file of {name} has changed and was read again."
        progress(f"reading {config.model}")
        begin_s = perf_counter()
        loaded = load_model(
            core, config.model, from_file=config.from_file, map_file=self._map_files
        )
        return loaded, (perf_counter() - begin_s) * 1000, news

    def _plan(
        self, loaded: LoadedModel, adapted: AdaptedModel, config: BenchmarkConfig
    ) -> InputSchedule:
        named = by_own_names(config, names_of(adapted.info.inputs, loaded.aliases))
        try:
            plan = self._feeds.get(
                config,
                adapted.info.inputs,
                lambda: plan_inputs(
                    adapted, loaded.aliases, named, allow_strings=self._allow_strings
                ),
            )
        except DataShapeNeeded:
            if config.iterations != 0:
                raise
            # Only compiled, as by benchmark_app's -niter 0: nothing will be fed.
            return InputSchedule(
                (),
                (),
                "batch unknown, no -data_shape",
                (SourceUse("nothing"),) * len(adapted.rules),
            )
        _inference_only(config, adapted, plan)
        return plan


def _reuses_compiled(
    reuse: PreparedModel | None, loaded: LoadedModel, config: BenchmarkConfig
) -> bool:
    """Whether other inputs are all that the new configuration needs."""
    if reuse is None or loaded is not reuse.loaded:
        return False
    return reuse.config.needs_preparation(config) and not reuse.config.needs_recompile(config)


def _read_part(config: BenchmarkConfig) -> tuple[object, ...]:
    """What makes another reading necessary."""
    return config.model, config.from_file, additions(config)


def _what_it_computes(loaded: LoadedModel) -> str:
    """A sentence about a model that computes nothing; '' for all others."""
    return note_without_operations(loaded.model, loaded.info.name) if loaded.model else ""


def _about_answers(effective: EffectiveConfig, config: BenchmarkConfig) -> str:
    """A sentence about outputs that are not right; '' where they are, or nobody asked."""
    found = judged(effective.answers, config.check_tolerance)
    if found is None or found.verdict is LimitVerdict.PASSED:
        return ""
    return f"{found.text[0].upper()}{found.text[1:]}."


def _about_batch(adapted: AdaptedModel) -> str:
    batch = adapted.assumed_batch
    return (
        f"No batch was given: {batch} is used. -b, or Batch on the screen, sets another."
        if batch
        else ""
    )


def _effective(
    compiled: ov.CompiledModel,
    config: BenchmarkConfig,
    adapted: AdaptedModel,
    plan: InputSchedule,
    rules: tuple[InputRule, ...],
) -> EffectiveConfig:
    first = plan.groups[0] if plan.groups else ShapeGroup((), 1)
    states = find_states(adapted.model) if adapted.model else count_states(compiled)
    return replace(
        read_effective(compiled, config.device),
        states=states.count,
        growing_states=states.growing,
        reset_state=plan.reset_state,
        input_values=plan.values,
        batch=first.batch,
        batch_rule="; ".join(filter(None, (plan.batch_rule, adapted.batch_rule))),
        data_shape=first.shapes,
        assumed_batch=adapted.assumed_batch,
        assumed_shape=plan.assumed,
        shape_groups=plan.groups,
        rotation=plan.rotation,
        drawn_sizes=plan.drawn,
        sequence_lengths=plan.sequences.lengths if plan.sequences else (),
        carried=plan.sequences.carried if plan.sequences else (),
        input_rules=tuple(rule.describe() for rule in rules),
        api=config.api,
        inference_only=_inference_only(config, adapted, plan),
    )


def _inference_only(config: BenchmarkConfig, adapted: AdaptedModel, plan: InputSchedule) -> bool:
    if plan.sequences:
        return False  # every step has inputs of its own
    return checked_mode(
        config,
        len(plan.groups),
        len(plan.feeds),
        is_dynamic=any(port.is_dynamic for port in adapted.info.inputs),
    )
