"""-iop and -i: what comes behind a name and a colon, as in ``input:f16`` and ``ids:a.npy``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from ovbench_tui.config.named.values import after_spaces, longest_first, longest_name
from ovbench_tui.config.option_values import PORT_PRECISIONS, NamedSources, NamedTexts
from ovbench_tui.config.shapes import split_list
from ovbench_tui.errors import BadInputError

# A name may be an index (#1) or end in one (x:0); C:\data and /data/a:b are files.
_SOURCE = re.compile(
    r"(?![A-Za-z]:[\\/])(?P<name>#\d+|[\w.][\w./-]*(:\d+)?):(?P<file>.*)", re.DOTALL
)
_PRECISION = re.compile(rf"\s*:\s*(?P<kind>{'|'.join(PORT_PRECISIONS)})\s*(?:,|$)", re.IGNORECASE)
_COLON = re.compile(r"\s*:")


def parse_port_precisions(
    text: str, option: str = "-iop", *, names: Collection[str] | None = None
) -> NamedTexts:
    """Parse ``input:f16, output:f16``; a name may itself hold colons.

    Args:
        names: those of the model; empty = not known yet, and with commas, too; None = without.

    Raises:
        BadInputError: for anything else, an unknown element type, or a name given twice.
    """
    precisions: dict[str, str] = {}
    for pair in _pairs(text, names):
        name, colon, precision = (part.strip() for part in pair.rpartition(":"))
        if not colon or not name:
            raise BadInputError(
                f'{option} {text!r}: {pair!r} names no type; write "input:f16,output:f32".'
            )
        if precision.lower() not in PORT_PRECISIONS:
            raise BadInputError(
                f"{option} {text!r}: {precision!r} is not a valid element type:"
                f" choose {', '.join(PORT_PRECISIONS)}."
            )
        if name in precisions:
            raise BadInputError(f"{option} {text!r} gives {name!r} twice: give each once.")
        precisions[name] = precision.lower()
    if not precisions:
        raise BadInputError(f'{option} {text!r} is empty: write "input:f16,output:f32".')
    return tuple(precisions.items())


def format_port_precisions(precisions: NamedTexts) -> str:
    """Write types so that `parse_port_precisions` reads them back."""
    return ",".join(f"{name}:{kind}" for name, kind in precisions)


def parse_sources(
    words: Sequence[str], option: str = "-i", *, names: Collection[str] | None = None
) -> NamedSources:
    """Parse the words after -i: files, folders, ``random`` or ``image_info``.

    Each word is a comma list, whose parts may begin with the input they are for, as in
    ``ids:a.npy,b.npy,mask:c.npy``.

    Args:
        names: those of the model; empty = not known yet; None = none but plain ones.

    Raises:
        BadInputError: for an empty part, and when only some parts are for a named input.
    """
    sources: list[tuple[str, tuple[str, ...]]] = []
    for word in words:
        for number, (named, file) in enumerate(_parts(word.strip(","), names)):
            if not file:
                raise BadInputError(
                    f"{option} {word!r} has an empty part: write file1,file2 or input:file1,file2."
                )
            if named or not number:
                sources.append((named, (file,)))
            else:
                name, files = sources[-1]
                sources[-1] = (name, (*files, file))
    unnamed = [file for name, files in sources if not name for file in files]
    # A colon may yet turn out to end a name, once the names are known.
    is_open = names is not None and not names
    may_be_named = is_open and any(":" in file for file in unnamed)
    if unnamed and any(name for name, _ in sources) and not may_be_named:
        raise BadInputError(
            f"{option}: {unnamed[0]!r} is for no input, though others are:"
            " name the input before every file, as in input1:file1."
        )
    # Only as they were written can they be split at other names.
    return tuple(sources) if is_open else _by_name(sources)


def _by_name(sources: Iterable[tuple[str, tuple[str, ...]]]) -> NamedSources:
    """Put together what is for the same input."""
    found: dict[str, tuple[str, ...]] = {}
    for name, files in sources:
        found[name] = (*found.get(name, ()), *files)
    return tuple(found.items())


def format_sources(sources: NamedSources) -> list[str]:
    """Write a word for each input, so that `parse_sources` reads them back."""
    return [f"{name}:{','.join(files)}" if name else ",".join(files) for name, files in sources]


def sources_by_names(sources: NamedSources, names: Collection[str]) -> NamedSources:
    """Read sources again, by the names that the model has; one that it has not stays.

    Raises:
        BadInputError: only some of the files are for a named input.
    """
    words: list[str] = []
    before = ""
    for (name, _), word in zip(sources, format_sources(sources), strict=True):
        if name and before:
            # What was taken for a file and a name behind it may be a name with a comma.
            words[-1] += f",{word}"
        else:
            words.append(word)
        before = name
    read = parse_sources(words, names=names)
    known = {name for name, _ in read}
    lost = [f"{name}:" for name, _ in sources if name not in known]
    is_lost = any(file.startswith(tuple(lost)) for _, files in read for file in files)
    return _by_name(sources) if is_lost or not known.issubset((*names, "")) else read


def _pairs(text: str, names: Collection[str] | None) -> list[str]:
    """Split at the commas that no name holds."""
    if names is None:
        return split_list(text)
    tried = longest_first(names)
    pairs: list[str] = []
    start = 0
    while start < len(text):
        start = after_spaces(text, start)
        name = longest_name(text, start, tried, _PRECISION)
        if name:
            found = _PRECISION.match(text, start + len(name))
            end = found.end() if found else len(text)
        elif tried:
            end = text.find(",", start) + 1 or len(text)
        else:
            found = _PRECISION.search(text, start)
            end = found.end() if found else text.find(",", start) + 1 or len(text)
        pairs.append(text[start:end].strip().removesuffix(",").strip())
        start = end
    return pairs


def _parts(word: str, names: Collection[str] | None) -> list[tuple[str, str]]:
    """Pairs of name ('' = that of the part before) and file."""
    tried = longest_first(names or ())
    parts: list[tuple[str, str]] = []
    start = 0
    while True:
        start = after_spaces(word, start)
        name = longest_name(word, start, tried, _COLON)
        begin = word.index(":", start + len(name)) + 1 if name else start
        end = word.find(",", begin)
        file = word[begin : end if end >= 0 else len(word)].strip()
        plain = None if name else _SOURCE.fullmatch(file)
        named = (plain["name"], plain["file"].strip()) if plain else (name, file)
        if (
            named[0]
            and parts
            and names is not None
            and not names
            and not any(one for one, _ in parts)
        ):
            # All before it may belong to a name with commas.
            named = ",".join((*(before for _, before in parts), named[0])), named[1]
            parts = []
        parts.append(named)
        if end < 0:
            return parts
        start = end + 1
