"""Statistics over latencies and completion times; numpy only."""
