"""The command line: what starts, what runs without a screen, and how it ends."""
