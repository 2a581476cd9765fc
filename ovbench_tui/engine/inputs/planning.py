"""The inputs of a run: their shapes and values, as far as the model itself tells what fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import Shape, format_data_shape
from ovbench_tui.engine.api.layouts import BY_MODEL, BY_USER
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.inputs.feeds import MAX_SHAPE_GROUPS, InputSchedule, make_feeds
from ovbench_tui.engine.inputs.generation import plan_generation
from ovbench_tui.engine.inputs.index_bounds import input_bounds
from ovbench_tui.engine.inputs.language_inputs import Role, roles_of, values_of
from ovbench_tui.engine.inputs.shapes.data_shape import DataShapeNeeded, match_names
from ovbench_tui.engine.inputs.shapes.drawn_shapes import draw_shapes
from ovbench_tui.engine.inputs.shapes.empty_axes import empty_axes
from ovbench_tui.engine.inputs.shapes.shape_guess import has_dynamic_rank, writable_name
from ovbench_tui.engine.inputs.shapes.shape_proposal import propose_fitting
from ovbench_tui.engine.inputs.value_bounds import ValueBounds
from ovbench_tui.engine.models.adaptation import AdaptedModel
from ovbench_tui.engine.models.states import find_states, fits_state

_INDEX_TYPES = frozenset({"i32", "i64"})


def plan_inputs(
    adapted: AdaptedModel,
    aliases: Sequence[frozenset[str]],
    config: BenchmarkConfig,
    *,
    allow_strings: bool,
) -> InputSchedule:
    """Make the feeds of a run.

    A stateful model whose inputs are dynamic runs with the shapes that would be proposed, for
    its sequences have no length of their own; any other does so with --assume-shapes. A notice
    says so.

    Raises:
        DataShapeNeeded: a shape is missing; its proposal was tried on the model.
        BadInputError: as `make_feeds`.
    """
    generation = plan_generation(adapted, config, lambda shapes: _bounds(adapted, shapes))
    if generation is not None:
        return generation
    try:
        plan = _make(adapted, aliases, config, allow_strings=allow_strings)
        return _fitted_to_state(plan, adapted, aliases, config, allow_strings=allow_strings)
    except DataShapeNeeded as error:
        needed = error
    needed = _with_fitting_proposal(needed, adapted, aliases, config, allow_strings=allow_strings)
    is_complete = bool(needed.proposal) and needed.option == "-data_shape" and not needed.more
    is_stateful = adapted.model is not None and bool(adapted.model.get_sinks())
    may_assume = is_stateful or config.assume_shapes
    if not (is_complete and may_assume and config.iterations != 0):
        raise needed
    shaped = replace(config, data_shape=needed.proposal)
    plan = _make(adapted, aliases, shaped, allow_strings=allow_strings)
    given = "Only some shapes were" if config.data_shape else "No shape was"
    sentence = f"{given} given: -data_shape {format_data_shape(needed.proposal)} is used."
    plan = _with_notice(replace(plan, assumed=needed.proposal), sentence)
    return _fitted_to_state(plan, adapted, aliases, shaped, allow_strings=allow_strings)


def _fitted_to_state(
    plan: InputSchedule,
    adapted: AdaptedModel,
    aliases: Sequence[frozenset[str]],
    config: BenchmarkConfig,
    *,
    allow_strings: bool,
) -> InputSchedule:
    """See that every inference fits the state that the ones before it left.

    Where the inputs fit an empty state only, as a mask that must be as long as the past and the
    present together, the mask grows from one inference to the next for as many as --reset-state
    says; without that, the state is reset before each.
    """
    model = adapted.model
    if model is None or len(plan.groups) != 1 or not find_states(model).growing:
        return plan
    shapes = [shape for _, shape in plan.groups[0].shapes]
    if fits_state(model, shapes):
        return plan
    steps = config.reset_state
    roles = roles_of(adapted.info.inputs, is_stateful=True)
    if 1 < steps <= MAX_SHAPE_GROUPS and Role.MASK in roles:
        growing = tuple(
            (writable_name(port), (shape[0], shape[1] * step) if role is Role.MASK else shape)
            for port, role, shape in zip(adapted.info.inputs, roles, shapes, strict=True)
            for step in range(1, steps + 1 if role is Role.MASK else 2)
        )
        grown = _make(
            adapted, aliases, replace(config, data_shape=growing), allow_strings=allow_strings
        )
        return _with_notice(replace(grown, reset_state=steps), plan.notice)
    sentence = (
        "The inputs fit an empty state only, so the state is reset before every inference: each"
        " one is a new sequence (--reset-state 1)."
    )
    return _with_notice(replace(plan, reset_state=1), sentence if steps != 1 else "")


def _with_notice(plan: InputSchedule, sentence: str) -> InputSchedule:
    return replace(plan, notice=" ".join(filter(None, (plan.notice, sentence))))


def _make(
    adapted: AdaptedModel,
    aliases: Sequence[frozenset[str]],
    config: BenchmarkConfig,
    *,
    allow_strings: bool,
) -> InputSchedule:
    has_empty = any(0 in shape for _, shape in config.data_shape)
    return make_feeds(
        adapted.info,
        adapted.layouts,
        config,
        lambda shapes: _bounds(adapted, shapes),
        aliases,
        allow_strings=allow_strings,
        may_be_empty=empty_axes(adapted.model) if has_empty and adapted.model else None,
    )


def _bounds(adapted: AdaptedModel, shapes: Sequence[Shape]) -> Sequence[ValueBounds | None]:
    """What each input indexes, and what its role in a language model demands."""
    inputs = adapted.info.inputs
    if adapted.model is None:
        # Nobody can look into it, and such inputs often index.
        return [
            ValueBounds(0, 0, "the model cannot be looked into", is_unbounded=True, may_crash=True)
            if port.element_type in _INDEX_TYPES
            else None
            for port in inputs
        ]
    found = input_bounds(adapted.model, shapes)
    roles = roles_of(inputs, is_stateful=bool(adapted.model.get_sinks()))
    return [_both(role, bounds) for role, bounds in zip(roles, found, strict=True)]


def _both(role: Role, found: ValueBounds | None) -> ValueBounds | None:
    demanded = values_of(role)
    return found if demanded is None else demanded.within(found)


def _with_fitting_proposal(
    needed: DataShapeNeeded,
    adapted: AdaptedModel,
    aliases: Sequence[frozenset[str]],
    config: BenchmarkConfig,
    *,
    allow_strings: bool,
) -> DataShapeNeeded:
    if adapted.model is None:
        return needed
    info = _with_reported_layouts(adapted)
    given, _ = draw_shapes(
        info.inputs, match_names(info.inputs, config.data_shape, aliases), config.seed
    )
    proposal = propose_fitting(
        adapted.model, info, {index: shapes[0] for index, shapes in given.items() if shapes}
    )
    has_strings = any(port.element_type == "string" for port in info.inputs)
    return DataShapeNeeded(
        needed.inputs,
        proposal or (),
        # The CPU device takes no rank that is open.
        "-shape" if any(map(has_dynamic_rank, info.inputs)) else "-data_shape",
        "--isolate" if has_strings and not allow_strings else "",
    )


def _with_reported_layouts(adapted: AdaptedModel) -> ModelInfo:
    """Without the layouts that were guessed from shapes: they are no evidence of what fits."""
    return replace(
        adapted.info,
        inputs=tuple(
            port if layout.origin in (BY_USER, BY_MODEL) else replace(port, layout="")
            for port, layout in zip(adapted.info.inputs, adapted.layouts, strict=True)
        ),
    )
