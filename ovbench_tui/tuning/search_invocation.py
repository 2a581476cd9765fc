"""What the command lines of searches share that write a table: `sweep` and `load`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.options.invocation import Invocation

COMMAND_LINE_ONLY = frozenset({"-h", "--help", "--json", "--csv"})
"""What means nothing where such a search is begun on the screen."""

Plan = TypeVar("Plan")


@dataclass(frozen=True, slots=True)
class SearchInvocation(Generic[Plan]):
    """One start of such a search.

    Attributes:
        program: all options that are not of the search alone, for a screen.
        plan: what is searched.
        options: those of the search, as they would be typed.
        csv: a file for the table; '' = none.
    """

    program: Invocation
    plan: Plan
    options: str
    json_stdout: bool
    csv: str

    @property
    def base(self) -> BenchmarkConfig:
        """Says everything that is not varied."""
        return self.program.config


def add_results(group: Any, lines: str) -> None:
    """Add the options of what is printed and written.

    Args:
        group: of a parser.
        lines: of the CSV file, as in ``points``.
    """
    add = group.add_argument
    add("--json", dest="json_stdout", action="store_true", help="print one JSON document instead")
    add("--csv", metavar="FILE", help=f"write the {lines}, one a line")
