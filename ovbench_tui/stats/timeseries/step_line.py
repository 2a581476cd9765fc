"""Values that were each measured over a stretch of time, and their means over any other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class StepLine:
    """Figures over stretches that follow one another without a gap, in constant memory.

    Args:
        figures: values of a stretch.
        capacity: stretches that are kept at most; an even number.
        forgets: when it is full, the older half is dropped; otherwise neighbours are merged, so
            that the whole of the time stays, in coarser steps.
        start_s: begin of the first stretch.
    """

    def __init__(
        self, figures: int, capacity: int, *, forgets: bool = False, start_s: float = 0.0
    ) -> None:
        self._forgets = forgets
        self._edges_s = np.full(capacity + 1, start_s)
        self._values = np.zeros((capacity, figures))
        self._size = 0

    @property
    def start_s(self) -> float:
        """Begin of what is kept."""
        return float(self._edges_s[0])

    @property
    def end_s(self) -> float:
        """End of what is kept."""
        return float(self._edges_s[self._size])

    def add(self, end_s: float, values: tuple[float, ...]) -> None:
        """Add the stretch from the end of the last one on; nothing where it has no length.

        Args:
            values: one for each figure; NaN where it is not known.
        """
        if end_s <= self.end_s:
            return
        self._values[self._size] = values
        self._size += 1
        self._edges_s[self._size] = end_s
        if self._size == len(self._values):
            self._halve()

    def means(self, edges_s: Floats) -> Floats:
        """The mean of each figure between neighbouring edges; NaN where nothing is known.

        Returns:
            Shape [edges - 1, figures].
        """
        kept_s = self._edges_s[: self._size + 1]
        figures = self._values.shape[1]
        means = np.full((len(edges_s) - 1, figures), np.nan)
        # Of hours, mostly a minute is looked at.
        first = max(0, int(kept_s.searchsorted(edges_s[0], side="right")) - 1)
        end = min(self._size, int(kept_s.searchsorted(edges_s[-1], side="left")))
        if end <= first:
            return means
        values, kept_s = self._values[first:end], kept_s[first : end + 1]
        lasted_s = kept_s[1:] - kept_s[:-1]
        is_known = values == values  # NaN is not
        # Of each figure the sum over time and the time that it is known for, up to each edge kept.
        until = np.zeros((len(kept_s), 2 * figures))
        np.multiply(is_known, lasted_s[:, None], out=until[1:, figures:])
        np.multiply(values, lasted_s[:, None], out=until[1:, :figures], where=is_known)
        np.cumsum(until, axis=0, out=until)
        after = kept_s.searchsorted(edges_s, side="right").clip(1, len(lasted_s))
        part = ((edges_s - kept_s[after - 1]) / lasted_s[after - 1]).clip(0.0, 1.0)[:, None]
        at_edges = until[after - 1] + part * (until[after] - until[after - 1])
        added = at_edges[1:] - at_edges[:-1]
        covered_s = added[:, figures:]
        np.divide(added[:, :figures], covered_s, out=means, where=covered_s > 1e-6)
        return means

    def _halve(self) -> None:
        half = self._size // 2
        if self._forgets:
            self._values[:half] = self._values[half:]
            self._edges_s[: half + 1] = self._edges_s[half:]
        else:
            edges_s = self._edges_s[::2].copy()
            self._values[:half] = self.means(edges_s)
            self._edges_s[: half + 1] = edges_s
        self._size = half
