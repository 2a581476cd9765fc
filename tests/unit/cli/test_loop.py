"""The loop of the commands without a screen: what it says, how it ends, what it waits for."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator

import pytest

from ovbench_tui.cli.loop import Deadline, News, Outcome, Step, measure_all, run_to_end
from ovbench_tui.cli.progress import ProgressLine
from ovbench_tui.engine.api.snapshot import Notice
from ovbench_tui.errors import EngineHangsError, RunFailedError


class Hand:
    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


def run(steps: list[Step]) -> Iterator[Step]:
    """Run these steps; returns what was not looked at any more."""
    left = iter(steps)
    run_to_end(lambda: next(left), progress=ProgressLine(io.StringIO()))
    return left


def test_it_looks_until_it_is_over() -> None:
    assert list(run([Step(False), Step(False), Step(True), Step(True)])) == [Step(True)]


def test_what_is_new_is_said_before_an_error_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    hangs = EngineHangsError("It seems to hang.")
    with pytest.raises(RunFailedError, match="It seems to hang") as caught:
        run([Step(False, sentences=("First.",)), Step(True, error=hangs, sentences=("Then.",))])
    assert caught.value.exit_code == 3
    assert capsys.readouterr().err == "ovbench-tui: First.\novbench-tui: Then.\n"


def test_a_signal_waits_for_the_look_and_for_the_begin() -> None:
    done: list[str] = []

    def begin() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("begun")

    def look() -> Step:
        done.append("looked")
        return Step(False)

    with pytest.raises(KeyboardInterrupt):
        run_to_end(look, begin=begin, progress=ProgressLine(io.StringIO()))
    assert done == ["begun", "looked"]


def test_news_are_told_once_and_errors_only_where_that_is_wanted() -> None:
    notices = (Notice(1, True, "It failed."), Notice(2, False, "Mind this."))
    quiet, all_of_it = News(with_errors=False), News(with_errors=True)
    assert quiet.of(notices) == ["Mind this."]
    assert all_of_it.of(notices) == ["It failed.", "Mind this."]
    later = (*notices, Notice(3, False, "And this."))
    assert quiet.of(later) == all_of_it.of(later) == ["And this."]
    assert quiet.of(later) == []
    assert all_of_it.has_said("It failed.")
    assert not quiet.has_said("It failed.")


def test_a_deadline_does_not_come_nearer_while_the_program_is_stopped() -> None:
    hand = Hand()
    deadline = Deadline(10.0, hand)
    for _ in range(10):
        hand.now_s += 0.5
        left_s = deadline.left_s()
    assert left_s == 5.0
    hand.now_s += 100.0
    assert deadline.left_s() == 4.0  # one late look lets a second pass
    # What is waited for was stopped with us, and for three seconds more by itself.
    assert deadline.left_s(99.0) == 4.0
    assert deadline.left_s(102.0) == 7.0


# -- how it ends ------------------------------------------------------------------------------


class _Three:
    """Three pieces, of which the last may fail."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.measured = 0
        self._failure = failure

    @property
    def is_over(self) -> bool:
        return self.measured == 3

    @property
    def progress(self) -> str:
        return f"piece {self.measured + 1} of 3"

    @property
    def fraction(self) -> float:
        return self.measured / 3

    def measure(self) -> None:
        if self.measured == 2 and self._failure is not None:
            raise self._failure
        self.measured += 1


def test_all_pieces_are_measured_and_nothing_is_wrong() -> None:
    pieces = _Three()
    with Outcome() as outcome:
        measure_all(pieces)
    assert pieces.is_over
    assert (outcome.code, outcome.error, outcome.is_interrupted) == (0, "", False)


def test_an_error_is_said_once_and_what_was_measured_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pieces = _Three(RunFailedError("It broke."))
    with Outcome() as outcome:
        measure_all(pieces)
    assert (pieces.measured, outcome.code, outcome.error) == (2, 3, "It broke.")
    assert not outcome.is_interrupted
    assert capsys.readouterr().err == "ovbench-tui: It broke.\n"
    with Outcome(lambda sentence: sentence == "It broke.") as outcome:
        raise RunFailedError("It broke.")
    assert (outcome.code, capsys.readouterr().err) == (3, "")


@pytest.mark.parametrize(("raised", "code"), [((), 130), ((143,), 143)])
def test_a_signal_ends_it_with_its_code(raised: tuple[int, ...], code: int) -> None:
    pieces = _Three(KeyboardInterrupt(*raised))
    with Outcome() as outcome:
        measure_all(pieces)
    assert (outcome.code, outcome.error, outcome.is_interrupted) == (code, "", True)


def test_what_nobody_foresaw_goes_further() -> None:
    with pytest.raises(ZeroDivisionError), Outcome():
        raise ZeroDivisionError
