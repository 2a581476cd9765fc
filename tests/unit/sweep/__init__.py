"""Sweeps: the grid, the curves, the reports."""
