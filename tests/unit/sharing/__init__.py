"""Pages of runs to share."""
