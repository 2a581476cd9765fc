"""The thread that owns the infer requests."""
