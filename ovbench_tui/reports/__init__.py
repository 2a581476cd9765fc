"""What is written down: benchmark_app's reports, the JSON document, raw latencies."""
