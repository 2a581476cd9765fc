"""LoadGen's scenarios by name: what they set, and what cannot be read."""

from __future__ import annotations

import pytest

from ovbench_tui.errors import BadInputError
from ovbench_tui.options.invocation import read_invocation


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("single-stream", {"api": "sync", "arrivals": "", "batch": 0}),
        ("multi-stream:8", {"api": "sync", "arrivals": "", "batch": 8}),
        ("server:200", {"api": "async", "arrivals": "poisson:200", "batch": 0}),
        ("Offline", {"api": "async", "arrivals": "", "hint": "throughput"}),
    ],
)
def test_a_scenario_is_what_its_options_are(name: str, options: dict[str, object]) -> None:
    config = read_invocation(["m.xml", "--scenario", name]).config
    assert config.scenario == name
    assert {field: getattr(config, field) for field in options} == options


def test_what_it_sets_may_be_given_as_well() -> None:
    words = ["m.xml", "--scenario", "server:200", "--arrivals", "poisson:200", "-nireq", "4"]
    assert read_invocation(words).config.nireq == 4


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--scenario", "batch"], "'batch' is not a scenario: write single-stream"),
        (["--scenario", "offline:5"], "is not a scenario"),
        (["--scenario", "server"], "needs the queries a second"),
        (["--scenario", "server:0"], "needs the queries a second"),
        (["--scenario", "multi-stream:2.5"], "needs the samples of a query"),
        (["--scenario", "server:5", "--arrivals", "constant:5"], "runs with --arrivals poisson:5"),
        (["--scenario", "single-stream", "-api", "async"], "runs with -api sync"),
        (["--scenario", "multi-stream:8", "-b", "4"], "runs with -b 8, and 4 is given"),
    ],
)
def test_what_cannot_be_had_is_refused_in_a_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_invocation(["m.xml", *words])
