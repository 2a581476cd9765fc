"""Why a task of the cluster is over."""

from __future__ import annotations

from typing import Any

from ovbench_tui.console.native_errors import native_reason
from ovbench_tui.errors import BadInputError


def reason_of(future: Any) -> str:
    """Why a task is over, in a sentence; '' = it came to its end."""
    if future.status == "finished":
        return ""
    if future.status == "cancelled":
        return "The cluster cancelled it, for example because the worker that held the model died."
    try:
        error = future.exception(timeout=5)
    except Exception as failure:  # noqa: BLE001 - whatever kept the reason is the reason then
        error = failure
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ImportError):
            who = "The scheduler" if "task graph" in str(error) else "Its worker"
            return (
                f"{who} lacks a package ({cause_of(cause)}): install ovbench-tui[fleet] of the same"
                " version there."
            )
        if isinstance(cause, BadInputError):
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    return f"Its task failed: {cause_of(error)}."


def cause_of(error: BaseException | None) -> str:
    """What an error says, or what it is where it says nothing."""
    text = str(error)
    return native_reason(text) if text.strip() else type(error).__name__
