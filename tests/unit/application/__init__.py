"""The user's own program: how it is run, and what is concluded from what was recorded."""
