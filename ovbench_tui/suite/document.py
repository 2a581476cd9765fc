"""The document of a suite: what became of each entry, with all that was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib import resources
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.compare.report import report_data
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.json_report import schema_text as measurement_schema_text
from ovbench_tui.reports.plain_data import RUN_DATA
from ovbench_tui.stats.comparison.repeats import RepeatedFigure, repeated
from ovbench_tui.stats.rate import FRAMES, TOKENS
from ovbench_tui.suite.verdict import REGRESSION_EXIT_CODE, EntryResult, Status

SCHEMA_NAME = "ovbench-tui-suite/1"
_SCHEMA_FILE = "schema_1.json"
_FIGURES = {"fps": "fps_mean", "p50_ms": "p50_ms", "p99_ms": "p99_ms"}


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """A suite that is over.

    Attributes:
        name: of its file.
        baseline: as the user named it; '' = none.
    """

    name: str
    results: Sequence[EntryResult]
    ending: Ending
    baseline: str = ""

    @property
    def status(self) -> str:
        """Its exit code in a word."""
        is_regression = self.ending.exit_code == REGRESSION_EXIT_CODE
        return Status.REGRESSION.value if is_regression else self.ending.status


def figures_of(result: EntryResult) -> dict[str, RepeatedFigure]:
    """The figures of an entry by name, over its runs; empty where it failed."""
    document = result.measured.document
    if document is None or result.status is Status.FAILED:
        return {}
    runs = document["runs"] if document.get("repeat") else document["runs"][-1:]
    return {
        name: repeated([run["figures"].get(member) or 0.0 for run in runs])
        for name, member in _FIGURES.items()
    }


def unit_of(result: EntryResult) -> str:
    """What its rate counts."""
    document: Mapping[str, Any] = result.measured.document or {}
    generates = any(run["figures"].get("generation") for run in document.get("runs", ()))
    return TOKENS if generates else FRAMES


def suite_json(suite: SuiteResult) -> str:
    """Write one JSON document in one line of ASCII; what is not known is null."""
    document = {
        "schema": SCHEMA_NAME,
        "ovbench_tui": __version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "outcome": {
            "status": suite.status,
            "exit_code": suite.ending.exit_code,
            "error": suite.ending.error,
        },
        "file": suite.name,
        "baseline": suite.baseline or None,
        "entries": [_entry(result) for result in suite.results],
    }
    return json.dumps(RUN_DATA.of(document), allow_nan=False, separators=(",", ":"))


def _entry(result: EntryResult) -> dict[str, object]:
    figures = figures_of(result)
    judgement = result.judgement
    return {
        "name": result.entry.name,
        "command": list(result.entry.words),
        "status": result.status.value,
        "reason": result.reason,
        "seconds": result.measured.seconds,
        "unit": unit_of(result) if figures else None,
        "figures": {name: asdict(figure) for name, figure in figures.items()} or None,
        "comparison": report_data(judgement) if judgement is not None else None,
        "measurement": result.measured.document if figures else None,
    }


def schema_text() -> str:
    """Return the JSON Schema (draft 2020-12) of the document, with that of a run in it."""
    text = (resources.files(__package__) / _SCHEMA_FILE).read_text("utf-8")
    schema = json.loads(text)
    schema["$defs"]["measurement"] = json.loads(measurement_schema_text())
    return json.dumps(schema, indent=2)
