"""What OpenVINO says when it fails: source locations taken out, operation and reason kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.console.error_log import log_error
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import NO_MEMORY, OvbenchError, lacks_memory

_NO_REASON = "no reason given"

_SOURCE_FILE = r"[^\n]+?\.(?:cpp|hpp|cc|cxx|h|c):\d+:?"
_NOISE = re.compile(
    rf"Exception from {_SOURCE_FILE}"
    r"|FrontEnd API failed with \w+:?"
    r"|^(?:Loading|Converting) input model$"
    r"|^Model wasn't fully converted\.(?: Failed operations detailed log:)?$"
    r"|^\[\w+ Frontend\]:? (?=\S)"
    r"|^Summary:$"
)
_CHECK = re.compile(rf"Check '(?P<check>.*?)' failed at {_SOURCE_FILE}")
_LOCATION = re.compile(r"\(?\b(?:at |in )?[\w./\\+-]+\.(?:cpp|hpp|cc|cxx):\d+\)?:?")
_INPUT_SHAPES = re.compile(r"Shape inference input shapes \{.*\}")
"""OpenVINO writes it before the reason of every failed shape inference."""

_OPERATIONS = (
    re.compile(r"While validating ONNX node '<Node\((?P<kind>\w+)\): (?P<name>.*?)>':?"),
    re.compile(
        r"While validating node '(?:\w+::)?(?P<kind>\w+) .*?'"
        r" with friendly_name '(?P<name>.*?)':?"
    ),
    re.compile(r"(?:\[\w+\] )?(?P<kind>\w+) node with name '(?P<name>.*?)'"),
    # A pass over the graph failed at it.
    re.compile(
        r"\[\w+\] END: node: (?:\w+::)?(?P<kind>\w+) (?P<name>\S+) \(.*CALLBACK HAS THROWN:"
    ),
    re.compile(r"Node (?P<name>\S+) of type (?P<kind>\w+)$"),
)
_FAILED = re.compile(r"-- (?P<kind>\S+) with a message:$")


@dataclass(frozen=True, slots=True)
class _Saying:
    """What one stretch of an error names.

    Attributes:
        operation: the outermost one, as in ``Add 'sum'``; '' = none.
        lines: that say something, from the innermost place on.
        check: the innermost condition that did not hold; '' = none.
    """

    operation: str
    lines: Sequence[str]
    check: str


def reason_of(error: BaseException) -> str:
    """Say in one line why OpenVINO failed, and keep its whole text in the log.

    Returns:
        As `native_reason`, with the kind of error where its text alone says too little.
    """
    log_error(error)
    if lacks_memory(error):
        return NO_MEMORY
    text = str(error)
    if not text.strip():
        return printable(repr(error))
    reason = native_reason(text)
    is_said_in_words = isinstance(error, (RuntimeError, ValueError, OSError, OvbenchError))
    return reason if is_said_in_words else f"{type(error).__name__}: {reason}"


def native_reason(text: str) -> str:
    """Take operation and reason out of the text of a native exception.

    OpenVINO wraps a reason into one line for each place that it passes, each with a file and
    a line of C++; the reason stands behind the innermost of them. A failed conversion is
    reported operation by operation: the first one's reason is taken, the others are named.

    Returns:
        One line without a full stop, such as ``Add 'sum': the shapes do not fit``; never
        empty, never a location in C++, and never one that ends in a colon.
    """
    kind, lines, others = _failed_conversion(text)
    saying = _read(lines, kind)
    reason = _first_reason(saying)
    if saying.operation and saying.operation.lower() not in reason.lower():
        reason = f"{saying.operation}: {reason}"
    if others:
        reason = f"{reason} (also failed: {', '.join(others)})"
    return printable(reason)


def _failed_conversion(text: str) -> tuple[str, Sequence[str], Sequence[str]]:
    """The kind of the first operation that failed, the lines about it, and the other kinds.

    No kinds and all lines, where the text is not about conversions.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    failed = [
        (number, found) for number, line in enumerate(lines) if (found := _FAILED.match(line))
    ]
    if not failed:
        return "", lines, ()
    (first, found), *rest = failed
    ends = (number for number, _ in rest)
    summary = lines.index("Summary:") if "Summary:" in lines else len(lines)
    return (
        found["kind"],
        lines[first + 1 : next(ends, summary)],
        [other["kind"] for _, other in rest],
    )


def _read(lines: Sequence[str], kind: str) -> _Saying:
    operation, check = kind, ""
    said: list[str] = []
    outside: list[str] = []
    for line in lines:
        bare = _NOISE.sub("", line)
        is_place = bare != line
        for pattern in _OPERATIONS:
            found = pattern.search(bare)
            if found:
                if operation in ("", kind):  # the outermost is the user's own
                    operation = f"{found['kind']} '{found['name']}'"
                bare = bare[: found.start()] + bare[found.end() :]
                is_place = True
        for failed in _CHECK.finditer(bare):
            check, is_place = failed["check"], True
        bare = _CHECK.sub("", bare)
        if is_place and said:
            said, outside = [], said  # what was said further outside
        bare = _LOCATION.sub("", bare).strip()
        if bare.strip(" :.-"):
            said.append(bare)
    return _Saying(operation, said or outside, check)


def _first_reason(saying: _Saying) -> str:
    lines = list(saying.lines)
    if len(lines) > 1:
        lines = [line for line in lines if not _INPUT_SHAPES.fullmatch(line)] or lines
    reason = ""
    for line in lines:
        reason = f"{reason} {line}".strip()
        if not line.endswith(":"):
            break
    reason = reason.rstrip(" .:")
    if reason:
        return reason
    # 'false' is what a failure without a condition of its own is written with.
    if saying.check and saying.check != "false":
        return f"its check '{saying.check}' failed"
    return _NO_REASON
