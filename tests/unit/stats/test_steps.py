"""The place of a step: where two levels leave the least absolute deviation."""

from __future__ import annotations

import numpy as np
import pytest

from ovbench_tui.stats.steps import find_step


@pytest.mark.parametrize("seed", range(20))
def test_the_place_is_the_one_that_numpys_medians_find(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(8, 40))
    place = int(random.integers(3, count - 2))
    values = random.normal(100, 1, count)
    values[place:] *= random.choice([0.6, 1.5])
    costs = {
        first: sum(
            float(np.abs(part - np.median(part)).sum()) for part in np.split(values, [first])
        )
        for first in range(3, count - 2)
    }
    step = find_step(values)
    assert step is not None
    assert step.place == min(costs, key=lambda first: costs[first])
    assert step.before == pytest.approx(float(np.median(values[: step.place])))
    assert step.after == pytest.approx(float(np.median(values[step.place :])))


@pytest.mark.parametrize("count", [0, 5, 6, 30])
def test_a_level_line_has_no_step(count: int) -> None:
    assert find_step(np.full(count, 50.0)) is None
