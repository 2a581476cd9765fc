"""The check of what the display costs: when one begins, how it is played, what is kept."""
