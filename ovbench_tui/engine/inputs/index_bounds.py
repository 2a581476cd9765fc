"""For each input of a model the values that it takes, followed back from what they index.

Random values out of range fail an inference or end the process. From every port that is an
index, a length, an axis or a shape, the interval of its valid values is carried up the graph,
through what passes values on and through arithmetic with constants, to the inputs it comes from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import openvino as ov

from ovbench_tui.engine.inputs.index_rules import constant_values, rules, size_of
from ovbench_tui.engine.inputs.value_bounds import ValueBounds

_MAX_STEPS = 20_000
"""Ports looked at for one model; beyond, nothing more is bounded."""

_ALL_PORTS: tuple[int, ...] = ()
_PASSED_ON: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(
        (
            *("Abs", "Broadcast", "Ceiling", "Convert", "ConvertLike", "Floor", "Gather"),
            *("GatherElements", "GatherND", "Identity", "MaxPool", "Pad", "ReadValue", "ReduceMax"),
            *("ReduceMin", "Relu", "Reshape", "Reverse", "ReverseSequence", "Roll", "Round"),
            *("Slice", "Split", "Squeeze", "StridedSlice", "Tile", "Transpose", "Unsqueeze"),
            "VariadicSplit",
        ),
        (0,),
    ),
    **dict.fromkeys(("ScatterUpdate", "ScatterElementsUpdate", "ScatterNDUpdate"), (0, 2)),
    **dict.fromkeys(("Concat", "Maximum", "Minimum"), _ALL_PORTS),
    "Select": (1, 2),
}
"""Operations whose results are values of these inputs; all inputs where there are none."""

_SAME_ELEMENTS = frozenset(
    {"Convert", "ConvertLike", "Identity", "Reshape", "Squeeze", "Unsqueeze"}
)
"""Every value stays at its place, so that a list of exact values stays one."""

_VALUES_OF_THEIR_OWN = frozenset(
    {
        *("Constant", "ShapeOf", "NonZero", "NonMaxSuppression", "MulticlassNms", "MatrixNms"),
        *("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd"),
        *("LogicalOr", "LogicalNot", "LogicalXor", "IsNaN", "IsInf", "IsFinite", "OneHot"),
        *("Bucketize", "RandomUniform", "Multinomial", "Eye", "SearchSorted", "DetectionOutput"),
        *("ExperimentalDetectronTopKROIs", "CTCGreedyDecoder", "CTCGreedyDecoderSeqLen"),
        *("ReduceLogicalAnd", "ReduceLogicalOr", "Proposal", "NonMaxSuppressionIEInternal"),
    }
)
"""Operations whose results are in range whatever values their inputs have."""


@dataclass(frozen=True)
class _Body:
    """A model, or the body of an If or a loop with the way out of it.

    Attributes:
        outer: None for the model itself.
        inputs: of the node outside, by the number of the body's parameter.
    """

    model: ov.Model
    outer: _Body | None = None
    node: ov.Node | None = None
    inputs: Mapping[int, int] | None = None


def input_bounds(
    model: ov.Model, shapes: Sequence[Sequence[int]] = ()
) -> tuple[ValueBounds | None, ...]:
    """Bound the values of each input; None where any value will do.

    Args:
        shapes: of the tensors, one an input: sizes that they settle count as known.
    """
    bounds = _Walk(model).run()
    if not shapes or not any(bound is not None and bound.is_unknown for bound in bounds):
        return bounds
    static = model.clone()
    try:
        static.reshape({index: list(shape) for index, shape in enumerate(shapes)})
    except RuntimeError:
        return bounds  # compiling or the first inference says what is wrong with the shapes
    return _Walk(static).run()


class _Walk:
    """One walk over a model, from the ports that index back to the inputs."""

    def __init__(self, model: ov.Model) -> None:
        self._top = _Body(model)
        self._rules = rules()
        self._found: dict[int, ValueBounds] = {}
        self._numbers = {
            parameter.get_name(): index for index, parameter in enumerate(model.get_parameters())
        }
        self._seen: set[tuple[object, ...]] = set()
        self._waiting: list[tuple[_Body, ov.Output, ValueBounds]] = []
        self._bodies: dict[tuple[int, str], list[_Body]] = {}

    def run(self) -> tuple[ValueBounds | None, ...]:
        self._look_into(self._top)
        for _ in range(_MAX_STEPS):
            if not self._waiting:
                break
            self._step(*self._waiting.pop())
        return tuple(self._found.get(index) for index in range(len(self._numbers)))

    def _look_into(self, body: _Body) -> None:
        for node in body.model.get_ops():
            kind = node.get_type_name()
            rule = self._rules.get(kind)
            for port, bounds in rule(node) if rule is not None and _has_variable(node) else ():
                if port < node.get_input_size():
                    self._waiting.append((body, node.input_value(port), bounds))
            for inner in self._inside(node, body):
                self._look_into(inner)

    def _step(self, body: _Body, output: ov.Output, bounds: ValueBounds) -> None:
        node = output.get_node()
        kind = node.get_type_name()
        key = (id(body), node.get_name(), output.get_index(), bounds)
        if key in self._seen:
            return
        self._seen.add(key)
        if kind == "Parameter":
            self._arrive(body, node, bounds)
        elif kind in _VALUES_OF_THEIR_OWN or (kind == "TopK" and output.get_index() == 1):
            return
        elif kind in _BODY_KINDS:
            self._enter(body, node, output.get_index(), bounds)
        else:
            for port, before in _before(node, kind, bounds):
                self._waiting.append((body, node.input_value(port), before))

    def _arrive(self, body: _Body, node: ov.Node, bounds: ValueBounds) -> None:
        if body.outer is None or body.node is None or body.inputs is None:
            index = self._numbers.get(node.get_name())
            if index is not None:
                self._found[index] = bounds.within(self._found.get(index))
            return
        names = [each.get_name() for each in body.model.get_parameters()]
        place = body.inputs.get(names.index(node.get_name()))
        if place is not None:
            self._waiting.append((body.outer, body.node.input_value(place), bounds))

    def _enter(self, body: _Body, node: ov.Node, output: int, bounds: ValueBounds) -> None:
        """Go on inside the bodies whose result this is."""
        for number, inner in enumerate(self._inside(node, body)):
            for place in _output_descriptions(node, number):
                if place.output_index == output:
                    result = inner.model.get_results()[place.body_value_index]
                    self._waiting.append((inner, result.input_value(0), bounds))

    def _inside(self, node: ov.Node, outer: _Body) -> list[_Body]:
        """The bodies of a node, the same objects every time."""
        if node.get_type_name() not in _BODY_KINDS:
            return []
        key = (id(outer), node.get_name())
        if key not in self._bodies:
            self._bodies[key] = _bodies_of(node, outer)
        return self._bodies[key]


def _has_variable(node: ov.Node) -> bool:
    """Whether any of its inputs after the first is more than a constant."""
    kinds = (
        node.input_value(port).get_node().get_type_name()
        for port in range(0 if node.get_input_size() < 2 else 1, node.get_input_size())
    )
    first = node.get_type_name() in ("OneHot", "Range", "Eye", "RandomUniform", "Loop")
    return first or any(kind != "Constant" for kind in kinds)


# -- through one operation --------------------------------------------------------------------


def _before(node: ov.Node, kind: str, bounds: ValueBounds) -> Iterable[tuple[int, ValueBounds]]:
    """The bounds of each input of a node whose result has these bounds."""
    if kind in _PASSED_ON or (kind == "TopK"):
        ports = _PASSED_ON.get(kind, (0,)) or range(node.get_input_size())
        passed = bounds if kind in _SAME_ELEMENTS else _without_places(bounds)
        return [(port, passed) for port in ports if port < node.get_input_size()]
    if kind in ("Mod", "FloorMod", "Clamp") and _stays_within(node, kind, bounds):
        return ()
    arithmetic = _ARITHMETIC.get(kind)
    if arithmetic is not None and not bounds.is_unbounded:
        return arithmetic(node, _without_places(bounds))
    return [(port, bounds.lost()) for port in range(node.get_input_size())]


def _without_places(bounds: ValueBounds) -> ValueBounds:
    """Exact values that may change their places: one that is valid at each of them."""
    if not bounds.exact:
        return bounds
    value = bounds.exact[-1]
    return ValueBounds(value, value, bounds.why, may_crash=bounds.may_crash)


def _stays_within(node: ov.Node, kind: str, bounds: ValueBounds) -> bool:
    """Whether the result is valid whatever the input is."""
    if kind == "Clamp":
        attributes = node.get_attributes()
        return bool(bounds.low <= attributes["min"] and attributes["max"] <= bounds.high)
    divisors = constant_values(node.input_value(1))
    return bool(divisors) and bounds.low <= 0 and max(divisors or (0,)) - 1 <= bounds.high


def _add(node: ov.Node, bounds: ValueBounds) -> Iterable[tuple[int, ValueBounds]]:
    for port in (0, 1):
        other = constant_values(node.input_value(1 - port))
        if other:
            low = math.ceil(bounds.low - min(other))
            high = math.floor(bounds.high - max(other))
            # Lengths and positions before an offset are not negative either.
            yield port, bounds.moved(max(low, 0) if high >= 0 else low, high)
        else:
            yield port, bounds.moved(math.ceil(bounds.low / 2), bounds.high // 2)


def _subtract(node: ov.Node, bounds: ValueBounds) -> Iterable[tuple[int, ValueBounds]]:
    right, left = constant_values(node.input_value(1)), constant_values(node.input_value(0))
    if right:
        low, high = math.ceil(bounds.low + max(right)), math.floor(bounds.high + min(right))
        yield 0, bounds.moved(low, high)
    elif left:
        low, high = math.ceil(max(left) - bounds.high), math.floor(min(left) - bounds.low)
        yield 1, bounds.moved(low, high)
    else:
        yield 0, bounds.lost()
        yield 1, bounds.lost()


def _multiply(node: ov.Node, bounds: ValueBounds) -> Iterable[tuple[int, ValueBounds]]:
    for port in (0, 1):
        other = constant_values(node.input_value(1 - port))
        if not other:
            root = math.isqrt(max(0, bounds.high))
            yield port, bounds.moved(0, root) if bounds.low <= 0 else bounds.lost()
            continue
        ends = [sorted((bounds.low / factor, bounds.high / factor)) for factor in other if factor]
        if not ends:
            continue  # times 0 is 0
        low, high = max(low for low, _ in ends), min(high for _, high in ends)
        yield port, bounds.moved(math.ceil(low), math.floor(high))


def _divide(node: ov.Node, bounds: ValueBounds) -> Iterable[tuple[int, ValueBounds]]:
    divisors = constant_values(node.input_value(1))
    if not divisors or min(divisors) <= 0:
        yield 0, bounds.lost()
        yield 1, bounds.lost()
        return
    low = max(bounds.low * divisor for divisor in divisors)
    yield 0, bounds.moved(math.ceil(low), math.floor(min(bounds.high * d for d in divisors)))


def _cumulative_sum(node: ov.Node, bounds: ValueBounds) -> Iterable[tuple[int, ValueBounds]]:
    """Each value may be added as often as the axis is long."""
    axis = constant_values(node.input_value(1))
    size = size_of(node, 0, int(axis[0])) if axis else None
    if size is None:
        yield 0, ValueBounds(0, 0, bounds.why, is_unknown=True, may_crash=bounds.may_crash)
    else:
        yield 0, bounds.moved(max(0, bounds.low), bounds.high // max(1, size))


def _range(_node: ov.Node, bounds: ValueBounds) -> Iterable[tuple[int, ValueBounds]]:
    yield 0, bounds
    yield 1, bounds.moved(bounds.low, bounds.high + 1)


_ARITHMETIC: Mapping[str, Callable[[ov.Node, ValueBounds], Iterable[tuple[int, ValueBounds]]]] = {
    "Add": _add,
    "Subtract": _subtract,
    "Multiply": _multiply,
    "Divide": _divide,
    "CumSum": _cumulative_sum,
    "Range": _range,
    "Mod": lambda _, bounds: [(0, bounds)],
    "FloorMod": lambda _, bounds: [(0, bounds)],
    "Clamp": lambda _, bounds: [(0, bounds)],
}


# -- bodies of If, Loop and TensorIterator ----------------------------------------------------

_BODY_KINDS = frozenset({"If", "Loop", "TensorIterator"})


def _bodies_of(node: ov.Node, outer: _Body) -> list[_Body]:
    is_if = node.get_type_name() == "If"
    models = [node.get_function(0), node.get_function(1)] if is_if else [node.get_function()]
    return [
        _Body(model, outer, node, _inputs_by_parameter(node, number))
        for number, model in enumerate(models)
    ]


def _inputs_by_parameter(node: ov.Node, number: int) -> Mapping[int, int]:
    is_if = node.get_type_name() == "If"
    described = node.get_input_descriptions(number) if is_if else node.get_input_descriptions()
    return {place.body_parameter_index: place.input_index for place in described}


def _output_descriptions(node: ov.Node, number: int) -> Sequence[ov.op.util.BodyOutputDescription]:
    is_if = node.get_type_name() == "If"
    described: Sequence[ov.op.util.BodyOutputDescription] = (
        node.get_output_descriptions(number) if is_if else node.get_output_descriptions()
    )
    return described
