"""The screen of `ovbench-tui app`: the user's own program, and where its time goes."""
