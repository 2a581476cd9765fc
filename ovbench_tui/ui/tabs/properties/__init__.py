"""The Properties tab."""
