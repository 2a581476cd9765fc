"""The models that were run last, for the model picker, the palette and the progress."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovbench_tui.config.built_in_models import find
from ovbench_tui.files.safe_read import read_head
from ovbench_tui.files.safe_write import write_text

KEPT = 10
_MAX_BYTES = 256 * 1024
_MAX_LENGTH = 4096
_MAX_COMPILE_S = 1e6


@dataclass(frozen=True, slots=True)
class RecentModel:
    """One model: a built-in name or an absolute path, and its last compile.

    Attributes:
        compile_s: on `device`; NaN = not known.
    """

    name: str
    device: str = ""
    compile_s: float = math.nan


class RecentModels:
    """At most `KEPT` models, newest first, in a small JSON file.

    A file that cannot be read or is broken counts as none; one that cannot be written costs
    only the memory of it.

    Args:
        path: None = kept in memory only.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._models: tuple[RecentModel, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Newest first."""
        return tuple(model.name for model in self._known())

    def compile_s(self, model: str, device: str) -> float:
        """Return what the last compile on this device took; NaN = not known."""
        name = _whole(model)
        times_s = [
            known.compile_s
            for known in self._known()
            if (known.name, known.device) == (name, device)
        ]
        return times_s[0] if times_s else math.nan

    def add(self, model: str, device: str = "", compile_s: float = math.nan) -> None:
        """Put a model first."""
        name = _whole(model)
        if not name or len(name) > _MAX_LENGTH:
            return
        newest = self._known()[:1]
        if newest and (newest[0].name, newest[0].device) == (name, device):
            return  # as with every change of nireq: no reason to write a file
        if self._path is not None:
            # Reload: another instance may have added its own meanwhile.
            self._models = _read(self._path)
        others = tuple(known for known in self._known() if known.name != name)
        self._models = (RecentModel(name, device, compile_s), *others)[:KEPT]
        if self._path is not None:
            _write(self._path, self._models)

    def _known(self) -> tuple[RecentModel, ...]:
        if self._models is None:
            self._models = () if self._path is None else _read(self._path)
        return self._models


def _whole(model: str) -> str:
    """Return a path that means the same wherever the program is started; '' = none."""
    if find(model) is not None:
        return model
    try:
        return str(Path(model).expanduser().absolute()) if model else ""
    except (OSError, RuntimeError, ValueError):
        return ""


def _read(path: Path) -> tuple[RecentModel, ...]:
    try:
        found = json.loads(read_head(path, _MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return ()
    entries = found.get("models") if isinstance(found, dict) else None
    by_name: dict[str, RecentModel] = {}
    for entry in entries if isinstance(entries, list) else ():
        model = _model(entry)
        if model is not None:
            by_name.setdefault(model.name, model)
    return tuple(by_name.values())[:KEPT]


def _model(entry: Any) -> RecentModel | None:
    if not isinstance(entry, dict):
        return None
    name, device, compile_s = (entry.get(key) for key in ("name", "device", "compile_s"))
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_LENGTH:
        return None
    taken_s = math.nan
    if isinstance(compile_s, (int, float)) and 0 <= compile_s <= _MAX_COMPILE_S:
        taken_s = float(compile_s)
    return RecentModel(name, device if isinstance(device, str) else "", taken_s)


def _write(path: Path, models: tuple[RecentModel, ...]) -> bool:
    entries = [
        {
            "name": model.name,
            "device": model.device,
            "compile_s": None if math.isnan(model.compile_s) else round(model.compile_s, 3),
        }
        for model in models
    ]
    if not path.is_absolute():  # there is no home folder
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps({"models": entries}, indent=1) + "\n")
    except OSError:
        return False
    return True
