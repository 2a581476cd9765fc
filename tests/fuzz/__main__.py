"""``python -m tests.fuzz``: goes on for as long as it may, and says how much it has tried.

Prints a Markdown table: the inputs of each target, how many were taken, how many refused with a
sentence, and what was found. The exit code is 1 when anything was.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from hypothesis.errors import HypothesisException

from tests.fuzz.target import Tally, Target, make_test, scratch

_ROUND = 300
"""Examples of one random sequence; a new one begins after it, so time is kept."""


def main() -> int:
    """Fuzz what is asked for."""
    given = _parser().parse_args()
    os.environ["OVBENCH_TUI_HISTORY"] = os.devnull  # never the user's
    if given.one_by_atheris:
        return _run_atheris(given.one_by_atheris, given.seconds)
    print("| target | inputs | taken | refused | found |\n|---|---:|---:|---:|---|")
    found = 0
    if "models" in given.only.split(",") or not given.only:
        found += _fuzz_models(given)
    targets = _targets(given.only)
    share_s = given.seconds / max(1, len(targets))
    for target in targets:
        tally, reason = (
            _by_atheris(target, share_s)
            if given.atheris
            else _by_hypothesis(target, share_s, given.seed)
        )
        found += bool(reason)
        split = ("", "") if given.atheris else (tally.taken, tally.refused)
        _row(target.name, tally.tried, *split, reason)
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    add = parser.add_argument
    add("--seconds", type=float, default=60.0, help="for the parsers together, and for the models")
    add("--only", default="", help="a comma list of parts of names; 'models' = the model files")
    add("--seed", type=int, default=None, help="of the random sequences (default: a new one)")
    add("--atheris", action="store_true", help="guided by coverage (pip install atheris)")
    add("--one-by-atheris", default="", metavar="NAME", help=argparse.SUPPRESS)
    return parser


def _targets(only: str) -> Sequence[Target]:
    from tests.fuzz.parsers import TARGETS

    words = [word for word in only.split(",") if word not in ("", "models")]
    return [t for t in TARGETS if not only or any(word in t.name for word in words)]


def _row(*cells: object) -> None:
    print("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |", flush=True)


def _by_hypothesis(target: Target, seconds: float, number: int | None) -> tuple[Tally, str]:
    tally = Tally()
    numbers = random.Random(number)  # noqa: S311 - inputs, not secrets
    end_s = time.monotonic() + seconds
    with scratch() as folder:
        while time.monotonic() < end_s:
            sequence = numbers.randrange(2**32)
            try:
                make_test(target, folder, tally, _ROUND, sequence)()
            except (Exception, HypothesisException) as error:  # noqa: BLE001 - it is a finding
                _tell(error)
                return tally, f"{type(error).__name__}: {str(error)[:120]!r} (seed {sequence})"
    return tally, ""


def _tell(error: Exception) -> None:
    import traceback

    notes = getattr(error, "__notes__", [])
    print(*traceback.format_exception(error), *notes, sep="\n", file=sys.stderr)


# -- atheris --------------------------------------------------------------------------------


def _by_atheris(target: Target, seconds: float) -> tuple[Tally, str]:
    """In a process of its own, since libFuzzer never comes back."""
    with tempfile.TemporaryDirectory(prefix="ovbench-fuzz-") as folder:
        command = [
            *(sys.executable, "-m", "tests.fuzz", "--seconds", str(max(1, round(seconds)))),
            f"--one-by-atheris={target.name}",
        ]
        root = str(Path(__file__).parents[2])
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": root},
            capture_output=True,
            text=True,
            errors="replace",
        )
    units = re.findall(
        r"stat::number_of_executed_units:\s*(\d+)|^#(\d+)\s", done.stderr, re.MULTILINE
    )
    tally = Tally(taken=max((int(a or b) for a, b in units), default=0))
    if done.returncode == 0:
        return tally, ""
    lines = [line for line in done.stderr.splitlines() if "Error" in line] or ["?"]
    print(done.stderr[-4000:], file=sys.stderr)
    return tally, f"rc {done.returncode}: {lines[0][:120]}"


def _run_atheris(name: str, seconds: float) -> int:
    import atheris

    with atheris.instrument_imports(include=["ovbench_tui"]):
        targets = {target.name: target for target in _targets("")}
    folder = Path(tempfile.mkdtemp(prefix="ovbench-fuzz-", dir=Path.cwd()))
    test = make_test(targets[name], folder, Tally(), 1, 0)
    feed = test.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
    flags = [f"-max_total_time={round(seconds)}", "-print_final_stats=1", "-rss_limit_mb=4096"]
    atheris.Setup(
        [sys.argv[0], *flags, "-timeout=60", "-max_len=8192"], lambda data: feed(data) and None
    )
    atheris.Fuzz()
    return 0


# -- models ---------------------------------------------------------------------------------


def _fuzz_models(given: argparse.Namespace) -> int:
    from ovbench_tui.cli.native_log import NativeLog
    from tests.fuzz.models import ModelFuzzer, all_seeds

    found = 0
    with scratch() as folder, NativeLog(folder / "log"), ModelFuzzer(folder) as fuzzer:
        seeds = all_seeds(folder)
        share_s = given.seconds / len(seeds)
        numbers = random.Random(given.seed)  # noqa: S311 - inputs, not secrets
        for seed in seeds:
            end_s = time.monotonic() + share_s
            while time.monotonic() < end_s and not fuzzer.found:
                fuzzer.try_one(seed, numbers)
            tally, reason = fuzzer.take()
            found += bool(reason)
            reported = f"child died {tally.died} times, told" if tally.died else ""
            if tally.given_up:
                reported += f"; given up {tally.given_up} times, OpenVINO read without end"
            reported = reported.removeprefix("; ")
            _row(
                f"model file: {seed.name}",
                tally.tried,
                tally.ran,
                tally.refused,
                reason or reported,
            )
    return found


if __name__ == "__main__":
    sys.exit(main())
