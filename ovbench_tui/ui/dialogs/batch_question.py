"""The batch where nothing tells it: when the user is asked, what is offered and answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.config.named.own_names import layouts_by_own_names
from ovbench_tui.config.port_values import parse_layout
from ovbench_tui.config.shapes import Shape, format_shape
from ovbench_tui.errors import BadInputError

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.config.option_values import NamedTexts
    from ovbench_tui.engine.api.model_info import PortInfo
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import Snapshot

SINGLE = "1"
"""The answer that each inference is one frame."""

_FIRST_IS_BATCH = "N..."


class BatchQuestion:
    """Remembers for which model it was asked, so that it is asked once."""

    def __init__(self) -> None:
        self._requested_for = ""

    def due(self, snapshot: Snapshot) -> RunView | None:
        """The run whose batch is to be asked now, and from now on has been; None = nothing."""
        run = snapshot.run
        if run is None or run.config.model == self._requested_for:
            return None
        self._requested_for = ""
        is_leaving = snapshot.requested.model != run.config.model or snapshot.finished
        if is_leaving or run.config.single_frame or not run.effective.is_batch_unknown:
            return None
        self._requested_for = run.config.model
        return run


def first_batch(run: RunView) -> tuple[PortInfo, int] | None:
    """The first input of unknown layout that begins with more than 1, and with how many."""
    for port in run.model.inputs:
        shape = _shape_of(run, port)
        if not port.layout and shape and shape[0] > 1:
            return port, shape[0]
    return None


def describe_inputs(run: RunView) -> str:
    """Name the inputs with the shapes they are fed with, as in ``x [4,10], y [4] (N)``."""
    return ", ".join(
        f"{port.label} {format_shape(_shape_of(run, port))}"
        + (f" ({port.layout})" if port.layout else "")
        for port in run.model.inputs
    )


def with_answer(config: BenchmarkConfig, run: RunView, answer: str) -> BenchmarkConfig:
    """Put the answer into a configuration.

    Args:
        config: of the same model as `run`.
        answer: `SINGLE`, the size that `first_batch` tells, or a layout as -layout takes it; a
            lone one may be without its brackets.

    Raises:
        BadInputError: it is not a layout, does not fit the inputs, or does not give the batch.
    """
    text = answer.strip()
    if text == SINGLE:
        return replace(config, single_frame=True)
    found = first_batch(run)
    if found is not None and text == str(found[1]):
        name = _name_of(found[0]) if len(run.model.inputs) > 1 else ""
        reported: NamedTexts = ((name, _FIRST_IS_BATCH),)
    else:
        reported = parse_layout(text if "[" in text else f"[{text}]", "Layout", names=())
    names = [{port.name} for port in run.model.inputs]
    reported = layouts_by_own_names(reported, names)
    replaced = {name for name, _ in reported}
    layout = (*(entry for entry in config.layout if entry[0] not in replaced), *reported)
    layout = layouts_by_own_names(layout, names)
    _check(run, layout)
    return replace(config, layout=layout, single_frame=False)


def _check(run: RunView, layout: tuple[tuple[str, str], ...]) -> None:
    # Reached only from an open dialog; the first frame need not wait for them.
    from ovbench_tui.engine.api.batch import effective_batch
    from ovbench_tui.engine.api.layouts import settle_layouts

    settled = settle_layouts(run.model.inputs, layout, ())
    ports = tuple(
        replace(port, layout=one.letters)
        for port, one in zip(run.model.inputs, settled, strict=True)
    )
    info = replace(run.model, inputs=ports)
    _, rule = effective_batch(info, [_shape_of(run, port) for port in ports], settled)
    if replace(run.effective, batch_rule=rule).is_batch_unknown:
        raise BadInputError(
            "This leaves the batch unknown: write N for the dimension that counts frames, as in"
            " [NC] or [N...]."
        )


def _shape_of(run: RunView, port: PortInfo) -> Shape:
    return run.effective.data_shape[port.index][1]


def _name_of(port: PortInfo) -> str:
    """The name, or ``#index`` where a layout could not be written with it."""
    try:
        is_readable_back = parse_layout(f"{port.name}[N]") == ((port.name, "N"),)
    except BadInputError:
        is_readable_back = False
    return port.name if port.name and is_readable_back else f"#{port.index}"
