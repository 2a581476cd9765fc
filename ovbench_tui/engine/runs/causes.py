"""Why a run is not stable, and how far its figures can be trusted, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.runs.arrival_finding import judged_by_latency
from ovbench_tui.engine.runs.batch_advice import layout_with_batch, takes_batch
from ovbench_tui.engine.runs.sample_notes import old_mean, sample_notes
from ovbench_tui.stats.concurrency import idle_gap_note, idle_requests_note
from ovbench_tui.stats.groups.first_inferences import first_inferences_note
from ovbench_tui.stats.memory_trend import MemoryTrend
from ovbench_tui.stats.run_stats import RunStats, Stability
from ovbench_tui.stats.stability import STALL_SHARE, Finding
from ovbench_tui.stats.steadiness import Verdict
from ovbench_tui.system.largest_process import OtherProcess
from ovbench_tui.system.system_sample import MachineSample

_BLOB = "blob"
"""The format of a model that cannot be reshaped."""
_JUDGED_WINDOWS = 5
_LEAST_JUDGED_S = 5.0
_SAMPLE_S = 1.0
_FREQUENCY_FALL = 0.05
_FREQUENCY_SPREAD = 0.1
_OTHERS_DISTURB = 0.05
_OTHERS_WORTH_A_NOTE = 0.1
_STEAL_DISTURBS = 0.03
_WAIT_DISTURBS = 0.02
_MISSING_SHARE = 0.25
"""Of the threads' CPU time, from which on they are said to share their cores."""
_STALLS_WORTH_A_NOTE = 0.01
_OTHERS_HOLD_BACK = 0.15
"""Of the CPU time, in the hands of other programs: idle requests are then no fault of ours."""

_QUOTA_UNPROVEN = 0.04
"""Rank of a quota below the threads where the system does not tell whether it was felt."""


@dataclass(frozen=True, slots=True)
class _Cause:
    """A sentence, and about how much of the CPU it may have cost, as a fraction."""

    weight: float
    sentence: str


def explain(
    finding: Finding,
    stats: RunStats,
    effective: EffectiveConfig,
    samples: Sequence[MachineSample],
    *,
    model: ModelInfo | None = None,
    memory: MemoryTrend | None = None,
    is_capped: bool = False,
    is_over: bool = False,
) -> Stability:
    """Put the verdict, its likely causes and notes on the figures together.

    Args:
        samples: of the machine, oldest first; may reach beyond what was judged on both sides.
        model: as it is fed, for advice on its batch; None = of no known inputs.
        memory: how the engine's memory changed; None = nothing can be said.
        is_capped: the rate is held back on purpose.
        is_over: it has ended, so that only another run can follow an advice.
    """
    if stats.load is not None:
        finding = judged_by_latency(finding, stats)
    samples = _of_judged_time(finding, samples)
    lately = _lately(finding, samples)
    is_disturbed = finding.verdict in (Verdict.DRIFTING, Verdict.UNSTABLE)
    growth = (effective.growth_sentence,) if effective.growth_sentence else ()
    causes = (*growth, *_causes(effective, samples, lately)) if is_disturbed else ()
    notes = (
        *_stops(stats),
        *(_what_is_seen(finding, effective.unit) if is_disturbed else ()),
        *_step(finding, effective.unit, is_over=is_over),
        *_stalls(finding),
        *((memory.sentence,) if memory is not None and memory.grows else ()),
        *(_idle_gaps(stats) if is_capped else _idle_requests(stats, effective, model, lately)),
        *(() if is_disturbed else _machine_notes(effective, lately)),
        *(() if is_disturbed else growth),
        *(() if is_capped else _shared_core(effective, lately)),
        *_batch_notes(effective, model),
        *first_inferences_note(stats.groups),
        *_queueing(effective),
        *sample_notes(finding, stats, is_over=is_over),
        *(
            old_mean(finding, stats, effective.unit, is_over=is_over)
            if finding.verdict is Verdict.STABLE
            else ()
        ),
    )
    return Stability(
        _verdict(finding, stats, is_over=is_over),
        finding.fps_cv,
        finding.p99_cv,
        causes,
        notes,
        finding.fps,
        finding.p99,
        finding.windows,
    )


def _verdict(finding: Finding, stats: RunStats, *, is_over: bool) -> Verdict:
    """A run with too few windows warms up, settles, or was too short."""
    if finding.verdict is not Verdict.WARMING_UP:
        return finding.verdict
    if is_over:
        return Verdict.TOO_SHORT
    return Verdict.SETTLING if stats.count else Verdict.WARMING_UP


def _of_judged_time(finding: Finding, samples: Sequence[MachineSample]) -> list[MachineSample]:
    """What the machine did while it was measured; all samples before the first window."""
    begin_s = finding.since_s
    end_s = begin_s + finding.span_s + finding.silent_s + _SAMPLE_S
    return [sample for sample in samples if not (sample.time_s < begin_s or sample.time_s > end_s)]


def _lately(finding: Finding, samples: Sequence[MachineSample]) -> Sequence[MachineSample]:
    """The samples of the windows that were judged."""
    if not samples or not finding.windows:
        return samples
    span_s = max(_LEAST_JUDGED_S, _JUDGED_WINDOWS * finding.window_s)
    return [sample for sample in samples if sample.time_s > samples[-1].time_s - span_s]


def _batch_notes(effective: EffectiveConfig, model: ModelInfo | None) -> Iterable[str]:
    if effective.is_batch_unknown:
        layout = layout_with_batch(model.inputs) if model else ""
        advice = f': give it with -layout, for example "{layout}"' if layout else ""
        yield f"The batch is unknown, so FPS counts inferences{advice}."
    elif effective.is_batch_guessed and effective.batch > 1:
        yield (
            f"The batch of {effective.batch}, by which FPS counts, is a guess from the input's"
            " shape: -layout settles it."
        )


def _idle_requests(
    stats: RunStats,
    effective: EffectiveConfig,
    model: ModelInfo | None,
    lately: Sequence[MachineSample],
) -> tuple[str, ...]:
    others = _known(lately, lambda sample: sample.others_share)
    if others and _mean(others) > _OTHERS_HOLD_BACK:
        return ()  # other programs keep the requests waiting, not their number
    note = idle_requests_note(
        stats,
        effective.nireq,
        is_sync=effective.api == "sync",
        takes_batch=model is not None and model.format != _BLOB and takes_batch(model.inputs),
    )
    return (note,) if note else ()


def _idle_gaps(stats: RunStats) -> tuple[str, ...]:
    note = idle_gap_note(stats)
    return (note,) if note else ()


# -- causes -----------------------------------------------------------------------------------


def _causes(
    effective: EffectiveConfig,
    samples: Sequence[MachineSample],
    lately: Sequence[MachineSample],
) -> tuple[str, ...]:
    found = [*_others(lately), *_steal(lately)]
    if _is_on_cpu(effective):
        found += [*_frequency(samples), *_quota(effective, lately)]
    found.sort(key=lambda cause: -cause.weight)
    return tuple(cause.sentence for cause in found)


def _frequency(samples: Sequence[MachineSample]) -> Iterable[_Cause]:
    counts = _known(samples, lambda sample: sample.throttle_count)
    throttled = int(counts[-1] - counts[0]) if counts else 0
    if throttled > 0:
        times = "once" if throttled == 1 else f"{throttled:,} times"
        yield _Cause(1.0, f"The CPU was throttled because of heat {times}.")
    known = [sample for sample in samples if sample.frequency_ghz is not None]
    values = _known(known, lambda sample: sample.frequency_ghz)
    if len(values) < 3:
        return
    third = len(values) // 3
    before, after = _mean(values[:third]), _mean(values[-third:])
    fall = 1 - after / before
    if fall >= _FREQUENCY_FALL:
        heat_c = known[-1].temperature_c
        at = f" at {heat_c:.0f} °C" if heat_c is not None else ""
        sentence = f"The CPU's frequency fell from {before:.2f} to {after:.2f} GHz{at}."
        yield _Cause(fall, sentence)
    elif 1 - min(values) / max(values) >= _FREQUENCY_SPREAD:
        sentence = (
            f"The CPU's frequency went up and down between {min(values):.2f} and "
            f"{max(values):.2f} GHz."
        )
        yield _Cause(1 - min(values) / max(values), sentence)


def _others(lately: Sequence[MachineSample]) -> Iterable[_Cause]:
    shares = _known(lately, lambda sample: sample.others_share)
    if shares and _mean(shares) >= _OTHERS_DISTURB:
        share = _mean(shares)
        named = _named(lately, share)
        yield _Cause(share, f"Other processes took {_percent(share)} of the CPU{named}.")


def _named(lately: Sequence[MachineSample], others_share: float) -> str:
    """Name the process that was the largest for most of the time; '' where none is known."""
    found = Counter(
        (sample.largest.pid, sample.largest.name) for sample in lately if sample.largest is not None
    )
    if not found:
        return ""
    (pid, name), _ = found.most_common(1)[0]
    alike = [
        sample.largest.share
        for sample in lately
        if sample.largest is not None and sample.largest.pid == pid
    ]
    return f" ({OtherProcess(name, pid, _mean(alike)).beside(others_share)})"


def _steal(lately: Sequence[MachineSample]) -> Iterable[_Cause]:
    shares = _known(lately, lambda sample: sample.steal_share)
    if shares and _mean(shares) >= _STEAL_DISTURBS:
        share = _mean(shares)
        sentence = f"The hypervisor gave {_percent(share)} of the CPU to other machines."
        yield _Cause(share, sentence)


def _quota(effective: EffectiveConfig, lately: Sequence[MachineSample]) -> Iterable[_Cause]:
    waits = _known(lately, lambda sample: sample.throttled_share)
    wait = min(1.0, _mean(waits)) if waits else None
    low_quota = _low_quota(effective, lately)
    if wait is not None and wait >= _WAIT_DISTURBS:
        quota = low_quota or "The cgroup's CPU quota is below what the threads want"
        yield _Cause(wait, f"{quota}: they waited {_percent(wait)} of the time.")
    elif wait is None and low_quota:
        yield _Cause(_QUOTA_UNPROVEN, f"{low_quota}: they have to wait for it.")


# -- notes ------------------------------------------------------------------------------------


def _as_subject(unit: str) -> str:
    return unit[:1].upper() + unit[1:]


def _what_is_seen(finding: Finding, unit: str) -> Iterable[str]:
    if finding.silent_s:
        yield f"No inference has completed for {finding.silent_s:.0f} s."
    elif finding.verdict is Verdict.DRIFTING:
        how = "fell" if finding.fps_change < 0 else "rose"
        change = _percent(abs(finding.fps_change))
        yield f"{_as_subject(unit)} {how} by {change} over the last {finding.span_s:.0f} s."
    elif finding.step is not None or finding.stalls.share >= STALL_SHARE:
        return  # it is named for itself
    elif finding.fps is None:
        yield f"The p99 varies by {_percent(finding.p99_cv)}."
    elif finding.is_fps_steady:
        yield f"{_as_subject(unit)} is steady, but p99 varies by {_percent(finding.p99_cv)}."
    else:
        varies = _percent(finding.fps_cv)
        yield f"{_as_subject(unit)} varies by {varies} between windows of {finding.window_s:.0f} s."


def _step(finding: Finding, unit: str, *, is_over: bool) -> Iterable[str]:
    step = finding.step
    if step is not None:
        how = "fell" if step.change < 0 else "rose"
        advice = "" if is_over else ": reset the statistics to measure the new level alone"
        yield (
            f"{_as_subject(unit)} {how} at once by {_percent(abs(step.change))}, from"
            f" {step.before:.4g} to {step.after:.4g}, after {finding.step_s:.0f} s{advice}."
        )


def _stalls(finding: Finding) -> Iterable[str]:
    stalls = finding.stalls
    if stalls.share < _STALLS_WORTH_A_NOTE:
        return
    if math.isnan(stalls.every_s):
        often = "once" if stalls.count == 1 else f"{stalls.count:,} times"
    else:
        often = f"every {stalls.every_s:.2g} s"
    yield (
        f"The run stood still for {_percent(stalls.share)} of the time: {often} for"
        f" {stalls.mean_s:.2g} s."
    )


def _machine_notes(effective: EffectiveConfig, lately: Sequence[MachineSample]) -> Iterable[str]:
    shares = _known(lately, lambda sample: sample.others_share)
    if shares and _mean(shares) >= _OTHERS_WORTH_A_NOTE:
        share = _mean(shares)
        named = _named(lately, share)
        yield (
            f"Other processes take {_percent(share)} of the CPU{named}: an idle machine may give"
            " more."
        )
    if not _is_on_cpu(effective):
        return
    if quota := _low_quota(effective, lately):
        yield f"{quota}: {_quota_remedy(effective, lately)}."
    usable = lately[-1].usable_cpus if lately else None
    threads = effective.thread_count
    if usable is not None and threads > usable:
        yield f"{threads} threads share {usable} usable CPUs: set fewer threads."


def _shared_core(effective: EffectiveConfig, lately: Sequence[MachineSample]) -> Iterable[str]:
    """Pinned threads that another program keeps waiting, while other CPUs are idle."""
    is_pinned = any(
        name.endswith("ENABLE_CPU_PINNING") and value == "yes"
        for name, value in effective.properties
    )
    own = _known(lately, lambda sample: sample.own_share)
    others = _known(lately, lambda sample: sample.others_share)
    cpus, threads = (lately[-1].cpus if lately else None), effective.thread_count
    if not (is_pinned and _is_on_cpu(effective) and own and others and cpus and threads):
        return
    used, taken = _mean(own) * cpus, _mean(others) * cpus
    missing, idle = threads - used, cpus - used - taken
    if missing >= _MISSING_SHARE * threads and min(taken, idle) >= missing / 2:
        yield (
            f"{threads} pinned {'thread gets' if threads == 1 else 'threads get'} {used:.1f} CPUs"
            f" while {idle:.1f} are idle: another program, perhaps a second copy, is on the same"
            " cores; -pin NO lets the threads move."
        )


def _stops(stats: RunStats) -> Iterable[str]:
    if stats.stops:
        times = "once" if stats.stops == 1 else f"{stats.stops} times"
        yield (
            f"The program was stopped {times}, for {stats.stopped_s:.0f} s: this time is left out."
        )


def _queueing(effective: EffectiveConfig) -> Iterable[str]:
    streams = effective.stream_count
    if effective.api == "async" and 0 < streams < effective.nireq:
        noun = "stream" if streams == 1 else "streams"
        yield f"nireq {effective.nireq} is above {streams} {noun}: latency includes queueing."


# -- helpers ----------------------------------------------------------------------------------


def _low_quota(effective: EffectiveConfig, lately: Sequence[MachineSample]) -> str:
    """Tell that the quota is below the threads; '' when it is not."""
    quota = lately[-1].quota_cpus if lately else None
    threads = effective.thread_count
    if quota is None or quota >= threads:
        return ""
    noun = "thread" if threads == 1 else "threads"
    return f"A cgroup quota of {quota:.3g} CPUs is below {threads} {noun}"


def _quota_remedy(effective: EffectiveConfig, lately: Sequence[MachineSample]) -> str:
    quota = lately[-1].quota_cpus if lately else None
    if quota is not None and quota < 1:
        return "even one thread has to wait, only a higher quota helps"
    return "set fewer threads" if effective.thread_count > 1 else "only a higher quota helps"


def _is_on_cpu(effective: EffectiveConfig) -> bool:
    return "CPU" in (effective.execution_devices or effective.device)


def _known(
    samples: Sequence[MachineSample], read: Callable[[MachineSample], float | None]
) -> list[float]:
    return [value for sample in samples if (value := read(sample)) is not None]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _percent(fraction: float) -> str:
    return f"{fraction * 100:.0f} %"
