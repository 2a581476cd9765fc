"""Several models at once: each alone and all together in turn, and what they cost each other."""
