"""The screen of a user's own program."""
