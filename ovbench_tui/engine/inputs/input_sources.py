"""-i: which files, or what else, each input is filled from."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ovbench_tui.config.option_values import NamedSources
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.layouts import InputLayout, is_image, is_image_info
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.api.port_names import find_input
from ovbench_tui.errors import BadInputError

RANDOM_WORD = "random"
IMAGE_INFO_WORD = "image_info"


class SourceKind(Enum):
    """What an input is filled from; the value names several of it."""

    RANDOM = "random values"
    IMAGE_INFO = "image sizes"
    IMAGES = "images"
    ARRAYS = "arrays"
    BINARIES = "binary files"


_ENDINGS = {
    SourceKind.IMAGES: (
        *(".bmp", ".dib", ".gif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png"),
        *(".ppm", ".ras", ".sr", ".tif", ".tiff", ".webp"),
    ),
    SourceKind.ARRAYS: (".npy",),
    SourceKind.BINARIES: (".bin",),
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings}


@dataclass(frozen=True, slots=True)
class InputSource:
    """What one input is filled from.

    Attributes:
        files: in the order of their use; none for `RANDOM` and `IMAGE_INFO`.
        note: what was left out, in words; '' = nothing.
    """

    kind: SourceKind = SourceKind.RANDOM
    files: tuple[Path, ...] = ()
    note: str = ""


def assign_sources(
    inputs: Sequence[PortInfo],
    layouts: Sequence[InputLayout],
    given: NamedSources,
    aliases: Sequence[frozenset[str]],
) -> tuple[InputSource, ...]:
    """Settle the source of each input.

    Files without a name are dealt out in turn to the inputs that have no source of their own,
    a folder's in the order of their names. Without files an input gets random values, and the
    size of the image where it looks like an image's size beside the only image.

    Raises:
        BadInputError: for an unknown input, a missing file, and one that cannot be an input.
    """
    named: dict[int, list[str]] = defaultdict(list)
    unnamed: list[str] = []
    for name, texts in given:
        if name:
            named[find_input(inputs, name, aliases, "-i").index].extend(texts)
        else:
            unnamed.extend(texts)
    sources = {index: _source_of(inputs[index], texts) for index, texts in named.items()}
    sizes = {
        port.index
        for port in inputs
        if is_image_info(port, layouts[port.index])
        and sum(is_image(other, layouts[other.index]) for other in inputs) == 1
    }
    free = [port for port in inputs if port.index not in sources and port.index not in sizes]
    sources |= _dealt_out(free, unnamed)
    return tuple(
        sources.get(
            port.index,
            InputSource(SourceKind.IMAGE_INFO if port.index in sizes else SourceKind.RANDOM),
        )
        for port in inputs
    )


def _dealt_out(free: Sequence[PortInfo], texts: Sequence[str]) -> dict[int, InputSource]:
    if IMAGE_INFO_WORD in texts:
        raise BadInputError(
            f"-i {IMAGE_INFO_WORD}: say for which input, as in im_info:{IMAGE_INFO_WORD}."
        )
    texts = [text for text in texts if text != RANDOM_WORD]
    files, left_out = _expand(texts)
    if not files:
        return {}
    if not free:
        raise BadInputError("-i: every input has a source of its own; name the input of each file.")
    surplus = len(files) % len(free) if len(files) > len(free) else 0
    files = files[: len(files) - surplus]
    return {
        port.index: _file_source(port, files[place :: len(free)], left_out + surplus)
        for place, port in enumerate(free)
        if place < len(files)
    }


def _source_of(port: PortInfo, texts: Sequence[str]) -> InputSource:
    words = {
        RANDOM_WORD: SourceKind.RANDOM,
        IMAGE_INFO_WORD: SourceKind.IMAGE_INFO,
    }
    reported = [text for text in texts if text in words]
    if not reported:
        return _file_source(port, *_expand(texts))
    if len(texts) > 1:
        raise BadInputError(
            f"-i gives input '{port.label}' both '{reported[0]}' and more: give one of them"
            f" (a file of that name is ./{reported[0]})."
        )
    return InputSource(words[reported[0]])


def _file_source(port: PortInfo, files: Sequence[Path], left_out: int) -> InputSource:
    kinds = {_KINDS[file.suffix.lower()] for file in files}
    if len(kinds) > 1:
        raise BadInputError(
            f"-i gives input '{port.label}' {' and '.join(sorted(kind.value for kind in kinds))}:"
            " give files of one kind."
        )
    note = f"{left_out} other file{'s' if left_out > 1 else ''} left out" if left_out else ""
    return InputSource(next(iter(kinds)), tuple(files), note)


def _expand(texts: Sequence[str]) -> tuple[list[Path], int]:
    """The files that are named, with those of named folders, and how many were left out."""
    files: list[Path] = []
    left_out = 0
    for text in texts:
        path = _path(text)
        if path.is_dir():
            found = list(_folder_files(path, text))
            usable = [file for file in found if file.suffix.lower() in _KINDS]
            if not usable:
                raise BadInputError(
                    f"-i: folder '{printable(text)}' holds no input ({_known_endings()})."
                )
            files += usable
            left_out += len(found) - len(usable)
        elif path.suffix.lower() not in _KINDS:
            raise BadInputError(
                f"-i: '{printable(text)}' has an ending that cannot be read: readable are"
                f" {_known_endings()}."
            )
        else:
            files.append(path)
    return files, left_out


def _path(text: str) -> Path:
    try:
        path = Path(text).expanduser()
        path.stat()
    except (OSError, RuntimeError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInputError(f"-i: '{printable(text)}' cannot be opened: {cause}.") from None
    return path


def _folder_files(folder: Path, text: str) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file())
    except OSError as error:
        raise BadInputError(
            f"-i: folder '{printable(text)}' cannot be read: {error.strerror}."
        ) from None
    yield from (folder / name for name in names)


def _known_endings() -> str:
    return ", ".join(ending for endings in _ENDINGS.values() for ending in endings)
