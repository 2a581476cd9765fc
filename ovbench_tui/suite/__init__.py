"""A file of measurements for CI: read, judged against a baseline, and written for its tools."""
