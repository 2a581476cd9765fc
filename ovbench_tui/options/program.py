"""Rows of the table of options: the screen, the engine's host, what is printed instead."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.config.option import Group, Kind, option
from ovbench_tui.config.option_types import between
from ovbench_tui.options.margin_option import HELP as MARGIN_HELP
from ovbench_tui.options.margin_option import NAME as MARGIN
from ovbench_tui.options.margin_option import read_margin
from ovbench_tui.options.repeat_option import HELP, NAME, check_repeat
from ovbench_tui.settings.schema import AUTO
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN

MOST_MEMBERS = 16
"""Models that run side by side."""


@dataclass(frozen=True, slots=True)
class ProgramOptions:
    """How one start of the program shows what it measures.

    Attributes:
        refresh_hz: frames a second that are wanted.
        ui_budget_percent: of one core.
        ascii: ``on``, ``off`` or ``auto``.
        blind_s: seconds of one phase of the overhead check; None = no check.
        has_screen: False where --no-tui or --json forbids one.
        wants_schema: print the schema of the JSON document, and nothing else.
        wants_dashboard: print the Grafana dashboard, and nothing else.
        margin: what counts as equal where two runs are judged, as a fraction.
        metrics_address: where Prometheus can ask, as ``PORT`` or ``HOST:PORT``; '' = nowhere.
        keeps_history: False where --no-history, or the user's settings, forbid it.
    """

    load_config: str = option(
        "",
        *("-load_config", "--load-config"),
        group=Group.DEVICE,
        metavar="FILE",
        help='JSON of device properties, as in {"CPU": {"NUM_STREAMS": "3"}}; options of the'
        " command line win over it",
    )
    keeps_history: bool = option(
        True,
        "--no-history",
        group=Group.STATISTICS,
        kind=Kind.FLAG,
        help="keep no run in the history, which `ovbench-tui history` lists",
    )
    wants_schema: bool = option(
        False,
        "--json-schema",
        group=Group.STATISTICS,
        kind=Kind.FLAG,
        help="print the schema of that document and exit",
    )
    repeat: int = option(  # 1 = in this process
        1,
        NAME,
        group=Group.STATISTICS,
        word=int,
        metavar="N",
        help=HELP,
        read=check_repeat,
    )
    has_screen: bool = option(
        True,
        "--no-tui",
        group=Group.PROGRAM,
        kind=Kind.FLAG,
        brief="no screen: progress and a summary",
        help="no screen: progress on stderr, summary on stdout; by itself when not on a terminal",
    )
    refresh_hz: float = option(
        4.0,
        "--refresh",
        group=Group.PROGRAM,
        word=float,
        metavar="HZ",
        help="frames a second on the screen, 0.5 to 20 (default 4)",
        check=between(0.5, 20, "0.5 to 20 frames a second"),
    )
    ui_budget_percent: float = option(
        3.0,
        "--ui-budget",
        group=Group.PROGRAM,
        word=float,
        metavar="PERCENT",
        help="of one core the screen may take before it slows down (default 3)",
        check=between(0.1, 100, "0.1 to 100 %"),
    )
    ascii: str = option(
        AUTO,
        "--ascii",
        group=Group.PROGRAM,
        kind=Kind.PAIR,
        help="draw with ASCII characters only, or never (default: by terminal and locale)",
        read=lambda is_on: "on" if is_on else "off",
    )
    blind_s: float | None = option(
        None,
        "--blind",
        group=Group.PROGRAM,
        word=float,
        metavar="SECONDS",
        help="measure what watching costs: draw and do not draw in turn, each for so long,"
        " 0.5 to 60 (default off)",
        check=between(0.5, 60, "0.5 to 60 seconds"),
    )
    margin: float = option(
        EQUAL_MARGIN,
        MARGIN,
        group=Group.STATISTICS,
        metavar="PERCENT",
        help=MARGIN_HELP,
        read=read_margin,
    )
    isolated: bool = option(
        False,
        "--isolate",
        group=Group.PROGRAM,
        kind=Kind.FLAG,
        help="run the engine in a process of its own: a crash of native code cannot take the"
        " screen down, and a compile can be cancelled",
    )
    processes: int = option(  # 1 = one engine
        1,
        "--processes",
        group=Group.PROGRAM,
        word=int,
        metavar="N",
        help="run N copies of the model at once, each in a process of its own, and see what they"
        " cost each other; `ovbench-tui mix` runs different models",
        check=between(1, MOST_MEMBERS, f"1 to {MOST_MEMBERS} copies"),
    )
    metrics_address: str = option(
        "",
        "--metrics",
        group=Group.PROGRAM,
        metavar="[HOST:]PORT",
        help="serve the live figures to Prometheus, on this machine only unless HOST says more",
    )
    wants_dashboard: bool = option(
        False,
        "--metrics-dashboard",
        group=Group.PROGRAM,
        kind=Kind.FLAG,
        help="print a dashboard of these figures for Grafana, as JSON, and exit",
    )
