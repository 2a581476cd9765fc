"""The static shapes of dynamic inputs: given, guessed, and checked against the model."""
