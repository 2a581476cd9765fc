"""One row of the table of options: all that the program knows about one option.

A row is the metadata of a dataclass field, so the table and the configuration are one thing. The
parser, the checks, the help, the words on the charts, -load_config, the compile properties, the
Properties tab, the exported command lines and the selector all read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from types import MappingProxyType
from typing import Any

from ovbench_tui.errors import BadInputError


class Group(Enum):
    """The heading that an option stands under in the help."""

    MODEL = "Model and measurement"
    SHAPES = "Shapes"
    GENERATION = "Language models"
    LOAD = "Requests that arrive by themselves"
    DEVICE = "Device and compilation"
    PREPROCESSING = "Preprocessing"
    STATISTICS = "Statistics and reports"
    PROGRAM = "Screen and engine"


class Kind(Enum):
    """How the option stands on a command line."""

    VALUE = "the option and one value"
    REPEATED = "the option and one value, several times"
    MANY = "the option and all the words up to the next, several times"
    SWITCH = "the option alone, or with yes or no"
    OPTIONAL = "the option alone, which means its usual value, or with another"
    FLAG = "the option alone, which turns the default round"
    PAIR = "the option, or --no- before it"


class Cost(Enum):
    """What it takes to change the value of a running measurement."""

    RECOMPILE = "the model is compiled again"
    NEW_INPUTS = "other inputs for the same compiled model, and a new run"
    NEW_QUEUE = "a new request queue on the same compiled model, and a new run"
    NOTHING = "the same run goes on"


class Scope(Enum):
    """The devices that an option's property is passed to."""

    ANY = "whatever device is used"
    EACH = "each device below a virtual one, which the value may name"
    CPU = "the CPU only"
    GPU = "the GPU only"


class Step(Enum):
    """How the selector changes a value."""

    MODEL = "a list of models"
    DEVICE = "a list of devices"
    PRECISION = "a list of the device's precisions"
    CHOICE = "a list of the option's choices"
    REQUESTS = "up and down from what runs"
    COUNT = "up and down, 0 = automatic"
    DOUBLE = "1, 2, 4, 8, ... from what runs, 0 = automatic"
    TOKENS = "twice as many or half, each number of a list or range, from what runs"
    RATE = "1, 2, 5, 10, ... and no limit"
    LIMIT = "any number above 0, or none"
    ARRIVALS = "its rate through 1, 2, 5, 10, ..., the rest of the pattern as it is"


@dataclass(frozen=True, slots=True)
class Property:
    """The OpenVINO property behind an option.

    Attributes:
        name: as OpenVINO calls it.
        read: makes the option's value of the property's text; raises BadInputError.
        write: makes the property's value of the option's; '' or 0 = not passed. None = it is
            passed in another way.
    """

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str | int] | None = str
    scope: Scope = Scope.ANY


@dataclass(frozen=True, slots=True)
class Edit:
    """How the screen shows and changes an option.

    Attributes:
        automatic: what the screen shows for a value that is left to the device.
        prompt: for the field in which a value is typed; '' = a list is enough.
        effective: the field of `EffectiveConfig` that shows what became of the value.
        in_palette: each choice is a command of its own.
        is_row: it has a row in the selector; else only the palette opens its field.
        of_generation: it is offered while a model runs that generates tokens.
        of_open_loop: the row is there while requests arrive by themselves.
    """

    title: str
    step: Step
    automatic: str = ""
    prompt: str = ""
    effective: str = ""
    in_palette: bool = False
    is_row: bool = True
    of_generation: bool = False
    of_open_loop: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table.

    Attributes:
        names: benchmark_app's first.
        help: what it is for; '' = not in the help.
        brief: the same in a few words, for the short help; '' = not in it.
        default: of the field.
        usual: what the option alone means, of `Kind.OPTIONAL`.
        choices: the only words that the command line takes.
        known_words: what the screen offers; the command line may take others for them.
        word: reads one word of the command line, as argparse's ``type`` does.
        read: makes the value of the word, or of the list of words; raises BadInputError.
        write: the value as a word of the command line, or as the words of `Kind.MANY`; '' = it
            need not be given.
        check: the sentence about a value that could never be used, after the option's name;
            '' = the value is fine.
        change: in a few words what the value has become, for a marker on the charts; None = no
            marker.
        of_model: the value describes the model's inputs, and fits no other model.
        always_written: also where it is the default.
        openvino: the property behind it.
        edit: how the screen changes it; None = only the command line does.
    """

    names: tuple[str, ...]
    group: Group
    help: str
    default: Any
    kind: Kind = Kind.VALUE
    usual: Any = None
    metavar: str | None = None
    choices: tuple[str, ...] | None = None
    known_words: tuple[str, ...] = ()
    word: Callable[[str], Any] | None = None
    read: Callable[[Any], Any] | None = None
    write: Callable[[Any], str | Sequence[str]] = str
    check: Callable[[Any], str] | None = None
    change: Callable[[Any], str] | None = None
    cost: Cost = Cost.RECOMPILE
    of_model: bool = False
    always_written: bool = False
    openvino: Property | None = None
    edit: Edit | None = None
    brief: str = ""

    @property
    def name(self) -> str:
        """The name that messages and exported command lines use."""
        return self.names[0]

    @property
    def is_own(self) -> bool:
        """Whether benchmark_app has no such option."""
        return self.name.startswith("--") and "_" not in self.name


def option(default: Any, *names: str, group: Group, help: str = "", **row: Any) -> Any:  # noqa: A002 - the row's own word
    """Declare a field of a configuration together with its row of the table."""
    made = Option(names=names, group=group, help=help, default=default, **row)
    return field(default=default, metadata={"option": made})


def options_of(config: type[Any]) -> Mapping[str, Option]:
    """The rows of a configuration's class by the names of their fields, in their order."""
    rows = {one.name: one.metadata.get("option") for one in fields(config)}
    return MappingProxyType({name: row for name, row in rows.items() if row is not None})


def check_options(config: Any, rows: Mapping[str, Option]) -> None:
    """Refuse a configuration of which some value could never be used.

    Raises:
        BadInputError: one sentence that names the option.
    """
    for name, row in rows.items():
        if row.check is not None and (wrong := row.check(getattr(config, name))):
            raise BadInputError(f"{row.name} {wrong}")


def words_of(row: Option, value: Any) -> list[str]:
    """The option as words of a command line; none where the default says the same."""
    if value == row.default and not row.always_written:
        return []
    if row.kind is Kind.FLAG:
        return [row.name]
    if row.kind is Kind.SWITCH:
        return [row.name] if value and row.default is False else [row.name, str(value).lower()]
    written = row.write(value)
    if not written:
        return []
    return [row.name, *([written] if isinstance(written, str) else written)]
