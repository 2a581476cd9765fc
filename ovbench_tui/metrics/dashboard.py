"""The dashboard for Grafana that is shipped with the program."""

from __future__ import annotations

from importlib.resources import files


def dashboard_text() -> str:
    """Return the dashboard's JSON; it asks for its Prometheus data source when imported."""
    return files("ovbench_tui.metrics").joinpath("dashboard.json").read_text("utf-8")
