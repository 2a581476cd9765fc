"""The A/B tab."""
