"""What a subcommand refuses of the program's options, since it would be asked for in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.errors import BadInputError

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.options.invocation import Invocation

Refusal = tuple[object, str, str]
"""Whether it is asked for, the option, and why it cannot be had."""


def refuse(command: str, *refusals: Refusal) -> None:
    """Refuse the first that is asked for.

    Args:
        command: that was asked for, as in ``fleet``.

    Raises:
        BadInputError: one sentence for the user.
    """
    for is_requested, option, why in refusals:
        if is_requested:
            raise BadInputError(f"{command} takes no {option}: {why}.")


def of_limits(config: BenchmarkConfig, why: str) -> tuple[Refusal, ...]:
    """The limits of a run, all for one reason.

    Args:
        why: they cannot be had.
    """
    from ovbench_tui.config.benchmark import OPTIONS

    return tuple((limit, OPTIONS[name].name, why) for name, limit in config.limits.items())


def of_check(config: BenchmarkConfig, why: str) -> tuple[Refusal, ...]:
    """The check of the answers, which is made as a run is prepared."""
    return ((config.check_tolerance, "--check", why),)


def of_one_run(invocation: Invocation, instead: str) -> tuple[Refusal, ...]:
    """What tells of a single run, however it was written.

    Args:
        instead: where to find what the reports would say.
    """
    config, reports = invocation.config, invocation.reports
    return (
        (config.scenario, "--scenario", "its rules are for one run"),
        (config.perf_counts, "layer times", "collecting them slows the model down"),
        (
            reports.writes_files or reports.pcseq or reports.json_stats,
            "reports of a run",
            instead,
        ),
        (invocation.processes > 1, "--processes", "it runs copies of one model side by side"),
        (invocation.metrics_address, "--metrics", "they are for one run"),
        (invocation.blind_s is not None, "--blind", "it checks the screen of one run"),
        (invocation.wants_schema, "--json-schema", "it describes the document of one run"),
        (invocation.wants_dashboard, "--metrics-dashboard", "it shows one run"),
    )
