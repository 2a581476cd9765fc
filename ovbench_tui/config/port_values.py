"""Values by input or output name, as benchmark_app writes them; '' names every input."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ovbench_tui.config.option_values import PORT_PRECISIONS, NamedNumbers, NamedSources, NamedTexts
from ovbench_tui.config.shapes import parse_named, split_list
from ovbench_tui.errors import BadInputError

_LAYOUT = re.compile(r"(\.\.\.)?[A-Z?]*(\.\.\.[A-Z?]*)?", re.ASCII)
# A name may be an index (#1) or end in one (x:0); C:\data and /data/a:b are files.
_SOURCE = re.compile(
    r"(?![A-Za-z]:[\\/])(?P<name>#\d+|[\w.][\w./-]*(:\d+)?):(?P<file>.*)", re.DOTALL
)


def parse_layout(text: str, option: str = "-layout") -> NamedTexts:
    """Parse ``[NCHW]`` or ``input1[NCHW],input2[NC]``.

    Raises:
        BadInputError: for anything else.
    """
    end = "no layout: write [NCHW] or input1[NCHW],input2[NC]"
    layouts: list[tuple[str, str]] = []
    for name, (written, *_) in parse_named(text, option, end, takes_several=False):
        layout = "".join(split_list(written)).upper()
        if not layout or not _LAYOUT.fullmatch(layout):
            raise BadInputError(
                f"{option} {text!r}: {written!r} is no layout;"
                " write a letter a dimension, as in NCHW, with ? or ... for others."
            )
        layouts.append((name, layout))
    return tuple(layouts)


def parse_channel_values(text: str, option: str) -> NamedNumbers:
    """Parse numbers by channel: ``[123,117,104]`` or ``data[1,2,3],info[4]``.

    Raises:
        BadInputError: for anything else.
    """
    end = "no list of numbers: write [123.7,116.3,103.5] or data[1,2,3],info[4]"
    return tuple(
        (name, tuple(_parse_number(word, text, option) for word in split_list(group[0]) or [""]))
        for name, group in parse_named(text, option, end, takes_several=False)
    )


def parse_port_precisions(text: str, option: str = "-iop") -> NamedTexts:
    """Parse ``input:f16, output:f16``; a name may itself hold colons.

    Raises:
        BadInputError: for anything else, an unknown element type, or a name given twice.
    """
    precisions: dict[str, str] = {}
    for pair in split_list(text):
        name, colon, precision = (part.strip() for part in pair.rpartition(":"))
        if not colon or not name:
            raise BadInputError(
                f'{option} {text!r}: {pair!r} names no type; write "input:f16,output:f32".'
            )
        if precision.lower() not in PORT_PRECISIONS:
            raise BadInputError(
                f"{option} {text!r}: {precision!r} is no element type:"
                f" choose {', '.join(PORT_PRECISIONS)}."
            )
        if name in precisions:
            raise BadInputError(f"{option} {text!r} gives {name!r} twice: give each once.")
        precisions[name] = precision.lower()
    if not precisions:
        raise BadInputError(f'{option} {text!r} is empty: write "input:f16,output:f32".')
    return tuple(precisions.items())


def parse_sources(words: Sequence[str], option: str = "-i") -> NamedSources:
    """Parse the words after -i: files, folders, ``random`` or ``image_info``.

    Each word is a comma list, whose parts may begin with the input they are for, as in
    ``ids:a.npy,b.npy,mask:c.npy``.

    Raises:
        BadInputError: for an empty part, and when only some parts are for a named input.
    """
    sources: dict[str, list[str]] = {}
    for word in words:
        name = ""
        for part in word.strip(",").split(","):
            match = _SOURCE.fullmatch(part.strip())
            name, file = (match["name"], match["file"].strip()) if match else (name, part.strip())
            if not file:
                raise BadInputError(
                    f"{option} {word!r} has an empty part: write file1,file2 or input:file1,file2."
                )
            sources.setdefault(name, []).append(file)
    if "" in sources and len(sources) > 1:
        raise BadInputError(
            f"{option}: {sources[''][0]!r} is for no input, though others are:"
            " name the input before every file, as in input1:file1."
        )
    return tuple((name, tuple(files)) for name, files in sources.items())


def _parse_number(word: str, whole: str, option: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInputError(f"{option} {whole!r}: {word!r} is no number; give one a channel.")
    return number
