"""Inputs filled from files: images, arrays and raw bytes."""
