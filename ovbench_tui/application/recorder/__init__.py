"""What runs inside the user's program: the standard library only, nothing printed."""
