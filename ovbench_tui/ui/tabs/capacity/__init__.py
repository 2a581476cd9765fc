"""The view of a search for the capacity."""
