"""The same measurement several times, each in a process of its own."""
