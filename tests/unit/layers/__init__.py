"""Two sides, layer by layer."""
