"""Commands, events and snapshots: all of the engine that others may import."""
