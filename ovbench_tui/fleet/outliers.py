"""Which of many machines stand apart, told so that they cannot hide themselves."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from ovbench_tui.fleet.machine_status import Outlier

FEWEST = 4
"""Of fewer machines none is the odd one out."""

_FAR = 3.5
_SIGMAS_PER_MAD = 1.4826
_LEAST_SPREAD = 0.02
"""Of the median: machines that agree this well are alike, whatever their spread."""


def find_outliers(fps: Mapping[str, float]) -> dict[str, Outlier]:
    """Return the machines whose FPS are far from the median of all.

    Far is a modified z-score above 3.5 (Iglewicz and Hoaglin, How to Detect and Handle
    Outliers, 1993): the distance in units of 1.4826 times the median absolute deviation. Half
    of the machines would have to be odd to move the median; a mean moves with each.

    Args:
        fps: by machine; finite.
    """
    if len(fps) < FEWEST:
        return {}
    middle = median(fps.values())
    spread = _SIGMAS_PER_MAD * median(abs(value - middle) for value in fps.values())
    far = _FAR * max(spread, _LEAST_SPREAD * middle)
    return {
        key: Outlier.SLOW if value < middle else Outlier.FAST
        for key, value in fps.items()
        if abs(value - middle) > far
    }
