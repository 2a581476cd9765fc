"""Opens the dialogs; their modules, and the widgets these need, load at the first use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from ovbench_tui.config.device_properties import NESTING, split_device
from ovbench_tui.errors import BadInputError
from ovbench_tui.ui.widgets.selector.choices import (
    EDITS,
    AvailableChoices,
    value_of,
    values_of,
    with_value,
)

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.screen import ModalScreen

    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.config.shapes import NamedDataShapes
    from ovbench_tui.engine.api.events import ShapeNeeded
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.ui.app.message_log import LoggedMessage


def dialog_for(
    row: str, config: BenchmarkConfig, offer: AvailableChoices, recent: Sequence[str] = ()
) -> ModalScreen[str | None]:
    """Return the dialog that chooses a row's value: a list, or an editor for a number.

    Args:
        recent: models that were run last, newest first.
    """
    from ovbench_tui.ui.dialogs.editor import EditorScreen
    from ovbench_tui.ui.dialogs.picker import PickerScreen, PickItem

    edit = EDITS[row]
    if edit.prompt:
        return EditorScreen(
            edit.title,
            edit.prompt,
            value_of(config, row),
            check=lambda text: with_value(config, row, text),
        )
    if row == "model":
        return _model_picker(config, recent)
    details = {device.name: device.full_name for device in offer.devices}
    items = [
        PickItem(value, value or "default", details.get(value, "") if row == "device" else "")
        for value in values_of(config, row, offer)
    ]

    def check(text: str) -> None:
        with_value(config, row, text)
        if row == "device":
            _refuse_unknown(text, tuple(details))

    placeholder = "or type a device, as in AUTO:GPU,CPU" if row == "device" else ""
    return PickerScreen(
        edit.title,
        items,
        current=value_of(config, row),
        placeholder=placeholder,
        typed_label="the device",
        check=check,
    )


def _refuse_unknown(device: str, known: Sequence[str]) -> None:
    """Refuse a device that this machine does not have, as far as its devices are known.

    Raises:
        BadInputError: it is none of them.
    """
    name, inside = split_device(device)
    kinds = {one.partition(".")[0] for one in known}
    for one in inside or (name,):
        kind = one.partition(".")[0].removeprefix("-")
        if kinds and kind not in kinds and kind not in NESTING:
            raise BadInputError(
                f"Device {kind} is not on this machine: choose from {', '.join(known)}."
            )


def _model_picker(config: BenchmarkConfig, recent: Sequence[str]) -> ModalScreen[str | None]:
    from ovbench_tui.config.built_in_models import DEFAULT_NAME, ZOO, find
    from ovbench_tui.config.model_file import identify
    from ovbench_tui.ui.dialogs.model_picker import ModelPicker
    from ovbench_tui.ui.dialogs.picker import PickItem

    files = [
        PickItem(path, PurePath(path).name or path, f"recent, in {PurePath(path).parent}")
        for path in recent
        if find(path) is None
    ]
    built_in = [
        PickItem(
            entry.name,
            entry.name,
            entry.summary,
            f"{entry.gflop:.1f} GFLOP, {entry.mparams:.1f} M parameters, {entry.input_text}",
        )
        for entry in ZOO
    ]
    return ModelPicker(
        files,
        built_in,
        current=config.model,
        marked=config.model or (files[0].value if files else DEFAULT_NAME),
        check=lambda text: with_value(config, "model", text),
        identify=identify,
    )


def value_editor(
    title: str, explanation: str, value: str, check: Callable[[str], object]
) -> ModalScreen[str | None]:
    """Return an editor for one value.

    Args:
        check: raises OvbenchError for a value that cannot be used.
    """
    from ovbench_tui.ui.dialogs.editor import EditorScreen

    return EditorScreen(title, explanation, value, check=check)


def value_picker(
    title: str, choices: Sequence[tuple[str, str]], current: str, check: Callable[[str], object]
) -> ModalScreen[str | None]:
    """Return a list of values, with a line to type another.

    Args:
        choices: values and what they are called.
        check: raises OvbenchError for a value that cannot be used.
    """
    from ovbench_tui.ui.dialogs.picker import PickerScreen, PickItem

    return PickerScreen(
        title,
        [PickItem(value, label) for value, label in choices],
        current=current,
        placeholder="or type a value",
        typed_label="the value",
        check=check,
    )


YES = "yes"


def yes_no_dialog(title: str, question: str, yes: str) -> ModalScreen[str | None]:
    """Return a question that is answered with `YES`, or with anything else for no.

    Args:
        yes: what is done, in a few words.
    """
    from ovbench_tui.ui.dialogs.picker import PickerScreen, PickItem

    items = [PickItem("no", "No"), PickItem(YES, yes)]
    return PickerScreen(title, items, current="no", explanation=question, leaving="means no")


def shape_dialog(
    needed: ShapeNeeded, check: Callable[[NamedDataShapes], None]
) -> ModalScreen[NamedDataShapes | None]:
    """Return the dialog that asks for the shapes of a model with dynamic inputs.

    Args:
        check: raises an error of the user's for shapes that need not be tried.
    """
    from ovbench_tui.ui.dialogs.shape import ShapeScreen

    return ShapeScreen(needed, check)


def batch_dialog(config: BenchmarkConfig, run: RunView) -> ModalScreen[str | None]:
    """Return the dialog that asks how many frames an inference carries.

    Args:
        config: that the answer is for.
        run: whose batch nothing tells.
    """
    from ovbench_tui.ui.dialogs.batch_question import (
        SINGLE,
        describe_inputs,
        first_batch,
        with_answer,
    )
    from ovbench_tui.ui.dialogs.picker import PickerScreen, PickItem

    items = [PickItem(SINGLE, SINGLE, "each inference is one frame")]
    found = first_batch(run)
    if found is not None:
        port, size = found
        items.append(PickItem(str(size), str(size), f"the first dimension of {port.label}"))
    return PickerScreen(
        "Batch",
        items,
        current=SINGLE,
        placeholder="or type a layout, as in [NC] or ids[NC],mask[N...]",
        typed_label="the layout",
        check=lambda text: with_answer(config, run, text),
        explanation=(
            "How many frames does one inference carry? Not known: "
            f"{describe_inputs(run)}. FPS counts 1 until you say."
        ),
        leaving="means 1",
    )


def log_dialog(
    read_log: Callable[[], str],
    read_messages: Callable[[], Sequence[LoggedMessage]],
    read_notes: Callable[[], Sequence[str]],
) -> ModalScreen[None]:
    """Return the log: the messages of this session, what native code wrote, notes on the run."""
    from ovbench_tui.ui.dialogs.log import LogScreen

    return LogScreen(read_log, read_messages, read_notes)


def export_dialog(run: RunView) -> ModalScreen[None]:
    """Return the running configuration as command lines, settings and a program."""
    from ovbench_tui import export as equivalents
    from ovbench_tui.ui.dialogs.export import ExportForm, ExportScreen

    return ExportScreen(
        (
            ExportForm(
                "benchmark_app command line",
                equivalents.benchmark_app_command(run),
                "benchmark_app.sh",
            ),
            ExportForm(
                "ovbench-tui command line",
                equivalents.own_command(run.explicit_config),
                "ovbench.sh",
            ),
            ExportForm(
                "settings for -load_config", equivalents.settings_json(run.config), "settings.json"
            ),
            ExportForm(
                "Python program",
                equivalents.python_snippet(run),
                "benchmark.py",
                equivalents.snippet_remark(run),
            ),
        )
    )


def help_dialog(groups: Sequence[tuple[str, Sequence[BindingType]]]) -> ModalScreen[None]:
    """Return the keys, made from the bindings themselves, and the pages of the manual."""
    from ovbench_tui.ui.dialogs.help import HelpScreen

    return HelpScreen(groups)
