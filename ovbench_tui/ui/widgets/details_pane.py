"""For wide terminals: the model's ports and everything the compiled model tells of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.config.shapes import format_data_shape, format_shape
from ovbench_tui.console.text import clean, fit, width_of, wrap
from ovbench_tui.engine.api.feeders import way_text
from ovbench_tui.stats.steadiness_text import steadiness_text
from ovbench_tui.ui.widgets.live import LiveWidget, Part
from ovbench_tui.ui.widgets.stability_text import stability_style

if TYPE_CHECKING:
    from ovbench_tui.engine.api.model_info import PortInfo
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import Notice

Line = tuple[Part, ...]


class DetailsPane(LiveWidget):
    """Model, properties and the last notices, cut to what fits."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._run: RunView | None = None
        self._notices: tuple[Notice, ...] = ()

    def show(self, run: RunView | None, notices: tuple[Notice, ...]) -> None:
        """Draw the details; nothing is done while run, stability and notices are the same."""
        self._run = run
        self._notices = notices
        about = (run.run_id, run.effective, run.stability) if run else None
        self.repaint_if_new((about, notices))

    def paint(self) -> None:
        """Draw from the top; the notices stand at the bottom, the newest last."""
        width, height = self._painted_size
        notes = self._notice_lines(width)[-(height // 3) :] if height >= 12 else []
        lines = self._run_lines(width)
        room = height - len(notes)
        for y in range(height):
            if y >= room:
                self.set_row(y, *notes[y - room])
            elif y < len(lines):
                self.set_row(y, *lines[y])
            else:
                self.set_row(y)

    def _run_lines(self, width: int) -> list[Line]:
        run = self._run
        if run is None:
            return [((" Model", "title"),)]
        model, effective = run.model, run.effective
        lines: list[Line] = [
            ((" Model", "title"),),
            _pair("name", model.name, width),
            _pair("format", model.format, width),
        ]
        lines += [_pair("input", _port_text(port), width) for port in model.inputs]
        for label, rule in effective.input_rules:
            reported = wrap(clean(f"{label}: {rule}"), width - 14)
            lines += [
                _pair("fed as" if not number else "", line, width)
                for number, line in enumerate(reported)
            ]
        lines += [_pair("output", _port_text(port), width) for port in model.outputs]
        if effective.data_shape:
            lines.append(_pair("data shape", format_data_shape(effective.data_shape), width))
        lines += [_pair("sizes", sizes.text, width) for sizes in effective.drawn_sizes]
        if effective.batch_rule:
            lines.append(_pair("batch", f"{effective.batch_text}, {effective.batch_rule}", width))
        if effective.states:
            lines.append(_pair("state", effective.state_text, width))
        if effective.feeder_way:
            lines.append(_pair("collected", f"by {way_text(effective.feeder_way)}", width))
        if effective.loaded_from_cache:
            lines.append(_pair("compiled", "loaded from the cache", width))
        lines += [(), *_stability_lines(run, width)]
        lines += [(), ((" Compiled model", "title"),)]
        for name, value in effective.properties:
            lines.append(_property(name, value, width))
        return lines

    def _notice_lines(self, width: int) -> list[Line]:
        if not self._notices:
            return []
        lines: list[Line] = []
        for notice in self._notices[-8:]:
            style = "bad" if notice.is_error else "value"
            lines += [((f"  {line}", style),) for line in wrap(clean(notice.text), width - 4)]
        return [(), ((" Messages", "title"),), *lines]


def _stability_lines(run: RunView, width: int) -> list[Line]:
    stability = run.stability
    style = stability_style(run)
    lines: list[Line] = [
        ((" Stability", "title"),),
        ((f"  {fit(steadiness_text(stability, run.effective.unit), width - 3)}", style),),
    ]
    for sentences, sentence_style in ((stability.causes, "warn"), (stability.notes, "value")):
        for sentence in sentences:
            wrapped = wrap(clean(sentence), width - 4)
            lines += [((f"  {line}", sentence_style),) for line in wrapped]
    return lines


def _port_text(port: PortInfo) -> str:
    layout = f" {port.layout}" if port.layout else ""
    return f"{port.label}  {port.element_type} {format_shape(port.shape)}{layout}"


def _pair(label: str, value: str, width: int) -> Line:
    return ((f"  {label:<11}", "label"), (fit(clean(value), width - 14), "value"))


def _property(name: str, value: str, width: int) -> Line:
    name, value = clean(name), clean(value)
    room = width - 5 - width_of(name)
    if room < 6:
        return ((fit(f"  {name}  {value}", width - 1), "label"),)
    shown = value if width_of(value) <= room else fit(value, room)
    gap = " " * (room - width_of(shown) + 2)
    return ((f"  {name}{gap}", "label"), (shown, "value"))
