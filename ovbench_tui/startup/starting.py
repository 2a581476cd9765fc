"""Cold and cached starts in turn."""

from __future__ import annotations

import mmap
import shutil
from dataclasses import replace
from pathlib import Path

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export.startup_program import startup_program
from ovbench_tui.files.cache_folder import CacheFolder
from ovbench_tui.startup.series import Series
from ovbench_tui.startup.start import Start, measure_start

_OTHER_MODEL = (
    "The cache has files, but not this model's: it is used only for the same file, OpenVINO, device"
    " and properties."
)


class Starting:
    """Measures one start after the other; `series` is what is known so far.

    Each pair has a cold start and one out of the cache, in changing order. With a cache of the
    user's a cold start fills an empty one, as the first with it does; without, it has none, and
    the cached ones have a temporary one.

    Args:
        run: what is to be started.
        folder: for programs and for empty caches, a temporary one.
        repeat: starts of each kind.
    """

    def __init__(self, run: RunView, folder: Path, repeat: int) -> None:
        self._run = run
        self._folder = folder
        self._cold_dir = str(folder / "empty") if run.config.cache_dir else ""
        self._cache_dir = run.config.cache_dir or str(folder / "cache")
        self._is_filled = False
        self._cold: list[Start] = []
        self._cached: list[Start] = []
        self._repeat = repeat

    @property
    def is_over(self) -> bool:
        """Whether all are measured."""
        return self._count == self._wanted

    @property
    def progress(self) -> str:
        """How far it is, in a line."""
        return f"start {self._count + 1} of {self._wanted}"

    @property
    def fraction(self) -> float:
        """How much is done."""
        return self._count / self._wanted

    def measure(self) -> None:
        """Measure the next start.

        Raises:
            KeyboardInterrupt: by the user.
            RunFailedError: it failed.
        """
        if not self._is_filled:
            self._start(self._cache_dir)
            self._is_filled = True
        pair, half = divmod(self._count, 2)
        if (pair + half) % 2:
            self._cached.append(self._start(self._cache_dir))
        else:
            shutil.rmtree(self._folder / "empty", ignore_errors=True)
            self._cold.append(self._start(self._cold_dir))

    @property
    def series(self) -> tuple[Series, ...]:
        """The cold starts, and the cached ones."""
        files = [path for path in Path(self._cache_dir).rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        cached = Series("cached", tuple(self._cached), self._why_missed(), size)
        return Series("cold", tuple(self._cold)), cached

    @property
    def _count(self) -> int:
        return len(self._cold) + len(self._cached)

    @property
    def _wanted(self) -> int:
        return self._repeat * 2

    def _start(self, cache_dir: str) -> Start:
        config = replace(self._run.config, cache_dir=cache_dir)
        program = self._folder / "start.py"
        text = startup_program(replace(self._run, config=config), mmap.PAGESIZE)
        program.write_text(text, encoding="utf-8")
        return measure_start(program, self._count + 1)

    def _why_missed(self) -> str:
        """Why a cached start was none, as far as that can be known; '' = all were."""
        said = {start.is_cached for start in self._cached}
        device = self._run.config.device
        if said <= {True}:
            return ""
        if any(start.can_cache is False for start in self._cached):
            return f"{device} exports no compiled models, so it has no use for a cache."
        if None in said:
            return f"{device} does not say whether a model came out of the cache."
        cause = CacheFolder(self._cache_dir).why_nothing_new(writes_late=False)
        has_files = any(Path(self._cache_dir).glob("*"))
        return _OTHER_MODEL if has_files else cause
