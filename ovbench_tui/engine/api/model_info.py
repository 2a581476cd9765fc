"""What is known of a model: its ports, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.config.model_file import ModelFormat

_OF_PIPELINES = frozenset(one.value for one in ModelFormat if one.is_pipeline)


@dataclass(frozen=True, slots=True)
class PortInfo:
    """One input or output of a model.

    Attributes:
        index: position among the inputs or outputs.
        name: a tensor name, or '' when the tensor has none.
        shape: one string a dimension: ``'3'``, ``'?'``, ``'1..8'``; ``('...',)`` for dynamic rank.
        element_type: OpenVINO's short name, as in ``f32``.
        layout: as in ``NCHW``; '' when unknown.
    """

    index: int
    name: str
    shape: tuple[str, ...]
    element_type: str
    layout: str = ""

    @property
    def label(self) -> str:
        """The name, or ``#index`` for a port without one."""
        return self.name or f"#{self.index}"

    @property
    def is_dynamic(self) -> bool:
        """Whether a data shape must be given before the port can be fed."""
        return any(not size.isdigit() for size in self.shape)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model once it is read.

    Attributes:
        name: for the screen: the file's or the built-in model's name.
        source: the path, or the built-in model's name.
        format: as in ``IR``, ``ONNX``, ``TensorFlow``, ``built-in``, ``blob``.
    """

    name: str
    source: str
    format: str
    inputs: tuple[PortInfo, ...]
    outputs: tuple[PortInfo, ...]

    @property
    def is_pipeline(self) -> bool:
        """Whether openvino-genai runs it."""
        return self.format in _OF_PIPELINES


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model is made of.

    Attributes:
        operations: types and how many of each, most first; without constants.
        weights: element type, elements and bytes of the constants, most bytes first.
        parameters: weights, biases and scales; None = unknown.
        macs: multiply-accumulates of one inference, the mean where shapes rotate, of the
            operations that `engine.models.node_macs` has a formula for. None = unknown.
        uncounted: types that may do much arithmetic which is not in `macs`, and how many of
            each, most first.
        weight_bytes: of all constants.
        file_bytes: of the file and its weights; 0 = there is none.
        unknown: why what is left out is unknown, in a sentence; '' = all is known.
    """

    operations: tuple[tuple[str, int], ...] = ()
    weights: tuple[tuple[str, int, int], ...] = ()
    parameters: int | None = None
    macs: float | None = None
    uncounted: tuple[tuple[str, int], ...] = ()
    weight_bytes: int = 0
    file_bytes: int = 0
    unknown: str = ""
