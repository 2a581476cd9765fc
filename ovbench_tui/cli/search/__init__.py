"""What the commands that search have in common."""
