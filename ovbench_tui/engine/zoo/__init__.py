"""The built-in demo models: published architectures with seeded random weights."""
