"""What one run of the benchmarks was asked for, and the folder it works in."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is measured.

    Attributes:
        pairs: alternating pairs behind every ratio, and repetitions of what has no pair.
        seconds: of every single measurement.
        memory_seconds: of the one long run that watches memory.
        changes: of configuration, in that run.
        nireq: for every program; 0 = the optimal number.
        folder: temporary; models, logs and built programs go there.
    """

    pairs: int
    seconds: int
    memory_seconds: float
    changes: int
    nireq: int
    folder: Path

    @property
    def timeout_s(self) -> float:
        """Of one measurement; a program that starts slowly is slow, one beyond it hangs."""
        return self.seconds + 120.0

    @property
    def environment(self) -> dict[str, str]:
        """For measured programs: this repository's code, and no traces in the user's home.

        Their compiled modules are kept, as an installer keeps them: a caller's
        ``PYTHONDONTWRITEBYTECODE`` would have each start compile all of ours again.
        """
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("XDG_") and name != "PYTHONDONTWRITEBYTECODE"
        }
        home = str(self.folder / "home")
        return {
            **kept,
            "PYTHONPATH": os.pathsep.join(
                part for part in (str(REPOSITORY), os.environ.get("PYTHONPATH", "")) if part
            ),
            "XDG_CACHE_HOME": home,
            "XDG_STATE_HOME": home,
            "XDG_DATA_HOME": home,
            "XDG_CONFIG_HOME": home,
        }


def tell(text: str) -> None:
    """Narrate on stderr; stdout is for the table."""
    print(text, file=sys.stderr, flush=True)
