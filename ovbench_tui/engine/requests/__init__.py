"""Infer requests: their queue, who collects what completes, and the ring that it goes to."""
