"""What the user asked for, frozen and validated."""
