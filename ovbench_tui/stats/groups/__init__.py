"""Inferences of several kinds in one run: with other input shapes, or of another phase."""
