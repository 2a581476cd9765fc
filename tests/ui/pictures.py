"""Text pictures of the screen, kept beside the tests and compared exactly."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent / "pictures"


def assert_picture(name: str, text: str) -> None:
    """Compare with the kept picture; OVB_UPDATE_PICTURES=1 keeps this one instead.

    Blanks at the ends of lines are not kept.
    """
    drawn = "\n".join(line.rstrip() for line in text.split("\n")) + "\n"
    path = _FOLDER / f"{name}.txt"
    if os.environ.get("OVB_UPDATE_PICTURES") == "1":
        _FOLDER.mkdir(exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
        return
    assert path.is_file(), f"there is no picture {name}: run once with OVB_UPDATE_PICTURES=1"
    assert drawn == path.read_text(encoding="utf-8"), f"the screen differs from {path}"
