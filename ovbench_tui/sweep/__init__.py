"""Throughput and latency over the number of infer requests, and where more of them stop to pay."""
