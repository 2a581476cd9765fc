"""What stands on a page of runs, before it is HTML or Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ovbench_tui.compare.report import judge
from ovbench_tui.console.format import format_count, format_elapsed
from ovbench_tui.console.numbers import DASH
from ovbench_tui.export import benchmark_app_command, own_command
from ovbench_tui.reports.generation_lines import percentiles_ms, series_of
from ovbench_tui.reports.machine_use import describe_machine_use
from ovbench_tui.reports.percentiles import percentiles_of
from ovbench_tui.reports.summary import format_peak_memory
from ovbench_tui.sharing.blocks import Block, Code, Heading, Page, Paragraph, Table
from ovbench_tui.sharing.charts import format_rate, format_time, run_charts
from ovbench_tui.sharing.shared_run import SharedRun
from ovbench_tui.stats.comparison.compare_text import change_text, interval_text
from ovbench_tui.stats.run_stats import GenerationStats, LoadStats
from ovbench_tui.stats.sample_size import inferences_needed

DEFINITIONS = (
    ("FPS", "frames completed in the measured time, divided by it; a frame is one of the batch"),
    ("latency", "from the start of an inference to its completion, as OpenVINO reports it"),
    ("p50, p90, p99", "the latency that so many percent of all inferences did not exceed"),
    ("warm-up", "inferences before the measurement; they are in no figure"),
    ("interval", "where the true ratio of two runs lies with 95 % confidence"),
)

_OF_GENERATION = (
    ("tokens/s", "new tokens of all sequences in the measured time, divided by it"),
    ("TTFT", "time to first token: of the inference with the whole prompt"),
    ("TPOT", "time per output token: of an inference that gives one token after the first"),
    ("request", "from the start of its first token to the end of its last"),
)


def make_page(runs: Sequence[SharedRun], program: str) -> Page:
    """Put together what a reader needs to believe the runs and to repeat them.

    Args:
        runs: at least one; the first is the one that the others are compared with.
        program: the version that writes the page.
    """
    first = runs[0]
    title = _title(first) if len(runs) == 1 else f"{len(runs)} runs compared"
    blocks: list[Block] = [Heading(title, 1)]
    if len(runs) > 1:
        blocks += _comparison(runs)
    for run in runs:
        if len(runs) > 1:
            blocks.append(Heading(f"{run.name}: {_title(run)}"))
        blocks += _about(run, 3 if len(runs) > 1 else 2)
    generates = any(run.result.view.effective.generates for run in runs)
    blocks += [
        Heading("What the figures are"),
        Table(("figure", "meaning"), DEFINITIONS + (_OF_GENERATION if generates else ())),
        Paragraph(f"Written by ovbench-tui {program}."),
    ]
    return Page(title, tuple(blocks))


def _title(run: SharedRun) -> str:
    view = run.result.view
    device = view.effective.device or view.config.device
    return (
        f"{view.model.name} on {device}: {format_rate(view.stats.fps_mean)} {view.effective.unit}"
    )


def _comparison(runs: Sequence[SharedRun]) -> list[Block]:
    first = runs[0]
    rows = []
    sentences = []
    for run in runs:
        stats = run.result.view.stats
        cells = (
            run.name,
            format_rate(stats.fps_mean),
            format_time(stats.p50_ms),
            format_time(stats.p99_ms),
        )
        if run is first:
            rows.append((*cells, "baseline", ""))
            continue
        judgement = judge(first.compared, run.compared)
        deciding = judgement.deciding
        rows.append((*cells, change_text(deciding.ratio), interval_text(deciding)))
        unlike = "; ".join(f"{one.name} {one.a} / {one.b}" for one in judgement.differences)
        sentences.append(
            f"{run.name} against {first.name}: {judgement.sentence}"
            + (f" Not alike: {unlike}." if unlike else "")
        )
    unit = first.result.view.effective.unit
    head = ("run", unit, "p50", "p99", f"change of {unit}", "95 % interval")
    return [Table(head, tuple(rows), 1), *(Paragraph(sentence) for sentence in sentences)]


def _about(run: SharedRun, level: int) -> list[Block]:
    view = run.result.view
    blocks: list[Block] = [Paragraph(_how(run))]
    blocks += run_charts(run.result)
    blocks += [
        Heading("Figures", level),
        Table(("", "value"), _figures(run), 1),
        Heading("Configuration", level),
        Table(("", "requested", "in effect"), _configuration(run)),
    ]
    if view.effective.input_rules:
        inputs = tuple((label, rule) for label, rule in view.effective.input_rules)
        blocks.append(Table(("input", "how it is filled"), inputs))
    if view.effective.properties:
        blocks.append(
            Table(
                ("property of the compiled model", "value"),
                tuple(sorted(view.effective.properties)),
                is_long=True,
            )
        )
    blocks += [
        Heading("Machine", level),
        Table(("", "value"), _machine(run)),
        Heading("Measure it again", level),
        Code(f"{own_command(view.explicit_config)}\n\n{benchmark_app_command(view)}"),
    ]
    return blocks


def _how(run: SharedRun) -> str:
    stability = run.result.view.stability
    when = f"Measured {run.measured_at:%Y-%m-%d %H:%M %Z}" if run.measured_at else "Measured"
    program = f" with ovbench-tui {run.program}" if run.program else ""
    unit = run.result.view.effective.unit
    cv = stability.fps_cv
    varies = "" if math.isnan(cv) else f", {unit} varies by {cv:.1%} (CV)"
    sentences = (*stability.causes, *stability.notes)
    return " ".join([f"{when}{program}: {stability.verdict.value}{varies}.", *sentences])


def _figures(run: SharedRun) -> tuple[tuple[str, str], ...]:
    view = run.result.view
    stats, unit = view.stats, view.effective.unit
    rows = [
        (f"{unit}, mean", format_rate(stats.fps_mean)),
        (f"{unit}, peak", format_rate(stats.fps_peak)),
        ("latency, mean", format_time(stats.mean_ms)),
        ("latency, min", format_time(stats.min_ms)),
        *(
            (f"latency, p{percent:g}", _percentile(percent, ms, stats.count))
            for percent, ms in percentiles_of(stats)
        ),
        ("latency, max", format_time(stats.max_ms)),
        ("inferences", format_count(stats.count)),
        ("measured", format_elapsed(stats.elapsed_s)),
        ("warm-up", f"{format_count(stats.warmup_count)} inferences, {stats.warmup_s:.2f} s"),
        ("read the model", format_time(view.read_ms)),
        ("compile", format_time(view.compile_ms)),
        ("first inference", format_time(view.first_inference_ms)),
        ("peak memory", format_peak_memory(view) or DASH),
    ]
    if stats.dropped:
        rows.append(("latencies not seen", format_count(stats.dropped)))
    if stats.generation is not None:
        rows += _generation(stats.generation)
    if stats.load is not None:
        rows += _load(stats.load)
    return tuple(rows)


def _load(load: LoadStats) -> list[tuple[str, str]]:
    return [
        *(
            (f"{title} ({name})", format_time(ms))
            for title, stats in (("waiting", load.waiting), ("service", load.service))
            for name, ms in percentiles_ms(stats)
        ),
        ("offered/s", format_rate(load.offered_per_s)),
        ("served/s", format_rate(load.served_per_s)),
        ("dropped/s", format_rate(load.dropped_per_s)),
        ("dropped", format_count(load.dropped)),
        ("longest queue", format_count(load.queue_max)),
    ]


def _generation(generation: GenerationStats) -> list[tuple[str, str]]:
    return [
        *(
            (f"{long} ({name})", format_time(ms))
            for _, long, stats in series_of(generation)
            for name, ms in percentiles_ms(stats)
        ),
        ("input tokens/s", format_rate(generation.input_tokens_per_s)),
        ("requests/s", format_rate(generation.requests_per_s)),
        ("whole requests", format_count(generation.request.count)),
    ]


def _configuration(run: SharedRun) -> tuple[tuple[str, str, str], ...]:
    view = run.result.view
    config, effective = view.config, view.effective
    return (
        ("model", config.model, f"{view.model.name} ({view.model.format})"),
        ("device", config.device, effective.execution_devices or effective.device),
        ("hint", config.hint, effective.hint),
        ("nireq", str(config.nireq or "auto"), str(effective.nireq or DASH)),
        ("streams", config.streams or "auto", effective.streams or DASH),
        ("threads", str(config.threads or "auto"), effective.threads or DASH),
        ("precision", config.precision or "default", effective.precision or DASH),
        ("batch", str(config.batch or "own"), effective.batch_text),
        ("API", config.api, effective.api),
        ("completions", config.feeder, effective.feeder_way or DASH),
        *(
            (
                ("prompt tokens", config.prompt_tokens or "default", effective.prompt_text),
                ("new tokens", config.new_tokens or "default", effective.new_text),
            )
            if effective.generates
            else ()
        ),
        ("rate cap", f"{config.max_fps:g} FPS" if config.max_fps else "none", ""),
        *((("arrivals", config.arrivals, ""),) if config.arrivals else ()),
    )


def _machine(run: SharedRun) -> tuple[tuple[str, str], ...]:
    machine = run.machine
    use = describe_machine_use(run.result.series.machine)
    meanwhile = (("CPU use meanwhile", use),) if use else ()
    if machine is None:
        return (("machine", "not known"), *meanwhile)
    devices = (one for one in machine.devices if not one.is_virtual)
    return (
        ("CPU", machine.cpu or DASH),
        ("logical processors", f"{machine.usable_cpus} usable of {machine.cpus}"),
        *((f"device {one.name}", one.full_name) for one in devices),
        ("operating system", machine.os),
        ("OpenVINO", machine.openvino),
        ("Python", machine.python),
        *meanwhile,
    )


def _percentile(percent: float, ms: float, count: int) -> str:
    """A percentile; of too small a sample a dash, and how many inferences more it needs."""
    short = inferences_needed(percent) - count
    return format_time(ms) if short <= 0 else f"{DASH} needs {format_count(short)} inferences more"
