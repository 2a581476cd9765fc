"""The live figures for Prometheus; no screen here, and nothing happens until it is scraped."""
