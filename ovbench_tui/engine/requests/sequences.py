"""Gives infer requests the steps of one sequence after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle

import openvino as ov

from ovbench_tui.engine.requests.prepared_model import Feed, SequencePlan
from ovbench_tui.engine.requests.state_reset import reset_state
from ovbench_tui.stats.sequences import request_tag, step_tag


class SequenceFeeder:
    """Readies a request for the next step of its sequence, or for the first of the next one.

    Args:
        feeds: of all steps of all sequences.
    """

    def __init__(
        self,
        requests: Sequence[ov.InferRequest],
        feeds: Sequence[Feed],
        plan: SequencePlan,
    ) -> None:
        sequences = plan.spans
        self._requests = requests
        takers = {taker for _, taker in plan.carried}
        begins = {begin for begin, _ in sequences}
        self._inputs = [
            [
                (number, tensor)
                for number, tensor in enumerate(feed.tensors)
                if place in begins or number not in takers
            ]
            for place, feed in enumerate(feeds)
        ]
        self._tags = [
            step_tag(feeds[begin + step].shape_group, number, is_last=step == steps - 1)
            for number, (begin, steps) in enumerate(sequences)
            for step in range(steps)
        ]
        self._request_tags = [request_tag(index) for index in range(len(requests))]
        self._sequences = sequences
        self._turns: Iterator[tuple[int, int]]
        self.restart()
        self._caches = [_Cache(request, plan) for request in requests] if plan.carried else []

    def restart(self) -> None:
        """Let every request begin with a new sequence; only while nothing is in flight."""
        self._turns = cycle(self._sequences)
        self._places = [0] * len(self._requests)
        self._ends = [0] * len(self._requests)

    def ready(self, index: int) -> int:
        """Give the idle request its next inputs; returns the step's tag.

        Raises:
            StateResetError: the device cannot reset its state.
        """
        place, request = self._places[index], self._requests[index]
        if place == self._ends[index]:
            place, steps = next(self._turns)
            self._ends[index] = place + steps
            reset_state(request)
            if self._caches:
                self._caches[index].empty()
        self._places[index] = place + 1
        for number, tensor in self._inputs[place]:
            request.set_input_tensor(number, tensor)
        if self._caches:
            self._caches[index].carry()
        return self._tags[place] | self._request_tags[index]


class _Cache:
    """Hands what an inference of a request gave to the next one, without copying it.

    Each such output has two tensors in turn: one is read while the other is written.
    """

    def __init__(self, request: ov.InferRequest, plan: SequencePlan) -> None:
        self._request = request
        ports = request.model_outputs
        self._pairs = [
            (giver, taker, [_empty(ports[giver]), _empty(ports[giver])])
            for giver, taker in plan.carried
        ]
        self._is_empty = True
        self._turn = 0

    def empty(self) -> None:
        """The next inference is the first of a sequence, and takes the empty past of its feed."""
        self._is_empty = True

    def carry(self) -> None:
        """Set the inputs to what the inference before gave, and other tensors for the outputs."""
        request, turn = self._request, self._turn
        for giver, taker, tensors in self._pairs:
            if not self._is_empty:
                request.set_input_tensor(taker, tensors[1 - turn])
            request.set_output_tensor(giver, tensors[turn])
        self._is_empty = False
        self._turn = 1 - turn


def _empty(port: ov.ConstOutput) -> ov.Tensor:
    shape = port.get_partial_shape()
    sizes = [0 if dimension.is_dynamic else dimension.get_length() for dimension in shape]
    return ov.Tensor(port.get_element_type(), ov.Shape(sizes))
