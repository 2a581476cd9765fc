"""Shapes proposed for the dynamic inputs of a model, checked against the model itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter

import openvino as ov

from ovbench_tui.config.shapes import NamedShapes, Shape
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.inputs.language_inputs import roles_of
from ovbench_tui.engine.inputs.shapes.shape_guess import (
    as_given,
    guesses,
    has_dynamic_rank,
    shape_by,
    within,
    writable_name,
)

_PATIENCE_S = 3.0
_MOST_SEARCHED = 4
_SEARCHED_SIZES = (128, 1, 224, 64, 3, 2)
_ANY_RANK_SHAPES: tuple[Shape, ...] = (
    *((1, 3, 224, 224), (1, 128), (1,), (1, 128, 64), (1, 224, 224, 3), (1, 3, 16, 224, 224), ()),
)

_LENGTH = 128
_SPATIAL: Mapping[int, Shape] = {3: (_LENGTH,), 4: (224, 224), 5: (16, 224, 224)}
"""Of the input of a convolution, by the rank of its weights [C_out, C_in, ...]."""

_MOST_WEIGHTED = 4


def propose_fitting(
    model: ov.Model, info: ModelInfo, given: Mapping[int, Shape]
) -> NamedShapes | None:
    """Propose shapes for all dynamic inputs that the model can be reshaped to.

    Args:
        info: of `model`, with the layouts that somebody told, not those guessed from shapes.
        given: shapes that are settled, by input index.

    Returns:
        None where nothing fits of what was tried within `_PATIENCE_S`.
    """
    until_s = perf_counter() + _PATIENCE_S
    tried: set[tuple[Shape, ...]] = set()
    for shapes in _candidates(model, info, given):
        whole = tuple(given.get(index, shape) for index, shape in enumerate(shapes))
        if whole in tried:
            continue
        tried.add(whole)
        if fits(model, whole):
            return tuple(
                (writable_name(port), shape)
                for port, shape in zip(info.inputs, whole, strict=True)
                if port.is_dynamic
            )
        if perf_counter() > until_s:
            break
    return None


def fits(model: ov.Model, shapes: Sequence[Shape]) -> bool:
    """Whether the model can be reshaped to these; tried on a clone."""
    clone = model.clone()
    try:
        clone.reshape({index: list(shape) for index, shape in enumerate(shapes)})
    except RuntimeError:
        return False
    # What depends on the data stays open, and a result without a value is none.
    return not any(
        size.is_static and size.get_length() == 0
        for output in clone.outputs
        if output.partial_shape.rank.is_static
        for size in output.partial_shape
    )


# -- what is tried ----------------------------------------------------------------------------


def _candidates(
    model: ov.Model, info: ModelInfo, given: Mapping[int, Shape]
) -> Iterator[tuple[Shape, ...]]:
    """Shapes of all inputs, the likeliest first."""
    is_stateful = bool(model.get_sinks())
    roles = roles_of(info.inputs, is_stateful=is_stateful)
    ways = guesses(info, is_stateful=is_stateful)
    batches = _state_batches(model)
    ways += [
        replace(guess, sizes={**guess.sizes, "N": batch}) for batch in batches for guess in ways
    ]
    if given:
        ports = list(zip(info.inputs, roles, strict=True))
        ways = [*(as_given(guess, ports, given) for guess in ways), *ways]
    of_any_rank = [port.index for port in info.inputs if has_dynamic_rank(port)]
    any_rank = (*_weighted(model), *_ANY_RANK_SHAPES) if of_any_rank else ((),)
    for guess in ways:
        shapes = [
            shape_by(port, role, guess) for port, role in zip(info.inputs, roles, strict=True)
        ]
        for any_shape in any_rank:
            for index in of_any_rank:
                shapes[index] = any_shape
            yield tuple(shapes)
    yield from _searched(info)


def _searched(info: ModelInfo) -> Iterator[tuple[Shape, ...]]:
    """Every combination of a few sizes, where few dimensions are dynamic."""
    places = [
        (port.index, axis)
        for port in info.inputs
        if not has_dynamic_rank(port)
        for axis, size in enumerate(port.shape)
        if not size.isdigit()
    ]
    if len(places) > _MOST_SEARCHED or any(map(has_dynamic_rank, info.inputs)):
        return
    for sizes in itertools.product(_SEARCHED_SIZES, repeat=len(places)):
        at = dict(zip(places, sizes, strict=True))
        yield tuple(
            tuple(
                within(at.get((port.index, axis), 1), size) for axis, size in enumerate(port.shape)
            )
            for port in info.inputs
        )


def _weighted(model: ov.Model) -> Iterator[Shape]:
    """Shapes that the first weights of the model take."""
    found: dict[Shape, None] = {}
    for node in model.get_ordered_ops():
        kind = node.get_type_name()
        if kind not in ("Convolution", "MatMul") or len(found) >= _MOST_WEIGHTED:
            continue
        weights = node.input_value(1).get_partial_shape()
        if weights.is_dynamic:
            continue
        sizes = weights.to_shape()
        if kind == "Convolution" and len(sizes) in _SPATIAL:
            shape = (1, sizes[1], *_SPATIAL[len(sizes)])
            found[shape] = None
        elif kind == "MatMul" and len(sizes) == 2:
            summed = sizes[1 if node.get_attributes()["transpose_b"] else 0]
            found.update(dict.fromkeys(((1, summed), (1, _LENGTH, summed))))
    yield from found


def _state_batches(model: ov.Model) -> list[int]:
    """First sizes of the states, where they are fixed: the batch that they hold."""
    shapes = [variable.info.data_shape for variable in model.get_variables()]
    sizes = {
        int(shape[0].get_length())
        for shape in shapes
        if shape.rank.is_static and len(shape) and shape[0].is_static
    }
    return sorted(sizes - {1})
