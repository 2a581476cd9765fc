"""Gives infer requests the steps of one sequence after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle

import openvino as ov

from ovbench_tui.engine.requests.prepared_model import Feed
from ovbench_tui.engine.requests.state_reset import reset_state
from ovbench_tui.stats.sequences import request_tag, step_tag


class SequenceFeeder:
    """Readies a request for the next step of its sequence, or for the first of the next one.

    Args:
        feeds: of all steps of all sequences.
        sequences: where in the feeds each sequence begins, and how many steps it has; they are
            taken in turn.
    """

    def __init__(
        self,
        requests: Sequence[ov.InferRequest],
        feeds: Sequence[Feed],
        sequences: Sequence[tuple[int, int]],
    ) -> None:
        self._requests = requests
        self._feeds = [feed.tensors for feed in feeds]
        self._tags = [
            step_tag(feeds[begin + step].shape_group, number, is_last=step == steps - 1)
            for number, (begin, steps) in enumerate(sequences)
            for step in range(steps)
        ]
        self._request_tags = [request_tag(index) for index in range(len(requests))]
        self._sequences = sequences
        self._turns: Iterator[tuple[int, int]] = cycle(sequences)
        self._places = [0] * len(requests)
        self._ends = [0] * len(requests)

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
        self._places[index] = place + 1
        for number, tensor in enumerate(self._feeds[place]):
            request.set_input_tensor(number, tensor)
        return self._tags[place] | self._request_tags[index]
