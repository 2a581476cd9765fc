"""What a suite is compared with: a document of an earlier one, in a file or in git, or the history.

All of them give for each entry one `ComparedRun`, or say why there is none.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

from ovbench_tui.compare.sources import MAX_BYTES, ComparedRun, document_in, of_document
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.files.safe_read import read_input
from ovbench_tui.reports.plain_data import RUN_DATA, NotThisDataError
from ovbench_tui.suite.document import SCHEMA_NAME

HISTORY = "history"
GIT = "git:"


class Baseline(Protocol):
    """Where earlier figures come from."""

    def of(self, name: str, document: Mapping[str, Any]) -> tuple[ComparedRun | None, str]:
        """Find what an entry is compared with.

        Args:
            document: of the entry as it was measured now.

        Returns:
            It, or None and why there is none, in a sentence.
        """
        ...


def open_baseline(text: str) -> Baseline:
    """Read a baseline: ``history``, ``git:REF:PATH``, or the path of a suite's document.

    Raises:
        BadInputError: one sentence on what cannot be read.
    """
    if text == HISTORY:
        return _History(datetime.now(timezone.utc))
    if text.startswith(GIT):
        where = f"'{printable(text)}'"
        return _Document(_from_git(text.removeprefix(GIT), where), where)
    where = f"'{printable(Path(text).name)}'"
    hint = f": give a suite's document, {GIT}REF:PATH or {HISTORY}"
    data = read_input(
        Path(text), where, MAX_BYTES, give="a suite's document", kind="suite", hint=hint
    )
    return _Document(data, where)


def _from_git(name: str, where: str) -> bytes:
    """A file as a commit has it; its path counts from the top of the repository."""
    ref, mark, path = name.partition(":")
    if not (ref and mark and path) or ref.startswith("-"):
        raise BadInputError(f"{where}: write {GIT}REF:PATH, as in {GIT}main:bench/baseline.json.")
    command = ["git", "cat-file", "blob", f"{ref}:{path}"]
    try:
        found = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - git's own name, and no option can be in it
    except OSError as error:
        raise BadInputError(f"{where}: git cannot be started: {error.strerror}.") from None
    if found.returncode:
        said = found.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[0].removeprefix("fatal: ").rstrip(".") if said else "it is not there"
        raise BadInputError(f"{where} is not in git: {printable(reason)}.")
    if len(found.stdout) > MAX_BYTES:
        raise BadInputError(f"{where} is too large: give a suite's document.")
    return found.stdout


class _Document:
    """The document of an earlier suite."""

    def __init__(self, data: bytes, where: str) -> None:
        document = document_in(data, where)
        entries = document.get("entries")
        if document.get("schema") != SCHEMA_NAME or not isinstance(entries, list):
            raise BadInputError(
                f"{where} is not a suite's document: write one with `ovbench-tui suite --save`."
            )
        self._where = where
        self._documents: dict[str, object] = {
            str(entry.get("name")): entry.get("measurement")
            for entry in entries
            if isinstance(entry, dict)
        }

    def of(self, name: str, document: Mapping[str, Any]) -> tuple[ComparedRun | None, str]:  # noqa: ARG002 - see Baseline
        if name not in self._documents:
            return None, f"Not compared: {self._where} has no {name}."
        found = self._documents[name]
        if not isinstance(found, dict):
            return None, f"Not compared: {name} failed in {self._where}."
        try:
            return of_document(found, f"{name} in {self._where}"), ""
        except BadInputError as error:
            return None, f"Not compared: {error}"


class _History:
    """The runs of this machine that were measured before the suite began."""

    def __init__(self, before: datetime) -> None:
        self._before = before

    def of(self, name: str, document: Mapping[str, Any]) -> tuple[ComparedRun | None, str]:
        from ovbench_tui.compare.from_history import last_runs_like, read_runs

        none = f"Not compared: the history has no earlier run of {name} on this machine."
        try:
            config = RUN_DATA.to(BenchmarkConfig, document["runs"][-1]["requested"])
            ids = last_runs_like(config, self._before)
            if not ids:
                return None, none
            return read_runs(ids), ""
        except (NotThisDataError, OvbenchError) as error:
            return None, f"Not compared: {error}"
