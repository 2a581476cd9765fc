"""Hostile input for every parser: bounded under pytest, for hours by ``python -m tests.fuzz``."""
