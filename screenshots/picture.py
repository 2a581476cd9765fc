"""Textual's SVG as a PNG, by a headless Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def save_png(svg: str, target: Path, scale: float = 1.0) -> None:
    """Write the picture; `scale` makes it smaller or larger than the SVG says."""
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise SystemExit("No Chromium is on the PATH: install it, for example Debian's chromium.")
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    with tempfile.TemporaryDirectory() as folder:
        # Fonts of this machine only: the picture must not depend on a download.
        source = Path(folder, "screen.svg")
        source.write_text(re.sub(r"@font-face\s*{[^}]*}", "", svg), encoding="utf-8")
        subprocess.run(  # noqa: S603
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--hide-scrollbars",
                f"--force-device-scale-factor={scale:g}",
                f"--user-data-dir={folder}/profile",
                f"--window-size={round(float(width))},{round(float(height))}",
                f"--screenshot={target}",
                source.as_uri(),
            ],
            check=True,
            capture_output=True,
        )
    print(target)
