"""Waits for the user's program to import OpenVINO, and has it wrapped then."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovbench_tui.application.recorder.calls import Recorder
    from ovbench_tui.application.recorder.writer import Writer

_MODULE = "openvino._ov_api"
"""Has the classes, and everything else of OpenVINO takes them from there."""

_PIPELINES = "openvino_genai.py_openvino_genai"


def record_openvino(writer: Writer) -> None:
    """Record what this process does with OpenVINO, from its import on."""
    # One of them is enough for both modules; openvino-genai imports OpenVINO first.
    sys.meta_path.insert(0, _Finder(writer))


class _Finder(MetaPathFinder):
    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._recorder: Recorder | None = None
        self._wanted = {_MODULE, _PIPELINES}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._wanted:
            return None
        self._wanted.remove(fullname)
        if not self._wanted:
            sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec, spec.loader, self._wrap)
        return spec

    def _wrap(self, module: ModuleType) -> None:
        from ovbench_tui.application.recorder.calls import Recorder
        from ovbench_tui.application.recorder.pipelines import wrap_pipelines
        from ovbench_tui.application.recorder.wrappers import wrap

        try:
            if self._recorder is None:
                self._recorder = Recorder(self._writer)
            wrap_module = wrap if module.__name__ == _MODULE else wrap_pipelines
            wrap_module(module, self._recorder)
        except Exception as error:  # noqa: BLE001 - the program has to run all the same
            self._writer.note(failure=repr(error))


class _Loader(Loader):
    """Another loader, in whose place it stands once, and the wrapping behind it."""

    def __init__(
        self, spec: ModuleSpec, loader: Loader, wrap: Callable[[ModuleType], None]
    ) -> None:
        self._spec = spec
        self._loader = loader
        self._wrap = wrap

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._spec.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._wrap(module)
