"""Make the pictures of this folder from the real app, measuring a built-in model.

    python screenshots/make.py [folder]

The app runs on its real engine under Textual's Pilot; its SVG is turned into a PNG by a
headless Chromium, which must be on the PATH. The picture of the browser is a browser's own. It
needs the extra 'test', and this project's folder on PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from picture import save_png
from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.session import Session
from ovbench_tui.ui.app.app import OvbenchApp
from tests.e2e.browser import open_browser

MODEL = "mobilenet-v2"
PATIENCE_S = 120.0
SIZES = ((80, 24), (120, 40), (200, 60))


async def take(folder: Path, columns: int, rows: int) -> None:
    """Run the monitor at one size, change something, and save the screens."""
    sessions: list[Session] = []

    def open_session() -> Session:
        sessions.append(Session(BenchmarkConfig(model=MODEL)))
        sessions[0].start()
        return sessions[0]

    app = OvbenchApp(BenchmarkConfig(model=MODEL), open_session)
    size = f"{columns}x{rows}"
    async with app.run_test(size=(columns, rows)) as pilot:
        await _until(pilot, lambda: bool(sessions))
        session = sessions[0]
        await _until(pilot, _measured(session, run_id=1, seconds=14))
        await pilot.press("+", "+")
        await _until(pilot, _measured(session, run_id=2, seconds=14))
        await pilot.press("down", "down", "right")
        await _until(pilot, _measured(session, run_id=3, seconds=9))
        save_png(app.export_screenshot(), folder / f"monitor-{size}.png")
        for key, tab in enumerate(("runs", "layers", "model", "properties", "system"), 2):
            await pilot.press(str(key))
            if tab == "layers":
                await pilot.press("enter")  # compiles again, with layer times
                await _until(pilot, _measured(session, run_id=4, seconds=6))
            # The facts of a model and the look at the machine come a moment later.
            await _until(pilot, _measured_longer(session, seconds=3))
            app.frame()
            await pilot.pause()
            save_png(app.export_screenshot(), folder / f"{tab}-{size}.png")
        await pilot.press("1", "m")
        await pilot.pause()
        save_png(app.export_screenshot(), folder / f"models-{size}.png")
    sessions[0].close(PATIENCE_S)


async def take_page(target: Path) -> None:
    """Open the app in a browser, and save what that shows."""
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ovbench_tui", "serve", MODEL, "--port", "0", "--no-history"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert server.stderr is not None  # noqa: S101 - asked for above
        try:
            while not (found := re.search(rb"Open (http\S+) in", await server.stderr.readline())):
                pass
            async with open_browser(Path(folder, "profile"), 1200, 800) as page:
                await page.open(found[1].decode())
                await page.wait_for(_counted_for(1))
                await page.press("+")
                await page.wait_for(_counted_for(2))
                target.write_bytes(await page.picture())
        finally:
            server.terminate()
            await server.communicate()
    print(target)


def _counted_for(run_id: int) -> Callable[[str], bool]:
    """Whether a page has shown so many runs, and the newest for some seconds."""
    return lambda text: f"run {run_id}" in text and bool(re.search(r"elapsed +0:1\d", text))


def _measured_longer(session: Session, seconds: float) -> Callable[[], bool]:
    run = session.runs[-1]
    return _measured(session, run.run_id, run.stats.elapsed_s + seconds)


def _measured(session: Session, run_id: int, seconds: float) -> Callable[[], bool]:
    def condition() -> bool:
        snapshot: Snapshot = session.snapshot(0)
        run = snapshot.run
        return run is not None and run.run_id >= run_id and run.stats.elapsed_s >= seconds

    return condition


async def _until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError("the app never came to it")
        await pilot.pause(1.0)  # looking on costs, too, and the screen shows it


async def main() -> None:
    """Take every picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for columns, rows in SIZES:
        await take(folder, columns, rows)
    await take_page(folder / "browser.png")


if __name__ == "__main__":
    asyncio.run(main())
