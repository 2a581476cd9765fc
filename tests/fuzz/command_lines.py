"""Every command line: the program's and its subcommands'."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from unittest import mock

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ovbench_tui.cli.commands import compare, config, history, serve
from ovbench_tui.cli.commands.history import parse_since
from ovbench_tui.metrics.server import parse_address
from ovbench_tui.options.invocation import read_invocation, typed_pairs
from ovbench_tui.options.parser import build_parser
from ovbench_tui.tuning.invocation import read_tune_invocation
from ovbench_tui.web.guard import Asked, Guard, is_loopback
from tests.fuzz.ingredients import pieces
from tests.fuzz.target import Target

_VALUES = (
    "CPU", "AUTO:CPU,GPU", "BATCH:CPU(4)", "f16", "f32", "throughput", "none", "async", "sync", "4",
    "16", "0", "-1", "1.5", "[1,3,224,224]", "x[1,3],y[?]", "[NCHW]",
    "x:f16", "a.npy,b.npy", "x:a.png", "YES", "true", "no_counters", "sort", ".npy", "out.json",
    "m.xml", "mobilenet-v2", "50,99", "7d",
    "2026-01-31", "5%", "1..16", "1,2,4", "auto", "90s", "127.0.0.1", "8000", "[::1]:9",
)  # fmt: skip
_NAMES = tuple(build_parser()._option_string_actions)
_MORE = (
    "--fail-above", "--figure", "--confidence", "--json", "--model", "--device", "--since",
    "--machine", "--limit", "show", "delete", "list", "path", "--host", "--port", "--check",
    "--path", "--init", "--objective", "--p99-under", "--max-time", "--save", "--snippet", "--",
)  # fmt: skip


def _words(*more: str) -> SearchStrategy[list[str]]:
    value = st.sampled_from(_VALUES) | pieces(_VALUES, 4)
    option = st.sampled_from((*_NAMES, *more, *more, *more))
    pair = st.tuples(option, value).map(list)
    joined = st.tuples(option, st.sampled_from(("", "=")), value).map(
        lambda parts: ["".join(parts)]
    )
    alone = (option | value).map(lambda word: [word])
    return st.lists(pair | pair | joined | alone, max_size=6).map(
        lambda groups: [word for group in groups for word in group]
    )


def _read(words: list[str], _: Path) -> None:
    typed_pairs(words)
    read_invocation(words)


def _serve(words: list[str], _: Path) -> None:
    with mock.patch.object(serve, "_serve", return_value=0):
        serve.main(words)


def _history(words: list[str], folder: Path) -> None:
    with mock.patch.dict("os.environ", OVBENCH_TUI_HISTORY=str(folder / "none" / "history.db")):
        history.main(words)


def _compare(words: list[str], folder: Path) -> None:
    with mock.patch.dict("os.environ", OVBENCH_TUI_HISTORY=str(folder / "none" / "history.db")):
        compare.main(words)


def _config(words: list[str], folder: Path) -> None:
    with mock.patch.dict("os.environ", OVBENCH_TUI_CONFIG=str(folder / "config.toml")):
        config.main(words)


def _guard(requested: tuple[str, str | None, str | None], _: Path) -> None:
    token = "0123456789abcdef"  # noqa: S105 - of nothing
    assert Guard("0.0.0.0", token).refusal(Asked(*requested)) or requested[2] == token  # noqa: S104
    assert Guard("127.0.0.1", token).refusal(Asked(*requested)) or requested[2] == token


def _address(text: str, _: Path) -> None:
    address = parse_address(text)
    assert 0 <= address.port <= 65535
    is_loopback(address.host)
    assert address.is_loopback in (True, False)


_HEADERS = ("localhost", ":8000", "http://", "127.0.0.1", "[", "::1", "]", "@", "evil", "null")
_OPTIONAL = st.none() | pieces(_HEADERS, 5)

TARGETS = (
    Target("command line", _words(), _read, 150),
    Target(
        "tune's command line", _words(*_MORE), lambda words, _: read_tune_invocation(["m", *words])
    ),
    Target("compare's command line", _words(*_MORE), _compare),
    Target("history's command line", _words(*_MORE), _history),
    Target("serve's command line", _words(*_MORE), _serve),
    Target("config's command line", _words(*_MORE), _config),
    Target(
        "history --since",
        pieces(
            ("7", "d", "h", "m", "w", "2026-01-31", "T", "+99:99", "-", ":"),
            good=("7d", "2026-01-31T10:00"),
        ),
        lambda text, _: parse_since(text, datetime(2026, 1, 31, tzinfo=timezone.utc)),
    ),
    Target(
        "--metrics address",
        pieces(("127.0.0.1", ":", "9", "0", "[", "]", "::1", "host"), good=("[::1]:9", "9")),
        _address,
    ),
    Target("requests to serve", st.tuples(pieces(_HEADERS, 5), _OPTIONAL, _OPTIONAL), _guard),
)
