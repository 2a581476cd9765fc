"""The highest rate of arrivals at which a limit of the latency holds."""
