"""What is kept of each run: statistics, series, pairs."""
