"""Charts drawn on the Line API."""
