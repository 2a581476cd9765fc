"""Which API and whether filling the inputs is measured, where shapes or files rotate."""

from __future__ import annotations

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError


def check_api(api: str, shape_count: int) -> None:
    """Refuse the sync API where several shapes rotate, as benchmark_app does.

    To be asked again when the API is changed without a new preparation.
    """
    if api == "sync" and shape_count > 1:
        raise BadInputError(
            f"-api sync cannot run {shape_count} data shapes in rotation: give -api async"
            " -hint latency -nireq 1, which runs one request after the other, too."
        )


def is_inference_only(
    requested: bool | None, shape_count: int, feed_count: int, *, is_dynamic: bool
) -> bool:
    """Whether the inputs are filled only once, before the measurement.

    Args:
        requested: what -inference_only says; None = leave it to the rule.
        shape_count, feed_count: how many sets of shapes and of data rotate.
        is_dynamic: the compiled model has dynamic inputs.

    Raises:
        BadInputError: asked for although several shapes rotate, as in benchmark_app.
    """
    if requested and shape_count > 1:
        raise BadInputError(
            f"-inference_only cannot be true with {shape_count} data shapes in rotation: the"
            " inputs change with every inference; leave it out."
        )
    if requested is not None:
        return requested
    # benchmark_app fills a dynamic model's inputs every time even when they never change;
    # here one shape with one set of data is filled once.
    return shape_count == 1 and not (is_dynamic and feed_count > 1)


def checked_mode(
    config: BenchmarkConfig, shape_count: int, feed_count: int, *, is_dynamic: bool
) -> bool:
    """Both checks at once; whether the run is inference only."""
    check_api(config.api, shape_count)
    return is_inference_only(config.inference_only, shape_count, feed_count, is_dynamic=is_dynamic)
