"""A Python in which parts cannot be imported, as where they were not built or are damaged."""

from __future__ import annotations

from pathlib import Path

# Python imports this module at its start, whatever it runs: so spawned processes have it, too.
_HOOK = """
import sys

for name in {names!r}:
    sys.modules[name] = None
"""


def without(environment: dict[str, str], folder: Path, *names: str) -> dict[str, str]:
    """Return an environment in which no Python can import these modules."""
    hook = folder / "without"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(_HOOK.format(names=names))
    paths = [str(hook), *filter(None, [environment.get("PYTHONPATH", "")])]
    return environment | {"PYTHONPATH": ":".join(paths)}
