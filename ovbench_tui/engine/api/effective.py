"""What the settings of a run came to on its device."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.config.shapes import NamedShapes
from ovbench_tui.config.token_counts import counts_text
from ovbench_tui.engine.api.answers import Answers
from ovbench_tui.engine.api.feeders import way_of
from ovbench_tui.stats.rate import FRAMES, TOKENS


@dataclass(frozen=True, slots=True)
class InputValues:
    """The random values of one input, as whole numbers, where not any will do.

    Attributes:
        input_index: of the input in the model.
        low, high: both inclusive.
        order: ``random``, ``ascending`` (sorted, the first one `low`) or ``counting`` (0, 1, 2
            ... along the last axis, and no further than `high`).
        exact: these values, the last one repeated; () = any within the interval.
    """

    input_index: int
    low: int
    high: int
    order: str = "random"
    exact: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeGroup:
    """Inferences of one kind: with the same input shapes, or of the same phase of a sequence.

    Attributes:
        shapes: of the inputs; of a phase those of its first inference.
        batch: frames that an inference carries, or tokens that it gives.
        name: of the phase, ``prefill`` or ``decode``; '' = it is a set of shapes in a rotation.
    """

    shapes: NamedShapes
    batch: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class DrawnSizes:
    """The sizes that one dimension of the data shapes takes in turn.

    Attributes:
        words: as they were asked for: ``1..512``, ``1..512:zipf`` or ``@FILE``.
        sizes: in the order of the rotation.
    """

    words: str
    sizes: tuple[int, ...]

    @property
    def text(self) -> str:
        """How many, and their span, as in ``64 sizes of 1..512 drawn, 4 to 509``."""
        count = len(self.sizes)
        noun = "1 size" if count == 1 else f"{count:,} sizes"
        how = "" if self.words.startswith("@") else " drawn"
        low, high = min(self.sizes), max(self.sizes)
        return f"{noun} of {self.words}{how}, {low:,} to {high:,}"


_SHOWN_BATCHES = 6


def p99_name(unit: str) -> str:
    """What the p99 is called beside a rate: of tokens it is that of the time per output token."""
    return "TPOT p99" if unit == TOKENS else "p99"


BATCH_UNKNOWN = "batch unknown, taken as 1"
GUESSED = "a guess"
"""In a rule: nobody has said so."""

BATCH_TOLD_SINGLE = "each inference is one frame, as you said"


@dataclass(frozen=True, slots=True)
class EffectiveConfig:
    """What the compiled model says it runs with; '' or 0 where the device does not report it.

    Attributes:
        batch: frames of one inference; the first group's where shapes rotate.
        assumed_batch: what -b would have been given with; 0 = nothing was assumed.
        assumed_shape: what -data_shape would have been given with; () = nothing was assumed.
        shape_groups: in the order of their rotation; one where nothing rotates.
        rotation: the group of each place of the rotation, by its index; () = each comes once.
        drawn_sizes: of the dimensions of -data_shape that are a range or a file.
        input_rules: for each input, by what rule its tensor is as it is, as in
            ``u8, because it is an image (benchmark_app's rule)``.
        api: ``async`` or ``sync``.
        inference_only: False when filling the inputs is part of what is measured.
        collected_by: ``callback`` or ``feeder``: who stores a completion in the ring.
        feeder_spins: it looks for idle requests all the time, which takes a core, instead of
            waiting to be woken.
        properties: every readable property of the compiled model, name to text, sorted.
        states: that the model keeps from one inference to the next; 0 also where unknown.
        growing_states: those of them that every inference lengthens.
        input_values: of the inputs with random values whose values are bounded.
        reset_state: inferences after which each request's state begins anew; 0 = never.
        sequence_lengths: tokens of the prompt and new ones of each sequence, in their turn; () =
            it generates none.
        carried: the outputs that go on as inputs of a sequence's next inference: index of the
            output, and of that input.
        answers: the outputs beside those of a reference; None = they were not checked.
    """

    device: str = ""
    execution_devices: str = ""
    hint: str = ""
    nireq: int = 0
    optimal_nireq: int = 0
    streams: str = ""
    threads: str = ""
    precision: str = ""
    batch: int = 1
    batch_rule: str = ""
    data_shape: NamedShapes = ()
    loaded_from_cache: bool = False
    shape_groups: tuple[ShapeGroup, ...] = ()
    rotation: tuple[int, ...] = ()
    drawn_sizes: tuple[DrawnSizes, ...] = ()
    input_rules: tuple[tuple[str, str], ...] = ()
    api: str = "async"
    inference_only: bool = True
    collected_by: str = "callback"
    feeder_spins: bool = False
    properties: tuple[tuple[str, str], ...] = ()
    states: int = 0
    growing_states: int = 0
    reset_state: int = 0
    input_values: tuple[InputValues, ...] = ()
    assumed_batch: int = 0
    assumed_shape: NamedShapes = ()
    sequence_lengths: tuple[tuple[int, int], ...] = ()
    carried: tuple[tuple[int, int], ...] = ()
    answers: Answers | None = None

    @property
    def generates(self) -> bool:
        """Whether each request generates one sequence of tokens after the other."""
        return bool(self.sequence_lengths)

    @property
    def prompt_text(self) -> str:
        """Tokens of the prompts as --prompt-tokens would have them; '' = it generates none."""
        return counts_text(prompt for prompt, _ in self.sequence_lengths) if self.generates else ""

    @property
    def new_text(self) -> str:
        """New tokens as --new-tokens would have them; '' = it generates none."""
        return counts_text(new for _, new in self.sequence_lengths) if self.generates else ""

    @property
    def rotating_shapes(self) -> int:
        """How many sets of input shapes the inferences take in turn."""
        return 1 if self.generates else len(self.rotation or self.shape_groups)

    @property
    def rotating_groups(self) -> tuple[ShapeGroup, ...]:
        """The group of each inference of one turn of the rotation."""
        groups = self.shape_groups
        return tuple(groups[index] for index in self.rotation) or groups

    @property
    def unit(self) -> str:
        """What the rate counts: ``tokens/s`` or ``FPS``."""
        return TOKENS if self.generates else FRAMES

    @property
    def feeder_way(self) -> str:
        """Who collects, as --feeder calls it; '' with the sync API, which needs nobody."""
        is_sync = self.api == "sync"
        return "" if is_sync else way_of(self.collected_by, spins=self.feeder_spins)

    @property
    def batch_text(self) -> str:
        """The batch of each set of shapes in rotation, as in ``1/4/32``."""
        batches = [group.batch for group in self.shape_groups] or [self.batch]
        if len(set(batches)) == 1:
            return str(batches[0])
        shown = batches[:_SHOWN_BATCHES]
        return "/".join(map(str, shown)) + ("/..." if len(batches) > len(shown) else "")

    @property
    def state_text(self) -> str:
        """What becomes of the states, in a few words; '' where there are none."""
        if not self.states:
            return ""
        noun = "1 state" if self.states == 1 else f"{self.states} states"
        if self.generates:
            return f"{noun}, begun anew with every sequence"
        if self.reset_state == 1:
            return f"{noun}, reset before every inference"
        if self.reset_state:
            return f"{noun}, reset every {self.reset_state} inferences"
        return f"{noun}, never reset" + (", growing" if self.growing_states else "")

    @property
    def growth_sentence(self) -> str:
        """That the figures depend on how long it runs; '' where they do not."""
        if not self.growing_states or self.reset_state or self.generates:
            return ""
        whose = "state grows" if self.growing_states == 1 else "states grow"
        return (
            f"The model's {whose} with every inference, so the figures and the memory depend on"
            " how long it runs: --reset-state N begins anew every N inferences."
        )

    @property
    def is_batch_unknown(self) -> bool:
        """Whether nobody has told how many frames an inference carries."""
        return self.batch_rule.startswith(BATCH_UNKNOWN)

    @property
    def is_batch_guessed(self) -> bool:
        """Whether the frames of an inference were counted by a guess from the shape."""
        return GUESSED in self.batch_rule

    @property
    def is_batch_left_to_user(self) -> bool:
        """Whether neither the model nor a layout tells how many frames an inference carries."""
        return self.batch_rule.startswith((BATCH_UNKNOWN, BATCH_TOLD_SINGLE))

    @property
    def stream_count(self) -> int:
        """Streams as a number; 0 where the device does not report one."""
        return _count(self.streams)

    @property
    def running_at_once(self) -> int:
        """Infer requests that run, and may complete, at the same time."""
        if self.api == "sync":
            return 1
        return min(self.nireq, self.stream_count or self.nireq)

    @property
    def thread_count(self) -> int:
        """Threads as a number; 0 where the device does not report one."""
        return _count(self.threads)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
