"""Where the worker runs: a thread of this process, or a process of its own."""
