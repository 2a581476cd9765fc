"""Make the animated picture of the README from the real app, measuring a built-in model.

    python screenshots/animate.py [file.gif]

The app runs on its real engine under Textual's Pilot; every frame is its own screen, taken while
it ran. It needs the extra 'test', a Chromium, and this project's folder on PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from picture import save_png
from PIL import Image, ImageDraw, ImageFont
from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.session import Session
from ovbench_tui.ui.app.app import OvbenchApp

MODEL = "mobilenet-v2"
SIZE = (120, 40)
PATIENCE_S = 120.0

_APART_S = 1.0
_FRAME_MS = 450
_LAST_MS = 1800
"""How long the last frame of a scene stays, so that it can be read."""

_SCALE = 0.65
_COLOURS = 64
_CAPTION_HEIGHT = 34
_CAPTION_SIZE = 18
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Scene:
    """Keys, then some frames a second apart, below one caption.

    Attributes:
        fresh_run: whether the keys begin a new run, which is waited for.
    """

    caption: str
    frames: int
    keys: tuple[str, ...] = ()
    fresh_run: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One screen, and how long it is shown."""

    svg: str
    caption: str
    shown_ms: int


STORY = (
    Scene(f"$ ovbench-tui {MODEL}", 3),
    Scene("Throughput and latency, live, from the first second", 8),
    Scene("+  one infer request more, without a recompile", 4, ("plus",), fresh_run=True),
    Scene("+  and another: every change begins a run of its own", 4, ("plus",), fresh_run=True),
    Scene(
        "arrows change any setting: here the hint, compiled meanwhile",
        6,
        ("down", "down", "right"),
        fresh_run=True,
    ),
    Scene("v  other charts: a histogram, and a heat map over time", 4, ("v",)),
    Scene("2  every configuration tried, against the first", 3, ("2",)),
    Scene("3  the time of every layer", 2, ("3", "enter"), fresh_run=True),
    Scene("6  what the machine does meanwhile", 2, ("6",)),
    Scene("?  all keys, and the manual", 1, ("question_mark",)),
    Scene("?  all keys, and the manual", 1, ("right", "right", "right")),
)


async def film() -> list[Frame]:
    """Run the monitor through the story."""
    sessions: list[Session] = []

    def open_session() -> Session:
        sessions.append(Session(BenchmarkConfig(model=MODEL)))
        sessions[0].start()
        return sessions[0]

    app = OvbenchApp(BenchmarkConfig(model=MODEL), open_session)
    frames: list[Frame] = []
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: bool(sessions))
        for scene in STORY:
            runs = len(sessions[0].runs)
            await pilot.press(*scene.keys)
            if scene.fresh_run:
                await _until(pilot, lambda before=runs: _measures(sessions[0], before))  # type: ignore[misc]
            for number in range(1, scene.frames + 1):
                await pilot.pause(_APART_S)
                shown_ms = _LAST_MS if number == scene.frames else _FRAME_MS
                frames.append(Frame(app.export_screenshot(), scene.caption, shown_ms))
                app.forget_cost()  # or the app would slow down for having its picture taken
    sessions[0].close(PATIENCE_S)
    return frames


def _measures(session: Session, runs_before: int) -> bool:
    run = session.snapshot(0).run
    return len(session.runs) > runs_before and run is not None and run.stats.count > 0


async def _until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError("the app never came to it")
        await pilot.pause(0.2)


def develop(frame: Frame, folder: Path) -> Image.Image:
    """Turn one screen into a picture with its caption below it."""
    path = folder / "frame.png"
    save_png(frame.svg, path, _SCALE)
    with Image.open(path) as screen:
        picture = Image.new("RGB", (screen.width, screen.height + _CAPTION_HEIGHT), (12, 12, 12))
        picture.paste(screen.convert("RGB"), (0, 0))
    draw = ImageDraw.Draw(picture)
    draw.text(
        (picture.width // 2, picture.height - _CAPTION_HEIGHT // 2),
        frame.caption,
        fill=(235, 235, 235),
        font=ImageFont.load_default(_CAPTION_SIZE),
        anchor="mm",
    )
    return picture


def write_gif(pictures: list[Image.Image], shown_ms: list[int], target: Path) -> None:
    """Write the pictures with one palette for all, so that only what changed is stored."""
    # The palette is made of some of them side by side: every scene's colours are in it.
    sample = pictures[:: max(1, len(pictures) // 9)]
    width, height = sample[0].size
    sheet = Image.new("RGB", (width, height * len(sample)))
    for number, picture in enumerate(sample):
        sheet.paste(picture, (0, number * height))
    palette = sheet.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT)
    reduced = [p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    reduced[0].save(
        target,
        save_all=True,
        append_images=reduced[1:],
        duration=shown_ms,
        loop=0,
        optimize=True,
        disposal=1,
    )
    size = target.stat().st_size
    print(f"{target}: {len(pictures)} frames, {size / 1e6:.2f} MB")
    if size > _MOST_BYTES:
        raise SystemExit(f"{target} is above {_MOST_BYTES / 1e6:g} MB: take fewer frames.")


def main() -> None:
    """Film, develop and write."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("tour.gif")
    frames = asyncio.run(film())
    with tempfile.TemporaryDirectory() as folder:
        pictures = [develop(frame, Path(folder)) for frame in frames]
    write_gif(pictures, [frame.shown_ms for frame in frames], target)


if __name__ == "__main__":
    main()
