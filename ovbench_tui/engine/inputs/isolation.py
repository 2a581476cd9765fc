"""Inputs that may end the process which runs the model, so it runs in one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.value_bounds import ValueBounds
from ovbench_tui.errors import BadInputError


class IsolationNeeded(BadInputError):  # noqa: N818 - a request more than an error
    """The model may run only in a process of its own (--isolate).

    Attributes:
        notice: why the engine was moved there, in a sentence.
    """

    def __init__(self, refusal: str, notice: str) -> None:
        super().__init__(refusal)
        self.notice = notice

    def __reduce__(self) -> tuple[type[IsolationNeeded], tuple[str, str]]:
        """Keep the error picklable although it is built from more than its text."""
        return type(self), (str(self), self.notice)


def _out_of_range(labels: Sequence[str], why: str) -> IsolationNeeded:
    names = ", ".join(f"'{label}'" for label in labels)
    cause = f"{'Input' if len(labels) == 1 else 'Inputs'} {names} may index"
    return IsolationNeeded(
        f"{cause} out of range ({why}) and cannot be bounded, which can crash the process:"
        f" give valid values with -i {labels[0]}:FILE.npy, or add --isolate.",
        f"{cause} out of range ({why}) and cannot be bounded: the engine runs in a process of"
        f" its own (--isolate). Give valid values with -i {labels[0]}:FILE.npy.",
    )


def check_isolation(inputs: Sequence[tuple[PortInfo, ValueBounds | None]]) -> None:
    """Refuse random values that could crash this process.

    Raises:
        IsolationNeeded: an input indexes something, and nothing bounds it.
    """
    unsafe = [
        (port.label, bounds.why)
        for port, bounds in inputs
        if bounds is not None and bounds.is_unbounded and bounds.may_crash
    ]
    if unsafe:
        raise _out_of_range([label for label, _ in unsafe], unsafe[0][1])
