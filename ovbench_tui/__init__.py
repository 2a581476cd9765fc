"""Live benchmark monitor for OpenVINO models in the terminal."""

import sys

__version__ = "0.1.0"

# `import openvino` sends an event to its makers through this module: it looks up a name, writes
# into the home folder, and forks a child that it ends by SIGTERM after 3 s without an answer.
# Nobody asked for that, and before Python 3.12 our event loop took the signal for its own. None
# makes the import fail, and OpenVINO does without. It stands here because every process of ours
# (engine child, Dask worker, server) comes by before it imports OpenVINO.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
