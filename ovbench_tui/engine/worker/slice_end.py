"""When the turn of one of two alternating configurations is over."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

from ovbench_tui.stats.comparison.alternation import LEAST_COUNT, LONGEST_SLICE_S


class SliceEnd:
    """Tells when a slice is over: after its time, with whole rounds of the infer requests.

    Requests of one model tend to complete together. A slice that begins and ends at the same
    place of such a round counts neither too many nor too few.

    Args:
        total: completions ever stored.
        since_count, since_s: where the slice began.
        length_s: seconds.
        round_size: infer requests.
    """

    def __init__(
        self,
        total: Callable[[], int],
        since_count: int,
        since_s: float,
        *,
        length_s: float,
        round_size: int,
    ) -> None:
        self._total = total
        self._since_count = since_count
        self._end_s = since_s + length_s
        self._latest_s = since_s + LONGEST_SLICE_S
        self._round_size = round_size
        self._wanted = 0

    @property
    def is_over(self) -> bool:
        """Whether the slice is whole."""
        if self._wanted:
            return self._total() >= self._wanted
        now_s = perf_counter()
        if now_s < self._end_s:
            return False
        count = self._total() - self._since_count
        if not count or (count < LEAST_COUNT and now_s < self._latest_s):
            return False
        rounds = math.ceil(count / self._round_size)
        self._wanted = self._since_count + rounds * self._round_size
        return self._since_count + count >= self._wanted
