"""Something in which two sides are not alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """What it is called, and what it is on each side; '' = it is not there."""

    name: str
    a: str
    b: str
