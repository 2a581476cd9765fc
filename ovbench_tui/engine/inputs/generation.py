"""Sequences for a model that generates tokens: a prompt, and then one token after the other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import openvino as ov

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import Shape
from ovbench_tui.config.token_counts import sequence_lengths
from ovbench_tui.engine.api.effective import ShapeGroup
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.feeds import InputSchedule
from ovbench_tui.engine.inputs.kv_ports import Carried, carried_of, carries
from ovbench_tui.engine.inputs.language_inputs import Role, roles_of
from ovbench_tui.engine.inputs.random_tensors import RandomInput, drawn_values
from ovbench_tui.engine.inputs.shapes.shape_guess import bounds_of, has_dynamic_rank, within
from ovbench_tui.engine.inputs.source_use import SourceUse
from ovbench_tui.engine.inputs.value_bounds import ValueBounds
from ovbench_tui.engine.models.adaptation import AdaptedModel
from ovbench_tui.engine.models.states import find_states, follows
from ovbench_tui.engine.requests.prepared_model import Feed, SequencePlan
from ovbench_tui.errors import BadInputError
from ovbench_tui.stats.sequences import DECODE, PREFILL

_MOST_STEPS = 20_000
"""Of all sequences together; fewer sequences are drawn where they are long."""

_DECODED_IDS = 61
"""Different tokens that decoding goes through."""

Bounds = Callable[[Sequence[Shape]], Sequence[ValueBounds | None]]


def plan_generation(
    adapted: AdaptedModel, config: BenchmarkConfig, bounds_for: Bounds
) -> InputSchedule | None:
    """Make the feeds of a model that generates; None for any other, and where shapes are given.

    Such a model is known by an open number of tokens, a mask, positions or a beam index beside
    them, and a state that every inference lengthens, or a past that it takes and gives. A sequence
    is one inference with the whole prompt, which gives the first new token, and one for each
    further token.

    Raises:
        BadInputError: the sequences asked for are longer than the model's positions.
    """
    model, inputs = adapted.model, adapted.info.inputs
    is_given = config.data_shape or config.sources or config.reset_state or config.iterations == 0
    if model is None or is_given:
        return None
    roles = roles_of(inputs, is_stateful=True)
    if not is_generative(inputs, roles) or not (Role.PAST in roles or find_states(model).growing):
        return None
    carried = carried_of(model, inputs, roles)
    if carried is None:
        return None
    maker = _Maker(inputs, roles, config.seed, bounds_for, carried)
    lengths = _lengths(config, maker.context)
    prompt, _ = lengths[0]
    first, then = maker.shapes(0, prompt), maker.shapes(prompt, 1)
    if not (carries(model, carried, first, then) if carried else follows(model, first, then)):
        return None  # it is not what its inputs are called
    return maker.schedule(lengths)


def is_generative(inputs: Sequence[PortInfo], roles: Sequence[Role]) -> bool:
    """Whether the inputs are those of a model that goes on with a sequence of any length."""
    ids = [port for port, role in zip(inputs, roles, strict=True) if role is Role.IDS]
    has_open_length = len(ids) == 1 and not ids[0].shape[1].isdigit()
    is_known = all(not has_dynamic_rank(port) for port in inputs)
    helpers = {Role.MASK, Role.POSITIONS, Role.BEAM, Role.PAST}
    return has_open_length and is_known and bool(helpers & {*roles})


def _lengths(config: BenchmarkConfig, context: int | None) -> list[tuple[int, int]]:
    """The prompt's and the new tokens of each sequence, in the order in which they are taken."""
    lengths = sequence_lengths(config.prompt_tokens, config.new_tokens, config.seed)
    if context is not None:
        lengths = [_within_context(config, *length, context) for length in lengths]
    steps = itertools.accumulate(new for _, new in lengths)
    return [length for length, sum_ in zip(lengths, steps, strict=True) if sum_ <= _MOST_STEPS] or (
        lengths[:1]
    )


def _within_context(
    config: BenchmarkConfig, prompt: int, new: int, context: int
) -> tuple[int, int]:
    """Lengths that were not asked for are shortened to what the model has positions for."""
    room = context + 1  # the last new token is given, and not read
    if prompt + new <= room:
        return prompt, new
    if not config.new_tokens:
        new = max(1, min(new, room - prompt if config.prompt_tokens else context // 2))
    if not config.prompt_tokens:
        prompt = max(1, min(prompt, context - new))
    if prompt + new > room:
        raise BadInputError(
            f"A prompt of {prompt:,} tokens and {new:,} new ones are {prompt + new:,} tokens, and"
            f" the model has {context:,} positions: give fewer with --prompt-tokens and"
            " --new-tokens."
        )
    return prompt, new


@dataclass(slots=True)
class _Maker:
    """Makes the tensors of every step; what is alike is made once."""

    inputs: Sequence[PortInfo]
    roles: Sequence[Role]
    seed: int
    bounds_for: Bounds
    carried: Carried
    _made: dict[tuple[int, int, int], ov.Tensor] = field(default_factory=dict)

    @property
    def batch(self) -> int:
        """Sequences of one inference."""
        ids = next(port for port, role in self._ports() if role is Role.IDS)
        low, high = bounds_of(ids.shape[0])
        return low if high == low else within(1, ids.shape[0])

    @property
    def context(self) -> int | None:
        """Positions that the model knows; None = any number."""
        bounds = self.bounds_for(self.shapes(0, 1))
        for (_, role), bound in zip(self._ports(), bounds, strict=True):
            if role is Role.POSITIONS and bound is not None and not bound.is_unbounded:
                return None if bound.high >= 2**31 - 1 else bound.high + 1
        return None

    def shapes(self, past: int, tokens: int) -> list[Shape]:
        """Shapes of the inputs of an inference with so many tokens behind so many others."""
        return [self._shape(port, role, past, tokens) for port, role in self._ports()]

    def schedule(self, lengths: Sequence[tuple[int, int]]) -> InputSchedule:
        """The feeds of all sequences, one behind the other."""
        bounds = self.bounds_for(self.shapes(0, 1))
        draws = [
            RandomInput(port, self.seed, bound).draw
            for port, bound in zip(self.inputs, bounds, strict=True)
        ]
        feeds: list[Feed] = []
        sequences = []
        for prompt, new in lengths:
            sequences.append((len(feeds), new))
            feeds.append(self._feed(draws, 0, prompt, PREFILL))
            feeds += [self._feed(draws, prompt + n, 1, DECODE) for n in range(new - 1)]
        prompt, new = lengths[0]
        groups = [self._group("prefill", 0, prompt)]
        if any(new > 1 for _, new in lengths):
            groups.append(self._group("decode", prompt, 1))
        return InputSchedule(
            tuple(feeds),
            tuple(groups),
            "one token of each sequence",
            tuple(self._use(role, bound) for role, bound in zip(self.roles, bounds, strict=True)),
            _notice(lengths),
            values=tuple(filter(None, map(drawn_values, self.inputs, bounds))),
            sequences=SequencePlan(tuple(sequences), tuple(lengths), self.carried),
        )

    def _ports(self) -> list[tuple[PortInfo, Role]]:
        return list(zip(self.inputs, self.roles, strict=True))

    def _shape(self, port: PortInfo, role: Role, past: int, tokens: int) -> Shape:
        def size(axis: int, dimension: str) -> int:
            low, high = bounds_of(dimension)
            if high == low:
                return low
            if role is Role.POSITIONS:  # with several kinds of positions the tokens are last
                return tokens if axis == len(port.shape) - 1 else self.batch
            if axis == 0:
                return within(self.batch, dimension)
            if role is Role.PAST:
                return past
            return past + tokens if role is Role.MASK else tokens

        return tuple(size(axis, dimension) for axis, dimension in enumerate(port.shape))

    def _feed(
        self, draws: Sequence[Callable[[Shape], ov.Tensor]], past: int, tokens: int, group: int
    ) -> Feed:
        shapes = [
            self._shape(port, role, 0 if role is Role.PAST else past, tokens)
            for port, role in self._ports()
        ]  # a past is taken from the inference before, so that only an empty one is made
        tensors = [
            self._tensor(index, past, tokens, partial(draw, shape), shape)
            for index, (draw, shape) in enumerate(zip(draws, shapes, strict=True))
        ]
        return Feed(tuple(tensors), group)

    def _tensor(
        self, index: int, past: int, tokens: int, draw: Callable[[], ov.Tensor], shape: Shape
    ) -> ov.Tensor:
        role = self.roles[index]
        # Tokens that are decoded go round; a mask is told by its length alone.
        place = past % _DECODED_IDS if role in (Role.IDS, Role.OTHER) else past
        if role in (Role.MASK, Role.PAST):
            key = (index, 0 if role is Role.PAST else past + tokens, 0)
        else:
            key = (index, place, tokens)
        if key not in self._made:
            self._made[key] = self._new(index, past, draw, shape)
        return self._made[key]

    def _new(self, index: int, past: int, draw: Callable[[], ov.Tensor], shape: Shape) -> ov.Tensor:
        role, port = self.roles[index], self.inputs[index]
        if role not in (Role.MASK, Role.POSITIONS, Role.BEAM, Role.PAST):
            return draw()
        tensor = ov.Tensor(getattr(ov.Type, port.element_type), ov.Shape(shape))
        if role is Role.PAST:
            return tensor  # empty
        if role is Role.MASK:
            tensor.data[...] = 1
        elif role is Role.BEAM:
            tensor.data[...] = np.arange(shape[0])
        else:
            tensor.data[...] = np.arange(past, past + shape[-1])
        return tensor

    def _group(self, name: str, past: int, tokens: int) -> ShapeGroup:
        shapes = self.shapes(past, tokens)
        labels = [port.label for port in self.inputs]
        return ShapeGroup(tuple(zip(labels, shapes, strict=True)), self.batch, name)

    def _use(self, role: Role, bound: ValueBounds | None) -> SourceUse:
        what = {
            Role.MASK: "a 1 for each token so far",
            Role.POSITIONS: "the position of each token",
            Role.BEAM: "each sequence goes on with itself",
            Role.IDS: "random tokens",
            Role.PAST: "what the inference before gave; empty at first",
        }.get(role, "random values")
        is_bounded = bound is not None and role in (Role.IDS, Role.OTHER)
        return SourceUse(what, (bound.describe(),) if bound is not None and is_bounded else ())


def _notice(lengths: Sequence[tuple[int, int]]) -> str:
    prompts, news = ({length[place] for length in lengths} for place in (0, 1))
    words = [
        f"{min(counts):,}" if len(counts) == 1 else f"{min(counts):,} to {max(counts):,}"
        for counts in (prompts, news)
    ]
    return (
        f"Each request generates: a prompt of {words[0]} tokens, then {words[1]} new ones, then"
        " the next sequence (--prompt-tokens, --new-tokens)."
    )
