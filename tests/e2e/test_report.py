"""`ovbench-tui report`: a real run as a page, opened in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.browser import CHROMIUM, open_browser
from tests.e2e.piped import run_piped

_DRAWN = """
JSON.stringify([...document.querySelectorAll('svg .line, svg .bar')].map(part => {
  const box = part.getBoundingClientRect(), page = part.closest('svg').getBoundingClientRect();
  return box.width + box.height > 0 && box.left >= page.left - 1 && box.right <= page.right + 1
    && box.top >= page.top - 1 && box.bottom <= page.bottom + 1;
}))
"""

_CAPTIONS = """
JSON.stringify([...document.querySelectorAll('figcaption')].map(one => one.firstChild.textContent))
"""


@pytest.fixture
def page_file(environment: dict[str, str], tmp_path: Path) -> Path:
    """A page of two real runs: one of a document, one of the history."""
    folder = tmp_path / "report"
    folder.mkdir()
    kept = {**environment, "OVBENCH_TUI_HISTORY": str(folder / "history.db")}
    run = run_piped(kept, "mobilenet-v2", "-t", "3", "--json", "-max_irate", "20")
    assert run.returncode == 0, run.stderr
    (folder / "run.json").write_text(run.stdout, encoding="utf-8")
    path = folder / "page.html"
    made = run_piped(kept, "report", "1", str(folder / "run.json"), "-o", str(path))
    assert made.returncode == 0, made.stderr
    assert str(path) in made.stderr
    printed = run_piped(kept, "report", "1", "--md")
    assert printed.returncode == 0
    assert printed.stdout.startswith("# mobilenet-v2 on CPU: ")
    return path


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
async def test_the_page_is_seen_in_a_browser(page_file: Path, tmp_path: Path) -> None:
    async with open_browser(tmp_path / "profile", 900, 1200) as page:
        await page.open(page_file.as_uri())
        await page.wait_until("document.readyState == 'complete'")
        assert await page.evaluate("document.title") == "2 runs compared"
        captions = json.loads(await page.evaluate(_CAPTIONS))
        # Not every machine measures its clock.
        of_runs = [text for text in captions if not text.startswith("CPU frequency")]
        of_run = ["Throughput", "Latency", "CPU", "Latencies"]
        assert [text.partition(",")[0] for text in of_runs] == 2 * of_run
        drawn = await page.evaluate(_DRAWN)
        assert "true" in drawn
        assert "false" not in drawn
        # Nothing is wider than the page.
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.complaints == []


def test_bad_input_is_one_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    for words in (["999999"], ["none.json"], ["1", "--html", "--md"], ["1", "-o", str(tmp_path)]):
        refused = run_piped(environment, "report", *words)
        assert refused.returncode == 2, words
        assert refused.stdout == ""
        assert refused.stderr.count("\n") == 1
