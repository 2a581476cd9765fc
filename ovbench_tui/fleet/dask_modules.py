"""Dask, loaded only by who uses a cluster."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ovbench_tui.errors import BadInputError, cannot_load


def load_dask() -> tuple[Any, Any]:
    """Return the modules dask and distributed; their own signatures are no help to mypy.

    Raises:
        BadInputError: they cannot be loaded.
    """
    try:
        return import_module("dask"), import_module("distributed")
    except (ImportError, OSError) as error:
        raise BadInputError(cannot_load("The fleet", "the package dask", error)) from None
