"""When the shapes of a model's inputs are asked for, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.errors import BadInputError
from ovbench_tui.ui.app.nothing_yet import takes_shapes

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.config.shapes import NamedDataShapes
    from ovbench_tui.engine.api.events import ShapeNeeded
    from ovbench_tui.engine.api.snapshot import Snapshot


class ShapeQuestion:
    """Asks once by itself for each time that the engine needs shapes, and again on request.

    Args:
        ask: opens the dialog.
        configure: runs a configuration.
    """

    def __init__(
        self,
        ask: Callable[[ShapeNeeded], object],
        configure: Callable[[BenchmarkConfig], object],
    ) -> None:
        self._ask = ask
        self._configure = configure
        self._asked: ShapeNeeded | None = None

    def ask_if_new(self, snapshot: Snapshot) -> None:
        """Open the dialog for a question that has not been asked yet."""
        needed = snapshot.shape_needed
        if needed is not None and needed is not self._asked:
            self._asked = needed
            self._ask(needed)

    def ask_again(self, snapshot: Snapshot) -> None:
        """Ask once more, where there is something to ask."""
        if snapshot.shape_needed is not None:
            self._ask(snapshot.shape_needed)
        elif takes_shapes(snapshot):
            # Without shapes the engine asks for them, and knows what for.
            self._configure(replace(snapshot.requested, data_shape=()))


def what_goes_on(needed: ShapeNeeded, model_key: str) -> str:
    """Say what happens where the question is left without an answer."""
    if needed.running is not None:
        return "the running configuration keeps running."
    return (
        f"nothing runs; press enter in the Model tab to type it, or {model_key} to choose another"
        " model."
    )


def check_of(needed: ShapeNeeded) -> Callable[[NamedDataShapes], None]:
    """What refuses an answer that cannot be run, or would change nothing and never be tried."""

    def check(shapes: NamedDataShapes) -> None:
        drawn = [size for _, shape in shapes for size in shape if isinstance(size, str)]
        if needed.option == "-shape" and drawn:
            raise BadInputError(
                "Data shape: the rank of an input is open, so the model is reshaped, and"
                f" {drawn[0]} is no size to reshape it to: write a number."
            )
        if with_shapes(needed, shapes) == needed.config:
            tried = "These shapes were tried: the inputs listed here need one, too."
            raise BadInputError(needed.refusal or tried)

    return check


def with_shapes(needed: ShapeNeeded, shapes: NamedDataShapes) -> BenchmarkConfig:
    """Return the configuration that waits, with the shapes under the option that lacks them."""
    if needed.option == "-shape":
        fixed = tuple((name, tuple(map(str, shape))) for name, shape in shapes)
        return replace(needed.config, shape=fixed)
    return replace(needed.config, data_shape=shapes)
