"""Rows of the table of options: the inputs, their shapes, and how they are filled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ovbench_tui.config import option_types as types
from ovbench_tui.config.compile_options import CompileOptions
from ovbench_tui.config.named.words import (
    format_port_precisions,
    format_sources,
    parse_port_precisions,
    parse_sources,
)
from ovbench_tui.config.option import Cost, Edit, Group, Kind, Step, option
from ovbench_tui.config.option_values import (
    PORT_PRECISIONS,
    NamedNumbers,
    NamedSources,
    NamedTexts,
)
from ovbench_tui.config.port_values import (
    format_bracketed,
    format_numbers,
    parse_channel_values,
    parse_layout,
)
from ovbench_tui.config.shapes import (
    NamedDataShapes,
    NamedDimensions,
    format_data_shape,
    format_model_shape,
    parse_data_shape,
    parse_shape,
)


@dataclass(frozen=True, slots=True)
class InputOptions(CompileOptions):
    """The options of the inputs; most of them describe one model's, and fit no other."""

    sources: NamedSources = option(  # '' = by order
        (),
        *("-i", "--paths_to_input", "--input"),
        group=Group.MODEL,
        kind=Kind.MANY,
        metavar="FILE",
        brief="images, arrays or folders (default random values)",
        help="images, .npy or .bin files, or folders of them; file1,file2 or input:file1,file2."
        " The words random and image_info stand for files, as in the C++ benchmark_app. It takes"
        " every word up to the next option, so MODEL goes before it (default random values)",
        read=lambda groups: parse_sources([word for group in groups for word in group], names=()),
        write=format_sources,
        change=lambda sources: "inputs from files" if sources else "random inputs",
        of_model=True,
    )
    batch: int = option(
        0,
        *("-b", "--batch_size", "--batch"),
        group=Group.SHAPES,
        word=int,
        metavar="N",
        help="batch size (default the model's). here: a number; a dynamic batch is written with"
        " -shape",
        check=types.between(
            0, types.MAX_COUNT, f"1 to {types.MAX_COUNT}, or 0 for the model's own"
        ),
        change=lambda batch: f"batch {batch or 'of the model'}",
        edit=Edit(
            *("Batch", Step.DOUBLE, "own"),
            "Frames of one inference: 1 or more; empty for the model's own.",
            effective="batch",
        ),
    )
    shape: NamedDimensions = option(  # dimensions as text, as in '1..8'
        (),
        *("-shape", "--shape"),
        group=Group.SHAPES,
        metavar="SHAPE",
        help='reshape the model: "[1,3,224,224]" or "input1[1,3,224,224],input2[?,1..8]", with'
        " ? or -1 for any size, low..up for a range and ... for any rank",
        read=partial(parse_shape, names=()),
        write=format_model_shape,
        change=lambda shape: "shape" if shape else "own shape",
        of_model=True,
    )
    data_shape: NamedDataShapes = option(  # several shapes under one name are used in rotation
        (),
        *("-data_shape", "--data-shape"),
        group=Group.SHAPES,
        metavar="SHAPE",
        brief="shapes of dynamic inputs, as in [1,3,224,224]",
        help='shapes of the data for dynamic inputs: "[1,3,224,224]" or'
        ' "ids[1,128][1,256],mask[1,128][1,256]"; several of an input are used in rotation,'
        " and a size may be drawn, as in [1,1..512] or [1,1..512:zipf], or of a file, [1,@FILE]."
        " An input may be called by its index, #0. A static input keeps its own shape",
        read=partial(parse_data_shape, names=()),
        write=format_data_shape,
        change=lambda _: "data shape",
        of_model=True,
    )
    assume_shapes: bool = option(
        False,
        "--assume-shapes",
        group=Group.SHAPES,
        kind=Kind.FLAG,
        help="run a model with dynamic inputs with the shapes that the app would propose, and say"
        " which; without it a run without a screen ends with the line that works",
        change=lambda is_on: "assumed shapes" if is_on else "no assumed shapes",
    )
    layout: NamedTexts = option(
        (),
        *("-layout", "--layout"),
        group=Group.SHAPES,
        metavar="LAYOUT",
        help='"[NCHW]" or "input1[NCHW],input2[NC]" (default the model\'s, or guessed)',
        read=partial(parse_layout, names=()),
        write=format_bracketed,
        change=lambda layout: "layout" if layout else "own layout",
        of_model=True,
    )
    single_frame: bool = option(  # the user has said so, and nobody asks again
        False,
        "--single-frame",
        group=Group.SHAPES,
        kind=Kind.FLAG,
        help="count an inference as one frame where nothing shows the batch, without asking",
        cost=Cost.NOTHING,
        of_model=True,
    )
    inference_only: bool | None = option(
        None,
        *("-inference_only", "--inference_only", "--inference-only"),
        group=Group.DEVICE,
        kind=Kind.SWITCH,
        help="true fills the inputs once, before the measurement; false before every inference,"
        " which is measured with it (default true, but false where several data shapes or files"
        " rotate through a dynamic model)",
        change=lambda once: {None: "inputs filled by rule", True: "inputs filled once"}.get(
            once, "inputs filled every time"
        ),
    )
    input_precision: str = option(  # '' = benchmark_app's rule
        "",
        *("-ip", "--input_precision", "--input-precision"),
        group=Group.PREPROCESSING,
        word=types.lower,
        choices=PORT_PRECISIONS,
        metavar="TYPE",
        help=f"element type of all inputs: {', '.join(PORT_PRECISIONS)}",
        check=types.one_of(PORT_PRECISIONS),
        change=lambda precision: f"{precision or 'default'} inputs",
    )
    output_precision: str = option(
        "",
        *("-op", "--output_precision", "--output-precision"),
        group=Group.PREPROCESSING,
        word=types.lower,
        choices=PORT_PRECISIONS,
        metavar="TYPE",
        help="element type of all outputs, one of the same",
        check=types.one_of(PORT_PRECISIONS),
        change=lambda precision: f"{precision or 'default'} outputs",
    )
    port_precisions: NamedTexts = option(
        (),
        *("-iop", "--input_output_precision", "--port-precision"),
        group=Group.PREPROCESSING,
        metavar="TYPES",
        help='by name, before -ip and -op: "input:f16,output:f32"',
        read=partial(parse_port_precisions, names=()),
        write=format_port_precisions,
        check=types.port_precisions,
        change=lambda _: "types of inputs and outputs",
        of_model=True,
    )
    mean_values: NamedNumbers = option(
        (),
        *("--mean_values", "--mean-values"),
        group=Group.PREPROCESSING,
        metavar="[R,G,B]",
        help="a number a channel subtracted from image inputs: [123,117,104] or"
        " data[1,2,3],info[4]",
        read=partial(parse_channel_values, option="--mean_values", names=()),
        write=format_numbers,
        check=types.channel_numbers,
        change=lambda values: "mean values" if values else "no mean values",
        of_model=True,
    )
    scale_values: NamedNumbers = option(
        (),
        *("--scale_values", "--scale-values"),
        group=Group.PREPROCESSING,
        metavar="[R,G,B]",
        help="a number a channel that divides image inputs: [58,57,57] or data[1,2,3],info[4]",
        read=partial(parse_channel_values, option="--scale_values", names=()),
        write=format_numbers,
        check=types.channel_divisors,
        change=lambda values: "scale values" if values else "no scale values",
        of_model=True,
    )
    seed: int = option(
        0,
        "--seed",
        group=Group.PROGRAM,
        word=int,
        metavar="N",
        help="of the random inputs (default 0)",
        check=types.between(0, 2**32 - 1, f"0 to {2**32 - 1}"),
        change=lambda seed: f"seed {seed}",
    )
    reset_state: int = option(
        0,
        "--reset-state",
        group=Group.MODEL,
        word=int,
        metavar="N",
        help="of a model with a state: begin anew every N inferences of each infer request, so"
        " that the figures do not depend on how long it has run (default 0 = never; 1 where the"
        " inputs fit an empty state only)",
        check=types.between(
            0, types.MAX_COUNT, f"1 to {types.MAX_COUNT} inferences, or 0 for never"
        ),
        change=lambda count: f"state reset every {count}" if count else "no reset of the state",
        cost=Cost.NEW_QUEUE,
    )
