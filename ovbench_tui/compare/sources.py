"""What `ovbench-tui compare` can compare: runs out of reports, ours and benchmark_app's."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ovbench_tui.compare.setup import is_count, is_number, likeness_from, setup_of, text_of
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.comparable import Likeness
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_read import read_input
from ovbench_tui.stats.run_stats import RunSeries

MAX_BYTES = 64 << 20
MAX_WINDOWS = 10_000
"""Far above the 2,400 that are ever written."""

_SCHEMA = "ovbench-tui/"
_KNOWN_SCHEMA = "ovbench-tui/1"
_SECTIONS = {
    "Command line parameters": "cmd_options",
    "Configuration setup": "configuration_setup",
    "Execution results": "execution_results",
}
"""benchmark_app's titles in its CSV file, and the names of the same sections in its JSON file."""

_GENERATION_FIGURES = (("ttft", "p50_ms"), ("ttft", "p99_ms"), ("request", "p50_ms"))
_SERIES_LISTS = ("counts", "frames", "mean_ms", "p50_ms", "p99_ms")


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One side of a comparison.

    Attributes:
        name: for the user, as in ``before.json``.
        figures: ``fps``, ``p50_ms`` and ``p99_ms`` of the whole run, and of a model that generates
            those of `compare_text.GENERATION_NAMES`; NaN = not known.
        series: None where there is none; `why_no_series` says why, in a clause.
        setup: what it was measured with, name to text; '' = not known.
        verdict: of its stability, as in ``stable``; '' = not known.
        repeats: ``figures`` of each independent run, where it was measured several times.
        config: as requested, in plain data; None = not known.
        likeness: what it must have in common with a run that it is judged against.
    """

    name: str
    figures: Mapping[str, float]
    series: RunSeries | None = None
    why_no_series: str = ""
    setup: Mapping[str, str] = field(default_factory=dict)
    verdict: str = ""
    repeats: tuple[Mapping[str, float], ...] = ()
    config: Mapping[str, Any] | None = None
    likeness: Likeness = field(default_factory=Likeness)

    @property
    def generates(self) -> bool:
        """Whether its rate is output tokens a second."""
        return "ttft_p50_ms" in self.figures


def read_report(text: str) -> ComparedRun:
    """Read a run out of a report.

    Args:
        text: the path of a --json document (its last measured run, or the one numbered N by
            ``PATH#N``), or of benchmark_app's benchmark_report.json or .csv.

    Raises:
        BadInputError: one sentence on what cannot be read.
    """
    path, run_id, where, data = _read(text)
    if path.suffix.lower() == ".csv":
        return _of_benchmark_app(_sections_of(data, where), path.name, run_id, where)
    document = document_in(data, where)
    if document.get("schema") is None:
        return _of_benchmark_app(document, path.name, run_id, where)
    _check_schema(document, where)
    return of_document(document, path.name, run_id, where)


def read_document(text: str) -> tuple[Mapping[str, Any], str, int | None]:
    """Read a --json document.

    Args:
        text: its path, or ``PATH#N`` for its run N.

    Returns:
        The document, the file's name, and the run's number; None = the last measured one.

    Raises:
        BadInputError: one sentence on what cannot be read.
    """
    path, run_id, where, data = _read(text)
    document = document_in(data, where)
    _check_schema(document, where)
    return document, path.name, run_id


def _read(text: str) -> tuple[Path, int | None, str, bytes]:
    """The path, the run's number, what to call the file in a sentence, and what is in it."""
    path, run_id = _split(text)
    data = read_input(
        path,
        f"'{printable(str(path))}'",
        MAX_BYTES,
        give="a report's file",
        kind="report",
        hint=": give a history id, a --json document or a benchmark_report",
    )
    return path, run_id, f"'{printable(path.name)}'", data


def document_in(data: bytes, where: str) -> Mapping[str, Any]:
    """Read the one JSON object of a report.

    Args:
        where: the file within a sentence.

    Raises:
        BadInputError: one sentence on what cannot be read.
    """
    document = _parse(data, where)
    if not isinstance(document, dict):
        raise BadInputError(f"{where} holds no report: one JSON object is expected.")
    return document


def _check_schema(document: Mapping[str, Any], where: str) -> None:
    schema = document.get("schema")
    if schema == _KNOWN_SCHEMA:
        return
    if isinstance(schema, str) and schema.startswith(_SCHEMA):
        raise BadInputError(
            f"{where} is of the version {printable(schema, 40)}, and this program reads"
            f" {_KNOWN_SCHEMA}: compare with the program that wrote it."
        )
    raise BadInputError(f"{where} is not a report of a run: its schema is not {_KNOWN_SCHEMA}.")


def _split(text: str) -> tuple[Path, int | None]:
    head, mark, tail = text.rpartition("#")
    if mark and tail.isascii() and tail.isdigit() and len(tail) <= 9 and not Path(text).exists():
        return Path(head), int(tail)
    return Path(text), None


def _decode(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInputError(f"{where} is not UTF-8 text, so it is not a report.") from None


def _parse(data: bytes, where: str) -> Any:
    text = _decode(data, where)
    if not text.strip():
        raise BadInputError(f"{where} is empty.")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise BadInputError(
            f"{where} is not valid JSON: {printable(error.msg)} in line {error.lineno}."
        ) from None
    except (ValueError, RecursionError):
        raise BadInputError(f"{where} is not JSON that a report could hold.") from None


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not valid JSON")


# -- our own documents ----------------------------------------------------------------------


def of_document(
    document: Mapping[str, Any], name: str, run_id: int | None = None, where: str = ""
) -> ComparedRun:
    """Read a run out of our own document.

    Args:
        name: for the user; `where` the same within a sentence, '' = as `name`.
        run_id: None = the last that measured something.

    Raises:
        BadInputError: one sentence on what cannot be read.
    """
    where = where or name
    runs = document.get("runs")
    run = _pick(runs, run_id, where)
    parts = {part: run.get(part) for part in ("model", "requested", "effective", "figures")}
    for part, value in parts.items():
        if not isinstance(value, dict):
            raise BadInputError(f"{where} is damaged: a run has no '{part}'.")
    figures: Mapping[str, Any] = parts["figures"]  # type: ignore[assignment]
    machine = document.get("machine")
    described = machine if isinstance(machine, dict) else {}
    setup = setup_of(parts["model"] or {}, parts["requested"] or {}, parts["effective"] or {})
    setup |= {
        "OpenVINO": text_of(described.get("openvino")),
        "CPU": text_of(described.get("cpu")),
        "usable CPUs": text_of(described.get("usable_cpus")),
        "ovbench-tui": text_of(document.get("ovbench_tui")),
    }
    stability = run.get("stability")
    series, why = _series(run.get("series"), where)
    repeats: tuple[Mapping[str, float], ...] = ()
    if run_id is None and document.get("repeat") and isinstance(runs, list):
        repeats = tuple(_figures(one["figures"], where) for one in runs if _count(one))
    return ComparedRun(
        name=name if run_id is None else f"{name}#{run_id}",
        figures=_figures(figures, where),
        repeats=repeats,
        config=parts["requested"],
        series=series,
        why_no_series=why,
        setup=setup,
        verdict=text_of(stability.get("verdict")) if isinstance(stability, dict) else "",
        likeness=likeness_from(setup, parts["effective"] or {}),
    )


def _figures(figures: Mapping[str, Any], where: str) -> Mapping[str, float]:
    found = {
        "fps": _figure(figures.get("fps_mean"), "fps_mean", where),
        "p50_ms": _figure(figures.get("p50_ms"), "p50_ms", where),
        "p99_ms": _figure(figures.get("p99_ms"), "p99_ms", where),
    }
    generation = figures.get("generation")
    if isinstance(generation, dict):
        for kind, percentile in _GENERATION_FIGURES:
            stats = generation.get(kind)
            value = stats.get(percentile) if isinstance(stats, dict) else None
            found[f"{kind}_{percentile}"] = _figure(value, f"{kind}.{percentile}", where)
    return found


def _pick(runs: object, run_id: int | None, where: str) -> Mapping[str, Any]:
    """The run asked for, or else the last that measured something."""
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        raise BadInputError(f"{where} is damaged: it has no list of runs.")
    if run_id is not None:
        for run in runs:
            if run.get("run_id") == run_id:
                return _measured(run, where)
        raise BadInputError(f"{where} has no run {run_id}: it holds {len(runs)}.")
    for run in reversed(runs):
        if _count(run):
            return _measured(run, where)
    raise BadInputError(f"{where} holds no run that measured anything.")


def _measured(run: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if not _count(run):
        raise BadInputError(f"{where}: that run measured nothing.")
    return run


def _count(run: Mapping[str, Any]) -> int:
    figures = run.get("figures")
    count = figures.get("count") if isinstance(figures, dict) else None
    return count if is_count(count) else 0  # type: ignore[return-value]


def _series(value: object, where: str) -> tuple[RunSeries | None, str]:
    if value is None:
        return None, f"{where} was written before reports held a series"
    if not isinstance(value, dict):
        raise BadInputError(f"{where} is damaged: a series is not an object.")
    lists = {name: value.get(name) for name in _SERIES_LISTS}
    step_s = value.get("step_s")
    if not all(isinstance(values, list) for values in lists.values()) or not is_number(step_s):
        raise BadInputError(f"{where} is damaged: a series lacks a list or its step.")
    sizes = {len(values) for values in lists.values() if isinstance(values, list)}
    if len(sizes) != 1 or max(sizes) > MAX_WINDOWS:
        raise BadInputError(
            f"{where} is damaged: the lists of a series differ in length or hold more than"
            f" {MAX_WINDOWS:,} windows."
        )
    return RunSeries(
        step_s=float(step_s),  # type: ignore[arg-type]
        counts=_counts(lists["counts"], "counts", where),
        frames=_counts(lists["frames"], "frames", where),
        mean_ms=_latencies(lists["mean_ms"], "mean_ms", where),
        p50_ms=_latencies(lists["p50_ms"], "p50_ms", where),
        p99_ms=_latencies(lists["p99_ms"], "p99_ms", where),
    ), ""


def _counts(values: Any, name: str, where: str) -> tuple[int, ...]:
    if not all(is_count(value) for value in values):
        raise BadInputError(f"{where} is damaged: a series' {name} must be whole numbers.")
    return tuple(values)


def _latencies(values: Any, name: str, where: str) -> tuple[float, ...]:
    if not all(value is None or is_number(value) for value in values):
        raise BadInputError(f"{where} is damaged: a series' {name} must be numbers or null.")
    return tuple(math.nan if value is None else float(value) for value in values)


def _figure(value: object, name: str, where: str) -> float:
    if value is None:
        return math.nan
    if not is_number(value):
        raise BadInputError(f"{where} is damaged: {name} is not a number of 0 or more.")
    return float(value)  # type: ignore[arg-type]


# -- benchmark_app's reports ----------------------------------------------------------------


def _sections_of(data: bytes, where: str) -> dict[str, dict[str, str]]:
    """Read benchmark_app's CSV file: titles, lines of a name and a value, empty lines."""
    sections: dict[str, dict[str, str]] = {}
    fields: dict[str, str] | None = None
    try:
        for row in csv.reader(io.StringIO(_decode(data, where), newline=""), delimiter=";"):
            if len(row) == 1 and row[0] in _SECTIONS:
                fields = sections.setdefault(_SECTIONS[row[0]], {})
            elif len(row) >= 2 and fields is not None:
                # Of a field that comes once a shape group, the first is the whole run's.
                fields.setdefault(row[0], ";".join(row[1:]))
    except csv.Error as error:
        raise BadInputError(f"{where} is not a CSV file: {printable(str(error))}.") from None
    return sections


def _of_benchmark_app(
    document: Mapping[str, Any], name: str, run_id: int | None, where: str
) -> ComparedRun:
    results = document.get("execution_results")
    if not isinstance(results, dict):
        raise BadInputError(
            f"{where} is not a report of a run: it is neither a --json document of ovbench-tui nor"
            " a benchmark_report of benchmark_app."
        )
    if run_id is not None:
        raise BadInputError(f"{where} is benchmark_app's and holds one run: leave out #{run_id}.")
    if "throughput" not in results:
        raise BadInputError(f"{where} has no throughput: that run measured nothing.")
    options, configuration = (
        section if isinstance(section, dict) else {}
        for section in (document.get("cmd_options"), document.get("configuration_setup"))
    )
    streams = [
        value
        for key, value in configuration.items()
        if key.startswith("number of ") and key.endswith(" streams")
    ]
    return ComparedRun(
        name=name,
        figures={
            "fps": _written_figure(results, "throughput", where),
            "p50_ms": _written_figure(results, "latency (ms)", where),
            "p99_ms": _written_figure(results, "latency (99 percentile) (ms)", where),
        },
        why_no_series="benchmark_app's report has no series",
        setup={
            "model": text_of(configuration.get("topology")),
            "device": text_of(configuration.get("target device")),
            "hint": _hint(options),
            "API": text_of(configuration.get("API")),
            "nireq": text_of(configuration.get("number of parallel infer requests")),
            "streams": text_of(streams[0]) if len(streams) == 1 else "",
            "batch": text_of(configuration.get("batch size")),
        },
    )


def _hint(options: Mapping[str, Any]) -> str:
    for name in ("-hint", "--perf_hint"):
        if name in options:
            return text_of(options[name]).lower()
    return ""


def _written_figure(results: Mapping[str, Any], name: str, where: str) -> float:
    """A figure that is written as text there."""
    value = results.get(name)
    if value is None:
        return math.nan
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not is_number(number):
        raise BadInputError(f"{where} is damaged: its {name} is not a number of 0 or more.")
    return number
