"""What `ab` runs in other processes."""
